"""What lies in the invented Google: spreadsheets, folders, Shared Drives, and who may do what with them.

Tabs and their rows are immutable. A change replaces them whole, so that a reader has one consistent state, and each
state that a spreadsheet ever had can be kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

SPREADSHEET = "application/vnd.google-apps.spreadsheet"
FOLDER = "application/vnd.google-apps.folder"
ROLES = ("", "reader", "commenter", "writer", "fileOrganizer", "organizer", "owner")
"""From the least to the most; "" sees nothing."""
OWNER = "truong@example.vn"
"""Of what lies in a person's Drive."""
ORGANIZER = "quan-tri@example.vn"
"""Of Shared Drives."""
ROWS, COLUMNS = 1000, 26
"""Of a new tab."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell with a formula and what it comes to. Nothing is calculated here: `value` stays."""

    text: str
    value: bool | int | float | str | date


Value = None | bool | int | float | str | date | Formula
"""What a cell holds: a date or datetime is a number with a date's format; "" is never stored, None is an empty cell."""
Rows = tuple[tuple[Value, ...], ...]


@dataclass(frozen=True, slots=True)
class Protected:
    """A protected range: `range` and `unprotected` as Google's GridRange."""

    id: int
    range: dict[str, int]
    description: str
    warning_only: bool
    editors: tuple[str, ...]
    unprotected: tuple[dict[str, int], ...]


@dataclass(frozen=True, slots=True)
class Tab:
    """One sheet of a spreadsheet; `rows` may be shorter than the grid of row_count × column_count."""

    sheet_id: int
    title: str
    rows: Rows = ()
    row_count: int = ROWS
    column_count: int = COLUMNS
    hidden: bool = False
    frozen_rows: int = 0
    frozen_columns: int = 0
    protected: tuple[Protected, ...] = ()


@dataclass(slots=True)
class File:
    """A spreadsheet or a folder. `drive` is the Shared Drive that it lies in, "" for a person's Drive; there it has an
    owner. `by_app`: the account that made it through the API, "" for a person."""

    id: str
    name: str
    mime: str
    owner: str
    parents: tuple[str, ...]
    drive: str
    created: datetime
    modified: datetime
    by_app: str = ""
    last_by: str = ""
    version: int = 1
    trashed: bool = False
    permissions: dict[str, str] = field(default_factory=dict)
    tabs: tuple[Tab, ...] = ()
    history: list[tuple[Tab, ...]] = field(default_factory=list)


@dataclass(slots=True)
class Drive:
    """A Shared Drive and its members' roles. Its id is also that of its root folder."""

    id: str
    name: str
    members: dict[str, str]


@dataclass(slots=True)
class State:
    """Everything there is. `without_account`: addresses of people who have no Google account."""

    clock: Callable[[], datetime]
    files: dict[str, File] = field(default_factory=dict)
    drives: dict[str, Drive] = field(default_factory=dict)
    without_account: set[str] = field(default_factory=set)
    says_zero: bool = False
    """Whether a tab's `sheetId` is in the JSON where it is 0."""
    _made: int = 0

    def now(self) -> datetime:
        """This moment, in milliseconds as Google counts."""
        now = self.clock().astimezone(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def unique(self, what: str, length: int) -> str:
        """A new name that looks as if drawn; the same in each run."""
        self._made += 1
        digest = hashlib.shake_256(f"{what} {self._made}".encode()).hexdigest(length)
        return digest[:length]

    def number(self) -> int:
        """A new number for a tab or a protected range."""
        return int(self.unique("number", 8), 16) % (2**31 - 1) + 1

    def add(self, file: File) -> File:
        """Keeps a new file, with its first state."""
        file.history.append(file.tabs)
        self.files[file.id] = file
        return file

    def commit(self, file: File, tabs: tuple[Tab, ...], by: str) -> None:
        """A spreadsheet becomes `tabs`, by somebody's hand."""
        file.tabs = tabs
        file.history.append(tabs)
        self.touch(file, by)

    def touch(self, file: File, by: str) -> None:
        """A file is changed now. Two changes never have one moment, even where the clock stands still."""
        file.modified = max(self.now(), file.modified + timedelta(milliseconds=1))
        file.version += 1
        file.last_by = by

    def role(self, account: str, file: File) -> str:
        """The most that an account may do with a file: its own right, or that of a folder or a Shared Drive above."""
        found = {file.permissions.get(account, ""), "owner" if file.owner == account else ""}
        if file.drive in self.drives:
            found.add(self.drives[file.drive].members.get(account, ""))
        found |= {self.role(account, folder) for folder in self.folders(file)}
        return max(found, key=ROLES.index)

    def folders(self, file: File) -> Iterator[File]:
        """The folders that a file lies in."""
        return (self.files[parent] for parent in file.parents if parent in self.files)

    def may(self, account: str, file: File, role: str) -> bool:
        """Whether an account has at least a role."""
        return ROLES.index(self.role(account, file)) >= ROLES.index(role)

    def is_trashed(self, file: File) -> bool:
        """Whether a file or a folder above it is in the bin."""
        return file.trashed or any(self.is_trashed(folder) for folder in self.folders(file))


def rows_of(rows: Any) -> Rows:
    """Rows as they are kept: "" is an empty cell, and what is empty at the end is not there."""
    kept = [trimmed(None if value == "" and isinstance(value, str) else value for value in row) for row in rows]
    while kept and not kept[-1]:
        kept.pop()
    return tuple(kept)


def trimmed(row: Any) -> tuple[Value, ...]:
    """A row without empty cells at its end."""
    cells = list(row)
    while cells and cells[-1] is None:
        cells.pop()
    return tuple(cells)


def permission_id(address: str) -> str:
    """The id under which an address has its permissions."""
    return str(int(hashlib.sha256(address.encode()).hexdigest()[:16], 16))
