"""The archive: every receipt's bytes, kept under their SHA-256 for ever. It never touches where they came from."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple

from sync.errors import MendableError
from sync.i18n import gettext as _

_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_UNFINISHED = ".part"
_WAITING = 16
"""Files whose way to the disk is waited for at a time; the system writes them together."""


class NotArchivedError(MendableError):
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
        """Keeps one content and gives its SHA-256; see Batch.put."""
        with self.batch() as batch:
            return batch.put(content, suffix)

    @contextmanager
    def batch(self) -> Iterator[Batch]:
        """Keeps many contents: when the block is left they are all on the disk, whole, or OSError was raised.

        Waiting for the disk once for all is a hundred times faster than waiting for each.
        """
        batch = Batch(self)
        yield batch
        batch.settle()

    def path(self, sha256: str) -> Path:
        """The file that keeps this content; it is only to be read. Raises NotArchivedError."""
        found = self.find(sha256)
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

    def find(self, sha256: str) -> Path | None:
        """The file that keeps this content, None where there is none."""
        if not _SHA256.fullmatch(sha256):
            return None
        found = sorted(self.folder.glob(f"{sha256[:2]}/{sha256}*"))
        return next((file for file in found if file.suffix != _UNFINISHED), None)

    def _files(self) -> Iterator[Path]:
        # What a killed pass left half-written is no problem: the next put of that content writes over it.
        for file in sorted(self.folder.rglob("*")):
            if file.is_file() and file.suffix != _UNFINISHED:
                yield file


class Batch:
    """Contents on their way into an archive; nothing is found there before `settle`."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._unfinished: dict[Path, Path] = {}

    def put(self, content: bytes, suffix: str) -> str:
        """Takes `content` and gives its SHA-256.

        `suffix` (".xlsx") only helps people who look into the folder; one that is no suffix is left out. A content
        that is there already is not written again, unless its size shows that the file was damaged.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        kept = self._archive.find(sha256)
        if kept is None or kept.stat().st_size != len(content):
            ending = suffix.lower() if _SUFFIX.fullmatch(suffix.lower()) and suffix.lower() != _UNFINISHED else ""
            file = kept or self._archive.folder / sha256[:2] / f"{sha256}{ending}"
            unfinished = file.parent / f"{sha256}{_UNFINISHED}"
            file.parent.mkdir(parents=True, exist_ok=True)
            unfinished.write_bytes(content)
            self._unfinished[unfinished] = file
        return sha256

    def settle(self) -> None:
        """Puts everything on the disk, then in its place: the ledger may speak of it from now on."""
        if not self._unfinished:
            return
        with ThreadPoolExecutor(_WAITING) as threads:
            list(threads.map(_sync, self._unfinished))
            for unfinished, file in self._unfinished.items():
                unfinished.replace(file)
            if os.name == "posix":  # Windows opens no folders; its file system journals their entries
                list(threads.map(_sync, {file.parent for file in self._unfinished.values()}))
        self._unfinished.clear()


def _sync(place: Path) -> None:
    descriptor = os.open(place, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
