"""Tables are found by codes and headings, whatever happened to the workbook; addresses are Excel's own."""

from __future__ import annotations

import io
import re
import unicodedata
from datetime import date

import pytest
import xlsxwriter
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st
from odf import table as odf_table
from odf import text as odf_text
from odf.opendocument import OpenDocumentSpreadsheet

from sync.checks.catalogue import CATALOGUE
from sync.intake import reader
from sync.intake.guard import Limits
from sync.intake.reading import PlanSpec, Reading, Value
from tests.intake.hostile import repacked
from tests.intake.workbooks import (
    ACTIVITIES,
    META,
    SPEC,
    SPECS,
    STATISTICS,
    Cell,
    Grid,
    sheets,
    with_cell,
    with_column,
    with_row,
    without_column,
    without_row,
    xlsx,
)

PLANS = reader.prepare(SPECS)
SOUND = {
    "I.1": ("Hoàn thành", date(2024, 10, 15), 12, "Tốt"),
    "I.2": ("Đang thực hiện", None, 30, None),
    "II.1": (None, None, None, None),
    "A.1": (9, None),
    "A.2": (250, 98.5),
}


def read(content: bytes, **limits: int) -> Reading:
    reading = reader.read(content, PLANS, Limits(**limits))
    for observation in reading.observations:
        CATALOGUE[observation.code].message.format_map(dict(observation.params))
    return reading


def values(reading: Reading) -> dict[str, tuple[Value, ...]]:
    return {row.code: row.values for table in reading.tables for row in table.rows}


def codes(reading: Reading) -> list[tuple[str, str | None]]:
    """What was observed, as (code, cell)."""
    return [(observation.code, observation.cell) for observation in reading.observations]


def mirrored(grid: Grid) -> Grid:
    width = len(grid[0])
    return [list(reversed([*row, *[None] * (width - len(row))])) for row in grid]


def decomposed_sheets() -> dict[str, Grid]:
    """The sound workbook as a keyboard that composes no letters types it."""

    def decomposed(cell: Cell) -> Cell:
        return unicodedata.normalize("NFD", cell) if isinstance(cell, str) else cell

    return {
        str(decomposed(name)): [[decomposed(cell) for cell in row] for row in grid] for name, grid in sheets().items()
    }


def test_a_sound_workbook_is_read_without_a_word() -> None:
    reading = read(xlsx(sheets()))
    assert (reading.refused, reading.plan, reading.template_version) == (False, "garden", "2")
    assert (reading.school, reading.period, reading.seal) == ("TH01", "2024-2025/HK1", "f00d")
    assert values(reading) == SOUND
    assert codes(reading) == []
    assert [(table.id, table.sheet, table.letters) for table in reading.tables] == [
        ("activities", "Phụ lục", ("D", "E", "F", "G")),
        ("statistics", "Số liệu", ("C", "D")),
    ]
    assert [row.number for row in reading.tables[0].rows] == [3, 4, 6]
    assert type(values(reading)["A.2"][1]) is float
    assert type(values(reading)["A.1"][0]) is int


@pytest.mark.parametrize(
    ("what", "content"),
    [
        ("blank rows and columns before it", xlsx(sheets(), at=(5, 2))),
        ("a column inserted", xlsx(sheets(activities=with_column(ACTIVITIES, 4, "của trường")))),
        ("a blank row inserted", xlsx(sheets(activities=with_row(ACTIVITIES, 3, ())))),
        ("a heading of the school's own above", xlsx(sheets(activities=[("Mã trường:", "TH01"), (), *ACTIVITIES]))),
        ("rows in another order", xlsx(sheets(activities=[ACTIVITIES[0], *reversed(ACTIVITIES[1:])]))),
        ("columns in another order", xlsx(sheets(activities=mirrored(ACTIVITIES)))),
        ("no section rows", xlsx(sheets(activities=without_row(without_row(ACTIVITIES, 4), 1)))),
        ("no printed columns", xlsx(sheets(activities=without_column(without_column(ACTIVITIES, 1), 1)))),
        ("the heading row twice", xlsx(sheets(activities=with_row(ACTIVITIES, 4, ACTIVITIES[0])))),
        ("a row of column numbers", xlsx(sheets(activities=with_row(ACTIVITIES, 1, ("", 1, 2, 3, 4, 5, 6))))),
        ("spaces in the sheet's name", xlsx({f" {name.upper()} ": grid for name, grid in sheets().items()})),
        ("another name of the sheet", xlsx({"Sheet1": ACTIVITIES, "Bảng 2": STATISTICS, "_meta": META})),
        ("the sheets' names exchanged", xlsx({"Phụ lục": STATISTICS, "Số liệu": ACTIVITIES, "_meta": META})),
        ("decomposed text", xlsx(decomposed_sheets())),
        ("headings over two lines", xlsx(sheets(activities=with_cell(ACTIVITIES, 0, 3, " TÌNH\ntrạng")))),
        ("codes in capitals", xlsx(sheets(activities=with_cell(ACTIVITIES, 2, 0, " i.1 ")))),
        ("codes with spaces", xlsx(sheets(activities=with_cell(ACTIVITIES, 3, 0, "I. 2.")))),
        ("dates of 1904", xlsx(sheets(), {"date_1904": True})),
        ("a chart sheet and many others", xlsx({**sheets(), **{f"Sheet{n}": [("x",)] for n in range(150)}})),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_nothing_is_lost_or_flagged_with(what: str, content: bytes) -> None:
    reading = read(content)
    assert (values(reading), codes(reading)) == (SOUND, [])


def test_addresses_are_those_that_excel_shows() -> None:
    activities = with_cell(ACTIVITIES, 3, 5, "12 em")
    (observation,) = read(xlsx(sheets(activities=activities), at=(6, 1))).observations
    assert observation.cell == "G10"
    assert (observation.code, observation.table, observation.sheet) == ("not-a-number", "activities", "Phụ lục")
    assert (observation.row, observation.column, observation.value) == ("I.2", "children", "12 em")
    assert dict(observation.params) == {"value": "12 em"}


def test_an_unreadable_value_is_none_and_observed() -> None:
    reading = read(xlsx(sheets(activities=with_cell(ACTIVITIES, 2, 4, "hôm qua"))))
    assert values(reading)["I.1"] == ("Hoàn thành", None, 12, "Tốt")
    assert codes(reading) == [("not-a-date", "E3")]


def test_merged_cells_keep_their_value_in_the_first() -> None:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "default_date_format": "dd/mm/yyyy"})
    sheet = book.add_worksheet("Phụ lục")
    for row, cells in enumerate(ACTIVITIES):
        sheet.write_row(row + 1, 0, [cell if cell is not None else "" for cell in cells])
    sheet.merge_range("A1:G1", "PHỤ LỤC")
    sheet.merge_range("D4:D5", "Hoàn thành", book.add_format({"border": 1}))
    book.close()
    reading = read(target.getvalue())
    assert values(reading)["I.1"][0] == "Hoàn thành"
    assert values(reading)["I.2"][0] is None
    assert codes(reading) == [("sheet-missing", None)]


def test_a_missing_column_is_named_and_the_others_are_read() -> None:
    reading = read(xlsx(sheets(activities=without_column(ACTIVITIES, 4))))
    (observation,) = reading.observations
    assert (observation.code, observation.cell, observation.column) == ("column-missing", None, "finished_on")
    assert dict(observation.params) == {"heading": "Ngày kết thúc"}
    assert values(reading)["I.1"] == ("Hoàn thành", None, 12, "Tốt")
    assert reading.tables[0].letters == ("D", None, "E", "F")


def test_a_missing_code_column_is_named() -> None:
    reading = read(xlsx(sheets(activities=without_column(ACTIVITIES, 0))))
    (observation,) = reading.observations
    assert (observation.code, observation.table) == ("column-missing", "activities")
    assert dict(observation.params) == {"heading": "Mã"}
    assert [table.id for table in reading.tables] == ["statistics"]


def test_missing_rows_are_named_each() -> None:
    reading = read(xlsx(sheets(activities=ACTIVITIES[:3])))
    assert [(o.code, o.row) for o in reading.observations] == [("row-missing", "I.2"), ("row-missing", "II.1")]


def test_a_missing_sheet_is_named() -> None:
    (observation,) = read(xlsx({"Phụ lục": ACTIVITIES, "_meta": META})).observations
    assert (observation.code, observation.table) == ("sheet-missing", "statistics")
    assert dict(observation.params) == {"sheet": "Số liệu"}


@pytest.mark.parametrize(
    ("row", "observed"),
    [
        (("I.2", "2", "Tưới cây", "Hoàn thành"), [("row-twice", "D5")]),
        (("I.2", "2", "Tưới cây"), []),
        (("I.9", "9", "Làm cỏ", "", date(2024, 9, 9)), [("row-unknown", "E5")]),
        (("I.9", "9", "Làm cỏ"), []),
        (("Làm thêm", "", "", "", "", 7), [("row-unknown", "F5")]),
        (("", "", "", "", "", "", "viết tiếp"), [("row-unknown", "G5")]),
        (("I", "", "Mục một", "", "", "", "của cả mục"), []),
    ],
)
def test_a_row_that_is_not_of_the_plan_is_told_where_something_is_written(
    row: tuple[str, ...], observed: list[tuple[str, str]]
) -> None:
    reading = read(xlsx(sheets(activities=with_row(ACTIVITIES, 4, row))))
    assert codes(reading) == observed
    assert values(reading) == SOUND


@pytest.mark.parametrize(
    ("below", "observed"),
    [
        (("", "", "", "", "", "HIỆU TRƯỞNG"), []),
        (("NGƯỜI LẬP BIỂU", "", "", "", "", "HIỆU TRƯỞNG"), []),
        (("Ghi chú 1", "", "", "", "", "x"), []),
        (("II.2", "", "", "", "", 5), [("row-unknown", "F8")]),
    ],
)
def test_signatures_below_the_table_are_no_rows(below: tuple[str, ...], observed: list[tuple[str, str]]) -> None:
    reading = read(xlsx(sheets(activities=[*ACTIVITIES, (), below])))
    assert (codes(reading), values(reading)) == (observed, SOUND)


def test_the_first_of_two_columns_with_one_heading_counts() -> None:
    doubled = [[*row, *[None] * (7 - len(row)), "Tình trạng" if row[0] == "Mã" else "x"] for row in ACTIVITIES]
    reading = read(xlsx(sheets(activities=doubled)))
    assert (values(reading), codes(reading)) == (SOUND, [])


# Error cells


def with_errors(**errors: str) -> bytes:
    """A sound workbook in which formulas ended in `errors`, by cell."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "default_date_format": "dd/mm/yyyy"})
    for name, rows in sheets().items():
        sheet = book.add_worksheet(name)
        for row, cells in enumerate(rows):
            sheet.write_row(row, 0, [cell if cell is not None else "" for cell in cells])
        for cell, error in errors.items() if name == "Phụ lục" else ():
            sheet.write_formula(cell, "=1/0", None, "#DIV/0!" if error.endswith("!") else error)
    book.close()
    content = target.getvalue()
    for error in errors.values():
        if error.endswith("!") and error != "#DIV/0!":
            content = repacked(content, {"xl/worksheets/sheet1.xml": (b"#DIV/0!", error.encode())})
    return content


@pytest.mark.parametrize(
    "error", ["#DIV/0!", "#N/A", "#REF!", "#VALUE!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#BUSY!"]
)
def test_an_error_cell_is_told_and_the_row_stays(error: str) -> None:
    reading = read(with_errors(F3=error))
    assert codes(reading) == [("error-cell", "F3")]
    assert reading.observations[0].value == error
    assert values(reading)["I.1"] == ("Hoàn thành", date(2024, 10, 15), None, "Tốt")


def test_an_error_cell_outside_the_table_is_nobodys_business() -> None:
    assert codes(read(with_errors(Z3="#SPILL!"))) == []


def test_a_sheet_that_cannot_be_read_does_not_take_the_file_along() -> None:
    content = repacked(xlsx(sheets()), {"xl/worksheets/sheet2.xml": (b't="s"><v>[0-9]+', b't="s"><v>9999')})
    reading = read(content)
    assert codes(reading) == [("sheet-missing", None)]
    assert values(reading) == {code: SOUND[code] for code in ("I.1", "I.2", "II.1")}


def test_a_workbook_of_which_no_sheet_can_be_read_is_damaged() -> None:
    broken = {f"xl/worksheets/sheet{n}.xml": (b't="s"><v>[0-9]+', b't="s"><v>9999') for n in (1, 2, 3)}
    reading = read(repacked(xlsx(sheets()), broken))
    assert (reading.refused, codes(reading)) == (True, [("damaged", None)])


def test_an_error_cell_of_an_ods_is_told() -> None:
    cell = b'<table:table-cell [^<>]*office:value="12"[^<>]*/>'
    error = b'<table:table-cell office:value-type="string" office:string-value="" calcext:value-type="error">'
    error += b"<text:p>Err:502</text:p></table:table-cell>"
    reading = read(repacked(as_ods(), {"content.xml": (cell, error)}))
    assert [(o.code, o.cell, o.value) for o in reading.observations] == [("error-cell", "F3", "Err:502")]
    assert values(reading)["I.1"] == ("Hoàn thành", date(2024, 10, 15), None, "Tốt")


# Identity


def test_the_visible_sheet_says_whose_report_it_is_where_the_hidden_one_was_lost() -> None:
    info: Grid = (
        ("THÔNG TIN",),
        ("", "Mã trường :", "", "TH01"),
        ("", "Mã kỳ báo cáo", "2024-2025/HK1"),
        ("", "Mã kế hoạch", "garden"),
    )
    reading = read(xlsx({"Phụ lục": ACTIVITIES, "Số liệu": STATISTICS, "Thông tin": info}))
    assert (reading.plan, reading.school, reading.period) == ("garden", "TH01", "2024-2025/HK1")
    assert (reading.seal, reading.template_version) == (None, None)


def test_a_workbook_that_says_nothing_is_read_by_the_plan_that_it_is_most_like() -> None:
    other = PlanSpec("other", "1", SPEC.tables[1:])
    reading = reader.read(xlsx(sheets(meta=())), reader.prepare({"other": other, **SPECS}), Limits())
    assert (reading.plan, reading.school, reading.period) == ("garden", None, None)
    assert values(reading) == SOUND


def test_numbers_in_the_hidden_sheet_are_codes() -> None:
    reading = read(xlsx(sheets(meta=(("plan", "garden"), ("template_version", 2), ("school", 101), ("period", 2024)))))
    assert (reading.template_version, reading.school, reading.period) == ("2", "101", "2024")
    assert codes(reading) == []


def test_another_plan_is_refused_and_the_school_stays_known() -> None:
    reading = read(xlsx(sheets(meta=(("plan", "other"), *META[1:]))))
    assert (reading.refused, reading.tables, reading.school) == (True, [], "TH01")
    assert [(o.code, dict(o.params)) for o in reading.observations] == [("other-plan", {"plan": "other"})]


@pytest.mark.parametrize(
    ("version", "observed"), [("1", ["older-template"]), ("1.9", ["older-template"]), ("2", []), ("10", [])]
)
def test_an_older_template_is_told(version: str, observed: list[str]) -> None:
    meta = with_cell(META, 1, 1, version)
    assert [code for code, _ in codes(read(xlsx(sheets(meta=meta))))] == observed


def test_a_workbook_without_any_of_the_tables_is_refused() -> None:
    reading = read(xlsx({"Sheet1": [("Tên", "Tuổi"), ("x", 1)], "_meta": META}))
    assert (reading.refused, codes(reading), reading.school) == (True, [("not-our-workbook", None)], "TH01")


# Limits


def test_too_many_sheets_are_refused() -> None:
    reading = read(xlsx({**sheets(), **{f"S{n}": () for n in range(6)}}), max_sheets=8)
    assert (reading.refused, dict(reading.observations[0].params)) == (True, {"count": "9", "limit": "8"})


def test_too_many_cells_are_refused_and_the_sheet_is_named() -> None:
    reading = read(xlsx(sheets(activities=with_cell(ACTIVITIES, 5, 400, "x"))), max_cells=2000)
    (observation,) = reading.observations
    assert (reading.refused, observation.code, observation.sheet, reading.tables) == (
        True,
        "too-many-cells",
        "Phụ lục",
        [],
    )


def test_a_sheet_that_is_not_needed_may_be_as_large_as_it_likes() -> None:
    large = xlsx({**sheets(), "Của trường": [[None] * 500 + ["x"]] * 50})
    assert values(read(large, max_cells=2000)) == SOUND


# Formats


def as_xls() -> bytes:
    book, target = xlwt.Workbook(), io.BytesIO()
    day = xlwt.easyxf(num_format_str="DD/MM/YYYY")
    for name, rows in sheets().items():
        sheet = book.add_sheet(name)
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if cell is not None:
                    sheet.write(row, column, cell, day if isinstance(cell, date) else xlwt.Style.default_style)
    book.save(target)
    return target.getvalue()


def as_ods() -> bytes:
    document, target = OpenDocumentSpreadsheet(), io.BytesIO()
    for name, rows in sheets().items():
        sheet = odf_table.Table(name=name)
        for cells in rows:
            line = odf_table.TableRow()
            for cell in cells:
                if isinstance(cell, date):
                    made = odf_table.TableCell(valuetype="date", datevalue=cell.isoformat())
                elif isinstance(cell, int | float):
                    made = odf_table.TableCell(valuetype="float", value=cell)
                else:
                    made = odf_table.TableCell(**({"valuetype": "string"} if cell else {}))
                    made.addElement(odf_text.P(text=cell or ""))
                line.addElement(made)
            sheet.addElement(line)
        document.spreadsheet.addElement(sheet)
    document.write(target)
    return target.getvalue()


@pytest.mark.parametrize("content", [as_xls(), as_ods()], ids=["xls", "ods"])
def test_the_old_and_the_open_format_give_the_same(content: bytes) -> None:
    reading = read(content)
    assert (values(reading), codes(reading)) == (SOUND, [])
    assert (reading.school, reading.seal) == ("TH01", "f00d")


# Properties


@given(st.permutations(range(1, 6)), st.permutations(range(7)), st.integers(0, 20), st.integers(0, 30))
@settings(max_examples=40)
def test_no_order_of_rows_and_columns_and_no_offset_loses_data(
    rows: list[int], columns: list[int], top: int, left: int
) -> None:
    padded = [[*row, *[None] * (7 - len(row))] for row in ACTIVITIES]
    shuffled = [[row[column] for column in columns] for row in [padded[0], *[padded[row] for row in rows]]]
    reading = read(xlsx(sheets(activities=shuffled), at=(top, left)))
    assert (values(reading), codes(reading)) == (SOUND, [])


@given(st.data())
@settings(max_examples=150)
def test_no_damage_to_a_sheet_breaks_our_code(data: st.DataObject) -> None:
    content = xlsx(sheets())
    cell = data.draw(st.sampled_from([b'r="[A-G]3"', b"<v>[^<]*</v>", b'<c r="D3"[^>]*>', b't="s"', b"<row[^>]*>"]))
    junk = data.draw(
        st.sampled_from(
            [b"", b"<", b'r="A0"', b'r="ZZZZ9"', b"<v>-1</v>", b"<v>1e999</v>", b't="b"', b't="d"', b"&#0;"]
        )
    )
    broken = repacked(content, {"xl/worksheets/sheet1.xml": (cell, junk)})
    reading = read(broken)
    assert all(re.fullmatch(r"[A-Z]+[0-9]+", o.cell) for o in reading.observations if o.cell)
