"""Killing a pass at any moment and running it again gives what an undisturbed pass gives."""

from __future__ import annotations

import random
import shutil
import sqlite3
import time
from datetime import timedelta
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any

import pytest

from sync import demo, office, passes, plan
from tests.fakes import processes

KILLS = 30
PRELOADED = [
    "sync.building",
    "sync.consolidate",
    "sync.intake.pool",
    "sync.ledger.store",
    "sync.outputs.office_workbook",
    "sync.passes",
    "sync.taking",
]


def one_pass(folder: str) -> None:
    passes.run(office.open_office(Path(folder)))


@pytest.fixture(scope="module")
def context() -> BaseContext:
    return processes.ready(PRELOADED)


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a pass behind it, and news: some files came, one changed, one went away."""
    folder = tmp_path_factory.mktemp("kills") / "office"
    demo.make(folder, plan.load("thu-thua-2020-2025"), schools=12, seed=5)
    files = sorted(path for path in (folder / "nhan").rglob("*") if path.is_file())
    waiting = tmp_path_factory.mktemp("waiting")
    for number, file in enumerate(files[::2]):
        shutil.move(file, waiting / str(number))
    opened = office.open_office(folder)
    passes.run(office.open_office(folder, opened.now - timedelta(hours=6)))
    for number, file in enumerate(files[::2]):
        shutil.move(waiting / str(number), file)
    files[1].unlink()
    return folder


def state(folder: Path) -> dict[str, Any]:
    """Everything that a pass leaves: the ledger's rows, the bytes of workbooks and returned copies, the archive."""
    with sqlite3.connect(folder / ".baocao" / "ledger.sqlite") as ledger:
        names = [
            name for (name,) in ledger.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        ]
        tables = {name: sorted(map(repr, ledger.execute(f'SELECT * FROM "{name}"'))) for name in names}
    ledger.close()
    written = [
        path for part in ("tong-hop", "tra-lai") for path in sorted((folder / part).rglob("*")) if path.is_file()
    ]
    outputs = {path.relative_to(folder).as_posix(): path.read_bytes() for path in written}
    archive = sorted(path.name for path in (folder / ".baocao" / "archive").rglob("*") if path.is_file())
    return {"tables": tables, "outputs": outputs, "archive": archive}


def disturbed(context: BaseContext, folder: Path, moment: float) -> bool:
    """Starts a pass and kills it after `moment` seconds; whether it was still at work then."""
    child = context.Process(target=one_pass, args=(str(folder),))  # type: ignore[attr-defined]
    child.start()
    child.join(moment)
    killed: bool = child.is_alive()
    child.kill()
    child.join()
    return killed


@pytest.mark.slow
def test_a_killed_pass_is_as_if_it_had_never_been(context: BaseContext, before: Path, tmp_path: Path) -> None:
    undisturbed = tmp_path / "undisturbed"
    shutil.copytree(before, undisturbed)
    begin = time.monotonic()
    assert not disturbed(context, undisturbed, 300)
    duration = time.monotonic() - begin
    expected = state(undisturbed)
    assert len(expected["tables"]["receipt"]) > 12
    assert len(expected["outputs"]) > 6
    chance = random.Random(30)
    killed = 0
    for number in range(KILLS):
        folder = tmp_path / f"kill-{number}"
        shutil.copytree(before, folder)
        killed += disturbed(context, folder, chance.uniform(0, duration))
        assert not disturbed(context, folder, 300)
        now = state(folder)
        assert now["tables"] == expected["tables"]
        assert now["outputs"] == expected["outputs"]
        assert now["archive"] == expected["archive"]
        shutil.rmtree(folder)
    assert killed >= KILLS // 2, f"only {killed} passes were still at work when they were to be killed"
