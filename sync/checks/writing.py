"""How a text is written: old fonts, characters that nobody sees, foreign letters that look like ours. Pure.

Texts are expected as the reader gives them, in NFC. Nothing is ever stored otherwise than it was typed: what a text
probably says is a proposal in the finding.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from sync.checks import legacy

Params = dict[str, str]

READING = 200
"""Characters of a proposed reading."""
_NAMED = 10
"""Characters that a finding names."""

_SOFT_HYPHEN, _JOINER = "\u00ad", "\u200d"
_HIDDEN = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f"
    "\ufeff\ufff9-\ufffd\ue000-\uf8ff\ud800-\udfff\U000e0000-\U000e007f\U000f0000-\U0010ffff"
)
_HIDDEN_CHARACTER = re.compile(f"[{_HIDDEN}]")

_CYRILLIC = dict(zip("АВЕЅІЈКМНОРСТУХаеорсухѕіјкһԁԛԝӏ", "ABESIJKMHOPCTYXaeopcyxsijkhdqwl", strict=True))
_GREEK_CAPITALS = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", strict=True))
_GREEK_SMALL = dict(zip("αικνορυ", "aikvopu", strict=True))
"""Also signs of mathematics and physics, unless they stand in a word."""
_FOREIGN = {**_CYRILLIC, **_GREEK_CAPITALS, **_GREEK_SMALL}
_LATIN = dict(zip("ÐðƉɖıɑɡ", "ĐđĐđiag", strict=True))
"""Latin letters of other languages, the Icelandic Ð before all: many keyboards give it for Đ."""
_STYLED_RANGES = "\uff21-\uff3a\uff41-\uff5a\U0001d400-\U0001d6a3"
_STYLED = re.compile(f"[{_STYLED_RANGES}]")
_WORD = re.compile("(?:[^\\W\\d_][\u0300-\u036f]*)+")

# Two looks tell nearly every text that nothing is wrong with it: it has ordinary characters only, and no letters that
# do not follow each other in Vietnamese, as they do in VNI and TCVN3. The first is four times as fast as _SUSPECT.
_LETTERS = "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ"
_ORDINARY = re.compile(f"[\t\n\r -~{_LETTERS}{_LETTERS.upper()}–—‘’“”…•°]*")
_SUSPECT = re.compile(
    f"[{_HIDDEN}{_STYLED_RANGES}{''.join(_LATIN)}\u0370-\u052f\u1f00-\u1fff¡-¯µ-¹»-¾ÄÅÆÇËÎÏÑÖ×ØÛÜÞßäåæçëîïñö÷øûüþÿ]"
)
_SUSPECT_PAIR = re.compile(
    "[À-ÃÈ-ÊÌÍÒ-ÕÙÚÝàáâãèéêõùú]"
    "(?:(?<=[a-z][À-Ý])|(?<=[aeAE][ÙÕÂÊÁÀÃÉÈÚùõâêáàãéèú])|(?<=[oO][ÙÕÂùõâ])|(?<=[uyôUYÔ][ÙÕùõ]))"
)


def doubts(texts: Sequence[str | None]) -> list[list[tuple[str, Params]]]:
    """For each text what is to be said of its writing, as (finding code, named parts of the message).

    legacy-font       encoding ('TCVN3' or 'VNI'), reading (what the text says, at most READING characters)
    hidden-characters names (Unicode names, U+XXXX for those without, separated by commas)
    look-alike-letters letters (as hidden ones are named, beside the letter), reading

    A text that comes more than once is looked at once. Equal lists may be one list: do not change them.
    """
    nothing: list[tuple[str, Params]] = []
    known: dict[str | None, list[tuple[str, Params]]] = {None: nothing}
    for text in texts:
        if text not in known and text is not None:
            known[text] = _doubts(text) if _is_suspect(text) else nothing
    return [known[text] for text in texts]


def meant(text: str) -> str:
    """The whole of `text` as a reader understands it: in Unicode, in the right letters, without hidden characters."""
    if not _is_suspect(text):
        return text
    old = legacy.reading_of(text)
    return _HIDDEN_CHARACTER.sub("", old[1] if old is not None else _look_alikes(text)[1])


def _is_suspect(text: str) -> bool:
    if text.isascii():
        return not text.isprintable() and _HIDDEN_CHARACTER.search(text) is not None
    if _ORDINARY.fullmatch(text) is None and _SUSPECT.search(text) is not None:
        return True
    return _SUSPECT_PAIR.search(text) is not None


def _doubts(text: str) -> list[tuple[str, Params]]:
    found: list[tuple[str, Params]] = []
    old = legacy.reading_of(text)
    if old is not None:
        found.append(("legacy-font", {"encoding": old[0], "reading": _short(old[1])}))
    names = _hidden(text, is_tcvn3=old is not None and old[0] == "TCVN3")
    if names:
        found.append(("hidden-characters", {"names": _listed(names)}))
    # The codes of an old font are no look-alikes.
    wrong, reading = _look_alikes(text) if old is None else ([], "")
    if wrong:
        named = [f"{letter} ({_code(letter)})" for letter in wrong]
        found.append(("look-alike-letters", {"letters": _listed(named), "reading": _short(reading)}))
    return found


def _short(text: str) -> str:
    return text if len(text) <= READING else text[: READING - 1] + "…"


def _listed(names: Sequence[str]) -> str:
    """The `names`, or the first of many."""
    return ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")


def _hidden(text: str, is_tcvn3: bool) -> list[str]:
    names: dict[str, str] = {_SOFT_HYPHEN: ""} if is_tcvn3 else {}
    for found in _HIDDEN_CHARACTER.finditer(text):
        character = found[0]
        if character not in names and not (character == _JOINER and _joins_pictures(text, found.start())):
            names[character] = unicodedata.name(character, _code(character))
    return [name for name in names.values() if name]


def _joins_pictures(text: str, at: int) -> bool:
    """Whether the joiner at `at` makes one emoji of two."""
    around = text[max(0, at - 2) : at].rstrip("\ufe0f")[-1:], text[at + 1 : at + 2]
    return all(character and unicodedata.category(character) in ("So", "Sk") for character in around)


def _code(character: str) -> str:
    return f"U+{ord(character):04X}"


def _look_alikes(text: str) -> tuple[list[str], str]:
    """The different foreign letters of `text`, and `text` in the right ones."""
    letters: dict[str, None] = {}

    def mend(found: re.Match[str]) -> str:
        word = unicodedata.normalize("NFD", found[0])
        wrong = _wrong_letters(word)
        letters.update(wrong)
        if not wrong:
            return found[0]
        return unicodedata.normalize("NFC", "".join(_right(letter) if letter in wrong else letter for letter in word))

    reading = _WORD.sub(mend, text)
    return list(letters), reading


def _wrong_letters(word: str) -> dict[str, None]:
    """The letters of `word` (NFD) that are to be replaced, in their order. A wholly foreign word is in order."""
    distinct = dict.fromkeys(word)
    wrong = dict.fromkeys(letter for letter in distinct if letter in _LATIN or _STYLED.match(letter))
    foreign = dict.fromkeys(letter for letter in distinct if letter in _FOREIGN)
    others = [letter for letter in distinct if letter.isalpha() and letter not in foreign]
    latin = [letter for letter in others if letter in wrong or "LATIN" in unicodedata.name(letter, "")]
    if not foreign or not latin or len(latin) < len(others):
        return wrong
    is_sign = foreign.keys() <= _GREEK_SMALL.keys() and sum(map(word.count, latin)) < 2
    return wrong if is_sign else wrong | foreign


def _right(letter: str) -> str:
    return _LATIN.get(letter) or _FOREIGN.get(letter) or unicodedata.normalize("NFKC", letter)
