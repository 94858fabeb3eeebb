from __future__ import annotations

import pandas as pd
import pytest

from sync.reporting.voices import grouped, key


def said(*entries: tuple[str, str, str | None]) -> pd.DataFrame:
    return pd.DataFrame(entries, columns=["row", "name", "reason"])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Thiếu kinh phí.", "thiếu  kinh phí"),
        ("Thiếu kinh phí", "Thieu kinh phi"),
        ("Hoà nhập, chưa tốt", "Hòa nhập chưa tốt"),
        ("Đang chờ", "Ðang chờ"),
        ("Trường\u200b nhỏ", "Tru\u031bo\u031b\u0300ng nhỏ"),
    ],
)
def test_texts_that_differ_in_writing_alone_are_one(one: str, other: str) -> None:
    assert key(one) == key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Đã có phòng tư vấn", "Chưa có phòng tư vấn"), ("Thiếu 2 phòng", "Thiếu 3 phòng")]
)
def test_texts_that_say_something_else_stay_apart(one: str, other: str) -> None:
    assert key(one) != key(other)


def test_the_spelling_of_most_schools_stands_for_all() -> None:
    entries = said(("CT.1", "A", "thieu kinh phi"), ("CT.1", "B", "Thiếu kinh phí."), ("CT.2", "C", "Thiếu kinh phí."))
    (voice,) = grouped(entries, "reason")
    assert (voice.text, voice.rows, voice.schools) == ("Thiếu kinh phí.", ("CT.1", "CT.2"), ("A", "B", "C"))


def test_a_school_that_says_it_twice_is_one_school() -> None:
    (voice,) = grouped(said(("I.1", "A", "Xa"), ("I.2", "A", "Xa")), "reason")
    assert (voice.rows, voice.schools) == (("I.1", "I.2"), ("A",))


def test_what_most_schools_say_comes_first() -> None:
    entries = said(("I.1", "A", "Ít tài liệu"), ("I.1", "B", "Xa"), ("I.1", "C", "Xa"))
    assert [voice.text for voice in grouped(entries, "reason")] == ["Xa", "Ít tài liệu"]


@pytest.mark.parametrize("text", [None, "", "-", "...", "Không", "không có.", "Ko", "Không có khó khăn gì"])
def test_what_says_nothing_is_left_out(text: str | None) -> None:
    assert grouped(said(("I.1", "A", text)), "reason") == []
