"""Texts as sets of three words in a row."""

from __future__ import annotations

import unicodedata

import pytest

from sync.checks.shingles import Names, read, shingles, whole

NAMES = ("Trường Tiểu học Hoa Sen", "Trường Mầm non Sao Mai", "Măng")


def of(text: str, *names: str) -> set[int]:
    owner, codes, known = shingles([text], Names(names, figures=False))
    assert set(owner.tolist()) <= {0}
    return {int(known[code]) for code in codes}


@pytest.mark.parametrize(
    "other",
    [
        "DA HOA GIAI 12 vu viec hoc sinh",
        "đã hòa  giải 1.250 vụ-việc (học sinh)",
        unicodedata.normalize("NFD", "Đã hoà giải 3 vụ việc học sinh!"),
    ],
)
def test_accents_case_figures_and_signs_make_no_difference(other: str) -> None:
    assert of("Đã hoà giải 12 vụ việc học sinh") == of(other)


def test_sentences_may_change_places() -> None:
    assert of("Trường đã mở lớp. Phụ huynh rất hài lòng.") == of("Phụ huynh rất hài lòng; trường đã mở lớp")


def test_words_may_not_change_places() -> None:
    assert of("một hai ba bốn năm") != of("một ba hai bốn năm")
    assert not of("một hai ba bốn năm") & of("năm bốn ba hai một")


def test_fewer_than_three_words_are_no_shingle() -> None:
    assert of("Tốt. Đã xong. ") == of("") == set()


@pytest.mark.parametrize("name", ["Trường Tiểu học Hoa Sen", "Hoa Sen", "trường mầm non SAO MAI", "Măng"])
def test_the_names_of_schools_do_not_count(name: str) -> None:
    assert of(f"Sáng nay {name} đã mở lớp", *NAMES) == of("Sáng nay đã mở lớp")


def test_one_word_of_a_name_counts() -> None:
    assert of("Sáng nay hoa đã nở", *NAMES) == of("Sáng nay hoa đã nở")


def test_where_names_overlap_the_longer_one_counts() -> None:
    names = ("Trường Tân An", "An Hoà")
    assert of("Hôm nay trường Tân An hoà mạng xong rồi", *names) == of("Hôm nay hoà mạng xong rồi")


def test_whole_texts_are_equal_for_the_same_words_and_figures() -> None:
    one, two, three, four = whole(read(["KH 12/KH, đã gửi", "kh 12/kh ĐÃ GỬI", "KH 13/KH đã gửi", "đã gửi KH 12/KH"]))
    assert one == two
    assert len({one, three, four}) == 3


def test_what_is_said_twice_counts_once() -> None:
    owner, _codes, known = shingles(["Trường mở lớp. Trường mở lớp."], Names(()))
    assert len(owner) == len(known) == 1


def test_there_may_be_more_texts_than_are_read_at_once() -> None:
    owner, codes, known = shingles([f"một hai chữ{at} bốn" for at in range(5003)], Names(()))
    assert owner.tolist() == [at for at in range(5003) for _ in range(2)]
    assert len(known) == len(set(codes.tolist())) == 2 * 5003
