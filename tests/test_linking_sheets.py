"""`baocao google link`: shared spreadsheets find their schools by what they say of themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sync import linking_sheets, passes
from sync.spreadsheets import SetUp, entry, link_of
from tests.fakes.google import NOT_SHARED, GoogleServer
from tests.fakes.google_offices import CODES, NOW, Office, google_at, never_wait
from tests.fakes.offices import CAST, PERIOD, YEAR

pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture
def google() -> Iterator[GoogleServer]:
    with google_at() as server:
        yield server


@pytest.fixture
def office(google: GoogleServer, tmp_path: Path) -> Office:
    """An office without a Shared Drive."""
    return Office(google, tmp_path, shared_drive="")


def link(office: Office) -> SetUp:
    return linking_sheets.link(office.open(), wait=never_wait)


def test_what_people_made_and_shared_is_bound_by_what_it_says_and_not_by_its_name(
    office: Office, google: GoogleServer
) -> None:
    made = {code: office.by_hand(code) for code in CODES}
    done = link(office)
    assert done.bound == [entry(code, PERIOD, made[code]) for code in sorted(CODES)]
    assert (done.unchanged, done.problems, done.others) == ([], [], [])
    assert office.ids() == made
    assert {"drive.files.list", "sheets.spreadsheets.values.batchGet", "oauth2.token"} == set(google.counted())


def test_a_second_run_reads_nothing_but_the_list(office: Office, google: GoogleServer) -> None:
    office.by_hand("TH01")
    first = link(office)
    google.reset_log()
    again = link(office)
    assert (again.bound, again.unchanged) == ([], first.bound)
    assert [name for name in google.counted() if name != "oauth2.token"] == ["drive.files.list"]


def test_what_was_linked_is_read_by_the_next_pass(office: Office) -> None:
    office.by_hand("TH01")
    link(office)
    assert passes.run(office.open(), wait=never_wait).received == 1


def test_two_for_the_same_school_and_period_bind_none_and_both_links_are_told(office: Office) -> None:
    one, other = office.by_hand("TH01"), office.by_hand("TH01")
    third = office.by_hand("MN01")
    done = link(office)
    assert office.ids() == {"MN01": third}
    [problem] = done.problems
    assert all(words in problem for words in ("TH01", PERIOD, link_of(one), link_of(other)))


def test_a_copy_of_what_is_bound_changes_nothing_and_both_links_are_told(office: Office) -> None:
    first = office.by_hand("TH01")
    link(office)
    copy = office.by_hand("TH01")
    [problem] = link(office).problems
    assert link_of(first) in problem
    assert link_of(copy) in problem
    assert office.ids() == {"TH01": first}


def test_one_takes_the_place_of_a_bound_one_that_is_gone(office: Office, google: GoogleServer) -> None:
    first = office.by_hand("TH01")
    link(office)
    google.delete(first)
    new = office.by_hand("TH01")
    assert link(office).bound == [entry("TH01", PERIOD, new)]
    assert office.ids() == {"TH01": new}


def test_what_the_officer_linked_by_hand_is_bound_already_and_another_is_told(office: Office) -> None:
    own = office.by_hand("TH01")
    office.list_schools(*(replace(each, spreadsheet=own if each.code == "TH01" else "") for each in CAST))
    assert link(office).unchanged == [entry("TH01", "", own)]
    other = office.by_hand("TH01")
    [problem] = link(office).problems
    assert link_of(own) in problem
    assert link_of(other) in problem
    assert office.ids() == {"TH01": own}


def test_each_period_has_its_own_and_a_pass_reads_that_of_the_current_one(office: Office) -> None:
    year = office.by_hand("TH01", YEAR)
    semester = office.by_hand("TH01")
    assert len(link(office).bound) == 2
    assert office.ids() == {"TH01": semester}
    later = office.open(NOW.replace(month=6, day=20))
    assert later.control.schools.by_code["TH01"].spreadsheet == year


def test_before_the_current_period_has_one_that_of_another_period_is_read(office: Office) -> None:
    year = office.by_hand("TH01", YEAR)
    link(office)
    assert office.ids() == {"TH01": year}


def test_what_is_of_no_school_of_ours_or_of_another_office_is_said_and_left_alone(
    office: Office, google: GoogleServer
) -> None:
    minutes = google.add_spreadsheet("Biên bản", {"Trang": [["x"]]})
    foreign = office.by_hand("TH01")
    google.edit(foreign, "_meta", "B1", "ke-hoach-khac")
    done = link(office)
    reasons = {each["link"]: each["reason"] for each in done.others}
    assert reasons == {link_of(minutes): "no workbook for schools", link_of(foreign): "another office's"}
    assert (done.bound, done.problems) == ([], [])


def test_a_broken_seal_binds_nothing(office: Office, google: GoogleServer) -> None:
    spreadsheet = office.by_hand("TH01")
    google.edit(spreadsheet, "_meta", "B3", "MN01")
    done = link(office)
    assert (done.bound, office.ids()) == ([], {})
    assert ["the seal is broken" in each for each in done.problems] == [True]


def test_a_school_that_is_not_listed_any_more_is_told(office: Office) -> None:
    office.by_hand("TH01")
    office.list_schools(*list(CAST)[1:])
    done = link(office)
    assert done.bound == []
    assert ["there is no school TH01" in each for each in done.problems] == [True]


def test_one_that_cannot_be_read_costs_no_other(office: Office, google: GoogleServer) -> None:
    made = {code: office.by_hand(code) for code in CODES}
    broken = made["MN01"]
    google.fail(lambda request: broken in request.path, NOT_SHARED, times=None)
    done = link(office)
    assert set(office.ids()) == {"TH01", "CS01"}
    assert [link_of(broken) in each for each in done.problems] == [True]


def test_the_spreadsheet_for_publishing_is_not_looked_at(google: GoogleServer, tmp_path: Path) -> None:
    target = google.add_spreadsheet("Tổng hợp", {"Trang": []})
    done = link(Office(google, tmp_path, shared_drive="", publish_to=link_of(target)))
    assert (done.others, done.problems) == ([], [])
    assert google.counted("sheets.spreadsheets.values.batchGet") == {}
