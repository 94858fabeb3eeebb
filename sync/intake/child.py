"""What runs in a child process: its limits, and the reading of a few files one after another.

Imports nothing heavy. A file that breaks a limit ends the process; the parent finds out which file it was.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import stat
import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from sync.intake import guard, reader
from sync.intake.guard import Limits
from sync.intake.reading import PlanSpec, Reading
from sync.intake.sniff import WORDS

if sys.platform != "win32":
    import resource

_HASHED = 1 << 30
"""Bytes of the longest file that is hashed although it is not read."""
_OUT_OF_MEMORY = 70


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of one file. `sha256` (hex) is of exactly the bytes that `reading` is of.

    `reading` is None where the system did not give the file; then `error` says why, and it is no fault of the school.
    `sha256` is None then, and of files over 1 GiB.
    """

    path: Path
    size: int
    sha256: str | None
    reading: Reading | None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Bug:
    """An exception of our own code while reading `path`."""

    path: Path
    traceback: str


@dataclass(slots=True)
class _Worker:
    """What a child process knows."""

    plans: reader.Plans
    limits: Limits


_worker = _Worker({}, Limits())


def serve(pipe: Connection, specs: Mapping[str, PlanSpec], limits: Limits) -> None:
    """The child process: reads the runs of paths that come through `pipe` until the parent is gone."""
    start(specs, limits)
    # Ctrl+C reaches every process of a terminal; the parent decides when its children end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(EOFError, OSError):
        while True:
            pipe.send(read_files(pipe.recv()))


def start(specs: Mapping[str, PlanSpec], limits: Limits) -> None:
    """Makes this process ready: limits, and the plans that it reads by. Called once, in the child."""
    _worker.plans, _worker.limits = reader.prepare(specs), limits
    # Where memory ends, Rust writes a page to the terminal before it aborts.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    if sys.platform != "win32":
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        # macOS knows the limit and refuses it; there the parent watches.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))


def read_files(paths: Sequence[Path]) -> list[Intake | Bug]:
    """Reads files one after another under the limits of `start`."""
    return [_guarded(path) for path in paths]


def _guarded(path: Path) -> Intake | Bug:
    _move_cpu_limit(_worker.limits.cpu_seconds)
    try:
        return read_file(path, _worker.plans, _worker.limits)
    except MemoryError:
        # What is left of the memory must not decide about the files that follow.
        os._exit(_OUT_OF_MEMORY)
    except Exception:  # Travels to the parent as our mistake, never as a finding.
        return Bug(path, traceback.format_exc())


def _move_cpu_limit(seconds: int) -> None:
    if sys.platform != "win32":
        used = resource.getrusage(resource.RUSAGE_SELF)
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + seconds, hard))


def read_file(path: Path, plans: reader.Plans, limits: Limits) -> Intake:
    """Reads one file in this process. Raises MemoryError, and what our own mistakes raise."""
    try:
        content, size = _content(path, limits)
    except OSError as error:
        return Intake(path, 0, None, None, error.strerror or str(error))
    if content is None:
        return Intake(path, 0, None, guard.refusal("not-a-workbook", what=WORDS["special"]))
    refused = guard.refuse_size(size, limits)
    if refused is not None:
        return Intake(path, size, sha256_of(path), refused)
    return Intake(path, size, hashlib.sha256(content).hexdigest(), reader.read(content, plans, limits))


def _content(path: Path, limits: Limits) -> tuple[bytes | None, int]:
    """The bytes of a file, none of one over the limit, and its size; None where it is no file. Raises OSError."""
    # Without O_NONBLOCK, opening a FIFO waits for its writer.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return None, 0
        if status.st_size > limits.max_bytes:
            return b"", status.st_size
        with open(descriptor, "rb", closefd=False) as file:
            # A file that grows meanwhile is read one byte over the limit, and refused.
            content = file.read(limits.max_bytes + 1)
        return content, len(content)
    finally:
        os.close(descriptor)


def sha256_of(path: Path) -> str | None:
    """The SHA-256 of a file that is not read; None where it is enormous. Raises OSError."""
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size > _HASHED:
            return None
        return hashlib.file_digest(file, "sha256").hexdigest()
