"""Restoring: a backup is verified in full, then put into a new folder; what makes that a workspace comes last."""

from __future__ import annotations

import os
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from sync import config
from sync.archive import Archive, ArchiveProblem
from sync.backup import checking, inbox, package
from sync.backup.manifest import CONFIG, LEDGER, LEDGER_URL, BackupError, Manifest, listed, shown_moment
from sync.backup.package import Package
from sync.errors import MendableError
from sync.i18n import gettext as _
from sync.progress import Progress, silent
from sync.sources import ADDIN, INBOX, Sightings
from sync.workspace import Workspace, is_workspace, write_atomically

_MARKER = ".baocao-restore"
"""Names the backup while a restore is at work; with it, an interrupted restore can be run again."""
_BATCH = 200


@dataclass(frozen=True)
class RestoreResult:
    """What was put in place: contents of receipts, files of the inbox. `made_at` is the backup's moment.

    ledger: the database that the rows went into, without its password; None for the workspace's own file. left: paths
    of the inbox that could not be put back. problems: what the office lacks, in sentences. notes: what to know and do.
    """

    folder: Path
    made_at: datetime
    archived: int
    inbox: int
    ledger: str | None
    left: tuple[str, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...]


def restore(
    file: Path,
    folder: Path,
    *,
    ledger_url: str | None = None,
    progress: Progress = silent,
    environ: Mapping[str, str] | None = None,
) -> RestoreResult:
    """Makes the workspace of the backup `file` again in `folder`, which must be new or empty.

    The ledger goes where the backup's settings say (BAOCAO_LEDGER_URL of `environ`, default: the process's, before
    them), or to `ledger_url`, "" for a file of the workspace; config.toml then says so, a database's address in
    `.baocao/ledger-url`, since it may hold a password. A database must be empty. Everything is verified before
    anything is put in place; a restore that was interrupted can be run again with the same backup. Raises BackupError,
    LedgerError and WorkspaceError.
    """
    workspace = Workspace(folder.absolute())
    given = os.environ if environ is None else environ
    try:
        with package.opened(file) as opened, tempfile.TemporaryDirectory(prefix="baocao-") as scratch:
            return _restore(file, opened, workspace, _Wish(ledger_url, given), Path(scratch), progress)
    except OSError as error:
        message = _("{folder} cannot be written: {reason}")
        place = error.filename or workspace.path
        raise BackupError(message.format(folder=place, reason=error.strerror or error)) from error


@dataclass(frozen=True)
class _Wish:
    """Where the ledger is wanted, and the environment, which may want it elsewhere."""

    url: str | None
    environ: Mapping[str, str]


def _restore(
    file: Path, opened: Package, workspace: Workspace, wish: _Wish, scratch: Path, progress: Progress
) -> RestoreResult:
    from sync.backup import rows
    from sync.ledger import Ledger

    again = _refuse_folder(workspace.path, opened.identity)
    found = checking.problems(file, opened, scratch, progress)
    if found:
        raise BackupError(listed(_("{file} is damaged; nothing was restored:").format(file=file), found))
    url = _ledger_url(opened, workspace.path, wish)
    ledger = scratch / LEDGER
    with Ledger.open(ledger) as source:  # this migrates it
        sightings, handed_in = source.sightings(INBOX), source.sightings(ADDIN)
    rows.make_whole(ledger)
    _refuse_database(url, ledger, again)
    _begin(workspace, opened, sightings | handed_in)
    with workspace.lock():
        _put_archive(opened, workspace, progress)
        if url:
            if rows.is_empty(url):
                rows.carry(ledger, url)
        else:
            _put_ledger(ledger, workspace)
        left = inbox.rebuild(workspace.inbox, sightings, Archive(workspace.archive), progress)
        inbox.rebuild(workspace.handed_in, handed_in, Archive(workspace.archive), progress)
        _put_files(opened, workspace, wish.url)
    (workspace.path / _MARKER).unlink()
    problems = _problems(opened.manifest, workspace, left, wish.environ)
    return _result(opened.manifest, workspace, url, len(sightings) - len(left), left, problems)


# Before anything is put in place


def _refuse_folder(folder: Path, identity: str) -> bool:
    """Whether the folder holds an interrupted restore of this backup. Raises BackupError unless it is new or empty."""
    if is_workspace(folder):
        raise BackupError(_("{folder} is a workspace already; restore into a new folder.").format(folder=folder))
    if not folder.exists():
        return False
    if not folder.is_dir():
        raise BackupError(_("{file} is no folder.").format(file=folder))
    marker = folder / _MARKER
    if marker.is_file():
        if marker.read_text(encoding="ascii", errors="replace") == identity:
            return True
        message = _("{folder} holds an interrupted restore of another backup; restore into a new folder.")
        raise BackupError(message.format(folder=folder))
    if any(each.name != f".{_MARKER}.tmp" for each in folder.iterdir()):
        raise BackupError(_("{folder} is not empty; restore into a new folder.").format(folder=folder))
    return False


def _ledger_url(opened: Package, folder: Path, wish: _Wish) -> str:
    """The address of the database that the ledger goes into, "" for a file of the workspace. Raises BackupError."""
    ambient = wish.environ.get("BAOCAO_LEDGER_URL")
    if wish.url is not None:
        if ambient is not None and ambient != wish.url:
            raise BackupError(_("BAOCAO_LEDGER_URL names another ledger than the one asked for; unset it."))
        return wish.url
    if ambient is not None:
        return ambient
    table = _ledger_table(opened)
    named = str(table.get("url_file", "")).strip()
    if not named:
        return str(table.get("url", ""))
    if named in opened.manifest.members:
        return opened.read(named).decode("utf-8-sig").strip()
    try:
        return (folder / named).read_text(encoding="utf-8-sig").strip()
    except OSError as error:
        message = _(
            "The settings in the backup say that the address of the ledger is in {file}, which cannot be read; "
            "put it there, or say with --ledger-url where the ledger shall be."
        )
        raise BackupError(message.format(file=folder / named)) from error


def _ledger_table(opened: Package) -> dict[str, Any]:
    try:
        settings = tomllib.loads(opened.read(CONFIG).decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BackupError(_("The settings in the backup are no TOML: {reason}").format(reason=error)) from error
    table = settings.get("ledger", {})
    return table if isinstance(table, dict) else {}


def _refuse_database(url: str, ledger: Path, again: bool) -> None:
    """Raises BackupError unless the database is empty, or an interrupted restore has put these very rows there."""
    from sync.backup import rows

    if url and not rows.is_empty(url) and not (again and rows.are_equal(ledger, url)):
        message = _("The database {ledger} has a ledger already; restore into an empty one.")
        raise BackupError(message.format(ledger=rows.shown_url(url)))


def _begin(workspace: Workspace, opened: Package, sightings: Sightings) -> None:
    workspace.path.mkdir(parents=True, exist_ok=True)
    needed = opened.manifest.bytes_in_all + sum(size for size, _time, _sha256 in sightings.values())
    checking.refuse_without_room(workspace.path, needed)
    write_atomically(workspace.path / _MARKER, opened.identity.encode())
    workspace.state.mkdir(exist_ok=True)


# Into place


def _put_archive(opened: Package, workspace: Workspace, progress: Progress) -> None:
    names = sorted(opened.manifest.archived.values())
    archive = Archive(workspace.archive)
    for start in range(0, len(names), _BATCH):
        with archive.batch() as batch:
            for name in names[start : start + _BATCH]:
                batch.put(opened.read(name), PurePosixPath(name).suffix)
        progress(_("Copying"), min(start + _BATCH, len(names)), len(names))


def _put_ledger(ledger: Path, workspace: Workspace) -> None:
    unfinished = workspace.ledger_file.with_name(f".{LEDGER}.tmp")
    with ledger.open("rb") as source, unfinished.open("wb") as target:
        while chunk := source.read(1 << 20):
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
    unfinished.replace(workspace.ledger_file)


def _put_files(opened: Package, workspace: Workspace, ledger_url: str | None) -> None:
    """The files that have their own names; config.toml, which makes the folder a workspace, comes last."""
    if ledger_url:
        _private(workspace.path / LEDGER_URL, ledger_url.encode(), 0o600)
    for name in opened.manifest.files:
        if name == LEDGER_URL and ledger_url is not None:
            continue
        content = opened.read(name)
        if name == CONFIG:
            if ledger_url is not None:
                content = _with_ledger(content, ledger_url)
            if hasattr(os, "sync"):
                os.sync()  # what makes it a workspace must not be on the disk before the rest is
        _private(workspace.path / name, content, opened.manifest.members[name].mode)


def _private(file: Path, content: bytes, mode: int) -> None:
    """Puts a file in place that nobody could read meanwhile whom `mode` does not allow to."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f".{file.name}.tmp")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    unfinished.chmod(0o600 | (mode & 0o666))
    unfinished.replace(file)


def _with_ledger(content: bytes, url: str) -> bytes:
    """The settings with another ledger: its address in a file of its own, or none."""
    import tomlkit

    document = tomlkit.parse(content.decode("utf-8-sig"))
    table: Any = document.setdefault("ledger", tomlkit.table())
    table["url"] = ""
    table["url_file"] = LEDGER_URL if url else ""
    return tomlkit.dumps(document).encode()


def _problems(manifest: Manifest, workspace: Workspace, left: list[str], environ: Mapping[str, str]) -> list[str]:
    """What the restored office lacks."""
    problems = [str(ArchiveProblem("missing", sha256)) for sha256 in sorted(manifest.lost)]
    problems += [_("Not put back into the inbox: {path}").format(path=path) for path in left]
    try:
        config.load(workspace.path, environ)
    except MendableError as error:
        problems.append(str(error))
    return problems


def _result(
    manifest: Manifest, workspace: Workspace, url: str, inside: int, left: list[str], problems: list[str]
) -> RestoreResult:
    from sync.backup import rows

    after = _("What was received or sent after {moment} is not known here: a letter may go out once more.")
    notes = [after.format(moment=shown_moment(manifest.made_at))]
    notes += [_("Not in the backup, keep it yourself: {file}").format(file=file) for file in manifest.outside]
    return RestoreResult(
        folder=workspace.path,
        made_at=manifest.made_at,
        archived=len(manifest.archived),
        inbox=inside,
        ledger=rows.shown_url(url) if url else None,
        left=tuple(left),
        problems=tuple(problems),
        notes=tuple(notes),
    )
