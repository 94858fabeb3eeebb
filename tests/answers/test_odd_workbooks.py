"""Workbooks as no officer should leave them: copies put back, rows and columns twice, stray cells, wrong clocks."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import openpyxl
import pytest

from sync import office
from sync.decisions import COLUMNS
from sync.landmarks import PROGRESS_SHEET, SCHOOL_HEADING
from sync.ledger import Ledger
from tests.fakes import answering, officer
from tests.fakes.answering import NAME, NOW, at, main, work
from tests.fakes.offices import send

pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return answering.built(tmp_path_factory.mktemp("odd") / "office")


@pytest.fixture
def workspace(built: Path, tmp_path: Path) -> Path:
    shutil.copytree(built, tmp_path / "office")
    return tmp_path / "office"


def said(workspace: Path) -> list[tuple[str, str, str]]:
    with Ledger.open(office.open_office(workspace, NOW).ledger_url) as ledger:
        return [(each.school, each.field, each.value) for each in ledger.decisions.all()]


def kept(workspace: Path) -> list[Path]:
    return sorted((workspace / "tong-hop").glob("*(bản *"))


def add_row(book: openpyxl.Workbook, school: str, note: str | None) -> None:
    """Puts one more row of a school below the others."""
    sheet = book[PROGRESS_SHEET]
    row = sheet.max_row + 1
    sheet.cell(row, officer.column(sheet, SCHOOL_HEADING)).value = school
    sheet.cell(row, officer.column(sheet, COLUMNS["note"])).value = note


def test_a_copy_that_was_read_and_is_put_back_in_place_loses_nothing_that_was_typed_elsewhere(workspace: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        officer.typing("MN01", "note", "Đã gọi điện")(book)
        book["Tổng quan"]["B40"] = "Nhớ gọi cho ông Ba"

    copy = workspace / "tong-hop" / "cua-toi.xlsx"
    shutil.copyfile(main(workspace), copy)
    officer.edit(copy, change, at(1))
    work(workspace, 2)
    copy.replace(main(workspace))
    result = work(workspace, 3)
    [file] = kept(workspace)
    assert openpyxl.load_workbook(file)["Tổng quan"]["B40"].value == "Nhớ gọi cho ông Ba"
    assert [file.name in note for note in result.notes] == [True]
    assert said(workspace) == [("MN01", "note", "Đã gọi điện")]


def test_an_old_copy_that_was_read_and_is_put_back_in_place_is_replaced_by_what_holds(workspace: Path) -> None:
    copy = workspace / "tong-hop" / "cua-toi.xlsx"
    shutil.copyfile(main(workspace), copy)
    officer.type_in(copy, "MN01", "note", "cũ", at(1))
    work(workspace, 2)
    officer.type_in(main(workspace), "MN01", "note", "mới", at(3))
    work(workspace, 4)
    copy.replace(main(workspace))
    work(workspace, 5)
    assert officer.shown(main(workspace), "MN01", "note") == "mới"
    assert said(workspace) == [("MN01", "note", "cũ"), ("MN01", "note", "mới")]


def test_what_a_killed_pass_left_half_written_does_not_reach_into_the_workbook_in_its_place(workspace: Path) -> None:
    # A kill between putting a file in its place and clearing up leaves one file with two names.
    os.link(main(workspace), main(workspace).with_name(f".{NAME}.tmp"))
    main(workspace).write_bytes(b"with a password")
    send(workspace, "MN01")
    work(workspace, 1)
    assert [file.read_bytes() for file in kept(workspace)] == [b"with a password"]


def test_one_more_row_of_a_school_takes_nothing_back_where_it_is_blank(workspace: Path) -> None:
    officer.type_in(main(workspace), "MN01", "note", "Đã gọi điện", at(1))
    work(workspace, 2)
    officer.edit(main(workspace), lambda book: add_row(book, "MN01", None), at(3))
    work(workspace, 4)
    assert said(workspace) == [("MN01", "note", "Đã gọi điện")]


def test_what_stands_in_two_rows_of_a_school_is_heard_once_each(workspace: Path) -> None:
    copy = workspace / "tong-hop" / "cua-toi.xlsx"
    shutil.copyfile(main(workspace), copy)
    officer.edit(copy, lambda book: add_row(book, "MN01", "hàng hai"), at(1))
    officer.type_in(copy, "MN01", "note", "hàng một", at(1))
    work(workspace, 2)
    assert said(workspace) == [("MN01", "note", "hàng một"), ("MN01", "note", "hàng hai")]
    officer.type_in(copy, "CS01", "note", "thêm", at(3))
    work(workspace, 4)
    assert said(workspace)[2:] == [("CS01", "note", "thêm")]


def test_one_more_column_of_the_same_name_takes_nothing_back_and_is_read_too(workspace: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        sheet = book[PROGRESS_SHEET]
        sheet.insert_cols(2)
        sheet.cell(officer.heading_row(sheet), 2).value = COLUMNS["note"]
        sheet.cell(officer.row_of(sheet, "CS01"), 2).value = "Hỏi lại"

    officer.type_in(main(workspace), "MN01", "note", "Đã gọi điện", at(1))
    work(workspace, 2)
    officer.edit(main(workspace), change, at(3))
    work(workspace, 4)
    assert said(workspace)[1:] == [("CS01", "note", "Hỏi lại")]


def test_a_cell_that_was_typed_into_at_the_far_corner_of_a_sheet_stops_no_pass(workspace: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        officer.typing("MN01", "note", "Đã gọi điện")(book)
        book[PROGRESS_SHEET]["XFD1048576"] = "x"

    officer.edit(main(workspace), change, at(1))
    whole = main(workspace).read_bytes()
    send(workspace, "MN01")
    result = work(workspace, 2)
    assert result.accepted == 2
    [file] = kept(workspace)
    assert file.read_bytes() == whole
    assert any(file.name in note for note in result.notes)


def test_what_is_typed_over_a_value_replaces_it_although_the_clock_went_back(workspace: Path) -> None:
    officer.type_in(main(workspace), "MN01", "note", "khi đồng hồ sai", at(600))
    work(workspace, 601)
    officer.type_in(main(workspace), "MN01", "note", "khi đồng hồ đúng", at(2))
    work(workspace, 3)
    assert officer.shown(main(workspace), "MN01", "note") == "khi đồng hồ đúng"


def test_a_row_of_a_school_that_is_not_listed_is_kept_and_hurts_nobody(workspace: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        sheet = book[PROGRESS_SHEET]
        row = officer.row_of(sheet, "MN01")
        sheet.cell(row, officer.column(sheet, SCHOOL_HEADING)).value = "MN99"
        for field, text in zip(COLUMNS.values(), ("10/02/2025", "Thiếu", "Không còn", "Lạ"), strict=True):
            sheet.cell(row, officer.column(sheet, field)).value = text

    officer.edit(main(workspace), change, at(1))
    result = work(workspace, 2)
    assert {school for school, _field, _value in said(workspace)} == {"MN99"}
    assert (len(kept(workspace)), result.periods[0]["standings"]["excused"]) == (1, 0)
    assert officer.shown(main(workspace), "MN01", "note") is None
