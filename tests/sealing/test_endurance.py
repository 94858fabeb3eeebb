"""Sealing that is killed at any moment, and a ledger in another database."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from multiprocessing.context import BaseContext
from pathlib import Path

import pytest

from sync import sealing
from sync.ledger import Ledger
from tests.fakes import processes
from tests.fakes.offices import DONE, PERIOD, send
from tests.fakes.postgres import PostgresServer, postgres  # noqa: F401  # the fixture
from tests.sealing.offices import (
    LATER,
    decide,
    file_of,
    make_office,
    opened,
    run_pass,
    sealed,
    workbook_of,
)
from tests.sealing.test_sealing import member

PRELOADED = ["sync.building", "sync.drawing_up", "sync.outputs.office_workbook", "sync.passes", "sync.sealing"]


def seal_and_be_killed(folder: str, at: int) -> None:
    """Seals, and is killed at its moment `at`: a file is moved, from the first of the seal on, or the trial removed."""
    left, begun = [at], list[int]()

    def count(event: str, arguments: tuple[object, ...]) -> None:
        if event not in ("os.rename", "os.remove"):
            return
        trial = Path(str(arguments[0])).name.startswith("thu-niem-phong")
        moved = event == "os.rename" and str(arguments[1]).startswith(folder)
        begun.extend([1] if moved and "thu-niem-phong" in str(arguments[1]) else [])
        if begun and (trial or moved):
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    sealed(Path(folder))


@pytest.fixture(scope="module")
def context() -> BaseContext:
    return processes.ready(PRELOADED)


@pytest.fixture(scope="module")
def passed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office that is about to seal."""
    workspace = make_office(tmp_path_factory.mktemp("passed") / "office")
    run_pass(workspace)
    return workspace


def kill(context: BaseContext, workspace: Path, at: int) -> bool:
    """Whether a sealing was killed at its moment `at`; False where it was over before."""
    child = context.Process(target=seal_and_be_killed, args=(str(workspace), at))  # type: ignore[attr-defined]
    child.start()
    child.join()
    assert child.exitcode in (0, -signal.SIGKILL)
    return bool(child.exitcode)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_period_is_sealed_whole_or_not_at_all_whenever_it_is_killed(
    context: BaseContext, passed: Path, tmp_path: Path
) -> None:
    outcomes = []
    for at in range(1, 20):
        workspace = Path(shutil.copytree(passed, tmp_path / str(at)))
        if not kill(context, workspace, at):
            break
        with Ledger.open(opened(workspace).ledger_url) as ledger:
            outcomes.append(bool(ledger.sealings.all()))
        assert run_pass(workspace).periods[0]["sealed"] is outcomes[-1]
        assert sealed(workspace).new is not outcomes[-1]
        assert [(proof.recorded, proof.rebuilt) for proof in sealing.verify(opened(workspace))] == [(True, "bytes")]
        assert workbook_of(workspace).read_bytes() == member(file_of(workspace), workbook_of(workspace).name)
        assert [file.name for file in file_of(workspace).parent.iterdir()] == [file_of(workspace).name]
    # Kills came before the ledger knew of it, and afterwards.
    assert outcomes == sorted(outcomes)
    assert {*outcomes} == {False, True}


def test_a_ledger_in_another_database_is_sealed_and_proven_alike(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    postgres: PostgresServer,  # noqa: F811
) -> None:
    here = make_office(tmp_path / "here")
    workspace = Path(shutil.copytree(here, tmp_path / "there"))
    sealed(here)
    monkeypatch.setenv("BAOCAO_LEDGER_URL", postgres.fresh())
    first = sealed(workspace)
    assert file_of(workspace).read_bytes() == file_of(here).read_bytes()
    send(workspace, "CS01", DONE, modified="2025-02-09T09:00")
    decide(workspace, "MN01", "excused", "Trường đang sửa chữa", LATER)
    assert (first.number, sealed(workspace, LATER).number) == (0, 1)
    proofs = sealing.verify(opened(workspace, LATER), PERIOD)
    assert [(proof.recorded, proof.rebuilt, proof.problems) for proof in proofs] == [(True, "bytes", ())] * 2
    assert postgres.password.encode() not in file_of(workspace, 1).read_bytes()
