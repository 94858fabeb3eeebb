"""Telephone numbers, numbers of identity papers and birth dates in a text."""

from __future__ import annotations

import re

from sync.checks.privacy.kinds import BIRTH, IDENTITY, TELEPHONE
from sync.checks.privacy.spelling import one_of, spelt
from sync.checks.privacy.words import LISTS, both

_DIGITS = re.compile(r"\d(?:[ .()–-]{0,2}\d){8}")
_LINK = re.compile(r"(?:https?://|www\.)\S{1,500}|[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,32}){1,4}")
_PHONE = re.compile(
    r"(?<![\w/.,-])(?!\d{1,2}[.-]\d{1,2}[.-](?:19|20)\d\d)"
    r"(?:\(?\+?84\)?|\(?0)(?:[ .()–-]{0,2}\d){8,10}(?![\w/])(?![.,]\d)"
)
_GROUPS = re.compile(r"\d+")
_TWELVE = re.compile(r"(?<![\w/.-])0(?:\d{2}(?:[ .-]?\d{3}){3}|\d{3}(?:[ .-]?\d{4}){2})(?![\w/])")
_NINE = re.compile(r"(?<![\w/.-])\d{9}(?![\w/])(?!\.\d)")
_PAPER = re.compile(rf"(?<!\w){one_of(LISTS['papers'])}(?!\w)[^\d;]{{0,40}}?\d(?:[ .-]?\d){{5,13}}(?![\w/])")
_INSURANCE = re.compile(rf"(?:bhyt|{spelt('bảo hiểm y tế')})[^\d;]{{0,34}}?\d(?:[ .-]?\d){{8,14}}")
_ACCOUNT = re.compile(rf"{one_of(LISTS['accounts'])}[^.;]{{0,30}}$")
_PERSON = re.compile(rf"(?<!\w){one_of(LISTS['somebody'])}(?!\w)")
_MONEY = re.compile(rf"\s?(?:{spelt('đồng')}|[đd](?!\w)|vn[dđ])")
_HOTLINE = re.compile(rf"{one_of(LISTS['hotlines'])}(?!\w)|{one_of(LISTS['authorities'])}(?:\s\w{{1,9}}){{0,3}}\s?[:(]")
_HOTLINE_AFTER = re.compile(rf"[\s(,–-]*{one_of(LISTS['hotlines_after'])}")
_SENTENCE_END = re.compile(r"[;!?]|\.\s")

_DAY = (
    rf"(?:\d{{1,2}}\s?[/.-]\s?\d{{1,2}}\s?[/.-]\s?\d{{2,4}}"
    rf"|\d{{1,2}}\s{spelt('tháng')}\s\d{{1,2}}(?:\s{spelt('năm')})?\s\d{{4}})"
)
_ANY_DAY = re.compile(_DAY)
_BORN = re.compile(
    rf"(?<!\w)(?:sinh(?:\s{spelt('ngày')})?|{spelt('ngày (?:tháng năm )?sinh|năm sinh')}|ns|sn)"
    rf"(?:\s{spelt('là')})?[\s:]*{_DAY}"
)
_NO_BIRTHS = both(LISTS["no_births"])
_LONG_AGO = re.compile(r"1[0-8]\d\d$|19[0-4]\d$")


def find(lower: str) -> str | None:
    """IDENTITY or TELEPHONE where a text tells such a number of a person, else None; `lower` is in lower case, NFC."""
    if not _DIGITS.search(lower):
        return None
    clean = _LINK.sub(" ", lower) if "://" in lower or "@" in lower or "www." in lower else lower
    if _identity(clean):
        return IDENTITY
    return TELEPHONE if any(_is_telephone(clean, match) for match in _PHONE.finditer(clean)) else None


def born(lower: str) -> str | None:
    """BIRTH where a text tells the day of somebody's birth, else None; `lower` is in lower case, NFC."""
    if not _ANY_DAY.search(lower):
        return None
    for match in _BORN.finditer(lower):
        word_before = lower[max(0, match.start() - 12) : match.start()].split()[-1:]
        if _NO_BIRTHS.isdisjoint(word_before) and not _LONG_AGO.search(match.group()):
            return BIRTH
    return None


def _identity(lower: str) -> bool:
    if _PAPER.search(lower) or _INSURANCE.search(lower):
        return True
    if any(not _ACCOUNT.search(_before(lower, match, 50)) for match in _TWELVE.finditer(lower)):
        return True
    return any(
        _PERSON.search(_before(lower, match, 30)) and not _MONEY.match(lower, match.end())
        for match in _NINE.finditer(lower)
    )


def _is_telephone(lower: str, match: re.Match[str]) -> bool:
    """Whether `match` is somebody's telephone: it has the digits of one and is not told as a hotline."""
    if not _is_national(_GROUPS.findall(match.group())):
        return False
    before = _SENTENCE_END.split(_before(lower, match, 70))[-1]
    labels = list(_HOTLINE.finditer(before))
    if labels and not _PERSON.search(before, labels[-1].end()):
        return False
    return not (_HOTLINE_AFTER.match(lower, match.end()) or _ACCOUNT.search(before))


def _is_national(groups: list[str]) -> bool:
    """Whether groups of digits are a number of the country: 10 digits, 11 with an area code or an old prefix."""
    digits = "".join(groups)
    national = "0" + digits[2:] if digits.startswith("84") else digits
    lengths = {"02": {11}, "01": {10, 11}}.get(national[:2], {10})
    return len(national) in lengths and all(len(group) > 1 for group in groups[1:-1])


def _before(lower: str, match: re.Match[str], letters: int) -> str:
    return lower[max(0, match.start() - letters) : match.start()]
