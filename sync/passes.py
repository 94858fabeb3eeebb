"""A pass: look at the source, take in what is new, judge it, remember it, build what changed.

A pass that is killed leaves nothing half done: its facts go into the ledger in one transaction, files are replaced
whole, and what a file was built from is remembered only after the file is there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sync import lastpass, looking
from sync.lastpass import Note
from sync.ledger import RunRecord
from sync.looking import Look, Places, Wait, pause
from sync.office import OpenOffice
from sync.progress import Progress, silent
from sync.sources import NAMES, contents

if TYPE_CHECKING:
    from sync.building import PeriodResult
    from sync.ledger import Ledger


@dataclass
class PassResult:
    """What a pass found. All counts are of files in the sources, but `missing`: schools of `period`.

    received = new + unchanged = accepted + to_mend + refused, but for files that were still being written.
    """

    period: str | None = None
    received: int = 0
    new: int = 0
    unchanged: int = 0
    refused: int = 0
    accepted: int = 0
    to_mend: int = 0
    missing: int = 0
    workbook: str | None = None
    periods: list[dict[str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    """What failed in the sources; the rest went on."""
    notes: list[str] = field(default_factory=list)


def run(
    office: OpenOffice,
    *,
    period: str | None = None,
    allow_empty: bool = False,
    progress: Progress = silent,
    wait: Wait = pause,
) -> PassResult:
    """One pass over the workspace; `period` narrows what is built to one period. `wait` waits for limits of Google.

    Raises WorkspaceBusy, LedgerBusy, LedgerError, ControlError, PlanError and UnknownPeriod.
    """
    from sync.ledger import Ledger

    with office.workspace.lock(), Ledger.open(office.ledger_url) as ledger, ledger.held("pass"):
        return _Pass(office.informed(ledger), ledger, period, progress).run(allow_empty, wait)


@dataclass(frozen=True)
class _Pass:
    """One pass under way; `asked` is the period that is asked for."""

    office: OpenOffice
    ledger: Ledger
    asked: str | None
    progress: Progress

    def run(self, allow_empty: bool, wait: Wait) -> PassResult:
        with looking.opened(self.office, wait) as places:
            looks = looking.look(places, self.ledger, allow_empty)
            problems = [*places.problems, *(problem for look in looks for problem in look.problems)]
            if not problems and not any(look.changes.changed or look.changes.gone for look in looks):
                last = self.ledger.last_run()
                note = lastpass.still_true(self.office, last.id if last else None, self.asked)
                if note is not None:
                    return self._again(note, looks)
            return self._whole(places, looks, problems)

    def _again(self, note: Note, looks: Sequence[Look]) -> PassResult:
        """A pass that found nothing new: it is recorded, and what the last one said is said again."""
        counts = {"new": 0, "gone": 0, "rejudged": 0}
        scanned = [look.source.name for look in looks]
        run_ = self.ledger.record(RunRecord(self.office.now, counts, scanned=scanned))
        unchanged = sum(look.changes.unchanged for look in looks)
        told = PassResult(**{**note.told, "new": 0, "received": unchanged, "unchanged": unchanged})
        for each in told.periods:
            each |= {"rebuilt": False, "returned": []}
        lastpass.write(self.office, replace(note, run_id=run_.id, as_of=self.office.now, told=asdict(told)))
        return told

    def _whole(self, places: Places, looks: Sequence[Look], problems: Sequence[str]) -> PassResult:
        from sync import building, taking

        office, ledger = self.office, self.ledger
        settings = lastpass.settings_state(office)
        if self.asked is not None:
            office.period(self.asked)
        taken = taking.take_in(office, ledger, looks, self.progress)
        counts = {"new": len(taken.changes.seen), "gone": len(taken.changes.gone), "rejudged": len(taken.rejudged)}
        failed = {look.source.name for look in looks if not look.whole} | taken.failed
        scanned = [look.source.name for look in looks if look.source.name not in failed]
        run_ = ledger.record(RunRecord(office.now, counts, scanned), taken.receipts, taken.changes, taken.rejudged)
        built = building.build_all(office, ledger, looking.in_sight(ledger), self.asked, places.google, self.progress)
        result = _result(office, ledger, built.periods, self.asked)
        result.new = sum(len(look.changes.changed) for look in looks)
        result.unchanged = sum(look.changes.unchanged for look in looks)
        result.received = result.new + result.unchanged
        failures = [*taken.failures, *(failure for each in built.periods for failure in each.failures)]
        result.problems = [*problems, *taken.problems, *failures]
        # A workbook that was held open is to be tried again, so that pass has more to do than to repeat this one.
        if not (result.problems or result.notes or taken.unsettled):
            written = [each.workbook for each in built.periods if each.workbook]
            told = asdict(result)
            note = Note(run_.id, settings, self.asked, office.now, built.valid_until, written, told)
            lastpass.write(office, note)
        return result


def _result(office: OpenOffice, ledger: Ledger, built: list[PeriodResult], asked: str | None) -> PassResult:
    current = office.control.periods.current(office.now)
    key = asked or (current.key if current else None)
    main = next((each for each in built if each.period == key), None)
    sightings = [ledger.sightings(name) for name in NAMES]
    known = ledger.known({sha256 for each in sightings for sha256 in contents(each)})
    lying = (sha256 for each in sightings for _size, _time, sha256 in each.values())
    statuses: Mapping[str, int] = Counter(known[sha256].status for sha256 in lying)
    return PassResult(
        period=key,
        refused=statuses.get("refused", 0),
        accepted=statuses.get("accepted", 0),
        to_mend=statuses.get("to_mend", 0),
        missing=main.standings["missing"] if main else 0,
        workbook=main.workbook if main else None,
        periods=[asdict(each) for each in built],
        notes=[note for each in built for note in each.notes],
    )
