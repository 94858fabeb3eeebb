from __future__ import annotations

import unicodedata

import pytest

from sync.seal import LENGTH, is_sealed, seal

SECRET = bytes(range(32))
PARTS = {"plan": "ke-hoach", "template_version": "1", "school": "TH-Mỹ", "period": "2024-2025/HK1"}


def test_a_seal_is_short_enough_for_a_cell_and_always_the_same() -> None:
    assert seal(SECRET, **PARTS) == "d8d7db115c21fca4ea8a204de6f4ecc7"
    assert len(seal(SECRET, **PARTS)) == LENGTH


def test_a_workbook_with_its_own_seal_is_sealed() -> None:
    assert is_sealed(SECRET, seal(SECRET, **PARTS), **PARTS)


@pytest.mark.parametrize("part", list(PARTS))
def test_a_workbook_whose_marks_were_changed_is_not_sealed(part: str) -> None:
    assert not is_sealed(SECRET, seal(SECRET, **PARTS), **{**PARTS, part: "2"})


def test_another_offices_seal_is_none() -> None:
    assert not is_sealed(SECRET, seal(bytes(32), **PARTS), **PARTS)


@pytest.mark.parametrize("value", [None, "", "không có", seal(SECRET, **PARTS)[:-1]])
def test_what_is_no_seal_is_none(value: str | None) -> None:
    assert not is_sealed(SECRET, value, **PARTS)


def test_text_that_moves_from_one_part_to_the_next_breaks_the_seal() -> None:
    one = seal(SECRET, **{**PARTS, "plan": "a|b", "template_version": "c"})
    assert one != seal(SECRET, **{**PARTS, "plan": "a", "template_version": "b|c"})


def test_a_client_that_decomposes_letters_does_not_break_the_seal() -> None:
    decomposed = {name: unicodedata.normalize("NFD", part) for name, part in PARTS.items()}
    assert decomposed != PARTS
    assert is_sealed(SECRET, seal(SECRET, **PARTS).upper(), **decomposed)
