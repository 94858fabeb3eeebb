"""A letter → the words that its templates may use: plain texts and numbers, ready to be printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, TypeVar

from sync import config
from sync.letters import words
from sync.letters.content import Item, Letter, Mend
from sync.notices import Kind

_Value = TypeVar("_Value", str, int)
Audience = Literal["school", "schools", "chief", "officer"]
OFFICE_KINDS: tuple[Kind, ...] = ("office_overdue", "office_due_soon", "digest")
CALENDAR_KINDS: tuple[Kind, ...] = ("due_soon", "due_changed", "announced", "office_due_soon")
"""Letters of these kinds bring a calendar file."""
MOST_ROWS = 100
"""Schools of one table; the rest is counted. A letter of thousands of rows is read by nobody."""
_ASKING: tuple[Kind, ...] = ("overdue", "due_soon", "due_changed", "announced", "to_mend", "returned")


@dataclass(frozen=True, slots=True)
class ItemView:
    """One notice as its template sees it. Days are never negative; texts are empty where nothing is known."""

    kind: Kind
    school: str
    school_code: str
    school_phone: str
    period: str
    report: str
    dispatch: str
    due: str
    old_due: str
    days_left: int
    days_late: int
    state: str
    state_text: str
    file: str
    received_at: str
    counts: bool
    refused: bool
    errors: Sequence[Mend]
    warnings: Sequence[Mend]
    more: int
    files: str
    marked: bool
    too_large: bool
    grace: str
    link: str
    to_whom: str
    frozen_on: str
    sign_on: str
    reason: str


@dataclass(frozen=True, slots=True)
class ManyView:
    """More notices of one kind and period than are read one by one: `rows` of a table.

    due and days_left are those of all rows, "" and 0 where they differ. days_late is the largest.
    """

    kind: Kind
    rows: Sequence[ItemView]
    schools: int
    """How many schools there are in all; `rows` are not more than a letter can hold."""
    left_out: int
    report: str
    due: str
    days_left: int
    days_late: int


@dataclass(frozen=True, slots=True)
class OfficeView:
    """What every template may use: who writes, to whom, and how to send a report."""

    office_name: str
    contact: str
    contact_email: str
    contact_phone: str
    audience: Audience
    school_names: Sequence[str]
    how_to_send: str
    """Empty where the letter asks no school to send anything."""
    asks: bool
    calendar: str
    """Name of the attached calendar file, or empty."""


def names(view: Any) -> dict[str, Any]:
    """What a template may use, by its name; `view` is a dataclass."""
    return {field.name: getattr(view, field.name) for field in fields(view)}


def item_view(item: Item, office: config.Office) -> ItemView:
    """`item` in words."""
    notice, school, period = item.notice, item.school, item.period
    title = period.title if period else ""
    return ItemView(
        kind=notice.kind,
        school=words.line(school.name) if school else "",
        school_code=words.line(school.code) if school else "",
        school_phone=words.line(school.phone) if school else "",
        period=words.line(title),
        report=words.report(title),
        dispatch=words.line(period.dispatch) if period else "",
        due=words.due(notice.due) if notice.due else "",
        old_due=words.due(notice.told) if notice.told else "",
        days_left=max(item.days, 0),
        days_late=max(-item.days, 0),
        state=notice.state,
        state_text=words.STATES[notice.state],
        file=words.line(item.file),
        received_at=words.at(item.received_at) if item.received_at else "",
        counts=item.counts,
        refused=item.refused,
        errors=_mends(item, is_error=True),
        warnings=_mends(item, is_error=False),
        more=item.more,
        files=", ".join(words.line(attachment.name) for attachment in item.attachments),
        marked=item.marked and not item.refused and item.file.lower().endswith((".xlsx", ".xlsm")),
        too_large=item.too_large,
        link=words.line(item.link),
        grace=words.due(item.grace_until) if item.grace_until else "",
        to_whom=words.line(item.to_whom or office.parent),
        frozen_on=words.day(period.frozen_on) if period and period.frozen_on else "",
        sign_on=words.day(period.sign_on) if period and period.sign_on else "",
        reason=words.line(item.reason),
    )


def many_view(views: Sequence[ItemView]) -> ManyView:
    """Notices of one kind as rows of a table, the latest first."""
    rows = sorted(views, key=lambda view: (-view.days_late, view.days_left))
    return ManyView(
        kind=rows[0].kind,
        rows=rows[:MOST_ROWS],
        schools=len({view.school_code for view in rows}),
        left_out=max(len(rows) - MOST_ROWS, 0),
        report=_common([view.report for view in rows], ""),
        due=_common([view.due for view in rows], ""),
        days_left=_common([view.days_left for view in rows], 0),
        days_late=rows[0].days_late,
    )


def office_view(letter: Letter, office: config.Office, how_to_send: str, calendar: str) -> OfficeView:
    """What all templates of `letter` may use; `calendar` is the name of its calendar file."""
    audience = _audience(letter)
    in_sheets = all(item.link for item in letter.items)
    asks = (
        not in_sheets
        and audience in ("school", "schools")
        and any(item.notice.kind in _ASKING for item in letter.items)
    )
    schools = dict.fromkeys(words.line(item.school.name) for item in letter.items if item.school)
    return OfficeView(
        office_name=words.line(office.name),
        contact=words.line(office.contact),
        contact_email=words.line(office.email),
        contact_phone=words.line(office.phone),
        audience=audience,
        school_names=list(schools),
        how_to_send=words.line(how_to_send),
        asks=asks,
        calendar=calendar,
    )


def _audience(letter: Letter) -> Audience:
    to = {address.casefold() for address in letter.to}
    own = [item.notice for item in letter.items if item.notice.kind in OFFICE_KINDS]
    if letter.digest or any(to.intersection(address.casefold() for address in notice.to) for notice in own):
        return "officer"
    schools = {item.school for item in letter.items if item.school}
    known = {address.casefold() for school in schools for address in (*school.emails, *school.head_emails)}
    if not known & to:
        return "chief"
    return "school" if len(schools) == 1 else "schools"


def _mends(item: Item, *, is_error: bool) -> list[Mend]:
    found = (mend for mend in item.findings if mend.is_error == is_error)
    return [Mend(words.line(mend.place), words.line(mend.message), words.line(mend.fix), is_error) for mend in found]


def _common(values: Sequence[_Value], otherwise: _Value) -> _Value:
    return values[0] if len(set(values)) == 1 else otherwise
