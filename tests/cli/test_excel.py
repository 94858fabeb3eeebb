"""`baocao excel`: the contracts of its JSON and its exit statuses."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from sync.setup import make_workspace


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace, on a machine whose user's folder is empty."""
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    return make_workspace(tmp_path / "office", "thu-thua-2020-2025").path


def test_install_and_remove_keep_their_contracts(run: Any, office: Path, tmp_path: Path) -> None:
    addin = tmp_path / "start" / "bao-cao.xlam"
    done = run("excel", "install", "-w", office, "--to", addin.parent, "--json")
    assert done.status == 0
    assert len(done.json.pop("by_hand")) == 2
    assert done.json | {"by_hand": 2} == {
        "workspace": str(office),
        "addin": str(addin),
        "interpreter": sys.executable,
        "record": str(tmp_path / "home" / ".baocao-excel.json"),
        "written": [str(addin)],
        "unchanged": [],
        "removed": [],
        "by_hand": 2,
        "undo": "baocao excel remove",
    }
    assert run("excel", "remove", "--json").json == {"removed": [str(addin)], "left": []}
    assert not addin.exists()
    assert run("excel", "remove").status == 2


def test_what_is_left_to_do_by_hand_is_told(run: Any, office: Path, tmp_path: Path) -> None:
    said = run("excel", "install", "-w", office, "--to", tmp_path / "start", "--lang", "en").out
    assert f"written: {tmp_path / 'start' / 'bao-cao.xlam'}" in said
    assert "Trust Center" in said
    assert "To undo all of this: baocao excel remove" in said


def test_what_was_changed_since_is_left_and_the_status_says_so(run: Any, office: Path, tmp_path: Path) -> None:
    run("excel", "install", "-w", office, "--to", tmp_path / "start")
    (tmp_path / "start" / "bao-cao.xlam").write_bytes(b"changed")
    removed = run("excel", "remove", "--lang", "en")
    assert (removed.status, "not as it was installed" in removed.err) == (4, True)


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="Excel can be there")
def test_without_excel_and_without_a_folder_it_is_wrong_use(run: Any, office: Path) -> None:
    result = run("excel", "install", "-w", office, "--lang", "en")
    assert (result.status, "--to" in result.err) == (2, True)
