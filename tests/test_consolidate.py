from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from sync import plan as plans
from sync.consolidate import (
    BLANK,
    NO_REPORT,
    NOT_FOR_LEVEL,
    Consolidated,
    Facts,
    consolidate,
    empty_entries,
)
from sync.plan import Plan
from tests.outputs import office_facts, tiny_plan


@pytest.fixture(scope="module", params=["thu-thua-2020-2025", "tiny"])
def facts(request: pytest.FixtureRequest) -> Facts:
    name = request.param
    return office_facts.make_facts(tiny_plan.load() if name == "tiny" else plans.load(name), 42, seed=3)


@pytest.fixture(scope="module")
def consolidated(facts: Facts) -> Consolidated:
    return consolidate(facts)


def records(facts: Facts, table: str) -> list[dict[str, Any]]:
    frame = facts.entries[table]  # type: ignore[index]
    return [{str(name): value for name, value in record.items()} for record in frame.to_dict("records")]


def levels(facts: Facts) -> dict[str, str]:
    return {school.code: school.level for school in facts.schools}


def test_choices_are_counted_as_a_plain_loop_counts_them(facts: Facts, consolidated: Consolidated) -> None:
    for table in facts.plan.all_tables:
        for column in (column for column in table.columns if column.choices):
            expected = Counter((entry["row"], entry[column.id]) for entry in records(facts, table.id))
            counts = consolidated.tables[table.id].counts[column.id]
            for row in table.rows:
                for value in column.values:
                    assert counts.loc[row.code, value] == expected[row.code, value]
            assert counts.to_numpy().sum() > 0


def test_numbers_are_added_up_as_a_plain_loop_adds_them(facts: Facts, consolidated: Consolidated) -> None:
    of_school = levels(facts)
    for table in facts.plan.all_tables:
        figures = consolidated.tables[table.id]
        for column in (column for column in table.columns if column.is_number):
            expected: dict[tuple[str, str], float] = defaultdict(float)
            for entry in records(facts, table.id):
                if not pd.isna(entry[column.id]):
                    expected[entry["row"], ""] += entry[column.id]
                    expected[entry["row"], of_school[entry["school"]]] += entry[column.id]
            for row in table.rows:
                if column.id in row.closed:
                    assert figures.sums[column.id].isna()[row.code]
                    continue
                assert figures.sums.loc[row.code, column.id] == expected[row.code, ""]
                for level in facts.plan.levels:
                    got = figures.sums_by_level[level.code].loc[row.code, column.id]
                    assert got == expected[row.code, level.code]


def test_a_row_applies_to_the_schools_of_its_levels_with_a_report_less_those_that_say_it_does_not(
    facts: Facts, consolidated: Consolidated
) -> None:
    of_school = levels(facts)
    counted = [of_school[code] for code in facts.counted["school"]]
    for table in facts.plan.all_tables:
        status = table.status_column
        off = [choice.value for choice in status.choices if choice.stage == "not_applicable"] if status else []
        for row in table.rows:
            declined = sum(
                1
                for entry in records(facts, table.id)
                if status and entry["row"] == row.code and entry[status.id] in off
            )
            for_level = sum(1 for level in counted if row.is_for(level))
            assert consolidated.tables[table.id].applies[row.code] == for_level - declined


def test_the_matrix_holds_each_choice_and_says_why_there_is_none(facts: Facts, consolidated: Consolidated) -> None:
    table, matrix = facts.plan.tables["activities"], consolidated.matrix
    assert matrix is not None
    assert table.status_column is not None
    chosen = {(e["school"], e["row"]): e[table.status_column.id] for e in records(facts, "activities")}
    counted = set(facts.counted["school"])
    seen = set()
    for school in facts.schools:
        for row in table.rows:
            value = chosen.get((school.code, row.code))
            expected = BLANK if school.code in counted else NO_REPORT
            expected = expected if row.is_for(school.level) else NOT_FOR_LEVEL
            if value is not None:
                expected = table.status_column.values.index(value)
            assert matrix.loc[school.code, row.code] == expected
            seen.add(expected)
    assert {NO_REPORT, NOT_FOR_LEVEL, 0} <= seen


def test_standings_are_counted_and_the_overdue_are_those_late_or_still_owing(
    facts: Facts, consolidated: Consolidated
) -> None:
    standing = Counter(facts.standings["standing"])
    assert consolidated.standings == {name: standing[name] for name in consolidated.standings}
    assert sum(consolidated.standings.values()) == len(facts.schools)
    late = facts.standings.to_dict("records")
    expected = [
        record["code"]
        for record in late
        if record["standing"] in ("missing", "late") or (record["standing"] == "to_mend" and record["days_late"] > 0)
    ]
    assert expected
    assert consolidated.overdue["code"].tolist() == expected


def test_a_report_to_be_mended_is_not_overdue_before_the_due_moment(plan: Plan) -> None:
    facts = office_facts.make_facts(plan, 42, seed=3, period="2024-2025/HK1")
    due = facts.period.schools_due
    assert due is not None
    early = consolidate(office_facts.make_facts(plan, 42, seed=3, period="2024-2025/HK1", now=due - timedelta(days=1)))
    assert early.standings["to_mend"] > 0
    assert early.overdue.empty


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plans.load("thu-thua-2020-2025")


def test_a_report_of_a_school_that_owes_none_is_left_out_and_told(plan: Plan) -> None:
    facts = office_facts.make_facts(plan, 8, rate=1.0)
    stranger = facts.counted["school"].iloc[0]
    without = facts.standings[facts.standings["code"] != stranger]
    result = consolidate(Facts(**{**vars(facts), "standings": without}))
    assert stranger not in set(result.entries["activities"]["school"])
    own = int((facts.entries["activities"]["school"] == stranger).sum())
    assert own > 0
    assert len(result.entries["activities"]) == len(facts.entries["activities"]) - own
    assert any(stranger in note for note in result.notes)
    assert result.tables["activities"].applies.max() <= len(facts.counted) - 1


def test_findings_follow_the_order_of_schools_and_files_of_nobody_come_last(facts: Facts) -> None:
    rows = [
        {"receipt": 9, "school": None, "file": "x", "message": "refused"},
        {"receipt": 5, "school": "T0002", "file": "b", "message": "second"},
        {"receipt": 7, "school": "T0001", "file": "a", "message": "first"},
        {"receipt": 7, "school": "T0001", "file": "a", "message": "also first"},
    ]
    findings = pd.DataFrame(rows, columns=list(office_facts.FINDING_COLUMNS))
    result = consolidate(Facts(**{**vars(facts), "findings": findings})).findings
    assert result["message"].tolist() == ["first", "also first", "second", "refused"]
    assert result["name"].tolist()[0] == facts.schools.by_code["T0001"].name


def test_a_period_without_any_report_has_zeros_everywhere(facts: Facts) -> None:
    before = datetime(2020, 1, 1, tzinfo=office_facts.ZONE)
    result = consolidate(office_facts.without_reports(facts, before))
    assert result.standings["not_due"] == len(facts.schools)
    for table in facts.plan.all_tables:
        figures = result.tables[table.id]
        assert figures.reports.sum() == 0
        assert figures.applies.sum() == 0
        assert figures.sums.sum().sum() == 0
        assert figures.stages.to_numpy().sum() == 0
    assert result.overdue.empty


def test_a_table_that_no_frame_came_for_has_no_entries(facts: Facts) -> None:
    result = consolidate(Facts(**{**vars(facts), "entries": {}}))
    for table in facts.plan.all_tables:
        expected = empty_entries(table).columns.tolist()
        assert result.entries[table.id].columns.tolist()[: len(expected)] == expected
        assert result.tables[table.id].reports.sum() == 0


def test_facts_are_not_changed(facts: Facts) -> None:
    before = {name: frame.copy() for name, frame in facts.entries.items()}
    standings, findings = facts.standings.copy(), facts.findings.copy()
    consolidate(facts)
    pd.testing.assert_frame_equal(facts.standings, standings)
    pd.testing.assert_frame_equal(facts.findings, findings)
    for name, frame in before.items():
        pd.testing.assert_frame_equal(facts.entries[name], frame)
