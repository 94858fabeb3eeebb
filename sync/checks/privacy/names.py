"""A child's name in a text, and the name of a child's relative, where capitals show them.

A run of words with capitals is put into what stands before the name, the name, and what stands after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from sync.checks.privacy import context
from sync.checks.privacy.context import AFTER, NOTHING, Before
from sync.checks.privacy.kinds import CHILD, RELATIVE
from sync.checks.privacy.spelling import LETTER, UPPER
from sync.checks.privacy.words import FAMOUS, GIVEN_NAMES, LISTS, NO_NAMES, PROVINCES, SURNAMES, both, is_given_name

_WORD = rf"(?:[{UPPER}][hgr]{{0,2}}\.|[{UPPER}]['’]?{LETTER}{{0,14}})"
_RUN = re.compile(rf"(?<![\w.])(?<!\w['’-]){_WORD}(?:\s?{_WORD}){{0,7}}")
_WORDS_AND_LETTERS = re.compile(r"[^\s.]+\.?")
_LAST_WORD = re.compile(r"(\w+)\W{0,3}$")
_CALLED_BY = both(LISTS["called_by"])
_HEADS = both(LISTS["titles"] + LISTS["institutions"]) - both(LISTS["no_heads"]) | both(LISTS["heads"])
_HEADS |= frozenset(LISTS["exact_heads"])
_EXAMPLES = frozenset("abcxyz")
"""Pupil A hits pupil B: nobody, in a play."""


class Candidate(NamedTuple):
    """Words that may be a name: where they stand in the text, and the words themselves in lower case."""

    start: int
    end: int
    words: tuple[str, ...]
    initials: bool
    """Whether some of it is letters that stand for names."""
    goes_on: bool
    """Whether the sentence goes on behind it."""

    @property
    def full(self) -> bool:
        """Whether it begins with a surname and goes on."""
        return len(self.words) > 1 and self.words[0] in SURNAMES and not self.initials


def find(text: str, lower: str, loud: bool) -> str | None:
    """CHILD or RELATIVE where `text` (NFC, one line) names one, else None.

    `lower` is `text` in lower case; `loud` tells whether a part of it is all in capitals.
    """
    adult_end = -AFTER
    for candidate in _candidates(text, lower, loud):
        before = Before.of(lower, candidate.start)
        after = lower[candidate.end : candidate.end + AFTER]
        if context.RELATIVE(before):
            return RELATIVE
        near = candidate.start - adult_end < AFTER
        if (near and context.LISTED.match(lower[adult_end : candidate.start])) or _is_grown_up(before, after):
            adult_end = candidate.end
        elif _is_child(candidate, before, after):
            return CHILD
    return None


def _candidates(text: str, lower: str, loud: bool) -> Iterator[Candidate]:
    for run in _RUN.finditer(text):
        if loud and run.group().isupper() and "." not in run.group():
            continue
        candidate = _candidate(text, lower, run.start(), run.end())
        if candidate is not None and (
            candidate.initials or candidate.full or is_given_name(candidate.words[0]) or _called(lower, candidate.start)
        ):
            yield candidate


def _candidate(text: str, lower: str, start: int, end: int) -> Candidate | None:
    """The run from `start` to `end` without titles and other words with a capital at its head."""
    found = lower[start:end]
    words = found.split() if "." not in found else _WORDS_AND_LETTERS.findall(found)
    kept = words
    while kept and kept[0] in _HEADS and not (len(kept) == 1 and kept[0] in GIVEN_NAMES):
        kept = kept[1:]
    if not kept:
        return None
    if len(kept) < len(words):
        start = end - len(found.split(None, len(words) - len(kept))[-1])
    behind = text[end : end + 2].strip()[:1]
    goes_on = behind != "" and not behind.isupper()
    return Candidate(start, end, tuple(kept), any(map(_is_short, kept)), goes_on)


def _called(lower: str, position: int) -> bool:
    """Whether the last word before a name is one that people and children are called by."""
    return not _CALLED_BY.isdisjoint(_LAST_WORD.findall(lower[max(0, position - 8) : position]))


def _is_grown_up(before: Before, after: str) -> bool:
    return bool(context.TITLE(before) or context.ROLE_AFTER.match(after) or context.BORN_LONG_AGO_AFTER.match(after))


def _is_child(candidate: Candidate, before: Before, after: str) -> bool:
    name = " ".join(candidate.words)
    beside = context.CLASS_AFTER.match(after) is not None
    if name in FAMOUS or name in PROVINCES:
        return beside and context.ONE_CHILD(before)
    if context.INSTITUTION(before):
        return False
    if candidate.initials:
        return _is_child_by_initials(candidate, before, beside)
    if candidate.full:
        placed = beside or context.CLASS_BEFORE.search(before.text) is not None
        return placed or context.A_CHILD(before) or _in_trouble(before, after)
    return _is_child_by_given_name(candidate, before, after)


def _in_trouble(before: Before, after: str) -> bool:
    """Whether a birth or something that happens to children follows the name, or a case goes before it."""
    return bool(context.BORN_AFTER.match(after) or context.TROUBLE_AFTER.match(after) or context.CASE(before))


def _is_child_by_initials(candidate: Candidate, before: Before, beside: bool) -> bool:
    """A name that somebody believed to be hidden: "N.V.A", "Trần T. B.", "T.", "H"."""
    first, *rest = candidate.words
    called = context.A_CHILD(before)
    if any(map(_is_short, rest)) or (rest and not _is_short(first)):
        return called or beside
    dotted = first.endswith(".") and not rest and candidate.goes_on
    return called and (beside or dotted or first.rstrip(".") not in _EXAMPLES)


def _is_short(word: str) -> bool:
    return len(word) == 1 or word[-1] == "."


def _is_child_by_given_name(candidate: Candidate, before: Before, after: str) -> bool:
    known = all(map(is_given_name, candidate.words[:2]))
    if candidate.words[0] in NO_NAMES:
        return False
    evident = context.CLASS_AFTER.match(after) is not None or _in_trouble(NOTHING, after)
    if context.ONE_CHILD(before):
        return known or evident or not context.MANY.search(before.text)
    if context.A_CHILD(before):
        return (known and evident) or context.NAMED(before)
    if not known or (before.text + after).isascii():
        return False
    return bool(context.CLASS_BESIDE.match(after) or context.CLASS_BEFORE.search(before.text))
