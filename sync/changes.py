"""What changed in a period from pass to pass. Pure: receipts, decisions and moments in, changes out.

The ledger keeps the last verdict on every receipt alone, so a report that was judged anew by other rules shows as what
it is now, and not as a change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

from sync.comparing import PeriodFigures
from sync.consolidate import STANDINGS
from sync.decisions import Decision, Field
from sync.plan import Plan, Table

if TYPE_CHECKING:
    from pandas import DataFrame

Kind = (
    Field
    | Literal["new", "new_to_mend", "mended", "replaced", "worsened", "still_to_mend", "refused", "gone", "taken_back"]
)
SHOWN_FOR = timedelta(days=7)
"""Changes are shown that came in at most so long before the newest one."""
MOST = 200
"""So many of them are shown."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that became otherwise.

    new: the first report, accepted. new_to_mend: the first one, with errors. mended: accepted, after one with errors.
    replaced: accepted, after an accepted one. worsened: with errors, after an accepted one, which still counts.
    still_to_mend: with errors, after one with errors. refused: nothing of the file can be used. gone: the file does not
    lie in a source any more. extended_to, returned, excused, note: the officer's words. taken_back: the officer cleared
    what stood in `field`.

    passed_at: the moment of the pass that brought it; run: its number, None for decisions. at: when the report was
    received, the decision made, or the file was missed (aware). file, sha256, source, in_sight: of the receipt; None
    for decisions. words: what the officer typed.
    """

    kind: Kind
    school: str | None
    passed_at: datetime
    at: datetime
    run: int | None = None
    file: str | None = None
    sha256: str | None = None
    source: str | None = None
    in_sight: bool | None = None
    field: Field | None = None
    words: str = ""


@dataclass(frozen=True)
class Recent:
    """What changed lately in a period.

    changes: newest first, at most MOST; left_out: how many more there are. newest_at: the moment of the last pass that
    brought something for the period, None where none did. before: the figures as they were before that pass, at
    `before_at`; None where it was the first one.
    """

    changes: Sequence[Change] = ()
    left_out: int = 0
    newest_at: datetime | None = None
    before: PeriodFigures | None = None
    before_at: datetime | None = None


def changes_of(
    receipts: DataFrame,
    decisions: Iterable[Decision],
    passes: Mapping[int, datetime],
    gone: Mapping[int, Sequence[str]],
) -> list[Change]:
    """All changes of a period, newest first.

    receipts: of the period, oldest first, with the verdicts of judging: run_id, school, status, received_at, path,
        sha256, source, in_sight. decisions: those on the period. passes: the moments of the passes, by number. gone:
        the contents (SHA-256) that a pass missed, by its number; those that are back in sight are left out.
    """
    found = [*_of_reports(receipts, passes), *_of_gone(receipts, passes, gone), *map(_of_decision, decisions)]
    numbered = sorted(enumerate(found), key=lambda each: (each[1].passed_at, each[1].run or 0, each[1].at, each[0]))
    return [change for _, change in reversed(numbered)]


def _of_reports(receipts: DataFrame, passes: Mapping[int, datetime]) -> Iterable[Change]:
    last: dict[str, str] = {}
    accepted: set[str] = set()
    for receipt in _rows(receipts.sort_values("run_id", kind="stable")):
        kind = _kind(receipt.status, last.get(receipt.school or ""), receipt.school in accepted)
        yield _of_receipt(kind, receipt, passes[receipt.run], receipt.received_at, receipt.run)
        if receipt.status != "refused" and receipt.school:
            last[receipt.school] = receipt.status
            accepted |= {receipt.school} if receipt.status == "accepted" else set()


class _Receipt(NamedTuple):
    run: int
    school: str | None
    status: str
    received_at: datetime
    file: str
    sha256: str
    source: str
    in_sight: bool


def _rows(receipts: DataFrame) -> Iterable[_Receipt]:
    columns = ["run_id", "school", "status", "received_at", "path", "sha256", "source", "in_sight"]
    for row in receipts[columns].itertuples(index=False, name=None):
        run, school, status, received_at, *place = row
        of = school if isinstance(school, str) else None
        yield _Receipt(int(run), of, status, received_at.to_pydatetime(), *place)


def _of_receipt(kind: Kind, receipt: _Receipt, passed_at: datetime, at: datetime, run: int) -> Change:
    place = (receipt.file, receipt.sha256, receipt.source, bool(receipt.in_sight))
    return Change(kind, receipt.school, passed_at, at, run, *place)


def _kind(status: str, before: str | None, counted: bool) -> Kind:
    """What a receipt is after the school's last report (None: it had none), if one of them `counted`."""
    if status == "refused":
        return "refused"
    if before is None:
        return "new" if status == "accepted" else "new_to_mend"
    if status == "accepted":
        return "replaced" if before == "accepted" else "mended"
    return "worsened" if counted else "still_to_mend"


def _of_gone(
    receipts: DataFrame, passes: Mapping[int, datetime], gone: Mapping[int, Sequence[str]]
) -> Iterable[Change]:
    missed = {receipt.sha256: receipt for receipt in _rows(receipts[~receipts["in_sight"].astype(bool)])}
    for run, contents in gone.items():
        for sha256 in contents:
            if sha256 in missed:
                yield _of_receipt("gone", missed[sha256], passes[run], passes[run], run)


def _of_decision(decision: Decision) -> Change:
    kind: Kind = decision.field if decision.value else "taken_back"
    return Change(
        kind,
        decision.school,
        decision.read_at,
        decision.decided_at,
        field=decision.field,
        words=decision.value,
    )


def shown(changes: Sequence[Change]) -> list[Change]:
    """Those of `changes`, newest first, that came in at most SHOWN_FOR before the newest."""
    return [each for each in changes if each.passed_at >= changes[0].passed_at - SHOWN_FOR]


@dataclass(frozen=True, slots=True)
class Moved:
    """A figure that is another one than before: of a row of a table, of a standing, or of all schools.

    key: which figure: a standing, received, counted; done (schools that are done); or the id of a number column.
    """

    key: str
    old: float
    new: float
    table: Table | None = None
    code: str = ""

    @property
    def difference(self) -> float:
        return self.new - self.old


def moved(plan: Plan, before: PeriodFigures, now: PeriodFigures) -> list[Moved]:
    """The figures that are not what they were before, in the order of the workbook's sheets."""
    found = [
        Moved("received", before.received, now.received),
        Moved("counted", before.counted, now.counted),
        *(Moved(each, before.standings[each], now.standings[each]) for each in STANDINGS),
        *(figure for table in plan.all_tables for figure in _in_table(table, before, now)),
    ]
    return [each for each in found if abs(each.difference) > _ROUNDING]


_ROUNDING = 1e-9


def _in_table(table: Table, before: PeriodFigures, now: PeriodFigures) -> Iterable[Moved]:
    old, new = before.tables[table.id], now.tables[table.id]
    for row in table.rows:
        if table.status_column is not None:
            yield Moved("done", old.done([row.code]), new.done([row.code]), table, row.code)
        for column, sums in new.sums.items():
            if row.code in sums:
                yield Moved(column, old.sums[column][row.code], sums[row.code], table, row.code)
