"""A pass: look at the source, take in what is new, judge it, remember it, build what changed.

A pass that is killed leaves nothing half done: its facts go into the ledger in one transaction, files are replaced
whole, and what a file was built from is remembered only after the file is there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sync import lastpass, sources
from sync.lastpass import Note
from sync.ledger import RunRecord
from sync.office import OpenOffice
from sync.progress import Progress, silent
from sync.sources import INBOX, Changes, Sightings, Source, SourceError, contents

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
    office: OpenOffice, *, period: str | None = None, allow_empty: bool = False, progress: Progress = silent
) -> PassResult:
    """One pass over the workspace; `period` narrows what is built to one period.

    Raises WorkspaceBusy, LedgerBusy, LedgerError, ControlError, PlanError and UnknownPeriod.
    """
    from sync.ledger import Ledger

    with office.workspace.lock(), Ledger.open(office.ledger_url) as ledger, ledger.held("pass"):
        source = sources.make("folder", name=INBOX, folder=office.workspace.inbox)
        look = _look(source, ledger, allow_empty)
        if not look.problems and not look.changes.changed and not look.changes.gone:
            last = ledger.last_run()
            note = lastpass.still_true(office, last.id if last else None, period)
            if note is not None:
                return _again(office, ledger, note, look.changes.unchanged)
        return _whole_pass(office, ledger, source, look, period, progress)


@dataclass(frozen=True)
class _Look:
    sightings: Sightings
    changes: Changes
    problems: list[str]


def _look(source: Source, ledger: Ledger, allow_empty: bool) -> _Look:
    sightings = ledger.sightings(source.name)
    try:
        changes = source.look(sightings, allow_empty)
    except SourceError as error:
        # Nothing is concluded from a source that failed: what was in sight stays so.
        return _Look(sightings, Changes([], len(sightings), []), [str(error)])
    return _Look(sightings, changes, [problem.message for problem in changes.problems])


def _again(office: OpenOffice, ledger: Ledger, note: Note, unchanged: int) -> PassResult:
    """A pass that found nothing new: it is recorded, and what the last one said is said again."""
    run_ = ledger.record(RunRecord(office.now, {"new": 0, "gone": 0, "rejudged": 0}, scanned=[INBOX]))
    told = PassResult(**{**note.told, "new": 0, "received": unchanged, "unchanged": unchanged})
    for each in told.periods:
        each |= {"rebuilt": False, "returned": []}
    lastpass.write(office, replace(note, run_id=run_.id, as_of=office.now, told=asdict(told)))
    return told


def _whole_pass(
    office: OpenOffice, ledger: Ledger, source: Source, look: _Look, asked: str | None, progress: Progress
) -> PassResult:
    from sync import building, taking

    settings = lastpass.settings_state(office)
    if asked is not None:
        office.period(asked)
    taken = taking.take_in(office, ledger, source, look.changes, progress)
    problems = [*look.problems, *taken.problems]
    counts = {"new": len(taken.changes.seen), "gone": len(taken.changes.gone), "rejudged": len(taken.rejudged)}
    scanned = [source.name] if not problems else []
    run_ = ledger.record(RunRecord(office.now, counts, scanned), taken.receipts, taken.changes, taken.rejudged)
    in_sight = ledger.sightings(source.name)
    built = building.build_all(office, ledger, contents(in_sight), asked, progress)
    result = _result(office, ledger, in_sight, built.periods, asked)
    result.new = len(look.changes.changed)
    result.unchanged = look.changes.unchanged
    result.received = result.new + result.unchanged
    failures = [*taken.failures, *(failure for each in built.periods for failure in each.failures)]
    result.problems = [*problems, *failures]
    # A workbook that was held open is to be tried again, so that pass has more to do than to repeat this one.
    if not (result.problems or result.notes or taken.unsettled):
        written = [each.workbook for each in built.periods if each.workbook]
        lastpass.write(office, Note(run_.id, settings, asked, office.now, built.valid_until, written, asdict(result)))
    return result


def _result(
    office: OpenOffice, ledger: Ledger, in_sight: Sightings, built: list[PeriodResult], asked: str | None
) -> PassResult:
    current = office.control.periods.current(office.now)
    key = asked or (current.key if current else None)
    main = next((each for each in built if each.period == key), None)
    known = ledger.known(contents(in_sight))
    statuses: Mapping[str, int] = Counter(known[sha256].status for _size, _time, sha256 in in_sight.values())
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
