"""`baocao google prepare`: each school's spreadsheet is made once, protected, shared and bound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from sync import passes
from sync.control import ControlError
from sync.google import GoogleError
from sync.outputs import layout as at
from sync.preparing_sheets import GoogleNotUsedError
from sync.sending import UnknownSchool
from sync.setup import make_workspace
from sync.spreadsheets import link_of
from tests.fakes.google import ACCOUNT, API_OFF, NO_STORAGE, NOT_FOUND, RESET, UNAVAILABLE, GoogleServer, after
from tests.fakes.google_offices import CODES, NOW, WRITES, Office, google_at, never_wait
from tests.fakes.offices import CAST, PERIOD, PLAN
from tests.reminding.offices import with_addresses

pytestmark = pytest.mark.usefixtures("english")

NAMES = sorted(f"{school.code} - {school.name} - 2024-2025-HK1" for school in CAST)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def google() -> Iterator[GoogleServer]:
    with google_at() as server:
        yield server


@pytest.fixture
def office(google: GoogleServer, tmp_path: Path) -> Office:
    return Office(google, tmp_path)


def test_each_school_gets_a_spreadsheet_with_its_name_in_the_shared_drive(office: Office) -> None:
    done = office.prepare()
    assert office.spreadsheets() == NAMES
    assert (done.bound, done.unchanged, done.problems, done.instructions) == ([], [], [], "")
    assert [(each["school"], each["period"]) for each in done.made] == [(code, PERIOD) for code in CODES]
    assert [each["link"] for each in done.made] == [link_of(office.ids()[code]) for code in CODES]


def test_the_schools_may_edit_and_google_writes_to_nobody(office: Office, google: GoogleServer) -> None:
    office.prepare()
    rights = {code: google.file(spreadsheet).permissions for code, spreadsheet in office.ids().items()}
    assert rights == {code: {f"{code.lower()}@example.org": "writer"} for code in CODES}
    assert google.mails == []


def test_of_a_table_just_the_cells_that_are_open_in_the_workbook_are_free(office: Office, google: GoogleServer) -> None:
    office.prepare()
    workbook = _unlocked(office, "TH01")
    tabs = {tab.title: tab for tab in google.file(office.ids()["TH01"]).tabs}
    assert {title: _free(tab) for title, tab in tabs.items()} == workbook
    assert workbook["_meta"] == workbook[at.GUIDE_SHEET] == set()
    answers = {(row, column) for row in (1, 2) for column in range(1, 7)}
    assert workbook[at.FINDINGS_SHEET] == answers | {(row, column) for row in range(13, 213) for column in range(7)}
    assert len(workbook["Số liệu"]) > 5


def _free(tab: object) -> set[tuple[int, int]]:
    [protected] = tab.protected  # type: ignore[attr-defined]
    assert set(protected.range) == {"sheetId"} or protected.range == {}
    assert protected.editors == (ACCOUNT,)
    return {
        (row, column)
        for area in protected.unprotected
        for row in range(area["startRowIndex"], area["endRowIndex"])
        for column in range(area["startColumnIndex"], area["endColumnIndex"])
    }


def _unlocked(office: Office, code: str) -> dict[str, set[tuple[int, int]]]:
    """What a person may change in the workbook that the school would be sent."""
    import io
    import warnings

    import openpyxl

    from sync import sending

    opened = office.open()
    content = sending.workbook_of(opened, opened.period(PERIOD), opened.control.schools.by_code[code])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(io.BytesIO(content))
    return {
        sheet.title: {
            (cell.row - 1, cell.column - 1) for row in sheet.iter_rows() for cell in row if not cell.protection.locked
        }
        for sheet in book.worksheets
    }


def test_a_school_of_another_level_may_fill_other_rows(office: Office, google: GoogleServer) -> None:
    office.prepare()
    for code in CODES:
        tabs = google.file(office.ids()[code]).tabs
        assert {tab.title: _free(tab) for tab in tabs} == _unlocked(office, code)


def test_meta_is_hidden_even_where_it_came_out_visible(office: Office, google: GoogleServer) -> None:
    made = office.by_hand("TH01", folder=office.drive)
    google.file(made).name = NAMES[-1]
    office.prepare(NOW, "TH01")
    assert office.ids() == {"TH01": made}
    assert [tab.title for tab in google.file(made).tabs if tab.hidden] == ["_meta"]


def test_a_second_run_writes_nothing(office: Office, google: GoogleServer) -> None:
    first = office.prepare()
    google.reset_log()
    again = office.prepare(LATER)
    assert google.counted(*WRITES) == {}
    assert google.counted("drive.files.list") == {"drive.files.list": 1}
    assert "sheets.spreadsheets.get" not in google.counted()
    assert (again.made, again.bound, again.unchanged) == ([], [], first.made)
    assert office.spreadsheets() == NAMES


@pytest.mark.parametrize(
    "method", ["drive.files.create", "sheets.spreadsheets.batchUpdate", "drive.permissions.create"]
)
@pytest.mark.parametrize("nth", [2])
@pytest.mark.parametrize("fault", [RESET, after(RESET), UNAVAILABLE, after(UNAVAILABLE)], ids=lambda each: each.name)
def test_a_run_that_google_broke_off_is_finished_by_the_next_and_nothing_is_doubled(
    method: str, nth: int, fault: object, office: Office, google: GoogleServer
) -> None:
    seen = iter(range(1, 1000))
    google.fail(lambda request: request.method == method and next(seen) == nth, fault, times=1)  # type: ignore[arg-type]
    office.prepare()
    done = office.prepare(LATER)
    assert (office.spreadsheets(), done.problems) == (NAMES, [])
    assert set(office.ids()) == set(CODES)
    for code, spreadsheet in office.ids().items():
        assert google.file(spreadsheet).permissions == {f"{code.lower()}@example.org": "writer"}
        assert [len(tab.protected) for tab in google.file(spreadsheet).tabs] == [1] * 8
    google.reset_log()
    office.prepare(LATER)
    assert google.counted(*WRITES) == {}


class _Killed(BaseException):
    """The process ends."""


@pytest.mark.parametrize("step", ["import_workbook", "permissions", "share"])
def test_a_run_that_was_killed_is_finished_by_the_next(
    step: str, office: Office, google: GoogleServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sync.google import drive

    whole = getattr(drive, step)

    def killed(*arguments: object) -> None:
        whole(*arguments)
        raise _Killed

    with monkeypatch.context() as patched:
        patched.setattr(drive, step, killed)
        with pytest.raises(_Killed):
            office.prepare()
    done = office.prepare(LATER)
    assert (office.spreadsheets(), done.problems) == (NAMES, [])
    assert {len(google.file(each).permissions) for each in office.ids().values()} == {1}


def test_while_drive_may_not_show_yet_what_was_made_nothing_is_made_in_its_place(
    office: Office, google: GoogleServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sync.google import drive

    google.fail("drive.files.create", after(RESET))
    monkeypatch.setattr(drive, "listed", lambda *_a, **_k: drive.Listing([], True))
    first = office.prepare(NOW, "TH01")
    soon = office.prepare(NOW + timedelta(minutes=5), "TH01")
    assert len(first.problems) == 1
    assert ["Run the command again in 15 minutes" in each for each in soon.problems] == [True]
    assert google.counted("drive.files.create") == {"drive.files.create": 1}
    monkeypatch.undo()
    assert [each["school"] for each in office.prepare(LATER, "TH01").bound] == ["TH01"]
    assert len(office.spreadsheets()) == 1


def test_where_a_service_account_may_make_nothing_a_person_is_told_what_to_do(
    google: GoogleServer, tmp_path: Path
) -> None:
    office = Office(google, tmp_path, shared_drive="", folder=google.add_folder("Của một người"))
    done = office.prepare()
    assert (done.made, done.bound, office.ids()) == ([], [], {})
    assert "no room in Google Drive" in done.problems[0]
    assert len(done.problems) == 1
    text = Path(done.instructions).read_text(encoding="utf-8-sig")
    assert done.instructions.endswith("mau/huong-dan-google.txt")
    assert ACCOUNT in text
    assert "baocao google link" in text
    assert all(f"{name.split(' ')[0]}.xlsx → {name}" in text for name in NAMES)
    folder = office.workspace.templates / "2024-2025-HK1"
    assert sorted(file.name for file in folder.iterdir()) == sorted(f"{code}.xlsx" for code in CODES)


def test_where_no_folder_is_named_a_person_is_told_what_to_do(google: GoogleServer, tmp_path: Path) -> None:
    done = Office(google, tmp_path, shared_drive="").prepare(NOW, "MN01")
    assert "Neither folder nor shared_drive" in done.problems[0]
    assert "MN01.xlsx" in Path(done.instructions).read_text(encoding="utf-8-sig")
    assert "TH01.xlsx" not in Path(done.instructions).read_text(encoding="utf-8-sig")
    assert google.counted(*WRITES) == {}


def test_who_has_a_spreadsheet_already_is_not_in_the_instructions(office: Office, google: GoogleServer) -> None:
    office.prepare(NOW, "TH01")
    google.fail("drive.files.create", NO_STORAGE, times=None)
    text = Path(office.prepare().instructions).read_text(encoding="utf-8-sig")
    assert ["TH01" in text, "MN01" in text, "CS01" in text] == [False, True, True]


def test_a_school_without_an_address_gets_its_spreadsheet_and_is_told(office: Office, google: GoogleServer) -> None:
    office.list_schools(*(replace(with_addresses(each), emails=()) if each.code == "MN01" else each for each in CAST))
    done = office.prepare(NOW, "MN01")
    assert [each["school"] for each in done.made] == ["MN01"]
    assert google.file(office.ids()["MN01"]).permissions == {}
    assert ["MN01" in each and link_of(office.ids()["MN01"]) in each for each in done.problems] == [True]


def test_an_address_that_google_does_not_share_with_costs_nobody_else(office: Office, google: GoogleServer) -> None:
    google.state.without_account.add("mn01@example.org")
    done = office.prepare()
    assert len(done.made) == 3
    assert ["MN01: mn01@example.org" in each for each in done.problems] == [True]
    google.state.without_account.clear()
    again = office.prepare(LATER)
    assert ([each["school"] for each in again.bound], again.problems) == (["MN01"], [])


def test_an_address_that_was_added_later_is_let_in(office: Office, google: GoogleServer) -> None:
    office.prepare()
    more = replace(with_addresses(CAST.by_code["TH01"]), emails=("th01@example.org", "moi@example.org"))
    office.list_schools(more, *(with_addresses(each) for each in list(CAST)[1:]))
    done = office.prepare(LATER)
    assert [each["school"] for each in done.bound] == ["TH01"]
    assert set(google.file(office.ids()["TH01"]).permissions) == {"th01@example.org", "moi@example.org"}


def test_a_spreadsheet_that_the_officer_linked_by_hand_is_left_as_it_is(office: Office, google: GoogleServer) -> None:
    own = google.add_spreadsheet("Của trường", {"Trang": []})
    office.list_schools(
        *(replace(with_addresses(each), spreadsheet=own if each.code == "TH01" else "") for each in CAST)
    )
    done = office.prepare()
    assert [each["school"] for each in done.unchanged] == ["TH01"]
    assert len(google.history(own)) == 1
    assert len(office.spreadsheets()) == 2


def test_two_spreadsheets_of_one_name_are_left_to_people(office: Office, google: GoogleServer) -> None:
    for _ in range(2):
        google.add_spreadsheet(NAMES[-1], {"Trang": []}, folder=office.drive)
    done = office.prepare(NOW, "TH01")
    assert ["Two spreadsheets have the name" in each for each in done.problems] == [True]
    assert len(office.spreadsheets()) == 2


def test_what_only_has_the_name_of_a_schools_spreadsheet_is_not_bound(office: Office, google: GoogleServer) -> None:
    google.add_spreadsheet(NAMES[-1], {"Trang": [["khác"]]}, folder=office.drive)
    done = office.prepare(NOW, "TH01")
    assert ["not made of its workbook" in each for each in done.problems] == [True]
    assert office.ids() == {}


def test_what_lies_in_the_bin_is_not_made_again_and_what_is_gone_for_good_is(
    office: Office, google: GoogleServer
) -> None:
    office.prepare()
    before = office.ids()["TH01"]
    google.trash(before)
    office.prepare(LATER)
    assert office.ids()["TH01"] == before
    google.delete(before)
    done = office.prepare(LATER)
    assert [each["school"] for each in done.made] == ["TH01"]
    assert office.ids()["TH01"] != before


def test_what_would_meet_every_school_ends_the_run(office: Office, google: GoogleServer) -> None:
    google.fail("sheets.spreadsheets.get", API_OFF, times=None)
    done = office.prepare()
    assert ["turned off in the Google project" in each for each in done.problems] == [True]
    assert len(office.spreadsheets()) == 1


def test_a_shared_drive_that_the_account_is_no_member_of_is_told(office: Office, google: GoogleServer) -> None:
    google.fail("drive.files.list", NOT_FOUND)
    with pytest.raises(GoogleError, match="no such file, or it is not shared"):
        office.prepare()


def test_without_an_account_at_google_nothing_begins(tmp_path: Path) -> None:
    from sync import office, preparing_sheets

    opened = office.open_office(make_workspace(tmp_path / "phong", PLAN.code).path, NOW)
    with pytest.raises(GoogleNotUsedError, match="key_file"):
        preparing_sheets.prepare(opened, PERIOD, wait=never_wait)


def test_a_school_that_is_not_there_is_refused(office: Office) -> None:
    with pytest.raises(UnknownSchool, match="XX99"):
        office.prepare(NOW, "XX99")


def test_a_pass_reads_what_was_prepared(office: Office, google: GoogleServer) -> None:
    office.prepare()
    result = passes.run(office.open(LATER), wait=never_wait)
    assert (result.received, result.new, result.problems) == (3, 3, [])


def test_the_officers_own_link_wins_over_what_was_bound(office: Office, google: GoogleServer) -> None:
    office.prepare()
    own = google.add_spreadsheet("Của trường", {"Trang": []})
    office.list_schools(*(replace(each, spreadsheet=own if each.code == "TH01" else "") for each in CAST))
    assert office.ids()["TH01"] == own
    assert len(set(office.ids().values())) == 3


def test_a_damaged_file_of_bindings_is_told_and_not_taken_for_an_empty_one(office: Office) -> None:
    office.prepare()
    (office.workspace.state / "spreadsheets.json").write_text("[1", encoding="utf-8")
    with pytest.raises(ControlError, match="baocao google link"):
        _ = office.open().control
