"""The wheel works away from the checkout: built, installed in a new virtual environment, and the demo run there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def run(*command: str | Path, cwd: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "BAOCAO"))}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with the wheel in it; the libraries it depends on are borrowed from this one."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, with_pip=True)
    scripts = "Scripts" if os.name == "nt" else "bin"
    made = folder / scripts / "python"
    site = Path(run(made, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip())
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    run(made, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--force-reinstall", wheel, cwd=folder)
    return made


def test_the_wheel_carries_its_data(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "sync/workbook_templates/thu-thua-2020-2025/plan.toml",
        "sync/workbook_templates/thu-thua-2020-2025/mau-truong.xlsx",
        "sync/config.example.toml",
        "sync/migrations/script.py.mako",
        "sync/locale/vi/LC_MESSAGES/baocao.mo",
        "sync/py.typed",
    } <= names
    assert any(name.startswith("sync/macros/") for name in names)
    assert not [name for name in names if name.startswith("tests/")]


def test_the_demo_runs_from_the_wheel_alone(python: Path, tmp_path: Path) -> None:
    where = Path(run(python, "-c", "import sync; print(sync.__file__)", cwd=tmp_path).strip())
    assert where.is_relative_to(python.parent.parent)
    command = python.parent / "baocao"
    told = json.loads(run(command, "demo", "thu", "--schools", "6", "--json", cwd=tmp_path))
    assert (tmp_path / "thu" / told["workbook"]).is_file()
    again = json.loads(run(command, "sync", "-w", "thu", "--json", cwd=tmp_path))
    assert (again["new"], again["accepted"]) == (0, told["accepted"])
