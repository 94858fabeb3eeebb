"""What schools hand in from open workbooks, as a source: each submission is a file that stays as it is."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sync import sources
from sync.sources import Changes, SourceEmptied, moment
from sync.sources import addin as submissions
from tests.fakes.offices import PERIOD, ZONE

START = datetime(2025, 1, 18, 8, tzinfo=ZONE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "handed-in"


def hand_in(folder: Path, school: str, text: str, minutes: int = 0) -> str:
    return submissions.hand_in(folder, school, PERIOD, text.encode(), START + timedelta(minutes=minutes)).name


def look(folder: Path, known: dict[str, tuple[int, int, str]], allow_empty: bool = True) -> Changes:
    """Looks as a pass does, and remembers what is new in `known`."""
    found = sources.make("addin", name="addin", folder=folder).look(known, allow_empty)
    for each in found.changed:
        known[each.path] = (each.size, each.mtime_ns, "0" * 64)
    for path in found.gone:
        del known[path]
    return found


def test_before_the_first_submission_nothing_is_there(folder: Path) -> None:
    assert look(folder, {}) == Changes([], 0, [])


def test_what_is_new_is_given_once_as_of_the_moment_in_its_name(folder: Path) -> None:
    known: dict[str, tuple[int, int, str]] = {}
    names = [hand_in(folder, "TH01", "một"), hand_in(folder, "TH01", "hai", 5)]
    found = look(folder, known)
    assert [each.path for each in found.changed] == names
    assert [moment(each.mtime_ns) - START for each in found.changed] == [timedelta(), timedelta(minutes=5)]
    source = sources.make("addin", name="addin", folder=folder)
    assert [source.read(each) for each in found.changed] == ["một".encode(), b"hai"]
    again = look(folder, known)
    assert (again.changed, again.unchanged, list(again.gone)) == ([], 2, [])


def test_what_somebody_else_put_there_is_passed_over(folder: Path) -> None:
    name = hand_in(folder, "TH01", "một")
    for stray in ("TH01.xlsx", "ghi chú.txt", name.replace("20250118", "20251345"), f"x{name}x"):
        (folder / stray).write_text("x", encoding="utf-8")
    assert [each.path for each in look(folder, {}).changed] == [name]


def test_the_newest_of_each_school_stands_in_the_place_of_those_before_it(folder: Path) -> None:
    known: dict[str, tuple[int, int, str]] = {}
    hand_in(folder, "TH01", "một")
    newest = {hand_in(folder, "TH01", "hai", 5), hand_in(folder, "TH02", "ba")}
    look(folder, known)
    assert submissions.newest(known).keys() == newest


def test_submissions_that_are_all_gone_at_once_are_not_believed(folder: Path) -> None:
    known: dict[str, tuple[int, int, str]] = {}
    name = hand_in(folder, "TH01", "một")
    look(folder, known)
    (folder / name).unlink()
    with pytest.raises(SourceEmptied):
        look(folder, dict(known), allow_empty=False)
    assert list(look(folder, known).gone) == [name]
