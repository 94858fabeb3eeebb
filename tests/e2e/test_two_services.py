"""Services as processes: one works, a second one says so, a signal ends it in order, a kill frees the workspace."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from sync import config, demo, heartbeat, plan
from sync.ledger import Ledger
from sync.workspace import Workspace

SECONDS = 180
SOON = 20
"""Seconds in which a service ends: a fraction of one on a machine that has nothing else to do."""
BUSY = 3
SERVICE = f"""
import sys
from pathlib import Path
from sync import service
from sync.service import jobs
from sync.workspace import WorkspaceBusy
try:
    with service.asked_by_signals() as stop:
        service.run(Path(sys.argv[1]), stop=stop, jobs={{"pass": jobs.look_for_reports}})
except WorkspaceBusy as busy:
    print(busy, file=sys.stderr)
    sys.exit({BUSY})
"""

pytestmark = pytest.mark.slow


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    folder = tmp_path / "office"
    demo.make(folder, plan.load("thu-thua-2020-2025"), schools=3, seed=3)
    return Workspace(folder)


@contextmanager
def started(workspace: Workspace) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", SERVICE, str(workspace.path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            yield process
        finally:
            process.kill()


def until(condition: Callable[[], object], process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + SECONDS
    while not condition():
        assert process.poll() is None, process.stderr and process.stderr.read()
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)


def has_done_a_pass(workspace: Workspace) -> Callable[[], bool]:
    def done() -> bool:
        beat = heartbeat.read(workspace.state)
        return beat is not None and beat.last_pass is not None and beat.last_pass.ok

    return done


def is_alive(workspace: Workspace) -> Callable[[], bool]:
    return lambda: heartbeat.read(workspace.state) is not None


def has_begun_to_read(process: subprocess.Popen[str]) -> Callable[[], bool]:
    """Whether the service has children: the first starts shortly before the first file is read."""
    return lambda: bool(psutil.Process(process.pid).children())


def events(workspace: Workspace) -> list[str]:
    text = (workspace.state / "log" / "baocao.log").read_text(encoding="utf-8")
    return [json.loads(line)["event"] for line in text.splitlines()]


def test_one_of_two_services_works_and_the_other_says_so(workspace: Workspace) -> None:
    with started(workspace) as first:
        until(has_done_a_pass(workspace), first)
        beat = heartbeat.read(workspace.state)
        with started(workspace) as second:
            _out, said = second.communicate(timeout=SECONDS)
            assert second.returncode == BUSY
        assert str(workspace.path) in said
        assert "Traceback" not in said
        assert first.poll() is None
        assert beat
        assert beat.pid == first.pid
    with Ledger.open(workspace.ledger_file) as ledger:
        assert ledger.last_run() is not None
    assert any(workspace.outputs.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_within_seconds_with_status_0(workspace: Workspace, number: int) -> None:
    with started(workspace) as process:
        until(has_done_a_pass(workspace), process)
        process.send_signal(number)
        _out, said = process.communicate(timeout=SOON)
        assert (process.returncode, said) == (0, "")
    assert heartbeat.read(workspace.state) is None
    assert events(workspace)[-1] == "service_stopped"


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_in_the_middle_of_a_pass_blames_no_school_and_the_next_pass_takes_it_in(workspace: Workspace) -> None:
    with started(workspace) as process:
        until(has_begun_to_read(process), process)
        # As a terminal does it: the children get it too.
        os.killpg(process.pid, signal.SIGINT)
        # What it says is left alone: a child that Python is just starting does not ignore Ctrl-C yet, and complains.
        process.communicate(timeout=SOON)
        assert process.returncode == 0
    with started(workspace) as process:
        until(has_done_a_pass(workspace), process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(SOON) == 0
    with Ledger.open(workspace.ledger_file) as ledger:
        receipts = ledger.receipts()
        codes = set(ledger.findings(receipts["receipt_id"].tolist())["code"])
    assert len(receipts) > 0
    assert "reading-stopped" not in codes


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("moment", ["at_work", "waiting"])
def test_a_killed_service_frees_the_workspace_at_once(workspace: Workspace, moment: str) -> None:
    reached = {"at_work": is_alive(workspace), "waiting": has_done_a_pass(workspace)}[moment]
    with started(workspace) as process:
        until(reached, process)
        process.send_signal(signal.SIGKILL)
        process.wait(SOON)
        with workspace.lock("service"), workspace.lock():
            pass
    with started(workspace) as process:
        pid = process.pid
        until(lambda: (beat := heartbeat.read(workspace.state)) and beat.pid == pid and beat.last_pass, process)
    config.load(workspace.path)
