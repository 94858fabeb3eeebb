"""Texts that have to fit: a page of one sheet has no room for all that a plan or a school writes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sync.outputs import styles
from sync.text import collapse

_ELLIPSIS = "…"


def fits(text: str, width: float, size: float, lines: int = 1, *, bold: bool = False) -> bool:
    """Whether `text` takes at most `lines` in a cell `width` characters wide, in letters of `size` points."""
    return styles.lines(text, width, size, bold) <= lines


def shortened(text: str, width: float, size: float, lines: int = 1, *, bold: bool = False) -> str:
    """`text` on one line, cut after a word so that it fits (see `fits`); an ellipsis says so."""
    whole = collapse(text)
    if fits(whole, width, size, lines, bold=bold):
        return whole
    words = whole.split(" ")

    def cut(count: int) -> str:
        return " ".join(words[:count]).rstrip(" ,;:.-–") + _ELLIPSIS

    kept = _most(len(words) - 1, lambda count: fits(cut(count), width, size, lines, bold=bold))
    if kept:
        return cut(kept)
    # Not even the first word: it is cut anywhere.
    letters = _most(len(words[0]), lambda count: fits(words[0][:count] + _ELLIPSIS, width, size, lines, bold=bold))
    return words[0][:letters] + _ELLIPSIS


def listed(head: str, names: Sequence[str], tail: str, width: float, size: float, lines: int = 1) -> str:
    """`head` with as many of `names` as fit (see `fits`), how many more there are, and `tail`."""

    def text(count: int) -> str:
        more = len(names) - count
        shown = "; ".join(collapse(name) for name in names[:count])
        rest = f"; và {more} nữa" if more and count else ""
        return f"{head}{': ' if shown else ''}{shown}{rest}{tail}"

    kept = _most(len(names), lambda count: fits(text(count), width, size, lines))
    return shortened(text(kept), width, size, lines)


def _most(limit: int, fit: Callable[[int], bool]) -> int:
    """The largest count up to `limit` that fits; 0 where none does."""
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fit(middle) else (low, middle - 1)
    return low
