"""Reviewing: the workbook of each period in which the office alone reports, around its due date or when asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from sync import __version__
from sync.comparing import PeriodFigures, Review, workbook_name
from sync.i18n import gettext as _
from sync.ledger import Output
from sync.office import OpenOffice
from sync.periods import Period

if TYPE_CHECKING:
    from sync.answers.listening import Answers
    from sync.period_figures import Gathered

BEFORE, AFTER = timedelta(days=120), timedelta(days=60)
"""A pass builds the workbook in the time from so long before the office's due moment until so long after it."""


@dataclass
class ReviewResult:
    """What a pass made of one period of the office alone. `workbook` is relative to the workspace."""

    period: str
    workbook: str
    rebuilt: bool = False
    notes: list[str] = field(default_factory=list)


@dataclass
class Reviews:
    """All reviews of a pass; `valid_until` is the moment from which there would be others, or other ones."""

    reviews: list[ReviewResult] = field(default_factory=list)
    valid_until: datetime | None = None


def build_reviews(answers: Answers, gathered: Gathered, asked: str | None) -> Reviews:
    """Builds what is out of date: the workbooks of the reviews at hand, or of `asked` alone, where that is one.

    `answers` puts them into their places without losing what was typed into the old ones.
    """
    office = answers.office
    periods = [each for each in office.control.periods if each.schools_due is None]
    chosen = [each for each in periods if each.key == asked] if asked is not None else _at_hand(office, periods)
    built = Reviews()
    for period in chosen:
        figures = gathered.over(period)
        if asked is not None or any(each.has_reports for each in figures):
            built.reviews.append(_build(answers, period, figures))
    built.valid_until = _valid_until(office, periods, chosen)
    return built


def _at_hand(office: OpenOffice, periods: Sequence[Period]) -> list[Period]:
    """The periods about whose due date it is now, and on which the office has not reported yet."""
    return [
        period
        for period in periods
        if period.office_due
        and period.office_reported_on is None
        and period.office_due - BEFORE <= office.now <= period.office_due + AFTER
    ]


def _valid_until(office: OpenOffice, periods: Sequence[Period], shown: Sequence[Period]) -> datetime | None:
    """When the next review is at hand, or the days that are left are others."""
    begins = [each.office_due - BEFORE for each in periods if each.office_due]
    midnight = datetime.combine(office.now.date() + timedelta(days=1), time.min, office.zone)
    moments = [*(each for each in begins if each > office.now), *([midnight] if shown else [])]
    return min(moments, default=None)


def _build(answers: Answers, period: Period, figures: Sequence[PeriodFigures]) -> ReviewResult:
    office, ledger = answers.office, answers.ledger
    result = ReviewResult(period.key, f"{office.workspace.outputs.name}/{workbook_name(period)}")
    review = Review(office.plan, period, figures, office.control.schools.at(period.ends_on))
    fingerprint, last = _fingerprint(office, review), ledger.output(result.workbook)
    path = office.workspace.path / result.workbook
    if last is not None and last.fingerprint == fingerprint and path.is_file() and not answers.is_edited(path):
        return result
    from sync.outputs import review_workbook

    written = answers.place(path, review_workbook.build(review, office.settings.office, office.now))
    result.rebuilt = True
    if written == path:
        ledger.record_output(Output(result.workbook, fingerprint, office.now))
        return result
    old, result.workbook = result.workbook, written.relative_to(office.workspace.path).as_posix()
    message = _("{old} is open in another program; the new workbook is {new}.")
    result.notes.append(message.format(old=old, new=result.workbook))
    return result


def _fingerprint(office: OpenOffice, review: Review) -> str:
    """A digest of all that the workbook shows but the moment it was built at."""
    period = review.period
    left = (period.office_due.date() - office.now.date()).days if period.office_due else 0
    parts = (
        __version__,
        office.plan.digest,
        office.settings.office.model_dump_json(),
        list(review.schools),
        period,
        0 if period.office_reported_on else left,
        [(each.period, each.received, each.counted, dict(each.schools), each.tables) for each in review.figures],
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()
