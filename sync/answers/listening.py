"""Hearing what the officer typed into the consolidated workbooks, and putting new ones in their places without loss.

A workbook that is to be replaced is first moved out of its place into `.baocao/`, where it is looked at and only then
deleted. So whatever was saved until the last moment is in the ledger or in a kept copy before its file is gone, and a
pass that is killed in between leaves it for the next one.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sync.answers import elsewhere, merging
from sync.answers.document import Document, NotReadable, Sheets, Workbook, read
from sync.answers.memory import KEPT_MARKS, Kept, Memory, beside, main_stem, original
from sync.answers.opened import Opened
from sync.decisions import Decision, Decisions, log
from sync.i18n import gettext as _
from sync.office import OpenOffice
from sync.periods import Period
from sync.workspace import places, staged, write_atomically

if TYPE_CHECKING:
    from sync.ledger import Ledger

_TRIES = 8
_NAME = re.compile(r"tong-hop-(.+)")


@dataclass
class Answers:
    """What the officer typed, heard during one pass. notes: sentences on what was kept or cannot be read."""

    office: OpenOffice
    ledger: Ledger
    memory: Memory
    notes: list[str] = field(default_factory=list)
    decided: int = 0
    """How many decisions were recorded."""
    opened: Opened | None = None
    """A workbook that is open in Excel meanwhile."""

    @classmethod
    def of(cls, office: OpenOffice, ledger: Ledger, opened: Opened | None = None) -> Answers:
        """For one pass over `office`."""
        return cls(office, ledger, Memory.read(office.workspace), opened=opened)

    def listen(self) -> None:
        """Reads every workbook that was changed since it was left, and records what was decided in it.

        Nothing is opened where no file has another size or time. Raises LedgerError.
        """
        changed = [*self.memory.slots(), *self.memory.changed()]
        for file in changed:
            self._hear(file)
        if self.opened is not None:
            self._hear_open(self.opened)
        if changed or self.opened is not None:
            self.memory.write(self.office.now)

    @property
    def is_news(self) -> bool:
        """Whether a workbook is to be built again because of what was typed, or something is to be told."""
        return bool(self.decided or self.notes or self.memory.edited)

    def is_edited(self, path: Path) -> bool:
        """Whether the workbook at `path` shows what nobody reported, and is to be built again."""
        return path.name in self.memory.edited

    def all_built(self) -> None:
        """Every workbook that a pass builds is built: one that it does not build any more stays as it is."""
        if self.memory.edited:
            self.memory.edited.clear()
            self.memory.write(self.office.now)

    def sentence(self, period: Period) -> str:
        """What the workbook of `period` says of copies that were kept in the last days, in Vietnamese; "" for none."""
        return " ".join(_told(each) for each in self.memory.recent(self.office.now, period.key))

    def told_until(self, period: Period) -> datetime | None:
        """The moment from which the workbook would say less of what was typed, None for never."""
        of_log = log.notes_until(self.office.decisions, period.key, self.office.now)
        return min(filter(None, (of_log, self.memory.recent_until(self.office.now, period.key))), default=None)

    def place(self, path: Path, content: bytes, run: int | None = None) -> Path:
        """Puts the workbook that was built in the pass `run` at `path`, and says where it is.

        That is beside `path` where a program holds the old one open. What was typed into the old one meanwhile is
        recorded, or the old one kept. Raises LedgerError, OSError.
        """
        self.memory.keep_built(path, run, content)
        if self.opened is not None and path == self.opened.path:
            return self._leave_to_excel(path)
        with staged(path, content) as temporary:
            status = temporary.stat()
            place = self._put(temporary, path)
        if place == path:
            for old in beside(path):
                self._set_aside(old)
        for slot in self.memory.slots():
            self._hear(slot)
        self.memory.remember_built(place.name, status, hashlib.sha256(content).hexdigest())
        self.memory.write(self.office.now)
        return place

    def record(self, found: Sequence[Decision], content: str, place: str) -> None:
        """Records what was decided at `place`; `content` is the SHA-256 of what was read there. Raises LedgerError."""
        if found:
            self.decided += len(self.ledger.decisions.record(found, content, place, self.office.now))

    def keep_published(self, where: str, content: bytes) -> None:
        """Keeps the published spreadsheet as a workbook, because somebody typed there at `where`."""
        current = self.office.control.periods.current(self.office.now)
        period = current.key if current else ""
        name = f"tong-hop-{period.replace('/', '-')}.xlsx"
        self._keep(name, content, f"{KEPT_MARKS[0]} trên Google", period, where)
        self.memory.write(self.office.now)

    # A workbook that is open in Excel.

    def _hear_open(self, opened: Opened) -> None:
        """Records what is decided in it: it is a newer version of its file, typed into until now."""
        document = read(opened.sheets)
        period = document.base.period if document.base else opened.period
        # Sheets of the officer's own are not written over there.
        where = self._typed_elsewhere(opened.built_as, opened.sheets, document, only_ours=True)
        if where is not None:
            self._keep(opened.built_as, opened.as_file(), KEPT_MARKS[0], period, where)
        known = Decisions(tuple(self.ledger.decisions.all()))
        place, now = opened.place, self.office.now
        self.record(merging.decided(document, period, place, known, now, now), opened.digest(document, now), place)
        if self.memory.newest_build(opened.built_as) is None:
            self.memory.edited.add(opened.built_as)

    def _leave_to_excel(self, path: Path) -> Path:
        """What is open in Excel is written there and saved by the officer; until that is seen, the file is an old one.

        So the next pass builds it again where it was not saved; see `_doubt`.
        """
        self.memory.edited.add(path.name)
        self.memory.write(self.office.now)
        return path

    # Replacing.

    def _put(self, temporary: Path, path: Path) -> Path:
        error: OSError | None = None
        for place in places(path):
            try:
                if any(self._put_once(temporary, place) for _try in range(_TRIES)):
                    return place
            except PermissionError as held:
                error = error or held
        raise error or PermissionError(f"{path} is written by another program all the time")

    def _put_once(self, temporary: Path, place: Path) -> bool:
        """Whether the file is in its place now; not where another one appeared there meanwhile."""
        with contextlib.suppress(FileNotFoundError):
            place.replace(self.memory.free_slot(place.name))
        return _put_new(temporary, place)

    def _set_aside(self, file: Path) -> None:
        """Moves a workbook out of its place; one that is held open stays."""
        with contextlib.suppress(PermissionError, FileNotFoundError):
            file.replace(self.memory.free_slot(file.name))

    # Reading.

    def _hear(self, file: Path) -> None:
        try:
            settled = _settled(file)
        except OSError as error:
            self._tell_unreadable(file, error.strerror or str(error))
            return
        if settled is None:
            return
        content, status = settled
        sha256 = hashlib.sha256(content).hexdigest()
        seen = self.memory.seen.get(original(file))
        is_as_left = seen is not None and seen.sha256 == sha256
        if not is_as_left and not self._take(file, content, status, sha256):
            return
        self._leave(file, status, sha256)

    def _leave(self, file: Path, status: os.stat_result, sha256: str) -> None:
        """All of a workbook is remembered: one that was taken out of its place goes."""
        if not _is_slot(file):
            self.memory.remember(file.name, status, sha256)
        elif _is_same(file, status):
            file.unlink()

    def _take(self, file: Path, content: bytes, status: os.stat_result, sha256: str) -> bool:
        """Keeps and records whatever was typed; whether the file is done with."""
        name = original(file)
        try:
            workbook = Workbook(content)
            document = read(workbook)
        except NotReadable as error:
            return self._take_unreadable(file, content, str(error))
        period = document.base.period if document.base else self._period_of(name)
        is_ours = _is_slot(file) or self._is_replaced(name)
        where = self._typed_elsewhere(name, workbook, document) if is_ours else None
        if where is not None:
            self._keep(name, content, KEPT_MARKS[0], period or "", where)
        if period is not None:
            self.record(self._decided(document, period, name, status), sha256, self._place(name))
        if is_ours and not _is_slot(file):
            self._doubt(name, document, where)
        return True

    def _decided(self, document: Document, period: str, name: str, status: os.stat_result) -> list[Decision]:
        saved_at = datetime.fromtimestamp(status.st_mtime, UTC).astimezone(self.office.zone)
        known = Decisions(tuple(self.ledger.decisions.all()))
        return merging.decided(document, period, self._place(name), known, saved_at, self.office.now)

    def _doubt(self, name: str, document: Document, where: str | None) -> None:
        """A workbook in its place that shows what nobody reported, or is an older one, is to be built again."""
        run = document.base.run if document.base else None
        if where is not None or run != self.memory.newest_run(name):
            self.memory.edited.add(name)
        else:
            self.memory.edited.discard(name)

    def _place(self, name: str) -> str:
        return f"{self.office.workspace.outputs.name}/{name}"

    def _is_replaced(self, name: str) -> bool:
        """Whether a pass writes workbooks under this name, so that what lies there does not stay."""
        stems = {f"tong-hop-{period.key.replace('/', '-')}" for period in self.office.control.periods}
        return main_stem(name) in stems and Path(name).suffix == ".xlsx"

    def _period_of(self, name: str) -> str | None:
        """The schools' period whose workbook is called so."""
        matched = _NAME.match(main_stem(name))
        keys = {period.key.replace("/", "-"): period.key for period in self.office.control.periods.of_schools()}
        found = [key for key in keys if matched and matched[1].startswith(key)]
        return keys[max(found, key=len)] if found else None

    def _typed_elsewhere(
        self, name: str, workbook: Sheets, document: Document, *, only_ours: bool = False
    ) -> str | None:
        """Where somebody typed outside the marked columns; None where nobody did, "" where nobody can tell."""
        run = document.base.run if document.base else None
        found = [_differences(workbook, built, only_ours=only_ours) for built in self.memory.builds(name, run)]
        if not found or None in found:
            return None if found else ""
        # Which build it was is not known where several are left.
        return found[0] if len(found) == 1 or run is None else ""

    # Keeping.

    def _take_unreadable(self, file: Path, content: bytes, reason: str) -> bool:
        name = original(file)
        if not _is_slot(file):
            # It stays; what is not remembered is looked at again by the next pass.
            is_ours = self._is_replaced(name)
            if is_ours:
                self._tell_unreadable(file, reason)
            return not is_ours
        kept = self._keep(name, content, KEPT_MARKS[1], self._period_of(name) or "", None)
        self.notes.append(
            _("{file} could not be read ({reason}); it is kept as {kept}.").format(file=name, reason=reason, kept=kept)
        )
        return True

    def _tell_unreadable(self, file: Path, reason: str) -> None:
        message = _("{file} cannot be read: {reason}. What is typed there is not used; save it again as .xlsx.")
        self.notes.append(message.format(file=original(file), reason=reason))

    def _keep(self, name: str, content: bytes, mark: str, period: str, where: str | None) -> str:
        """Keeps a copy beside the new workbook, once, and gives its path in the workspace."""
        folder, now = self.office.workspace.outputs, self.office.now
        stem, suffix = main_stem(name), Path(name).suffix
        same = [each for each in folder.glob(f"*({mark}*") if each.name.startswith(stem) and _holds(each, content)]
        place = same[0] if same else _free(folder, f"{stem} ({mark} {now:%Y-%m-%d %H%M}", suffix)
        if not same:
            write_atomically(place, content)
        kept = place.relative_to(self.office.workspace.path).as_posix()
        if where is not None:
            if kept not in {each.file for each in self.memory.kept}:
                self.memory.kept.append(Kept(kept, period, where, now))
            self.notes.append(_kept_note(name, where, kept))
        return kept


def _differences(workbook: Sheets, built: bytes, *, only_ours: bool) -> str | None:
    """Where the workbook differs from itself as it was built; None where it does not, "" where nobody can tell."""
    try:
        written = Workbook(built, is_ours=True)
        return elsewhere.told(elsewhere.differences(workbook, written, only_ours=only_ours)) or None
    except NotReadable:
        return ""


def _told(kept: Kept) -> str:
    where = f" ({kept.where})" if kept.where else ""
    return f"Có nội dung gõ ngoài các cột dành cho cán bộ{where}; bản đó được giữ ở tệp {kept.file}."


def _kept_note(name: str, where: str, kept: str) -> str:
    if where:
        message = _("{file} was changed outside of the marked columns ({where}); it is kept as {kept}.")
    else:
        message = _("{file} was changed, and nobody can tell where any more; it is kept as {kept}.")
    return message.format(file=name, where=where, kept=kept)


def _free(folder: Path, begin: str, suffix: str) -> Path:
    number = 1
    while (place := folder / f"{begin}{f', {number}' if number > 1 else ''}){suffix}").exists():
        number += 1
    return place


def _holds(file: Path, content: bytes) -> bool:
    try:
        return file.stat().st_size == len(content) and file.read_bytes() == content
    except OSError:
        return False


def _is_slot(file: Path) -> bool:
    return original(file) != file.name


def _is_same(file: Path, status: os.stat_result) -> bool:
    now = file.stat()
    return (now.st_size, now.st_mtime_ns) == (status.st_size, status.st_mtime_ns)


def _settled(file: Path) -> tuple[bytes, os.stat_result] | None:
    """The bytes of a file that nobody wrote to meanwhile; None where it is gone or being written. Raises OSError."""
    try:
        before = file.stat()
        content = file.read_bytes()
        after = file.stat()
    except FileNotFoundError:
        return None
    is_settled = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    return (content, after) if is_settled and len(content) == after.st_size else None


def _put_new(temporary: Path, place: Path) -> bool:
    """Puts a file where none is; False where there is one, which stays."""
    try:
        os.link(temporary, place)
    except FileExistsError:
        return False
    except OSError:
        # A file system without hard links. Windows refuses to rename to a name that is taken, others do not.
        if place.exists():
            return False
        temporary.rename(place)
    return True
