"""Whatever goes wrong at Google in whatever step of a pass: nothing is lost or doubled, and the next pass heals it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.schools import School, Schools
from tests.fakes import google as at_google
from tests.fakes.google import Fault, Request, after, said, too_many, unavailable
from tests.fakes.offices import DONE, FAULTY
from tests.fakes.sheets import SheetsOffice, sheets_office

GIVE_UP = 4
"""Seconds for one request, so that a stall ends after two tries."""
FAULTS: dict[str, Fault] = {
    "429": too_many(),
    "429, wait 2 s": too_many(2),
    "429, wait an hour": too_many(3600),
    "403 rate": at_google.RATE,
    "403 user rate": at_google.USER_RATE,
    "403 not shared": at_google.NOT_SHARED,
    "403 API off": at_google.API_OFF,
    "403 scope": at_google.SCOPE_MISSING,
    "403 storage": at_google.NO_STORAGE,
    "400": at_google.BAD_REQUEST,
    "401": at_google.UNAUTHENTICATED,
    "404": at_google.NOT_FOUND,
    "500": at_google.SERVER_ERROR,
    "502 page": at_google.BAD_GATEWAY,
    "503": at_google.UNAVAILABLE,
    "503, wait 2 s": unavailable(2),
    "reset": at_google.RESET,
    "stall": at_google.STALL,
    "cut": at_google.CUT,
    "shortened": at_google.SHORTENED,
    "done, then 503": after(at_google.UNAVAILABLE),
    "done, then 502": after(at_google.BAD_GATEWAY),
    "done, then reset": after(at_google.RESET),
}
LASTING = {"429, wait an hour", "400", "403 not shared", "403 API off", "403 scope", "403 storage", "404"}
"""After these nothing is tried again in the same pass."""
READ, WRITE = "sheets.spreadsheets.values.batchGet", "sheets.spreadsheets.values.batchUpdate"
LIST, TOKEN = "drive.files.list", "oauth2.token"
OF_TOKEN = {
    **{name: fault for name, fault in FAULTS.items() if fault.reply in (None, at_google.BAD_GATEWAY.reply)},
    **{str(status): said(status, {"error": "invalid_grant"}) for status in (400, 401, 403, 404, 429, 500, 503)},
    "done, then 503": after(said(503, {"error": "internal_failure"})),
}
"""The same at the token endpoint, which has errors of its own shape (RFC 6749, 5.2)."""
HIT = {f"TH{2 * number:02}": name for number, name in enumerate(FAULTS)}
"""The schools whose spreadsheets are hit, each by a fault of its own; between two of them stands one that is not."""
SPARED = [f"TH{2 * number + 1:02}" for number in range(len(FAULTS))]
CODES = sorted([*HIT, *SPARED])
SCHOOLS = Schools(tuple(School(code, f"Trường Tiểu học {code}", "TH", "Xã Một") for code in CODES))
NOT_WHOLE = 2.5
"""A number of sessions that is to be mended."""


@pytest.fixture
def there(tmp_path: Path) -> Iterator[SheetsOffice]:
    """An office of many schools, all accepted, which typed a mistake into one cell since."""
    with sheets_office(tmp_path, SCHOOLS, give_up_seconds=GIVE_UP) as made:
        made.fill_many(CODES, DONE)
        assert made.run().accepted == len(CODES)
        assert made.run().problems == []
        for code in CODES:
            made.type_in(code, NOT_WHOLE)
        yield made


def hit(there: SheetsOffice, method: str, times: int | None) -> None:
    for code, name in HIT.items():

        def of_school(request: Request, spreadsheet: str = there.ids[code]) -> bool:
            return request.method == method and spreadsheet in request.path

        there.google.fail(of_school, FAULTS[name], times=times)


def is_settled(there: SheetsOffice, code: str, mistakes: int = 1) -> bool:
    """Whether each thing that was typed was received once, and the last is told in the school's own spreadsheet."""
    statuses = [status for status, _sha in there.receipts(code)]
    return statuses == ["accepted", *["to_mend"] * mistakes] and is_told(there, code, mistakes)


def is_told(there: SheetsOffice, code: str, mistakes: int) -> bool:
    told = f"{NOT_WHOLE + mistakes - 1}"
    return [(row[0], row[3], row[4]) for row in there.told(code)] == [("activities!J10", "J10", told)]


def settled(there: SheetsOffice, mistakes: int = 1) -> set[str]:
    return {code for code in CODES if is_settled(there, code, mistakes)}


def named_in(problems: list[str]) -> set[str]:
    return {code for code in CODES if any(code in problem for problem in problems)}


def ends_in_time(there: SheetsOffice, requests: int) -> bool:
    """Whether no request was waited for longer than it may, and so many of them at most; a second each for jitter."""
    return sum(there.waited) <= requests * 2 * (GIVE_UP + 1)


@pytest.mark.parametrize("method", [READ, WRITE])
def test_a_fault_costs_a_wait_or_the_refresh_of_that_school_alone(there: SheetsOffice, method: str) -> None:
    passes_by(there, method)
    stays(there, method)


def passes_by(there: SheetsOffice, method: str) -> None:
    """Each fault comes once: most are over at the next try."""
    hit(there, method, times=1)
    result = there.run()
    left = {code for code, name in HIT.items() if name in LASTING}
    assert named_in(result.problems) == left
    assert settled(there) == set(CODES) - left
    assert ends_in_time(there, len(HIT))
    assert there.run().problems == []
    assert settled(there) == set(CODES)


def stays(there: SheetsOffice, method: str) -> None:
    """Each fault lasts as long as the pass."""
    for code in CODES:
        there.type_in(code, NOT_WHOLE + 1)
    hit(there, method, times=None)
    result = there.run()
    # A write that was done is read back, whatever became of its answer.
    done = {code for code, name in HIT.items() if method == WRITE and FAULTS[name].commits}
    assert named_in(result.problems) == set(HIT) - done
    assert settled(there, 2) == set(SPARED) | done
    assert ends_in_time(there, len(HIT))
    there.google.heal()
    assert there.run().problems == []
    assert settled(there, 2) == set(CODES)
    assert (there.run().problems, there.run().new, there.asked()) == ([], 0, {"list": 1})


@pytest.mark.parametrize("method", [LIST, TOKEN])
def test_without_a_list_or_a_token_nothing_is_concluded_and_the_inbox_goes_on(tmp_path: Path, method: str) -> None:
    faults = OF_TOKEN if method == TOKEN else FAULTS
    with sheets_office(tmp_path, give_up_seconds=GIVE_UP) as there:
        there.fill("TH01", DONE)
        assert there.run().accepted == 1
        there.run()
        for name in sorted(faults.keys() - LASTING - ({"401", "403"} if method == TOKEN else set())):
            there.google.fail(method, faults[name])
            assert there.run().problems == [], name
            assert there.google.counted(method)[method] > 1, name
        there.type_in("TH01", NOT_WHOLE)
        there.open().workspace.inbox.joinpath("MN01.xlsx").write_bytes(there.workbook("MN01", FAULTY))
        for name, fault in faults.items():
            there.google.fail(method, fault, times=None)
            result = there.run()
            assert len(result.problems) >= 1, name
            assert (result.accepted, result.to_mend, result.received) == (1, 1, 2), name
            assert len(there.receipts("TH01")) == 1, name
            assert ends_in_time(there, 2), name
            there.google.heal()
        assert [status for status, _sha in there.receipts("MN01")] == ["to_mend"]
        assert there.run().problems == []
        assert is_settled(there, "TH01")


def test_a_google_that_is_out_of_order_is_left_alone_after_some_spreadsheets(there: SheetsOffice) -> None:
    there.google.fail(READ, at_google.UNAVAILABLE, times=None)
    result = there.run()
    assert named_in(result.problems) == set(CODES)
    assert there.asked()["batchGet"] <= 5 * 3
    assert ends_in_time(there, 5)
    there.google.heal()
    there.google.fail(WRITE, at_google.UNAVAILABLE, times=None)
    assert named_in(there.run().problems) == set(CODES)
    assert there.asked()["batchUpdate"] <= 5 * 2
    there.google.heal()
    assert there.run().problems == []
    assert settled(there) == set(CODES)
