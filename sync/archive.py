"""The archive: every receipt's bytes, kept under their SHA-256 for ever. It never touches where they came from."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple

from sync.i18n import gettext as _

_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_UNFINISHED = ".part"


class NotArchivedError(LookupError):
    """The archive has no such content; the message is for the user."""


class ArchiveProblem(NamedTuple):
    """A content that is not as it was put: its bytes changed, it is missing, or the file is none of the archive's."""

    kind: Literal["changed", "missing", "foreign"]
    name: str
    """The SHA-256, or the path of a foreign file inside the archive."""

    def __str__(self) -> str:
        texts = {
            "changed": _("The archived file {name} is damaged: its content is not what was received."),
            "missing": _("The archived file {name} is missing."),
            "foreign": _("The file {name} in the archive does not belong there."),
        }
        return texts[self.kind].format(name=self.name)


class Archive:
    """Contents by SHA-256, in `folder`/ab/abcdef….xlsx. One writer at a time: a pass holds the workspace."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, content: bytes, suffix: str) -> str:
        """Keeps `content` and gives its SHA-256. On return it is on the disk, whole, or OSError was raised.

        `suffix` (".xlsx") only helps people who look into the folder; one that is no suffix is left out. A content
        that is there already is not written again, unless its size shows that the file was damaged.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        kept = self._find(sha256)
        if kept is None or kept.stat().st_size != len(content):
            ending = suffix.lower() if _SUFFIX.fullmatch(suffix.lower()) and suffix.lower() != _UNFINISHED else ""
            _write(kept or self.folder / sha256[:2] / f"{sha256}{ending}", content)
        return sha256

    def path(self, sha256: str) -> Path:
        """The file that keeps this content; it is only to be read. Raises NotArchivedError."""
        found = self._find(sha256)
        if found is None:
            raise NotArchivedError(_("The archived file {name} is missing.").format(name=sha256))
        return found

    def open(self, sha256: str) -> BinaryIO:
        """This content, opened for reading. Raises NotArchivedError."""
        return self.path(sha256).open("rb")

    def verify(self, expected: Iterable[str] = ()) -> list[ArchiveProblem]:
        """Reads everything that is kept, and gives every problem; `expected` are the SHA-256 that must be there."""
        kept: set[str] = set()
        problems: list[ArchiveProblem] = []
        for file in self._files():
            sha256 = file.name.partition(".")[0]
            if not _SHA256.fullmatch(sha256) or file.parent != self.folder / sha256[:2]:
                problems.append(ArchiveProblem("foreign", file.relative_to(self.folder).as_posix()))
                continue
            kept.add(sha256)
            if _digest(file) != sha256:
                problems.append(ArchiveProblem("changed", sha256))
        missing = sorted(set(expected) - kept)
        return sorted(problems) + [ArchiveProblem("missing", sha256) for sha256 in missing]

    def _find(self, sha256: str) -> Path | None:
        if not _SHA256.fullmatch(sha256):
            return None
        found = sorted(self.folder.glob(f"{sha256[:2]}/{sha256}*"))
        return next((file for file in found if file.suffix != _UNFINISHED), None)

    def _files(self) -> Iterator[Path]:
        # What a killed pass left half-written is no problem: the next put of that content writes over it.
        for file in sorted(self.folder.rglob("*")):
            if file.is_file() and file.suffix != _UNFINISHED:
                yield file


def _write(file: Path, content: bytes) -> None:
    """Puts `content` in place of `file` in one step, and on the disk before the ledger may speak of it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(_UNFINISHED)
    with unfinished.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    unfinished.replace(file)
    _sync_folder(file.parent)


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return  # Windows opens no folders; its file system journals their entries
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
