"""What stands before and after a name and tells whose it is. All patterns are over text in lower case."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sync.checks.privacy.spelling import flat, one_of, spelt
from sync.checks.privacy.words import LISTS

_WORDS = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Before:
    """A short piece of text that ends where a name begins, and its words."""

    text: str
    words: frozenset[str]

    @classmethod
    def of(cls, lower: str, position: int) -> Before:
        """What stands before `position`, 70 letters at most."""
        text = lower[max(0, position - 70) : position]
        return cls(text, frozenset(_WORDS.findall(text)))


class Ending:
    """A pattern at the end of a piece of text; only looked for where one of its first words is in the piece."""

    def __init__(self, first: Iterable[str], pattern: str) -> None:
        """`first` are all phrases with which `pattern` can begin."""
        heads = [match.group() for phrase in first if (match := _WORDS.match(phrase))]
        self._heads = frozenset(form for word in heads for form in (word, flat(word)))
        self._pattern = re.compile(pattern)

    def __call__(self, before: Before) -> bool:
        return not self._heads.isdisjoint(before.words) and self._pattern.search(before.text) is not None


AFTER = 60
"""How many letters after a name the patterns need."""
NOTHING = Before("", frozenset())

_CLASS_WORD = spelt("lớp")
_OPENING = r"[\s:(\"“”,–-]*"
_END = _OPENING + "$"
YOUNG_CLASS = rf"(?:{spelt('mầm|chồi|lá|nhà trẻ|nụ')})(?!\w)(?:\s?\d{{1,2}}(?![/\d]))?"
CLASS = r"(?:\d{1,2}\s?[a-hđ]\d{0,2}(?!\w)|\d{1,2}\s?[/.]\s?\d{1,2}(?![\d/])|\d{1,2}\^\d)"
_IN_CLASS = (
    rf"(?:{_CLASS_WORD}\s*:?\s*(?:{spelt('nhà')}\s)?\w|l\.\s?\d|{spelt('khối')}\s*\d|{CLASS}|{YOUNG_CLASS})"
)  # fmt: skip
_CHILD_TAIL = (
    rf"{_OPENING}(?:{_CLASS_WORD}\s*(?:{CLASS}|{YOUNG_CLASS}|\d{{1,2}}(?!\w))|{CLASS}|{YOUNG_CLASS}"
    rf"|\d{{1,2}}\s?[.)/]|{one_of(LISTS['child_tails'])}(?!\w))"
)

ONE_CHILD = Ending(
    LISTS["one_child"], rf"(?<!\w){one_of(LISTS['one_child'])}(?:\s{spelt('tên')}(?:\s{spelt('là')})?)?[\s:]*$"
)
MANY = re.compile(rf"(?:{one_of(LISTS['many'])}|\d|[\"“])\s?\w+\s?\w*[\s:]*$")
A_CHILD = Ending(
    LISTS["one_child"] + LISTS["a_child"],
    rf"(?<!\w){one_of(LISTS['one_child'] + LISTS['a_child'])}(?!\w)(?:{_CHILD_TAIL}){{0,6}}{_END}",
)
NAMED = Ending(("tên",), rf"{spelt('tên')}(?:\s{spelt('là')})?[\s:]*$")
CLASS_BEFORE = re.compile(rf"(?<!\w){_IN_CLASS}\w{{0,3}}(?:/\d)?\s*(?:[:(–-]|{spelt('(?:có|gồm)')}(?!\w))[\s\d.)]*$")
TITLE = Ending(
    LISTS["titles"],
    rf"(?<!\w)(?<!lớp )(?<!lop ){one_of(LISTS['titles'])}(?!\w)\.?"
    rf"(?:[\s(]*(?:{one_of(LISTS['title_tails'])}|{CLASS}|\d)(?!\w)){{0,6}}[)\s]*{_END}",
)
INSTITUTION = Ending(LISTS["institutions"], rf"(?<!\w){one_of(LISTS['institutions'])}(?!\w)\.?[\s:\"“]*$")
RELATIVE = Ending(
    LISTS["children_of"] + LISTS["relatives"],
    rf"(?<!\w){one_of(LISTS['children_of'])}(?:\s{spelt('của')})?(?:\s{spelt('gia đình')})?"
    rf"\s{one_of(LISTS['grown_ups'])}\s$"
    rf"|(?<!\w){one_of(LISTS['relatives'])}(?:\s{spelt('ruột')})?(?:\s{spelt('của')})?"
    rf"\s{one_of(('em', 'cháu', 'bé', 'trẻ'))}(?:\s{spelt('(?:là|tên)')}){{0,2}}"
    rf"(?:\s{one_of(LISTS['grown_ups'][:4])})?[\s:]*$",
)
CASE = Ending(LISTS["cases"], rf"{one_of(LISTS['cases'])}(?:\s{spelt('của')}|\s{spelt('em')})?[\s:]*$")
LISTED = re.compile(
    rf"(?:[\s,;&]|{spelt('và')}\s|\(\s?(?:{_CLASS_WORD}\s?)?{CLASS}\s?\)|(?:{_CLASS_WORD}\s?)?{CLASS})*$"
)

ROLE_AFTER = re.compile(rf"[\s,(–:.-]*(?:{one_of(LISTS['roles'])}(?!\w)|{spelt('chức vụ')})")
CLASS_AFTER = re.compile(
    rf"[\s,(–:.-]*(?:{spelt('(?:là|hiện|đang|nữ|nam|em|hs|học sinh|học|cùng|của|mới)')}(?!\w)[\s,:]*){{0,5}}{_IN_CLASS}"
)
CLASS_BESIDE = re.compile(
    rf"\s*[(,–-]?\s*(?:{_CLASS_WORD}\s?\d|\d{{1,2}}[a-hđ]\d{{0,2}}(?!\w)|{_CLASS_WORD}\s{YOUNG_CLASS})"
    rf"|\s*\(\s?{CLASS}|\s*[,(]\s?{YOUNG_CLASS}"
)
BORN_AFTER = re.compile(
    rf"[\s,(–:.;-]*(?:{spelt('(?:nữ|nam)')}[\s,;]*)?(?:sinh\s(?:{spelt('ngày|năm')}|\d)|sn\s?:?\s?\d"
    rf"|{spelt('ngày (?:tháng năm )?sinh')}|{spelt('năm sinh')}|\d{{1,2}}\s{spelt('tuổi')})"
)
BORN_LONG_AGO_AFTER = re.compile(rf"[\s,(–-]*(?:sinh\s(?:{spelt('ngày|năm')})|sn)[\s:\d/.-]{{0,12}}19\d\d")
TROUBLE_AFTER = re.compile(
    rf"[\s,(–:-]*(?:{one_of(LISTS['trouble_adverbs'])}\s){{0,3}}{one_of(LISTS['trouble'])}(?!\w)"
)
