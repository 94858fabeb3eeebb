"""Reading many files in child processes, so that no file can take the service down and every file gets a verdict.

Files travel in chunks: one file a task would lose all that parallel reading gains. When a chunk dies or takes too long,
its files are read again one at a time, so that only the guilty one is blamed.
"""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeAlias

import psutil
from pebble import ProcessExpired, ProcessFuture, ProcessPool
from pebble.pool.process import WORKERS_NAME

from sync.intake import child, guard, reader
from sync.intake.child import Bug, Intake
from sync.intake.guard import Limits
from sync.intake.reading import PlanSpec

if TYPE_CHECKING:
    from multiprocessing.context import BaseContext

__all__ = ["Intake", "IntakeError", "Limits", "Pool", "read_files"]

_CHUNK = 24
_FEW = 16
"""Files that one worker reads sooner than a second one starts."""
_AHEAD = 3
"""Chunks per worker that are read ahead of the caller; bounds memory."""
_LOST_SECONDS = 10
"""What a task may take over its limit before it counts as lost: pebble can miss the death of a worker."""
_TASKS_PER_WORKER = 400
_WATCH_SECONDS = 0.05

_Future: TypeAlias = "ProcessFuture[list[Intake | Bug]]"
Progress = Callable[[int], None]
"""Called with the number of files that were finished since the last call."""


class IntakeError(Exception):
    """A mistake of ours came out while reading `path`; the text is the child's traceback."""

    def __init__(self, path: Path, traceback: str) -> None:
        super().__init__(f"{path}\n{traceback}")
        self.path = path


class Pool:
    """Child processes that live on between passes. A context manager; `close` ends them.

    specs: plans by their code. workers: processes, by default one per usable CPU, and one for a few files.
    """

    def __init__(self, specs: Mapping[str, PlanSpec], limits: Limits | None = None, workers: int | None = None) -> None:
        """Raises what an unsound plan raises, KeyError for a kind of column that the reader does not know."""
        # A plan that cannot be prepared would end every worker as soon as it starts.
        reader.prepare(specs)
        self._specs, self._limits, self._wanted = dict(specs), limits or Limits(), workers
        self._workers = 0
        self._pool: ProcessPool | None = None
        self._watch: _Watch | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the child processes; the pool starts new ones when it is used again."""
        if self._watch is not None:
            self._watch.stop()
            self._watch = None
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]  # pebble leaves it without types
            self._pool.join()
            self._pool = None

    def read(self, paths: Sequence[Path], progress: Progress | None = None) -> Iterator[Intake]:
        """Reads `paths` and yields what became of each, in their order. Raises IntakeError for a mistake of ours."""
        self._need_workers(len(paths))
        chunks = _chunks(paths, self._workers)
        waiting: deque[tuple[Sequence[Path], _Future | None]] = deque()
        try:
            waiting.extend((ahead, self._schedule(ahead)) for ahead in itertools.islice(chunks, self._workers * _AHEAD))
            while waiting:
                chunk, future = waiting.popleft()
                intakes = self._result(chunk, future)
                waiting.extend((ahead, self._schedule(ahead)) for ahead in itertools.islice(chunks, 1))
                for intake in intakes:
                    yield _ours_or_raise(intake)
                if progress is not None:
                    progress(len(chunk))
        finally:
            for _, future in waiting:
                if future is not None:
                    future.cancel()  # type: ignore[no-untyped-call]  # likewise

    def _need_workers(self, files: int) -> None:
        wanted = self._wanted or (1 if files <= _FEW else _usable_cpus())
        if wanted > self._workers:
            self.close()
            self._workers = wanted

    def _started(self) -> ProcessPool:
        if self._pool is None:
            self._pool = ProcessPool(
                self._workers, _TASKS_PER_WORKER, child.start, (self._specs, self._limits), _context()
            )
            if sys.platform != "linux":
                self._watch = _Watch(self._limits.memory_bytes)
        return self._pool

    def _schedule(self, chunk: Sequence[Path]) -> _Future | None:
        """The chunk's future; None where the pool broke under other files."""
        try:
            return self._started().schedule(child.read_files, args=(chunk,), timeout=self._limits.wall_seconds)
        except RuntimeError:
            self._restart()
            return None

    def _restart(self) -> None:
        """Ends what is left of a broken pool; the next task starts a new one."""
        with contextlib.suppress(RuntimeError, OSError):
            self.close()
        self._pool = None

    def _result(self, chunk: Sequence[Path], future: _Future | None) -> list[Intake | Bug]:
        found = self._wait(future, self._workers * _AHEAD) if future is not None else None
        return found if found is not None else [self._alone(path) for path in chunk]

    def _alone(self, path: Path) -> Intake | Bug:
        """`path` read by itself; reading-stopped where that ends its process, or takes too long, again."""
        for _ in range(2):
            future = self._schedule((path,))
            found = self._wait(future, self._workers * _AHEAD) if future is not None else None
            if found is not None:
                return found[0]
            if future is not None and not isinstance(_exception(future), BrokenProcessPool):
                break
        return _stopped(path)

    def _wait(self, future: _Future, ahead: int) -> list[Intake | Bug] | None:
        """The result of a task; None where its process died or was stopped. At most `ahead` tasks are before it."""
        try:
            return future.result(timeout=(self._limits.wall_seconds + _LOST_SECONDS) * (ahead + 1))
        except (ProcessExpired, TimeoutError):
            if not future.done():
                self._restart()
        except BrokenProcessPool:
            self._restart()
        return None


def read_files(
    paths: Sequence[Path],
    specs: Mapping[str, PlanSpec],
    limits: Limits | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Iterator[Intake]:
    """`Pool.read` with a pool of its own."""
    with Pool(specs, limits, workers) as pool:
        yield from pool.read(paths, progress)


def _chunks(paths: Sequence[Path], workers: int) -> Iterator[tuple[Path, ...]]:
    """`paths` in runs, shorter where there are few so that every worker has its share."""
    size = max(1, min(_CHUNK, -(-len(paths) // (workers * 4))))
    return (tuple(paths[start : start + size]) for start in range(0, len(paths), size))


def _ours_or_raise(intake: Intake | Bug) -> Intake:
    if isinstance(intake, Bug):
        raise IntakeError(intake.path, intake.traceback)
    return intake


def _exception(future: _Future) -> BaseException | None:
    return future.exception(timeout=0) if future.done() and not future.cancelled() else None


def _stopped(path: Path) -> Intake:
    try:
        size, digest = path.stat().st_size, child.sha256_of(path)
    except OSError as error:
        return Intake(path, 0, None, None, error.strerror or str(error))
    return Intake(path, size, digest, guard.refusal("reading-stopped"))


def _usable_cpus() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _context() -> BaseContext:
    """How workers start: never by a fork of this process, which has threads, locks and connections."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pebble.pool.process", "sync.intake.child"])
    return context


class _Watch:
    """Kills child processes that hold more memory than `limit` bytes, where the system knows no limit of its own."""

    def __init__(self, limit: int) -> None:
        self._limit, self._over = limit, Event()
        self._thread = Thread(target=self._run, name="intake-watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(_WATCH_SECONDS):
            for process in multiprocessing.active_children():
                if process.name == WORKERS_NAME:
                    _kill_if_over(process.pid, self._limit)


def _kill_if_over(pid: int | None, limit: int) -> None:
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        if process.memory_info().rss > limit:
            process.kill()
