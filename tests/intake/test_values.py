"""Typing of single cells."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.intake.reading import ColumnSpec
from sync.intake.values import Doubt, Raw, typist

CHOICES = ("Chưa thực hiện", "Đang thực hiện", "Hoàn thành", "Không áp dụng")
TYPE = {
    kind: typist(ColumnSpec("column", "Cột", kind, CHOICES if kind == "choice" else ()))
    for kind in ("choice", "date", "whole", "number", "text")
}
ANY_RAW = st.one_of(
    st.text(max_size=60),
    st.floats(),
    st.integers(),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(min_value=timedelta(days=-(10**6)), max_value=timedelta(days=10**6)),
)


def read(kind: str, raw: Raw) -> tuple[object, str | None]:
    """The value and the finding code of one cell."""
    typed = TYPE[kind](raw)
    return (typed.value, typed.code) if isinstance(typed, Doubt) else (typed, None)


def params(kind: str, raw: Raw) -> dict[str, str]:
    typed = TYPE[kind](raw)
    assert isinstance(typed, Doubt)
    return dict(typed.params)


@pytest.mark.parametrize(
    ("raw", "value", "code"),
    [
        (date(2024, 10, 15), date(2024, 10, 15), None),
        (datetime.fromisoformat("2024-10-15T13:30"), date(2024, 10, 15), None),
        (45580, date(2024, 10, 15), None),
        (45580.75, date(2024, 10, 15), None),
        ("15/1/2026", date(2026, 1, 15), "date-as-text"),
        ("15-1-2026", date(2026, 1, 15), "date-as-text"),
        ("15.01.2026", date(2026, 1, 15), "date-as-text"),
        (" 15 / 1 / 2026 ", date(2026, 1, 15), "date-as-text"),
        ("10/11/2026", date(2026, 11, 10), "date-as-text"),
        ("15/01/26", date(2026, 1, 15), "date-as-text"),
        ("2026-01-15", date(2026, 1, 15), "date-as-text"),
        ("2026-01-15 00:00:00", date(2026, 1, 15), "date-as-text"),
        ("15/1-2026", None, "not-a-date"),
        ("31/02/2025", None, "not-a-date"),
        ("1/13/2025", None, "not-a-date"),
        ("15/1/202", None, "not-a-date"),
        ("tháng 10", None, "not-a-date"),
        ("15/01/1999", None, "not-a-date"),
        (date(1999, 12, 31), None, "not-a-date"),
        (date(2100, 1, 1), None, "not-a-date"),
        (date(2000, 1, 1), date(2000, 1, 1), None),
        (date(2099, 12, 31), date(2099, 12, 31), None),
        (2024, None, "not-a-date"),
        (1e300, None, "not-a-date"),
        (float("nan"), None, "not-a-date"),
        (True, None, "not-a-date"),
        (time(12), None, "not-a-date"),
        ("#REF!", None, "error-cell"),
        (" \u00a0\n", None, None),
    ],
)
def test_dates_are_read_day_first_and_never_guessed(raw: Raw, value: object, code: str | None) -> None:
    assert read("date", raw) == (value, code)


@pytest.mark.parametrize(
    ("raw", "whole", "number"),
    [
        (12.0, (12, None), (12.0, None)),
        (0, (0, None), (0.0, None)),
        (3.0000000000000004, (3, None), (3.0000000000000004, None)),
        (98.5, (98.5, "not-whole"), (98.5, None)),
        ("125", (125, "number-as-text"), (125.0, "number-as-text")),
        ("-3", (-3, "number-as-text"), (-3.0, "number-as-text")),
        ("\u22123", (-3, "number-as-text"), (-3.0, "number-as-text")),
        ("1.234", (1234, "number-as-text"), (1234.0, "number-as-text")),
        ("1,234", (1234, "number-as-text"), (1.234, "number-as-text")),
        ("1 234", (1234, "number-as-text"), (1234.0, "number-as-text")),
        ("1\u00a0234", (1234, "number-as-text"), (1234.0, "number-as-text")),
        ("1.234.567", (1234567, "number-as-text"), (1234567.0, "number-as-text")),
        ("1,234,567", (1234567, "number-as-text"), (1234567.0, "number-as-text")),
        ("1.234,5", (None, "not-whole"), (1234.5, "number-as-text")),
        ("1,234.5", (None, "not-whole"), (1234.5, "number-as-text")),
        ("1 234,5", (None, "not-whole"), (1234.5, "number-as-text")),
        ("98,5", (None, "not-whole"), (98.5, "number-as-text")),
        ("98.5", (None, "not-whole"), (98.5, "number-as-text")),
        ("12,0", (12, "number-as-text"), (12.0, "number-as-text")),
        ("0.125", (None, "not-whole"), (0.125, "number-as-text")),
        ("0,125", (None, "not-whole"), (0.125, "number-as-text")),
        ("1234,567", (None, "not-whole"), (1234.567, "number-as-text")),
        ("1.23.4", (None, "not-a-number"), (None, "not-a-number")),
        ("1 23", (None, "not-a-number"), (None, "not-a-number")),
        ("12 em", (None, "not-a-number"), (None, "not-a-number")),
        ("98%", (None, "not-a-number"), (None, "not-a-number")),
        ("1e3", (None, "not-a-number"), (None, "not-a-number")),
        ("١٢", (None, "not-a-number"), (None, "not-a-number")),
        ("1234567890123456789", (None, "not-a-number"), (None, "not-a-number")),
        ("9" * 400, (None, "not-a-number"), (None, "not-a-number")),
        (1e300, (None, "not-a-number"), (None, "not-a-number")),
        (float("inf"), (None, "not-a-number"), (None, "not-a-number")),
        (float("nan"), (None, "not-a-number"), (None, "not-a-number")),
        (True, (None, "not-a-number"), (None, "not-a-number")),
        (time(12), (None, "not-a-number"), (None, "not-a-number")),
        (date(2024, 10, 15), (45580, None), (45580.0, None)),
        (datetime.fromisoformat("2024-10-15T12:00"), (45580.5, "not-whole"), (45580.5, None)),
        (timedelta(days=2), (2, None), (2.0, None)),
        ("#DIV/0!", (None, "error-cell"), (None, "error-cell")),
        ("Err:502", (None, "error-cell"), (None, "error-cell")),
        ("   ", (None, None), (None, None)),
    ],
)
def test_numbers_are_read_the_vietnamese_way(
    raw: Raw, whole: tuple[object, str | None], number: tuple[object, str | None]
) -> None:
    assert (read("whole", raw), read("number", raw)) == (whole, number)


@pytest.mark.parametrize(
    ("raw", "value", "code"),
    [
        ("Hoàn thành", "Hoàn thành", None),
        ("  hoàn   THÀNH\n", "Hoàn thành", None),
        (unicodedata.normalize("NFD", "Hoàn thành"), "Hoàn thành", None),
        ("Hòan thành", "Hoàn thành", None),
        ("Hoan thanh", "Hoan thanh", "not-in-list-near"),
        (" Đã hoàn thành ", "Đã hoàn thành", "not-in-list-near"),
        ("x", "x", "not-in-list"),
        (1.0, "1", "not-in-list"),
        (True, "TRUE", "not-in-list"),
        ("#N/A", None, "error-cell"),
        ("\u00a0", None, None),
    ],
)
def test_choices_are_matched_without_regard_to_case_spaces_and_composition(
    raw: Raw, value: object, code: str | None
) -> None:
    assert read("choice", raw) == (value, code)


def test_the_nearest_choice_is_named() -> None:
    assert params("choice", "dang thuc hien") == {
        "value": "dang thuc hien",
        "nearest": "Đang thực hiện",
        "choices": "Chưa thực hiện, Đang thực hiện, Hoàn thành, Không áp dụng",
    }


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("  KH 12/KH-THCS  ngày\u00a005/10 ", "KH 12/KH-THCS ngày 05/10"),
        ("dòng một\ndòng hai", "dòng một\ndòng hai"),
        (unicodedata.normalize("NFD", "Trường"), "Trường"),
        (12.0, "12"),
        (12, "12"),
        (12.5, "12,5"),
        (date(2024, 5, 3), "03/05/2024"),
        (datetime.fromisoformat("2024-05-03T07:30"), "03/05/2024 07:30"),
        (time(7, 30), "07:30"),
        (True, "TRUE"),
        ("NA", "NA"),
        ("None", "None"),
        ("", None),
        (" \n\u00a0", None),
    ],
)
def test_text_is_what_a_person_sees(raw: Raw, value: str | None) -> None:
    assert read("text", raw) == (value, None)


def test_a_reading_of_text_is_named_so_that_nothing_is_guessed_silently() -> None:
    assert params("date", "1/2/24") == {"value": "1/2/24", "reading": "01/02/2024"}
    assert params("whole", "1.234") == {"value": "1.234", "reading": "1234"}
    assert params("number", "98.5") == {"value": "98.5", "reading": "98,5"}


def test_what_was_typed_is_shown_in_at_most_eighty_characters() -> None:
    assert params("whole", "x" * 30_000)["value"] == "x" * 80


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.sampled_from("/-."), st.booleans(), st.booleans())
def test_every_date_typed_as_text_comes_back(day: date, separator: str, padded: bool, short: bool) -> None:
    width = "02" if padded else ""
    year = f"{day.year % 100:02}" if short else str(day.year)
    text = f"{day.day:{width}}{separator}{day.month:{width}}{separator}{year}"
    assert read("date", text) == (day, "date-as-text")


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_every_serial_number_is_the_date_that_excel_shows(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    assert read("date", serial) == (day, None)
    assert read("whole", day) == (serial, None)


@given(st.integers(-(10**14), 10**14), st.sampled_from([".", ",", " ", "\u00a0", "\u202f", ""]))
def test_every_whole_number_grouped_in_any_way_comes_back(number: int, group: str) -> None:
    assert read("whole", f"{number:,}".replace(",", group)) == (number, "number-as-text")


@given(st.integers(0, 10**9), st.integers(0, 99).filter(lambda n: n % 10 != 0), st.booleans())
def test_every_decimal_number_comes_back_in_the_vietnamese_form(units: int, hundredths: int, grouped: bool) -> None:
    text = f"{units:,}".replace(",", "." if grouped else "") + f",{hundredths:02}"
    assert read("number", text) == (float(f"{units}.{hundredths:02}"), "number-as-text")


@given(st.sampled_from(CHOICES), st.sampled_from([str.upper, str.lower, str.title]), st.booleans())
def test_every_form_of_a_choice_is_the_choice(value: str, case: Callable[[str], str], composed: bool) -> None:
    typed = unicodedata.normalize("NFC" if composed else "NFD", case(value))
    assert read("choice", typed) == (value, None)


@given(st.sampled_from(sorted(TYPE)), ANY_RAW)
def test_no_cell_breaks_the_reader_and_params_are_always_text(kind: str, raw: Raw) -> None:
    typed = TYPE[kind](raw)
    if isinstance(typed, Doubt):
        assert all(isinstance(part, str) for _, part in typed.params)
        assert len(dict(typed.params)["value"]) <= 80


@given(st.text())
def test_a_text_is_read_as_itself_when_it_was_read_once(text: str) -> None:
    value, code = read("text", text)
    if code is None and value is not None:
        assert read("text", value) == (value, None)  # type: ignore[arg-type]
