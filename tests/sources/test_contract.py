"""What every source keeps, whether its reports are files, Google Sheets or handed in from open workbooks."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pytest

from sync import facts, sources
from sync.addin.judging import judged
from sync.google import connect
from sync.ledger import Ledger
from sync.period_findings import findings_in_sight
from sync.sources import Changes, Found, Source, moment
from sync.sources import addin as submissions
from tests.fakes.google import NOT_SHARED, GoogleServer, Request
from tests.fakes.offices import DONE, FAULTY, PERIOD, PLAN, many_figures
from tests.fakes.remote_books import payload_of, remote_book
from tests.fakes.sheets import START, SheetsOffice, sheets_office
from tests.google.conftest import Settings

READ = "sheets.spreadsheets.values.batchGet"
Known = dict[str, tuple[int, int, str]]


class Home(Protocol):
    """Where schools' reports lie; `source` is looked through as a pass does."""

    source: Source

    def put(self, school: str, text: str) -> None:
        """A school hands in a report, or another one in its place."""

    def remove(self, school: str) -> None: ...

    def shut(self, school: str) -> None:
        """The report is there and cannot be read."""

    def unshut(self, school: str) -> None: ...


@dataclass
class InFolder:
    """Files of an inbox."""

    folder: Path
    patch: pytest.MonkeyPatch
    closed: set[str] = field(default_factory=set)
    times: int = 0

    def __post_init__(self) -> None:
        self.folder.mkdir()
        self.source = sources.make("folder", name="home", folder=self.folder)
        whole = os.open
        opened = Path.open
        closed = self.closed

        def refusing(path: Any, *args: Any, **more: Any) -> int:
            if Path(path).stem in closed:
                raise PermissionError(13, "Permission denied", str(path))
            return whole(path, *args, **more)

        def refusing_path(path: Path, *args: Any, **more: Any) -> Any:
            if path.stem in closed:
                raise PermissionError(13, "Permission denied", str(path))
            return opened(path, *args, **more)

        self.patch.setattr(os, "open", refusing)
        self.patch.setattr(Path, "open", refusing_path)

    def put(self, school: str, text: str) -> None:
        self.times += 1
        path = self.folder / f"{school}.xlsx"
        path.write_text(text, encoding="utf-8")
        at = int(START.timestamp()) + self.times
        os.utime(path, (at, at))

    def remove(self, school: str) -> None:
        (self.folder / f"{school}.xlsx").unlink()

    def shut(self, school: str) -> None:
        self.closed.add(school)

    def unshut(self, school: str) -> None:
        self.closed.discard(school)


@dataclass
class InGoogle:
    """Spreadsheets that are bound to schools; a school that is bound to none any more has taken its report back."""

    google: GoogleServer
    client: Any
    bound: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.source = sources.make("google", name="home", client=self.client, spreadsheets=self.bound, tabs=["Một"])

    def put(self, school: str, text: str) -> None:
        if school not in self.bound:
            self.bound[school] = self.google.add_spreadsheet(school, {"Một": [[text]]})
        self.google.edit(self.bound[school], "Một", "A1", text)

    def remove(self, school: str) -> None:
        del self.bound[school]

    def shut(self, school: str) -> None:
        def of_school(request: Request) -> bool:
            return request.method == READ and self.bound[school] in request.path

        self.google.fail(of_school, NOT_SHARED, times=None)

    def unshut(self, school: str) -> None:
        self.google.heal()


@pytest.fixture(params=["folder", "google"])
def home(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    if request.param == "folder":
        yield InFolder(tmp_path / "nhan", monkeypatch)
        return
    with GoogleServer(quota=None, clock=lambda: START) as google:
        settings = Settings(key_file=str(google.key_file(tmp_path)), endpoint=google.url)
        with connect(settings, lambda _seconds: False) as client:
            yield InGoogle(google, client)


def taken_in(home: Home, known: Known) -> tuple[Changes, dict[str, bytes]]:
    """Looks and reads as a pass does, and remembers in `known` what could be read."""
    found = home.source.look(known, allow_empty=True)
    contents = {}
    for each in found.changed:
        content = read(home, each)
        if content is not None:
            contents[Path(each.path).stem] = content
            known[each.path] = (each.size, each.mtime_ns, hashlib.sha256(content).hexdigest())
    for path in found.gone:
        del known[path]
    return found, contents


def read(home: Home, found: Found) -> bytes | None:
    try:
        return home.source.read(found)
    except OSError:
        return None


def test_what_is_new_is_given_once_with_its_content(home: Home) -> None:
    known: Known = {}
    assert taken_in(home, known)[0] == Changes([], 0, [])
    home.put("TH01", "một")
    home.put("TH02", "hai")
    found, contents = taken_in(home, known)
    assert [Path(each.path).stem for each in found.changed] == ["TH01", "TH02"]
    assert "một".encode() in contents["TH01"]
    assert b"hai" in contents["TH02"]
    assert (found.unchanged, list(found.gone), found.complete) == (0, [], True)
    again, none = taken_in(home, known)
    assert (list(again.changed), again.unchanged, none) == ([], 2, {})


def test_only_what_changed_is_given_again(home: Home) -> None:
    known: Known = {}
    home.put("TH01", "một")
    home.put("TH02", "hai")
    taken_in(home, known)
    home.put("TH02", "ba")
    found, contents = taken_in(home, known)
    assert contents.keys() == {"TH02"}
    assert b"ba" in contents["TH02"]
    assert (found.unchanged, list(found.gone)) == (1, [])


def test_the_same_content_is_the_same_bytes_at_another_time(home: Home) -> None:
    known: Known = {}
    home.put("TH01", "một")
    first = taken_in(home, known)[1]
    home.put("TH01", "hai")
    assert taken_in(home, known)[1] != first
    home.put("TH01", "một")
    assert taken_in(home, known)[1] == first


def test_the_time_is_that_of_the_last_change(home: Home) -> None:
    known: Known = {}
    home.put("TH01", "một")
    (one,) = taken_in(home, known)[0].changed
    home.put("TH01", "hai")
    (other,) = taken_in(home, known)[0].changed
    assert moment(one.mtime_ns) < moment(other.mtime_ns)
    assert 0 <= (moment(other.mtime_ns) - START).total_seconds() < 3


def test_what_is_gone_is_given_once(home: Home) -> None:
    known: Known = {}
    home.put("TH01", "một")
    home.put("TH02", "hai")
    taken_in(home, known)
    home.remove("TH01")
    found, _contents = taken_in(home, known)
    assert [Path(path).stem for path in found.gone] == ["TH01"]
    assert (list(found.changed), found.unchanged) == ([], 1)
    assert list(taken_in(home, known)[0].gone) == []


def test_what_cannot_be_read_is_given_again_until_it_can_and_is_never_gone(home: Home) -> None:
    known: Known = {}
    home.put("TH01", "một")
    home.put("TH02", "hai")
    taken_in(home, known)
    home.put("TH01", "ba")
    home.shut("TH01")
    for _pass in range(2):
        found, contents = taken_in(home, known)
        assert ([Path(each.path).stem for each in found.changed], contents) == (["TH01"], {})
        assert (found.unchanged, list(found.gone)) == (1, [])
    home.unshut("TH01")
    assert b"ba" in taken_in(home, known)[1]["TH01"]


def test_what_comes_back_as_it_was_has_the_same_bytes(home: Home) -> None:
    known: Known = {}
    home.put("TH01", "một")
    first = taken_in(home, known)[1]
    home.remove("TH01")
    taken_in(home, known)
    home.put("TH01", "một")
    found, contents = taken_in(home, known)
    assert (len(found.changed), contents) == (1, first)


# The same reports


REPORTS: dict[str, dict[tuple[str, str, str], Any]] = {
    "TH01": {**DONE, ("activities", "II.1", "results"): "=1+1"},
    "MN01": FAULTY,
    "CS01": many_figures(),
}


def what_came_of(office: SheetsOffice) -> dict[str, Any]:
    assert office.run().problems == []
    opened = office.open()
    with Ledger.open(opened.ledger_url) as ledger:
        period, frame = facts.status_of(opened, ledger, PERIOD)
        receipts = facts.receipts_of(opened, ledger, period, facts.all_receipts(ledger, ()))
        entries = facts.entries_of(ledger, opened.plan, receipts.reports)
        found = findings_in_sight(opened, ledger, period).drop(columns=["receipt", "file"])
    return {
        "standings": dict(zip(frame["code"], frame["standing"], strict=True)),
        "statuses": dict(zip(receipts.reports["school"], receipts.reports["status"], strict=True)),
        "findings": sorted(map(repr, found.itertuples(index=False, name=None))),
        **{table: sorted(map(repr, _rows(entries[table]))) for table in entries},
    }


def _rows(frame: Any) -> Any:
    return frame.drop(columns="receipt").itertuples(index=False, name=None)


def _hand_in(office: SheetsOffice, school: str, content: bytes) -> None:
    """Puts what an open workbook is read as into the folder of submissions; `submit` would refuse one with errors."""
    opened = office.open()
    book = remote_book(payload_of(content))
    submissions.hand_in(opened.workspace.handed_in, school, PERIOD, judged(book, opened, school).content, opened.now)
    book.close()


def test_the_same_reports_give_the_same_entries_findings_and_standings(tmp_path: Path) -> None:
    places = [tmp_path / name for name in "abc"]
    for place in places:
        place.mkdir()
    with ExitStack() as stack:
        files, google, direct = (stack.enter_context(sheets_office(place)) for place in places)
        for school, changes in REPORTS.items():
            content = files.workbook(school, changes)
            (files.open().workspace.inbox / f"{school}.xlsx").write_bytes(content)
            google.fill(school, changes)
            _hand_in(direct, school, direct.workbook(school, changes))
        of_files, of_google, of_submissions = what_came_of(files), what_came_of(google), what_came_of(direct)
    assert of_google == of_submissions == of_files
    assert of_files["statuses"] == {"TH01": "accepted", "MN01": "to_mend", "CS01": "accepted"}
    assert len(of_files["findings"]) == 4
    assert all(of_files[table.id] for table in PLAN.all_tables)
