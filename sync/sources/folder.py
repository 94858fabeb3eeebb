"""The inbox: a folder into which whatever schools send is put, at any depth, under any name. It is only ever read."""

from __future__ import annotations

import os
import stat
import unicodedata
from pathlib import Path

from sync.i18n import gettext as _
from sync.sources import Changes, Found, Scan, Sightings, SourceError, SourceProblem, changes, refuse_emptied

_TEMPORARY_STARTS = (".", "~$")
"""Hidden files, among them `.~lock.…` and `._…`; owner files of Office."""
_TEMPORARY_ENDS = (".tmp", ".part", ".partial", ".crdownload")
"""Files that an editor or a browser is still writing."""
_TEMPORARY_NAMES = frozenset({"desktop.ini", "thumbs.db"})


class Folder:
    """A folder as a source of reports."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder

    def look(self, sightings: Sightings, allow_empty: bool = False) -> Changes:
        """What changed in the folder. Raises SourceEmptied unless `allow_empty`, SourceError where it is missing."""
        place = display(str(self.folder))
        missing = _is_missing(self.folder)
        if missing and not sightings:
            raise SourceError(_("The folder {folder} does not exist.").format(folder=place))
        seen = Scan({}) if missing else scan(self.folder)
        found = changes(seen, sightings)
        if not allow_empty:
            refuse_emptied(seen, found.gone, place)
        return found

    def read(self, found: Found) -> bytes | None:
        """The bytes of a file; None where it changed or went away since it was found. Raises OSError.

        What is no regular file any more is not opened: reading a pipe would wait for ever.
        """
        try:
            if not is_settled(found):
                return None
            content = Path(found.place).read_bytes()
        except FileNotFoundError:
            return None
        return content if len(content) == found.size and is_settled(found) else None


def make(name: str, folder: Path) -> Folder:
    """The source `name` that is the folder `folder`."""
    return Folder(name, folder)


def _is_missing(folder: Path) -> bool:
    try:
        folder.stat()
    except FileNotFoundError:
        return True
    except OSError:
        return False  # it is there and cannot be read: scan says so
    return False


def scan(inbox: Path) -> Scan:
    """Every regular file under `inbox`, by its relative path.

    Temporary and hidden files and folders, links and special files are passed over. A folder that cannot be read is a
    problem of the source, and the rest goes on.
    """
    files: dict[str, Found] = {}
    problems: list[SourceProblem] = []
    pending = [("", os.fspath(inbox))]
    while pending:
        prefix, folder = pending.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    _sort_in(entry, prefix, files, pending, problems)
        except OSError as error:
            problems.append(_problem(prefix.rstrip("/"), folder, error))
    return Scan(files, tuple(sorted(problems)))


def _sort_in(
    entry: os.DirEntry[str],
    prefix: str,
    files: dict[str, Found],
    pending: list[tuple[str, str]],
    problems: list[SourceProblem],
) -> None:
    name = entry.name
    if is_temporary(name):
        return
    path = prefix + (name if name.isascii() else _storable(name))
    try:
        if entry.is_file(follow_symlinks=False):
            status = entry.stat(follow_symlinks=False)
            files[path] = Found(path, status.st_size, status.st_mtime_ns, entry.path)
        elif entry.is_dir(follow_symlinks=False) and not _is_junction(entry):
            pending.append((f"{path}/", entry.path))
    except FileNotFoundError:
        return  # it went away while we looked
    except OSError as error:
        problems.append(_problem(path, entry.path, error))


def _is_junction(entry: os.DirEntry[str]) -> bool:
    """Whether it is one of Windows' links between folders, which may lead in a circle. (DirEntry tells since 3.12.)"""
    if os.name != "nt":
        return False
    return bool(entry.stat(follow_symlinks=False).st_reparse_tag == stat.IO_REPARSE_TAG_MOUNT_POINT)  # type: ignore[attr-defined, unused-ignore]


def _storable(name: str) -> str:
    """`name` as the ledger can keep it: bytes of a name that are no UTF-8 are spelled out."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _problem(path: str, place: str, error: OSError) -> SourceProblem:
    message = _("{place} cannot be read: {reason}")
    return SourceProblem(path, message.format(place=display(place), reason=error.strerror or error))


def is_temporary(name: str) -> bool:
    """Whether the file name `name` belongs to a program at work, and never to a report."""
    lower = name.lower()
    return lower.startswith(_TEMPORARY_STARTS) or lower.endswith(_TEMPORARY_ENDS) or lower in _TEMPORARY_NAMES


def is_settled(found: Found) -> bool:
    """Whether the file is still the regular file that was found, of the same size and time. Raises OSError.

    Asked after reading: a file that was being written meanwhile is left for the next pass.
    """
    status = os.lstat(found.place)
    return stat.S_ISREG(status.st_mode) and (status.st_size, status.st_mtime_ns) == (found.size, found.mtime_ns)


def display(path: str) -> str:
    """`path` as it is shown: in NFC, whatever the system that named the file made of its letters."""
    return unicodedata.normalize("NFC", _storable(path))
