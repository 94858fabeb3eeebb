"""Reports beside the school's earlier ones: figures that fall, what is undone, jumps, the same report again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import i18n, periods, plan
from sync.checks import history
from sync.checks.catalogue import wording
from sync.checks.findings import Finding
from sync.schools import School, Schools
from tests.checks.entries import Cells, entries, shuffled
from tests.checks.readings import cell

PLAN = plan.load("thu-thua-2020-2025")
KNOWN = periods.proposed(PLAN, ZoneInfo("Asia/Ho_Chi_Minh")).by_key
YEAR, SEMESTER = KNOWN["2024-2025/CN"], KNOWN["2024-2025/HK1"]
YEAR_BEFORE, SEMESTER_BEFORE = KNOWN["2023-2024/CN"], KNOWN["2023-2024/HK1"]
SESSIONS, CHILDREN = ("activities", "I.2", "sessions"), ("statistics", "A.2", "total")
STATUS, DUTY, TARGET = ("activities", "I.2", "status"), ("duties", "NV.1", "status"), ("targets", "CT.1", "result")


def found(now: Cells, period: periods.Period = YEAR, **before: Cells) -> list[Finding]:
    """Findings on one school's report; `before` by period: semester, year_before, semester_before."""
    known = {"semester": SEMESTER, "year_before": YEAR_BEFORE, "semester_before": SEMESTER_BEFORE}
    earlier = [(known[name], entries(PLAN, {"TH01": cells})) for name, cells in before.items()]
    return history.check(PLAN, period, entries(PLAN, {"TH01": now}), earlier)


def brief(findings: list[Finding]) -> list[tuple[str, str | None]]:
    return [(finding.code, finding.cell) for finding in findings]


def test_a_figure_of_the_year_is_not_less_than_that_of_its_semester() -> None:
    (finding,) = found({SESSIONS: 3}, semester={SESSIONS: 1000})
    assert finding == Finding(
        receipt=1,
        code="figure-fell",
        severity="warning",
        table="activities",
        sheet="Phụ lục",
        cell=cell(PLAN, *SESSIONS),
        row="I.2",
        column="sessions",
        value=3,
        params={"now": "3", "before": "1.000", "period": SEMESTER.title},
    )
    with i18n.using("en"):
        assert wording(finding.code, finding.params, PLAN)[0].startswith("3 is less than the 1.000 reported for")


def test_a_figure_may_stay_grow_or_be_left_out() -> None:
    assert found({SESSIONS: 5}, semester={SESSIONS: 5}) == []
    assert found({SESSIONS: 6}, semester={SESSIONS: 5}) == []
    assert found({STATUS: "Đang thực hiện"}, semester={SESSIONS: 5}) == []


def test_a_new_year_begins_at_nothing() -> None:
    assert found({SESSIONS: 1}, year_before={SESSIONS: 5}, semester_before={SESSIONS: 5}) == []


def test_what_is_counted_on_the_last_day_may_fall() -> None:
    assert found({CHILDREN: 290}, semester={CHILDREN: 300}) == []
    assert found({("statistics", "B.1", "total"): 1}, semester={("statistics", "B.1", "total"): 2}) != []


def test_what_stands_in_a_closed_cell_does_not_count() -> None:
    closed = next(
        (row.code, column) for row in PLAN.tables["statistics"].rows for column in row.closed if row.section == "B"
    )
    assert found({("statistics", *closed): 1}, semester={("statistics", *closed): 2}) == []


@pytest.mark.parametrize("now", ["Chưa thực hiện", "Đang thực hiện", "Không áp dụng"])
def test_an_activity_that_was_done_stays_done(now: str) -> None:
    (finding,) = found({STATUS: now}, semester_before={STATUS: "Hoàn thành"})
    assert (finding.code, finding.cell, finding.value) == ("undone", cell(PLAN, *STATUS), now)
    assert finding.params == {"now": now, "before": "Hoàn thành", "period": SEMESTER_BEFORE.title}


def test_an_activity_may_be_done_again_or_go_on() -> None:
    assert found({STATUS: "Hoàn thành"}, semester={STATUS: "Hoàn thành"}) == []
    assert found({STATUS: "Hoàn thành"}, semester={STATUS: "Đang thực hiện"}) == []
    assert found({STATUS: "Chưa thực hiện"}, semester={STATUS: "Đang thực hiện"}) == []
    assert found({SESSIONS: 1}, semester={STATUS: "Hoàn thành"}) == []


def test_what_is_undone_is_said_once_against_the_newest_report_that_had_it_done() -> None:
    done: Cells = {STATUS: "Hoàn thành"}
    (finding,) = found(
        {STATUS: "Đang thực hiện"}, semester_before=done, year_before=done, semester={STATUS: "Đang thực hiện"}
    )
    assert finding.params["period"] == YEAR_BEFORE.title


def test_a_duty_stays_done_and_a_target_is_met_anew() -> None:
    assert brief(found({DUTY: "Đang thực hiện"}, semester={DUTY: "Đã thực hiện"})) == [("undone", cell(PLAN, *DUTY))]
    assert found({TARGET: "Chưa đạt"}, semester={TARGET: "Đạt"}) == []


@pytest.mark.parametrize(
    ("now", "before", "jumps"),
    [
        (130, 100, False),
        (131, 100, True),
        (70, 100, False),
        (69, 100, True),
        (5, 0, True),
        (0, 0, False),
        (91, 70, False),
    ],
)
def test_enrolment_that_jumps_is_asked_about(now: int, before: int, jumps: bool) -> None:
    findings = found({CHILDREN: now}, year_before={CHILDREN: before})
    assert brief(findings) == ([("figure-jumped", cell(PLAN, *CHILDREN))] if jumps else [])
    for finding in findings:
        said = {"now": str(now), "before": str(before), "percent": "30", "period": YEAR_BEFORE.title}
        assert finding.params == said


@pytest.mark.parametrize(("closed_on", "jumps"), [(date(2025, 1, 31), 0), (date(2024, 8, 31), 1)])
def test_enrolment_may_jump_where_another_school_was_merged_into_this_one(closed_on: date, jumps: int) -> None:
    gone = School("TH02", "Hai", "TH", closed_on=closed_on, merged_into="TH01")
    before = [(SEMESTER, entries(PLAN, {"TH01": {CHILDREN: 100}, "TH03": {CHILDREN: 100}}))]
    now = entries(PLAN, {"TH01": {CHILDREN: 200}, "TH03": {CHILDREN: 200}})
    findings = history.check(PLAN, YEAR, now, before, Schools((School("TH01", "Một", "TH"), gone)))
    assert [finding.code for finding in findings] == ["figure-jumped"] * (jumps + 1)
    assert findings[-1].receipt == 2


def test_a_change_of_exactly_the_share_is_no_jump() -> None:
    # 0.29 * 100 is a little less than 29 in binary fractions.
    figure = PLAN.figures["children"].model_copy(update={"max_change": 0.29})
    bounded = PLAN.model_copy(update={"figures": {"children": figure}})
    before = [(YEAR_BEFORE, entries(PLAN, {"TH01": {CHILDREN: 100}}))]
    assert history.check(bounded, YEAR, entries(PLAN, {"TH01": {CHILDREN: 129}}), before) == []
    assert len(history.check(bounded, YEAR, entries(PLAN, {"TH01": {CHILDREN: 130}}), before)) == 1


def test_figures_that_have_no_bound_may_jump() -> None:
    cases = ("statistics", "C.2", "total")
    assert found({cases: 9}, year_before={cases: 1}) == []


def test_enrolment_is_compared_with_the_newest_report_only() -> None:
    assert found({CHILDREN: 100}, semester={CHILDREN: 110}, year_before={CHILDREN: 500}) == []
    assert found({CHILDREN: 100}, semester={SESSIONS: 1}, year_before={CHILDREN: 500}) == []


def test_a_school_that_skipped_a_period_is_compared_with_its_own_newest_report() -> None:
    now = entries(PLAN, {"TH01": {CHILDREN: 100}, "TH02": {CHILDREN: 100}})
    before = [
        (SEMESTER, entries(PLAN, {"TH02": {CHILDREN: 100}})),
        (YEAR_BEFORE, entries(PLAN, {"TH01": {CHILDREN: 500}, "TH02": {CHILDREN: 500}})),
    ]
    findings = history.check(PLAN, YEAR, now, before)
    assert [(finding.receipt, finding.code) for finding in findings] == [(1, "figure-jumped")]


def whole_report() -> dict[tuple[str, str, str], object]:
    report: dict[tuple[str, str, str], object] = {
        CHILDREN: 300.0,
        SESSIONS: 2.0,
        ("activities", "I.2", "results"): "Tốt",
    }
    return report | {("activities", row.code, "status"): "Đang thực hiện" for row in PLAN.tables["activities"].rows}


def test_the_same_report_again_is_asked_about() -> None:
    (finding,) = found(whole_report(), semester=whole_report())
    assert (finding.code, finding.cell, finding.params) == ("same-as-before", None, {"period": SEMESTER.title})


@pytest.mark.parametrize(
    "change",
    [
        {SESSIONS: 3.0},
        {SESSIONS: None},
        {("activities", "I.2", "results"): "Khá"},
        {("activities", "I.2", "parents"): 1.0},
    ],
)
def test_a_report_that_differs_in_one_cell_is_another_one(change: Cells) -> None:
    assert found({**whole_report(), **change}, semester=whole_report()) == []
    assert "same-as-before" not in {each.code for each in found(whole_report(), semester={**whole_report(), **change})}


def test_only_the_newest_report_makes_a_report_the_same() -> None:
    other: Cells = {**whole_report(), SESSIONS: 1.0}
    assert found(whole_report(), semester=other, year_before=whole_report()) == []


def test_reports_of_few_cells_are_the_same_by_chance() -> None:
    cells = dict(list(whole_report().items())[: history.FEWEST_CELLS])
    assert brief(found(cells, semester=cells)) == [("same-as-before", None)]
    fewer = dict(list(cells.items())[1:])
    assert found(fewer, semester=fewer) == []


def test_later_periods_and_other_schools_are_no_history() -> None:
    assert found({SESSIONS: 1}, SEMESTER_BEFORE, semester={SESSIONS: 5}) == []
    other = entries(PLAN, {"TH02": {SESSIONS: 5}})
    assert history.check(PLAN, YEAR, entries(PLAN, {"TH01": {SESSIONS: 1}}), [(SEMESTER, other)]) == []
    assert history.check(PLAN, YEAR, entries(PLAN, {}), [(SEMESTER, entries(PLAN, {}))]) == []


def test_a_finding_names_the_rows_cell_where_letters_are_unknown() -> None:
    now, before = (
        entries(PLAN, {"TH01": {SESSIONS: 1}}, letters=False),
        entries(PLAN, {"TH01": {SESSIONS: 2}}, letters=False),
    )
    (finding,) = history.check(PLAN, YEAR, now, [(SEMESTER, before)])
    assert finding.cell == cell(PLAN, "activities", "I.2", "status")


def test_another_plan_has_other_stages_and_no_cumulative_figures() -> None:
    other = plan.load(Path(__file__).parents[1] / "fakes" / "other-plan.toml")
    now = entries(other, {"S": {("activities", "A.1", "progress"): "Để sau", ("statistics", "X.1", "measured"): 1.0}})
    before = entries(other, {"S": {("activities", "A.1", "progress"): "Xong", ("statistics", "X.1", "measured"): 9.0}})
    assert brief(history.check(other, YEAR, now, [(SEMESTER, before)])) == [
        ("undone", cell(other, "activities", "A.1", "progress"))
    ]


# ---------------------------------------------------------------- whatever is reported

_VALUES = {
    SESSIONS: st.integers(0, 3).map(float),
    CHILDREN: st.sampled_from([100.0, 120.0, 300.0]),
    STATUS: st.sampled_from(["Hoàn thành", "Đang thực hiện", "Không áp dụng"]),
    DUTY: st.sampled_from(["Đã thực hiện", "Chưa thực hiện"]),
}
_REPORTS = st.dictionaries(st.sampled_from(["A", "B", "C"]), st.fixed_dictionaries({}, optional=_VALUES))


def by_school(findings: list[Finding], reports: Mapping[str, object]) -> set[str]:
    schools = list(reports)
    return {str((schools[finding.receipt - 1], finding[1:])) for finding in findings}


@settings(max_examples=20)
@given(_REPORTS, _REPORTS, _REPORTS, st.integers(0, 9))
def test_the_order_of_rows_schools_and_periods_changes_nothing(now, semester, year, seed) -> None:  # type: ignore[no-untyped-def]
    before = [(SEMESTER, entries(PLAN, semester)), (YEAR_BEFORE, entries(PLAN, year))]
    expected = by_school(history.check(PLAN, YEAR, entries(PLAN, now), before), now)
    back = dict(reversed(now.items()))
    mixed = [(period, shuffled(frames, seed)) for period, frames in reversed(before)]
    again = history.check(PLAN, YEAR, shuffled(entries(PLAN, back), seed), mixed)
    assert by_school(again, back) == expected
    alone = [history.check(PLAN, YEAR, entries(PLAN, {school: now[school]}), before) for school in now]
    assert {each for school, one in zip(now, alone, strict=True) for each in by_school(one, [school])} == expected  # type: ignore[arg-type]
