"""What the officer types into the consolidated workbook is heard by the next pass and never lost."""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sync import office
from sync.answers import listening
from sync.decisions import Decision
from sync.landmarks import BASE_SHEET, PROGRESS_SHEET
from sync.ledger import Ledger
from sync.office import OpenOffice
from tests.fakes import answering, officer
from tests.fakes.answering import NAME, NOW, at, main, work
from tests.fakes.offices import send

pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return answering.built(tmp_path_factory.mktemp("officer") / "office")


@pytest.fixture
def workspace(built: Path, tmp_path: Path) -> Path:
    shutil.copytree(built, tmp_path / "office")
    return tmp_path / "office"


def decisions(workspace: Path) -> list[Decision]:
    opened: OpenOffice = office.open_office(workspace, NOW)
    with Ledger.open(opened.ledger_url) as ledger:
        return ledger.decisions.all()


def said(workspace: Path) -> list[tuple[str, str, str]]:
    return [(each.school, each.field, each.value) for each in decisions(workspace)]


def kept(workspace: Path) -> list[str]:
    return sorted(each.name for each in (workspace / "tong-hop").iterdir() if each.name != NAME)


def test_what_is_typed_is_in_the_ledger_and_in_the_next_workbook(workspace: Path) -> None:
    officer.type_in(main(workspace), "MN01", "extended_to", datetime(2025, 2, 10), at(1))  # noqa: DTZ001
    officer.type_in(main(workspace), "CS01", "excused", "Trường mới thành lập", at(1))
    result = work(workspace, 2)
    assert said(workspace) == [("MN01", "extended_to", "2025-02-10"), ("CS01", "excused", "Trường mới thành lập")]
    assert result.periods[0]["rebuilt"] is True
    assert officer.shown(main(workspace), "MN01", "extended_to") == datetime(2025, 2, 10)  # noqa: DTZ001
    assert officer.shown(main(workspace), "CS01", "excused") == "Trường mới thành lập"
    assert result.periods[0]["standings"]["excused"] == 1
    assert {each.decided_at for each in decisions(workspace)} == {at(1)}
    assert {(each.base, each.place) for each in decisions(workspace)} == {("", f"tong-hop/{NAME}")}
    assert kept(workspace) == []


def test_nothing_is_heard_where_nothing_was_typed(workspace: Path) -> None:
    def sort(book: openpyxl.Workbook) -> None:
        sheet = book[PROGRESS_SHEET]
        first = officer.heading_row(sheet) + 1
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=first)]
        for number, row in enumerate(reversed(rows), first):
            for column, value in enumerate(row, 1):
                sheet.cell(number, column).value = value

    officer.edit(main(workspace), sort, at(1))
    before = main(workspace).read_bytes()
    result = work(workspace, 2)
    assert (said(workspace), result.notes, kept(workspace)) == ([], [], [])
    assert main(workspace).read_bytes() == before


def test_a_pass_opens_no_workbook_that_is_as_it_was_left(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work(workspace, 1)
    monkeypatch.setattr(listening, "_settled", pytest.fail)
    assert work(workspace, 2).notes == []


def test_deleted_rows_take_nothing_back_and_a_cleared_cell_does(workspace: Path) -> None:
    officer.type_in(main(workspace), "MN01", "note", "Đã gọi điện", at(1))
    officer.type_in(main(workspace), "CS01", "note", "Hỏi lại", at(1))
    work(workspace, 2)
    officer.edit(main(workspace), lambda book: remove_row(book, "MN01"), at(3))
    officer.type_in(main(workspace), "CS01", "note", None, at(3))
    work(workspace, 4)
    assert said(workspace)[2:] == [("CS01", "note", "")]
    assert officer.shown(main(workspace), "MN01", "note") == "Đã gọi điện"
    assert officer.shown(main(workspace), "CS01", "note") is None


def remove_row(book: openpyxl.Workbook, school: str) -> None:
    sheet = book[PROGRESS_SHEET]
    sheet.delete_rows(officer.row_of(sheet, school))


def test_a_deleted_workbook_comes_back_with_all_that_was_typed(workspace: Path) -> None:
    officer.type_in(main(workspace), "MN01", "note", "Đã gọi điện", at(1))
    work(workspace, 2)
    main(workspace).unlink()
    work(workspace, 3)
    assert officer.shown(main(workspace), "MN01", "note") == "Đã gọi điện"


def test_columns_may_be_moved_and_new_ones_put_between(workspace: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        officer.typing("MN01", "note", "Đã gọi điện")(book)
        book[PROGRESS_SHEET].insert_cols(2)

    officer.edit(main(workspace), change, at(1))
    work(workspace, 2)
    assert said(workspace) == [("MN01", "note", "Đã gọi điện")]


def test_what_is_typed_elsewhere_is_kept_beside_and_told(workspace: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        book["Tổng quan"]["B40"] = "Nhớ gọi cho ông Ba"
        book.create_sheet("Nháp")["A1"] = "việc phải làm"

    officer.edit(main(workspace), change, at(1))
    result = work(workspace, 2)
    [copy] = kept(workspace)
    assert copy == "tong-hop-2024-2025-HK1 (bản có sửa 2025-01-20 0802).xlsx"
    assert openpyxl.load_workbook(workspace / "tong-hop" / copy)["Nháp"]["A1"].value == "việc phải làm"
    [note] = result.notes
    assert ("Tổng quan: B40" in note, "Nháp: A1" in note, copy in note) == (True, True, True)
    book = openpyxl.load_workbook(main(workspace))
    assert "Nháp" not in book.sheetnames
    assert any(copy in str(cell.value) for row in book["Tổng quan"].iter_rows() for cell in row)
    assert (work(workspace, 3).notes, kept(workspace)) == ([], [copy])


def test_the_sentence_on_a_kept_copy_goes_after_a_week(workspace: Path) -> None:
    officer.edit(main(workspace), lambda book: book.create_sheet("Nháp").append(["x"]), at(1))
    work(workspace, 2)
    work(workspace, 3 + 7 * 24 * 60)
    book = openpyxl.load_workbook(main(workspace))
    assert not any("bản có sửa" in str(cell.value) for row in book["Tổng quan"].iter_rows() for cell in row)


def test_a_change_of_one_figure_is_seen_although_rows_were_sorted(workspace: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        sheet = book[PROGRESS_SHEET]
        sheet.cell(officer.row_of(sheet, "MN01"), officer.column(sheet, "Tên trường")).value = "Trường khác"
        sheet.move_range(f"A{officer.row_of(sheet, 'CS01')}:Z{officer.row_of(sheet, 'CS01')}", rows=20)

    officer.edit(main(workspace), change, at(1))
    [note] = work(workspace, 2).notes
    row = officer.row_of(openpyxl.load_workbook(workspace / "tong-hop" / kept(workspace)[0])[PROGRESS_SHEET], "MN01")
    assert f"{PROGRESS_SHEET}: C{row}" in note


def test_two_copies_of_one_workbook_are_merged_and_the_later_one_wins_where_both_were_typed_into(
    workspace: Path,
) -> None:
    copy = workspace / "tong-hop" / "tong-hop-2024-2025-HK1 của chị Lan.xlsx"
    shutil.copyfile(main(workspace), copy)
    officer.type_in(main(workspace), "MN01", "note", "từ máy một", at(2))
    officer.type_in(copy, "MN01", "note", "từ máy hai", at(1))
    officer.type_in(copy, "CS01", "note", "chỉ ở máy hai", at(1))
    work(workspace, 3)
    assert officer.shown(main(workspace), "MN01", "note") == "từ máy một"
    assert officer.shown(main(workspace), "CS01", "note") == "chỉ ở máy hai"
    book = openpyxl.load_workbook(main(workspace))
    rows = [[cell.value for cell in row] for row in book["Nhật ký quyết định"].iter_rows()]
    results = {row[5]: row[7] for row in rows if row[5]}
    assert results["từ máy hai"] == "Bị bản lưu sau thay, hai nơi cùng sửa"
    assert results["từ máy một"] == "Đang áp dụng"
    assert any("sửa ở hai nơi" in str(cell.value) for row in book["Tổng quan"].iter_rows() for cell in row)
    assert copy.is_file()


def test_an_old_copy_that_is_saved_again_brings_nothing_back(workspace: Path) -> None:
    copy = workspace / "tong-hop" / "cua-toi.xlsx"
    shutil.copyfile(main(workspace), copy)
    officer.type_in(copy, "MN01", "note", "cũ", at(1))
    work(workspace, 2)
    officer.type_in(main(workspace), "MN01", "note", "mới", at(3))
    work(workspace, 4)
    officer.type_in(copy, "CS01", "note", "thêm", at(5))
    work(workspace, 6)
    assert officer.shown(main(workspace), "MN01", "note") == "mới"
    assert officer.shown(main(workspace), "CS01", "note") == "thêm"
    officer.type_in(copy, "MN01", "note", None, at(7))
    work(workspace, 8)
    assert said(workspace)[-1] == ("MN01", "note", "")


def test_without_its_hidden_sheet_a_workbook_still_says_what_is_filled_in(workspace: Path) -> None:
    officer.type_in(main(workspace), "MN01", "note", "Đã gọi điện", at(1))
    work(workspace, 2)

    def change(book: openpyxl.Workbook) -> None:
        del book[BASE_SHEET]
        officer.typing("MN01", "note", None)(book)
        officer.typing("CS01", "note", "Hỏi lại")(book)

    officer.edit(main(workspace), change, at(3))
    work(workspace, 4)
    assert said(workspace) == [("MN01", "note", "Đã gọi điện"), ("CS01", "note", "Hỏi lại")]
    assert officer.shown(main(workspace), "MN01", "note") == "Đã gọi điện"


def test_what_is_no_date_is_shown_and_told_and_holds_nothing(workspace: Path) -> None:
    officer.type_in(main(workspace), "MN01", "extended_to", "tuần sau", at(1))
    result = work(workspace, 2)
    assert said(workspace) == [("MN01", "extended_to", "tuần sau")]
    book = openpyxl.load_workbook(main(workspace))
    sheet = book[PROGRESS_SHEET]
    cell = sheet.cell(officer.row_of(sheet, "MN01"), officer.column(sheet, "Gia hạn đến"))
    assert (cell.value, cell.fill.fgColor.rgb, cell.protection.locked) == ("tuần sau", "FFFFCFCF", False)
    assert any("không hiểu được" in str(each.value) for row in book["Tổng quan"].iter_rows() for each in row)
    assert result.notes == []


def test_a_report_that_went_back_is_answered_by_a_newer_one_and_its_cell_is_empty_again(workspace: Path) -> None:
    officer.type_in(main(workspace), "TH01", "returned", "Thiếu phụ lục", at(1))
    returned = work(workspace, 2)
    assert (returned.accepted, returned.to_mend) == (0, 1)
    assert officer.shown(main(workspace), "TH01", "returned") == "Thiếu phụ lục"
    send(workspace, "TH01", {("activities", "I.1", "difficulties"): "Thiếu phòng họp"}, modified="2025-01-20T08:03")
    work(workspace, 4)
    assert officer.shown(main(workspace), "TH01", "returned") is None
    rows = [[cell.value for cell in row] for row in openpyxl.load_workbook(main(workspace))["Nhật ký quyết định"]]
    assert [row[7] for row in rows if row[5] == "Thiếu phụ lục"] == ["Trường đã gửi bản mới"]
    officer.type_in(main(workspace), "TH01", "returned", "Thiếu phụ lục", at(5))
    assert work(workspace, 6).to_mend == 1
    assert [each for each in said(workspace) if each[1] == "returned"] == [("TH01", "returned", "Thiếu phụ lục")] * 2


def test_a_workbook_that_cannot_be_read_is_told_and_kept_when_a_new_one_takes_its_place(workspace: Path) -> None:
    main(workspace).write_bytes(b"with a password")
    assert [f"{NAME} cannot be read" in note for note in work(workspace, 1).notes] == [True]
    assert main(workspace).read_bytes() == b"with a password"
    send(workspace, "MN01")
    result = work(workspace, 2)
    [copy] = kept(workspace)
    assert (workspace / "tong-hop" / copy).read_bytes() == b"with a password"
    assert "bản không đọc được" in copy
    assert any(copy in note for note in result.notes)


def test_what_is_saved_while_the_new_workbook_is_being_built_is_heard_in_the_same_pass(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = listening.Answers.place

    def late(self: listening.Answers, path: Path, *arguments: Any) -> Path:
        if not decided:
            decided.append(True)
            officer.type_in(path, "MN01", "note", "phút chót", at(2))
        return whole(self, path, *arguments)

    decided: list[bool] = []
    monkeypatch.setattr(listening.Answers, "place", late)
    send(workspace, "MN01")
    result = work(workspace, 3)
    assert said(workspace) == [("MN01", "note", "phút chót")]
    assert officer.shown(main(workspace), "MN01", "note") == "phút chót"
    assert "tra-lai" in " ".join(result.periods[0]["returned"])
    assert kept(workspace) == []


def test_what_lies_beside_a_workbook_that_was_held_open_is_heard_and_cleared_up(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = os.replace

    def held(source: Path, target: Path) -> None:
        if NAME in (Path(source).name, Path(target).name):
            raise PermissionError(13, "held open")
        whole(source, target)

    send(workspace, "MN01")
    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", held)
        result = work(workspace, 1)
    beside = workspace / str(result.workbook)
    assert beside.name == "tong-hop-2024-2025-HK1 (mới).xlsx"
    officer.type_in(beside, "MN01", "note", "ở bản mới", at(2))
    officer.type_in(main(workspace), "CS01", "note", "ở bản đang mở", at(3))
    work(workspace, 4)
    assert officer.shown(main(workspace), "MN01", "note") == "ở bản mới"
    assert officer.shown(main(workspace), "CS01", "note") == "ở bản đang mở"
    assert kept(workspace) == []
