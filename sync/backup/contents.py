"""What of an office goes into its backup, and what does not."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sync import config, plan
from sync.answers.memory import Memory
from sync.archive import Archive
from sync.backup.manifest import CONFIG, CONTROL, SECRET, TREES, archived_sha256, is_allowed
from sync.office import OpenOffice
from sync.sources.addin import is_submission
from sync.workspace import Workspace

_TRIES = 3


@dataclass(frozen=True)
class Contents:
    """Files by the names of their members, and those that the settings name and that lie elsewhere."""

    files: Mapping[str, Path]
    outside: tuple[str, ...]


def gather(office: OpenOffice, taken_in: Collection[str]) -> Contents:
    """The files of an office that its backup holds beside the ledger and the archive.

    taken_in: the submissions that the ledger in the backup knows; they are built again, as the inbox is. Nobody else
    has the others.
    """
    workspace = office.workspace
    found = {CONFIG: workspace.config_file, CONTROL: workspace.control_file, SECRET: workspace.path / SECRET}
    found |= {f".baocao/{file.name}": file for file in _files(workspace.state, deep=False)}
    for tree in TREES:
        files = _files(workspace.path / tree, deep=True)
        found |= {_inside(workspace, file): file for file in files if not _is_unfinished(file)}
    # Consolidated workbooks are made again from the ledger, but for what somebody typed and no pass has read.
    typed = Memory.read(workspace).irreplaceable()
    found |= {_inside(workspace, file): file for file in typed if not _is_unfinished(file)}
    handed_in = [file for file in _files(workspace.handed_in, deep=False) if is_submission(file.name)]
    found |= {_inside(workspace, file): file for file in handed_in if file.name not in taken_in}
    named = {file: _inside(workspace, file) for file in _named(office)}
    found |= {name: file for file, name in named.items() if name and file.is_file()}
    outside = sorted(str(file) for file, name in named.items() if not name)
    return Contents({name: file for name, file in sorted(found.items()) if is_allowed(name)}, tuple(outside))


def archived(archive: Archive) -> dict[str, tuple[str, Path]]:
    """What the archive keeps: the member's name and the file by SHA-256. Files that are none of it are left out."""
    found: dict[str, tuple[str, Path]] = {}
    for file in _files(archive.folder, deep=True):
        name = f"archive/{file.relative_to(archive.folder).as_posix()}"
        sha256 = archived_sha256(name)
        if sha256 is not None and file.suffix != ".part":
            found.setdefault(sha256, (name, file))
    return found


def settled(file: Path) -> tuple[bytes, int] | None:
    """The bytes of a file and its permissions, read while nobody wrote it; None where it is not there.

    Raises OSError where it cannot be read, or is written to all the time.
    """
    for _attempt in range(_TRIES):
        try:
            before = file.stat()
            content = file.read_bytes()
            after = file.stat()
        except FileNotFoundError:
            return None
        if before.st_mtime_ns == after.st_mtime_ns and before.st_size == after.st_size == len(content):
            return content, after.st_mode & 0o777
    raise OSError(f"{file} changes while it is read")


def _named(office: OpenOffice) -> Iterator[Path]:
    """The files that the settings name: secrets in files of their own, certificates, a plan that does not travel."""
    settings = office.settings
    for *tables, key in config.keys_of(config.Settings):
        if key.endswith("_file"):
            value: object = settings
            for name in (*tables, key):
                value = getattr(value, name)
            if value:
                yield Path(os.path.normpath(office.workspace.path / str(value)))
    if settings.plan not in plan.shipped_plans():
        yield Path(os.path.normpath(settings.plan))


def _inside(workspace: Workspace, file: Path) -> str:
    """The name of the member for a file of the workspace, "" for a file elsewhere."""
    if not file.is_relative_to(workspace.path):
        return ""
    name = file.relative_to(workspace.path).as_posix()
    return name if is_allowed(name) else ""


def _files(folder: Path, *, deep: bool) -> list[Path]:
    return sorted(file for file in (folder.rglob("*") if deep else folder.glob("*")) if file.is_file())


def _is_unfinished(file: Path) -> bool:
    return file.name.startswith((".", "~$")) or file.name.endswith(".tmp")
