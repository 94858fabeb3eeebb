"""One raw cell → a typed value, by the kind of its column. What cannot be read, or only just, is a Doubt.

How text is read, written down once:

* Dates are day first: 15/1/2026, 15-1-2026, 15.1.2026, 15/01/26 (20yy); or ISO, 2026-01-15. Years are 2000 to 2099.
* Numbers are Vietnamese: a dot groups thousands, a comma begins decimals (1.234,5). Where that makes no sense the
  international reading is taken (98.5; 1,234.5; 1,234,567), and in a whole-number column one comma before exactly three
  digits groups thousands too, since nothing there has decimals. Spaces group thousands.
* A number in a whole-number column that is not whole, and a text that is not in the list, keep their value beside the
  finding: Excel's formulas see them too, and a rule must give the same verdict here and there.
* Whatever was typed as text where a date or a number belongs is told with the reading: never a silent guess.
"""

from __future__ import annotations

import difflib
import math
import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from sync.intake.reading import ColumnSpec, Value
from sync.text import collapse, fold, trim

Raw = str | float | int | bool | date | datetime | time | timedelta
"""What calamine gives for a cell; '' where it is blank."""

SHOWN = 80
"""Characters of a value that travel with a finding."""

_EPOCH = date(1899, 12, 30).toordinal()
"""Day 0 of Excel's dates."""
_FIRST_DAY, _LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
_LARGEST = 10**15
_NEAR = 0.6
_CELL_ERROR = re.compile(r"#(NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!|N/A|SPILL!|CALC!|FIELD!|BLOCKED!|BUSY!|CONNECT!"
                         r"|UNKNOWN!|PYTHON!|EXTERNAL!|GETTING_DATA|Err:\d{3})|Err:\d{3}", re.IGNORECASE)  # fmt: skip
_DAY_FIRST = re.compile(r"([0-9]{1,2}) ?([/.-]) ?([0-9]{1,2}) ?\2 ?([0-9]{4}|[0-9]{2})")
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_NUMBER = re.compile(r"([+-]?)([0-9][0-9., ]*)")
_SPACED = re.compile(r"[0-9]{1,3}( [0-9]{3})+(?=[.,]|$)")
_DOTTED = re.compile(r"([1-9][0-9]{0,2}(?:\.[0-9]{3})+)(?:,([0-9]+))?")
_COMMAED = re.compile(r"([1-9][0-9]{0,2}(?:,[0-9]{3}){2,}|[1-9][0-9]{0,2}(?:,[0-9]{3})+(?=\.))(?:\.([0-9]+))?")
_COMMA_THOUSAND = re.compile(r"[1-9][0-9]{0,2},[0-9]{3}")
_PLAIN = re.compile(r"([0-9]+)(?:[.,]([0-9]+))?")
_TONES = "\u0300\u0301\u0303\u0309\u0323"


class Doubt(NamedTuple):
    """A cell that something is to be said of: the value as far as it is known, a finding code, its message's parts."""

    value: Value
    code: str
    seen: str | float | int
    params: tuple[tuple[str, str], ...]


Typist = Callable[[Raw], "Value | Doubt"]
"""Types one raw cell."""


def typist(column: ColumnSpec) -> Typist:
    """The function that types the cells of `column`. Raises KeyError for an unknown kind."""
    if column.kind == "choice":
        return _choice_typist(column.values)
    return _TYPISTS[column.kind]


def shown(raw: Raw) -> str:
    """What a person sees of `raw`: 12.0 is 12, dates are dd/mm/yyyy, decimals have a comma."""
    match raw:
        case str():
            text = collapse(raw)[:SHOWN]
        case bool():
            text = "TRUE" if raw else "FALSE"
        case datetime():
            text = _shown_date(raw) + (raw.strftime(" %H:%M") if raw.time() != time() else "")
        case date():
            text = _shown_date(raw)
        case time():
            text = raw.strftime("%H:%M")
        case timedelta():
            text = _shown_number(raw / timedelta(days=1))
        case _:
            text = _shown_number(raw)
    return text


def is_cell_error(raw: Raw) -> bool:
    """Whether the cell shows an error instead of a value."""
    return isinstance(raw, str) and raw[:1] in ("#", "E") and _CELL_ERROR.fullmatch(raw.strip()) is not None


def _shown_date(day: date) -> str:
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def _shown_number(number: float) -> str:
    if math.isfinite(number) and number == int(number) and abs(number) < _LARGEST:
        return str(int(number))
    return f"{number:.15g}".replace(".", ",")


def _doubt(code: str, raw: Raw, value: Value = None, **params: str) -> Doubt:
    text = shown(raw)
    seen = raw if isinstance(raw, (int, float)) and not isinstance(raw, bool) and math.isfinite(raw) else text
    return Doubt(value, code, seen, (("value", text), *params.items()))


# Text


def _text(raw: Raw) -> Value | Doubt:
    if isinstance(raw, str):
        if raw[:1] in ("#", "E") and is_cell_error(raw):
            return _doubt("error-cell", raw)
        return None if raw.isspace() else trim(raw) or None
    return shown(raw)


# Choices


def _choice_typist(values: tuple[str, ...]) -> Typist:
    by_fold = {fold(value): value for value in values}
    by_word = {_toneless_order(value): value for value in values}
    choices = ", ".join(values)

    def choose(raw: Raw) -> Value | Doubt:
        text = raw if isinstance(raw, str) else shown(raw)
        folded = fold(text)
        if not folded:
            return None
        found = by_fold.get(folded) or by_word.get(_toneless_order(text))
        if found is not None:
            return found
        if is_cell_error(raw):
            return _doubt("error-cell", raw)
        nearest = _nearest(text, values)
        if nearest is None:
            return _doubt("not-in-list", raw, trim(text), choices=choices)
        return _doubt("not-in-list-near", raw, trim(text), nearest=nearest, choices=choices)

    known: dict[Raw, str] = {value: value for value in values}
    return lambda raw: known.get(raw) or choose(raw)


def _toneless_order(text: str) -> str:
    """`text` folded, each word's tone mark at its end: hoà and hòa are one word."""
    words = unicodedata.normalize("NFD", fold(text)).split()
    return " ".join(
        "".join(c for c in word if c not in _TONES) + "".join(c for c in word if c in _TONES) for word in words
    )


def _bare(text: str) -> str:
    """`text` folded and without any diacritics."""
    letters = unicodedata.normalize("NFD", fold(text)).replace("đ", "d")
    return "".join(c for c in letters if not unicodedata.combining(c))


def _nearest(text: str, values: tuple[str, ...]) -> str | None:
    """The value most like `text`, the first of equals; None where none is like it."""
    typed = _bare(text[:SHOWN])
    best, best_ratio = None, _NEAR
    for value in values:
        ratio = difflib.SequenceMatcher(None, typed, _bare(value), autojunk=False).ratio()
        if ratio > best_ratio:
            best, best_ratio = value, ratio
    return best


# Dates


def _date(raw: Raw) -> Value | Doubt:
    if isinstance(raw, datetime):
        raw = raw.date()
    if isinstance(raw, date):
        return raw if _FIRST_DAY <= raw <= _LAST_DAY else _doubt("not-a-date", raw)
    if isinstance(raw, str):
        return _date_of_text(raw)
    if isinstance(raw, (bool, time, timedelta)) or not 0 < raw < 1e6:
        return _doubt("not-a-date", raw)
    day = date.fromordinal(_EPOCH + int(raw))
    return day if _FIRST_DAY <= day <= _LAST_DAY else _doubt("not-a-date", raw)


def _date_of_text(raw: str) -> Value | Doubt:
    text = collapse(raw)
    if not text:
        return None
    if is_cell_error(raw):
        return _doubt("error-cell", raw)
    day = _parsed_date(text)
    if day is None or not _FIRST_DAY <= day <= _LAST_DAY:
        return _doubt("not-a-date", raw)
    return _doubt("date-as-text", raw, day, reading=_shown_date(day))


def _parsed_date(text: str) -> date | None:
    if found := _DAY_FIRST.fullmatch(text):
        day, month, year = int(found[1]), int(found[3]), int(found[4])
        year += 2000 if len(found[4]) == 2 else 0
    elif found := _ISO.fullmatch(text):
        year, month, day = int(found[1]), int(found[2]), int(found[3])
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


# Numbers


def _whole(raw: Raw) -> Value | Doubt:
    # The two types that nearly every cell has come first: this runs for every cell of every school.
    if raw.__class__ is float or raw.__class__ is int:
        return _whole_of(raw, raw)
    number, read = _number_of(raw, whole=True)
    if isinstance(number, float | int):
        whole = _whole_of(number, raw)
        if isinstance(whole, int) and read:
            return _doubt("number-as-text", raw, whole, reading=str(whole))
        return whole
    return number


def _number(raw: Raw) -> Value | Doubt:
    number, read = _number_of(raw, whole=False)
    if not isinstance(number, float | int):
        return number
    if not -_LARGEST < number < _LARGEST:
        return _doubt("not-a-number", raw)
    if read:
        return _doubt("number-as-text", raw, float(number), reading=_shown_number(number))
    return float(number)


def _whole_of(number: float, raw: Raw) -> int | Doubt:
    if not -_LARGEST < number < _LARGEST:  # also where it is no number at all
        return _doubt("not-a-number", raw)
    nearest = round(number)
    # A formula's 3.0000000000000004 shows as 3.
    if abs(number - nearest) < 1e-9:
        return nearest
    return _doubt("not-whole", raw, None if isinstance(raw, str) else float(number))


def _number_of(raw: Raw, whole: bool) -> tuple[Value | Doubt, bool]:
    """The number in a cell, and whether it was typed as text; None for a blank, a Doubt where there is no number."""
    if isinstance(raw, str):
        return _number_of_text(raw, whole), True
    if isinstance(raw, (bool, time)):
        return _doubt("not-a-number", raw), False
    if isinstance(raw, timedelta):
        return raw / timedelta(days=1), False
    if isinstance(raw, date):
        return _serial(raw), False
    return raw, False


def _serial(day: date) -> float:
    """Excel's number of a date or of a moment."""
    whole = day.toordinal() - _EPOCH
    if not isinstance(day, datetime):
        return whole
    clock = timedelta(hours=day.hour, minutes=day.minute, seconds=day.second, microseconds=day.microsecond)
    return whole + clock / timedelta(days=1)


def _number_of_text(raw: str, whole: bool) -> Value | Doubt:
    text = collapse(raw).replace("\u2212", "-")
    if not text:
        return None
    if is_cell_error(raw):
        return _doubt("error-cell", raw)
    number = _parsed_number(text, whole)
    return _doubt("not-a-number", raw) if number is None else number


def _parsed_number(text: str, whole: bool) -> float | None:
    found = _NUMBER.fullmatch(text)
    if found is None or len(text) > 40:
        return None
    digits = found[2]
    if " " in digits:
        if not _SPACED.match(digits):
            return None
        digits = digits.replace(" ", "")
        parts = _PLAIN.fullmatch(digits)
        units = (parts[1], parts[2]) if parts else None
    else:
        units = _units_and_decimals(digits, whole)
    if units is None or len(units[0]) + len(units[1] or "") > 15:
        return None
    sign = -1 if found[1] == "-" else 1
    return sign * (int(units[0]) if units[1] is None else float(f"{units[0]}.{units[1]}"))


def _units_and_decimals(digits: str, whole: bool) -> tuple[str, str | None] | None:
    """What stands before the decimals and the decimals, by the rules at the top; None where it is no number."""
    if parts := _DOTTED.fullmatch(digits):
        return parts[1].replace(".", ""), parts[2]
    if parts := _COMMAED.fullmatch(digits):
        return parts[1].replace(",", ""), parts[2]
    if whole and _COMMA_THOUSAND.fullmatch(digits):
        return digits.replace(",", ""), None
    if parts := _PLAIN.fullmatch(digits):
        return parts[1], parts[2]
    return None


_TYPISTS: dict[str, Typist] = {"text": _text, "date": _date, "whole": _whole, "number": _number}
