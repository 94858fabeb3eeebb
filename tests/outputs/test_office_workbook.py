from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped, unused-ignore]
import pandas as pd
import pytest
from openpyxl.workbook import Workbook  # type: ignore[import-untyped, unused-ignore]

from sync import plan as plans
from sync.consolidate import Facts, consolidate
from sync.outputs.office_workbook import build
from sync.outputs.office_workbook.cells import TEXT_LIMIT, clean, criterion
from sync.outputs.office_workbook.data_sheet import TooManyEntriesError, data_columns
from sync.outputs.office_workbook.findings_sheet import PRIVATE
from sync.outputs.office_workbook.matrix_sheet import letters_of
from sync.plan import Choice, Plan
from tests.fakes.libreoffice import LibreOffice
from tests.outputs import office_facts, tiny_plan
from tests.outputs.office_facts import NOW, OFFICE, ZONE, make_facts

OTHER_PLAN = Path(__file__).parent.parent / "fakes" / "other-plan.toml"
SHEETS = [
    *("Tổng quan", "Thay đổi", "Tiến độ nộp", "Quá hạn", "Lỗi cần sửa", "Nhật ký quyết định"),
    *("Phụ lục tổng hợp", "Ma trận", "Chỉ tiêu", "Nhiệm vụ", "Số liệu", "Theo nhóm", "So sánh các kỳ", "Dữ liệu"),
    *("Số liệu biểu đồ", "_goc"),
]
PLANS: dict[str, Callable[[], Plan]] = {
    "shipped": lambda: plans.load("thu-thua-2020-2025"),
    "other": lambda: plans.load(OTHER_PLAN),
    "tiny": tiny_plan.load,
}


@pytest.fixture(scope="module")
def facts() -> Facts:
    return make_facts(plans.load("thu-thua-2020-2025"), 42, period="2024-2025/HK1")


@pytest.fixture(scope="module")
def few() -> Facts:
    return make_facts(plans.load("thu-thua-2020-2025"), 8, seed=5, period="2024-2025/HK1")


@pytest.fixture(scope="module")
def content(facts: Facts) -> bytes:
    return build(consolidate(facts), OFFICE, NOW)


@pytest.fixture(scope="module")
def shown(content: bytes) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(content), data_only=True)


def rows_of(workbook: Workbook, sheet: str) -> list[list[Any]]:
    return [list(row) for row in workbook[sheet].iter_rows(values_only=True)]


def data_of(workbook: Workbook) -> list[dict[str, Any]]:
    headings, *rows = rows_of(workbook, "Dữ liệu")
    return [dict(zip(headings, row, strict=True)) for row in rows if row[0] is not None]


def texts_in(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml"))


def test_the_sheets_stand_in_their_order(shown: Workbook) -> None:
    assert shown.sheetnames == SHEETS


def test_the_same_facts_give_the_same_bytes(facts: Facts, content: bytes) -> None:
    assert build(consolidate(facts), OFFICE, NOW) == content


def test_every_entry_is_one_row_of_the_table_of_data(facts: Facts, content: bytes, shown: Workbook) -> None:
    rows = data_of(shown)
    assert len(rows) == sum(len(entries) for entries in facts.entries.values())
    assert Counter(row["Bảng"] for row in rows) == {
        table.sheet: len(facts.entries[table.id]) for table in facts.plan.all_tables
    }
    sheet = openpyxl.load_workbook(io.BytesIO(content))["Dữ liệu"]
    assert sheet.tables["DuLieu"].ref == f"A1:{sheet.cell(len(rows) + 1, sheet.max_column).coordinate}"
    assert sheet.tables["DuLieu"].autoFilter.ref == sheet.tables["DuLieu"].ref


def test_a_row_of_data_says_what_the_school_wrote_and_where(facts: Facts, shown: Workbook) -> None:
    entry = facts.entries["activities"].iloc[3]
    row = data_of(shown)[3]
    school = facts.schools.by_code[entry["school"]]
    receipt = facts.counted.set_index("id").loc[entry["receipt"]]
    assert [row[name] for name in ("Mã trường", "Tên trường", "Cấp học", "Xã/phường", "Kỳ", "Bảng", "Mã dòng")] == [
        *(school.code, school.name, school.level, school.unit, "2024-2025/HK1", "Phụ lục", entry["row"]),
    ]
    assert row["Nội dung"] == facts.plan.tables["activities"].rows_by_code[entry["row"]].text("content")
    assert row["Tình trạng"] == entry["status"]
    assert (row["Ngày bắt đầu"] or pd.NaT) is pd.NaT or row["Ngày bắt đầu"] == entry["started_on"]
    assert [row[name] for name in ("Tệp", "Sheet", "Ô")] == [receipt["path"], "Phụ lục", entry["cell"]]
    received = receipt["received_at"].tz_convert(ZONE).tz_localize(None)
    assert abs(row["Thời điểm nhận"] - received) < timedelta(seconds=1)


def test_counts_of_activities_equal_a_recount_of_the_rows_of_data(facts: Facts, shown: Workbook) -> None:
    table = facts.plan.tables["activities"]
    assert table.status_column is not None
    found = Counter((row["Mã dòng"], row["Tình trạng"]) for row in data_of(shown) if row["Bảng"] == table.sheet)
    rows = rows_of(shown, table.summary_sheet)
    headings, first = rows[8], rows[9:]
    columns = [headings.index(value) for value in table.status_column.values]
    expected, section = {}, ""
    for row in first:
        is_section = any(row[0] == f"{each.code}." for each in table.sections)
        section = row[0].removesuffix(".") if is_section else section
        if row[1] and not is_section:
            expected[f"{section}.{row[0]}"] = [row[column] for column in columns]
    assert expected == {
        row.code: [found[row.code, value] for value in table.status_column.values] for row in table.rows
    }


def test_figures_equal_a_recount_of_the_rows_of_data_for_all_and_for_each_level(facts: Facts, shown: Workbook) -> None:
    table = facts.plan.tables["statistics"]
    rows = rows_of(shown, table.summary_sheet)
    groups, headings = rows[7], rows[8]
    data = [row for row in data_of(shown) if row["Bảng"] == table.sheet and row["Mã dòng"] == "A.2"]
    line = next(row for row in rows if row[1] == table.rows_by_code["A.2"].text("content"))
    assert line[groups.index("Số trường có ghi")] == len(data)
    for group in ("Tổng cộng của các trường", *(level.code for level in facts.plan.levels)):
        level = [row for row in data if group in ("Tổng cộng của các trường", row["Cấp học"])]
        for number, heading in enumerate(("Tổng số", "Trong đó nữ"), groups.index(group)):
            assert headings[number] == heading
            assert line[number] == sum(row[heading] or 0 for row in level) > 0


def test_findings_name_file_sheet_and_cell(facts: Facts, shown: Workbook) -> None:
    rows = rows_of(shown, "Lỗi cần sửa")[7:]
    assert len(rows) == len(facts.findings)
    expected = facts.findings.set_index(["file", "cell"])["message"]
    for row in rows:
        if row[5]:
            assert expected[row[3], row[5]] == row[8]
    assert rows[-1][1] is None
    assert "không đọc được" in rows[-1][3]


def test_a_finding_does_not_repeat_what_a_school_composed(few: Facts) -> None:
    findings = few.findings.assign(table="activities", column="results", value="em Nguyễn Văn Kín")
    content = build(consolidate(Facts(**{**vars(few), "findings": findings})), OFFICE, NOW)
    assert "Nguyễn Văn Kín" not in texts_in(content)
    shown = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    assert {row[6] for row in rows_of(shown, "Lỗi cần sửa")[7:]} == {PRIVATE}


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "http://example.vn", "<r><t>&x</t></r>", "a\x1bb"])
def test_a_text_stays_a_text(few: Facts, text: str) -> None:
    entries = few.entries["activities"].assign(evidence=text)
    standings = few.standings.assign(name=text)
    findings = few.findings.assign(value=text, message=text, file=text, column="status", table="activities")
    changed = {"entries": {**few.entries, "activities": entries}, "standings": standings, "findings": findings}
    content = build(consolidate(Facts(**{**vars(few), **changed})), OFFICE, NOW)
    book = openpyxl.load_workbook(io.BytesIO(content))
    kept = {text, text + " ", text.replace("\x1b", "_x001B_")}
    cells = [
        cell
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value in kept and cell.hyperlink is None and cell.data_type == "s"
    ]
    assert len(cells) > 8 + len(few.entries["activities"]) + 3 * len(few.findings)
    assert "<hyperlink" not in texts_in(content)


def test_a_text_that_no_cell_holds_is_cut_and_says_so() -> None:
    for long in ("x" * 40_000, "😀" * 17_000):
        cut = clean(long)
        assert len(cut.encode("utf-16-le")) // 2 <= TEXT_LIMIT
        assert cut.endswith("(đã cắt bớt)")
    assert clean("x" * TEXT_LIMIT) == "x" * TEXT_LIMIT
    assert clean("nhan/\udcff.xlsx") == "nhan/?.xlsx"


def test_columns_of_one_heading_are_shared_or_told_apart(facts: Facts) -> None:
    columns = {column.heading: column.members for column in data_columns(facts.plan)}
    assert columns["Tình trạng"] == {("activities", "status"), ("duties", "status")}
    assert columns["Kết quả (Phụ lục)"] == {("activities", "results")}
    assert columns["Kết quả (Chỉ tiêu)"] == {("targets", "result")}


def test_letters_of_the_matrix_differ() -> None:
    values = ("Chưa thực hiện", "Đang thực hiện", "Đã thực hiện", "Đ")
    assert letters_of([Choice(value=value) for value in values]) == dict(zip(values, "CĐT1", strict=True))


def test_a_criterion_matches_its_text_only() -> None:
    assert criterion('a"b') == '"a""b"'
    assert criterion("A*?~") == '"A~*~?~~"'
    assert criterion(">5") == '"=>5"'


def test_more_entries_than_rows_are_refused(facts: Facts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.outputs.office_workbook.data_sheet._HEIGHT_LIMIT", 100)
    with pytest.raises(TooManyEntriesError):
        build(consolidate(facts), OFFICE, NOW)


def test_a_clock_without_a_zone_is_refused(facts: Facts) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        build(consolidate(facts), OFFICE, datetime(2025, 1, 27))  # noqa: DTZ001


def cases() -> list[Any]:
    full = [pytest.param(name, "full", id=name) for name in PLANS]
    return [*full, *(pytest.param(name, "empty", id=f"{name}, no report") for name in PLANS)]


@pytest.mark.parametrize(("name", "kind"), [*cases(), pytest.param("shipped", "nobody", id="no school")])
def test_a_recalculation_gives_the_stored_values(
    name: str, kind: str, libreoffice: LibreOffice, tmp_path: Path
) -> None:
    facts = make_facts(PLANS[name](), 0 if kind == "nobody" else 42)
    if kind == "empty":
        facts = office_facts.without_reports(facts, NOW)
    path = tmp_path / "tong-hop.xlsx"
    path.write_bytes(build(consolidate(facts), OFFICE, NOW))
    formulas, stored = openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)
    compared = 0
    with libreoffice.open(path) as opened:
        opened.recalculate()
        for sheet in formulas:
            values = opened.read(sheet.title)
            for cell in (cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"):
                expected = stored[sheet.title][cell.coordinate].value
                assert values[cell.row - 1][cell.column - 1] == pytest.approx(expected), f"{sheet.title} {cell.value}"
                compared += 1
    rows = sum(len(table.rows) for table in facts.plan.all_tables)
    assert compared >= 2 * rows + 20


@pytest.mark.parametrize("name", PLANS)
def test_every_total_is_a_formula(name: str) -> None:
    facts = make_facts(PLANS[name](), 42)
    book = openpyxl.load_workbook(io.BytesIO(build(consolidate(facts), OFFICE, NOW)))
    for table in facts.plan.all_tables:
        title = facts.plan.document.appendix_title if table.id == "activities" else table.title
        sheet = next(sheet for sheet in book if sheet.cell(4, 1).value == (title or table.title))
        for row in sheet.iter_rows(min_row=10, min_col=len(table.fixed) + 1):
            assert all(cell.data_type == "f" for cell in row if isinstance(cell.value, int | float))
        assert any(cell.data_type == "f" for row in sheet.iter_rows(min_row=10) for cell in row)


def test_a_plan_of_another_shape_has_its_own_sheets() -> None:
    facts = make_facts(tiny_plan.load(), 6)
    book = openpyxl.load_workbook(io.BytesIO(build(consolidate(facts), OFFICE, NOW)), data_only=True)
    assert book.sheetnames[6:9] == ["Sum, it's", "Ma trận", "Tổng quan (2)"]
    sheet = rows_of(book, "Sum, it's")
    assert [row[0] for row in sheet[9:12]] == ["=1+1", "Only for B", "Tổng cộng"]
    assert sheet[8][1:5] == [">half", "done *", "done well", "no matter"]
    entries = facts.entries["activities"]
    for row, code in zip(sheet[9:11], ("1.1", "1.10"), strict=True):
        states = Counter(entries.loc[entries["row"] == code, "state"])
        assert row[1:5] == [states[value] for value in (">half", "done *", "done well", "no matter")]
