from __future__ import annotations

import os
import shutil
import signal
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped, unused-ignore]

from tests.fakes.libreoffice import (
    CellError,
    LibreOffice,
    LibreOfficeError,
    Workbook,
    skip_or_fail,
    to_pdf,
    to_pngs,
)

# Days from LibreOffice's null date, 30 December 1899.
JANUARY_15_2026 = 46037.0


def make_form(path: Path) -> Path:
    """A protected sheet judging its entries by formulas, and a list it refers to."""
    with xlsxwriter.Workbook(path) as book:
        form = book.add_worksheet("Biểu")
        codes = book.add_worksheet("Danh mục")
        codes.write_column("A1", ["HN", "HCM", "ĐN"])
        unlocked = book.add_format({"locked": False})
        form.write_row("A1", ["Mã", "Số lượng", "Ghi chú", "Kết luận", "Tỷ lệ"])
        for row in range(2, 6):
            for column in "ABC":
                form.write_blank(f"{column}{row}", None, unlocked)
            form.write_formula(
                f"D{row}",
                f'=IF(TRIM(A{row})="","trống",IF(COUNTIF(\'Danh mục\'!$A$1:$A$3,TRIM(A{row}))=0,'
                f'"sai mã",IF(NOT(ISNUMBER(B{row})),"sai số",IF(LEN(C{row})>5,"quá dài","đạt"))))',
            )
        form.write_formula("E2", "=B2/B5")
        form.protect()
    return path


@pytest.fixture
def form(libreoffice: LibreOffice, tmp_path: Path) -> Workbook:
    return libreoffice.open(make_form(tmp_path / "biểu mẫu.xlsx"))


def test_formulas_judge_what_was_entered(form: Workbook) -> None:
    assert form.sheet_names == ["Biểu", "Danh mục"]
    form.set_cells(
        "Biểu",
        [
            ("A2", " HN ", "text"),
            ("B2", 12, "number"),
            ("A3", "XX", "text"),
            ("A4", "ĐN", "text"),
            ("B4", "12", "text"),
            ("A5", "HCM", "text"),
            ("B5", 0, "number"),
            ("C5", "dài quá", "text"),
        ],
    )
    form.recalculate()
    assert form.read("Biểu", "D2:D5") == [["đạt"], ["sai mã"], ["sai số"], ["quá dài"]]
    assert form.read_cell("Biểu", "E2") == CellError(532, "#DIV/0!")
    assert form.read_formulas("Biểu", "E2") == [["=B2/B5"]]
    assert form.read("Biểu")[1][:3] == [" HN ", 12.0, ""]
    form.close()


def test_typing_follows_vietnamese_habits(form: Workbook) -> None:
    form.type_in(
        "Danh mục",
        [
            ("B1", "15/1/2026"),
            ("B2", "1.234,5"),
            ("B3", "=SUM(1,5;B2)"),
            ("B4", "'0123"),
            ("B5", "50%"),
        ],
    )
    assert form.read("Danh mục", "B1:B5") == [
        [JANUARY_15_2026],
        [1234.5],
        [1236.0],
        ["0123"],
        [0.5],
    ]
    form.set_cell("Danh mục", "C1", date(2026, 1, 15))
    form.set_cell("Danh mục", "C2", datetime(2026, 1, 15, 12))
    form.set_cells("Danh mục", [("C3", "1.234,5", "text")])
    assert form.read("Danh mục", "C1:C3") == [
        [JANUARY_15_2026],
        [JANUARY_15_2026 + 0.5],
        ["1.234,5"],
    ]
    assert form.read_shown("Danh mục", "C1") == [["15/1/2026"]]
    form.close()


def test_values_survive_each_format(form: Workbook, libreoffice: LibreOffice, tmp_path: Path) -> None:
    form.set_cells(
        "Biểu",
        [("A2", "HN", "text"), ("B2", 1234.5, "number"), ("C2", "2026-01-15", "date")],
    )
    form.recalculate()
    expected = form.read("Biểu")
    path = form.save_as(tmp_path / "0.xlsx")
    form.close()
    for number, suffix in enumerate(("ods", "xls", "xlsx"), start=1):
        with libreoffice.open(path) as workbook:
            path = workbook.save_as(tmp_path / f"{number}.{suffix}")
        with libreoffice.open(path) as workbook:
            assert workbook.read("Biểu") == expected, suffix
            assert workbook.read_shown("Biểu", "C2") == [["15/1/2026"]]
            assert workbook.sheet_names == ["Biểu", "Danh mục"]


def test_rearranging_a_protected_sheet(form: Workbook, libreoffice: LibreOffice, tmp_path: Path) -> None:
    form.insert_columns("Biểu", 1, 2)
    form.insert_rows("Biểu", 0)
    assert form.read("Biểu", "A2:E2") == [["Mã", "", "", "Số lượng", "Ghi chú"]]
    assert form.read_formulas("Biểu", "G3") == [["=D3/D6"]]
    form.merge("Biểu", "A1:C1")
    form.add_comment("Biểu", "D2", "Chỉ nhập số")
    form.rename_sheet("Biểu", "Tháng 1")
    form.move_sheet("Tháng 1", 1)
    assert form.sheet_names == ["Danh mục", "Tháng 1"]
    form.move_sheet("Tháng 1", 0)
    assert form.sheet_names == ["Tháng 1", "Danh mục"]
    form.delete_sheet("Danh mục")
    assert form.sheet_names == ["Tháng 1"]
    saved = form.save_as(tmp_path / "sửa.xlsx")
    form.close()
    openpyxl = pytest.importorskip("openpyxl")
    sheet = openpyxl.load_workbook(saved)["Tháng 1"]
    assert sheet.protection.sheet
    assert [str(merged) for merged in sheet.merged_cells.ranges] == ["A1:C1"]
    assert sheet["D2"].comment.text == "Chỉ nhập số"


def test_locked_cells_can_be_refused(form: Workbook) -> None:
    form.type_in("Biểu", [("A2", "HN"), ("B2", "5")], refuse_locked=True)
    with pytest.raises(LibreOfficeError, match=r"locked in a protected sheet: D2, E2$"):
        form.type_in("Biểu", [("A2", "HCM"), ("D2", "đạt"), ("E2", "1")], refuse_locked=True)
    assert form.read_cell("Biểu", "A2") == "HN"
    form.set_cells("Biểu", [("D2", "đạt", "typed"), ("E2", "x", "text"), ("D3", 1, "number")])
    assert form.read("Biểu", "D2:E2") == [["đạt", "x"]]
    assert form.read_cell("Biểu", "D3") == 1.0
    with pytest.raises(LibreOfficeError, match="locked"):
        form.type_in("Biểu", [("D2", "")], refuse_locked=True)
    form.close()


def test_a_password_is_asked_for(libreoffice: LibreOffice, tmp_path: Path) -> None:
    path = tmp_path / "khóa.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("A").protect("mat-khau-7")
    with libreoffice.open(path) as workbook:
        with pytest.raises(LibreOfficeError, match="protected with another password"):
            workbook.insert_rows("A", 0)
        with pytest.raises(LibreOfficeError, match="protected with another password"):
            workbook.set_cell("A", "A1", 1)
        workbook.insert_rows("A", 0, password="mat-khau-7")
        with pytest.raises(LibreOfficeError, match="protected with another password"):
            workbook.insert_rows("A", 0)


def test_pages_are_drawn(libreoffice: LibreOffice, tmp_path: Path) -> None:
    if shutil.which("pdftoppm") is None:
        skip_or_fail("pdftoppm is not installed")
    pdf = to_pdf(make_form(tmp_path / "in.xlsx"), tmp_path / "pdf", libreoffice)
    assert pdf.read_bytes().startswith(b"%PDF")
    pages = to_pngs(pdf, tmp_path / "png", dpi=50)
    assert [page.name for page in pages] == ["in-1.png", "in-2.png"]
    assert all(page.read_bytes().startswith(b"\x89PNG") for page in pages)


def test_refusals_leave_libreoffice_usable(form: Workbook, libreoffice: LibreOffice) -> None:
    with pytest.raises(LibreOfficeError, match="no sheet 'Không'"):
        form.read("Không")
    with pytest.raises(LibreOfficeError, match="not a cell address: 'B'"):
        form.set_cell("Biểu", "B", 1)
    with pytest.raises(LibreOfficeError, match="B2: 'mai' as date"):
        form.set_cells("Biểu", [("B2", "mai", "date")])
    with pytest.raises(LibreOfficeError, match="unknown format 'doc'"):
        form.save_as(Path("a.doc"))
    with pytest.raises(LibreOfficeError, match="no such file"):
        libreoffice.open(Path("/không/có.xlsx"))
    assert form.read_cell("Biểu", "A1") == "Mã"
    form.close()
    with pytest.raises(LibreOfficeError, match="has been closed"):
        form.recalculate()


@pytest.mark.usefixtures("libreoffice")
def test_a_dead_libreoffice_is_told_and_replaced(tmp_path: Path) -> None:
    path = make_form(tmp_path / "a.xlsx")
    with LibreOffice() as office:
        workbook = office.open(path)
        assert office.pid is not None
        os.killpg(office.pid, signal.SIGKILL)
        with pytest.raises(LibreOfficeError, match="read: the driver died with exit code -9"):
            workbook.read("Biểu")
        with office.open(path) as again:
            assert again.read_cell("Biểu", "A1") == "Mã"
        with pytest.raises(LibreOfficeError, match="LibreOffice has ended"):
            workbook.read("Biểu")


def test_a_stuck_request_runs_out_of_time(libreoffice: LibreOffice, tmp_path: Path) -> None:
    path = make_form(tmp_path / "a.xlsx")
    with (
        pytest.raises(LibreOfficeError, match="open: no answer in 0 s"),
        LibreOffice(seconds=0) as office,
    ):
        office.open(path)
    with libreoffice.open(path) as workbook:
        assert workbook.sheet_names == ["Biểu", "Danh mục"]


def test_a_missing_tool_skips_unless_all_are_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BAOCAO_REQUIRE_ALL", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no soffice"):
        skip_or_fail("no soffice")
    monkeypatch.setenv("BAOCAO_REQUIRE_ALL", "1")
    with pytest.raises(pytest.fail.Exception, match="no soffice"):
        skip_or_fail("no soffice")
