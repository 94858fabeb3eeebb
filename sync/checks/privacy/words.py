"""The word lists of the screening, from words.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path

from sync.checks.privacy.spelling import flat

_OLD_TONES = (("òa", "oà"), ("óa", "oá"), ("ỏa", "oả"), ("ùy", "uỳ"), ("úy", "uý"), ("ủy", "uỷ"), ("ụy", "uỵ"))


def _lists() -> dict[str, tuple[str, ...]]:
    written = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))
    return {name: tuple(" ".join(words.split()).split(", ")) for name, words in written.items()}


def both(words: Iterable[str]) -> frozenset[str]:
    """`words` in lower case, with and without diacritics."""
    return frozenset(form for word in words for form in (word.lower(), flat(word)))


LISTS = _lists()
"""The lists by their names in words.toml."""
SURNAMES = both(LISTS["surnames"])
MIDDLE_NAMES = both(("văn", "thị"))
"""Words that stand between a surname and a given name."""
_GIVEN_NAMES = frozenset(LISTS["given_names"])
GIVEN_NAMES = _GIVEN_NAMES | {word.replace(*tones) for word in _GIVEN_NAMES for tones in _OLD_TONES}
_BARE_GIVEN_NAMES = frozenset(map(flat, _GIVEN_NAMES)) - set(LISTS["no_bare_names"])
NO_NAMES = (both(LISTS["no_names"]) - (_BARE_GIVEN_NAMES - set(LISTS["no_names"]))) | set(LISTS["abbreviations"])
FAMOUS = both(LISTS["famous"])
PROVINCES = both(LISTS["provinces"])


def is_given_name(word: str) -> bool:
    """Whether `word` (lower case) is a given name, with its own diacritics or with none."""
    return word in GIVEN_NAMES or (word.isascii() and word in _BARE_GIVEN_NAMES)
