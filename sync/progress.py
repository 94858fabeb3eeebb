"""How long work tells how far it is, without knowing who shows it."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and of how much."""


def counting(progress: Progress, what: str, of: int) -> Callable[[int], None]:
    """`progress` for work that only tells how much it did since it last told."""
    done = 0

    def tell(more: int) -> None:
        nonlocal done
        done += more
        progress(what, done, of)

    return tell


def silent(_what: str, _done: int, _of: int) -> None:
    """Shows nothing."""
