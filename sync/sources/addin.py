"""What schools hand in from their open workbooks, as a source: each submission is a file of its own that stays.

`TH01 (nộp trực tiếp) 2024-2025-HK1 2025-01-18 09.00.00 <digest>.json` in one folder: the school, the period, when it
was handed in by the server's clock, and the first digits of the content's SHA-256. The file's time is the same moment,
and nobody but this program writes there, so it is believed whenever the next pass comes.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sync.sources import Changes, Scan, Sightings, changes, refuse_emptied
from sync.sources import folder as folders
from sync.workspace import staged

MARK = " (nộp trực tiếp) "
"""Between the school's code, which has no spaces, and the rest of the name."""
SUFFIX = ".json"
DIGITS = 16
"""Digits of the SHA-256 in a name."""
_NAME = re.compile(rf"(\S+){re.escape(MARK)}(\S+) [0-9-]{{10}} [0-9.]{{8}} ([0-9a-f]{{{DIGITS}}}){re.escape(SUFFIX)}")


class Submission(NamedTuple):
    """One content that a school handed in."""

    at_ns: int
    """When, in nanoseconds since 1970."""
    digest: str
    """The first digits of the content's SHA-256."""
    name: str


def hand_in(folder: Path, school: str, period: str, content: bytes, now: datetime) -> Path:
    """Puts a submission into `folder`, whole or not at all, as of `now` (aware), and says where it is."""
    folder.mkdir(exist_ok=True)
    stamp = f"{now:%Y-%m-%d %H.%M.%S}"
    file = folder / f"{school}{MARK}{_flat(period)} {stamp} {digest_of(content)}{SUFFIX}"
    moment = round(now.timestamp() * 1_000_000) * 1000
    with staged(file, content) as temporary:
        os.utime(temporary, ns=(moment, moment))
        temporary.replace(file)
    return file


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
    if not folder.is_dir():
        return
    for path, found in folders.scan(folder).files.items():
        parts = _NAME.fullmatch(path)
        if parts is not None and (parts[1], parts[2]) == (school, _flat(period)):
            yield Submission(found.mtime_ns, parts[3], path)


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
        seen = folders.scan(self.folder) if self.folder.is_dir() else Scan({})
        found = changes(seen, sightings)
        if not allow_empty:
            refuse_emptied(seen, found.gone, folders.display(str(self.folder)))
        return found


def make(name: str, folder: Path) -> HandedIn:
    """The source `name` that is the folder `folder`."""
    return HandedIn(name, folder)
