"""How figures, dates and lists stand in an official Vietnamese text, and how a place is marked that a person must fill.

Everything that schools, the office or the plan wrote goes through `plain`: one line, nothing in it but visible signs.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime

from sync.text import collapse

GAP_OPENS, GAP_CLOSES = "\ue000", "\ue001"
"""Stand around what is to be filled in; no text from outside can hold them, because `plain` leaves them out."""
BLANK = "\u00a0" * 6
"""Room to write a number by hand."""
NONE = "–"
"""Stands where there is no figure."""
NAMED_AT_MOST = 30
"""Schools that one sentence names; the consolidated workbook has them all."""
SHORT = 120
"""Characters of a plan's row that a sentence repeats; the appendix has the whole text."""

_DROPPED = {"Cc", "Cf", "Co", "Cs", "Cn"}


def gap(what: str) -> str:
    """A marked place that a person fills in; `what` says with what."""
    return f"{GAP_OPENS}[{what}]{GAP_CLOSES}"


def plain(text: str) -> str:
    """`text` on one line, without control characters, invisible signs, private signs and halves of signs."""
    spaced = "".join(" " if unicodedata.category(sign) == "Cc" else sign for sign in text)
    return collapse("".join(sign for sign in spaced if unicodedata.category(sign) not in _DROPPED))


def short(text: str, most: int = SHORT) -> str:
    """`text`, cut at a word where it is longer than `most` characters; without the full stop at its end."""
    whole = plain(text).rstrip(".;, ")
    if len(whole) <= most:
        return whole
    return whole[:most].rsplit(" ", 1)[0].rstrip(".;, ") + " …"


def number(value: float) -> str:
    """1.234 or 12,5: dots between thousands, a comma before at most two decimals; nothing for NaN."""
    if value != value:  # noqa: PLR0124 - NaN alone differs from itself
        return ""
    text = f"{value:,.2f}".rstrip("0").rstrip(".")
    return text.translate(str.maketrans(",.", ".,"))


def signed(value: float) -> str:
    """A difference with its sign."""
    return "0" if value == 0 else ("+" if value > 0 else "-") + number(abs(value))


def percent(part: float, whole: float) -> str:
    """98,5%. What is not all is never 100%, what is not nothing never 0%; NONE of nothing."""
    if not whole:
        return NONE
    tenths = round(1000 * part / whole)
    if 0 < part < whole:
        tenths = min(max(tenths, 1), 999)
    return f"{number(tenths / 10)}%"


def day(value: date) -> str:
    """24/01/2025."""
    return f"{value:%d/%m/%Y}"


def moment(value: datetime) -> str:
    """15 giờ 00 ngày 24/01/2025."""
    return f"{value:%H giờ %M} ngày {day(value)}"


def listed(names: Sequence[str], most: int = NAMED_AT_MOST) -> str:
    """Names of schools one after the other; where they are more than `most`, the first of them and how many more."""
    more = len(names) - most
    if more <= 0:
        return "; ".join(names)
    return "; ".join(names[:most]) + f"; và {number(more)} trường khác"


def lowered(text: str) -> str:
    """`text` as it goes on inside a sentence: the first letter small, but in an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
