"""Reading many files in child processes, so that no file can take the service down and every file gets a verdict.

Files travel in chunks: one file a task would lose all that parallel reading gains. When a worker dies or takes too long
over a chunk, the files are read again one at a time, so that only the guilty one is blamed.

Every worker has a pipe of its own. Pools whose workers share one (pebble's, the standard library's) come to a stand
when a worker is killed while it sends: the lock stays taken, or half a message stays in the pipe.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Self

import psutil

from sync.intake import child, guard, reader
from sync.intake.child import Bug, Intake
from sync.intake.guard import Limits
from sync.intake.reading import PlanSpec

__all__ = ["Intake", "IntakeError", "Limits", "Pool", "holds_more_than", "read_files"]

_CHUNK = 24
_FEW = 16
"""Files that one worker reads sooner than a second one starts."""
_AHEAD = 3
"""Chunks per worker that are read ahead of the caller; bounds memory."""
_CHUNKS_PER_WORKER = 400
"""A worker is replaced after so many, whatever its libraries may have kept."""
_WATCH_SECONDS = 0.05
_KILLED_TWICE = 2
_KILLED_FROM_OUTSIDE = -getattr(signal, "SIGKILL", 1 << 16)
NAME = "baocao-intake"
"""The name of the worker processes."""

Progress = Callable[[int], None]
"""Called with the number of files that were finished since the last call."""


class IntakeError(Exception):
    """A mistake of ours came out while reading `path`; the text is the child's traceback."""

    def __init__(self, path: Path, traceback: str) -> None:
        super().__init__(f"{path}\n{traceback}")
        self.path = path


@dataclass(slots=True)
class _Chunk:
    """Files that are read together and what became of them so far."""

    paths: Sequence[Path]
    found: list[Intake | Bug | None] = field(init=False)

    def __post_init__(self) -> None:
        self.found = [None] * len(self.paths)

    @property
    def is_done(self) -> bool:
        return None not in self.found


@dataclass(frozen=True, slots=True)
class _Job:
    """What one worker has to do: a whole chunk, or one file of it alone."""

    chunk: _Chunk
    start: int
    paths: Sequence[Path]
    attempt: int = 1

    def finish(self, found: Sequence[Intake | Bug]) -> None:
        self.chunk.found[self.start : self.start + len(found)] = found

    def apart(self) -> Iterator[_Job]:
        """One job per file."""
        return (_Job(self.chunk, self.start + at, (path,)) for at, path in enumerate(self.paths))

    def again(self) -> _Job:
        return _Job(self.chunk, self.start, self.paths, self.attempt + 1)


class _Worker:
    """One child process, idle or at one job."""

    def __init__(self, specs: Mapping[str, PlanSpec], limits: Limits) -> None:
        context = starting()
        self.pipe, end = context.Pipe()
        self._process = context.Process(target=child.serve, args=(end, specs, limits), name=NAME, daemon=True)
        with without_main():
            self._process.start()
        # Only without this copy of its end does the pipe tell that the worker has died.
        end.close()
        self._wall_seconds = limits.wall_seconds
        self.job: _Job | None = None
        self.deadline = 0.0
        self.chunks = 0
        self.is_gone = False

    @property
    def pid(self) -> int:
        return self._process.pid or 0

    def give(self, job: _Job) -> None:
        """Sets the worker to work. A worker that has died in the meantime is found out when it is waited for."""
        self.job, self.chunks = job, self.chunks + 1
        self.deadline = time.monotonic() + self._wall_seconds
        with contextlib.suppress(OSError):
            self.pipe.send(job.paths)

    def take(self) -> list[Intake | Bug] | None:
        """The result of the job; None where the worker has died. Blocks until it is there."""
        try:
            found: list[Intake | Bug] = self.pipe.recv()
        except (EOFError, OSError):
            self.is_gone = True
            return None
        self.job = None
        return found

    def end(self) -> int | None:
        """Ends the process at once; its exit code where it had ended by itself."""
        # A pipe at its end and a process that has not quite ended yet: wait for its exit code.
        self._process.join(0.5 if self.is_gone else 0)
        code = self._process.exitcode
        self._process.kill()
        self._process.join()
        self.pipe.close()
        return code


class Pool:
    """Child processes that live on between passes. A context manager; `close` ends them. For one reader at a time.

    specs: plans by their code. workers: processes, by default one per usable CPU, and one for a few files.
    watched: whether the parent watches the workers' memory, for systems that do not limit it themselves.
    """

    def __init__(
        self,
        specs: Mapping[str, PlanSpec],
        limits: Limits | None = None,
        workers: int | None = None,
        watched: bool = sys.platform != "linux",
    ) -> None:
        """Raises what an unsound plan raises, KeyError for a kind of column that the reader does not know."""
        # A plan that cannot be prepared would end every worker as soon as it starts.
        reader.prepare(specs)
        self._specs, self._limits = dict(specs), limits or Limits()
        self._wanted, self._watched = workers, watched
        self._workers: list[_Worker] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the child processes; the pool starts new ones when it is used again."""
        while self._workers:
            self._workers.pop().end()

    def read(self, paths: Sequence[Path], progress: Progress | None = None) -> Iterator[Intake]:
        """Reads `paths` and yields what became of each, in their order. Raises IntakeError for a mistake of ours."""
        workers = self._wanted or (1 if len(paths) <= _FEW else _usable_cpus())
        chunks = _chunks(paths, workers)
        ahead: deque[_Chunk] = deque()
        jobs: deque[_Job] = deque()
        try:
            while True:
                while len(ahead) < workers * _AHEAD and (chunk := next(chunks, None)) is not None:
                    ahead.append(chunk)
                    jobs.append(_Job(chunk, 0, chunk.paths))
                if not ahead:
                    return
                while not ahead[0].is_done:
                    self._step(jobs, workers)
                yield from _results(ahead.popleft(), progress)
        finally:
            # A caller that leaves early must not leave work behind that nobody watches.
            for worker in [worker for worker in self._workers if worker.job is not None]:
                self._drop(worker)

    def _step(self, jobs: deque[_Job], workers: int) -> None:
        """Gives work to who is idle, then waits for one thing to happen and deals with it."""
        self._give(jobs, workers)
        busy = {worker.pipe: worker for worker in self._workers if worker.job is not None}
        seconds = max(0.0, min(worker.deadline for worker in busy.values()) - time.monotonic())
        ready = wait(list(busy), min(seconds, _WATCH_SECONDS) if self._watched else seconds)
        for pipe, worker in busy.items():
            job = worker.job
            if job is None:
                continue
            if pipe in ready:
                found = worker.take()
                if found is not None:
                    job.finish(found)
                    self._replace_old(worker)
                else:
                    self._lost(job, self._drop(worker), jobs)
            elif self._is_over(worker):
                self._drop(worker)
                self._lost(job, None, jobs)

    def _give(self, jobs: deque[_Job], workers: int) -> None:
        for worker in self._workers:
            if jobs and worker.job is None:
                worker.give(jobs.popleft())
        while jobs and len(self._workers) < workers:
            self._workers.append(_Worker(self._specs, self._limits))
            self._workers[-1].give(jobs.popleft())

    def _is_over(self, worker: _Worker) -> bool:
        if time.monotonic() >= worker.deadline:
            return True
        return self._watched and holds_more_than(worker.pid, self._limits.memory_bytes)

    def _lost(self, job: _Job, code: int | None, jobs: deque[_Job]) -> None:
        """What becomes of the job of a worker that ended: its files one at a time, and then who is guilty."""
        if len(job.paths) > 1:
            jobs.extendleft(reversed(list(job.apart())))
        elif code == _KILLED_FROM_OUTSIDE and job.attempt < _KILLED_TWICE:
            jobs.appendleft(job.again())
        else:
            job.finish([_stopped(job.paths[0])])

    def _drop(self, worker: _Worker) -> int | None:
        self._workers.remove(worker)
        return worker.end()

    def _replace_old(self, worker: _Worker) -> None:
        if worker.chunks >= _CHUNKS_PER_WORKER:
            self._drop(worker)


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


def holds_more_than(pid: int, limit: int) -> bool:
    """Whether the process `pid` holds more than `limit` bytes of memory; not where it has ended."""
    with contextlib.suppress(psutil.Error):
        return int(psutil.Process(pid).memory_info().rss) > limit
    return False


def _chunks(paths: Sequence[Path], workers: int) -> Iterator[_Chunk]:
    """`paths` in runs, shorter where there are few so that every worker has its share."""
    size = max(1, min(_CHUNK, -(-len(paths) // (workers * 4))))
    return (_Chunk(tuple(paths[start : start + size])) for start in range(0, len(paths), size))


def _results(chunk: _Chunk, progress: Progress | None) -> Iterator[Intake]:
    for found in chunk.found:
        if isinstance(found, Bug):
            raise IntakeError(found.path, found.traceback)
        if found is not None:
            yield found
    if progress is not None:
        progress(len(chunk.paths))


def _stopped(path: Path) -> Intake:
    try:
        size, digest = path.stat().st_size, child.sha256_of(path)
    except OSError as error:
        return Intake(path, 0, None, None, error.strerror or str(error))
    return Intake(path, size, digest, guard.refusal("reading-stopped"))


def _usable_cpus() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


@contextlib.contextmanager
def without_main() -> Iterator[None]:
    """Keeps a process that starts from importing the program that starts it, with all that it imports."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def starting() -> multiprocessing.context.SpawnContext | multiprocessing.context.ForkServerContext:
    """How workers start: never by a fork of this process, which has threads, locks and connections."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["sync.intake.child"])
    return context
