from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import plan as plans
from sync.comparing import (
    PeriodFigures,
    combined,
    figures_from,
    kind_of,
    of_kind,
    progress_lines,
    reported,
    school_counts,
    sum_lines,
    target_lines,
)
from sync.consolidate import Facts, consolidate
from sync.period_figures import dumped, loaded
from sync.periods import Period
from tests.outputs import office_facts, tiny_plan

PLAN = plans.load("thu-thua-2020-2025")
STAGE = {"Hoàn thành": "done", "Không áp dụng": "not_applicable"}


@pytest.fixture(scope="module")
def facts() -> Facts:
    return office_facts.make_facts(PLAN, 42, seed=3)


@pytest.fixture(scope="module")
def figures(facts: Facts) -> PeriodFigures:
    return figures_from(consolidate(facts))


def test_the_share_of_activities_is_what_a_plain_loop_counts(facts: Facts, figures: PeriodFigures) -> None:
    levels = {school.code: school.level for school in facts.schools}
    counted = set(facts.counted["school"])
    chosen = {
        (entry["school"], entry["row"]): STAGE.get(entry["status"])
        for entry in facts.entries["activities"].to_dict("records")
    }
    done: Counter[str] = Counter()
    applies: Counter[str] = Counter()
    for row in PLAN.tables["activities"].rows:
        for school in counted:
            if row.is_for(levels[school]) and chosen.get((school, row.code)) != "not_applicable":
                for code in ("", str(row.section), row.code):
                    applies[code] += 1
                    done[code] += chosen.get((school, row.code)) == "done"
    lines = {line.code: line.value(figures) for line in progress_lines(PLAN)}
    assert lines == {code: pytest.approx(done[code] / applies[code]) for code in applies}
    assert len(lines) == 1 + 4 + 20


def test_targets_and_statistics_are_what_a_plain_loop_adds_up(facts: Facts, figures: PeriodFigures) -> None:
    sums: Counter[tuple[str, str]] = Counter()
    for table in ("targets", "statistics"):
        for entry in facts.entries[table].to_dict("records"):
            for column in ("numerator", "denominator", "total", "female"):
                if column in entry and not pd.isna(entry[column]):
                    sums[entry["row"], column] += entry[column]
    targets = {line.code: line.value(figures) for line in target_lines(PLAN)}
    assert targets == {code: pytest.approx(sums[code, "numerator"] / sums[code, "denominator"]) for code in targets}
    statistics = {(line.code, line.key): line.value(figures) for line in sum_lines(PLAN)}
    assert statistics == {key: sums[key] for key in statistics}
    assert len(targets) == 5
    assert len(statistics) > 20


def test_schools_are_counted_where_they_stand(facts: Facts, figures: PeriodFigures) -> None:
    assert dict(figures.schools) == dict(zip(facts.standings["code"], facts.standings["standing"], strict=True))
    assert figures.standings == {**dict.fromkeys(figures.standings, 0), **Counter(facts.standings["standing"])}
    assert figures.received == facts.standings["received_at"].notna().sum()
    assert figures.counted == len(facts.counted)


def part(facts: Facts, schools: set[str]) -> Facts:
    chosen = list(schools)
    return replace(
        facts,
        standings=facts.standings[facts.standings["code"].isin(chosen)],
        counted=facts.counted[facts.counted["school"].isin(chosen)],
        entries={name: each[each["school"].isin(chosen)] for name, each in facts.entries.items()},
    )


@settings(max_examples=15)
@given(st.sets(st.integers(0, 41)), st.sampled_from(["shipped", "tiny"]))
def test_figures_add_up_over_schools(numbers: set[int], name: str) -> None:
    facts = office_facts.make_facts(PLAN if name == "shipped" else tiny_plan.load(), 42, seed=5)
    schools = {school.code for school in facts.schools}
    some = {code for at, code in enumerate(sorted(schools)) if at in numbers}
    whole, one, other = (figures_from(consolidate(part(facts, each))) for each in (schools, some, schools - some))
    for table in facts.plan.all_tables:
        assert approximately(combined(one.tables[table.id], other.tables[table.id], 1)) == approximately(
            whole.tables[table.id]
        )
        rest = combined(whole.tables[table.id], one.tables[table.id], -1)
        assert approximately(rest) == approximately(other.tables[table.id])


def approximately(value: Any) -> Any:
    """`value` as plain data with rounded numbers, so that the order of adding does not show."""
    if hasattr(value, "__dataclass_fields__"):
        return {name: approximately(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, dict):
        return {name: approximately(each) for name, each in value.items()}
    return round(value, 6)


def test_what_is_kept_comes_back_as_it_was(figures: PeriodFigures) -> None:
    assert loaded(dumped(figures), figures.period) == figures


def test_what_was_damaged_is_refused(figures: PeriodFigures) -> None:
    with pytest.raises(ValueError, match="received"):
        loaded({**dumped(figures), "received": "viele"}, figures.period)


def period(key: str) -> Period:
    return replace(office_facts.make_period(PLAN, "2024-2025/HK1"), key=key)


@pytest.mark.parametrize(
    ("key", "kind"),
    [("2024-2025/HK1", "HK1"), ("2024-2025/CN", "CN"), ("2025/DX-01", "DX"), ("TK-2025", "TK-2025"), ("a/b", "b")],
)
def test_a_period_is_of_the_kind_of_its_calendar_entry(key: str, kind: str) -> None:
    assert kind_of(PLAN, period(key)) == kind


def silent(figures: PeriodFigures, key: str) -> PeriodFigures:
    return replace(figures, period=period(key), received=0, counted=0)


def test_semesters_are_set_beside_semesters(figures: PeriodFigures) -> None:
    keys = ["2022-2023/HK1", "2022-2023/CN", "2023-2024/HK1", "2023-2024/CN"]
    several = [replace(figures, period=period(key)) for key in keys]
    assert [each.period.key for each in of_kind(PLAN, several, period("2024-2025/HK1"))] == [keys[0], keys[2]]


def test_periods_before_the_first_report_are_left_out_and_gaps_after_it_are_not(figures: PeriodFigures) -> None:
    first = [silent(figures, "a"), silent(figures, "b")]
    later = [figures, silent(figures, "c"), figures]
    assert reported(first + later) == later
    assert reported(first) == first[-1:]
    assert reported([]) == []


def test_schools_are_counted_over_periods_with_reports_alone(figures: PeriodFigures) -> None:
    one = replace(figures, schools={"A": "on_time", "B": "late"})
    other = replace(figures, schools={"A": "on_time", "C": "missing"})
    nothing = replace(silent(figures, "x"), schools={"A": "missing", "D": "missing"})
    assert school_counts([one, nothing, other]) == {"A": {"on_time": 2}, "B": {"late": 1}, "C": {"missing": 1}}
