"""The answer in the sheet `Kiểm tra` of an open workbook: values only, in its unlocked cells, in two calls."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sync.addin.errors import is_refusal
from sync.i18n import gettext as _
from sync.outputs import layout as at
from sync.outputs.returned import ReturnedFinding, words

if TYPE_CHECKING:
    from xlwings import Sheet

_FORMULA = re.compile(r"\s*[=+\-@]")
_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")


def write(place: Sheet, lines: Sequence[str], findings: Sequence[ReturnedFinding]) -> str:
    """Puts `lines` over the counts and `findings` into their rows; what stood there before is gone.

    Gives "", or that Excel does not let anybody write there: what was judged or handed in is so all the same.
    """
    first = (at.RECEIPT_FIRST_ROW, at.FINDINGS_SEVERITY_COLUMN)
    try:
        _put(place, first, [[line] for line in lines])
        _put(place, (at.FINDINGS_FIRST_ROW, at.FINDINGS_KEY_COLUMN), words.rows(findings))
    except Exception as error:
        if not is_refusal(error):
            raise
        return _("The sheet {sheet} of this workbook is locked, so nothing was written there.").format(sheet=place.name)
    return ""


def _put(place: Sheet, first: tuple[int, int], grid: Sequence[Sequence[str]]) -> None:
    """Writes `grid` from the zero-based cell `first` on, in one call.

    `raw_value` hands the values over as they are; `value` would keep the sheet in memory (see sync.addin.cells).
    """
    top, left = first[0] + 1, first[1] + 1
    last = (top + len(grid) - 1, left + len(grid[0]) - 1)
    place.range((top, left), last).raw_value = [[inert(text) for text in row] for row in grid]


def inert(text: str) -> str:
    """`text` so that no program takes it for a formula: in quotation marks where it begins as one.

    The cells are formatted as text, which Excel heeds; a copy of the template in another program may not be.
    """
    if _FORMULA.match(text) and not _NUMBER.fullmatch(text):
        return f"“{text}”"
    return text
