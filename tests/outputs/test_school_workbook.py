from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl  # type: ignore[import-untyped, unused-ignore]
import pytest

from sync.config import Office
from sync.landmarks import CODE_HEADING, VERDICT_HEADING
from sync.outputs import build_templates
from sync.outputs import layout as at
from sync.outputs.layout import layout
from sync.outputs.school_workbook import Fill, Form, build, build_blank
from sync.periods import Period, due_moment
from sync.plan import Plan, load, loads
from sync.schools import School
from sync.text import address, column_letters
from tests.fakes.libreoffice import LibreOffice

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
OFFICE = Office(name="Phòng Giáo dục và Đào tạo", contact="Bộ phận tổng hợp", email="baocao@example.vn")
SCHOOL = School("TH-01", "Trường Tiểu học Bình Minh", "TH", unit="Xã Bình Minh")
KINDERGARTEN = School("MN-01", "Trường Mẫu giáo Hoa Sen", "MN-MG")
PERIOD = Period(
    "2024-2025/HK1",
    "Học kỳ I năm học 2024-2025",
    date(2024, 9, 5),
    date(2025, 1, 17),
    schools_due=due_moment(date(2025, 1, 22), ZONE),
)

OTHER_PLAN = """
schema = 1
code = "other"
version = "3"
starts_on = 2021-01-01
ends_on = 2026-12-31
title = "KẾ HOẠCH KHÁC"
subject = "An toàn giao thông"
document = { date = 2021-01-01, issuer = "PHÒNG KHÁC" }
levels = [{ code = "PT", name = "Phổ thông" }, { code = "TX", name = "Thường xuyên" }]
calendar = [{ code = "NAM", title = "Năm {calendar_year}", every = "calendar_year", schools = { due_days = 3 } }]
figures = { fleet = { table = "statistics", row = "1", column = "amount" } }

[tables.activities]
sheet = "Việc 'chính' A"
summary_sheet = "Tổng hợp"
title = "VIỆC LÀM"
row_name = "Việc"
fixed = [{ id = "content", heading = "Nội dung", width = 30 }]
sections = [{ code = "A", title = "Một" }, { code = "B", title = "Hai" }]
columns = [
  { id = "share", heading = "Tỷ lệ", kind = "number", required = true, minimum = 0, maximum = 100 },
  { id = "buses", heading = "Số xe", kind = "whole" },
  { id = "note", heading = "Ghi chú", kind = "text", max_length = 20, required = true },
]
rows = [
  { section = "A", number = "1", content = "Việc một" },
  { section = "B", number = "1", content = "Việc hai", levels = ["PT"], closed = ["buses"] },
  { section = "B", number = "7", content = "Việc ba" },
]
[[tables.activities.rules]]
id = "buses-within-fleet"
require = "buses <= school.fleet"
cell = "buses"
message = "%s"
fix = "Sửa lại."
message_en = "Too many."
fix_en = "Correct it."
[[tables.activities.rules]]
id = "half-is-much"
require = "share / 2 <= 40 or buses"
cell = "share"
severity = "warning"
message = "Tỷ lệ cao."
fix = "Xem lại."
message_en = "Much."
fix_en = "Look."

[tables.statistics]
sheet = "Số liệu"
summary_sheet = "Số liệu"
title = "SỐ LIỆU"
row_name = "Số"
fixed = [{ id = "content", heading = "Nội dung", width = 30 }]
columns = [{ id = "amount", heading = "Số lượng", kind = "whole" }]
rows = [{ number = "1", content = "Số xe" }, { number = "2", content = "Số lái xe" }]
""".replace("%s", "Số xe lớn hơn số xe của trường. " * 12)

PLANTED: Fill = {
    ("activities", "I.1", "status"): "Hoàn thành",
    ("activities", "I.1", "started_on"): date(2024, 9, 10),
    ("activities", "I.1", "finished_on"): date(2024, 12, 20),
    ("activities", "I.1", "sessions"): 4,
    ("activities", "I.1", "children"): 512,
    ("activities", "I.1", "evidence"): "KH 12 ngày 05/10/2024",
    ("activities", "I.2", "status"): "Hoàn thành",
    ("activities", "I.2", "started_on"): date(2024, 12, 10),
    ("activities", "I.2", "finished_on"): date(2024, 11, 20),
    ("activities", "I.3", "status"): "Xong rồi",
    ("activities", "I.4", "status"): "Đang thực hiện",
    ("activities", "I.4", "started_on"): "đầu tháng 9",
    ("activities", "I.5", "sessions"): 2,
    ("activities", "I.6", "status"): "Đang thực hiện",
    ("activities", "I.6", "started_on"): date(2024, 10, 1),
    ("activities", "I.6", "staff"): 12,
    ("activities", "I.7", "status"): "Không áp dụng",
    ("activities", "I.7", "difficulties"): "Trường không có đối tượng này.",
    ("activities", "II.1", "status"): "Đang thực hiện",
    ("activities", "II.1", "started_on"): date(2019, 9, 1),
    ("activities", "II.1", "sessions"): 2.5,
    ("activities", "II.1", "evidence"): "x" * 301,
    ("statistics", "A.1", "total"): 12,
    ("statistics", "A.1", "female"): 3,
    ("statistics", "A.2", "total"): 500,
    ("statistics", "A.3", "total"): 30,
}


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load("thu-thua-2020-2025")


@pytest.fixture(scope="module")
def other_plan() -> Plan:
    return loads(OTHER_PLAN)


def _form(plan: Plan, school: School = SCHOOL) -> Form:
    return Form(plan, school, PERIOD, OFFICE, seal="0123abcd")


def _read(content: bytes, values: bool = False) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content), data_only=values)


def _verdicts(plan: Plan, content: bytes, table: str) -> dict[str, str]:
    place = layout(plan)[table]
    sheet = _read(content, values=True)[place.sheet]
    return {code: sheet.cell(row + 1, place.verdict_column + 1).value or "" for code, row in place.rows.items()}


def test_the_sheets_stand_in_the_order_that_schools_read_them(plan: Plan) -> None:
    book = _read(build(_form(plan)))
    states = {sheet.title: sheet.sheet_state for sheet in book}
    assert list(states) == at.sheet_names(plan)
    assert list(states) == ["Hướng dẫn", "Thông tin", "Phụ lục", "Chỉ tiêu", "Nhiệm vụ", "Số liệu", "Kiểm tra", "_meta"]
    assert states.pop("_meta") == "veryHidden"
    assert set(states.values()) == {"visible"}


def test_the_workbook_says_whose_it_is(plan: Plan) -> None:
    book = _read(build(_form(plan)))
    assert list(book["_meta"].values) == [
        ("plan", "thu-thua-2020-2025"),
        ("template_version", plan.version),
        ("school", "TH-01"),
        ("period", "2024-2025/HK1"),
        ("seal", "0123abcd"),
    ]
    told = {row[0]: row[1] for row in book["Thông tin"].iter_rows(min_row=6, max_col=2, values_only=True) if row[0]}
    assert [told[label] for label in ("Mã trường", "Tên trường", "Cấp học", "Xã/phường", "Mã kỳ báo cáo")] == [
        "TH-01",
        "Trường Tiểu học Bình Minh",
        "Tiểu học",
        "Xã Bình Minh",
        "2024-2025/HK1",
    ]
    assert [f"{told[label]:%Y-%m-%d %H:%M}" for label in ("Từ ngày", "Đến ngày", "Hạn nộp")] == [
        "2024-09-05 00:00",
        "2025-01-17 00:00",
        "2025-01-22 23:59",
    ]


def test_a_school_without_a_unit_has_no_line_for_it(plan: Plan) -> None:
    sheet = _read(build(_form(plan, KINDERGARTEN)))["Thông tin"]
    row = at.INFO_ROWS["unit"] + 1
    assert (sheet.cell(row, 1).value, sheet.row_dimensions[row].hidden) == (None, True)


def test_the_appendix_shows_the_printed_plan_word_for_word(plan: Plan) -> None:
    place, table = layout(plan)["activities"], plan.tables["activities"]
    sheet = _read(build(_form(plan)))[place.sheet]
    headings = [cell.value for cell in sheet[place.heading_row + 1][: place.verdict_column + 1]]
    fixed, fill_in = ([column.heading for column in columns] for columns in (table.fixed, table.columns))
    assert headings == [CODE_HEADING, *fixed, *fill_in, VERDICT_HEADING]
    for row in table.rows:
        shown = [sheet.cell(place.rows[row.code] + 1, place.fixed[part.id] + 1).value for part in table.fixed]
        assert shown == [row.text(part.id) for part in table.fixed]
        assert sheet.cell(place.rows[row.code] + 1, 1).value == row.code
    for section in table.sections:
        row_number = place.sections[section.code] + 1
        assert sheet.cell(row_number, 1).value == section.code
        assert sheet.cell(row_number, 2).value == f"{section.code}. {section.title}"


def test_only_fill_in_cells_are_open_and_no_password_is_needed(plan: Plan) -> None:
    book = _read(build(_form(plan)))
    for place in layout(plan).values():
        sheet = book[place.sheet]
        columns = place.columns.items()
        expected = {
            place.cell(row.code, name) for row in place.table.rows for name, _ in columns if name not in row.closed
        }
        assert {
            cell.coordinate for line in sheet.iter_rows() for cell in line if not cell.protection.locked
        } == expected
        assert sheet.protection.sheet
        assert sheet.protection.password is None
        # openpyxl's flags say what is forbidden.
        assert not sheet.protection.formatColumns
        assert not sheet.protection.formatRows
    assert all(sheet.protection.sheet for sheet in book)


def test_a_row_of_another_level_is_grey_and_locked(plan: Plan) -> None:
    place = layout(plan)["activities"]
    cell = place.cell("IV.4", "status")
    for school, locked in ((SCHOOL, False), (KINDERGARTEN, True)):
        sheet = _read(build(_form(plan, school)))[place.sheet]
        assert sheet[cell].protection.locked is locked
        assert (sheet[cell].fill.fgColor.rgb == "FFE7E6E6") is locked
    assert _verdicts(plan, build(_form(plan, KINDERGARTEN)), "activities")["IV.4"].startswith("Không áp dụng")


def _validation(sheet: Any, cell: str) -> Any:
    return next(rule for rule in sheet.data_validations.dataValidation if cell in rule.sqref)


def test_cells_take_only_what_their_column_means(plan: Plan) -> None:
    place = layout(plan)["activities"]
    sheet = _read(build(_form(plan)))[place.sheet]
    seen = {}
    for column in place.columns:
        rule = _validation(sheet, place.cell("III.6", column))
        seen[column] = (rule.type, rule.errorStyle or "stop", rule.formula1, rule.formula2)
        assert rule.prompt == plan.tables["activities"].columns_by_id[column].help
        assert rule.error
    assert seen == {
        "status": ("list", "stop", '"Chưa thực hiện,Đang thực hiện,Hoàn thành,Không áp dụng"', None),
        "started_on": ("date", "stop", "44004", "73050"),
        "finished_on": ("date", "stop", "44004", "73050"),
        "sessions": ("whole", "stop", "0", "1000"),
        "children": ("whole", "stop", "0", "20000"),
        "staff": ("whole", "stop", "0", "2000"),
        "parents": ("whole", "stop", "0", "40000"),
        "evidence": ("textLength", "warning", "300", None),
        "results": ("textLength", "warning", "1000", None),
        "difficulties": ("textLength", "warning", "1000", None),
    }


def test_closed_cells_offer_no_list_or_hint(plan: Plan) -> None:
    place = layout(plan)["statistics"]
    sheet = _read(build(_form(plan)))[place.sheet]
    assert _validation(sheet, place.cell("A.2", "female")).type == "whole"
    with pytest.raises(StopIteration):
        _validation(sheet, place.cell("A.1", "female"))


def test_conditional_formats_and_validations_stay_on_their_sheet(plan: Plan) -> None:
    book = _read(build(_form(plan)))
    for sheet in book:
        formulas = [text for area in sheet.conditional_formatting for rule in area.rules for text in rule.formula]
        formulas += [str(rule.formula1) for rule in sheet.data_validations.dataValidation]
        assert not [text for text in formulas if "!" in text]
    assert len(book["Phụ lục"].conditional_formatting) == 2


def test_pages_are_a4_landscape_one_wide_with_the_heading_repeated(plan: Plan) -> None:
    book = _read(build(_form(plan)))
    for place in layout(plan).values():
        sheet = book[place.sheet]
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.print_title_rows == f"${place.heading_row + 1}:${place.heading_row + 1}"
        last = f"${column_letters(place.verdict_column)}${place.signature_row + 1}"
        assert sheet.print_area.endswith(f"$A$1:{last}")
    assert book["Phụ lục"].freeze_panes == "D9"


def test_the_appendix_prints_at_sixty_percent_or_more(plan: Plan) -> None:
    place = layout(plan)["activities"]
    sheet = _read(build(_form(plan)))[place.sheet]
    letters = [column_letters(column) for column in range(place.verdict_column + 1)]
    points = sum(
        sheet.column_dimensions[letter].width * 5.25 for letter in letters if letter in sheet.column_dimensions
    )
    a4_points, margins = 841.9, (sheet.page_margins.left + sheet.page_margins.right) * 72
    assert (a4_points - margins) / points >= 0.60


def test_every_formula_fits_excel_2010(plan: Plan, other_plan: Plan) -> None:
    known = {"ADDRESS", "AND", "CHOOSE", "COLUMN", "COUNTA", "COUNTIF", "COUNTIFS", "IF", "IFERROR", "INDEX", "INT"}
    known |= {"ISERROR", "ISNUMBER", "LEN", "LOWER", "MATCH", "NOT", "NOW", "OR", "ROW", "SUM", "SUMPRODUCT", "TRIM"}
    for content in (build(_form(plan)), build_blank(other_plan)):
        formulas = [cell.value for sheet in _read(content) for row in sheet.iter_rows() for cell in row]
        formulas = [text for text in formulas if isinstance(text, str) and text.startswith("=")]
        for formula in formulas:
            literals = re.findall(r'"((?:[^"]|"")*)"', formula)
            assert max([0, *map(len, literals)]) <= 255
            bare = re.sub(r'"(?:[^"]|"")*"', '""', formula)
            assert len(formula) <= 8192
            assert set(re.findall(r"([A-Z][A-Z0-9.]*)\(", bare)) <= known
            assert _depth(bare) <= 64


def _depth(formula: str) -> int:
    deepest = depth = 0
    for sign in formula:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        deepest = max(deepest, depth)
    return deepest


def test_the_same_form_gives_the_same_bytes(plan: Plan) -> None:
    first = build(_form(plan), PLANTED)
    assert build(_form(load("thu-thua-2020-2025")), dict(PLANTED)) == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}


def test_rows_grow_with_what_is_typed(plan: Plan) -> None:
    with zipfile.ZipFile(io.BytesIO(build(_form(plan)))) as archive:
        appendix = archive.read("xl/worksheets/sheet3.xml").decode()
    rows = dict(re.findall(r'<row r="(\d+)"([^>]*)>', appendix))
    place = layout(plan)["activities"]
    for row, code, is_section in place.sections_and_rows:
        assert "ht=" in rows[str(row + 1)], code
        assert ("customHeight" in rows[str(row + 1)]) is is_section, code
    assert "customHeight" in rows[str(place.signature_row + 1)]


def test_a_filled_text_gets_a_row_that_shows_all_of_it(plan: Plan) -> None:
    place = layout(plan)["activities"]
    heights = []
    for fill in ({}, {("activities", "II.4", "results"): "Đã tổ chức cho toàn trường. " * 20}):
        sheet = _read(build(_form(plan), fill))[place.sheet]
        heights.append(sheet.row_dimensions[place.rows["II.4"] + 1].height)
    assert heights[1] > 3 * heights[0]


def test_values_are_written_as_they_are_given_and_never_as_formulas(plan: Plan) -> None:
    place = layout(plan)["activities"]
    fill: Fill = {
        ("activities", "I.1", "evidence"): "=1+1",
        ("activities", "I.2", "evidence"): "http://example.vn/a",
        ("activities", "I.3", "children"): "1.234",
        ("activities", "I.4", "children"): 7,
        ("activities", "I.5", "started_on"): date(2024, 10, 1),
        ("activities", "I.6", "sessions"): 2.5,
    }
    sheet = _read(build(_form(plan), fill))[place.sheet]
    for (_, row, column), value in fill.items():
        cell = sheet[place.cell(row, column)]
        assert cell.data_type == ("s" if isinstance(value, str) else "d" if isinstance(value, date) else "n")
        assert (cell.value.date() if cell.is_date else cell.value) == value


def test_a_blank_form_says_what_is_to_be_filled(plan: Plan) -> None:
    content = build(_form(plan))
    assert set(_verdicts(plan, content, "activities").values()) == {"Chưa điền"}
    sheet = _read(content, values=True)["Kiểm tra"]
    assert sheet.cell(at.TOTAL_ROW + 1, 2).value == "Còn 0 ô phải sửa, 49 dòng chưa điền."
    counts = [[cell.value for cell in row[2:6]] for row in sheet.iter_rows(min_row=7, max_row=10)]
    assert counts == [["Phụ lục", 0, 20, 0], ["Chỉ tiêu", 0, 5, 0], ["Nhiệm vụ", 0, 8, 0], ["Số liệu", 0, 16, 0]]


def test_each_planted_fault_is_named_in_its_row(plan: Plan) -> None:
    content = build(_form(plan), PLANTED)
    verdicts = _verdicts(plan, content, "activities")
    rules = plan.rules_by_id
    people, finish = rules["people-need-sessions"].message, rules["start-after-finish"].message
    assert {code: verdicts[code] for code in list(verdicts)[:9]} == {
        "I.1": f"{rules['children-within-school'].message}",
        "I.2": f"{finish} (và 1 ô khác)",
        "I.3": "Tình trạng: hãy chọn một giá trị trong danh sách.",
        "I.4": "Ngày bắt đầu: phải là ngày/tháng/năm, ví dụ 15/10/2024.",
        "I.5": "Tình trạng: chưa chọn.",
        "I.6": f"Nên xem lại: {people}",
        "I.7": "Đạt",
        "II.1": "Ngày bắt đầu: sớm hơn 22/06/2020. (và 2 ô khác)",
        "II.2": "Chưa điền",
    }
    assert _verdicts(plan, content, "statistics")["A.1"] == (
        "Nên xem lại: Trong đó nữ: ô này không phải điền, hãy xoá."
    )


def test_a_complete_report_may_be_sent(other_plan: Plan) -> None:
    school = School("TX-1", "Trung tâm", "TX")
    fill: Fill = {
        ("activities", row, column): value
        for row in ("A.1", "B.7")
        for column, value in {"share": 80, "note": "tốt"}.items()
    }
    sheet = _read(build(_form(other_plan, school), fill), values=True)["Kiểm tra"]
    assert sheet.cell(at.TOTAL_ROW + 1, 2).value == "Đã điền đủ, không còn lỗi: có thể gửi báo cáo."


def _stored(content: bytes) -> dict[tuple[str, str], object]:
    """The cached value of every formula by sheet and cell."""
    formulas, values = _read(content), _read(content, values=True)
    return {
        (sheet.title, cell.coordinate): values[sheet.title][cell.coordinate].value
        for sheet in formulas
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    }


def _recalculated(libreoffice: LibreOffice, path: Path, content: bytes) -> Mapping[tuple[str, str], object]:
    path.write_bytes(content)
    with libreoffice.open(path) as workbook:
        workbook.recalculate()
        return {
            (sheet, address(row, column)): value
            for sheet in workbook.sheet_names
            for row, line in enumerate(workbook.read(sheet))
            for column, value in enumerate(line)
        }


def _compare(libreoffice: LibreOffice, path: Path, content: bytes) -> None:
    stored, calculated = _stored(content), _recalculated(libreoffice, path, content)
    assert len(stored) > 30
    different = {
        place: (value, calculated[place]) for place, value in stored.items() if calculated[place] != (value or "")
    }
    different = {place: pair for place, pair in different.items() if pair != (0, 0.0)}
    assert different == {}


def test_libreoffice_calculates_the_stored_values_of_a_blank_form(
    plan: Plan, libreoffice: LibreOffice, tmp_path: Path
) -> None:
    _compare(libreoffice, tmp_path / "blank.xlsx", build(_form(plan)))
    _compare(libreoffice, tmp_path / "template.xlsx", build_blank(plan))


def test_libreoffice_calculates_the_stored_values_of_a_form_with_faults(
    plan: Plan, libreoffice: LibreOffice, tmp_path: Path
) -> None:
    _compare(libreoffice, tmp_path / "planted.xlsx", build(_form(plan), PLANTED))
    foreign = {**PLANTED, ("activities", "IV.4", "children"): 4}
    _compare(libreoffice, tmp_path / "foreign.xlsx", build(_form(plan, KINDERGARTEN), foreign))


_ODD: Mapping[str, list[object]] = {
    "choice": ["xong", " ", 3],
    "date": [date(2024, 9, 5), date(2024, 12, 1), date(2025, 3, 1), date(1999, 1, 1), "5/9/2024", 7, " "],
    "whole": [0, 1, 30, 500, 900, -1, 2.5, 10**7, "12", "", "mười"],
    "number": [0, 50, 81.5, 100.5, -3, "98,5", " "],
    "text": ["", " ", "KH 12", "không có", "x" * 1200, 45, date(2024, 9, 5)],
}


def _random_fill(plan: Plan, seed: int) -> Fill:
    dice = random.Random(seed)
    fill: dict[tuple[str, str, str], object] = {}
    for table in plan.all_tables:
        for row in table.rows:
            density = dice.choice([0.0, 0.4, 0.9])
            for column in table.columns:
                sound = [f" {value.upper()} " if dice.random() < 0.1 else value for value in column.values * 2]
                if dice.random() < density:
                    fill[table.id, row.code, column.id] = dice.choice([*sound, *_ODD[column.kind]])
    return fill


@pytest.mark.parametrize("seed", range(6))
def test_libreoffice_calculates_the_stored_values_of_whatever_is_filled_in(
    plan: Plan, other_plan: Plan, libreoffice: LibreOffice, tmp_path: Path, seed: int
) -> None:
    for number, each in enumerate((plan, other_plan)):
        school = (SCHOOL, KINDERGARTEN)[seed % 2]
        content = build(_form(each, school), _random_fill(each, seed))
        _compare(libreoffice, tmp_path / f"{number}.xlsx", content)


def _with_finding(content: bytes, row: tuple[str, ...]) -> bytes:
    """The workbook with one row of findings put into the file itself, all stored values as they were."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "xl/worksheets/sheet7.xml":
                text = data.decode()
                for letter, value in zip("ABCDEFG", row, strict=True):
                    cell = f"{letter}{at.FINDINGS_FIRST_ROW + 1}"
                    filled = rf'<c r="{cell}" s="\1" t="inlineStr"><is><t>{value}</t></is></c>'
                    text, count = re.subn(rf'<c r="{cell}" s="(\d+)"/>', filled, text)
                    assert count == 1
                data = text.encode()
            target.writestr(name, data)
    return out.getvalue()


def test_a_finding_put_into_the_file_marks_its_cell_when_the_file_is_opened(
    plan: Plan, libreoffice: LibreOffice, tmp_path: Path
) -> None:
    place = layout(plan)["activities"]
    cell = place.cell("I.7", "evidence")
    for severity, mark in (("Lỗi", at.MARK_ERROR), ("Cảnh báo", at.MARK_WARNING)):
        row = (at.finding_key("activities", cell), severity, place.sheet, cell, "", "Văn bản này không có.", "Sửa số.")
        path = tmp_path / f"{mark}.xlsx"
        path.write_bytes(_with_finding(build(_form(plan), PLANTED), row))
        with libreoffice.open(path) as workbook:
            number = place.rows["I.7"]
            assert workbook.read_cell(place.sheet, address(number, place.mark_columns["evidence"])) == mark
            verdict = str(workbook.read_cell(place.sheet, address(number, place.verdict_column)))
            assert verdict.endswith("Văn bản này không có.")


def test_the_committed_templates_are_what_would_be_built_now() -> None:
    assert build_templates.stale() == []
    assert build_templates.main(["--check"]) == 0


def test_a_changed_template_is_called_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "thu-thua-2020-2025" / "mau-truong.xlsx"
    path.parent.mkdir()
    monkeypatch.setattr(build_templates, "templates_folder", lambda: tmp_path)
    assert build_templates.main(["--check"]) == 1
    assert build_templates.main([]) == 0
    assert build_templates.main(["--check"]) == 0
    fresh = path.read_bytes()
    path.write_bytes(_repacked(fresh))
    assert build_templates.stale() == []
    for changed in (b"", build_blank(loads(OTHER_PLAN)), _repacked(fresh, "xl/styles.xml")):
        path.write_bytes(changed)
        assert build_templates.stale() == [path]


def _repacked(content: bytes, left_out: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            if name != left_out:
                target.writestr(name, source.read(name))
    return out.getvalue()


def test_the_template_is_open_for_every_level_and_says_nobodys_name(plan: Plan) -> None:
    book = _read(build_blank(plan))
    assert [row[1] or None for row in book["_meta"].values] == ["thu-thua-2020-2025", plan.version, None, None, None]
    place = layout(plan)["activities"]
    assert not book[place.sheet][place.cell("IV.4", "status")].protection.locked
    assert not book["Thông tin"].cell(at.INFO_ROWS["school"] + 1, 2).protection.locked
