"""One call in a child process of its own, so that a file that somebody made can take nothing down with it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from sync.intake import child
from sync.intake.guard import Limits
from sync.intake.pool import starting, without_main

T = TypeVar("T")


def call(task: Callable[..., T], arguments: Sequence[Any], limits: Limits) -> T | None:
    """What `task` gives, a function of a module; None where it fails, breaks a limit or ends its process."""
    context = starting()
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, task, arguments, limits), daemon=True)
    with without_main():
        process.start()
    # Only without this copy of its end does the pipe tell that the child has died.
    theirs.close()
    try:
        if ours.poll(limits.wall_seconds):
            found: T = ours.recv()
            return found
    except (EOFError, OSError):
        pass
    finally:
        process.kill()
        process.join()
        ours.close()
    return None


def _serve(pipe: Connection, task: Callable[..., T], arguments: Sequence[Any], limits: Limits) -> None:
    """The child process."""
    child.start({}, limits)
    with contextlib.suppress(Exception):
        pipe.send(task(*arguments))
