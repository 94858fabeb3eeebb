"""A digest → the words that its template may use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sync import i18n, standing
from sync.i18n import gettext as _
from sync.letters import words
from sync.letters.content import Digest, Failed, PeriodLines, SchoolLine

_Row = TypeVar("_Row")
LONGEST_LIST = 60
"""Rows of a list in a digest; a mail program cuts long letters off."""


@dataclass(frozen=True, slots=True)
class SchoolRow:
    """A school in a list of the digest."""

    school: str
    school_code: str
    school_phone: str
    days_late: int
    standing: str
    reason: str


@dataclass(frozen=True, slots=True)
class Listed(Generic[_Row]):
    """A list that may be cut off: `count` rows in all, `more` of them left out."""

    rows: Sequence[_Row]
    count: int
    more: int


@dataclass(frozen=True, slots=True)
class PeriodView:
    """A period in the digest; `counts` are pairs of a standing and how many schools."""

    period: str
    due: str
    counts: Sequence[tuple[str, int]]
    missing: Listed[SchoolRow]
    to_mend: Listed[SchoolRow]
    new: Listed[SchoolRow]


@dataclass(frozen=True, slots=True)
class FailedRow:
    """A letter that did not reach an address."""

    address: str
    school: str
    school_phone: str
    subject: str
    at: str
    reason: str


@dataclass(frozen=True, slots=True)
class TroubleRow:
    """A job that failed."""

    job: str
    at: str
    message: str


@dataclass(frozen=True, slots=True)
class DigestView:
    """The digest as its template sees it. sent: pairs; coming: when, what, of which period, how many."""

    day: str
    since: str
    quiet: bool
    missing_count: int
    to_mend_count: int
    new_count: int
    failed_count: int
    periods: Sequence[PeriodView]
    to_call: Listed[SchoolRow]
    failed: Listed[FailedRow]
    unknown: Listed[FailedRow]
    repeated: Listed[FailedRow]
    sent: Sequence[tuple[str, int]]
    waiting: int
    troubles: Sequence[TroubleRow]
    remarks: Sequence[str]
    last_pass: str
    coming: Sequence[tuple[str, str, str, int]]


def digest_view(digest: Digest) -> DigestView:
    """`digest` in words."""
    failed = [each for each in digest.failed if not each.unknown and not each.repeated]
    return DigestView(
        day=words.day(digest.at),
        since=words.at(digest.since) if digest.since else "",
        quiet=_is_quiet(digest),
        missing_count=len({line.code for lines in digest.periods for line in lines.missing}),
        to_mend_count=len({line.code for lines in digest.periods for line in lines.to_mend}),
        new_count=len({line.code for lines in digest.periods for line in lines.new}),
        failed_count=len(failed),
        periods=[_period(lines) for lines in digest.periods],
        to_call=_schools(digest.to_call),
        failed=_letters(failed),
        unknown=_letters([each for each in digest.failed if each.unknown]),
        repeated=_letters([each for each in digest.failed if each.repeated and not each.unknown]),
        sent=[(words.KINDS[kind], count) for kind, count in digest.sent],
        waiting=digest.waiting,
        troubles=[
            TroubleRow(words.JOBS.get(each.job, words.line(each.job)), words.at(each.at), words.line(each.message))
            for each in digest.troubles
        ],
        remarks=[words.line(remark) for remark in digest.remarks],
        last_pass=words.at(digest.last_pass) if digest.last_pass else "",
        coming=[(words.at(at), words.KINDS[kind], words.line(title), count) for at, kind, title, count in digest.next],
    )


def _is_quiet(digest: Digest) -> bool:
    told = (digest.sent, digest.failed, digest.to_call, digest.troubles, digest.remarks, digest.waiting)
    return not any(told) and not any(lines.missing or lines.to_mend or lines.new for lines in digest.periods)


def _period(lines: PeriodLines) -> PeriodView:
    with i18n.using("vi"):
        counts = [(_standing(name), count) for name, count in lines.counts.items() if count]
    due = lines.period.schools_due
    return PeriodView(
        period=words.line(lines.period.title),
        due=words.due(due) if due else "",
        counts=counts,
        missing=_schools(lines.missing),
        to_mend=_schools(lines.to_mend),
        new=_schools(lines.new),
    )


def _standing(name: str) -> str:
    label = next((label for known, label in standing.LABELS.items() if known == name), None)
    return _(label) if label else name


def _schools(lines: Sequence[SchoolLine]) -> Listed[SchoolRow]:
    with i18n.using("vi"):
        rows = [
            SchoolRow(
                words.line(line.name),
                words.line(line.code),
                words.line(line.phone),
                line.days_late,
                _standing(line.standing),
                words.line(line.reason),
            )
            for line in lines[:LONGEST_LIST]
        ]
    return Listed(rows, len(lines), len(lines) - len(rows))


def _letters(failed: Sequence[Failed]) -> Listed[FailedRow]:
    rows = [
        FailedRow(
            words.line(each.address),
            words.line(each.school),
            words.line(each.phone),
            words.line(each.subject),
            words.at(each.at),
            words.line(each.reason),
        )
        for each in failed[:LONGEST_LIST]
    ]
    return Listed(rows, len(failed), len(failed) - len(rows))
