"""What came of a call, on its way from the script that made it to the guard that logs it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync.addin.outcome import Outcome

# A list, because frameworks run parts of a call in contexts of their own, which share what they hold.
_noted: ContextVar[list[str] | None] = ContextVar("noted", default=None)


@contextmanager
def collecting() -> Iterator[list[str]]:
    """What is noted inside the block is put into the list that this gives."""
    noted: list[str] = []
    token = _noted.set(noted)
    try:
        yield noted
    finally:
        _noted.reset(token)


def note(outcome: Outcome) -> None:
    """Notes what became of a workbook, in one word for the log."""
    noted = _noted.get()
    if noted is not None:
        noted.append("submitted" if outcome.submitted else "accepted" if outcome.accepted else "to_mend")
