"""What schools hand in from their open workbooks, as a source: each submission is a file of its own that stays.

`TH01 (nộp trực tiếp) 2024-2025-HK1 20250118T020000.000000Z <digest>.json` in one folder: the school, the period, when
it was handed in by the server's clock, and the first digits of the content's SHA-256. Nobody but this program writes
there, so that moment is believed whenever the next pass comes. The file's own time says nothing: copies and backups
lose it. What has another name was put there by somebody else, and is passed over.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from sync.sources import Changes, Found, Scan, Sightings, changes, moment, refuse_emptied
from sync.sources import folder as folders

MARK = " (nộp trực tiếp) "
"""Between the school's code, which has no spaces, and the rest of the name."""
SUFFIX = ".json"
DIGITS = 16
"""Digits of the SHA-256 in a name."""
_STAMP = "%Y%m%dT%H%M%S.%fZ"
_NAME = re.compile(
    rf"([^\s/]+){re.escape(MARK)}([^\s/]+) ([0-9]{{8}}T[0-9]{{6}}\.[0-9]{{6}}Z) "
    rf"([0-9a-f]{{{DIGITS}}}){re.escape(SUFFIX)}"
)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Submission(NamedTuple):
    """One content that a school handed in."""

    at_ns: int
    """When, in nanoseconds since 1970."""
    digest: str
    """The first digits of the content's SHA-256."""
    name: str


def hand_in(folder: Path, school: str, period: str, content: bytes, now: datetime) -> Path:
    """Puts a submission into `folder`, whole or not at all, as of `now` (aware). Gives its path; raises OSError."""
    folder.mkdir(exist_ok=True)
    stamp = now.astimezone(UTC).strftime(_STAMP)
    file = folder / f"{school}{MARK}{_flat(period)} {stamp} {digest_of(content)}{SUFFIX}"
    # A name of its own: two calls may hand in the same at the same moment.
    temporary = folder / f".{uuid4().hex}.tmp"
    try:
        with temporary.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)
    return file


def moment_of(submission: Submission) -> datetime:
    """When it was handed in, in UTC."""
    return moment(submission.at_ns)


def digest_of(content: bytes) -> str:
    """The digits by which a content is known in names."""
    return hashlib.sha256(content).hexdigest()[:DIGITS]


def submissions(folder: Path, school: str, period: str) -> list[Submission]:
    """What a school handed in for a period, oldest first."""
    return sorted(_submissions(folder, school, period))


def waiting(folder: Path, sightings: Sightings, school: str, period: str) -> Submission | None:
    """The newest submission of a school for a period that no pass has taken in yet; None where there is none."""
    return next((each for each in reversed(submissions(folder, school, period)) if each.name not in sightings), None)


def _submissions(folder: Path, school: str, period: str) -> Iterator[Submission]:
    for path, found in _scan(folder).files.items():
        parts = _NAME.fullmatch(path)
        if parts is not None and (parts[1], parts[2]) == (school, _flat(period)):
            yield Submission(found.mtime_ns, parts[4], path)


def _scan(folder: Path) -> Scan:
    """The submissions in `folder`, as of the moments that they were handed in."""
    if not folder.is_dir():
        return Scan({})
    there = folders.scan(folder)
    stamped = ((found, _handed_in_at(path)) for path, found in there.files.items())
    return replace(there, files={found.path: found._replace(mtime_ns=at) for found, at in stamped if at is not None})


def is_submission(path: str) -> bool:
    """Whether the name of the file `path` is that of a submission."""
    return _handed_in_at(path) is not None


def _handed_in_at(path: str) -> int | None:
    """When, in nanoseconds since 1970; None where it is no submission."""
    parts = _NAME.fullmatch(path)
    try:
        at = datetime.strptime(parts[3], _STAMP).replace(tzinfo=UTC) if parts else None
    except ValueError:
        return None
    return nanoseconds(at) if at else None


def nanoseconds(at: datetime) -> int:
    """An aware moment in nanoseconds since 1970, to its microsecond."""
    return (at - _EPOCH) // timedelta(microseconds=1) * 1000


def school_of(path: str) -> str:
    """The code of the school that handed in the file `path`."""
    return path.partition(MARK.rstrip())[0]


def shown(path: str) -> str:
    """What people see of the file `path`: `TH01 (nộp trực tiếp)`."""
    return school_of(path) + MARK.rstrip()


def newest(sightings: Sightings) -> dict[str, tuple[int, int, str]]:
    """The last submission of each school and period: it stands in the place of those before it."""
    last: dict[str, tuple[int, str]] = {}
    for path, (_size, mtime_ns, _sha256) in sightings.items():
        parts = _NAME.fullmatch(path)
        place = f"{parts[1]} {parts[2]}" if parts else path
        last[place] = max(last.get(place, (mtime_ns, path)), (mtime_ns, path))
    return {path: sightings[path] for _time, path in last.values()}


def _flat(period: str) -> str:
    """A period's key as a part of a file's name."""
    return period.replace("/", "-")


class HandedIn(folders.Folder):
    """The folder of submissions as a source of reports; it is there from the first submission on."""

    def look(self, sightings: Sightings, allow_empty: bool = False) -> Changes:
        """What was handed in since `sightings`. Raises SourceEmptied unless `allow_empty`."""
        seen = _scan(self.folder)
        found = changes(seen, sightings)
        if not allow_empty:
            refuse_emptied(seen, found.gone, folders.display(str(self.folder)))
        return found

    def read(self, found: Found) -> bytes | None:
        """The bytes of a submission, which never change; None where it went away. Raises OSError."""
        try:
            return Path(found.place).read_bytes()
        except FileNotFoundError:
            return None


def make(name: str, folder: Path) -> HandedIn:
    """The source `name` that is the folder `folder`."""
    return HandedIn(name, folder)
