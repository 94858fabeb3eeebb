"""What a marked cell says, however it was typed, and that what we write into it says the same when it is read."""

from __future__ import annotations

import io
from datetime import date, datetime, time, timedelta

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from sync.answers.cells import plain
from sync.intake.values import Raw

_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001  # days of Excel have no time zone


@pytest.mark.parametrize(
    "typed",
    [
        "10/02/2025",
        " 10/2/2025 ",
        "10-02-2025",
        "10.02.2025",
        "2025-02-10",
        "10/02/2025 24:00",
        date(2025, 2, 10),
        datetime(2025, 2, 10),  # noqa: DTZ001
        45698.0,
    ],
)
def test_a_day_is_known_however_it_is_typed(typed: Raw) -> None:
    assert plain("extended_to", typed) == "2025-02-10"


@pytest.mark.parametrize("typed", ["10/02/2025 17:00", "17h00 ngày 10/02/2025", "17h 10/2/2025", 45698 + 17 / 24])
def test_an_hour_is_kept(typed: Raw) -> None:
    assert plain("extended_to", typed) == "2025-02-10T17:00"


@pytest.mark.parametrize("typed", ["tuần sau", "31/02/2025", "10/02", "10/13/2025", "=1+1", "x" * 40_000])
def test_what_is_no_day_stays_as_it_was_typed(typed: str) -> None:
    assert plain("extended_to", typed) == typed


@pytest.mark.parametrize("field", ["returned", "excused", "note"])
@pytest.mark.parametrize(("typed", "said"), [(" ", ""), (5.0, "5"), ("10/02/2025", "10/02/2025"), ("a\r\nb ", "a\nb")])
def test_other_columns_take_any_words(field: str, typed: Raw, said: str) -> None:
    assert plain(field, typed) == said  # type: ignore[arg-type]  # pytest knows no Literal


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)))  # noqa: DTZ001
def test_a_moment_that_we_write_is_read_as_it_was(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        form = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        book.add_worksheet("a").write_number(0, 0, (moment - _ZERO) / timedelta(days=1), form)
    [[raw]] = CalamineWorkbook.from_filelike(io.BytesIO(content.getvalue())).get_sheet_by_name("a").to_python()
    whole_day = moment.time() in (time(), time(23, 59, 59))
    said = moment.date().isoformat() if whole_day else moment.isoformat()
    assert plain("extended_to", raw) == (said.removesuffix(":00") if not whole_day else said)
