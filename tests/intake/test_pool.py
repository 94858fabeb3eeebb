"""No file can take the service down, and every file gets a verdict."""

from __future__ import annotations

import gc
import hashlib
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from sync.intake.guard import Limits
from sync.intake.pool import NAME, Intake, IntakeError, Pool, holds_more_than, read_files
from sync.intake.reading import ColumnSpec, PlanSpec, TableSpec
from tests.intake import hostile
from tests.intake.test_reader import SOUND, as_ods, as_xls, values
from tests.intake.workbooks import SPECS, sheets, xlsx

SOUND_XLSX = xlsx(sheets())
TIGHT = Limits(memory_bytes=768 << 20, cpu_seconds=3, wall_seconds=6)
posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX only")


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    """Two workers with tight limits, shared by the tests as a service shares it between passes."""
    with Pool(SPECS, TIGHT, workers=2) as pool:
        yield pool


def put(folder: Path, *contents: bytes) -> list[Path]:
    paths = [folder / f"{number:03}.xlsx" for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    return paths


def outcome(intake: Intake) -> str:
    """`read`, or the code of the refusal, or `error`."""
    if intake.reading is None:
        return "error"
    if intake.reading.refused:
        return intake.reading.observations[0].code
    assert values(intake.reading) == SOUND
    return "read"


def test_files_come_back_in_order_with_the_hash_of_what_was_read(pool: Pool, tmp_path: Path) -> None:
    contents = [SOUND_XLSX, as_xls(), as_ods(), b"", b"x" * 5000] * 20
    paths = put(tmp_path, *contents)
    advanced: list[int] = []
    intakes = list(pool.read(paths, advanced.append))
    assert [intake.path for intake in intakes] == paths
    assert [outcome(intake) for intake in intakes] == ["read", "read", "read", "empty-file", "not-a-workbook"] * 20
    assert [intake.sha256 for intake in intakes] == [hashlib.sha256(content).hexdigest() for content in contents]
    assert [intake.size for intake in intakes] == [len(content) for content in contents]
    assert sum(advanced) == len(paths)


def test_no_files_start_no_process() -> None:
    before = multiprocessing.active_children()
    assert list(read_files([], SPECS)) == []
    assert multiprocessing.active_children() == before


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (hostile.far_corner(), "reading-stopped"),
        (hostile.wide_sheet(), "too-many-cells"),
        (hostile.zip_bomb(500), "reading-stopped"),
        (hostile.repeating_ods(1 << 20, 1 << 14), "too-many-cells"),
        (hostile.repeating_ods(6000, 6000), "reading-stopped"),
        (hostile.repeating_ods(2000, 2000), "too-many-cells"),
        (hostile.looping_xls(), "reading-stopped"),
        (hostile.encrypted(), "encrypted"),
        (hostile.locked_xls(as_xls()), "encrypted"),
        (SOUND_XLSX[:-200], "damaged"),
        (SOUND_XLSX[: len(SOUND_XLSX) // 2], "damaged"),
        (as_xls()[:2000], "damaged"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "not-a-workbook"),
        ("Mã;Tình trạng\nI.1;Hoàn thành\n".encode(), "not-a-workbook"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "not-a-workbook"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_hostile_file_is_told_and_its_neighbours_are_read(
    pool: Pool, tmp_path: Path, content: bytes, expected: str
) -> None:
    paths = put(tmp_path, SOUND_XLSX, content, *[SOUND_XLSX] * 4)
    assert [outcome(intake) for intake in pool.read(paths)] == ["read", expected, *["read"] * 4]


def test_a_bomb_that_lies_about_its_size_ends_within_the_limits(pool: Pool, tmp_path: Path) -> None:
    paths = put(tmp_path, hostile.lying_zip_bomb(600), SOUND_XLSX)
    started = time.monotonic()
    outcomes = [outcome(intake) for intake in pool.read(paths)]
    assert outcomes[0] in {"reading-stopped", "damaged", "read"}
    assert outcomes[1] == "read"
    assert time.monotonic() - started < 4 * TIGHT.wall_seconds


def test_a_file_that_takes_too_long_is_stopped_and_hashed(tmp_path: Path) -> None:
    # No worker can start, let alone read, in no time at all.
    intakes = list(read_files(put(tmp_path, *[SOUND_XLSX] * 3), SPECS, Limits(wall_seconds=0)))
    assert [outcome(intake) for intake in intakes] == ["reading-stopped"] * 3
    assert {intake.sha256 for intake in intakes} == {hashlib.sha256(SOUND_XLSX).hexdigest()}


def test_a_process_that_holds_too_much_memory_is_seen() -> None:
    assert holds_more_than(os.getpid(), 1 << 20)
    assert not holds_more_than(os.getpid(), 1 << 40)


@posix
def test_what_is_no_file_does_not_hang_the_reader(pool: Pool, tmp_path: Path) -> None:
    paths = [*put(tmp_path, SOUND_XLSX), tmp_path / "pipe.xlsx", tmp_path / "folder.xlsx", tmp_path / "gone.xlsx"]
    os.mkfifo(paths[1])
    paths[2].mkdir()
    assert [outcome(intake) for intake in pool.read(paths)] == ["read", "not-a-workbook", "not-a-workbook", "error"]


def test_a_file_over_the_limit_is_hashed_and_not_read(tmp_path: Path) -> None:
    limits = Limits(max_bytes=1 << 20)
    paths = put(tmp_path, b"\0" * ((1 << 20) + 1), SOUND_XLSX)
    large, sound = read_files(paths, SPECS, limits)
    assert (outcome(large), outcome(sound)) == ("too-large", "read")
    assert large.sha256 == hashlib.sha256(paths[0].read_bytes()).hexdigest()


@posix
def test_a_worker_killed_in_the_middle_loses_nothing(pool: Pool, tmp_path: Path) -> None:
    paths = put(tmp_path, *[SOUND_XLSX] * 600)
    outcomes = []
    for number, intake in enumerate(pool.read(paths)):
        outcomes.append(outcome(intake))
        if number in (10, 200, 400):
            os.kill(_workers()[0].pid or 0, signal.SIGKILL)
    assert outcomes == ["read"] * 600


def test_a_reader_that_is_left_early_can_be_used_again(pool: Pool, tmp_path: Path) -> None:
    paths = put(tmp_path, *[SOUND_XLSX] * 200)
    assert outcome(next(iter(pool.read(paths)))) == "read"
    assert [outcome(intake) for intake in pool.read(paths)] == ["read"] * 200


def test_a_closed_pool_starts_again(tmp_path: Path) -> None:
    (path,) = put(tmp_path, SOUND_XLSX)
    before = {worker.pid for worker in _workers()}
    with Pool(SPECS) as pool:
        assert [outcome(intake) for intake in pool.read([path])] == ["read"]
        pool.close()
        assert {worker.pid for worker in _workers()} == before
        assert [outcome(intake) for intake in pool.read([path])] == ["read"]
    assert {worker.pid for worker in _workers()} == before


def test_a_mistake_of_ours_is_raised_and_names_the_file(pool: Pool, tmp_path: Path) -> None:
    # No path of a system has a NUL: only our own code can make one.
    paths = [*put(tmp_path, SOUND_XLSX), tmp_path / "nul\0.xlsx"]
    with pytest.raises(IntakeError, match="embedded null") as caught:
        list(pool.read(paths))
    assert caught.value.path == paths[1]


def test_an_unsound_plan_is_our_mistake_at_once() -> None:
    table = TableSpec("activities", "Phụ lục", (), (ColumnSpec("status", "Tình trạng", "colour"),), ("I.1",))
    with pytest.raises(KeyError, match="colour"):
        Pool({"garden": PlanSpec("garden", "1", (table,))})


@posix
def test_the_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    (path,) = put(tmp_path, SOUND_XLSX)
    script = (
        "import os, signal, multiprocessing, pathlib, sys\n"
        "from sync.intake.pool import Pool\n"
        "from tests.intake.workbooks import SPECS\n"
        "if __name__ == '__main__':\n"
        "    pool = Pool(SPECS)\n"
        f"    list(pool.read([pathlib.Path({str(path)!r})]))\n"
        "    print(*[child.pid for child in multiprocessing.active_children()], flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
    workers = [psutil.Process(int(pid)) for pid in done.stdout.split() if psutil.pid_exists(int(pid))]
    assert done.returncode == -signal.SIGKILL
    assert psutil.wait_procs(workers, timeout=20)[1] == []


@posix
def test_the_program_that_reads_is_not_run_again_by_its_workers(tmp_path: Path) -> None:
    (path,) = put(tmp_path, SOUND_XLSX)
    script = tmp_path / "script.py"
    script.write_text(
        "import os, pathlib\n"
        "print('ran', flush=True)\n"
        "from sync.intake.pool import Pool\n"
        "from tests.intake.workbooks import SPECS\n"
        "with Pool(SPECS) as pool:\n"
        f"    print(len(list(pool.read([pathlib.Path({str(path)!r})]))))\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, script], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["ran", "1"]


def test_the_memory_of_the_service_does_not_grow_with_the_files(pool: Pool, tmp_path: Path) -> None:
    paths = put(tmp_path, *[SOUND_XLSX] * 300)
    for _ in pool.read(paths):
        pass
    gc.collect()
    before = _resident()
    for _ in range(5):
        for _ in pool.read(paths):
            pass
    gc.collect()
    assert _resident() - before < 24 << 20


def _workers() -> list[multiprocessing.process.BaseProcess]:
    return [process for process in multiprocessing.active_children() if process.name == NAME]


def _resident() -> int:
    """Bytes held by this process and its workers."""
    pids = [os.getpid(), *[worker.pid for worker in _workers()]]
    return sum(psutil.Process(pid).memory_info().rss for pid in pids)
