"""Text typed in the fonts of before Unicode: TCVN3 (ABC, fonts named .Vn…) and VNI (fonts named VNI-…).

Such text reaches us as the Latin-1 characters that stand at the codes of the old fonts: "Tr­êng TiÓu häc" and
"Tröôøng Tieåu hoïc" for "Trường Tiểu học". TCVN3 is the character set VN3 of TCVN 5712:1993, one character a letter;
VNI writes marks as characters of their own behind the letter.

TCVN3 has capitals for Ă Â Đ Ê Ô Ơ Ư only; other capitals are the small letters in a font of capitals. Readings put them
in capitals where the rest of the word is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from sync.checks.syllables import TONES, is_syllable

Encoding = Literal["TCVN3", "VNI"]

# Each vowel in the order of TONES: none, huyền, hỏi, ngã, sắc, nặng.
_TCVN3_VOWELS = {
    "a": "aµ¶·¸¹", "ă": "¨»¼½¾Æ", "â": "©ÇÈÉÊË", "e": "eÌÎÏÐÑ", "ê": "ªÒÓÔÕÖ", "i": "i×ØÜÝÞ",
    "o": "oßáâãä", "ô": "«åæçèé", "ơ": "¬êëìíî", "u": "uïñòóô", "ư": "\u00adõö÷øù", "y": "yúûüýþ",
}  # fmt: skip
_TCVN3_CAPITALS = {"Ă": "¡", "Â": "¢", "Ê": "£", "Ô": "¤", "Ơ": "¥", "Ư": "¦", "Đ": "§"}
_VNI_VOWELS = {
    "a": "a aø aû aõ aù aï", "ă": "aê aè aú aü aé aë", "â": "aâ aà aå aã aá aä",
    "e": "e eø eû eõ eù eï", "ê": "eâ eà eå eã eá eä", "i": "i ì æ ó í ò",
    "o": "o oø oû oõ où oï", "ô": "oâ oà oå oã oá oä", "ơ": "ô ôø ôû ôõ ôù ôï",
    "u": "u uø uû uõ uù uï", "ư": "ö öø öû öõ öù öï", "y": "y yø yû yõ yù î",
}  # fmt: skip

_SIGNS = frozenset("µ¶·¸¨»¼½¾©®ª«¬§¡¢£¤¥¦")
"""Letters of TCVN3 that are no letters of any other writing and that nothing else puts inside a word."""


def _letters(vowels: Mapping[str, str | list[str]], small_d: str) -> dict[str, str]:
    """Small Vietnamese letter → how it is typed; without the letters of ASCII."""
    typed = {
        unicodedata.normalize("NFC", vowel + tone): form
        for vowel, forms in vowels.items()
        for tone, form in zip(TONES, forms, strict=True)
    }
    return {"đ": small_d, **{letter: form for letter, form in typed.items() if not letter.isascii()}}


_TCVN3_TYPED = _letters(_TCVN3_VOWELS, "®")
_TCVN3_TYPED |= {letter.upper(): _TCVN3_CAPITALS.get(letter.upper(), form) for letter, form in _TCVN3_TYPED.items()}
_VNI_TYPED = _letters({vowel: forms.split() for vowel, forms in _VNI_VOWELS.items()}, "ñ")
_VNI_TYPED |= {letter.upper(): form.upper() for letter, form in _VNI_TYPED.items()}

_TCVN3_READ = {ord(form): letter for letter, form in reversed(_TCVN3_TYPED.items())}
_VNI_READ = {form: letter for letter, form in _VNI_TYPED.items()}
# A capital whose mark was left small.
_VNI_READ |= {form[0] + form[1:].lower(): letter for form, letter in _VNI_READ.items() if len(form) == 2}
_VNI_FORM = re.compile("|".join(sorted(_VNI_READ, key=len, reverse=True)))

_WORD = "[A-Za-z\u00a1-\u00ffĂăĐđĨĩŨũƠơƯư\u1ea0-\u1ef9]+"
_ASIDE = r"(?<!\S)\S+@\S+|https?://\S+|www\.\S+|[0-9]\s?[µμ][A-Za-z]{1,2}(?![A-Za-z\u00a1-\u00ff])"
"""What is never prose: addresses, and figures in micrometres."""
_PIECE = re.compile(f"(?P<aside>{_ASIDE})|{_WORD}")
_ODD_CAPITAL = re.compile("[a-zà-öø-þ][À-ÖØ-Þ]")
_VOWEL = re.compile("[aeiouyăâêôơư]")

_CERTAIN, _CERTAIN_AMONG_UNICODE = 2, 4
"""Marks of the old font that make it certain."""


def typed_in(text: str, encoding: Encoding) -> str:
    """`text` (NFC) as it reaches us when it was typed in an old font."""
    typed = _TCVN3_TYPED if encoding == "TCVN3" else _VNI_TYPED
    return "".join(typed.get(letter, letter) for letter in text)


def reading_of(text: str) -> tuple[Encoding, str] | None:
    """The encoding of a text in an old font and what the text says; None where that is not certain.

    It is certain where several marks of the old font turn words that cannot be Vietnamese into words that can, and
    hardly any word the other way. Where the rest of the text is Unicode only those words are converted.
    """
    words = [found[0] for found in _PIECE.finditer(text) if found["aside"] is None]
    plain = {word for word in words if len(word) > 1 and word.isascii() and word.islower()}
    foreign = max(0, len(plain) - 2 * sum(map(is_syllable, plain)))
    odd = {word for word in words if not word.isascii()}
    counts = [_count(encoding, odd, foreign) for encoding in ("TCVN3", "VNI")]
    best = max(counts, key=lambda count: (count.marks, -count.wrong))
    if not best.is_certain:
        return None
    return best.encoding, _converted(text, best)


@dataclass(frozen=True, slots=True)
class _Count:
    """What an encoding makes of the words of a text."""

    encoding: Encoding
    gained: frozenset[str]
    """Words that it makes Vietnamese."""
    marks: int
    wrong: int
    """Words that are not Vietnamese with it or without, the foreign words in ASCII among them."""
    unicode: int
    """Words that are Vietnamese as they stand, and only so."""

    @property
    def is_certain(self) -> bool:
        needed = _CERTAIN_AMONG_UNICODE if self.unicode else _CERTAIN
        return self.marks >= needed and len(self.gained) > self.wrong


class _Weight(NamedTuple):
    kind: Literal["gained", "either", "wrong", "unicode"]
    marks: int = 0


def _count(encoding: Encoding, words: set[str], foreign: int) -> _Count:
    weights = {word: _weigh(encoding, word) for word in words}
    kinds = [weight.kind for weight in weights.values()]
    gained = frozenset(word for word, weight in weights.items() if weight.kind == "gained")
    marks = sum(weight.marks for weight in weights.values())
    return _Count(encoding, gained, marks, foreign + kinds.count("wrong"), kinds.count("unicode"))


@lru_cache(maxsize=4096)
def _weigh(encoding: Encoding, word: str) -> _Weight:
    """What `word`, which has letters outside ASCII, speaks for."""
    if max(word) > "\u00ff":
        return _Weight("unicode")
    read = _READERS[encoding](word)
    sound = is_syllable(word.lower()) and not _ODD_CAPITAL.search(word)
    if read is not None and is_syllable(read.lower()):
        return _Weight("either") if sound or len(word) == 1 else _Weight("gained", _marks(encoding, word))
    if sound:
        return _Weight("unicode")
    is_abbreviation = read is not None and not _VOWEL.search(unicodedata.normalize("NFD", read.lower()))
    return _Weight("either" if is_abbreviation else "wrong")


def _marks(encoding: Encoding, word: str) -> int:
    """How many marks of the old font `word` has; a sign inside a word counts twice."""
    if encoding == "VNI":
        return sum(_VNI_READ[form] != form for form in _VNI_FORM.findall(word))
    changed = [letter for letter in word if _TCVN3_READ.get(ord(letter), letter) != letter]
    return sum(1 + (letter in _SIGNS and len(word) > 2) for letter in changed)


def _read_tcvn3(word: str) -> str | None:
    """`word` in Unicode; None where a letter is not of the encoding."""
    return (
        word.translate(_TCVN3_READ) if all(letter.isascii() or ord(letter) in _TCVN3_READ for letter in word) else None
    )


def _read_vni(word: str) -> str | None:
    return _convert_vni(word) if _VNI_FORM.sub("", word).isascii() else None


def _convert_vni(text: str) -> str:
    return _VNI_FORM.sub(lambda found: _VNI_READ[found[0]], text)


_READERS: Mapping[Encoding, Callable[[str], str | None]] = {"TCVN3": _read_tcvn3, "VNI": _read_vni}


def _converted(text: str, count: _Count) -> str:
    in_capitals = not re.search("[a-z]", text) and re.search("[A-Z].*[A-Z]", text) is not None

    def convert(found: re.Match[str]) -> str:
        word = found[0]
        if found["aside"] is not None or (count.unicode and word not in count.gained):
            return word
        return _convert_vni(word) if count.encoding == "VNI" else _convert_tcvn3(word, in_capitals)

    return _PIECE.sub(convert, text)


def _convert_tcvn3(word: str, in_capitals: bool) -> str:
    read = word.translate(_TCVN3_READ)
    capitals = sum("A" <= letter <= "Z" or "¡" <= letter <= "§" for letter in word)
    is_capital = not re.search("[a-z]", word) and (in_capitals or capitals > 1)
    return read.upper() if is_capital else read
