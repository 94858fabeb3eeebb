"""Where a person lives, in a text. Places of schools, of meetings and of many people are no address."""

from __future__ import annotations

import re

from sync.checks.privacy.kinds import ADDRESS
from sync.checks.privacy.spelling import one_of, spelt
from sync.checks.privacy.words import LISTS, both

_PLACE_WORDS = both(phrase.split()[-1] for phrase in LISTS["places"])
_LIVES_WORDS = both(phrase.split()[-1] for phrase in LISTS["lives"])
_HOME_WORDS = both(phrase.split()[-1] for phrase in LISTS["one_home"])
_HOUSE_WORDS = tuple(both(("số nhà", "nhà số")))
_NUMBER = spelt("số")
_HOUSE = re.compile(rf"(?<!\w){spelt('(?:số nhà|nhà số)')}\s?:?\s?\d")
_NUMBERED = re.compile(
    rf"(?<!\w)({_NUMBER}\s)?\d{{1,4}}[a-z]?(?:/\d{{1,4}}[a-z]?){{0,3}}\s?,?\s{one_of(LISTS['streets'])}\s"
)
_PLACE = re.compile(rf"[^.;!?]{{0,60}}?(?<!\w){one_of(LISTS['places'])}\s(?:{_NUMBER}\s)?(\w)")
_LIVES = re.compile(rf"(?<!\w){one_of(LISTS['lives'])}(?!\w)")
_AT_HOME = re.compile(
    rf"(?<!\w){one_of(LISTS['one_home'])}(?!\w)[^.;!?]{{0,40}}?(?<!\w){one_of(LISTS['home_verbs'])}(?!\w)"
)
_PUBLIC = re.compile(rf"(?<!\w){one_of(LISTS['public_places'])}(?!\w)")
_CROWD = re.compile(
    rf"(?<!\w){one_of(LISTS['crowds'])}(?!\w)|(?<!\w)(?!0?1\s)\d{{1,4}}\s{spelt('(?:em|cháu|trẻ|hộ)')}(?!\w)"
)
_ONE = re.compile(rf"(?:{spelt('một')}|0?1)\s{one_of(('học sinh', 'em', 'cháu', 'trẻ', 'hs'))}")
_LABEL = re.compile(rf"(?<!\w){one_of(LISTS['home_labels'])}(?!\w)")
_STOP = re.compile(r"[.;!?]\s")


def find(text: str, lower: str) -> str | None:
    """ADDRESS where `text` (NFC, one line) tells where a person lives, else None; `lower` is `text` in lower case."""
    if any(words in lower for words in _HOUSE_WORDS) and _house(lower):
        return ADDRESS
    words = lower.split()
    if _PLACE_WORDS.isdisjoint(words):
        return None
    return ADDRESS if _numbered(lower) or _home(text, lower, words) else None


def _clause(lower: str, position: int) -> str:
    """What stands before `position` in its sentence, at most 80 letters."""
    return _STOP.split(lower[max(0, position - 80) : position])[-1]


def _house(lower: str) -> bool:
    return any(not _PUBLIC.search(_clause(lower, match.start())) for match in _HOUSE.finditer(lower))


def _numbered(lower: str) -> bool:
    """A house by its number in a street or hamlet, beside a word that says that somebody lives there."""
    for match in _NUMBERED.finditer(lower):
        before = _clause(lower, match.start())
        at_home = _LABEL.search(before) or (match.group(1) and _AT_HOME.search(before + "số "))
        if at_home and not _PUBLIC.search(before) and not _CROWD.search(before):
            return True
    return False


def _home(text: str, lower: str, words: list[str]) -> bool:
    """A hamlet, street or quarter, beside a word that says that somebody lives there."""
    lives, at_home = not _LIVES_WORDS.isdisjoint(words), not _HOME_WORDS.isdisjoint(words)
    spans = [(match.start(), match.end()) for match in _LIVES.finditer(lower)] if lives else []
    spans += [(match.end(), match.end()) for match in _AT_HOME.finditer(lower)] if at_home else []
    for start, end in spans:
        place = _PLACE.match(lower, end)
        if place is None or not _is_name(text[place.start(1)], text):
            continue
        before = _clause(lower, start)
        crowd = _CROWD.search(before) and not _ONE.search(before)
        if not crowd and not _PUBLIC.search(before):
            return True
    return False


def _is_name(letter: str, text: str) -> bool:
    """Whether a name or number begins with `letter`; in small letters everything may be a name."""
    return letter.isdigit() or letter.isupper() or text.islower()
