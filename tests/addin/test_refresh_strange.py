"""`refresh` on workbooks that people did something to: sheets, names, copies, other offices, sealed periods."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync import office
from sync.addin.in_place import NotWritten
from sync.addin.refreshing import AlreadySealed, NotConsolidated
from sync.landmarks import PROGRESS_SHEET
from sync.ledger import Ledger, Sealing
from tests.addin.test_refresh import (
    NAME,
    at,
    built,
    cell,
    decisions,
    difference,
    main,
    newest,
    open_in_excel,
    refresh,
    type_in,
    work,
    workspace,
)
from tests.fakes.excel_engine import Excel, SheetState
from tests.fakes.offices import PERIOD, office_of_cast
from tests.fakes.parts import Parts

__all__ = ["built", "workspace"]


def kept(workspace: Path) -> list[str]:
    return [each.name for each in (workspace / "tong-hop").glob("*.xlsx") if "bản có sửa" in each.name]


@pytest.mark.parametrize("name", [PROGRESS_SHEET, "Ma trận"])
def test_a_sheet_that_was_deleted_is_there_again(workspace: Path, name: str) -> None:
    excel = open_in_excel(workspace)
    excel.sheets.remove(excel.sheet(name))
    refresh(workspace, excel, 5)
    assert difference(excel, newest(workspace)) == {}
    assert decisions(workspace) == []


def test_what_was_typed_on_a_sheet_that_was_renamed_is_decided(workspace: Path) -> None:
    excel = open_in_excel(workspace)
    type_in(excel, "CS01", "note", "Đã gọi điện")
    excel.sheet(PROGRESS_SHEET).name = "Tiến độ của tôi"
    refresh(workspace, excel, 5)
    assert [each.value for each in decisions(workspace)] == ["Đã gọi điện"]
    assert excel.sheet(PROGRESS_SHEET).entries()[cell(excel, "CS01", "note")] == "Đã gọi điện"
    refresh(workspace, excel, 6)
    assert len(decisions(workspace)) == 1


def test_names_that_were_deleted_or_lead_elsewhere_are_as_the_formulas_need_them(workspace: Path) -> None:
    excel = open_in_excel(workspace)
    wanted = dict(excel.names)
    first, second, *_others = wanted
    del excel.names[first]
    excel.names[second] = "='Dữ liệu'!$Z$2:$Z$9"
    refresh(workspace, excel, 5)
    assert excel.names == Parts(newest(workspace)).names == wanted


def test_a_sheet_of_the_officers_own_stays_and_no_copy_is_kept_of_it(workspace: Path) -> None:
    excel = open_in_excel(workspace)
    excel.sheets.append(SheetState("Ghi chép", {(1, 1): ("Việc phải làm", None)}))
    outcome = refresh(workspace, excel, 5)
    assert excel.sheet("Ghi chép").entries() == {"A1": "Việc phải làm"}
    assert (kept(workspace), "bản có sửa" in outcome.message) == ([], False)


def test_what_was_typed_elsewhere_is_kept_where_the_sheet_takes_nothing(workspace: Path) -> None:
    excel = open_in_excel(workspace)
    excel.type_in("Quá hạn", "C20", "nhớ gọi lại")
    excel.sheet("Quá hạn").is_protected = True
    with pytest.raises(NotWritten):
        refresh(workspace, excel, 5)
    assert len(kept(workspace)) == 1
    assert excel.sheet("Quá hạn").entries()["C20"] == "nhớ gọi lại"


def test_an_old_copy_of_the_same_name_in_another_folder_takes_nothing_back(workspace: Path) -> None:
    copy = Excel(main(workspace).read_bytes(), str(workspace.parent / "Downloads" / NAME))
    excel = open_in_excel(workspace)
    type_in(excel, "CS01", "note", "Đã gọi điện")
    refresh(workspace, excel, 5)
    refresh(workspace, copy, 10)
    assert [each.value for each in decisions(workspace)] == ["Đã gọi điện"]
    assert copy.sheet(PROGRESS_SHEET).entries()[cell(copy, "CS01", "note")] == "Đã gọi điện"


def test_the_workbook_of_another_office_is_refused_and_decides_nothing_here(workspace: Path, tmp_path: Path) -> None:
    other = office_of_cast(tmp_path / "other").path
    work(other, -30)
    excel = open_in_excel(other)
    type_in(excel, "CS01", "excused", "Trường đang sửa chữa")
    before = {sheet.name: sheet.entries() for sheet in excel.sheets}
    with pytest.raises(NotConsolidated):
        refresh(workspace, excel, 5)
    assert decisions(workspace) == []
    assert {sheet.name: sheet.entries() for sheet in excel.sheets} == before


def test_the_workbook_of_a_sealed_period_stays_as_the_officer_left_it(workspace: Path) -> None:
    excel = open_in_excel(workspace)
    type_in(excel, "CS01", "note", "Gõ sau khi niêm phong")
    with Ledger.open(office.open_office(workspace).ledger_url) as ledger:
        ledger.sealings.record(Sealing(PERIOD, 0, at(1), "tong-hop/niem-phong", "0" * 64, 0, 0))
    with pytest.raises(AlreadySealed, match="niêm phong"):
        refresh(workspace, excel, 5)
    assert excel.sheet(PROGRESS_SHEET).entries()[cell(excel, "CS01", "note")] == "Gõ sau khi niêm phong"
