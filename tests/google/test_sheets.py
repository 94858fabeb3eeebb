"""Cells in and out of the stand-in."""

from __future__ import annotations

import unicodedata

import pytest

from sync.google import GoogleError, OutcomeUnknown, drive, sheets
from sync.google.http import Client
from tests.fakes.google import (
    BAD_GATEWAY,
    NOT_SHARED,
    RESET,
    SERVER_ERROR,
    STALL,
    UNAVAILABLE,
    Fault,
    GoogleServer,
    Request,
    after,
    said,
)
from tests.google.conftest import methods

pytestmark = pytest.mark.usefixtures("english")
BATCH_GET = "sheets.spreadsheets.values.batchGet"
BATCH_UPDATE = "sheets.spreadsheets.values.batchUpdate"
UNKNOWN_AND_NOT_DONE = [SERVER_ERROR, BAD_GATEWAY, UNAVAILABLE, RESET, STALL]
EXCEL_FILE = said(
    400,
    {
        "error": {
            "code": 400,
            "message": "This operation is not supported for this document",
            "status": "FAILED_PRECONDITION",
        }
    },
)


def test_tabs_are_read_in_one_request_with_rows_of_one_length(client: Client, google: GoogleServer) -> None:
    rows: list[list[sheets.Cell]] = [["Mã", "Tên", ""], [1, 98.5, True], [], ["=A1"]]
    made = google.add_spreadsheet("A", {"Phụ lục": rows, "Người's": [], "Khác": [["x"]]})
    assert sheets.read(client, made, ["Phụ lục", "Người's"]) == {
        "Phụ lục": [["Mã", "Tên", ""], [1, 98.5, True], ["", "", ""], ["=A1", "", ""]],
        "Người's": [],
    }
    assert methods(google) == [BATCH_GET]


def test_a_tab_that_is_not_there_is_left_out(client: Client, google: GoogleServer) -> None:
    made = google.add_spreadsheet("A", {"Phụ lục": [["x"]]})
    assert sheets.read(client, made, ["Số liệu", "Phụ lục"]) == {"Phụ lục": [["x"]]}
    assert methods(google) == [BATCH_GET, "sheets.spreadsheets.get", BATCH_GET]


def test_a_spreadsheet_without_any_of_the_tabs_has_nothing(client: Client, google: GoogleServer) -> None:
    made = google.add_spreadsheet("A", {"Trang": [["x"]]})
    assert sheets.read(client, made, ["Số liệu"]) == {}


def test_a_title_that_was_typed_on_a_mac_is_the_same_title(client: Client, google: GoogleServer) -> None:
    made = google.add_spreadsheet("A", {unicodedata.normalize("NFD", "Phụ lục"): [["x"]]})
    assert sheets.read(client, made, ["Phụ lục"]) == {"Phụ lục": [["x"]]}


def test_all_tabs_are_named_hidden_ones_too(client: Client, google: GoogleServer) -> None:
    made = google.add_spreadsheet("A", {"Phụ lục": [], "_meta": []})
    assert sheets.titles(client, made) == ["Phụ lục", "_meta"]
    assert sheets.tabs(client, made)[0].sheet_id == 0


def test_what_is_written_is_never_taken_for_a_formula(client: Client, google: GoogleServer) -> None:
    made = google.add_spreadsheet("A", {"Kiểm tra": []})
    sheets.write(client, made, {"'Kiểm tra'!A1:C2": [["=1+1", "-5", "+x"], ["@x", 5, True]]})
    assert sheets.read(client, made, ["Kiểm tra"])["Kiểm tra"] == [["=1+1", "-5", "+x"], ["@x", 5, True]]


def test_an_empty_text_empties_a_cell_and_none_leaves_it(client: Client, google: GoogleServer) -> None:
    made = google.add_spreadsheet("A", {"Kiểm tra": [["a", "b", "c"]]})
    sheets.write(client, made, {"'Kiểm tra'!A1:C1": [["", None, "d"]]})
    assert sheets.read(client, made, ["Kiểm tra"])["Kiểm tra"] == [["", "b", "d"]]


def test_ranges_of_several_tabs_are_one_request(client: Client, google: GoogleServer) -> None:
    made = google.add_spreadsheet("A", {"X": [], "Y": []})
    sheets.write(client, made, {"'X'!A1": [["x"]], "'Y'!A1": [["y"]]})
    assert methods(google) == [BATCH_UPDATE]


@pytest.mark.parametrize("fault", [after(UNAVAILABLE), after(RESET)])
def test_a_write_that_was_done_is_read_back_and_not_repeated(
    fault: Fault, client: Client, google: GoogleServer
) -> None:
    made = google.add_spreadsheet("A", {"Kiểm tra": [["cũ"]]})
    google.fail(BATCH_UPDATE, fault)
    sheets.write(client, made, {"'Kiểm tra'!A1:B2": [["mới", 1.5], ["", None]]})
    assert methods(google) == [BATCH_UPDATE, BATCH_GET]
    assert sheets.read(client, made, ["Kiểm tra"])["Kiểm tra"] == [["mới", 1.5]]


@pytest.mark.parametrize("fault", UNKNOWN_AND_NOT_DONE)
def test_a_write_that_was_not_done_is_read_back_and_repeated_once(
    fault: Fault, hasty: Client, google: GoogleServer
) -> None:
    made = google.add_spreadsheet("A", {"Kiểm tra": [["cũ"]]})
    google.fail(BATCH_UPDATE, fault)
    sheets.write(hasty, made, {"'Kiểm tra'!A1": [["mới"]]})
    assert methods(google) == [BATCH_UPDATE, BATCH_GET, BATCH_UPDATE]
    assert sheets.read(hasty, made, ["Kiểm tra"])["Kiểm tra"] == [["mới"]]


def test_a_write_that_fails_twice_is_unknown(client: Client, google: GoogleServer) -> None:
    made = google.add_spreadsheet("A", {"Kiểm tra": [["cũ"]]})
    google.fail(BATCH_UPDATE, UNAVAILABLE, times=2)
    with pytest.raises(OutcomeUnknown):
        sheets.write(client, made, {"'Kiểm tra'!A1": [["mới"]]})
    assert methods(google) == [BATCH_UPDATE, BATCH_GET, BATCH_UPDATE, BATCH_GET]


def test_a_write_that_cannot_be_read_back_is_unknown(client: Client, google: GoogleServer) -> None:
    made = google.add_spreadsheet("A", {"Kiểm tra": [["cũ"]]})
    google.fail(BATCH_UPDATE, UNAVAILABLE)
    google.fail(BATCH_GET, NOT_SHARED)
    with pytest.raises(OutcomeUnknown):
        sheets.write(client, made, {"'Kiểm tra'!A1": [["mới"]]})
    assert methods(google) == [BATCH_UPDATE, BATCH_GET]


def test_true_is_not_taken_for_one_when_it_is_read_back(client: Client, google: GoogleServer) -> None:
    made = google.add_spreadsheet("A", {"Kiểm tra": [[1]]})
    google.fail(BATCH_UPDATE, UNAVAILABLE)
    sheets.write(client, made, {"'Kiểm tra'!A1": [[True]]})
    assert google.tab(made, "Kiểm tra")[0][0] is True


def test_publishing_replaces_rows_and_leaves_other_tabs_and_columns_to_the_right(
    client: Client, google: GoogleServer
) -> None:
    old = [["a", "b", "ghi chú"], ["c", "d", "giữ"], ["e", "f", "mất"]]
    made = google.add_spreadsheet("Tổng hợp", {"Cũ": old, "Riêng": [["x"]]})
    sheets.replace_tabs(client, made, {"Cũ": [["1", None], [None, 2]], "Mới": [["n"]], "Rỗng": []})
    assert sheets.read(client, made, ["Cũ", "Mới", "Rỗng", "Riêng"]) == {
        "Cũ": [[1 and "1", "", "ghi chú"], ["", 2, "giữ"]],
        "Mới": [["n"]],
        "Rỗng": [],
        "Riêng": [["x"]],
    }


def test_publishing_again_takes_one_look_and_one_write(client: Client, google: GoogleServer) -> None:
    made = google.add_spreadsheet("Tổng hợp", {"Cũ": []})
    sheets.replace_tabs(client, made, {"Cũ": [["a"]], "Mới": [["b"]]})
    assert methods(google) == ["sheets.spreadsheets.get", "sheets.spreadsheets.batchUpdate", BATCH_UPDATE]
    google.reset_log()
    sheets.replace_tabs(client, made, {"Cũ": [["c"]], "Mới": [["d"]]})
    assert methods(google) == ["sheets.spreadsheets.get", BATCH_UPDATE]


def test_large_tabs_go_in_as_few_requests_as_the_payload_allows(client: Client, google: GoogleServer) -> None:
    made = google.add_spreadsheet("Tổng hợp", {"Trang": []})
    rows: list[list[sheets.Cell | None]] = [[number, "ớ" * 500] for number in range(3000)]
    sizes: list[int] = []

    def noted(request: Request) -> bool:
        sizes.append(len(request.body))
        return False

    google.fail(noted, UNAVAILABLE)
    sheets.replace_tabs(client, made, {"Trang": rows})
    # 4.5 MB, and Google advises at most 2.
    assert methods(google).count(BATCH_UPDATE) == 3
    assert max(sizes) < 2_000_000
    assert sheets.read(client, made, ["Trang"])["Trang"] == rows


@pytest.mark.parametrize("fault", [after(UNAVAILABLE), UNAVAILABLE])
def test_a_tab_is_added_once_whatever_happens_to_the_answer(fault: Fault, client: Client, google: GoogleServer) -> None:
    made = google.add_spreadsheet("Tổng hợp", {"Trang": []})
    google.fail("sheets.spreadsheets.batchUpdate", fault)
    sheets.replace_tabs(client, made, {"Mới": [["x"]]})
    assert sheets.titles(client, made) == ["Trang", "Mới"]


def test_a_tab_has_the_same_id_whenever_it_is_added(client: Client, google: GoogleServer) -> None:
    # So Google refuses a second one of a request that was thought lost, and comes late.
    one, other = (google.add_spreadsheet(name, {"Trang": []}) for name in "AB")
    for made in (one, other):
        sheets.replace_tabs(client, made, {"Mới": [["x"]]})
    assert google.file(one).tabs[1].sheet_id == google.file(other).tabs[1].sheet_id


def test_a_title_that_was_typed_on_a_mac_is_published_to(client: Client, google: GoogleServer) -> None:
    typed = unicodedata.normalize("NFD", "Tổng hợp")
    made = google.add_spreadsheet("A", {typed: [["cũ"]]})
    sheets.replace_tabs(client, made, {"Tổng hợp": [["mới"]]})
    assert google.titles(made) == [typed]
    assert google.tab(made, typed) == [["mới"]]


def test_frozen_rows_leave_room_for_one_more(client: Client, google: GoogleServer) -> None:
    made = google.add_spreadsheet("A", {"Trang": [["a"], ["b"]]})
    properties = {"sheetId": 0, "gridProperties": {"frozenRowCount": 2}}
    frozen = {"updateSheetProperties": {"properties": properties, "fields": "gridProperties.frozenRowCount"}}
    client.batch_update(made, {"requests": [frozen]})
    sheets.replace_tabs(client, made, {"Trang": [["x"]]})
    assert google.tab(made, "Trang") == [["x"]]


def test_many_ranges_are_read_back_a_few_at_a_time(client: Client, google: GoogleServer) -> None:
    made = google.add_spreadsheet("A", {"Trang": []})
    google.fail(BATCH_UPDATE, after(UNAVAILABLE))
    sheets.write(client, made, {f"'Trang'!A{row}": [[row]] for row in range(1, 101)})
    assert methods(google) == [BATCH_UPDATE, BATCH_GET, BATCH_GET, BATCH_GET]


def _protected(google: GoogleServer, made: str) -> list[str]:
    return [each.description for tab in google.state.files[made].tabs for each in tab.protected]


PROTECTIONS = [
    sheets.Protection("Phụ lục", "baocao: Phụ lục", free=[sheets.Area(1, 1, 3, 3)]),
    sheets.Protection("_meta", "baocao: _meta"),
]


def test_only_the_free_cells_of_a_protected_tab_can_be_changed_by_the_school(
    maker: Client, google: GoogleServer
) -> None:
    made = google.add_spreadsheet("A", {"Phụ lục": [], "_meta": []})
    sheets.protect(maker, made, PROTECTIONS)
    found = google.state.files[made].tabs[0].protected[0]
    corners = {"startRowIndex": 1, "endRowIndex": 3, "startColumnIndex": 1, "endColumnIndex": 3}
    assert {name: number for name, number in found.unprotected[0].items() if name != "sheetId"} == corners
    assert google.account in found.editors


def test_protecting_twice_does_only_what_is_missing(maker: Client, google: GoogleServer) -> None:
    made = google.add_spreadsheet("A", {"Phụ lục": [], "_meta": []})
    sheets.protect(maker, made, PROTECTIONS[:1])
    sheets.protect(maker, made, PROTECTIONS)
    google.reset_log()
    sheets.protect(maker, made, PROTECTIONS)
    assert _protected(google, made) == ["baocao: Phụ lục", "baocao: _meta"]
    assert methods(google) == ["sheets.spreadsheets.get"]


def test_a_protection_whose_answer_is_lost_is_not_made_twice(maker: Client, google: GoogleServer) -> None:
    made = google.add_spreadsheet("A", {"Phụ lục": [], "_meta": []})
    google.fail("sheets.spreadsheets.batchUpdate", after(UNAVAILABLE))
    sheets.protect(maker, made, PROTECTIONS)
    assert _protected(google, made) == ["baocao: Phụ lục", "baocao: _meta"]


def test_a_protection_that_is_not_seen_afterwards_is_unknown_and_not_repeated(
    maker: Client, google: GoogleServer
) -> None:
    made = google.add_spreadsheet("A", {"Phụ lục": [], "_meta": []})
    google.fail("sheets.spreadsheets.batchUpdate", UNAVAILABLE)
    with pytest.raises(OutcomeUnknown):
        sheets.protect(maker, made, PROTECTIONS)
    assert methods(google).count("sheets.spreadsheets.batchUpdate") == 1


def test_a_tab_to_protect_that_is_missing_is_named(maker: Client, google: GoogleServer) -> None:
    made = google.add_spreadsheet("A", {"Phụ lục": []})
    with pytest.raises(GoogleError, match="no tab '_meta'"):
        sheets.protect(maker, made, PROTECTIONS)
    assert _protected(google, made) == []


def test_an_excel_file_in_drive_is_said_to_be_one(client: Client, google: GoogleServer) -> None:
    made = google.add_spreadsheet("A", {"Trang": []})
    google.fail(BATCH_GET, EXCEL_FILE)
    with pytest.raises(GoogleError, match="Save as Google Sheets") as refused:
        sheets.read(client, made, ["Trang"])
    assert refused.value.kind == "not_a_sheet"
    assert drive.listed(client).files
