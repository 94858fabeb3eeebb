"""The drill: the office burns down, and is made again from its backup, whatever happens on the way."""

from __future__ import annotations

import json
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any

import pytest

from sync import backup, cli, demo, i18n, office, passes, plan
from sync.archive import Archive
from sync.ledger import Ledger, ReceiptRecord, RunRecord, Verdict
from tests.fakes import processes
from tests.fakes.postgres import PostgresServer, postgres  # noqa: F401  # the fixture

PRELOADED = ["sync.backup", "sync.building", "sync.ledger.store", "sync.outputs.office_workbook", "sync.taking"]


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("BAOCAO_WORKSPACE", "BAOCAO_LANG", "BAOCAO_LEDGER_URL"):
        monkeypatch.delenv(name, raising=False)
    with i18n.using("en"):
        yield


@pytest.fixture(scope="module")
def context() -> BaseContext:
    return processes.ready(PRELOADED)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo office behind its pass; tests work on copies of it."""
    folder = tmp_path_factory.mktemp("original") / "office"
    demo.make(folder, plan.load("thu-thua-2020-2025"), schools=12, seed=5)
    passes.run(office.open_office(folder))
    return folder


@pytest.fixture(scope="module")
def saved(original: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("saved") / "backup.zip"
    backup.backup(office.open_office(original), file)
    return file


def said(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> Any:
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        cli.main([str(argument) for argument in arguments])
    assert ended.value.code == 0
    return json.loads(capsys.readouterr().out)


def files(folder: Path, *parts: str) -> dict[str, bytes]:
    found = (path for part in parts for path in sorted((folder / part).rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def standing_and_pass(capsys: pytest.CaptureFixture[str], folder: Path) -> tuple[Any, dict[str, Any]]:
    status = said(capsys, "status", "--json", "-w", folder)
    result = said(capsys, "sync", "--json", "-w", folder)
    for period in result["periods"]:
        period["rebuilt"], period["returned"] = None, None
    return status, result


def test_an_office_that_burnt_down_goes_on_from_its_backup(
    original: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, new = tmp_path / "office", tmp_path / "elsewhere" / "new"
    shutil.copytree(original, folder)
    status, result = standing_and_pass(capsys, folder)
    written = files(folder, "tong-hop", "tra-lai")
    backup.backup(office.open_office(folder), tmp_path / "b.zip")
    shutil.rmtree(folder)
    restored = backup.restore(tmp_path / "b.zip", new)
    assert (restored.problems, restored.inbox) == ((), result["received"])
    assert standing_and_pass(capsys, new) == (status, result)
    assert (result["new"], len(written) > 6) == (0, True)
    assert files(new, "tong-hop", "tra-lai") == written
    with Ledger.open(office.open_office(new).ledger_url) as ledger:
        assert Archive(new / ".baocao" / "archive").verify(ledger.receipts()["sha256"]) == []
    assert len(said(capsys, "templates", "--json", "-w", new)["written"]) == 12
    again = backup.backup(office.open_office(new), tmp_path / "again.zip")
    assert (again.problems, again.archived) == ((), restored.archived)


class Killer:
    """Progress that ends its own process, with no chance to clear up, when it is told something for the nth time."""

    def __init__(self, at: int) -> None:
        self.left = at

    def __call__(self, _what: str, _done: int, _of: int) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def restore_and_die(file: str, folder: str, at: int) -> None:
    tempfile.tempdir = str(Path(folder).parent)  # what a killed process leaves there goes with the test
    backup.restore(Path(file), Path(folder), progress=Killer(at))


def back_up_and_die(folder: str, file: str, at: int) -> None:
    backup.backup(office.open_office(Path(folder)), Path(file), Killer(at))


def one_pass(folder: str) -> None:
    passes.run(office.open_office(Path(folder)))


def run(context: BaseContext, target: Any, *arguments: Any) -> Any:
    child = context.Process(target=target, args=arguments)  # type: ignore[attr-defined]
    child.start()
    child.join(300)
    return child.exitcode


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_a_restore_that_was_killed_can_be_run_again(
    context: BaseContext, original: Path, saved: Path, tmp_path: Path
) -> None:
    told: list[str] = []
    backup.restore(saved, tmp_path / "whole", progress=lambda what, _done, _of: told.append(what))
    assert len(set(told)) == 3
    expected = files(tmp_path / "whole", "nhan", ".baocao/archive")
    assert expected.keys() <= files(original, "nhan", ".baocao/archive").keys()
    for at in range(1, len(told) + 1, 3):
        folder = tmp_path / f"killed-{at}"
        assert run(context, restore_and_die, str(saved), str(folder), at) == -signal.SIGKILL
        assert not (folder / "config.toml").exists()
        assert folder.exists() == (told[at - 1] != "Verifying")
        backup.restore(saved, folder)
        assert files(folder, "nhan", ".baocao/archive") == expected
        result = passes.run(office.open_office(folder))
        assert (result.new, result.problems) == (0, [])
        assert sorted(path.name for path in folder.iterdir() if path.name.startswith(".")) == [".baocao"]


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_a_backup_that_was_killed_leaves_the_older_one_and_the_next_one_clears_up(
    context: BaseContext, original: Path, tmp_path: Path
) -> None:
    folder, file = tmp_path / "office", tmp_path / "b" / "b.zip"
    file.parent.mkdir()
    shutil.copytree(original, folder)
    told: list[str] = []
    backup.backup(office.open_office(folder), file, lambda what, _done, _of: told.append(what))
    before = file.read_bytes()
    for at in range(1, len(told) + 1, 5):
        assert run(context, back_up_and_die, str(folder), str(file), at) == -signal.SIGKILL
        assert file.read_bytes() == before
    backup.backup(office.open_office(folder), file)
    assert [path.name for path in file.parent.iterdir()] == ["b.zip"]
    assert not (folder / ".baocao" / "backup.tmp").exists()


@pytest.mark.slow
def test_a_backup_beside_a_pass_is_of_before_it_or_of_after_it(
    context: BaseContext, original: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "office"
    shutil.copytree(original, folder)
    shutil.rmtree(folder / ".baocao" / "archive")
    (folder / ".baocao" / "ledger.sqlite").unlink()
    inbox = sorted(path for path in (folder / "nhan").rglob("*") if path.is_file())
    for number, file in enumerate(inbox[::2]):
        shutil.move(file, tmp_path / str(number))
    opened = office.open_office(folder)
    passes.run(office.open_office(folder, opened.now - timedelta(hours=6)))
    for number, file in enumerate(inbox[::2]):
        shutil.move(tmp_path / str(number), file)
    first = backup.backup(opened, tmp_path / "first.zip").rows
    child = context.Process(target=one_pass, args=(str(folder),))  # type: ignore[attr-defined]
    child.start()
    made: list[backup.BackupResult] = []
    while child.is_alive():
        made.append(backup.backup(opened, tmp_path / f"{len(made)}.zip"))
    assert child.exitcode == 0
    last = backup.backup(opened, tmp_path / "last.zip").rows
    assert last["receipt"] > first["receipt"]
    assert len(made) > 3
    facts = [{table: count for table, count in each.rows.items() if table != "output"} for each in made]
    moments = [{table: count for table, count in each.items() if table != "output"} for each in (first, last)]
    assert [each for each in facts if each not in moments] == []
    assert [each.problems for each in made] == [()] * len(made)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_backup_beside_many_writes_is_of_one_moment(
    saved: Path, tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    server: PostgresServer | None = request.getfixturevalue("postgres") if kind == "postgres" else None
    backup.restore(saved, tmp_path / "office", ledger_url=server.fresh() if server else None)
    opened = office.open_office(tmp_path / "office")
    stopped, written = threading.Event(), threading.Event()
    writer = threading.Thread(target=write, args=(opened.ledger_url, opened.now, stopped, written))
    writer.start()
    try:
        assert written.wait(30)
        made = [backup.backup(opened, tmp_path / f"{number}.zip").rows for number in range(6)]
    finally:
        stopped.set()
        writer.join()
    # Each pass leaves one run and one receipt.
    assert len({each["run"] for each in made}) > 3
    assert len({each["run"] - each["receipt"] for each in made}) == 1


def write(url: str | Path, now: datetime, stopped: threading.Event, written: threading.Event) -> None:
    verdict = Verdict(status="refused", plan_digest="x")
    number = 0
    with Ledger.open(url) as ledger:
        while not stopped.is_set():
            number += 1
            moment = now + timedelta(seconds=number)
            record = ReceiptRecord(f"{number:064x}", 1, ".xlsx", "folder", f"{number}.xlsx", moment, verdict)
            ledger.record(RunRecord(moment, {}), [record])
            written.set()
