"""What goes into cells: clean texts, serial dates, quickly written columns, and the parts of formulas."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any

import pandas as pd

from sync.text import column_letters

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from sync.outputs.office_workbook.links import Link

TEXT_LIMIT = 32767
"""UTF-16 code units in a cell."""
RECEIPT_LENGTH = 12
"""Characters of a SHA-256 that people see."""
_CUT = "… (đã cắt bớt)"
_DAY = pd.Timedelta(days=1)
_DAY_ZERO = pd.Timestamp("1899-12-30")


def clean(value: object) -> str:
    """`value` as a text that a cell can hold: no lone surrogates, not longer than Excel takes, never raw markup."""
    text = str(value).encode("utf-8", "replace").decode("utf-8")
    if len(text) > TEXT_LIMIT // 2 and len(text.encode("utf-16-le")) // 2 > TEXT_LIMIT:
        kept = text.encode("utf-16-le")[: 2 * (TEXT_LIMIT - len(_CUT))]
        text = kept.decode("utf-16-le", "ignore") + _CUT
    # XlsxWriter takes a text in <r>…</r> for markup of its own.
    return text + " " if text.startswith("<r>") and text.endswith("</r>") else text


def texts(values: pd.Series[Any]) -> list[str | None]:
    """Clean texts, None where blank; each distinct value is cleaned once."""
    codes, distinct = pd.factorize(values)
    cleaned = [clean(value) or None for value in distinct]
    return [cleaned[code] if code >= 0 else None for code in codes.tolist()]


def numbers(values: pd.Series[Any]) -> list[float | None]:
    """Numbers, None where blank or not finite."""
    plain = values.astype("float64")
    return plain.astype(object).where(plain.notna() & (plain.abs() != float("inf")), None).tolist()


def serials(values: pd.Series[Any], zone: tzinfo | None) -> list[float | None]:
    """Dates and moments as Excel's serial days, None where blank; aware moments as clocks in `zone` show them."""
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        values = values.dt.tz_convert(zone).dt.tz_localize(None)
    return numbers((values.astype("datetime64[s]") - _DAY_ZERO) / _DAY)


def local(moment: datetime, zone: tzinfo | None) -> str:
    """A moment as a Vietnamese reader writes it."""
    return moment.astimezone(zone).strftime("%H:%M ngày %d/%m/%Y")


def write_texts(sheet: Worksheet, row: int, column: int, values: Iterable[str | None], form: Format | None) -> None:
    """Texts downwards from a cell; nothing where None."""
    _write(sheet.write_string, row, column, values, form)


def write_numbers(sheet: Worksheet, row: int, column: int, values: Iterable[float | None], form: Format | None) -> None:
    """Numbers downwards from a cell; nothing where None."""
    _write(sheet.write_number, row, column, values, form)


def _write(
    write: Callable[..., object], row: int, column: int, values: Iterable[str | float | None], form: Format | None
) -> None:
    for at, value in enumerate(values, row):
        if value is not None:
            write(at, column, value, form)


def write_links(
    sheet: Worksheet, row: int, column: int, values: Iterable[Link | str | None], link: Format, form: Format
) -> None:
    """Links downwards from a cell, in the format `link`; what is only a text in `form`; nothing where None."""
    for at, value in enumerate(values, row):
        if isinstance(value, str):
            sheet.write_string(at, column, value, form)
        elif value is not None:
            sheet.write_formula(at, column, value.formula, link, value.text)


def receipts(sha256: pd.Series[Any]) -> list[str | None]:
    """What receipts are called in a list: the beginnings of their SHA-256, None where blank."""
    return texts(sha256.str[:RECEIPT_LENGTH]) if len(sha256) else []


def quoted(text: str) -> str:
    """A text as a formula writes it."""
    return '"' + text.replace('"', '""') + '"'


def criterion(text: str) -> str:
    """The quoted criterion of COUNTIFS that matches `text` and nothing else."""
    escaped = re.sub(r"[~*?]", r"~\g<0>", text)
    return quoted("=" + escaped if escaped[:1] in "<>=" else escaped)


def total(references: Sequence[str]) -> str:
    """References added up; 0 where there are none."""
    return "+".join(references) or "0"


def absolute(sheet: str, first_row: int, column: int, last_row: int) -> str:
    """An absolute range of one column on a sheet; rows and column zero-based."""
    letters = column_letters(column)
    return f"{in_sheet(sheet)}!${letters}${first_row + 1}:${letters}${last_row + 1}"


def in_sheet(sheet: str) -> str:
    """A sheet's name as references write it."""
    return "'" + sheet.replace("'", "''") + "'"


def name_of(prefix: str, heading: str, taken: set[str]) -> str:
    """A name for a range, in ASCII and new among `taken`, to which it is added."""
    plain = unicodedata.normalize("NFD", heading.lower().replace("đ", "d")).encode("ascii", "ignore").decode()
    base = f"{prefix}_{re.sub(r'[^a-z0-9]+', '_', plain).strip('_')}"[:200].rstrip("_")
    name, number = base, 2
    while name in taken:
        name, number = f"{base}_{number}", number + 1
    taken.add(name)
    return name
