"""A backup file opened for reading. Nothing in it is believed: all of it is held against the manifest."""

from __future__ import annotations

import hashlib
import json
import stat
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sync.backup.manifest import FORMAT, LEDGER, MANIFEST, BackupError, Manifest, archived_sha256, is_allowed, listed
from sync.i18n import gettext as _
from sync.zipped import UNREADABLE

_CHUNK = 1 << 20
_MAX_MANIFEST = 256 << 20
_MAX_MEMBER = 1000 << 20
"""Bytes of a member that is held in memory: the most that `max_file_mb` can be."""


class Package:
    """The members of one backup. `identity` is the SHA-256 of its manifest, and so of all it holds."""

    def __init__(self, archive: zipfile.ZipFile, manifest: Manifest, identity: str) -> None:
        self._zip = archive
        self.manifest = manifest
        self.identity = identity

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of a member, never more than the manifest says. Raises BackupError where they are not its bytes."""
        member, digest = self.manifest.members[name], hashlib.sha256()
        left = member.size
        try:
            with self._zip.open(name) as stream:
                while chunk := stream.read(min(_CHUNK, left + 1)):
                    left -= len(chunk)
                    if left < 0:
                        break
                    digest.update(chunk)
                    yield chunk
        except UNREADABLE as error:
            raise BackupError(_damaged(name)) from error
        if left or digest.hexdigest() != member.sha256:
            raise BackupError(_damaged(name))

    def read(self, name: str) -> bytes:
        """A small member. Raises BackupError."""
        return b"".join(self.chunks(name))

    def unpack(self, name: str, file: Path) -> None:
        """Writes a member to `file`. Raises BackupError, and OSError where it cannot be written."""
        with file.open("wb") as stream:
            for chunk in self.chunks(name):
                stream.write(chunk)


@contextmanager
def opened(file: Path) -> Iterator[Package]:
    """The backup `file`, its list of members held against its manifest; contents are read by whoever asks for them.

    Raises BackupError where it is no backup, of a newer format, cut short, or not as the manifest says.
    """
    try:
        archive = zipfile.ZipFile(file)
    except FileNotFoundError as error:
        raise BackupError(_("{file} is missing.").format(file=file)) from error
    except UNREADABLE as error:
        raise BackupError(_no_backup(file)) from error
    with archive:
        package = _package(file, archive)
        problems = _problems(archive, package.manifest, file.stat().st_size)
        if problems:
            raise BackupError(listed(_("{file} is damaged, or somebody changed it:").format(file=file), problems))
        yield package


def is_backup(file: Path) -> bool:
    """Whether `file` looks like a backup, sound or not, of whatever version."""
    try:
        with zipfile.ZipFile(file) as archive:
            return bool(_raw(archive).get("kind") == "baocao-backup")
    except (*UNREADABLE, KeyError, AttributeError):
        return False


def _package(file: Path, archive: zipfile.ZipFile) -> Package:
    try:
        raw = _raw(archive)
    except (*UNREADABLE, KeyError) as error:
        raise BackupError(_no_backup(file)) from error
    if not isinstance(raw, dict) or raw.get("kind") != "baocao-backup":
        raise BackupError(_no_backup(file))
    if isinstance(raw.get("format"), int) and raw["format"] > FORMAT:
        raise BackupError(newer(file, str(raw.get("version"))))
    try:
        manifest = Manifest.model_validate(raw)
    except ValidationError as error:
        raise BackupError(_no_backup(file)) from error
    return Package(archive, manifest, hashlib.sha256(json.dumps(raw, sort_keys=True).encode()).hexdigest())


def _raw(archive: zipfile.ZipFile) -> Any:
    if archive.getinfo(MANIFEST).file_size > _MAX_MANIFEST:
        raise ValueError("the manifest is too large")
    return json.loads(archive.read(MANIFEST))


def newer(file: Path, version: str) -> str:
    """What is said of a backup that this version does not understand."""
    message = _("{file} was made by a newer version of baocao ({version}); install that one, or a later one.")
    return message.format(file=file, version=version)


def _no_backup(file: Path) -> str:
    return _("{file} is no backup of baocao, or it is damaged or was cut short; use another one.").format(file=file)


def _damaged(name: str) -> str:
    return _("The member {name} is damaged: its content is not what was saved.").format(name=name)


def _problems(archive: zipfile.ZipFile, manifest: Manifest, size: int) -> list[str]:
    """What is wrong with the list of members, before any of them is unpacked."""
    infos = archive.infolist()
    names = [info.filename for info in infos if info.filename != MANIFEST]
    counted = Counter(info.filename for info in infos)
    strange = {info.filename for info in infos if not _is_plain(info) or counted[info.filename] > 1}
    strange |= {name for name in (*names, *manifest.members) if not _is_named_well(name, manifest)}
    sizes = {info.filename: info.file_size for info in infos}
    missing = {name for name in manifest.members if name not in sizes}
    other = {name for name in manifest.members if sizes.get(name, -1) != manifest.members[name].size} - missing
    problems = [_("The member {name} does not belong in a backup.").format(name=name) for name in sorted(strange)]
    problems += [_("The member {name} is missing.").format(name=name) for name in sorted(missing - strange)]
    problems += [_damaged(name) for name in sorted(other - strange)]
    # Members that share their bytes are how a small file unpacks into a very large one.
    if sum(info.compress_size for info in infos) > size:
        problems.append(_("Its members overlap."))
    return problems


def _is_plain(info: zipfile.ZipInfo) -> bool:
    """Whether it is a file, no folder, no link, and packed as we do."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    packed = info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    return packed and not info.is_dir() and kind in (0, stat.S_IFREG)


def _is_named_well(name: str, manifest: Manifest) -> bool:
    if name not in manifest.members or not is_allowed(name):
        return False
    if name != LEDGER and manifest.members[name].size > _MAX_MEMBER:
        return False
    return archived_sha256(name) in (None, manifest.members[name].sha256)
