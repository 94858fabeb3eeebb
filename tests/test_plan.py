"""The shipped plan says what the printed plan says; a broken plan file is told all that is wrong with it."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

from sync import plan as plans
from sync.plan import Plan, PlanError, Problem

SOURCE = Path(__file__).parent / "data" / "ke-hoach-thu-thua-2020-2025.txt"
OTHER = Path(__file__).parent / "fakes" / "other-plan.toml"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plans.load("thu-thua-2020-2025")


@pytest.fixture(scope="module")
def source() -> list[str]:
    return SOURCE.read_text(encoding="utf-8").splitlines()


def printed_appendix(source: list[str]) -> list[list[str]]:
    """The rows of the printed appendix; a row without a number goes on with the one before the page break."""
    rows: list[list[str]] = []
    for line in source[source.index("Stt\tNội dung\tChủ trì\tThực hiện\tThời gian") + 1 :]:
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) == 5 and not cells[0]:
            rows[-1][1] += " " + cells[1]
        elif len(cells) == 5:
            rows.append(cells)
    return rows


def printed_bullets(source: list[str], after: str, before: str) -> list[str]:
    """The items between two headings; a paragraph without a dash goes on with the item before the page break."""
    items: list[str] = []
    start = source.index(after) + 1
    for line in source[start : source.index(before, start)]:
        if line.startswith("- "):
            items.append(line[2:])
        elif line.strip():
            items[-1] += " " + line.strip()
    return items


def test_the_appendix_is_the_printed_one_word_for_word(plan: Plan, source: list[str]) -> None:
    table = plan.tables["activities"]
    rows = []
    for section in table.sections:
        rows.append([f"{section.code}.", section.title, "", "", ""])
        rows += [[row.text(column.id) for column in table.fixed] for row in table.rows_of(section.code)]
    assert rows == printed_appendix(source)


def test_activity_codes_are_printed_numbers_and_never_counted(plan: Plan) -> None:
    codes = [row.code for row in plan.tables["activities"].rows]
    assert codes == (
        [f"I.{n}" for n in range(1, 8)]
        + [f"II.{n}" for n in range(1, 5)]
        + [f"III.{n}" for n in (1, 2, 3, 4, 6)]
        + [f"IV.{n}" for n in range(1, 5)]
    )


def test_the_five_targets_are_those_of_part_one(plan: Plan, source: list[str]) -> None:
    printed = printed_bullets(source, "2. Mục tiêu cụ thể", "II. NHIỆM VỤ VÀ GIẢI PHÁP")
    assert [row.text("content") for row in plan.tables["targets"].rows] == printed
    assert len(printed) == 5


def test_the_duties_are_those_of_schools_in_part_four(plan: Plan, source: list[str]) -> None:
    printed = printed_bullets(source, "2. Các trường MN-MG, TH và THCS", "V. CHẾ ĐỘ BÁO CÁO")
    without_italics = [item.replace("*", "") for item in printed]
    assert [row.text("content") for row in plan.tables["duties"].rows] == without_italics
    assert len(printed) == 8


def test_the_calendar_quotes_part_five_in_full(plan: Plan, source: list[str]) -> None:
    start = source.index("V. CHẾ ĐỘ BÁO CÁO")
    printed = printed_bullets(
        source[start:],
        "Phòng GD&ĐT báo cáo UBND huyện, Sở Giáo dục và Đào tạo kết quả thực hiện:",
        "2. Sơ kết, tổng kết",
    )
    printed += printed_bullets(
        source[start:], "2. Sơ kết, tổng kết", next(x for x in source if x.startswith("Trên đây là"))
    )
    assert {text for entry in plan.calendar for text in entry.texts} == set(printed)
    assert len(printed) == 6


def test_the_calendar_has_every_deadline_of_part_five(plan: Plan) -> None:
    asked = {entry.code: (entry.every, entry.schools is not None, entry.office is not None) for entry in plan.calendar}
    assert asked == {
        "HK1": ("school_year", True, True),
        "CN": ("school_year", True, True),
        "DX": ("on_demand", False, False),
        "NAM": ("calendar_year", False, True),
        "SK-2023": ("once", False, True),
        "TK-2025": ("once", False, True),
    }


def test_title_subject_and_basis_are_printed_so(plan: Plan, source: list[str]) -> None:
    text = "\n".join(source)
    for words in (plan.title, plan.subject, plan.document.basis, plan.document.goal, plan.document.issuer):
        assert f"\n{words}\n" in text
    assert plan.document.appendix_note in text
    assert plan.document.date == date(2020, 6, 22)


def test_all_statistics_are_aggregates_that_the_plan_asks_for(plan: Plan) -> None:
    table = plan.tables["statistics"]
    assert all(re.match(r"Số (lớp|trẻ em|cán bộ|thông tin|lần|vụ|lượt)", row.text("content")) for row in table.rows)
    women = {row.code for row in table.rows if "female" not in row.closed}
    assert women == {"A.2", "A.3", "C.1", "D.1", "D.2", "E.1"}


def test_no_rule_reads_a_child() -> None:
    text = plans.shipped_plans()["thu-thua-2020-2025"].read_text(encoding="utf-8")
    headings = [c["heading"] for t in tomllib.loads(text)["tables"].values() for c in t["columns"]]
    assert not [heading for heading in headings if re.search(r"họ (và )?tên|tên học sinh|ngày sinh", heading.lower())]


def test_a_second_plan_of_another_shape_loads() -> None:
    other = plans.load(OTHER)
    assert set(other.tables) == {"activities", "statistics"}
    assert other.rules["activities"]


BROKEN = """
schema = 1
code = "Broken Plan"
version = "1"
starts_on = 2025-01-01
ends_on = 2024-01-01
title = "T"
colour = "red"
[document]
date = 2024-01-01
[[levels]]
code = "TH"
name = "Tiểu học"
[[calendar]]
code = "HK1"
title = "x"
every = "school_year"
[figures]
children = { table = "activities", row = "Z.9", column = "reached" }
[tables.activities]
sheet = "Phụ lục"
summary_sheet = "Tổng [hợp]"
title = "T"
row_name = "Hoạt động"
fixed = [{ id = "content", heading = "Nội dung" }]
[[tables.activities.sections]]
code = "I"
title = "Một"
[[tables.activities.columns]]
id = "status"
heading = "Tình trạng"
kind = "choice"
[[tables.activities.columns]]
id = "reached"
heading = "Tình trạng"
kind = "whole"
minimum = 9
maximum = 1
[[tables.activities.rows]]
section = "I"
number = "1"
content = "a"
levels = ["THPT"]
[[tables.activities.rows]]
section = "I"
number = "1"
content = "b"
[[tables.activities.rows]]
section = "V"
number = "2"
colour = "c"
[[tables.activities.rules]]
id = "r"
when = "reached > 'x'"
require = "import os"
cell = "nothing"
message = "m"
fix = "f"
message_en = "m"
fix_en = "f"
"""


def test_a_broken_plan_is_told_every_problem_at_once_with_its_place() -> None:
    with pytest.raises(PlanError) as caught:
        plans.loads(BROKEN, "broken.toml")
    places = [problem.place for problem in caught.value.problems]
    expected = {
        "code",
        "colour",
        "subject",
        "plan",
        "calendar[0].covers",
        "figures.children",
        "tables.activities.summary_sheet",
        "tables.activities (headings)",
        "tables.activities.columns[0].choices",
        "tables.activities.columns[1].minimum",
        "tables.activities.rows",
        "tables.activities.rows[0].levels",
        "tables.activities.rows[2].section",
        "tables.activities.rows[2].colour",
        "tables.activities.rows[2].content",
        "tables.activities.rules[0].when",
        "tables.activities.rules[0].require",
        "tables.activities.rules[0].cell",
    }
    assert expected <= set(places), expected - set(places)


@pytest.mark.parametrize(
    ("dues", "places"),
    [
        ("schools = { due_days = 5, days_before_office = 9 }", ["calendar[0].schools", "calendar[0].office"]),
        ("schools = { days_before_office = 9 }", ["calendar[0].office"]),
        ("schools = { days_before_office = 9 }\noffice = { days_before_office = 2 }", ["calendar[0].office"]),
        ("schools = {}", ["calendar[0].schools"]),
        ("schools = { due_days = 5 }\noffice = { due_days = 9, due_before = '11-10' }", ["calendar[0].office"]),
        ("schools = { days_before_office = 9 }\noffice = { due_days = 14 }", []),
        ("schools = { due_days = 5 }", []),
    ],
)
def test_a_due_date_is_set_in_one_way_and_counted_back_only_from_the_offices(dues: str, places: list[str]) -> None:
    text = BROKEN.replace('every = "school_year"', f'every = "school_year"\n{dues}')
    with pytest.raises(PlanError) as caught:
        plans.loads(text)
    found = [problem.place for problem in caught.value.problems if problem.place.startswith("calendar[0]")]
    assert set(found) - {"calendar[0].covers"} == set(places)


def test_a_plan_that_is_no_toml_says_where() -> None:
    with pytest.raises(PlanError, match="line 1"):
        plans.loads("schema = = 1")


def test_a_missing_plan_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PlanError) as caught:
        plans.load(tmp_path / "no-such.toml")
    assert [problem.place for problem in caught.value.problems] == ["file"]
    assert "no-such.toml" in str(caught.value)


def test_problems_print_their_place_first() -> None:
    assert str(Problem("tables.activities", "x")) == "tables.activities: x"
