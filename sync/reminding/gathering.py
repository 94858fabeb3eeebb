"""Settings, control workbook and ledger → the facts that notices are a pure function of, and what was told already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pandas as pd

from sync import looking, planning, troubles
from sync.decisions.effects import with_returns
from sync.i18n import gettext as _
from sync.letters.content import Trouble
from sync.notices.facts import Facts, Memory, Watched, reports_of
from sync.notices.stages import Rhythm
from sync.office import OpenOffice
from sync.periods import Period
from sync.sources import ADDIN, GOOGLE, Source, SourceError
from sync.working_days import WorkingDays

if TYPE_CHECKING:
    from sync.ledger import Ledger

AHEAD = timedelta(days=400)
"""Due dates further away than this are not looked at yet."""
CLOCK_MAY_BE_OFF = timedelta(hours=1)
REST = timedelta(days=1)
"""So long nobody changed a Google Sheet when a letter answers it."""


@dataclass(frozen=True)
class Gathered:
    """The facts, and the receipts of the watched periods that they were made of.

    receipts: see Ledger.receipts; and taken_at, and returned (see sync.decisions.effects).
    """

    facts: Facts
    receipts: pd.DataFrame
    troubles: tuple[Trouble, ...] = ()
    """What failed lately in the service."""
    unseen: str = ""
    """Why the receipts may not be all that schools sent, in the language in use; "" where they are."""


def gather(office: OpenOffice, ledger: Ledger) -> Gathered:
    """What is known now: the periods whose due dates are near or were not long ago, and those with new receipts."""
    stop = timedelta(days=office.settings.notices.stop_after_days + 1)
    fresh = ledger.periods_taken_since(office.now - stop)
    near = [period for period in office.control.periods if _is_near(period, office.now, stop)]
    of_schools = [each for each in office.control.periods if each.key in fresh and each not in near]
    gathered = gather_periods(office, ledger, [*near, *of_schools])
    unseen = _unseen(office, ledger)
    facts = replace(gathered.facts, up_to_date=not unseen, unsure=_unsure(office, ledger))
    return replace(gathered, facts=facts, unseen=unseen)


def _unsure(office: OpenOffice, ledger: Ledger) -> frozenset[str]:
    """The schools that report in Google Sheets, where the last pass had no answer of Google's."""
    last, seen = ledger.last_run(), ledger.scanned_at(GOOGLE)
    if not office.settings.google.is_used or last is None or (seen is not None and seen >= last.as_of):
        return frozenset()
    return frozenset(school.code for school in office.control.schools if school.spreadsheet)


def _unseen(office: OpenOffice, ledger: Ledger) -> str:
    """Why not everything that was sent is taken in; nobody is told to be late on facts that are not whole."""
    held_back = _("Nobody is told to be late before the next pass (baocao sync).")
    last = ledger.last_run()
    if last is not None and not office.chosen and last.as_of > office.now + CLOCK_MAY_BE_OFF:
        return _("The clock of this machine stands before the last pass; set it right.")
    unseen = next((found for source in looking.on_disk(office) if (found := _unseen_in(source, ledger))), "")
    return f"{unseen} {held_back}" if unseen else ""


def _unseen_in(source: Source, ledger: Ledger) -> str:
    try:
        changes = source.look(ledger.sightings(source.name))
    except SourceError as error:
        return str(error)
    if changes.problems:
        return changes.problems[0].message
    if not changes.changed:
        return ""
    if source.name == ADDIN:
        message = _("{count} reports that were handed in from open workbooks are not taken in yet.")
    else:
        message = _("{count} files in the inbox are not taken in yet.")
    return message.format(count=len(changes.changed))


def gather_periods(office: OpenOffice, ledger: Ledger, periods: Iterable[Period]) -> Gathered:
    """What is known of `periods`."""
    chosen = list(periods)
    receipts = with_returns(receipts_taken(ledger, chosen), office.decisions)
    failed = tuple(troubles.current(office.workspace))
    return Gathered(facts_from(office, chosen, receipts, len(failed)), receipts, failed)


def receipts_taken(ledger: Ledger, periods: Iterable[Period]) -> pd.DataFrame:
    """The receipts of `periods` as they were judged (see Ledger.receipts), with taken_at: when a pass took each in."""
    receipts = ledger.receipts([period.key for period in periods])
    moments = ledger.run_moments(receipts["run_id"].unique())
    taken = pd.to_datetime(receipts["run_id"].map(moments).astype(object), utc=True).astype("datetime64[us, UTC]")
    return receipts.assign(taken_at=taken)


def facts_from(office: OpenOffice, periods: Iterable[Period], receipts: pd.DataFrame, failed: int = 0) -> Facts:
    """The facts of `periods` with these receipts of theirs, as Gathered has them; `failed` jobs of the service."""
    settings, days = office.settings.notices, office.working_days
    return Facts(
        periods=tuple(_watched(office, period, days, receipts) for period in periods),
        days=days,
        rhythm=Rhythm(settings.before_days, settings.after_days, settings.repeat_days, settings.stop_after_days),
        copy_head_after=settings.copy_head_after_days,
        copy_chief_after=settings.copy_chief_after_days,
        officer=officer_addresses(office),
        chief=settings.chief_emails,
        troubles=failed,
    )


def remember(ledger: Ledger, facts: Facts) -> Memory:
    """What was told of the watched periods."""
    keys = [watched.period.key for watched in facts.periods]
    book = ledger.notices
    last = book.last("digest")
    told = book.told_since(last) if last else {}
    # What left together with the last digest was written after it.
    letters = sum(count for kind, count in told.items() if kind != "digest")
    letters += len(book.troubled_since(last)) if last else 0
    return Memory(book.keys(keys), book.told(keys), last, letters)


def officer_addresses(office: OpenOffice) -> tuple[str, ...]:
    """Where the officer is written to."""
    settings = office.settings
    return settings.notices.officer_emails or ((settings.office.email,) if settings.office.email else ())


def _is_near(period: Period, now: datetime, stop: timedelta) -> bool:
    dues = [due for due in (period.schools_due, period.office_due, *period.extensions.values()) if due]
    return now - stop <= max(dues) and min(dues) <= now + AHEAD


def _watched(office: OpenOffice, period: Period, days: WorkingDays, receipts: pd.DataFrame) -> Watched:
    fit = planning.reminders_fit(period, days)
    is_sealed = period.key in office.sealed
    if is_sealed:
        # What was sealed was reported: nobody owes it any more, and what still comes is only answered.
        period = replace(period, office_due=None)
    if period.schools_due is None:
        return Watched(period, reminders_fit=fit)
    schools = tuple(office.control.schools.reporting_in(period))
    mine = _answered(receipts[receipts["period"] == period.key])
    excused = [each.code for each in schools] if is_sealed else office.decisions.excused(period.key)
    reports = reports_of(period, schools, mine, frozenset(excused))
    return Watched(period, reports, is_on_demand(office, period), fit)


def _answered(receipts: pd.DataFrame) -> pd.DataFrame:
    """`receipts` with taken_at as notices need it.

    A Google Sheet is read while somebody still types. It tells its verdict itself; a letter follows when it has rested,
    and none on what is no report yet.
    """
    typed = receipts["source"] == GOOGLE
    taken = receipts["taken_at"].where(~typed, receipts["taken_at"] + REST)
    return receipts.assign(taken_at=taken.mask(typed & (receipts["status"] == "refused")))


def is_on_demand(office: OpenOffice, period: Period) -> bool:
    """Whether a dispatch asks for this period's report, rather than the calendar."""
    codes = [entry.code for entry in office.plan.calendar if entry.every == "on_demand"]
    return any(period.key.partition("/")[2].startswith(f"{code}-") for code in codes)
