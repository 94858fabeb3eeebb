"""What passes know of the consolidated workbooks: how each was left, which copies were kept, and each as it was built.

`.baocao/workbooks.json` and `.baocao/built/` are never facts. Where they are lost, workbooks are opened that need not
have been, and copies are kept that need not have been.
"""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sync.decisions.log import RECENT
from sync.workspace import Workspace, places, write_atomically

KEPT_MARKS = ("bản có sửa", "bản không đọc được")
"""What the names of copies say that are kept because somebody typed in them, or because nobody can read them."""
SUFFIXES = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
_BESIDE = re.compile(r" \(mới(?: \d+)?\)$")
_SLOT = re.compile(r"replaced \d{3} (.+)")
_BUILT = 3
"""So many builds of each workbook are remembered as they were."""


class Seen(NamedTuple):
    """How a workbook was left: size in bytes, time, SHA-256."""

    size: int
    mtime_ns: int
    sha256: str


class Kept(NamedTuple):
    """A copy that was kept. file: relative to the workspace. where: the sheets and first cells that differ, "" where
    nobody can tell. at: when, aware."""

    file: str
    period: str
    where: str
    at: datetime


@dataclass
class Memory:
    """All of it for one workspace; `seen` by name of the file in the outputs folder."""

    workspace: Workspace
    seen: dict[str, Seen] = field(default_factory=dict)
    kept: list[Kept] = field(default_factory=list)
    edited: set[str] = field(default_factory=set)
    """The names of workbooks that are to be built again, because somebody typed where nobody reads."""

    @classmethod
    def read(cls, workspace: Workspace) -> Memory:
        """What is remembered; nothing where the file is lost or damaged."""
        try:
            data = json.loads(_file(workspace).read_text(encoding="utf-8"))
            seen = {str(name): Seen(int(size), int(time), str(sha)) for name, (size, time, sha) in data["seen"].items()}
            kept = [Kept(file, period, where, datetime.fromisoformat(at)) for file, period, where, at in data["kept"]]
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return cls(workspace)
        return cls(workspace, seen, kept, set(map(str, data.get("edited", ()))))

    def write(self, now: datetime) -> None:
        """Remembers it; what is long ago or gone is forgotten."""
        there = {file.name for file in self.workbooks()}
        seen = {name: list(each) for name, each in sorted(self.seen.items()) if name in there}
        kept = [(*each[:-1], each.at.isoformat()) for each in self.recent(now)]
        edited = sorted(self.edited & there)
        text = json.dumps({"seen": seen, "kept": kept, "edited": edited}, ensure_ascii=False, indent=1)
        write_atomically(_file(self.workspace), text.encode())

    def recent(self, now: datetime, period: str | None = None) -> list[Kept]:
        """The copies that were kept in the last days, of one period or of all."""
        return [each for each in self.kept if now - RECENT < each.at and period in (None, each.period)]

    def recent_until(self, now: datetime, period: str) -> datetime | None:
        """The moment from which `recent` would have one less, None for never."""
        return min((each.at + RECENT for each in self.recent(now, period)), default=None)

    # Files.

    def workbooks(self) -> Iterator[Path]:
        """The files in the outputs folder that can be consolidated workbooks; kept copies are not."""
        with os.scandir(self.workspace.outputs) as entries:
            names = sorted(entry.name for entry in entries if entry.is_file())
        yield from (self.workspace.outputs / name for name in names if _is_workbook(name))

    def changed(self) -> list[Path]:
        """The workbooks that are not as they were left, without opening any."""
        return [file for file in self.workbooks() if not self.is_as_left(file)]

    def is_as_left(self, file: Path) -> bool:
        """Whether a workbook has the size and the time that it was left with."""
        seen = self.seen.get(file.name)
        try:
            status = file.stat()
        except OSError:
            return True
        return seen is not None and seen[:2] == (status.st_size, status.st_mtime_ns)

    def remember(self, name: str, status: os.stat_result, sha256: str) -> None:
        """The workbook of that name is left as `status` has it, with this content."""
        self.seen[name] = Seen(status.st_size, status.st_mtime_ns, sha256)

    def remember_built(self, name: str, status: os.stat_result, sha256: str) -> None:
        """The workbook of that name was built anew and is left so."""
        self.remember(name, status, sha256)
        self.edited.discard(name)

    def slots(self) -> list[Path]:
        """The files that were taken out of their places and not looked at yet."""
        return sorted(file for file in self.workspace.state.glob("replaced *") if _SLOT.fullmatch(file.name))

    def free_slot(self, name: str) -> Path:
        """Where the file `name` can be moved to out of its place."""
        taken = {file.name.split()[1] for file in self.slots()}
        number = next(each for each in range(1, 1000) if f"{each:03}" not in taken)
        return self.workspace.state / f"replaced {number:03} {name}"

    def keep_built(self, file: Path, run: int | None, content: bytes) -> None:
        """Remembers the workbook `file` as it was built in the pass `run`."""
        folder = self.workspace.state / "built"
        folder.mkdir(exist_ok=True)
        write_atomically(_built(self.workspace, file, run), content)
        for old in self._builds(file)[:-_BUILT]:
            old.unlink(missing_ok=True)

    def builds(self, name: str, run: int | None) -> list[bytes]:
        """The workbook `name` as it was built in the pass `run`; where that is not there, all its builds, the newest
        first."""
        exact = _built(self.workspace, Path(name), run)
        found = [exact] if run is not None and exact.is_file() else reversed(self._builds(Path(name)))
        return [place.read_bytes() for place in found]

    def newest_build(self, name: str) -> bytes | None:
        """The workbook `name` as it was built last; None where that is lost."""
        builds = self._builds(Path(name))
        return builds[-1].read_bytes() if builds else None

    def irreplaceable(self) -> list[Path]:
        """The files in the outputs folder that no pass can make again: kept copies, and what was not read yet."""
        kept = [file for file in sorted(self.workspace.outputs.iterdir()) if file.is_file() and _is_kept(file.name)]
        return [*self.changed(), *kept]

    def newest_run(self, name: str) -> int | None:
        """The pass that built the workbook last, None where that is not known."""
        builds = self._builds(Path(name))
        return int(builds[-1].stem.rpartition("@")[2]) or None if builds else None

    def _builds(self, file: Path) -> list[Path]:
        """Oldest first."""
        stem = main_stem(file.name)
        found = (self.workspace.state / "built").glob("*.xlsx")
        return sorted(each for each in found if each.stem.rpartition("@")[0] == stem)


def original(file: Path) -> str:
    """The name of a file in its place; that of a slot is the name that it had."""
    matched = _SLOT.fullmatch(file.name)
    return matched[1] if matched else file.name


def main_stem(name: str) -> str:
    """The stem of a workbook's name, without the mark of one that was put beside."""
    return _BESIDE.sub("", Path(name).stem)


def beside(path: Path) -> list[Path]:
    """The workbooks that were put beside `path` while it was held open."""
    return [place for place in places(path) if place != path and place.is_file()]


def _built(workspace: Workspace, file: Path, run: int | None) -> Path:
    return workspace.state / "built" / f"{main_stem(file.name)}@{run or 0:09}.xlsx"


def _is_workbook(name: str) -> bool:
    return Path(name).suffix.lower() in SUFFIXES and not name.startswith((".", "~$")) and not _is_kept(name)


def _is_kept(name: str) -> bool:
    return any(f"({mark}" in unicodedata.normalize("NFC", name) for mark in KEPT_MARKS)


def _file(workspace: Workspace) -> Path:
    return workspace.state / "workbooks.json"
