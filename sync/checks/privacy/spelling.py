"""How Vietnamese is typed: with and without diacritics. Pure functions for the other modules."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

UPPER = "A-ZÀ-ÖØ-ÝĂĐĨŨƠƯ" + "".join(map(chr, range(0x1EA0, 0x1EFA, 2)))
"""The inside of a character class: capital letters of Vietnamese."""
LETTER = r"[^\W\d_]"


def flat(word: str) -> str:
    """`word` in lower case and without diacritics: "Đặng" is "dang"."""
    apart = unicodedata.normalize("NFD", word.lower().replace("đ", "d"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def spelt(pattern: str) -> str:
    """`pattern` (lower case, NFC) that also matches each of its letters typed without its diacritics.

    Another diacritic is another word: spelt("cô") matches "cô" and "co" but not "có". Not for inside character classes.
    """
    return "".join(letter if letter.isascii() else f"[{letter}{flat(letter)}]" for letter in pattern)


def one_of(words: Iterable[str]) -> str:
    """A group that matches any of `words`, typed with or without diacritics."""
    longest_first = sorted(set(words), key=lambda word: (-len(word), word))
    return "(?:" + "|".join(spelt(re.escape(word)) for word in longest_first) + ")"


def lowered(text: str) -> str:
    """`text` in lower case, letter for letter, so that positions in it are positions in `text`."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text)
