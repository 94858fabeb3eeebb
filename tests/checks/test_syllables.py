"""Vietnamese spelling is told from what only looks like it."""

from __future__ import annotations

import re

import pytest

from sync.checks.syllables import is_syllable
from tests.checks.test_writing import LINES


@pytest.mark.parametrize(
    "words",
    [
        "nghiêng khuỷu ngoằn ngoèo quốc quý quyết giếng gì gìn giữ ý yêu ủy uỷ hòa hoà thủy thuỷ",
        "trường tiểu học xuyên khuya quạ huơ ngoáy xoong đoàn oan",
    ],
)
def test_syllables_are(words: str) -> None:
    assert [word for word in words.split() if not is_syllable(word)] == []


@pytest.mark.parametrize(
    "word",
    [
        "", "b", "thcs", "café", "où", "thaønh", "häc", "hoc", "hộc̣", "cá́", "caù", "kà", "ce", "nge", "gê",
        "nghiêngg", "tràp", "tiểuhọc", "camera",
    ],
)  # fmt: skip
def test_other_words_are_none(word: str) -> None:
    assert not is_syllable(word)


def test_nearly_every_word_of_the_plan_is_one() -> None:
    words = {word.lower() for line in LINES for word in re.findall(r"[^\W\d_]+", line) if not word.isupper()}
    others = {word for word in words if not is_syllable(word)}
    assert others == {"facebook", "fanpage", "zalo", "camera", "website", "vnedu", "stt", "gdtrh"}
