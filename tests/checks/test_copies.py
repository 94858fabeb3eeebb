"""Texts and workbooks that are those of another school."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import plan
from sync.checks import copies
from sync.checks.findings import Finding
from sync.plan import Plan
from tests.bench import copying
from tests.checks.entries import Cells, entries, shuffled
from tests.checks.readings import cell

PLAN = plan.load("thu-thua-2020-2025")
OTHER = plan.load(Path(__file__).parents[1] / "fakes" / "other-plan.toml")
NAMES = {"T1": "Trường Tiểu học Hoa Sen", "T2": "Trường Mầm non Sao Mai", "T3": "Trường THCS Bình An"}
RESULTS, DIFFICULTIES = ("activities", "I.2", "results"), ("activities", "I.2", "difficulties")
ELSEWHERE = ("activities", "II.1", "results")
STORY = (
    "Ngày hội đọc sách ở sân đình thu hút 214 em cùng ông bà đến kể chuyện xưa. "
    "Câu lạc bộ kịch dựng ba vở ngắn về cách kêu cứu khi bị bắt nạt, diễn lưu động tại bốn ấp. "
    "Tổ bảo vệ lắp thêm đèn ở lối sau vườn và khóa cổng phụ lúc tan học."
)
ANOTHER = (
    "Cô tổng phụ trách hướng dẫn các lớp viết thư gửi chú công an, sau đó chọn đăng lên góc bản tin. "
    "Mỗi sáng thứ năm có mười phút trò chuyện giữa bác y tế và nhóm em nhút nhát. "
    "Ban đại diện cha mẹ quyên góp hai tủ truyện tranh an toàn."
)
SENTENCES = STORY.rstrip(".").split(". ")


def texts(reports: dict[str, Cells], names: dict[str, str] = NAMES, plan: Plan = PLAN) -> list[Finding]:
    return copies.check(plan, entries(plan, reports), names)


def brief(findings: list[Finding]) -> list[tuple[int, str | None, str]]:
    return [(finding.receipt, finding.cell, finding.params["school"]) for finding in findings]


def test_both_sides_of_a_copy_are_marked_and_name_each_other() -> None:
    one, other = texts({"T1": {RESULTS: STORY}, "T2": {RESULTS: STORY}})
    assert one == Finding(
        receipt=1,
        code="copied-text",
        severity="warning",
        table="activities",
        sheet="Phụ lục",
        cell=cell(PLAN, *RESULTS),
        row="I.2",
        column="results",
        value=None,
        params={"school": NAMES["T2"]},
    )
    assert (other.receipt, other.params) == (2, {"school": NAMES["T1"]})


def test_of_several_schools_the_first_other_one_is_named() -> None:
    same: Cells = {RESULTS: STORY}
    findings = texts({"T3": same, "T1": same, "T2": same})
    assert brief(findings) == [
        (1, cell(PLAN, *RESULTS), NAMES["T1"]),
        (2, cell(PLAN, *RESULTS), NAMES["T2"]),
        (3, cell(PLAN, *RESULTS), NAMES["T1"]),
    ]


@pytest.mark.parametrize(
    "copy",
    [
        STORY.upper(),
        STORY.replace("214", "198"),
        STORY.replace("sân đình", "sân trường"),
        ". ".join(reversed(SENTENCES)),
        f"{NAMES['T2']} báo cáo. {STORY}",
        STORY.replace("Câu lạc bộ", "Sáng thứ hai Câu lạc bộ").replace("lối sau", "lối bên"),
    ],
    ids=["case", "figures", "a word", "order", "own name", "two places"],
)
def test_a_text_that_was_changed_a_little_is_a_copy(copy: str) -> None:
    assert len(texts({"T1": {RESULTS: STORY}, "T2": {RESULTS: copy}})) == 2


@pytest.mark.parametrize(
    "other",
    [ANOTHER, f"{SENTENCES[0]}. {ANOTHER}", f"{STORY} {ANOTHER}"],
    ids=["another", "one sentence", "twice as long"],
)
def test_a_text_that_shares_some_sentences_is_no_copy(other: str) -> None:
    assert texts({"T1": {RESULTS: STORY}, "T2": {RESULTS: other}}) == []


def test_a_school_may_copy_itself() -> None:
    assert texts({"T1": {RESULTS: STORY, DIFFICULTIES: STORY, ELSEWHERE: STORY}}) == []


def test_the_same_sentence_is_normal() -> None:
    short = "Đã tổ chức tuyên truyền trong tiết chào cờ và giờ sinh hoạt; đa số học sinh nắm được nội dung."
    assert texts({"T1": {RESULTS: short}, "T2": {RESULTS: short}}) == []


def test_the_plans_own_wording_is_nobodys_copy() -> None:
    wording = " ".join(row.text("content") for row in PLAN.tables["activities"].rows)
    assert texts({"T1": {RESULTS: wording}, "T2": {RESULTS: wording}}) == []


def test_what_many_schools_write_is_nobodys_copy() -> None:
    few, many = copies.TRADE_SCHOOLS - 1, copies.TRADE_SCHOOLS
    assert len(texts({f"S{at}": {RESULTS: STORY} for at in range(few)})) == few
    assert texts({f"S{at}": {RESULTS: STORY} for at in range(many)}) == []


def test_in_another_row_only_the_same_text_is_a_copy() -> None:
    assert len(texts({"T1": {RESULTS: STORY}, "T2": {ELSEWHERE: STORY}})) == 2
    assert texts({"T1": {RESULTS: STORY}, "T2": {ELSEWHERE: STORY.replace("sân đình", "sân trường")}}) == []
    assert len(texts({"T1": {RESULTS: STORY}, "T2": {DIFFICULTIES: STORY.replace("sân đình", "sân trường")}})) == 2


def test_only_what_schools_compose_is_compared() -> None:
    evidence = ("activities", "I.2", "evidence")
    assert texts({"T1": {evidence: STORY}, "T2": {evidence: STORY}}) == []


def test_a_school_without_a_name_is_named_by_its_code() -> None:
    assert brief(texts({"T1": {RESULTS: STORY}, "T2": {RESULTS: STORY}}, {}))[0][2] == "T2"


def test_another_plan_has_its_own_free_texts() -> None:
    remark = ("activities", "A.1", "remark")
    findings = texts({"T1": {remark: STORY}, "T2": {remark: STORY}}, plan=OTHER)
    assert [finding.cell for finding in findings] == [cell(OTHER, *remark)] * 2


# ---------------------------------------------------------------- workbooks


def book(children: int = 300, **changes: float) -> dict[tuple[str, str, str], object]:
    """20 activities with 40 figures of their own, and the school's size."""
    report: dict[tuple[str, str, str], object] = {}
    for at, row in enumerate(PLAN.tables["activities"].rows):
        report["activities", row.code, "status"] = "Hoàn thành"
        report["activities", row.code, "sessions"] = changes.get(f"sessions{at}", at + 1)
        report["activities", row.code, "children"] = changes.get(f"children{at}", 7 * at + 20)
    sizes = {"A.1": 10, "A.2": children, "A.3": 22}
    return report | {("statistics", row, "total"): size for row, size in sizes.items()}


def books(reports: dict[str, Cells]) -> list[tuple[int, str]]:
    found = [each for each in texts(reports) if each.code == "copied-workbook"]
    assert {(each.table, each.sheet, each.cell, each.severity) for each in found} <= {(None, None, None, "warning")}
    return [(each.receipt, each.params["school"]) for each in found]


def test_a_copied_workbook_is_said_once_of_each_file() -> None:
    assert books({"T1": book(), "T2": book()}) == [(1, NAMES["T2"]), (2, NAMES["T1"])]


def test_a_workbook_with_some_figures_changed_is_still_a_copy() -> None:
    assert books({"T1": book(), "T2": book(sessions1=90, children4=91, sessions6=92)}) != []
    assert books({"T1": book(), "T2": book(sessions1=90, children4=91, sessions6=92, children8=93)}) == []


def test_a_report_with_much_less_in_it_is_no_copy() -> None:
    without = [("activities", code, "status") for code in ("I.1", "I.2", "I.3", "I.4")]
    assert books({"T1": book(), "T2": {**book(), **dict.fromkeys(without[:3])}}) != []
    assert books({"T1": book(), "T2": {**book(), **dict.fromkeys(without)}}) == []


def test_only_schools_of_one_size_are_compared() -> None:
    assert books({"T1": book(), "T2": book(children=301)}) == []
    reports: dict[str, Cells] = {"T1": book(), "T2": book(301), "T3": book(), "T4": book(301)}
    assert books(reports) == [(1, NAMES["T3"]), (2, "T4"), (3, NAMES["T1"]), (4, NAMES["T2"])]


def test_texts_of_a_copied_workbook_may_name_the_schools() -> None:
    told = {
        code: {RESULTS: f"{name} đã làm", DIFFICULTIES: f"{name} còn ít", ELSEWHERE: name}
        for code, name in NAMES.items()
    }
    reports: dict[str, Cells] = {code: {**book(), **told[code]} for code in ("T1", "T2")}
    assert books(reports) != []


def test_a_workbook_of_few_figures_is_no_copy() -> None:
    few = {place: value for place, value in book().items() if place[2] != "children"}
    assert books({"T1": few, "T2": few}) == []


def test_a_school_that_does_not_say_how_large_it_is_is_not_compared() -> None:
    unsaid = {place: value for place, value in book().items() if place[0] != "statistics"} | {
        ("statistics", row.code, "female"): 3 for row in PLAN.tables["statistics"].rows
    }
    assert books({"T1": unsaid, "T2": unsaid}) == []
    nobody = {**book(), **{("statistics", row, "total"): 0 for row in ("A.1", "A.2", "A.3")}}
    assert books({"T1": nobody, "T2": nobody}) == []


# ---------------------------------------------------------------- many schools, in any order


@pytest.fixture(scope="module")
def office() -> copying.Office:
    return copying.office(300, seed=11)


def test_planted_copies_are_found_and_nothing_else(office: copying.Office) -> None:
    qualities = copying.qualities(office)
    for name in ("texts", "workbooks"):
        assert (qualities[name].precision >= 0.95, qualities[name].recall >= 0.95) == (True, True), qualities


def test_the_order_of_entries_and_names_changes_nothing(office: copying.Office) -> None:
    expected = copies.check(PLAN, office.entries, office.names)
    names = dict(reversed(office.names.items()))
    assert copies.check(PLAN, shuffled(office.entries, 3), names) == expected


_TEXTS = st.sampled_from([STORY, ANOTHER, STORY.replace("sân đình", "sân trường"), f"{STORY} {ANOTHER}", "Tốt"])
_REPORT = st.fixed_dictionaries({}, optional=dict.fromkeys((RESULTS, DIFFICULTIES, ELSEWHERE), _TEXTS))


@settings(max_examples=30)
@given(st.dictionaries(st.sampled_from(["T1", "T2", "T3", "T4"]), _REPORT), st.integers(0, 9))
def test_findings_are_mutual_and_do_not_depend_on_order(reports: dict[str, Cells], seed: int) -> None:
    frames, schools = entries(PLAN, reports), list(reports)
    findings = copies.check(PLAN, frames, NAMES)
    assert copies.check(PLAN, shuffled(frames, seed), NAMES) == findings
    by_name = {NAMES.get(school, school): school for school in schools}
    marked = {schools[finding.receipt - 1] for finding in findings}
    assert {by_name[finding.params["school"]] for finding in findings} <= marked
    assert all(by_name[finding.params["school"]] != schools[finding.receipt - 1] for finding in findings)
    for school in schools:
        assert texts({school: reports[school]}) == []
