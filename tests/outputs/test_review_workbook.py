from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sync import plan as plans
from sync.comparing import PeriodFigures, Review, figures_from
from sync.consolidate import Facts, Outlook, consolidate
from sync.outputs import office_workbook, review_workbook
from sync.periods import Period
from sync.plan import Plan
from tests.outputs import tiny_plan
from tests.outputs.office_facts import NOW, OFFICE, make_facts, make_period, make_schools

OTHER = Path(__file__).parents[1] / "fakes" / "other-plan.toml"
PLANS = {
    "shipped": lambda: plans.load("thu-thua-2020-2025"),
    "other": lambda: plans.load(OTHER),
    "tiny": tiny_plan.load,
}


def facts_of(plan: Plan, seed: int) -> Facts:
    """Facts of the plan's first period some days after its due moment."""
    due = make_period(plan).schools_due
    assert due is not None
    return make_facts(plan, 12, seed=seed, now=due + timedelta(days=5))


def figures_of(plan: Plan, seed: int, key: str) -> PeriodFigures:
    found = figures_from(consolidate(facts_of(plan, seed)))
    return replace(found, period=replace(found.period, key=key, title=f"Kỳ {key}"))


def review_of(plan: Plan, *figures: PeriodFigures) -> Review:
    due = NOW.replace(month=12)
    period = Period("TK", "Tổng kết", plan.starts_on, plan.ends_on, office_due=due)
    return Review(plan, period, figures, make_schools(plan, 12))


def silent(figures: PeriodFigures) -> PeriodFigures:
    return replace(figures, received=0, counted=0, schools=dict.fromkeys(figures.schools, "missing"))


def texts(content: bytes, sheet: str) -> list[str]:
    opened = openpyxl.load_workbook(BytesIO(content), data_only=True)
    return [str(cell) for row in opened[sheet].iter_rows(values_only=True) for cell in row if cell is not None]


@pytest.mark.parametrize("name", PLANS)
def test_a_review_of_any_plan_has_a_sheet_for_each_table_with_figures(name: str) -> None:
    plan = PLANS[name]()
    review = review_of(plan, figures_of(plan, 1, "2023/A"), figures_of(plan, 2, "2024/A"))
    content = review_workbook.build(review, OFFICE, NOW)
    names = openpyxl.load_workbook(BytesIO(content)).sheetnames
    expected = [table.summary_sheet for table in plan.all_tables if table.status_column or table.id == "statistics"]
    taken = ["Tổng quan (2)" if sheet == "Tổng quan" else sheet for sheet in expected]
    assert names == ["Tổng quan", *taken, "Tiến độ nộp", "Theo trường"]
    assert review_workbook.build(review, OFFICE, NOW) == content


def test_periods_without_reports_are_told_as_such_and_are_no_zeros() -> None:
    plan = PLANS["shipped"]()
    told = figures_of(plan, 1, "2024/A")
    review = review_of(plan, silent(told), told, silent(told))
    content = review_workbook.build(review, OFFICE, NOW)
    overview = texts(content, "Tổng quan")
    assert overview.count("Không có báo cáo") == 2
    assert "3 kỳ báo cáo của trường, 1 kỳ có báo cáo" in overview
    rows = openpyxl.load_workbook(BytesIO(content), data_only=True)["Số liệu"].iter_rows(min_row=9, values_only=True)
    assert {row[3] for row in rows} == {None}


def test_a_review_without_any_report_says_so_on_one_sheet() -> None:
    plan = PLANS["shipped"]()
    content = review_workbook.build(review_of(plan, silent(figures_of(plan, 1, "2024/A"))), OFFICE, NOW)
    assert openpyxl.load_workbook(BytesIO(content)).sheetnames == ["Tổng quan"]
    assert any("Chưa có báo cáo nào được tính" in text for text in texts(content, "Tổng quan"))
    nothing = review_workbook.build(review_of(plan), OFFICE, NOW)
    assert any("Chưa có báo cáo nào được tính" in text for text in texts(nothing, "Tổng quan"))


@pytest.mark.parametrize(
    ("month", "reported", "expected"), [(12, False, "còn 334 ngày"), (1, False, "còn 0 ngày"), (12, True, None)]
)
def test_the_days_that_the_office_has_left_are_counted(month: int, reported: bool, expected: str | None) -> None:
    plan = PLANS["tiny"]()
    review = review_of(plan)
    period = replace(review.period, office_due=NOW.replace(month=month))
    period = replace(period, office_reported_on=NOW.date() if reported else None)
    told = texts(review_workbook.build(replace(review, period=period), OFFICE, NOW), "Tổng quan")
    assert any(text.endswith(expected or "") and " ngày " in text for text in told)
    assert any("còn" in text for text in told) is not reported


@pytest.mark.parametrize("name", PLANS)
def test_every_sheet_prints_on_a4_with_its_headings_on_each_page(name: str) -> None:
    plan = PLANS[name]()
    review = review_of(plan, figures_of(plan, 1, "2023/A"), figures_of(plan, 2, "2024/A"))
    opened = openpyxl.load_workbook(BytesIO(review_workbook.build(review, OFFICE, NOW)))
    for sheet in opened.worksheets:
        assert sheet.page_setup.paperSize == 9
        assert sheet.freeze_panes
        assert sheet.title == "Tổng quan" or sheet.print_title_rows
        fonts = {cell.font.name for row in sheet.iter_rows() for cell in row if cell.value is not None}
        assert fonts == {"Times New Roman"}


@pytest.mark.parametrize("name", PLANS)
def test_the_consolidated_workbook_sets_any_plans_periods_side_by_side(name: str) -> None:
    plan = PLANS[name]()
    facts = facts_of(plan, 4)
    key = facts.period.key.rsplit("/", 1)[-1]
    earlier = figures_of(plan, 1, f"2020/{key}")
    consolidated = consolidate(replace(facts, outlook=Outlook(earlier=[earlier])))
    content = office_workbook.build(consolidated, OFFICE, NOW)
    sheet: Any = openpyxl.load_workbook(BytesIO(content), data_only=True)["So sánh các kỳ"]
    received = next(row for row in sheet.iter_rows(values_only=True) if row[1] == "Đã gửi báo cáo")
    now = int(consolidated.progress["received_at"].notna().sum())
    assert received[2:5] == (earlier.received, now, now - earlier.received)
