"""The stand-in for Google, driven by real gspread, real google-auth and plain requests."""

from __future__ import annotations

import io
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import gspread
import openpyxl
import pytest
import requests
from google.auth import exceptions, jwt
from google.auth.transport.requests import Request as AuthRequest
from google.oauth2.service_account import Credentials
from requests.adapters import HTTPAdapter

from tests.fakes.google import (
    ACCOUNT,
    API_OFF,
    BAD_GATEWAY,
    BAD_REQUEST,
    CUT,
    NO_STORAGE,
    NOT_FOUND,
    NOT_SHARED,
    OWNER,
    RATE,
    RESET,
    SCOPE_MISSING,
    SERVER_ERROR,
    SHORTENED,
    STALL,
    UNAUTHENTICATED,
    UNAVAILABLE,
    USER_RATE,
    Fault,
    Formula,
    GoogleServer,
    after,
    discovery,
    said,
    too_many,
    unavailable,
)

SHEETS = "https://sheets.googleapis.com/v4/spreadsheets"
DRIVE = "https://www.googleapis.com/drive/v3"
UPLOAD = "https://www.googleapis.com/upload/drive/v3/files"
READ, WRITE = "sheets.spreadsheets.values.batchGet", "sheets.spreadsheets.values.batchUpdate"
SCOPE = "https://www.googleapis.com/auth/"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SPREADSHEET = "application/vnd.google-apps.spreadsheet"
ALL = {"supportsAllDrives": "true"}


class ToServer(HTTPAdapter):
    """Sends what is for Google's hosts to the stand-in."""

    def __init__(self, url: str) -> None:
        self.url = url
        super().__init__()

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        request.url = re.sub(r"https://(sheets|www)\.googleapis\.com", self.url, str(request.url))
        return super().send(request, *args, **kwargs)


Login = Callable[..., requests.Session]


def signed(key: dict[str, Any], *scopes: str) -> Any:
    """google-auth's credentials from what a key file holds; without their type, since few of their methods have one."""
    return Credentials.from_service_account_info(key, scopes=scopes)  # type: ignore[no-untyped-call]


@pytest.fixture
def google() -> Iterator[GoogleServer]:
    """A stand-in that lets anything be asked; tests look at what it kept."""
    with GoogleServer(lenient=True) as server:
        yield server


@pytest.fixture
def login(google: GoogleServer, tmp_path: Path) -> Iterator[Login]:
    """Signs in with google-auth: scopes by their short names."""
    sessions = []

    def make(*scopes: str, account: str = ACCOUNT) -> requests.Session:
        wanted = [SCOPE + scope for scope in scopes or ("spreadsheets", "drive")]
        with requests.Session() as for_token:
            credentials = signed(json.loads(google.key_file(tmp_path, account).read_text()), *wanted)
            credentials.refresh(AuthRequest(for_token))
        session = requests.Session()
        session.mount("https://", ToServer(google.url))
        session.headers["Authorization"] = f"Bearer {credentials.token}"
        sessions.append(session)
        return session

    yield make
    for session in sessions:
        session.close()


@pytest.fixture
def session(login: Login) -> requests.Session:
    """Signed in for everything."""
    return login()


@pytest.fixture
def book(google: GoogleServer) -> str:
    """A spreadsheet with a hidden tab."""
    tabs: dict[str, Any] = {"Phụ lục": [["Mã", "Kết quả"], [], ["I.1", 98.5, True]], "_meta": [["plan", "x"]]}
    return google.add_spreadsheet("Báo cáo", tabs, hidden=["_meta"])


def batch_get(session: requests.Session, book: str, *ranges: str, **params: Any) -> requests.Response:
    params = {"valueRenderOption": "UNFORMATTED_VALUE", **params, "ranges": list(ranges)}
    return session.get(f"{SHEETS}/{book}/values:batchGet", params=params, timeout=1)


def batch_update(session: requests.Session, book: str, place: str, rows: Any, option: str = "RAW") -> requests.Response:
    body = {"valueInputOption": option, "data": [{"range": place, "values": rows}]}
    return session.post(f"{SHEETS}/{book}/values:batchUpdate", json=body, timeout=1)


def change(session: requests.Session, book: str, kind: str, what: Any) -> requests.Response:
    return session.post(f"{SHEETS}/{book}:batchUpdate", json={"requests": [{kind: what}]}, timeout=1)


def listed(session: requests.Session, q: str = "", **params: Any) -> Any:
    return session.get(f"{DRIVE}/files", params={"q": q, **params}, timeout=5).json()


def names(session: requests.Session, q: str = "", **params: Any) -> set[str]:
    return {file["name"] for file in listed(session, q, **params)["files"]}


def upload(session: requests.Session, about: dict[str, Any], content: bytes, **params: str) -> requests.Response:
    head = f"--b\r\nContent-Type: application/json\r\n\r\n{json.dumps(about)}\r\n--b\r\nContent-Type: {XLSX}\r\n\r\n"
    body = head.encode() + content + b"\r\n--b--"
    headers = {"Content-Type": "multipart/related; boundary=b"}
    given = {"uploadType": "multipart", **ALL, **params}
    return session.post(UPLOAD, params=given, data=body, headers=headers, timeout=5)


def workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Phụ lục"
    for row in (["Ngày", date(2025, 1, 17)], [None, 3], ["=B2*2", "\r\n--b"]):
        sheet.append(row)
    book.create_sheet("_meta").sheet_state = "veryHidden"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def message(answer: requests.Response) -> str:
    return str(answer.json()["error"]["message"])


# Signing in


def test_a_key_file_of_google_signs_in_and_the_token_is_asked_for(
    google: GoogleServer, session: requests.Session
) -> None:
    assert session.get(f"{DRIVE}/about", params={"fields": "user"}, timeout=1).json()["user"]["emailAddress"] == ACCOUNT
    with requests.Session() as nobody:
        assert nobody.get(f"{google.url}/drive/v3/files", timeout=1).status_code == 401
    assert google.counted() == {"oauth2.token": 1, "drive.about.get": 1, "drive.files.list": 1}


def test_an_old_token_is_refused(google: GoogleServer, session: requests.Session) -> None:
    google.expire_tokens()
    assert session.get(f"{DRIVE}/files", timeout=1).status_code == 401


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda key, other: key | {"private_key": other["private_key"]}, "invalid_grant"),
        (lambda key, other: key | {"client_email": "ai@example.iam.gserviceaccount.com"}, "invalid_grant"),
    ],
)
def test_a_wrong_signature_or_account_gets_no_token(
    google: GoogleServer, tmp_path: Path, spoil: Callable[[Any, Any], Any], error: str
) -> None:
    key, other = (json.loads(google.key_file(tmp_path, account).read_text()) for account in (ACCOUNT, f"b{ACCOUNT}"))
    credentials = signed(spoil(key, other), SCOPE + "drive")
    with requests.Session() as session, pytest.raises(exceptions.RefreshError, match=error):
        credentials.refresh(AuthRequest(session))


@pytest.mark.parametrize(
    ("claims", "answer"),
    [
        ({}, "access_token"),
        ({"aud": "https://example.vn/token"}, "invalid_grant"),
        ({"exp": 1_700_000_000}, "invalid_grant"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": f"{SCOPE}drive {SCOPE}everything"}, "invalid_scope"),
    ],
)
def test_what_is_signed_must_be_right_too(
    google: GoogleServer, tmp_path: Path, claims: dict[str, Any], answer: str
) -> None:
    signer = signed(json.loads(google.key_file(tmp_path).read_text())).signer
    now = int(time.time())
    right = {"iss": ACCOUNT, "aud": "https://oauth2.googleapis.com/token", "scope": SCOPE + "drive"}
    times = {"iat": now - 200, "exp": now + 200}
    assertion: bytes = jwt.encode(signer, {**right, **times, **claims})  # type: ignore[no-untyped-call]
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion.decode()}
    said_ = requests.post(f"{google.url}/token", data=form, timeout=1).json()
    assert answer in {*said_, said_.get("error")}


def test_only_signed_assertions_are_taken_for_a_token(google: GoogleServer) -> None:
    answer = requests.post(f"{google.url}/token", data={"grant_type": "password"}, timeout=1)
    assert answer.json()["error"] == "unsupported_grant_type"


def test_a_method_needs_one_of_its_scopes(google: GoogleServer, login: Login, book: str) -> None:
    reader = login("spreadsheets.readonly", "drive.metadata.readonly")
    assert batch_get(reader, book, "_meta").ok
    assert names(reader) == {"Báo cáo"}
    answer = batch_update(reader, book, "_meta!A1", [["y"]])
    assert (answer.status_code, answer.json()["error"]["details"][0]["reason"]) == (
        403,
        "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
    )


def test_drive_file_shows_only_what_the_account_made(google: GoogleServer, login: Login, book: str) -> None:
    maker, folder = login("drive.file"), google.add_drive("Phòng")
    assert upload(maker, {"name": "A", "mimeType": SPREADSHEET, "parents": [folder]}, workbook()).status_code == 404
    wide = login("drive")
    assert upload(wide, {"name": "A", "mimeType": SPREADSHEET, "parents": [folder]}, workbook()).ok
    assert names(maker, includeItemsFromAllDrives="true", **ALL) == {"A"}
    assert batch_get(maker, book, "_meta").status_code == 404


# Reading


def test_gspread_opens_reads_and_writes(google: GoogleServer, session: requests.Session, book: str) -> None:
    google.state.says_zero = True
    client = gspread.Client(auth=None, session=session)  # type: ignore[arg-type]  # It is not looked at beside a session.
    opened = client.open_by_key(book)
    assert [(tab.title, tab.isSheetHidden) for tab in opened.worksheets()] == [("Phụ lục", False), ("_meta", True)]
    assert opened.worksheet("Phụ lục").row_values(1) == ["Mã", "Kết quả"]
    opened.worksheet("Phụ lục").batch_update([{"range": "B2:C2", "values": [[1, None]]}], raw=True)
    assert google.tab(book, "Phụ lục") == [["Mã", "Kết quả"], ["", 1], ["I.1", 98.5, True]]
    google.check()


def test_what_is_empty_at_the_end_is_cut_off_and_nothing_at_all_has_no_values(
    google: GoogleServer, session: requests.Session, book: str
) -> None:
    google.edit(book, "_meta", "A1", "")
    google.edit(book, "_meta", "B1", None)
    answer = batch_get(session, book, "Phụ lục", "'Phụ lục'!A2:C3", "_meta", "'Phụ lục'!D1:D9").json()["valueRanges"]
    assert [each.get("values") for each in answer] == [
        [["Mã", "Kết quả"], [], ["I.1", 98.5, True]],
        [[], ["I.1", 98.5, True]],
        None,
        None,
    ]
    assert [each["range"] for each in answer][:2] == ["'Phụ lục'!A1:Z1000", "'Phụ lục'!A2:C3"]


@pytest.mark.parametrize(
    ("value", "unformatted", "formula"),
    [
        (date(2025, 1, 17), 45674, 45674),
        (datetime(2025, 1, 17, 12), 45674.5, 45674.5),
        (Formula("=B2*2", 6.0), 6, "=B2*2"),
        (Formula('=""', ""), "", '=""'),
        ("98,5", "98,5", "98,5"),
    ],
)
def test_values_are_said_as_they_are_asked_for(
    google: GoogleServer, session: requests.Session, value: Any, unformatted: Any, formula: Any
) -> None:
    book = google.add_spreadsheet("A", {"T": [[value]]})
    for option, expected in (("UNFORMATTED_VALUE", unformatted), ("FORMULA", formula)):
        answer = batch_get(session, book, "T", valueRenderOption=option, dateTimeRenderOption="SERIAL_NUMBER").json()
        assert answer["valueRanges"][0]["values"] == [[expected]]


@pytest.mark.parametrize("place", ["Nowhere", "'Phụ lục", "Nowhere!A1", "'Phụ lục'!A1:B2:C3", "'Phụ lục'!?"])
def test_a_range_of_no_tab_cannot_be_parsed(session: requests.Session, book: str, place: str) -> None:
    answer = batch_get(session, book, "_meta", place)
    assert (answer.status_code, message(answer)) == (400, f"Unable to parse range: {place}")


def test_reading_past_the_grid_is_cut_and_reading_outside_it_refused(session: requests.Session, book: str) -> None:
    [answer] = batch_get(session, book, "_meta!A1:ZZ2000").json()["valueRanges"]
    assert answer["range"] == "_meta!A1:Z1000"
    outside = batch_get(session, book, "_meta!A1001")
    assert message(outside) == "Range (_meta!A1001) exceeds grid limits. Max rows: 1000, max columns: 26"


@pytest.mark.parametrize(
    ("place", "expected"),
    [("B1:C2", [[2, 3], [5, 6]]), ("B:B", [[2], [5], [8]]), ("2:2", [[4, 5, 6]]), ("C2:C", [[6], [9]]), ("B2", [[5]])],
)
def test_ranges_of_every_form_are_read(
    google: GoogleServer, session: requests.Session, place: str, expected: list[list[int]]
) -> None:
    book = google.add_spreadsheet("A", {"O'Hà": [[1, 2, 3], [4, 5, 6], [7, 8, 9]], "B": []})
    for text in (place, f"'O''Hà'!{place}"):
        assert batch_get(session, book, text).json()["valueRanges"][0]["values"] == expected


def test_the_number_of_the_first_tab_is_0_and_left_out(session: requests.Session, book: str) -> None:
    sheets = session.get(f"{SHEETS}/{book}", timeout=1).json()["sheets"]
    assert "sheetId" not in sheets[0]["properties"]
    assert sheets[1]["properties"]["sheetId"] > 0
    assert sheets[1]["properties"]["hidden"] is True


def test_fields_leave_only_what_was_asked_for(session: requests.Session, book: str) -> None:
    answer = session.get(f"{SHEETS}/{book}", params={"fields": "sheets(properties.title,properties/index)"}, timeout=1)
    expected = [{"properties": {"title": title, "index": n}} for n, title in enumerate(("Phụ lục", "_meta"))]
    assert answer.json() == {"sheets": expected}
    assert session.get(f"{SHEETS}/{book}", params={"fields": "sheets.propertise"}, timeout=1).status_code == 400


# Writing


def test_null_leaves_a_cell_and_an_empty_text_clears_it(
    google: GoogleServer, session: requests.Session, book: str
) -> None:
    answer = batch_update(session, book, "'Phụ lục'!A3", [[None, "", "=1+1"], ["x"]]).json()
    assert google.tab(book, "Phụ lục") == [["Mã", "Kết quả"], [], ["I.1", "", "=1+1"], ["x"]]
    assert answer["responses"][0]["updatedRange"] == "'Phụ lục'!A3:C4"
    assert google.file(book).last_by == ACCOUNT


def test_writing_is_all_or_nothing(google: GoogleServer, session: requests.Session, book: str) -> None:
    data = [{"range": "_meta!A1", "values": [["y"]]}, {"range": "Nowhere!A1", "values": [["y"]]}]
    body = {"valueInputOption": "RAW", "data": data}
    assert session.post(f"{SHEETS}/{book}/values:batchUpdate", json=body, timeout=1).status_code == 400
    assert google.tab(book, "_meta") == [["plan", "x"]]
    assert len(google.history(book)) == 1


def test_rows_that_run_past_the_grid_make_it_grow_but_nothing_begins_outside(
    google: GoogleServer, session: requests.Session, book: str
) -> None:
    assert batch_update(session, book, "_meta!A1000", [["a"], ["b"]]).ok
    assert google.file(book).tabs[1].row_count == 1001
    assert "exceeds grid limits" in message(batch_update(session, book, "_meta!A1002", [["c"]]))
    assert "exceeds grid limits" in message(batch_update(session, book, "_meta!A1:AB1", [["c"]]))


def test_a_range_bounds_what_is_written_into_it(session: requests.Session, book: str) -> None:
    tall = batch_update(session, book, "_meta!A1:B2", [[1], [2], [3]])
    wide = batch_update(session, book, "_meta!A1:B2", [[1, 2, 3]])
    assert message(tall) == "Requested writing within range [_meta!A1:B2], but tried writing to row [3]"
    assert message(wide) == "Requested writing within range [_meta!A1:B2], but tried writing to column [C]"


@pytest.mark.parametrize("value", [["nested"], {"a": 1}, "x" * 50_001])
def test_what_is_no_value_of_a_cell_is_refused(session: requests.Session, book: str, value: Any) -> None:
    assert batch_update(session, book, "_meta!A1", [[value]]).status_code == 400


def test_clearing_leaves_no_values(google: GoogleServer, session: requests.Session, book: str) -> None:
    body = {"ranges": ["'Phụ lục'!A1:A3", "_meta"]}
    answer = session.post(f"{SHEETS}/{book}/values:batchClear", json=body, timeout=1)
    assert answer.json()["clearedRanges"] == ["'Phụ lục'!A1:A3", "_meta!A1:Z1000"]
    assert google.tab(book, "Phụ lục") == [["", "Kết quả"], [], ["", 98.5, True]]
    assert google.tab(book, "_meta") == []


def test_a_protected_range_stops_whoever_is_not_its_editor(
    google: GoogleServer, login: Login, session: requests.Session, book: str
) -> None:
    other = login(account=f"b{ACCOUNT}")
    google.share(book, "writer", f"b{ACCOUNT}")
    free = [{"startRowIndex": 1, "endRowIndex": 2}, {"startRowIndex": 2, "endRowIndex": 3}]
    assert change(session, book, "addProtectedRange", {"protectedRange": {"range": {}, "unprotectedRanges": free}}).ok
    assert "protected cell" in message(batch_update(other, book, "'Phụ lục'!A1", [["x"]]))
    assert batch_update(other, book, "'Phụ lục'!A2", [["x"], ["y"]]).ok
    assert batch_update(session, book, "'Phụ lục'!A1", [["x"]]).ok
    params = {"fields": "sheets.protectedRanges(range,editors)"}
    [protected] = session.get(f"{SHEETS}/{book}", params=params, timeout=1).json()["sheets"][0]["protectedRanges"]
    assert protected == {"range": {}, "editors": {"users": [ACCOUNT, OWNER]}}


def test_tabs_are_added_changed_and_deleted(google: GoogleServer, session: requests.Session, book: str) -> None:
    grid = {"rowCount": 5, "columnCount": 2, "frozenRowCount": 1}
    added = change(session, book, "addSheet", {"properties": {"title": "Kiểm tra", "index": 1, "gridProperties": grid}})
    sheet_id = added.json()["replies"][0]["addSheet"]["properties"]["sheetId"]
    assert google.titles(book) == ["Phụ lục", "Kiểm tra", "_meta"]
    assert "already exists" in message(change(session, book, "addSheet", {"properties": {"title": "Kiểm tra"}}))
    wanted = {"sheetId": sheet_id, "title": "Lỗi", "hidden": True}
    assert change(session, book, "updateSheetProperties", {"properties": wanted, "fields": "title,hidden"}).ok
    tab = google.file(book).tabs[1]
    assert (tab.title, tab.hidden, tab.row_count, tab.frozen_rows) == ("Lỗi", True, 5, 1)
    assert change(session, book, "deleteSheet", {"sheetId": sheet_id}).ok
    assert google.titles(book) == ["Phụ lục", "_meta"]
    assert "visible sheets" in message(change(session, book, "deleteSheet", {}))


def test_ten_million_cells_are_the_most(session: requests.Session, book: str) -> None:
    grid = {"rowCount": 1_000_000, "columnCount": 11}
    answer = change(session, book, "addSheet", {"properties": {"title": "x", "gridProperties": grid}})
    assert "10000000 cells" in message(answer)


# Drive


def test_a_list_has_what_the_account_sees_and_q_finds(google: GoogleServer, session: requests.Session) -> None:
    folder = google.add_folder("Trường", role="reader")
    inner = google.add_spreadsheet("A", {"T": []}, folder=folder, role="")
    google.add_spreadsheet("B", {"T": []})
    google.add_spreadsheet("C", {"T": []}, role="")
    assert names(session) == {"Trường", "A", "B"}
    assert names(session, f"'{folder}' in parents and mimeType = '{SPREADSHEET}'") == {"A"}
    assert names(session, "name = 'B' or name='Trường'") == {"Trường", "B"}
    assert names(session, f"not (mimeType != '{SPREADSHEET}') and sharedWithMe = true") == {"B"}
    google.trash(inner)
    assert names(session, "trashed=false") == {"Trường", "B"}
    assert names(session, "trashed=true") == {"A"}


def test_modified_time_moves_on_with_every_edit_and_finds_what_changed(
    google: GoogleServer, session: requests.Session, book: str
) -> None:
    google.clock = lambda: datetime(2035, 1, 1, tzinfo=UTC)
    google.add_spreadsheet("B", {"T": []})
    google.edit(book, "_meta", "A1", "y")
    google.edit(book, "_meta", "A1", "z")
    [file] = listed(session, "modifiedTime > '2035-01-01T00:00:00Z'", fields="files(name,modifiedTime)")["files"]
    assert file == {"name": "Báo cáo", "modifiedTime": "2035-01-01T00:00:00.001Z"}


def test_a_list_comes_in_pages_of_the_size_that_was_asked_for(google: GoogleServer, session: requests.Session) -> None:
    for number in range(5):
        google.add_spreadsheet(f"{number}", {"T": []})
    token: dict[str, str] = {}
    found = []
    for _page in range(3):
        page = listed(session, pageSize="2", orderBy="name desc", fields="nextPageToken,files/name", **token)
        found.append([file["name"] for file in page["files"]])
        token = {"pageToken": page.get("nextPageToken", "")}
    assert found == [["4", "3"], ["2", "1"], ["0"]]
    assert "nextPageToken" not in page
    assert listed(session, pageToken="x")["error"]["code"] == 400


def test_shared_drives_are_seen_only_by_who_asks_for_them(google: GoogleServer, session: requests.Session) -> None:
    drive = google.add_drive("Phòng")
    book = google.add_spreadsheet("A", {"T": []}, folder=drive)
    both = {"includeItemsFromAllDrives": "true", **ALL}
    assert names(session) == set()
    assert names(session, corpora="drive", driveId=drive, **both) == {"A"}
    assert names(session, f"'{drive}' in parents", **both) == {"A"}
    assert "error" in listed(session, corpora="drive", driveId=drive)
    assert "error" in listed(session, corpora="drive", driveId=google.add_drive("B", role=""), **both)
    assert session.get(f"{DRIVE}/files/{book}", timeout=1).status_code == 404
    assert session.get(f"{DRIVE}/files/{book}", params=ALL, timeout=1).json()["name"] == "A"


@pytest.mark.parametrize(
    "q", ["name =", "name = 'A' name = 'B'", "name = 'A' and", "'x in parents", "(name = 'A'", "modifiedTime > 'soon'"]
)
def test_a_search_that_cannot_be_read_is_refused(session: requests.Session, q: str) -> None:
    assert listed(session, q)["error"]["errors"][0]["location"] == "q"


def test_a_workbook_is_imported_into_a_shared_drive(google: GoogleServer, session: requests.Session) -> None:
    drive = google.add_drive("Phòng")
    made = upload(
        session, {"name": "TH-01", "mimeType": SPREADSHEET, "parents": [drive]}, workbook(), fields="id,driveId"
    )
    assert made.json()["driveId"] == drive
    book = made.json()["id"]
    assert google.tab(book, "Phụ lục") == [["Ngày", 45674], ["", 3], ["", "\r\n--b"]]
    assert batch_get(session, book, "A3", valueRenderOption="FORMULA").json()["valueRanges"][0]["values"] == [["=B2*2"]]
    assert [(tab.title, tab.hidden) for tab in google.file(book).tabs] == [("Phụ lục", False), ("_meta", True)]


def test_a_service_account_has_no_room_of_its_own(google: GoogleServer, session: requests.Session, book: str) -> None:
    about = {"name": "A", "mimeType": SPREADSHEET}
    shared = google.add_folder("Của trường")
    answers = [
        upload(session, about, workbook()),
        upload(session, about | {"parents": [shared]}, workbook()),
        session.post(f"{DRIVE}/files", json=about, timeout=1),
        session.post(f"{DRIVE}/files/{book}/copy", json={}, timeout=1),
    ]
    reasons = {(each.status_code, each.json()["error"]["errors"][0]["reason"]) for each in answers}
    assert reasons == {(403, "storageQuotaExceeded")}
    assert names(session) == {"Báo cáo", "Của trường"}


def test_a_spreadsheet_is_copied_renamed_moved_and_trashed(google: GoogleServer, session: requests.Session) -> None:
    drive = google.add_drive("Phòng")
    folder = google.add_folder("Trường", parent=drive)
    book = google.add_spreadsheet("A", {"T": [["x"]]}, folder=drive)
    copy = session.post(f"{DRIVE}/files/{book}/copy", params=ALL, json={"name": "B"}, timeout=1).json()["id"]
    assert google.tab(copy, "T") == [["x"]]
    moved = {**ALL, "addParents": folder, "removeParents": drive, "fields": "name,parents,trashed"}
    answer = session.patch(f"{DRIVE}/files/{copy}", params=moved, json={"name": "C", "trashed": True}, timeout=1)
    assert answer.json() == {"name": "C", "parents": [folder], "trashed": True}
    direct = session.patch(f"{DRIVE}/files/{copy}", params=ALL, json={"parents": [drive]}, timeout=1)
    assert direct.json()["error"]["errors"][0]["reason"] == "fieldNotWritable"


def test_sharing_gives_a_right_and_writes_a_mail_unless_told_not_to(
    google: GoogleServer, session: requests.Session, book: str
) -> None:
    def share(address: str, role: str = "writer", notify: str = "false") -> requests.Response:
        body = {"type": "user", "role": role, "emailAddress": address}
        params = {"sendNotificationEmail": notify}
        return session.post(f"{DRIVE}/files/{book}/permissions", params=params, json=body, timeout=1)

    google.state.without_account.add("c@example.vn")
    assert share("a@example.vn").ok
    assert share("a@example.vn", role="reader").json()["role"] == "writer"
    assert share("b@example.vn", notify="true").ok
    assert share("c@example.vn").json()["error"]["errors"][0]["reason"] == "invalidSharingRequest"
    assert google.mails == ["b@example.vn"]
    params = {"fields": "permissions(emailAddress,role)"}
    found = session.get(f"{DRIVE}/files/{book}/permissions", params=params, timeout=1).json()["permissions"]
    roles = {each["emailAddress"]: each["role"] for each in found}
    assert roles == {OWNER: "owner", ACCOUNT: "writer", "a@example.vn": "writer", "b@example.vn": "writer"}


def test_what_is_not_shared_or_gone_is_refused_as_google_does(
    google: GoogleServer, session: requests.Session, book: str
) -> None:
    google.share(book, "reader")
    assert (batch_get(session, book, "_meta").ok, batch_update(session, book, "_meta!A1", [["y"]]).status_code) == (
        True,
        403,
    )
    google.unshare(book)
    answer = batch_get(session, book, "_meta")
    assert (answer.status_code, message(answer)) == (403, "The caller does not have permission")
    assert session.get(f"{DRIVE}/files/{book}", timeout=1).status_code == 404
    google.delete(book)
    assert batch_get(session, book, "_meta").status_code == 404
    assert google.tab(book, "_meta") == [["plan", "x"]]


# What is not modelled


@pytest.mark.parametrize(
    ("ask", "what"),
    [
        (lambda s, book: s.get(f"{SHEETS}/{book}?includeGridData=true"), "includeGridData"),
        (lambda s, book: s.get(f"{SHEETS}/{book}?ranges=A1"), "ranges"),
        (lambda s, book: s.get(f"{SHEETS}/{book}?fields=sheets"), "all of Sheet"),
        (lambda s, book: s.get(f"{SHEETS}/{book}?fields=sheets.merges"), "sheets/merges"),
        (lambda s, book: s.put(f"{SHEETS}/{book}/values/A1?valueInputOption=RAW", json={}), "values.update"),
        (lambda s, book: s.post(f"{SHEETS}/{book}/values/A1:append", json={}), "values.append"),
        (lambda s, book: batch_update(s, book, "A1", [[1]], option="USER_ENTERED"), "USER_ENTERED"),
        (lambda s, book: batch_get(s, book, "A1", majorDimension="COLUMNS"), "majorDimension"),
        (lambda s, book: batch_get(s, book, "'Phụ lục'", valueRenderOption="FORMATTED_VALUE"), "fractions"),
        (lambda s, book: change(s, book, "mergeCells", {}), "mergeCells"),
        (lambda s, book: change(s, book, "addSheet", {"properties": {"tabColor": {}}}), "tabColor"),
        (lambda s, book: s.get(f"{DRIVE}/files?q=fullText contains 'x'"), "contains"),
        (lambda s, book: s.get(f"{DRIVE}/files?q=starred = true"), "starred"),
        (lambda s, book: s.get(f"{DRIVE}/files?fields=files"), "all of File"),
        (lambda s, book: s.get(f"{DRIVE}/files?orderBy=recency"), "orderBy"),
        (lambda s, book: s.get(f"{DRIVE}/files/{book}?alt=media"), "alt"),
        (lambda s, book: s.delete(f"{DRIVE}/files/{book}"), "drive.files.delete"),
        (lambda s, book: s.post(f"{DRIVE}/files/{book}/permissions", json={"type": "anyone"}), "anyone"),
        (lambda s, book: s.post(f"{UPLOAD}?uploadType=media", data=b"x"), "uploadType"),
        (lambda s, book: s.get("https://www.googleapis.com/calendar/v3/x"), "GET /calendar/v3/x"),
    ],
)
def test_what_is_not_modelled_is_refused_and_fails_the_test(
    google: GoogleServer, session: requests.Session, book: str, ask: Callable[..., requests.Response], what: str
) -> None:
    answer = ask(session, book)
    assert answer.status_code == 501
    assert what in message(answer)
    assert [what in each for each in google.refused] == [True]
    with pytest.raises(AssertionError, match="not modelled"):
        google.check()


def test_the_context_fails_at_its_end_unless_something_else_did() -> None:
    with pytest.raises(AssertionError, match="GET /nowhere"), GoogleServer() as google:
        requests.get(f"{google.url}/nowhere", timeout=1)
    with pytest.raises(requests.HTTPError), GoogleServer() as google:
        requests.get(f"{google.url}/nowhere", timeout=1).raise_for_status()


# Google's discovery documents


@pytest.mark.parametrize(
    ("ask", "what"),
    [
        (lambda s, book: batch_get(s, book, "A1", colour="red"), "no parameter 'colour'"),
        (lambda s, book: batch_get(s, book, "A1", valueRenderOption="NICE"), "NICE"),
        (lambda s, book: s.get(f"{DRIVE}/files?pageSize=1001"), "not between 1 and 1000"),
        (lambda s, book: s.get(f"{DRIVE}/files?supportsAllDrives=yes"), "no boolean: 'yes'"),
        (lambda s, book: batch_update(s, book, "A1", ["no list"]), "values[0] is no list"),
        (lambda s, book: s.post(f"{SHEETS}/{book}/values:batchClear", json={"range": "A1"}), "no field 'range'"),
        (lambda s, book: change(s, book, "addSheet", {"properties": {"index": "1"}}), "index is no integer"),
    ],
)
def test_a_request_that_does_not_fit_is_remembered(
    google: GoogleServer, session: requests.Session, book: str, ask: Callable[..., requests.Response], what: str
) -> None:
    assert ask(session, book).status_code == 400
    assert [what in each for each in google.errors] == [True]
    with pytest.raises(AssertionError):
        google.check()


def test_a_response_that_does_not_fit_is_remembered(google: GoogleServer, session: requests.Session, book: str) -> None:
    google.fail(READ, said(200, {"spreadsheetId": book, "valueRange": []}))
    batch_get(session, book, "A1")
    assert google.errors == [f"{READ} response has no field 'valueRange'"]


@pytest.mark.parametrize(
    ("verb", "path", "method", "parameters"),
    [
        (
            "POST",
            "/v4/spreadsheets/x/values/Tab%21A1:B2:clear",
            "sheets.spreadsheets.values.clear",
            {"spreadsheetId": "x", "range": "Tab!A1:B2"},
        ),
        ("GET", "/drive/v3/files/generateIds", "drive.files.generateIds", {}),
    ],
)
def test_a_path_belongs_to_one_method(verb: str, path: str, method: str, parameters: dict[str, str]) -> None:
    found = discovery.find(verb, path)
    assert found is not None
    assert (found[0].id, found[1]) == (method, parameters)


# What goes wrong


@pytest.mark.parametrize(
    ("fault", "status", "said_"),
    [
        (too_many(), 429, "RATE_LIMIT_EXCEEDED"),
        (too_many(7), 429, "RESOURCE_EXHAUSTED"),
        (NOT_SHARED, 403, "PERMISSION_DENIED"),
        (API_OFF, 403, "SERVICE_DISABLED"),
        (SCOPE_MISSING, 403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
        (NO_STORAGE, 403, "storageQuotaExceeded"),
        (RATE, 403, "rateLimitExceeded"),
        (USER_RATE, 403, "userRateLimitExceeded"),
        (UNAUTHENTICATED, 401, "UNAUTHENTICATED"),
        (NOT_FOUND, 404, "NOT_FOUND"),
        (BAD_REQUEST, 400, "INVALID_ARGUMENT"),
        (SERVER_ERROR, 500, "INTERNAL"),
        (BAD_GATEWAY, 502, "<!DOCTYPE html>"),
        (UNAVAILABLE, 503, "UNAVAILABLE"),
        (unavailable(3), 503, "UNAVAILABLE"),
    ],
)
def test_a_fault_comes_once_in_place_of_the_answer(
    google: GoogleServer, session: requests.Session, book: str, fault: Fault, status: int, said_: str
) -> None:
    google.fail(WRITE, fault)
    assert batch_get(session, book, "_meta").ok
    answer = batch_update(session, book, "_meta!A1", [["y"]])
    assert (answer.status_code, said_ in answer.text) == (status, True)
    assert google.tab(book, "_meta") == [["plan", "x"]]
    assert batch_update(session, book, "_meta!A1", [["y"]]).ok


def test_retry_after_is_a_header(google: GoogleServer, session: requests.Session, book: str) -> None:
    google.fail("*", too_many("Mon, 20 Jan 2025 08:00:00 GMT"), unavailable(3), too_many())
    headers = [batch_get(session, book, "_meta").headers.get("Retry-After") for _ in range(3)]
    assert headers == ["Mon, 20 Jan 2025 08:00:00 GMT", "3", None]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (RESET, requests.ConnectionError),
        (STALL, requests.ReadTimeout),
        (CUT, requests.exceptions.ChunkedEncodingError),
        (after(RESET), requests.ConnectionError),
        (after(STALL), requests.ReadTimeout),
    ],
)
def test_the_connection_can_break_before_or_after_the_change(
    google: GoogleServer, session: requests.Session, book: str, fault: Fault, error: type[Exception]
) -> None:
    google.fail(WRITE, fault)
    began = time.monotonic()
    with pytest.raises(error):
        batch_update(session, book, "_meta!A1", [["y"]])
    assert time.monotonic() - began < 2
    assert google.tab(book, "_meta") == [["y" if fault.commits else "plan", "x"]]


def test_a_reset_is_a_reset(google: GoogleServer, session: requests.Session, book: str) -> None:
    google.fail(READ, RESET)
    with pytest.raises(requests.ConnectionError, match=r"reset by peer|10054"):
        batch_get(session, book, "_meta")
    assert google.requests[-1].status == 0


def test_half_a_body_can_look_whole(google: GoogleServer, session: requests.Session, book: str) -> None:
    google.fail(READ, SHORTENED)
    with pytest.raises(requests.JSONDecodeError):
        batch_get(session, book, "_meta").json()


def test_a_change_can_be_made_and_its_answer_be_lost(
    google: GoogleServer, session: requests.Session, book: str
) -> None:
    google.fail(WRITE, after(UNAVAILABLE))
    assert batch_update(session, book, "_meta!A1", [["y"]]).status_code == 503
    assert google.tab(book, "_meta") == [["y", "x"]]


def test_faults_are_queued_repeated_chosen_and_taken_back(
    google: GoogleServer, session: requests.Session, book: str
) -> None:
    google.fail(lambda request: b"_meta" in request.body and request.account == ACCOUNT, UNAVAILABLE, RATE, times=2)
    statuses = [batch_update(session, book, "_meta!A1", [["y"]]).status_code for _ in range(5)]
    assert statuses == [503, 403, 503, 403, 200]
    google.fail(READ, UNAVAILABLE, times=None)
    assert {batch_get(session, book, "A1").status_code for _ in range(9)} == {503}
    google.heal()
    assert batch_get(session, book, "A1").ok


def test_the_token_endpoint_can_fail_too(google: GoogleServer, login: Login) -> None:
    google.fail("oauth2.token", BAD_REQUEST)
    with pytest.raises(exceptions.GoogleAuthError):
        login()


def test_sixty_reads_and_sixty_writes_are_what_a_minute_has(
    google: GoogleServer, session: requests.Session, book: str
) -> None:
    now = [datetime(2025, 1, 20, tzinfo=UTC)]
    google.clock = lambda: now[0]
    assert {batch_get(session, book, "A1").status_code for _ in range(60)} == {200}
    assert "Read requests per minute per user" in message(batch_get(session, book, "A1"))
    assert batch_update(session, book, "_meta!A1", [["y"]]).ok
    assert "files" in listed(session)
    now[0] += timedelta(seconds=60)
    assert batch_get(session, book, "A1").ok


# Many at once


def test_every_read_is_a_state_that_there_was(google: GoogleServer, session: requests.Session) -> None:
    google.service.quotas.limit = None
    book = google.add_spreadsheet("A", {"T": [[0]], "U": [[0]]})

    together = threading.Barrier(21)

    def edit(number: int) -> None:
        for step in range(10):
            together.wait(10)
            google.edit_all(book, "T", {"A1": number, f"B{number}": step})
            google.edit(book, "U", f"A{number}", step)

    editors = [threading.Thread(target=edit, args=(number,)) for number in range(1, 21)]
    for editor in editors:
        editor.start()
    read = []
    for _ in range(10):
        together.wait(10)
        for _ in range(3):
            answer = batch_get(session, book, "T", "U").json()["valueRanges"]
            read.append({"T": answer[0].get("values", []), "U": answer[1].get("values", [])})
    for editor in editors:
        editor.join()
    history = google.history(book)
    assert all(state in history for state in read)
    assert len({json.dumps(state) for state in read}) > 1


def test_requests_are_counted_until_the_log_is_reset(
    google: GoogleServer, session: requests.Session, book: str
) -> None:
    google.reset_log()
    batch_get(session, book, "_meta")
    assert google.requests == [(READ, f"/v4/spreadsheets/{book}/values:batchGet", ACCOUNT, 200)]
    google.reset_log()
    assert google.counted() == {}
