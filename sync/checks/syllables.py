"""What a written Vietnamese syllable can be: an onset and a rhyme with its tone mark in one of the customary places.

A judgement on spelling, not a dictionary: "nhủng" is possible. Old and new places of the tone (hòa, hoà) both are.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

TONES = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
"""None, huyền, hỏi, ngã, sắc, nặng, as combining marks."""

_ONSETS = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x"
_RHYMES = """
a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
e ec em en eng eo ep et ê êch êm ên ênh êp êt êu
i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu y ych ynh yt yêm yên yêng yêt yêu
o oc oi om on ong op ot oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oe oen oeo oet ooc oong
ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
u ua uc ui um un ung up ut uân uâng uât uây uê uêch uênh uơ uôc uôi uôm uôn uông uôt
uy uya uych uyn uynh uyp uyt uyu uyên uyêt ư ưa ưc ưi ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu
"""
_STOPS = ("c", "ch", "p", "t")
_STOPPED_TONES = TONES[4:]
"""Syllables that end in a stop have sắc or nặng."""
_MARKED, _PLAIN = "ăâêôơư", "aeiouy"
_FRONT = "eêiy"


def is_syllable(word: str) -> bool:
    """Whether `word`, in lower case and NFC, can be a Vietnamese syllable."""
    return len(word) <= _LONGEST and _is_syllable(word)


@lru_cache(maxsize=8192)
def _is_syllable(word: str) -> bool:
    return any(word[at:] in _TONED and _go_together(word[:at], word[at:]) for at in range(min(len(word), 4)))


def _go_together(onset: str, rhyme: str) -> bool:
    """Whether `onset` is spelt as it must be before the first letter of `rhyme`."""
    if onset not in _KNOWN_ONSETS:
        return False
    front = unicodedata.normalize("NFD", rhyme)[0] in _FRONT
    match onset:
        case "c" | "ng":
            return not front
        case "k" | "gh" | "ngh":
            return front
        case "g":
            return not front or unicodedata.normalize("NFD", rhyme)[0] == "i"
        case "qu":
            return rhyme[0] != "u"
    return True


def _toned(rhyme: str) -> Iterator[str]:
    tones = _STOPPED_TONES if rhyme.endswith(_STOPS) else TONES
    for at in _places(rhyme):
        for tone in tones:
            yield unicodedata.normalize("NFC", f"{rhyme[: at + 1]}{tone}{rhyme[at + 1 :]}")


def _places(rhyme: str) -> tuple[int, ...]:
    """Where in `rhyme` the tone mark may stand."""
    marked = [at for at, letter in enumerate(rhyme) if letter in _MARKED]
    if marked:
        return (marked[-1],)
    vowels = sum(letter in _PLAIN for letter in rhyme)
    if vowels == 2 and rhyme in ("oa", "oe", "uy"):
        return (0, 1)
    if vowels == 1 or (vowels == 2 and len(rhyme) == 2):
        return (0,)
    return (1,)


_KNOWN_ONSETS = frozenset(["", *_ONSETS.split()])
_TONED = frozenset(toned for rhyme in _RHYMES.split() for toned in _toned(rhyme))
_LONGEST = 7
"""Letters of the longest syllable: nghiêng."""
