"""Where reports come from: what every kind of source gives, and the table of kinds.

A source only says what stands in it and what changed since the last pass. It changes nothing, there or in the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any, NamedTuple, Protocol, cast

from sync.errors import MendableError
from sync.i18n import gettext as _

KINDS: Mapping[str, str] = {
    "folder": "sync.sources.folder",
    "google": "sync.sources.google",
    "addin": "sync.sources.addin",
}
"""Kind → module, imported when a source of the kind is made by the module's `make`."""

Sightings = Mapping[str, tuple[int, int, str]]
"""What the last pass saw: (size, mtime_ns, sha256) by path, as Ledger.sightings gives it."""

INBOX = "folder"
"""The name of the inbox among an office's sources."""
GOOGLE = "google"
"""The name of Google Sheets among them."""
ADDIN = "addin"
"""The name of what was handed in from open workbooks."""
NAMES = (INBOX, GOOGLE, ADDIN)


def contents(sightings: Sightings) -> set[str]:
    """The contents (SHA-256) that lie in a source."""
    return {sha256 for _size, _time, sha256 in sightings.values()}


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class SourceError(MendableError):
    """A source cannot be used in this pass; the message is for the user. Other sources go on."""


class SourceEmptied(SourceError):
    """A source that had files has none now; nothing is concluded from that until the officer says so."""


class Found(NamedTuple):
    """A file that stands in a source."""

    path: str
    """Its name inside the source, with forward slashes: what the ledger knows it by."""
    size: int
    mtime_ns: int
    place: str
    """How to open it."""


class SourceProblem(NamedTuple):
    """A part of a source that could not be looked through; `path` is '' for all of it. Nothing under it is gone."""

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class Scan:
    """What stands in a source, by path, and what of it could not be looked through."""

    files: Mapping[str, Found]
    problems: Sequence[SourceProblem] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """What is different from the last pass; both lists are in the order of their paths."""

    changed: Sequence[Found]
    """New files, and files of another size or time."""
    unchanged: int
    gone: Sequence[str]
    problems: Sequence[SourceProblem] = ()

    @property
    def complete(self) -> bool:
        """Whether the source was looked through in full."""
        return not self.problems


class Source(Protocol):
    """A place that reports come from."""

    name: str
    """What the ledger calls it; two sources of one office have two names."""

    def look(self, sightings: Sightings, allow_empty: bool = False) -> Changes:
        """What changed since `sightings`. Raises SourceError, and SourceEmptied unless `allow_empty`."""

    def read(self, found: Found) -> bytes | None:
        """The bytes of a file; None where it is being written or went away (the next pass will see). Raises OSError."""


def make(kind: str, **settings: Any) -> Source:
    """A source of one of KINDS. Raises SourceError for another kind."""
    if kind not in KINDS:
        message = _("There is no source of the kind '{kind}'; the kinds are: {kinds}.")
        raise SourceError(message.format(kind=kind, kinds=", ".join(KINDS)))
    return cast("Source", import_module(KINDS[kind]).make(**settings))


def changes(scan: Scan, sightings: Sightings) -> Changes:
    """What is different between `scan` and the last pass. Only size and time are compared; nothing is read.

    What was known under a part that could not be looked through is neither gone nor unchanged.
    """
    known = sightings.get
    changed = [found for path, found in scan.files.items() if (known(path) or _NOTHING)[:2] != found[1:3]]
    gone = [path for path in sightings.keys() - scan.files.keys() if not _is_under(path, scan.problems)]
    return Changes(sorted(changed), len(scan.files) - len(changed), sorted(gone), scan.problems)


_NOTHING = (-1, -1, "")


def _is_under(path: str, problems: Sequence[SourceProblem]) -> bool:
    return any(not part.path or path == part.path or path.startswith(f"{part.path}/") for part in problems)


def refuse_emptied(scan: Scan, gone: Sequence[str], place: str) -> None:
    """Raises SourceEmptied where every file of the last pass is gone and no other came. `place` names the source."""
    if gone and not scan.files:
        message = _(
            "{place} had files ({count}) at the last pass and has none now. Nothing was concluded from that. "
            "If it was emptied on purpose, say so once with: baocao sync --allow-empty"
        )
        raise SourceEmptied(message.format(place=place, count=len(gone)))


def moment(mtime_ns: int) -> datetime:
    """A file's time in UTC, in whole microseconds; times that no calendar has are the first or the last one it has."""
    try:
        return _EPOCH + timedelta(microseconds=mtime_ns // 1000)
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC) if mtime_ns < 0 else datetime.max.replace(tzinfo=UTC)


def received_at(modified: datetime, last_pass: datetime | None, now: datetime) -> datetime:
    """When a file that the pass at `now` sees for the first time counts as received, in UTC.

    Its own modification time, where that lies between `last_pass` (the last pass that looked and did not see it; None:
    there was none) and `now`, both included; else `now`. A school never pays for our outage, and gains nothing by
    setting a file's time back.
    """
    lies_between = (last_pass is None or last_pass <= modified) and modified <= now
    return (modified if lies_between else now).astimezone(UTC)
