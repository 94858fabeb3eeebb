"""One text, screened for everything, the surest first."""

from __future__ import annotations

from sync.checks.privacy import names, numbers, places, quiet
from sync.checks.privacy.spelling import lowered
from sync.text import collapse


def kind(text: str) -> str | None:
    """The kind of private data found in `text`, or None."""
    line = collapse(text)
    lower = lowered(line)
    loud = quiet.is_loud(line)
    return (
        numbers.find(lower)
        or names.find(line, lower, loud)
        or quiet.find(line, lower, loud)
        or numbers.born(lower)
        or places.find(line, lower)
    )
