"""`refresh`: the consolidated workbook that is open in Excel becomes what a pass builds, and nothing typed is lost."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sync import addin, office, passes
from sync.addin.in_place import NotWritten
from sync.addin.refreshing import NotConsolidated
from sync.answers.memory import Memory
from sync.decisions import COLUMNS, Decision, Field
from sync.landmarks import BASE_SHEET, PROGRESS_SHEET
from sync.ledger import Ledger
from sync.passes import PassResult
from sync.text import address
from tests.fakes.excel_engine import Excel
from tests.fakes.offices import DONE, FAULTY, ZONE, office_of_cast, send
from tests.fakes.parts import Parts
from tests.fakes.remote_books import payload_of, remote_book

NOW = datetime(2025, 1, 20, 8, tzinfo=ZONE)
NAME = "tong-hop-2024-2025-HK1.xlsx"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a report and a pass behind it."""
    made = office_of_cast(tmp_path_factory.mktemp("officer") / "office")
    send(made.path, "TH01", DONE)
    passes.run(office.open_office(made.path, NOW))
    return made.path


@pytest.fixture
def workspace(built: Path, tmp_path: Path) -> Path:
    shutil.copytree(built, tmp_path / "office")
    return tmp_path / "office"


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def work(workspace: Path, minutes: float) -> PassResult:
    return passes.run(office.open_office(workspace, at(minutes)))


def main(workspace: Path) -> Path:
    return workspace / "tong-hop" / NAME


def open_in_excel(workspace: Path) -> Excel:
    return Excel(main(workspace).read_bytes(), str(main(workspace)))


def refresh(workspace: Path, excel: Excel, minutes: float) -> addin.Outcome:
    outcome = addin.refresh(excel.book, office.open_office(workspace, at(minutes)))
    excel.calculate(newest(workspace))
    return outcome


def newest(workspace: Path) -> bytes:
    content = Memory.read(office.open_office(workspace).workspace).newest_build(NAME)
    assert content is not None
    return content


def entries_of(content: bytes) -> dict[str, dict[str, Any]]:
    """Formulas and values of a workbook's file, by sheet and address."""
    return {sheet.name: sheet.entries() for sheet in Excel(content, "").sheets}


def difference(excel: Excel, content: bytes) -> dict[str, tuple[Any, Any]]:
    """The cells of the open workbook that are not what they are in the file, with both entries."""
    there, wanted = {sheet.name: sheet.entries() for sheet in excel.sheets}, entries_of(content)
    places = {(name, place) for each in (there, wanted) for name, cells in each.items() for place in cells}
    both = {at: (there.get(at[0], {}).get(at[1]), wanted.get(at[0], {}).get(at[1])) for at in places}
    return {f"{name}!{place}": pair for (name, place), pair in both.items() if pair[0] != pair[1]}


def decisions(workspace: Path) -> list[Decision]:
    with Ledger.open(office.open_office(workspace).ledger_url) as ledger:
        return ledger.decisions.all()


def cell(excel: Excel, school: str, field: Field) -> str:
    """The address of an officer's cell."""
    rows = excel.sheet(PROGRESS_SHEET).rows()
    heading = next(number for number, row in enumerate(rows) if "Mã trường" in row)
    row = next(number for number, row in enumerate(rows) if number > heading and row[1] == school)
    return address(row, rows[heading].index(COLUMNS[field]))


def type_in(excel: Excel, school: str, field: Field, value: Any) -> None:
    excel.type_in(PROGRESS_SHEET, cell(excel, school, field), value)


def test_the_open_workbook_becomes_what_a_pass_builds_and_what_is_typed_in_it_is_decided(workspace: Path) -> None:
    excel = open_in_excel(workspace)
    type_in(excel, "CS01", "note", "Đã gọi điện ngày 20/01")
    type_in(excel, "MN01", "extended_to", datetime(2025, 2, 10))  # noqa: DTZ001  # as Excel has it
    before = main(workspace).read_bytes()
    send(workspace, "MN01", FAULTY, modified="2025-01-20T08:01")

    outcome = refresh(workspace, excel, 5)

    assert outcome.accepted
    assert "Ctrl+S" in outcome.message
    assert {(each.school, each.field): each.value for each in decisions(workspace)} == {
        ("CS01", "note"): "Đã gọi điện ngày 20/01",
        ("MN01", "extended_to"): "2025-02-10",
    }
    assert difference(excel, newest(workspace)) == {}
    assert excel.sheet(PROGRESS_SHEET).entries()[cell(excel, "CS01", "note")] == "Đã gọi điện ngày 20/01"
    assert excel.names == Parts(newest(workspace)).names
    assert excel.sheet("Dữ liệu").table == Parts(newest(workspace)).table("Dữ liệu")
    assert [main(workspace).read_bytes(), [each.name for each in (workspace / "tong-hop").glob("*.xlsx")]] == [
        before,
        [NAME],
    ]


def test_what_is_typed_while_it_is_written_stays_and_is_heard_by_the_next_pass(workspace: Path) -> None:
    excel = open_in_excel(workspace)
    type_in(excel, "CS01", "note", "Đã gọi điện")
    excel.meanwhile = lambda: type_in(excel, "TH01", "note", "Gõ trong lúc chờ")

    refresh(workspace, excel, 5)

    place = f"{PROGRESS_SHEET}!{cell(excel, 'TH01', 'note')}"
    assert difference(excel, newest(workspace)) == {place: ("Gõ trong lúc chờ", None)}
    excel.meanwhile = lambda: None
    refresh(workspace, excel, 6)
    assert [(each.school, each.value) for each in decisions(workspace)] == [
        ("CS01", "Đã gọi điện"),
        ("TH01", "Gõ trong lúc chờ"),
    ]
    assert difference(excel, newest(workspace)) == {}


def test_a_workbook_that_was_saved_after_it_is_left_as_it_is(workspace: Path) -> None:
    excel = open_in_excel(workspace)
    type_in(excel, "CS01", "note", "Đã gọi điện")
    refresh(workspace, excel, 5)
    main(workspace).write_bytes(newest(workspace))  # Ctrl+S

    passed = work(workspace, 10)

    assert [each["rebuilt"] for each in passed.periods] == [False]
    assert passed.notes == []
    assert len(decisions(workspace)) == 1
    assert "không có gì mới" in refresh(workspace, excel, 15).message


def test_a_workbook_that_was_closed_unsaved_is_built_again_by_the_next_pass(workspace: Path) -> None:
    excel = open_in_excel(workspace)
    type_in(excel, "CS01", "note", "Đã gọi điện")
    refresh(workspace, excel, 5)

    passed = work(workspace, 10)

    assert [each["rebuilt"] for each in passed.periods] == [True]
    assert "Đã gọi điện" in entries_of(main(workspace).read_bytes())[PROGRESS_SHEET].values()
    assert len(decisions(workspace)) == 1
    assert [each.name for each in (workspace / "tong-hop").glob("*.xlsx")] == [NAME]


def test_what_was_typed_outside_of_the_officers_columns_is_kept_as_a_copy(workspace: Path) -> None:
    excel = open_in_excel(workspace)
    excel.type_in("Quá hạn", "C20", "nhớ gọi lại")

    outcome = refresh(workspace, excel, 5)

    kept = [each for each in (workspace / "tong-hop").glob("*.xlsx") if "bản có sửa" in each.name]
    assert len(kept) == 1
    assert kept[0].name in outcome.message
    assert "nhớ gọi lại" in entries_of(kept[0].read_bytes())["Quá hạn"].values()
    assert difference(excel, newest(workspace)) == {}


def test_rows_that_a_filter_hides_are_brought_up_to_date_too(workspace: Path) -> None:
    excel = open_in_excel(workspace)
    excel.sheet(PROGRESS_SHEET).hidden = {8, 9}
    send(workspace, "MN01", FAULTY, modified="2025-01-20T08:01")
    send(workspace, "CS01", DONE, modified="2025-01-20T08:02")

    refresh(workspace, excel, 5)

    assert difference(excel, newest(workspace)) == {}
    assert excel.settings == {"screen_updating": True, "calculation": "automatic", "display_alerts": True}


def test_a_sheet_that_takes_nothing_is_told(workspace: Path) -> None:
    excel = open_in_excel(workspace)
    excel.sheet(PROGRESS_SHEET).hidden = set(range(1, 30))
    excel.sheet(PROGRESS_SHEET).filtered = None
    type_in(excel, "CS01", "note", "Đã gọi điện")
    send(workspace, "MN01", FAULTY, modified="2025-01-20T08:01")

    with pytest.raises(NotWritten, match=PROGRESS_SHEET):
        refresh(workspace, excel, 5)
    assert excel.settings == {"screen_updating": True, "calculation": "automatic", "display_alerts": True}
    assert [each.value for each in decisions(workspace)] == ["Đã gọi điện"]


def test_another_workbook_is_refused_and_nothing_is_passed_over(workspace: Path) -> None:
    excel = open_in_excel(workspace)
    excel.sheets = [sheet for sheet in excel.sheets if sheet.name != BASE_SHEET]
    with Ledger.open(office.open_office(workspace).ledger_url) as ledger:
        before = ledger.last_run()
    with pytest.raises(NotConsolidated, match="tong-hop/"):
        refresh(workspace, excel, 5)
    with Ledger.open(office.open_office(workspace).ledger_url) as ledger:
        assert ledger.last_run() == before


def test_a_client_in_the_browser_gets_the_same_cells(workspace: Path) -> None:
    send(workspace, "MN01", FAULTY, modified="2025-01-20T08:01")
    payload = payload_of(main(workspace).read_bytes())
    payload["names"] = []
    book = remote_book(payload)

    addin.refresh(book, office.open_office(workspace, at(5)))

    excel = open_in_excel(workspace)
    apply(excel, book.json()["actions"])
    book.close()
    assert difference(excel, newest(workspace)) == {}
    assert excel.names == Parts(newest(workspace)).names


def apply(excel: Excel, actions: list[dict[str, Any]]) -> None:
    """Does in Excel what the answer to a client says. Any action that is not modelled fails."""
    for each in actions:
        if each["func"] == "namesAdd":
            excel.names[each["args"][0]] = each["args"][1]
            continue
        state = excel.sheets[each["sheet_position"]]
        sheet = next(sheet for sheet in excel.book.sheets if sheet.name == state.name)
        first = each["start_row"] + 1, each["start_column"] + 1
        last = first[0] + each["row_count"] - 1, first[1] + each["column_count"] - 1
        place = sheet.range(first, last)
        match each["func"]:
            case "setValues":
                place.raw_value = each["values"]
            case "rangeClearContents":
                place.clear_contents()
            case "rangeUnmerge":
                place.unmerge()
            case "rangeMerge":
                place.merge()
            case "setNumberFormat":
                place.number_format = each["args"][0]
            case other:
                raise AssertionError(other)
