"""Cells as the Sheets API says them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from tests.fakes.google.answers import NotModelled, invalid
from tests.fakes.google.state import Formula, Value, trimmed

_EPOCH = datetime(1899, 12, 30)
_LONGEST = 50_000


def rendered(value: Value, option: str, dates: str = "SERIAL_NUMBER") -> Any:
    """A cell under a valueRenderOption; "" for an empty one. Raises NotModelled for what needs a format or a locale."""
    if value is None:
        return ""
    if isinstance(value, Formula):
        return value.text if option == "FORMULA" else rendered(value.value, option, dates)
    if isinstance(value, date):
        if option == "FORMATTED_VALUE" or dates != "SERIAL_NUMBER":
            raise NotModelled("dates as formatted text")
        return _plain(_serial(value))
    if option != "FORMATTED_VALUE" or isinstance(value, str):
        return _plain(value)
    if isinstance(value, bool):
        return str(value).upper()
    if _plain(value) != value or (isinstance(value, float) and not value.is_integer()):
        raise NotModelled("fractions as formatted text")
    return str(int(value))


def row(cells: Any, option: str, dates: str = "SERIAL_NUMBER") -> list[Any]:
    """A row as it is answered, without empty cells at its end."""
    return [rendered(value, option, dates) for value in trimmed(cells)]


def from_raw(value: Any, where: str) -> Value:
    """What a cell holds after RAW input of `value`, which is not null. Raises Refusal for what is no cell's value."""
    if isinstance(value, list | dict):
        kind = "list_value" if isinstance(value, list) else "struct_value"
        raise invalid(f"Invalid {where}: {kind} {value}")
    if isinstance(value, str) and len(value) > _LONGEST:
        raise invalid(f"Your input contains more than the maximum of {_LONGEST} characters in a single cell.")
    return None if isinstance(value, str) and not value else value


def _plain(value: bool | int | float | str) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _serial(value: date) -> float:
    """Days since 30 December 1899."""
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
    return (moment - _EPOCH).total_seconds() / 86_400
