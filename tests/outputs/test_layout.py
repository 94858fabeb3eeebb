from __future__ import annotations

import pytest

from sync.outputs import layout as at
from sync.outputs.layout import SheetLayout, layout
from sync.plan import Plan, load


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load("thu-thua-2020-2025")


def _every_column(sheet: SheetLayout) -> list[int]:
    groups = [sheet.fixed, sheet.columns, sheet.rule_columns, sheet.kind_columns, sheet.mark_columns]
    columns = [column for group in [*groups, sheet.message_columns] for column in group.values()]
    return [sheet.code_column, *columns, sheet.verdict_column, sheet.filled_column, sheet.state_column]


def test_each_table_stands_on_its_sheet_below_one_heading_row(plan: Plan) -> None:
    sheets = layout(plan)
    assert [(name, sheet.sheet, sheet.heading_row) for name, sheet in sheets.items()] == [
        ("activities", "Phụ lục", 7),
        ("targets", "Chỉ tiêu", 7),
        ("duties", "Nhiệm vụ", 7),
        ("statistics", "Số liệu", 7),
    ]


def test_no_two_things_share_a_column_and_none_is_left_free(plan: Plan) -> None:
    for sheet in layout(plan).values():
        assert sorted(_every_column(sheet)) == list(range(sheet.state_column + 1))


def test_schools_see_the_columns_left_of_the_verdict_only(plan: Plan) -> None:
    for sheet in layout(plan).values():
        hidden = [sheet.rule_columns, sheet.kind_columns, sheet.mark_columns, sheet.message_columns]
        assert all(column > sheet.verdict_column for group in hidden for column in group.values())
        assert max(*sheet.fixed.values(), *sheet.columns.values()) < sheet.verdict_column


def test_sections_stand_above_their_rows(plan: Plan) -> None:
    sheet = layout(plan)["activities"]
    codes = [code for _, code, _ in sheet.sections_and_rows]
    assert codes[:2] == ["I", "I.1"]
    assert codes[8:10] == ["II", "II.1"]
    assert codes[-1] == "IV.4"
    rows = [row for row, _, _ in sheet.sections_and_rows]
    assert rows == list(range(sheet.first_row, sheet.last_row + 1))


def test_an_address_is_excels_own(plan: Plan) -> None:
    sheet = layout(plan)["activities"]
    assert sheet.cell("I.1", "status") == "G10"
    assert sheet.reference("I.1", "status") == "'Phụ lục'!$G$10"
    with pytest.raises(KeyError):
        sheet.cell("I.99", "status")


def test_rules_find_the_schools_figures_and_the_period(plan: Plan) -> None:
    assert at.figure_references(plan, layout(plan))["school.children"] == "'Số liệu'!$E$11"
    assert at.period_references() == {
        "period.starts_on": "'Thông tin'!$B$13",
        "period.ends_on": "'Thông tin'!$B$14",
    }


def test_the_quotes_of_a_sheets_name_are_doubled() -> None:
    assert at.absolute("Tổ 'A'", 0, 1) == "'Tổ ''A'''!$B$1"


def test_what_stands_in_kiem_tra_does_not_overlap() -> None:
    counts = range(at.COUNT_FIRST_ROW, at.COUNT_FIRST_ROW + 4)
    receipts = range(at.RECEIPT_FIRST_ROW, at.RECEIPT_FIRST_ROW + at.RECEIPT_ROWS)
    heads = [at.TOTAL_ROW, at.COUNT_HEADING_ROW, at.FINDINGS_COUNT_ROW, at.FINDINGS_HEADING_ROW]
    taken = [*receipts, *counts, *heads, *range(at.FINDINGS_FIRST_ROW, at.FINDINGS_FIRST_ROW + at.FINDINGS_ROWS)]
    assert len(taken) == len(set(taken))
    assert at.findings_range(at.FINDINGS_KEY_COLUMN) == "'Kiểm tra'!$A$14:$A$213"
