"""Google Sheets as a source: each school's spreadsheet is a file that is read when Drive says that it changed.

What is read is a state that the spreadsheet really had, in one request, kept as canonical JSON. The next pass looks
once more at a spreadsheet that we wrote our verdict into: a school may have typed in the same moment.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from sync.google.problems import GoogleError
from sync.i18n import gettext as _
from sync.intake.gsheet import to_bytes
from sync.sources import Changes, Found, Scan, Sightings, SourceError, SourceProblem, changes

if TYPE_CHECKING:
    from sync.google.http import Client
    from sync.google.sheets import Cell

SUFFIX = ".gsheet"
ENOUGH = 5
"""Spreadsheets after each other that Google did not answer for; the others are left to the next pass."""
_OF_ONE = frozenset({"not_shared", "not_found", "not_a_sheet", "no_range", "protected", "bad_request"})
"""Kinds of errors that say nothing of other spreadsheets."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Patience:
    """Ends a pass while Google is out of order: each request is tried for minutes, and a pass may have hundreds."""

    def __init__(self) -> None:
        self._failed = 0
        self._last: GoogleError | None = None

    def check(self) -> None:
        """Raises the last GoogleError again where enough spreadsheets after each other went without an answer."""
        if self._last is not None and (self._failed >= ENOUGH or self._last.kind == "stopped"):
            raise self._last

    def note(self, error: GoogleError | None) -> None:
        """How it went with one spreadsheet; None for well."""
        self._last = error if error is not None and error.kind not in _OF_ONE else None
        self._failed = self._failed + 1 if self._last is not None else 0


class GoogleSheets:
    """The spreadsheets that are bound to schools.

    `spreadsheets` are their ids by school code; `tabs` the titles that hold a report; `ours` those that we write into.
    """

    def __init__(
        self,
        name: str,
        client: Client,
        spreadsheets: Mapping[str, str],
        tabs: Sequence[str],
        folder: str = "",
        shared_drive: str = "",
        ours: Collection[str] = (),
    ) -> None:
        self.name = name
        self._client = client
        self._spreadsheets = spreadsheets
        self._tabs, self._ours = tabs, ours
        self._folder, self._shared_drive = folder, shared_drive
        self._patience = Patience()

    def look(self, sightings: Sightings, allow_empty: bool = False) -> Changes:  # noqa: ARG002 - see Source
        """What changed; one request for a thousand spreadsheets. Raises SourceError where Google does not answer.

        A spreadsheet that is not to be seen is a problem of its school alone, whose last report stays as it is.
        """
        from sync.google import drive

        try:
            listing = drive.listed(self._client, folder=self._folder, shared_drive=self._shared_drive)
        except GoogleError as error:
            raise SourceError(_("Google Sheets: {reason}").format(reason=error)) from error
        modified = {file.id: file.modified_at for file in listing.files}
        files, problems = {}, []
        for code, spreadsheet in self._spreadsheets.items():
            path = f"{code}{SUFFIX}"
            if spreadsheet in modified:
                time = (modified[spreadsheet] - _EPOCH).total_seconds()
                files[path] = Found(path, 0, round(time * 1000) * 1_000_000, spreadsheet)
            else:
                problems.append(SourceProblem(path, self._unseen(code) if listing.complete else _half_seen(code)))
        return changes(Scan(files, tuple(problems)), sightings)

    def read(self, found: Found) -> bytes | None:
        """The cells of one spreadsheet as canonical JSON. Raises OSError where Google does not give them."""
        try:
            self._patience.check()
            content = to_bytes(self._cells(found.place), PurePosixPath(found.path).stem)
        except GoogleError as error:
            self._patience.note(error)
            raise OSError(str(error)) from error
        self._patience.note(None)
        return content

    def _cells(self, spreadsheet: str) -> dict[str, list[list[Cell]]]:
        """The tabs that hold a report; every tab where one of those was renamed, as tables are found by their headings.

        But for those that we write into: a verdict is no part of what it is on.
        """
        from sync.google import sheets

        cells = sheets.read(self._client, spreadsheet, self._tabs)
        if len(cells) == len(self._tabs):
            return cells
        titles = sheets.titles(self._client, spreadsheet)
        return sheets.read(self._client, spreadsheet, [title for title in titles if title not in self._ours])

    def _unseen(self, code: str) -> str:
        message = _(
            "The spreadsheet of {school} is not to be seen: it was deleted, or is not shared with {account} any more. "
            "Its last report stays."
        )
        return message.format(school=code, account=self._client.account)


def _half_seen(code: str) -> str:
    message = _("Google could not look everywhere; the spreadsheet of {school} was not found this time.")
    return message.format(school=code)


def make(
    name: str,
    client: Client,
    spreadsheets: Mapping[str, str],
    tabs: Sequence[str],
    folder: str = "",
    shared_drive: str = "",
    ours: Collection[str] = (),
) -> GoogleSheets:
    """The source `name` that are these spreadsheets."""
    return GoogleSheets(name, client, spreadsheets, tabs, folder, shared_drive, ours)
