from __future__ import annotations

import math
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.reporting import GAP_CLOSES, GAP_OPENS, wording


@pytest.mark.parametrize(
    ("value", "written"),
    [(0, "0"), (1234, "1.234"), (1234567, "1.234.567"), (12.5, "12,5"), (1234.25, "1.234,25"), (100, "100")],
)
def test_numbers_have_dots_between_thousands_and_a_comma_before_decimals(value: float, written: str) -> None:
    assert wording.number(value) == written


def test_no_number_is_nothing() -> None:
    assert wording.number(math.nan) == ""


@pytest.mark.parametrize(
    ("part", "whole", "written"),
    [(197, 200, "98,5%"), (5, 5, "100%"), (0, 5, "0%"), (0, 0, "–"), (9999, 10000, "99,9%"), (1, 100_000, "0,1%")],
)
def test_a_share_is_never_rounded_to_all_or_to_nothing(part: int, whole: int, written: str) -> None:
    assert wording.percent(part, whole) == written


@given(st.integers(1, 10_000), st.integers(1, 10_000))
def test_only_all_is_100_per_cent(part: int, whole: int) -> None:
    assert (wording.percent(part, whole) == "100%") == (part == whole)


@given(st.text())
def test_a_plain_text_has_one_line_and_no_sign_that_cannot_be_seen(text: str) -> None:
    plain = wording.plain(text)
    assert plain.isprintable()
    assert plain == " ".join(plain.split())
    assert not {GAP_OPENS, GAP_CLOSES} & set(plain)
    assert wording.plain(plain) == plain


def test_lines_and_tabs_of_a_text_become_spaces() -> None:
    assert wording.plain("một\nhai\tba\x07bốn\u200b") == "một hai ba bốn"


def test_a_long_text_is_cut_at_a_word() -> None:
    assert wording.short("từ " * 60, 20) == "từ từ từ từ từ từ …"
    assert wording.short("ngắn gọn.") == "ngắn gọn"


def test_many_schools_are_counted_after_the_first() -> None:
    assert wording.listed(["A", "B"], 2) == "A; B"
    assert wording.listed(["A", "B", "C", "D"], 2) == "A; B; và 2 trường khác"


def test_a_moment_is_written_out() -> None:
    assert wording.moment(datetime(2025, 1, 4, 9, 5)) == "09 giờ 05 ngày 04/01/2025"  # noqa: DTZ001 - as written


@pytest.mark.parametrize(("text", "inside"), [("Học kỳ I", "học kỳ I"), ("UBND huyện", "UBND huyện"), ("", "")])
def test_an_abbreviation_stays_as_it_is_inside_a_sentence(text: str, inside: str) -> None:
    assert wording.lowered(text) == inside
