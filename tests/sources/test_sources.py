from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import sources
from sync.sources import (
    Found,
    Scan,
    SourceEmptied,
    SourceError,
    SourceProblem,
    changes,
    moment,
    received_at,
    refuse_emptied,
)

MONDAY = datetime(2025, 1, 13, 7, 30, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)
SUNDAY = MONDAY - timedelta(days=1)
SHA = "a" * 64


pytestmark = pytest.mark.usefixtures("english")


moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
segments = st.text("abc", min_size=1, max_size=2)
paths = st.lists(segments, min_size=1, max_size=3).map("/".join)
facts = st.tuples(st.integers(0, 3), st.integers(0, 3))


def found(path: str, size: int = 1, mtime_ns: int = 1) -> Found:
    return Found(path, size, mtime_ns, f"/inbox/{path}")


def scan_of(*files: Found, unread: tuple[str, ...] = ()) -> Scan:
    return Scan({file.path: file for file in files}, tuple(SourceProblem(path, "?") for path in unread))


# The time of a receipt.


@pytest.mark.parametrize(
    ("modified", "last_pass", "counts"),
    [
        (MONDAY + timedelta(hours=3), MONDAY, MONDAY + timedelta(hours=3)),  # while we slept
        (SUNDAY, MONDAY, TUESDAY),  # an old file that was put there later, or a time set back
        (SUNDAY, None, SUNDAY),  # the first pass of all
        (TUESDAY + timedelta(seconds=1), MONDAY, TUESDAY),  # a clock that is ahead
        (TUESDAY + timedelta(seconds=1), None, TUESDAY),
        (MONDAY, MONDAY, MONDAY),
        (TUESDAY, MONDAY, TUESDAY),
    ],
)
def test_a_receipt_has_the_files_own_time_where_no_pass_contradicts_it(
    modified: datetime, last_pass: datetime | None, counts: datetime
) -> None:
    assert received_at(modified, last_pass, TUESDAY) == counts


@given(modified=moments, last_pass=st.none() | moments, now=moments)
def test_a_receipt_is_never_later_than_the_pass_nor_earlier_than_the_last_one(
    modified: datetime, last_pass: datetime | None, now: datetime
) -> None:
    time = received_at(modified, last_pass, now)
    assert time in (modified, now)
    assert time <= now
    assert last_pass is None or time >= min(last_pass, now)
    assert time == modified or not (last_pass or modified) <= modified <= now


@given(modified=moments, now=moments, hours=st.integers(-12, 14))
def test_a_receipts_time_is_the_same_moment_in_utc_whatever_the_zones(
    modified: datetime, now: datetime, hours: int
) -> None:
    zone = timezone(timedelta(hours=hours))
    time = received_at(modified.astimezone(zone), None, now.astimezone(zone))
    assert time == received_at(modified, None, now)
    assert time.tzinfo is UTC


@given(st.integers(-(2**63), 2**63 - 1))
def test_every_file_time_is_a_moment(mtime_ns: int) -> None:
    assert moment(mtime_ns) <= moment(mtime_ns + 1000)
    assert moment(mtime_ns).tzinfo is UTC


def test_file_times_are_exact_to_the_microsecond() -> None:
    assert moment(1_736_753_400_123_456_789) == datetime(2025, 1, 13, 7, 30, 0, 123456, tzinfo=UTC)
    assert moment(10**30) == datetime.max.replace(tzinfo=UTC)
    assert moment(-(10**30)) == datetime.min.replace(tzinfo=UTC)


# What changed.


def test_changes_are_told_by_size_and_time_alone() -> None:
    sightings = {"same": (1, 1, SHA), "longer": (1, 1, SHA), "later": (1, 1, SHA), "gone": (1, 1, SHA)}
    result = changes(scan_of(found("same"), found("longer", 2), found("later", 1, 2), found("fresh")), sightings)
    assert [file.path for file in result.changed] == ["fresh", "later", "longer"]
    assert (result.unchanged, list(result.gone), result.complete) == (1, ["gone"], True)


def test_what_lies_in_a_folder_that_cannot_be_read_is_not_gone() -> None:
    sightings = {"shut/a": (1, 1, SHA), "shut": (1, 1, SHA), "shut-not/a": (1, 1, SHA), "a": (1, 1, SHA)}
    result = changes(scan_of(found("a"), unread=("shut",)), sightings)
    assert list(result.gone) == ["shut-not/a"]
    assert not result.complete
    assert list(changes(scan_of(unread=("",)), sightings).gone) == []


@given(
    now=st.dictionaries(paths, facts, max_size=8),
    before=st.dictionaries(paths, facts, max_size=8),
    unread=st.lists(paths, max_size=1).map(tuple),
)
def test_every_file_is_new_or_changed_or_unchanged_or_gone_or_out_of_sight(
    now: dict[str, tuple[int, int]], before: dict[str, tuple[int, int]], unread: tuple[str, ...]
) -> None:
    scan = scan_of(*(found(path, *fact) for path, fact in now.items()), unread=unread)
    result = changes(scan, {path: (*fact, SHA) for path, fact in before.items()})
    assert [file.path for file in result.changed] == sorted(path for path in now if now[path] != before.get(path))
    assert result.unchanged == len(now.items() & before.items())
    hidden = {path for path in before if any(path == part or path.startswith(part + "/") for part in unread)}
    assert list(result.gone) == sorted(before.keys() - now.keys() - hidden)


@given(st.dictionaries(paths, facts, max_size=8))
def test_nothing_changes_twice(files: dict[str, tuple[int, int]]) -> None:
    scan = scan_of(*(found(path, *fact) for path, fact in files.items()))
    again = changes(scan, {path: (*fact, SHA) for path, fact in files.items()})
    assert (list(again.changed), list(again.gone), again.unchanged) == ([], [], len(files))


def test_a_source_that_emptied_is_refused_and_told_how_to_go_on() -> None:
    with pytest.raises(SourceEmptied, match=r"nhan.*2.*--allow-empty"):
        refuse_emptied(scan_of(), ["a", "b"], "nhan")
    refuse_emptied(scan_of(), [], "nhan")
    refuse_emptied(scan_of(found("c")), ["a", "b"], "nhan")


# The table of kinds.


def test_every_kind_of_source_can_be_made(tmp_path: object) -> None:
    settings: dict[str, dict[str, Any]] = {
        "folder": {"name": "nhan", "folder": tmp_path},
        "google": {"name": "nhan", "client": None, "spreadsheets": {}, "tabs": []},
        "addin": {"name": "nhan", "folder": tmp_path},
    }
    assert set(settings) == set(sources.KINDS)
    for kind, given_settings in settings.items():
        assert sources.make(kind, **given_settings).name == "nhan"


def test_an_unknown_kind_is_told_with_the_known_ones() -> None:
    with pytest.raises(SourceError, match="'ftp'; the kinds are: folder"):
        sources.make("ftp")
