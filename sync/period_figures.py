"""The figures of several periods, as `sync.comparing` has them, out of the ledger; they are kept between passes.

What is kept lies in `.baocao/figures`, a file for each period, under a digest of all that it was derived from. It is
never a fact: files that are missing, damaged or out of date are made anew, and may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sync import __version__, facts, standing
from sync.comparing import PeriodFigures, figures_from
from sync.looking import in_sight
from sync.office import OpenOffice
from sync.period_findings import earlier_periods
from sync.periods import Period
from sync.workspace import write_atomically

if TYPE_CHECKING:
    import pandas as pd
    from pydantic import TypeAdapter

    from sync.ledger import Ledger

_FOLDER = "figures"


class Gathered:
    """The figures of periods at one moment, each derived once. `everything`: all_receipts."""

    def __init__(self, office: OpenOffice, ledger: Ledger, everything: pd.DataFrame) -> None:
        self._office, self._ledger, self._everything = office, ledger, everything
        self._known: dict[str, _Kept] = {}

    @property
    def valid_until(self) -> datetime | None:
        """Until when the figures that were asked for hold while nothing is added; None for ever."""
        return min((kept.until for kept in self._known.values() if kept.until), default=None)

    def over(self, period: Period) -> list[PeriodFigures]:
        """See figures_over."""
        return self._of(begun(self._office, self._office.control.periods.covered_by(period)))

    def until(self, period: Period) -> list[PeriodFigures]:
        """See figures_until."""
        own = [period] if period.schools_due is not None else []
        return self.before(period) + self._of(begun(self._office, own))

    def before(self, period: Period) -> list[PeriodFigures]:
        """The figures of the schools' periods that have begun and ended before `period` did, oldest first."""
        return self._of(begun(self._office, reversed(earlier_periods(self._office, period))))

    def _of(self, periods: Sequence[Period]) -> list[PeriodFigures]:
        for period in periods:
            if period.key not in self._known:
                self._known[period.key] = _of_period(self._office, self._ledger, period, self._everything)
        return [self._known[period.key].figures for period in periods]


def gathered(office: OpenOffice, ledger: Ledger) -> Gathered:
    """The figures of what the ledger knows now."""
    return Gathered(office, ledger, facts.all_receipts(ledger, in_sight(ledger), office.decisions))


def figures_over(office: OpenOffice, ledger: Ledger, period: Period) -> list[PeriodFigures]:
    """The figures of the schools' periods that a report on `period` is about and that have begun, oldest first.

    Of a schools' period that is itself.
    """
    return gathered(office, ledger).over(period)


def figures_until(office: OpenOffice, ledger: Ledger, period: Period) -> list[PeriodFigures]:
    """The figures of every schools' period that has begun and ended before `period` did, oldest first, and its own."""
    return gathered(office, ledger).until(period)


def begun(office: OpenOffice, periods: Iterable[Period]) -> list[Period]:
    """Those of `periods` that have begun."""
    return [each for each in periods if each.starts_on <= office.now.date()]


def _dependences(office: OpenOffice, period: Period, everything: pd.DataFrame) -> str:
    """A digest of everything but the standings' moment that the figures of `period` are derived from."""
    columns = ["sha256", "school", "status", "received_at", "in_sight", "run_id", "plan_digest"]
    receipts = everything.loc[everything["period"] == period.key, columns]
    known = int((receipts["received_at"] <= office.now).sum())
    parts = (
        __version__,
        office.plan.digest,
        office.settings.deadlines.model_dump_json(),
        [(each.code, each.level, each.unit) for each in office.control.schools.reporting_in(period)],
        period,
        sorted(office.decisions.typed(period.key).items()),
        known,
        receipts.to_csv(index=False),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def dumped(figures: PeriodFigures) -> dict[str, Any]:
    """The figures as JSON takes them, without their period."""
    adapter = _adapter()
    return dict(adapter.dump_python(figures, mode="json", exclude={"period"}))


def loaded(data: dict[str, Any], period: Period) -> PeriodFigures:
    """The figures that `dumped` gave. Raises ValueError where they are none."""
    return _adapter().validate_python({**data, "period": period})


@cache
def _adapter() -> TypeAdapter[PeriodFigures]:
    from pydantic import TypeAdapter

    return TypeAdapter(PeriodFigures)


def _of_period(office: OpenOffice, ledger: Ledger, period: Period, everything: pd.DataFrame) -> _Kept:
    digest = _dependences(office, period, facts.as_sealed(office, period, everything))
    file = office.workspace.state / _FOLDER / f"{period.key.replace('/', '-')}.json"
    kept = _read(file, digest, period)
    if kept is not None and kept.holds_at(office.now):
        return kept
    consolidated = facts.figures_of(office, ledger, period, everything)
    derived = _Kept(figures_from(consolidated), office.now, _valid_until(office, consolidated.progress))
    _write(file, digest, derived)
    return derived


@dataclass(frozen=True)
class _Kept:
    """Figures that were derived at `at` and hold before `until` (None: for ever)."""

    figures: PeriodFigures
    at: datetime
    until: datetime | None

    def holds_at(self, now: datetime) -> bool:
        return self.at <= now and (self.until is None or now < self.until)


def _valid_until(office: OpenOffice, progress: pd.DataFrame) -> datetime | None:
    """When a school begins to stand elsewhere; those that are late stay late, only their days grow."""
    overdue = progress["standing"].isin(["missing", "to_mend"]) & (progress["due"] < office.now)
    return standing.valid_until(progress[~overdue], office.now, office.settings.deadlines.due_soon_days)


def _read(file: Path, digest: str, period: Period) -> _Kept | None:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        if data["digest"] != digest:
            return None
        end = data["until"]
        moment = datetime.fromisoformat(data["at"])
        return _Kept(loaded(data["figures"], period), moment, datetime.fromisoformat(end) if end else None)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _write(file: Path, digest: str, kept: _Kept) -> None:
    end = kept.until.isoformat() if kept.until else None
    data = {"digest": digest, "at": kept.at.isoformat(), "until": end, "figures": dumped(kept.figures)}
    # Where nothing can be kept, it is derived again.
    with suppress(OSError):
        file.parent.mkdir(exist_ok=True)
        write_atomically(file, json.dumps(data, ensure_ascii=False).encode())
