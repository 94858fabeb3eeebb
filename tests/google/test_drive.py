"""What spreadsheets there are, and how they are made, named and shared."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest

from sync.google import GoogleError, OutcomeUnknown, drive, sheets
from sync.google.http import Client
from tests.fakes.google import NOT_SHARED, RESET, UNAVAILABLE, Fault, GoogleServer, after, said, too_many
from tests.google.conftest import methods

pytestmark = pytest.mark.usefixtures("english")


def _workbook() -> bytes:
    import xlsxwriter

    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        book.add_worksheet("Phụ lục").write("A1", "Mã")
        hidden = book.add_worksheet("_meta")
        hidden.write("A1", "TH-02")
        hidden.hide()
    return content.getvalue()


def test_a_thousand_spreadsheets_are_one_request_and_one_more_are_two(client: Client, google: GoogleServer) -> None:
    for number in range(1000):
        google.add_spreadsheet(f"Trường {number}", {"Trang": []})
    assert len(drive.listed(client).files) == 1000
    assert methods(google) == ["drive.files.list"]
    google.add_spreadsheet("Trường 1000", {"Trang": []})
    assert len({file.id for file in drive.listed(client).files}) == 1001
    assert methods(google) == ["drive.files.list"] * 3


def test_five_hundred_spreadsheets_of_which_ten_changed_are_one_list_and_ten_reads(
    client: Client, google: GoogleServer
) -> None:
    for number in range(500):
        google.add_spreadsheet(f"Trường {number}", {"Phụ lục": [["Mã"]]})
    seen = {file.id: file.modified_at for file in drive.listed(client).files}
    for file_id in list(seen)[:10]:
        google.edit(file_id, "Phụ lục", "A2", "I.1")
    google.reset_log()
    changed = [file for file in drive.listed(client).files if file.modified_at != seen[file.id]]
    for file in changed:
        sheets.read(client, file.id, ["Phụ lục"])
    assert methods(google) == ["drive.files.list", *["sheets.spreadsheets.values.batchGet"] * 10]


def test_an_edit_moves_the_time_of_its_spreadsheet_alone(client: Client, google: GoogleServer) -> None:
    edited = google.add_spreadsheet("A", {"Trang": []})
    google.add_spreadsheet("B", {"Trang": []})
    before = {file.name: file.modified_at for file in drive.listed(client).files}
    google.edit(edited, "Trang", "A1", "x")
    after = {file.name: file.modified_at for file in drive.listed(client).files}
    assert after["A"] > before["A"]
    assert after["B"] == before["B"]
    assert all(moment.tzinfo == UTC for moment in after.values())
    assert isinstance(after["A"], datetime)


def test_what_is_trashed_unshared_or_deleted_is_not_listed(client: Client, google: GoogleServer) -> None:
    trashed, unshared, deleted, left = (google.add_spreadsheet(name, {"Trang": []}) for name in "ABCD")
    google.trash(trashed)
    google.unshare(unshared)
    google.delete(deleted)
    assert [file.id for file in drive.listed(client).files] == [left]


def test_a_listing_that_google_did_not_finish_says_so(client: Client, google: GoogleServer) -> None:
    google.fail("drive.files.list", said(200, {"files": [], "incompleteSearch": True}))
    assert not drive.listed(client).complete
    assert drive.listed(client).complete


def test_a_folder_has_its_own_spreadsheets_only(client: Client, google: GoogleServer) -> None:
    folder = google.add_folder("Nộp")
    inside = google.add_spreadsheet("A", {"Trang": []}, folder=folder)
    google.add_spreadsheet("B", {"Trang": []})
    assert [file.id for file in drive.listed(client, folder=folder).files] == [inside]


def test_a_shared_drive_has_its_own_spreadsheets_only(client: Client, google: GoogleServer) -> None:
    shared = google.add_drive("Phòng")
    inside = google.add_spreadsheet("A", {"Trang": []}, folder=shared)
    google.add_spreadsheet("B", {"Trang": []})
    assert [file.id for file in drive.listed(client, shared_drive=shared).files] == [inside]


def test_a_folder_that_is_not_shared_is_said_not_to_be_found(client: Client) -> None:
    with pytest.raises(GoogleError, match="Google has no such file, or it is not shared with") as refused:
        drive.listed(client, folder="1unknown'folder")
    assert refused.value.kind == "not_found"
    assert client.account in str(refused.value)


def test_a_workbook_becomes_a_spreadsheet_in_a_shared_drive(maker: Client, google: GoogleServer) -> None:
    shared = google.add_drive("Phòng")
    made = drive.import_workbook(maker, _workbook(), "Trường Tiểu học Ô Môn", shared)
    assert [(file.id, file.name) for file in drive.listed(maker, shared_drive=shared).files] == [
        (made, "Trường Tiểu học Ô Môn")
    ]
    assert sheets.read(maker, made, ["Phụ lục", "_meta"]) == {"Phụ lục": [["Mã"]], "_meta": [["TH-02"]]}


def test_a_service_account_without_a_shared_drive_is_told_what_to_do(maker: Client, google: GoogleServer) -> None:
    folder = google.add_folder("Nộp", role="writer")
    with pytest.raises(GoogleError, match="use a Shared Drive") as refused:
        drive.import_workbook(maker, _workbook(), "A", folder)
    assert refused.value.kind == "storage_quota"


@pytest.mark.parametrize("fault", [after(UNAVAILABLE), after(RESET)])
def test_an_import_whose_answer_is_lost_is_found_and_not_repeated(
    fault: Fault, maker: Client, google: GoogleServer
) -> None:
    shared = google.add_drive("Phòng")
    old = drive.import_workbook(maker, _workbook(), "A", shared)
    google.fail("drive.files.create", fault)
    made = drive.import_workbook(maker, _workbook(), "A", shared, known=[old])
    assert {file.id for file in drive.listed(maker, shared_drive=shared).files} == {old, made}
    assert old != made


def test_an_import_that_cannot_be_looked_for_is_unknown(maker: Client, google: GoogleServer) -> None:
    shared = google.add_drive("Phòng")
    google.fail("drive.files.create", after(UNAVAILABLE))
    google.fail("drive.files.list", NOT_SHARED)
    with pytest.raises(OutcomeUnknown):
        drive.import_workbook(maker, _workbook(), "A", shared)


def test_an_import_that_cannot_be_found_is_not_repeated(maker: Client, google: GoogleServer) -> None:
    shared = google.add_drive("Phòng")
    google.fail("drive.files.create", UNAVAILABLE)
    with pytest.raises(OutcomeUnknown):
        drive.import_workbook(maker, _workbook(), "A", shared)
    assert methods(google).count("drive.files.create") == 1


@pytest.mark.parametrize("fault", [after(UNAVAILABLE), UNAVAILABLE, RESET, too_many()])
def test_sharing_and_naming_survive_one_fault(fault: Fault, maker: Client, google: GoogleServer) -> None:
    made = drive.import_workbook(maker, _workbook(), "A", google.add_drive("Phòng"))
    google.fail("drive.permissions.create", fault)
    google.fail("drive.files.update", fault)
    drive.share(maker, made, "nha-truong@example.vn")
    drive.rename(maker, made, "B")
    assert drive.Permission("user", "nha-truong@example.vn", "writer") in drive.permissions(maker, made)
    assert drive.name_of(maker, made) == "B"


def test_sharing_and_naming_that_were_done_are_not_repeated(maker: Client, google: GoogleServer) -> None:
    made = drive.import_workbook(maker, _workbook(), "A", google.add_drive("Phòng"))
    google.fail("drive.permissions.create", after(UNAVAILABLE))
    google.fail("drive.files.update", after(RESET))
    drive.share(maker, made, "Nha-Truong@example.vn")
    drive.rename(maker, made, "B")
    written = ("drive.permissions.create", "drive.files.update")
    assert google.counted(*written) == dict.fromkeys(written, 1)


def test_google_writes_no_mail_about_sharing(maker: Client, google: GoogleServer) -> None:
    made = drive.import_workbook(maker, _workbook(), "A", google.add_drive("Phòng"))
    drive.share(maker, made, "nha-truong@example.vn")
    assert google.mails == []


def test_an_address_without_a_google_account_is_said_to_be_none(maker: Client, google: GoogleServer) -> None:
    google.state.without_account.add("khong@example.vn")
    made = drive.import_workbook(maker, _workbook(), "A", google.add_drive("Phòng"))
    with pytest.raises(GoogleError, match="it must be a Google account") as refused:
        drive.share(maker, made, "khong@example.vn")
    assert refused.value.kind == "address"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://docs.google.com/spreadsheets/d/1AbCdEfGhIjKl_-9/edit#gid=0", "1AbCdEfGhIjKl_-9"),
        ("https://docs.google.com/spreadsheets/u/0/d/1AbCdEfGhIjKl_-9", "1AbCdEfGhIjKl_-9"),
        ("https://drive.google.com/open?id=1AbCdEfGhIjKl_-9&usp=drive_copy", "1AbCdEfGhIjKl_-9"),
        (" 1AbCdEfGhIjKl_-9 ", "1AbCdEfGhIjKl_-9"),
        ("https://example.com/spreadsheets/d/1AbCdEfGhIjKl_-9", ""),
        ("../drive/v3/files", ""),
        ("", ""),
    ],
)
def test_an_id_is_taken_from_what_people_paste(text: str, found: str) -> None:
    assert drive.id_in(text) == found
