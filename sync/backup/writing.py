"""Writing a backup: everything into one ZIP beside the target, read back, then put in its place."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import sync
from sync.archive import Archive, ArchiveProblem
from sync.backup import checking, contents, package
from sync.backup.contents import Contents
from sync.backup.manifest import (
    CONTROL,
    LEDGER,
    MANIFEST,
    TREES,
    BackupBusy,
    BackupError,
    Manifest,
    Member,
    archived_sha256,
    listed,
)
from sync.i18n import gettext as _
from sync.office import OpenOffice
from sync.progress import Progress, silent
from sync.workspace import Workspace, WorkspaceBusy

_PRIVATE = 0o600
_PACKED = (".xlsx", ".xlsm", ".xlsb", ".ods", ".docx", ".zip", ".gz", ".png", ".jpg", ".jpeg", ".pdf")
"""Files that are compressed already."""


@dataclass(frozen=True)
class BackupResult:
    """What was written: bytes of the file, contents of receipts, rows of the ledger by table.

    problems: what the office itself lacked, in sentences. notes: what the reader should know.
    """

    file: Path
    size: int
    archived: int
    rows: Mapping[str, int]
    problems: tuple[str, ...]
    notes: tuple[str, ...]


def backup(office: OpenOffice, file: Path, progress: Progress = silent, *, overwrite: bool = False) -> BackupResult:
    """Writes a backup of `office` to `file`, readable for its owner only, and reads it back before it is in its place.

    Passes may work meanwhile: the ledger is that of one moment, and archived files are never changed. A backup that is
    there already is replaced, unless the office has lost something since; `overwrite` replaces whatever is there. The
    backup holds the workspace's secret: it is as private as the workspace. Raises BackupError, BackupBusy, LedgerError
    and WorkspaceError; whatever is raised, `file` is as it was.
    """
    target = file.absolute()
    _refuse_place(office.workspace, target, overwrite)
    office.workspace.secret()
    temporary = target.with_name(f".{target.name}.tmp")
    try:
        with _alone(office.workspace), _scratch(office.workspace) as scratch, _removed(temporary):
            written = _write(office, temporary, scratch, progress)
            _verify(temporary, scratch, progress)
            result = _result(office, written, target, temporary.stat().st_size)
            if result.problems and target.exists() and not overwrite:
                raise BackupError(listed(_kept(target), result.problems))
            _put_in_place(temporary, target)
            return result
    except OSError as error:
        message = _("The backup {file} cannot be written: {reason}")
        raise BackupError(message.format(file=target, reason=error.strerror or error)) from error


def _refuse_place(workspace: Workspace, target: Path, overwrite: bool) -> None:
    if not target.parent.is_dir():
        raise BackupError(_("{folder} is no folder; make it first.").format(folder=target.parent))
    real = target.resolve()
    for folder in (workspace.state, workspace.inbox, *(workspace.path / tree for tree in TREES)):
        if real.is_relative_to(folder.resolve()):
            message = _("{file} lies in {folder}, which is for other files; choose a place outside the workspace.")
            raise BackupError(message.format(file=target, folder=folder))
    if target.is_dir():
        raise BackupError(_("{file} is a folder; give the name of a file.").format(file=target))
    if target.exists() and not overwrite and not package.is_backup(target):
        raise BackupError(_("{file} is there and is no backup; give another name, or --overwrite.").format(file=target))


@contextmanager
def _alone(workspace: Workspace) -> Iterator[None]:
    """One backup of a workspace at a time; passes are not held up."""
    with ExitStack() as held:
        try:
            held.enter_context(workspace.lock("backup"))
        except WorkspaceBusy:
            raise BackupBusy(_("Another backup of {folder} is being made.").format(folder=workspace.path)) from None
        yield


@contextmanager
def _scratch(workspace: Workspace) -> Iterator[Path]:
    """A private folder that lasts no longer than the block, or than the next backup where this one is killed."""
    folder = workspace.state / "backup.tmp"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _removed(temporary: Path) -> Iterator[None]:
    try:
        yield
    finally:
        temporary.unlink(missing_ok=True)


@dataclass
class _Written:
    """What the manifest will say, gathered while the members are written."""

    zip: zipfile.ZipFile
    rows: Mapping[str, int]
    members: dict[str, Member] = field(default_factory=dict)
    too_large: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    damaged: set[str] = field(default_factory=set)
    """Those of `lost` whose files are there, with other bytes."""
    outside: tuple[str, ...] = ()

    @property
    def archived(self) -> set[str]:
        return {sha256 for sha256 in map(archived_sha256, self.members) if sha256}

    def put(self, name: str, content: bytes, mode: int = _PRIVATE) -> None:
        self.members[name] = Member(size=len(content), sha256=hashlib.sha256(content).hexdigest(), mode=mode)
        self.zip.writestr(_info(name), content)

    def put_file(self, name: str, file: Path) -> None:
        """For a file that may be too large for the memory."""
        with file.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
            stream.seek(0)
            with self.zip.open(_info(name), "w", force_zip64=True) as member:
                shutil.copyfileobj(stream, member, 1 << 20)
        self.members[name] = Member(size=file.stat().st_size, sha256=sha256, mode=_PRIVATE)


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_STORED if name.endswith(_PACKED) else zipfile.ZIP_DEFLATED
    info.external_attr = (0o100000 | _PRIVATE) << 16
    return info


def _write(office: OpenOffice, temporary: Path, scratch: Path, progress: Progress) -> _Written:
    from sync.backup import rows

    progress(_("Copying the ledger"), 0, 1)
    rows.snapshot(office.ledger_url, scratch / LEDGER)
    progress(_("Copying the ledger"), 1, 1)
    with closing(sqlite3.connect(scratch / LEDGER)) as ledger:
        ledger_at, counts, sizes = checking.ledger_at(ledger), checking.counts(ledger), checking.sizes(ledger)
        taken_in = checking.taken_in(ledger)
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), _PRIVATE)
    with os.fdopen(descriptor, "w+b") as stream:
        with zipfile.ZipFile(stream, "w") as archive:
            written = _Written(archive, counts)
            written.put_file(LEDGER, scratch / LEDGER)
            # After the ledger: what it speaks of was archived before.
            _put_archive(office, written, sizes, progress)
            _put_files(written, contents.gather(office, taken_in))
            archive.writestr(_info(MANIFEST), _manifest(office, written, ledger_at))
        stream.flush()
        os.fsync(stream.fileno())
    return written


def _put_archive(office: OpenOffice, written: _Written, sizes: Mapping[str, int], progress: Progress) -> None:
    kept = contents.archived(Archive(office.workspace.archive))
    for number, (sha256, (name, file)) in enumerate(kept.items(), 1):
        content = _sound(file, sha256)
        if content is not None:
            written.put(name, content)
        progress(_("Copying"), number, len(kept))
    missing = sizes.keys() - written.archived
    written.too_large = {each for each in missing - kept.keys() if sizes[each] > office.limits.max_bytes}
    written.lost = missing - written.too_large
    written.damaged = written.lost & kept.keys()


def _sound(file: Path, sha256: str) -> bytes | None:
    """The archived content `sha256`; None where its file is damaged: that costs one receipt and not the backup."""
    try:
        content = file.read_bytes()
    except OSError:
        return None
    return content if hashlib.sha256(content).hexdigest() == sha256 else None


def _put_files(written: _Written, gathered: Contents) -> None:
    for name, file in gathered.files.items():
        read = contents.settled(file)
        if read is not None:
            written.put(name, *read)
    written.outside = gathered.outside


def _manifest(office: OpenOffice, written: _Written, ledger_at: str) -> bytes:
    manifest = Manifest(
        version=sync.__version__,
        ledger_at=ledger_at,
        made_at=office.now,
        rows=dict(written.rows),
        members=written.members,
        too_large=frozenset(written.too_large),
        lost=frozenset(written.lost),
        outside=written.outside,
    )
    return manifest.model_dump_json(indent=1).encode()


def _verify(temporary: Path, scratch: Path, progress: Progress) -> None:
    with package.opened(temporary) as opened:
        found = checking.problems(temporary, opened, scratch, progress)
    if found:
        raise BackupError(listed(_("The backup that was just written cannot be read back; try another disk:"), found))


def _result(office: OpenOffice, written: _Written, target: Path, size: int) -> BackupResult:
    lost = [
        str(ArchiveProblem("changed" if sha256 in written.damaged else "missing", sha256))
        for sha256 in sorted(written.lost)
    ]
    control = [] if CONTROL in written.members else [_("{file} is missing.").format(file=office.workspace.control_file)]
    notes = [_("The backup is as private as the workspace: it holds the secret that seals the workbooks.")]
    notes += [_("Not in the backup, keep it yourself: {file}").format(file=file) for file in written.outside]
    return BackupResult(target, size, len(written.archived), written.rows, (*control, *lost), tuple(notes))


def _kept(target: Path) -> str:
    return _(
        "The office lacks something that an earlier backup may have; {file} was kept. Give another name, --overwrite, "
        "or put back what is missing:"
    ).format(file=target)


def _put_in_place(temporary: Path, target: Path) -> None:
    temporary.replace(target)
    if os.name == "posix":  # Windows opens no folders; its file system journals their entries
        descriptor = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
