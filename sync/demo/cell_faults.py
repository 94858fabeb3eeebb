"""What can be wrong with a single cell: by the code of its finding, values that give this finding and no other."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from sync.demo.report import Report
from sync.demo.soundness import Error, Odd, Value
from sync.plan import Column, Plan, Row, Table
from sync.text import fold


class Cell(NamedTuple):
    """A cell of a sound report and its value, None where it is blank."""

    report: Report
    table: Table
    row: Row
    column: Column
    value: Value


Fault = Callable[[Cell], Iterable[Value]]
"""Faulty values for a cell; none where the fault means nothing there."""


def _required(cell: Cell) -> Iterator[Value]:
    if cell.column.required and cell.value is not None:
        yield None


def _not_in_list(cell: Cell) -> Iterator[Value]:
    for text in ("Tạm hoãn", "Không rõ", "x"):
        if cell.column.kind == "choice" and all(_likeness(text, choice) < 0.5 for choice in cell.column.values):
            yield Odd(text)
            return


def _near_the_list(cell: Cell) -> Iterator[Value]:
    for choice in cell.column.values:
        if len(choice) > 5:
            yield Odd(choice[:-1])


def _not_a_date(cell: Cell) -> Iterator[Value]:
    if cell.column.kind == "date":
        yield Odd(f"31/02/{cell.report.period.ends_on.year}")
        yield Odd("cuối tháng 10")


def _not_a_number(cell: Cell) -> Iterator[Value]:
    if cell.column.is_number:
        yield Odd("khoảng 50")


def _not_whole(cell: Cell) -> Iterator[Value]:
    if cell.column.kind == "whole":
        yield Odd(2.5)


def _too_small(cell: Cell) -> Iterator[Value]:
    minimum = cell.column.minimum
    if isinstance(minimum, date):
        yield minimum - timedelta(days=20)
    elif minimum is not None:
        yield int(minimum) - 1


def _too_great(cell: Cell) -> Iterator[Value]:
    maximum = cell.column.maximum
    if isinstance(maximum, date):
        yield maximum + timedelta(days=20)
    elif maximum is not None:
        yield int(maximum) + 5


def _too_long(cell: Cell) -> Iterator[Value]:
    limit = cell.column.max_length
    if limit is not None and isinstance(cell.value, str):
        words = f"{cell.value} "
        yield (words * (limit // len(words) + 2))[: limit + 17].rstrip() + "..."


def _date_as_text(cell: Cell) -> Iterator[Value]:
    day = cell.value
    if isinstance(day, date):
        yield Odd(f"{day.day}/{day.month}/{day.year}", day)


def _number_as_text(cell: Cell) -> Iterator[Value]:
    number = cell.value
    if cell.column.is_number and isinstance(number, int | float) and number >= 0:
        whole = number == int(number)
        yield Odd(f"{number:,.0f}".replace(",", ".") if whole else f"{number}".replace(".", ","), number)


def _error_cell(cell: Cell) -> Iterator[Value]:
    if cell.column.is_number:
        yield Odd(Error("#DIV/0!"))


def _anything(cell: Cell) -> Iterator[Value]:
    column = cell.column
    if column.kind == "choice":
        yield column.values[-1]
    elif column.kind == "date":
        yield cell.report.period.ends_on
    else:
        yield "Có" if column.kind == "text" else 3


def _private(cell: Cell) -> Iterator[Value]:
    if cell.column.kind == "text" and isinstance(cell.value, str):
        yield Odd("Em N.T.A, lớp 5A2, đã được gặp riêng và tư vấn.")


def _legacy_font(cell: Cell) -> Iterator[Value]:
    if cell.column.kind == "text" and isinstance(cell.value, str):
        yield Odd("Nhµ tr­êng ®· tæ chøc tuyªn truyÒn cho häc sinh")


def _hidden_characters(cell: Cell) -> Iterator[Value]:
    if cell.column.kind == "text" and isinstance(cell.value, str):
        yield Odd(f"{cell.value[:4]}\u200b{cell.value[4:]}")


def _look_alikes(cell: Cell) -> Iterator[Value]:
    if cell.column.kind == "text" and isinstance(cell.value, str):
        yield Odd("Ðã tổ chức theo kế hoạch của trường")


def _likeness(text: str, choice: str) -> float:
    return difflib.SequenceMatcher(None, fold(text), fold(choice)).ratio()


CELL_FAULTS: dict[str, Fault] = {
    "required": _required,
    "not-in-list": _not_in_list,
    "not-in-list-near": _near_the_list,
    "not-a-date": _not_a_date,
    "not-a-number": _not_a_number,
    "not-whole": _not_whole,
    "too-small": _too_small,
    "too-great": _too_great,
    "text-too-long": _too_long,
    "date-as-text": _date_as_text,
    "number-as-text": _number_as_text,
    "error-cell": _error_cell,
    "private-data": _private,
    "legacy-font": _legacy_font,
    "hidden-characters": _hidden_characters,
    "look-alike-letters": _look_alikes,
    "cell-closed": _anything,
    "row-not-for-level": _anything,
}


def has_place(plan: Plan, name: str) -> bool:
    """Whether the fault `name` means something anywhere in the plan."""
    if name in _ROW_FAULTS:
        return any(_ROW_FAULTS[name](row) for table in plan.all_tables for row in table.rows)
    return any(_COLUMN_FAULTS[name](column) for table in plan.all_tables for column in table.columns)


_ROW_FAULTS: dict[str, Callable[[Row], bool]] = {
    "cell-closed": lambda row: bool(row.closed),
    "row-not-for-level": lambda row: row.levels is not None,
}
_COLUMN_FAULTS: dict[str, Callable[[Column], bool]] = {
    "required": lambda column: column.required,
    "not-in-list": lambda column: column.kind == "choice",
    "not-in-list-near": lambda column: any(len(choice) > 5 for choice in column.values),
    "not-a-date": lambda column: column.kind == "date",
    "date-as-text": lambda column: column.kind == "date",
    "not-a-number": lambda column: column.is_number,
    "number-as-text": lambda column: column.is_number,
    "error-cell": lambda column: column.is_number,
    "not-whole": lambda column: column.kind == "whole",
    "too-small": lambda column: column.minimum is not None,
    "too-great": lambda column: column.maximum is not None,
    "text-too-long": lambda column: column.max_length is not None,
    "private-data": lambda column: column.kind == "text",
    "legacy-font": lambda column: column.kind == "text",
    "hidden-characters": lambda column: column.kind == "text",
    "look-alike-letters": lambda column: column.kind == "text",
}
