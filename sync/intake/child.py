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


def start(specs: Mapping[str, PlanSpec], limits: Limits) -> None:
    """Makes this process ready: limits, and the plans that it reads by. Called once, in the child."""
    _worker.plans, _worker.limits = reader.prepare(specs), limits
    # Where memory ends, Rust writes a page to the terminal before it aborts.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    # A hang inside a library would keep Python's own handler waiting.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
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
        # Without O_NONBLOCK, opening a FIFO waits for its writer.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError as error:
        return _not_given(path, error)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return Intake(path, 0, None, guard.refusal("not-a-workbook", what=WORDS["special"]))
        try:
            if refused := guard.refuse_size(status.st_size, limits):
                return Intake(path, status.st_size, sha256_of(path), refused)
            # One byte more than the limit, for a file that grows meanwhile.
            content = file.read(limits.max_bytes + 1)
        except OSError as error:
            return _not_given(path, error)
    return Intake(path, len(content), hashlib.sha256(content).hexdigest(), reader.read(content, plans, limits))


def sha256_of(path: Path) -> str | None:
    """The SHA-256 of a file that is not read; None where it is enormous. Raises OSError."""
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size > _HASHED:
            return None
        return hashlib.file_digest(file, "sha256").hexdigest()


def _not_given(path: Path, error: OSError) -> Intake:
    return Intake(path, 0, None, None, error.strerror or str(error))
