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
from sync.sources import NAMES

if TYPE_CHECKING:
    from sync.answers.listening import Answers
    from sync.answers.opened import Opened
    from sync.building import Built
    from sync.ledger import Ledger

_ROUNDS = 3
"""So often workbooks are built in one pass while somebody types into them."""


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
    reviews: list[dict[str, Any]] = field(default_factory=list)
    """The workbooks of periods in which the office alone reports."""


def run(
    office: OpenOffice,
    *,
    period: str | None = None,
    allow_empty: bool = False,
    progress: Progress = silent,
    wait: Wait = pause,
    opened: Opened | None = None,
) -> PassResult:
    """One pass over the workspace; `period` narrows what is built to one period. `wait` waits for limits of Google.

    `opened` is a consolidated workbook that is open in Excel: it is heard, and its file is not replaced; see Opened.

    Raises WorkspaceBusy, LedgerBusy, LedgerError, ControlError, PlanError and UnknownPeriod.
    """
    from sync.answers.listening import Answers
    from sync.ledger import Ledger

    with office.workspace.lock(), Ledger.open(office.ledger_url) as ledger, ledger.held("pass"):
        answers = Answers.of(office, ledger, opened)
        answers.listen()
        answers.office = office.informed(ledger)
        return _Pass(answers.office, ledger, period, progress, answers).run(allow_empty, wait)


@dataclass(frozen=True)
class _Pass:
    """One pass under way; `asked` is the period that is asked for."""

    office: OpenOffice
    ledger: Ledger
    asked: str | None
    progress: Progress
    answers: Answers

    def run(self, allow_empty: bool, wait: Wait) -> PassResult:
        with looking.opened(self.office, wait) as places:
            places.problems += self._listen(places)
            return replace(self, office=self.answers.office)._look(places, allow_empty)

    def _look(self, places: Places, allow_empty: bool) -> PassResult:
        looks = looking.look(places, self.ledger, allow_empty)
        problems = [*places.problems, *(problem for look in looks for problem in look.problems)]
        is_news = self.answers.is_news or any(look.changes.changed or look.changes.gone for look in looks)
        if not problems and not is_news:
            last = self.ledger.last_run()
            note = lastpass.still_true(self.office, last.id if last else None, self.asked)
            if note is not None:
                return self._again(note, looks)
        return self._whole(places, looks, problems)

    def _listen(self, places: Places) -> list[str]:
        """Hears what was typed into the published spreadsheet; gives what failed."""
        if places.google is None or not self.office.settings.google.publish_to:
            return []
        from sync import publishing

        heard = self.answers.decided
        problems = publishing.listen(self.answers, places.google)
        if self.answers.decided != heard:
            self.answers.office = self.office.informed(self.ledger)
        return problems

    def _again(self, note: Note, looks: Sequence[Look]) -> PassResult:
        """A pass that found nothing new: it is recorded, and what the last one said is said again."""
        counts = {"new": 0, "gone": 0, "rejudged": 0}
        scanned = [look.source.name for look in looks]
        run_ = self.ledger.record(RunRecord(self.office.now, counts, scanned=scanned))
        unchanged = sum(look.changes.unchanged for look in looks)
        told = PassResult(**{**note.told, "new": 0, "received": unchanged, "unchanged": unchanged})
        for each in told.periods:
            each |= {"rebuilt": False, "returned": []}
        for each in told.reviews:
            each |= {"rebuilt": False}
        lastpass.write(self.office, replace(note, run_id=run_.id, as_of=self.office.now, told=asdict(told)))
        return told

    def _whole(self, places: Places, looks: Sequence[Look], problems: Sequence[str]) -> PassResult:
        from sync import recent, taking

        office, ledger = self.office, self.ledger
        settings = lastpass.settings_state(office)
        if self.asked is not None:
            office.any_period(self.asked)
        taken = taking.take_in(office, ledger, looks, self.progress)
        sizes = {"new": len(taken.changes.seen), "gone": len(taken.changes.gone), "rejudged": len(taken.rejudged)}
        counts = {**sizes, **recent.lost(ledger, taken.changes)}
        failed = {look.source.name for look in looks if not look.whole} | taken.failed
        scanned = [look.source.name for look in looks if look.source.name not in failed]
        run_ = ledger.record(RunRecord(office.now, counts, scanned), taken.receipts, taken.changes, taken.rejudged)
        built, office = self._build(places)
        if self.asked is None:
            self.answers.all_built()
        result = _result(office, ledger, built, self.asked)
        result.notes += self.answers.notes
        result.new = sum(len(look.changes.changed) for look in looks)
        result.unchanged = sum(look.changes.unchanged for look in looks)
        result.received = result.new + result.unchanged
        failures = [*taken.failures, *(failure for each in built.periods for failure in each.failures)]
        result.problems = [*problems, *taken.problems, *failures]
        # A workbook that was held open is to be tried again, so that pass has more to do than to repeat this one.
        if not (result.problems or result.notes or taken.unsettled):
            written = [each.workbook for each in built.periods if each.workbook]
            written += [each.workbook for each in built.reviews]
            told = asdict(result)
            decided = len(office.decisions.all)
            note = Note(run_.id, settings, self.asked, office.now, built.valid_until, written, told, decided)
            lastpass.write(office, note)
        return result

    def _build(self, places: Places) -> tuple[Built, OpenOffice]:
        """Builds what is out of date, and once more where somebody decided something meanwhile; the next pass does
        what is left. Gives the office with all that was decided."""
        from sync import building

        office, earlier = self.office, None
        for _round in range(_ROUNDS):
            heard, in_sight = self.answers.decided, looking.in_sight(self.ledger)
            built = building.build_all(
                office, self.ledger, in_sight, self.asked, places.google, self.progress, self.answers
            )
            if earlier is not None:
                built.add(earlier)
            if self.answers.decided == heard:
                break
            office, earlier = office.informed(self.ledger), built
            self.answers.office = office
        return built, office


def _result(office: OpenOffice, ledger: Ledger, built: Built, asked: str | None) -> PassResult:
    current = office.control.periods.current(office.now)
    key = asked or (current.key if current else None)
    main = next((each for each in built.periods if each.period == key), None)
    review = next((each for each in built.reviews if each.period == key), None)
    sightings = [ledger.sightings(name) for name in NAMES]
    lying = (sha256 for each in sightings for _size, _time, sha256 in each.values())
    statuses: Mapping[str, int] = Counter(built.statuses[sha256] for sha256 in lying)
    return PassResult(
        period=key,
        refused=statuses.get("refused", 0),
        accepted=statuses.get("accepted", 0),
        to_mend=statuses.get("to_mend", 0),
        missing=main.standings["missing"] if main else 0,
        workbook=main.workbook if main else (review.workbook if review else None),
        periods=[asdict(each) for each in built.periods],
        notes=[
            *(note for each in built.periods for note in each.notes),
            *(note for each in built.reviews for note in each.notes),
        ],
        reviews=[asdict(each) for each in built.reviews],
    )
