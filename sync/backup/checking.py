"""Whether a backup is whole: every member's bytes, the ledger as a database, and the ledger against the archive."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from sync.backup import package
from sync.backup.manifest import CONFIG, LEDGER, BackupError, Manifest
from sync.backup.package import Package
from sync.i18n import gettext as _
from sync.progress import Progress, silent
from sync.sources import ADDIN

_SPARE = 64 << 20
"""Bytes that must stay free on a disk."""


def verify(file: Path, progress: Progress = silent) -> list[str]:
    """Reads the backup `file` in full; what is wrong with it, in sentences. Nothing is written but a temporary file.

    The temporary copy of the ledger lies in the system's folder for such files, readable for nobody else.
    """
    try:
        with package.opened(file) as opened, tempfile.TemporaryDirectory(prefix="baocao-") as scratch:
            return problems(file, opened, Path(scratch), progress)
    except BackupError as error:
        return str(error).split("\n")
    except OSError as error:
        return [_("{place} cannot be read: {reason}").format(place=file, reason=error.strerror or error)]


def problems(file: Path, opened: Package, scratch: Path, progress: Progress = silent) -> list[str]:
    """What is wrong with an opened backup; its ledger stays unpacked in the folder `scratch`.

    Raises BackupError where it was made by a newer version or there is no room for the ledger, and OSError.
    """
    manifest = opened.manifest
    needed = [name for name in (CONFIG, LEDGER) if name not in manifest.members]
    if needed:
        return [_("The member {name} is missing.").format(name=name) for name in needed]
    if not _is_known(manifest.ledger_at):
        raise BackupError(package.newer(file, manifest.version))
    refuse_without_room(scratch, manifest.members[LEDGER].size)
    found = _unpacked(opened, scratch / LEDGER, progress)
    return found or _ledger_problems(scratch / LEDGER, manifest)


def refuse_without_room(folder: Path, size: int) -> None:
    """Raises BackupError where the disk of `folder` has no room for `size` bytes."""
    free = shutil.disk_usage(folder).free - _SPARE
    if size > free:
        message = _("{folder} has room for {free} MB, and {size} MB are needed; make room or use another disk.")
        raise BackupError(message.format(folder=folder, free=max(free, 0) >> 20, size=(size >> 20) + 1))


def _unpacked(opened: Package, ledger: Path, progress: Progress) -> list[str]:
    """Reads every member, and unpacks the ledger; what is damaged."""
    found: list[str] = []
    names = sorted(opened.manifest.members)
    for number, name in enumerate(names, 1):
        try:
            if name == LEDGER:
                opened.unpack(name, ledger)
            else:
                for _chunk in opened.chunks(name):
                    pass
        except BackupError as error:
            found.append(str(error))
        progress(_("Verifying"), number, len(names))
    return found


def _is_known(ledger_at: str) -> bool:
    """Whether this version has the migration `ledger_at`."""
    from sync.ledger.schema import HEAD

    if ledger_at == HEAD:
        return True
    from alembic.script import ScriptDirectory

    from sync.ledger.engine import alembic_config

    return ledger_at in {each.revision for each in ScriptDirectory.from_config(alembic_config()).walk_revisions()}


def _ledger_problems(ledger: Path, manifest: Manifest) -> list[str]:
    try:
        # Not to be written to, and nothing that its schema says is trusted.
        with closing(sqlite3.connect(f"{ledger.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            connection.execute("PRAGMA trusted_schema = OFF")
            reasons = [*_faults_of_database(connection), *_faults_of_content(connection, manifest)]
    except (sqlite3.Error, ValueError, TypeError) as error:
        reasons = [str(error)]
    return [_("The ledger in it is damaged: {reason}").format(reason=reason) for reason in reasons]


def _faults_of_database(connection: sqlite3.Connection) -> list[str]:
    said = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(10)")]
    faults = [] if said == ["ok"] else said
    faults += [f"{table} → {parent}" for table, _row, parent, _key in connection.execute("PRAGMA foreign_key_check")]
    foreign = connection.execute("SELECT type, name FROM sqlite_master WHERE type IN ('trigger', 'view')")
    return faults + [f"{kind} {name}" for kind, name in foreign]


def _faults_of_content(connection: sqlite3.Connection, manifest: Manifest) -> list[str]:
    """Where the ledger is not the one that the manifest speaks of, or contents of receipts are missing."""
    faults: list[str] = []
    if ledger_at(connection) != manifest.ledger_at:
        faults.append(f"alembic_version {ledger_at(connection)}")
    if counts(connection) != manifest.rows:
        faults.append(_("it has another number of rows than when it was saved"))
    expected = set(sizes(connection)) - manifest.too_large - manifest.lost
    missing = expected - manifest.archived.keys()
    return faults + [
        _("the file of the receipt {sha256} is not in the backup").format(sha256=each) for each in sorted(missing)
    ]


def ledger_at(connection: sqlite3.Connection) -> str:
    """The migration that a SQLite ledger is at."""
    return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """Rows of a SQLite ledger by table."""
    tables = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"
    )
    names = sorted(name for (name,) in tables)
    quoted = {name: name.replace('"', '""') for name in names}
    return {name: connection.execute(f'SELECT COUNT(*) FROM "{quoted[name]}"').fetchone()[0] for name in names}  # noqa: S608  # the name is the database's own


def taken_in(connection: sqlite3.Connection) -> set[str]:
    """The submissions from open workbooks that a pass has taken in, by their names."""
    return {path for (path,) in connection.execute("SELECT path FROM sighting WHERE source = ?", (ADDIN,))}


def sizes(connection: sqlite3.Connection) -> Mapping[str, int]:
    """The size of every receipt's content (bytes) by SHA-256."""
    return dict(connection.execute("SELECT sha256, size FROM receipt"))
