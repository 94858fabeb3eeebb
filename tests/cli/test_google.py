"""`baocao google`: the contracts of its JSON and its exit statuses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sync.spreadsheets import link_of
from tests.fakes.google import GoogleServer
from tests.fakes.google_offices import CODES, Office, google_at
from tests.fakes.offices import BEFORE_DUE, PERIOD


@pytest.fixture
def google() -> Iterator[GoogleServer]:
    with google_at() as server:
        yield server


@pytest.fixture
def office(google: GoogleServer, tmp_path: Path) -> Office:
    return Office(google, tmp_path)


def test_prepare_keeps_its_contract(run: Any, office: Office) -> None:
    here = ("-w", office.workspace.path, "--as-of", BEFORE_DUE)
    first = run("google", "prepare", *here, "--period", PERIOD, "--json")
    assert (first.status, set(first.json)) == (
        0,
        {"made", "bound", "unchanged", "problems", "others", "instructions"},
    )
    assert [each["school"] for each in first.json["made"]] == CODES
    again = run("google", "prepare", *here, "--school", "TH01", "--json")
    assert (again.status, again.json["made"]) == (0, [])
    assert again.json["unchanged"] == [{"school": "TH01", "period": PERIOD, "link": link_of(office.ids()["TH01"])}]


@pytest.mark.parametrize(("language", "words"), [("en", "made"), ("vi", "https://docs.google.com")])
def test_prepare_tells_the_links(language: str, words: str, run: Any, office: Office) -> None:
    result = run("google", "prepare", "-w", office.workspace.path, "--as-of", BEFORE_DUE, "--lang", language)
    assert result.status == 0
    assert words in result.out
    assert all(link_of(spreadsheet) in result.out for spreadsheet in office.ids().values())


def test_the_instructions_are_shown_and_the_status_says_that_something_is_left(
    run: Any, google: GoogleServer, tmp_path: Path
) -> None:
    office = Office(google, tmp_path, shared_drive="")
    result = run("google", "prepare", "-w", office.workspace.path, "--as-of", BEFORE_DUE, "--lang", "en")
    assert result.status == 4
    assert "baocao google link" in result.out
    assert "Neither folder" in result.err


def test_link_keeps_its_contract(run: Any, google: GoogleServer, tmp_path: Path) -> None:
    office = Office(google, tmp_path, shared_drive="")
    made = office.by_hand("TH01")
    here = ("-w", office.workspace.path, "--as-of", BEFORE_DUE)
    result = run("google", "link", *here, "--json")
    assert result.status == 0
    assert result.json["bound"] == [{"school": "TH01", "period": PERIOD, "link": link_of(made)}]
    office.by_hand("TH01")
    assert run("google", "link", *here, "--json").status == 4
    google.add_spreadsheet("Biên bản", {"Trang": []})
    assert "Biên bản" in run("google", "link", *here, "--lang", "en").out


def test_two_setting_up_at_once_are_one_too_many(run: Any, office: Office) -> None:
    with office.workspace.lock("google"):
        assert run("google", "link", "-w", office.workspace.path).status == 3


def test_without_google_it_is_wrong_use(run: Any, tmp_path: Path) -> None:
    assert run("init", tmp_path / "phong").status == 0
    result = run("google", "link", "-w", tmp_path / "phong", "--lang", "en")
    assert (result.status, "key_file" in result.err) == (2, True)
