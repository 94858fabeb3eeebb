"""What a reader of a copy for others can work out."""

from __future__ import annotations

import unicodedata
from collections import defaultdict

import pytest

from sync import plan as plans
from sync.plan import Plan
from sync.reporting.masking import FEW, HIDDEN, Masking, parts_of, tells_counts
from tests.reporting.subjects import shipped

OTHERS = Masking(for_others=True)
GIRLS = """[[tables.activities.columns]]
id = "girls"
heading = "Số nữ"
kind = "whole"
sensitive = true
width = 8
help = "Ghi số nữ."

[[tables.activities.rules]]
id = "girls-within-children"
require = "girls <= children"
cell = "girls"
message = "Số nữ lớn hơn số trẻ em."
fix = "Sửa một trong hai con số."
message_en = "More girls than children."
fix_en = "Correct one of the two figures."

"""
_PLAN = (plans.templates_folder() / "thu-thua-2020-2025" / "plan.toml").read_text(encoding="utf-8")
WITH_GIRLS = _PLAN.replace("[[tables.activities.sections]]", f"{GIRLS}[[tables.activities.sections]]", 1)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return shipped()


def test_one_and_two_are_told_as_few_and_zero_stays_zero() -> None:
    assert [OTHERS.shown(value, sensitive=True) for value in (0, 1, 2, 3, 1234)] == ["0", FEW, FEW, "3", "1.234"]


def test_what_counts_no_children_is_told_as_it_is() -> None:
    assert OTHERS.shown(1, sensitive=False) == "1"


def test_the_offices_own_copy_hides_nothing(plan: Plan) -> None:
    table = plan.tables["statistics"]
    row = table.rows_by_code["C.1"]
    assert Masking().row(table, row, {"total": 4.0, "female": 3.0}) == {"total": "4", "female": "3"}


def test_a_part_and_its_whole_are_known_from_the_plans_rules(plan: Plan) -> None:
    assert parts_of(plan.tables["statistics"]) == [("female", "total")]
    assert parts_of(plan.tables["activities"]) == []


@pytest.mark.parametrize("most", [60])
def test_no_count_of_one_or_two_can_be_worked_out_from_a_part_beside_its_whole(plan: Plan, most: int) -> None:
    table = plan.tables["statistics"]
    row = table.rows_by_code["C.1"]
    printed: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for total in range(most + 1):
        for female in range(total + 1):
            shown = OTHERS.row(table, row, {"total": float(total), "female": float(female)})
            printed[shown["total"], shown["female"]].append((total, female))
    for known in printed.values():
        # What the reader knows of a figure is all values that look the same; one small value alone is told.
        for figures in zip(*((total, female, total - female) for total, female in known), strict=True):
            assert set(figures) not in ({1}, {2}), known


def test_zero_and_all_are_still_told_of_a_part(plan: Plan) -> None:
    table = plan.tables["statistics"]
    row = table.rows_by_code["C.1"]
    assert OTHERS.row(table, row, {"total": 9.0, "female": 0.0}) == {"total": "9", "female": "0"}
    assert OTHERS.row(table, row, {"total": 9.0, "female": 9.0}) == {"total": "9", "female": "9"}


def test_a_row_that_counts_no_children_is_not_hidden(plan: Plan) -> None:
    table = plan.tables["statistics"]
    row = table.rows_by_code["A.3"]
    assert OTHERS.row(table, row, {"total": 2.0, "female": 1.0}) == {"total": "2", "female": "1"}


def test_a_sum_is_hidden_where_one_of_its_figures_is() -> None:
    assert OTHERS.summed([5, 1], 6, sensitive=True) == HIDDEN
    assert OTHERS.summed([5, 4], 9, sensitive=True) == "9"
    assert OTHERS.summed([5, 0], 5, sensitive=True) == "5"
    assert Masking().summed([5, 1], 6, sensitive=True) == "6"


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("Có 1 em cần theo dõi", True),
        ("Một học sinh bỏ học", True),
        ("Chỉ có hai người bạn biết", True),
        ("Có một đứa trẻ, hai nạn nhân", True),
        ("hai vụ đã chuyển công an", True),
        ("Một số phụ huynh đi làm xa", False),
        ("Chưa có phòng tư vấn", False),
    ],
)
def test_words_that_hold_a_count_are_found(text: str, tells: bool) -> None:
    assert tells_counts(text) is tells


def test_every_figure_of_cases_in_the_shipped_plan_is_sensitive(plan: Plan) -> None:
    rows = plan.tables["statistics"].rows
    assert {row.code for row in rows if not row.sensitive} == {"A.1", "A.3", "E.1"}
    assert [column.id for column in plan.tables["activities"].columns if column.sensitive] == ["children"]


def test_words_count_in_either_form_of_unicode() -> None:
    assert tells_counts(unicodedata.normalize("NFD", "Một em bị đánh"))


def test_a_sum_over_rows_tells_no_row_that_is_hidden() -> None:
    """Where girls beside children are "*", their sum less the other rows would be the girls, and then the boys."""
    plan = plans.loads(WITH_GIRLS, "plan.toml")
    table = plan.tables["activities"]
    rows = {row.code: {"children": 50.0, "girls": 20.0} for row in table.rows}
    assert OTHERS.totals(table, rows)["girls"] == "400"
    rows["I.1"] = {"children": 30.0, "girls": 28.0}
    assert OTHERS.totals(table, rows) == {"children": "980", "girls": HIDDEN}
    assert Masking().totals(table, rows) == {"children": "980", "girls": "408"}
    nearly = {"I.1": {"children": 50.0, "girls": 49.0}, "I.2": {"children": 50.0, "girls": 50.0}}
    assert OTHERS.totals(table, nearly)["girls"] == HIDDEN


def test_a_figure_that_others_limit_does_not_tell_them(plan: Plan) -> None:
    """12 cases were handed over, of 10 and "dưới 3" found: the latter would be 2."""
    table = plan.tables["statistics"]
    known = {"total": {"C.2": 10.0, "C.3": 2.0, "C.4": 9.0, "C.5": 12.0}}
    assert OTHERS.telling(plan, table, known) == {("C.5", "total")}
    assert OTHERS.telling(plan, table, {"total": {"C.2": 10.0, "C.3": 3.0, "C.5": 12.0}}) == frozenset()
    assert OTHERS.telling(plan, table, {"total": {"C.2": 10.0, "C.3": 2.0, "C.5": 0.0}}) == frozenset()
    assert Masking().telling(plan, table, known) == frozenset()
