"""What changed from pass to pass, as the sheet `Thay đổi` tells it, from histories of receipts and decisions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync import facts
from sync.changes import MOST, Change, Recent, moved
from sync.comparing import PeriodFigures, figures_from
from sync.consolidate import consolidate
from sync.decisions import Decision
from sync.ledger import Ledger, ReceiptRecord, RunRecord, Sighting, SightingChanges
from sync.looking import in_sight
from sync.recent import lost, recent_of
from sync.sources import INBOX
from tests.fakes.ledger_facts import make_office, opened, report, take
from tests.fakes.offices import PERIOD, PLAN, ZONE

FIRST = datetime(2025, 1, 18, 9, tzinfo=ZONE)
DONE = {("activities", "I.1", "status"): "Hoàn thành", ("activities", "I.1", "sessions"): 4}
NUMBERS = count()


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return make_office(tmp_path / "office")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "facts.sqlite") as opened_ledger:
        yield opened_ledger


def look(workspace: Path, ledger: Ledger, now: datetime) -> tuple[Recent, PeriodFigures]:
    """What changed lately and the figures, as a workbook that is built at `now` has them."""
    office = opened(workspace, now, ledger)
    everything = facts.all_receipts(ledger, in_sight(ledger), office.decisions)
    receipts = facts.receipts_of(office, ledger, office.period(PERIOD), everything)
    standing = facts.standings_of(office, receipts)
    none = pd.DataFrame({name: pd.Series(dtype=object) for name in facts.FINDINGS})
    known = facts.facts_of(office, ledger, receipts, standing, none)
    consolidated = consolidate(known)
    return recent_of(office, ledger, receipts, known, consolidated), figures_from(consolidated)


def told(changes: Sequence[Change]) -> list[tuple[str, str | None, int | None]]:
    return [(change.kind, change.school, change.run) for change in changes]


def days(number: float) -> datetime:
    return FIRST + timedelta(days=number)


def decide(ledger: Ledger, now: datetime, field: Any, value: str, school: str = "TH01") -> None:
    decision = Decision(PERIOD, school, field, value, now - timedelta(hours=1), now, "tong-hop.xlsx")
    ledger.decisions.record([decision], f"{next(NUMBERS):064x}", "tong-hop.xlsx", now)


def test_a_report_is_new_mended_replaced_or_worse_than_the_one_before(workspace: Path, ledger: Ledger) -> None:
    sequence = ("to_mend", "to_mend", "accepted", "accepted", "to_mend")
    for number, status in enumerate(sequence):
        take(ledger, days(number), [report("TH01", PERIOD, days(number), DONE, status)])  # type: ignore[arg-type]
    recent, _figures = look(workspace, ledger, days(5))
    kinds = ["worsened", "replaced", "mended", "still_to_mend", "new_to_mend"]
    assert told(recent.changes) == [(kind, "TH01", 5 - at) for at, kind in enumerate(kinds)]
    assert [change.in_sight for change in recent.changes] == [True, False, False, False, False]


def test_a_refused_file_is_no_report(workspace: Path, ledger: Ledger) -> None:
    take(ledger, days(0), [report("TH01", PERIOD, days(0), DONE, "refused", "hong.xlsx")])
    take(ledger, days(1), [report("TH01", PERIOD, days(1), DONE)])
    recent, _figures = look(workspace, ledger, days(2))
    assert told(recent.changes) == [("new", "TH01", 2), ("refused", "TH01", 1)]


def test_a_file_that_went_away_is_told_with_the_pass_that_missed_it(workspace: Path, ledger: Ledger) -> None:
    take(ledger, days(0), [report("TH01", PERIOD, days(0), DONE)])
    gone = SightingChanges(gone=[(INBOX, "TH01.xlsx")])
    counts = lost(ledger, gone)
    ledger.record(RunRecord(days(1), counts, [INBOX]), changes=gone)
    recent, figures = look(workspace, ledger, days(2))
    assert told(recent.changes) == [("gone", "TH01", 2), ("new", "TH01", 1)]
    assert figures.counted == 1


def test_a_file_that_was_only_renamed_did_not_go_away(workspace: Path, ledger: Ledger) -> None:
    sent = report("TH01", PERIOD, days(0), DONE)
    take(ledger, days(0), [sent])
    take(ledger, days(1), [])
    renamed = SightingChanges([_at(sent, "ten-moi.xlsx")], [(INBOX, "TH01.xlsx")])
    assert lost(ledger, renamed) == {}
    ledger.record(RunRecord(days(2), {}, [INBOX]), changes=renamed)
    assert told(look(workspace, ledger, days(3))[0].changes) == [("new", "TH01", 1)]


def _at(sent: ReceiptRecord, path: str) -> Sighting:
    return Sighting(INBOX, path, sent.size, 0, sent.sha256)


def test_decisions_of_the_officer_are_changes_too(workspace: Path, ledger: Ledger) -> None:
    take(ledger, days(0), [report("TH01", PERIOD, days(0), DONE)])
    decide(ledger, days(1), "extended_to", "2025-02-10")
    decide(ledger, days(2), "extended_to", "")
    decide(ledger, days(3), "returned", "Thiếu số liệu")
    recent, figures = look(workspace, ledger, days(4))
    assert [(each.kind, each.words) for each in recent.changes] == [
        ("returned", "Thiếu số liệu"),
        ("taken_back", ""),
        ("extended_to", "2025-02-10"),
        ("new", ""),
    ]
    assert recent.newest_at == days(3)
    assert recent.before is not None
    assert {each.key: each.difference for each in moved(PLAN, recent.before, figures) if each.table is None} == {
        "counted": -1,
        "on_time": -1,
        "to_mend": 1,
    }


def test_changes_are_shown_for_a_week_before_the_newest_one(workspace: Path, ledger: Ledger) -> None:
    for number, day in enumerate((0, 3.5, 10, 10.4)):
        take(ledger, days(day), [report("TH01", PERIOD, days(day), {**DONE, ("duties", "x", "y"): number})])
    assert [change.run for change in look(workspace, ledger, days(40))[0].changes] == [4, 3, 2]


def test_no_more_than_the_newest_changes_are_shown_and_the_others_counted(workspace: Path, ledger: Ledger) -> None:
    many = [
        report("TH01", PERIOD, FIRST + timedelta(seconds=number), DONE, path=f"{number}.xlsx")
        for number in range(MOST + 7)
    ]
    take(ledger, days(1), many)
    recent, _figures = look(workspace, ledger, days(2))
    assert (len(recent.changes), recent.left_out) == (MOST, 7)
    assert recent.changes[0].file == f"{MOST + 6}.xlsx"


def test_the_first_consolidation_has_nothing_to_be_compared_with(workspace: Path, ledger: Ledger) -> None:
    assert look(workspace, ledger, days(0))[0] == Recent()
    take(ledger, days(1), [report("TH01", PERIOD, days(1), DONE)])
    recent, _figures = look(workspace, ledger, days(1))
    assert (recent.before, recent.before_at) == (None, None)


def test_a_pass_without_news_changes_nothing_that_is_told(workspace: Path, ledger: Ledger) -> None:
    take(ledger, days(0), [report("TH01", PERIOD, days(0), DONE)])
    take(ledger, days(1), [report("MN01", PERIOD, days(1), DONE)])
    before, _figures = look(workspace, ledger, days(1))
    take(ledger, days(2), [])
    assert look(workspace, ledger, days(2))[0] == before


CELLS = {
    ("activities", "I.1", "status"): st.sampled_from(["Hoàn thành", "Đang thực hiện", "Không áp dụng"]),
    ("activities", "I.2", "status"): st.sampled_from(["Hoàn thành", "Chưa thực hiện"]),
    ("activities", "I.1", "sessions"): st.integers(0, 9),
    ("targets", "CT.1", "numerator"): st.integers(0, 9),
    ("targets", "CT.1", "denominator"): st.integers(10, 20),
    ("statistics", "A.2", "total"): st.integers(1, 500),
}
REPORTS = st.tuples(
    st.sampled_from(["TH01", "MN01", "CS01"]),
    st.sampled_from(["accepted", "accepted", "to_mend", "refused"]),
    st.fixed_dictionaries({}, optional=CELLS),
)
DECISIONS = st.tuples(
    st.sampled_from(
        [("excused", "Mới thành lập"), ("excused", ""), ("returned", "Sai"), ("extended_to", "2025-02-10")]
    ),
    st.sampled_from(["TH01", "MN01"]),
)
PASSES = st.lists(st.tuples(st.lists(REPORTS, max_size=3), st.lists(DECISIONS, max_size=1)), min_size=2, max_size=4)


@pytest.mark.slow
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=PASSES)
def test_the_figures_before_the_last_pass_with_news_are_those_of_the_workbook_before_it(
    history: Sequence[tuple[Sequence[tuple[str, Any, Mapping[Any, Any]]], Sequence[Any]]],
    workspace: Path,
    tmp_path: Path,
) -> None:
    with Ledger.open(tmp_path / f"{next(NUMBERS)}.sqlite") as ledger:
        take(ledger, days(-1), [report("TH01", "2023-2024/CN", days(-1), DONE, path="truoc.xlsx")])
        shown = look(workspace, ledger, days(-1))[1]
        for number, (reports, decisions) in enumerate(history):
            now = FIRST + timedelta(hours=number)
            for (field, value), school in decisions:
                decide(ledger, now, field, value, school)
            sent = [
                report(
                    school,
                    PERIOD,
                    now,
                    {**cells, ("duties", "N.1", "evidence"): str(at)},
                    status,
                    f"{school}-{at}.xlsx",
                )
                for at, (school, status, cells) in enumerate(reports, number * 10)
            ]
            take(ledger, now, sent)
            recent, figures = look(workspace, ledger, now)
            if reports or decisions:
                assert recent.before is not None
                assert rounded(recent.before) == rounded(shown)
            shown = figures


def rounded(figures: PeriodFigures) -> Any:
    return (
        figures.received,
        figures.counted,
        dict(figures.schools),
        {
            name: (totals.reports, totals.applies, totals.stages, totals.sums, totals.sums_by_level)
            for name, totals in figures.tables.items()
        },
    )
