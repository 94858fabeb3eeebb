"""A child's name where capitals show nothing: in text all in capitals, in small letters, or without diacritics."""

from __future__ import annotations

import re

from sync.checks.privacy import context
from sync.checks.privacy.context import AFTER, Before
from sync.checks.privacy.kinds import CHILD, RELATIVE
from sync.checks.privacy.spelling import LETTER, UPPER, one_of, spelt
from sync.checks.privacy.words import FAMOUS, LISTS, MIDDLE_NAMES, is_given_name

_STRONG_SURNAMES = frozenset(LISTS["strong_surnames"])
_BARE_STRONG_SURNAMES = frozenset(LISTS["bare_strong_surnames"])
_NO_NAMES = frozenset(LISTS["no_quiet_names"])
_LOUD = re.compile(rf"(?:[{UPPER}]{{2,9}}[\s,:.\d/]{{1,6}}){{5}}")
# Names overlap: "chau" is a surname too.
_SURNAME = re.compile(rf"(?<!\w)(?=({one_of(LISTS['surnames'])}(?:\s{LETTER}{{1,8}}(?!\w)){{1,4}}))")
_CHILD = one_of(("em", "cháu", "bé", "bạn", "trò", "hs", "học sinh"))
_GIVEN = re.compile(rf"(?<!\w){_CHILD}\s(?:{spelt('tên')}\s)?({LETTER}{{1,8}}(?:\s{LETTER}{{1,8}})?)")
_INITIALS = re.compile(rf"(?<!\w){_CHILD}\s(?:[a-zđ]\.\s?){{1,4}}[a-zđ]?[\s,(-]{{0,3}}{spelt('lớp')}\s")


def is_loud(text: str) -> bool:
    """Whether a part of `text` is all in capitals."""
    return sum(map(str.isupper, text.split())) >= 5 and _LOUD.search(text) is not None


def find(text: str, lower: str, loud: bool) -> str | None:
    """CHILD or RELATIVE where `text` (NFC, one line) names one, else None.

    `lower` is `text` in lower case; `loud` is what `is_loud` says of it.
    """
    bare = text.isascii()
    plain = bare or loud
    if not plain and _STRONG_SURNAMES.isdisjoint(text.split()):
        return None
    for match in _SURNAME.finditer(lower):
        words = match.group(1).split()
        typed = text[match.start() : match.start() + len(" ".join(words[:2]))]
        if typed.islower() or typed.isupper():
            kind = _full_name(lower, match.start(), words, bare)
            if kind:
                return kind
    if plain and (_INITIALS.search(lower) or any(_given_name(lower, match) for match in _GIVEN.finditer(lower))):
        return CHILD
    return None


def _full_name(lower: str, start: int, words: list[str], bare: bool) -> str | None:
    """The kind of a name that is found by its surname: `words` are the surname and what follows it."""
    before = Before.of(lower, start)
    if context.RELATIVE(before):
        return RELATIVE
    if context.TITLE(before) or context.INSTITUTION(before):
        return None
    called = context.A_CHILD(before)
    for size in range(len(words), 1, -1):
        name = words[:size]
        end = start + len(" ".join(name))
        after = lower[end : end + AFTER]
        if context.ROLE_AFTER.match(after) or " ".join(name) in FAMOUS:
            return None
        if _is_child(name, after, called, bare):
            return CHILD
    return None


def _is_child(name: list[str], after: str, called: bool, bare: bool) -> bool:
    """Whether `name` is a child's: its words are names and a child is spoken of, or a class or a birth follows."""
    strong = name[0] in _BARE_STRONG_SURNAMES or (not bare and name[0] in _STRONG_SURNAMES)
    proper = all(map(is_given_name, name[1:])) and name[-1] not in MIDDLE_NAMES
    long = len(name) > 2
    marked = long and name[1] in MIDDLE_NAMES
    if context.CLASS_AFTER.match(after) or context.BORN_AFTER.match(after):
        return (marked and strong) or (called and (marked or proper)) or (proper and long)
    return called and proper and (marked or strong)


def _given_name(lower: str, match: re.Match[str]) -> bool:
    """Whether a given name stands after "em", "cháu", "bé" and a class after it."""
    words = match.group(1).split()
    if context.MANY.search(lower[max(0, match.start() - 12) : match.start(1)]):
        return False
    for size in range(len(words), 0, -1):
        end = match.start(1) + len(" ".join(words[:size]))
        named = all(is_given_name(word) and word not in _NO_NAMES for word in words[:size])
        if named and context.CLASS_AFTER.match(lower[end : end + AFTER]):
            return True
    return False
