"""The file of a seal: a ZIP of one form only, so that any other byte in it shows.

Members are stored as they are, the manifest first, the others by name, all of one date; the comment is the SHA-256 of
the manifest. Whoever has the members can write the same file again, byte for byte, with any version of any library:
that is how a byte that belongs to no member (of a header, of the directory, behind the end) is found.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from pydantic import ValidationError

from sync.i18n import gettext as _
from sync.sealing.manifest import FORMAT, MANIFEST, Manifest, SealError, json_bytes
from sync.zipped import UNREADABLE

UNSOUND = (*UNREADABLE, KeyError)
"""What is raised where a seal is no sound ZIP, or lacks a member."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
_MODE = 0o100644 << 16
_MAX_MANIFEST = 64 << 20
_CHUNK = 1 << 20


class Package:
    """An opened seal whose bytes are those that were sealed, as far as the file itself can tell."""

    def __init__(self, file: Path, archive: zipfile.ZipFile, manifest: Manifest, digest: str) -> None:
        self.file = file
        self.manifest = manifest
        self.digest = digest
        """The SHA-256 of the manifest, and so of all that is sealed."""
        self._zip = archive

    def read(self, name: str) -> bytes:
        """The bytes of a member. Raises SealError where there is none."""
        if name not in self.manifest.members:
            raise SealError(_missing(self.file, name))
        return self._zip.read(name)


def manifest_bytes(manifest: Manifest) -> bytes:
    """manifest.json."""
    return json_bytes(manifest.model_dump(mode="json"))


def packed(manifest: Manifest, members: Mapping[str, bytes]) -> tuple[bytes, str]:
    """The file of a seal, and the SHA-256 of its manifest."""
    with tempfile.TemporaryFile() as stream:
        written = manifest_bytes(manifest)
        _write(stream, written, members, members.__getitem__)
        stream.seek(0)
        return stream.read(), hashlib.sha256(written).hexdigest()


@contextmanager
def opened(file: Path) -> Iterator[Package]:
    """The seal `file`, all of it held against its manifest. Raises SealError, which names everything that differs."""
    try:
        archive = zipfile.ZipFile(file)
    except FileNotFoundError as error:
        raise SealError(_("{file} is missing.").format(file=file)) from error
    except UNSOUND as error:
        raise SealError(_no_seal(file)) from error
    with archive:
        manifest, raw = _manifest(file, archive)
        problems = list(_problems(file, archive, manifest, raw))
        if problems:
            heading = _("{file} is not what was sealed:").format(file=file)
            raise SealError("\n".join([heading, *problems]))
        yield Package(file, archive, manifest, hashlib.sha256(raw).hexdigest())


def _manifest(file: Path, archive: zipfile.ZipFile) -> tuple[Manifest, bytes]:
    try:
        if archive.getinfo(MANIFEST).file_size > _MAX_MANIFEST:
            raise SealError(_no_seal(file))
        raw = archive.read(MANIFEST)
        document: Any = json.loads(raw)
    except UNSOUND as error:
        raise SealError(_no_seal(file)) from error
    if isinstance(document, dict) and isinstance(document.get("format"), int) and document["format"] > FORMAT:
        message = _("{file} was sealed by a newer version of baocao ({version}); install that one, or a later one.")
        raise SealError(message.format(file=file, version=document.get("version")))
    try:
        return Manifest.model_validate_json(raw), raw
    except ValidationError as error:
        raise SealError(_no_seal(file)) from error


def _problems(file: Path, archive: zipfile.ZipFile, manifest: Manifest, raw: bytes) -> Iterator[str]:
    """What is not as it was sealed, in sentences."""
    digest = hashlib.sha256(raw).hexdigest()
    if archive.comment != digest.encode() or raw != manifest_bytes(manifest):
        yield _("{name} was changed.").format(name=MANIFEST)
    listed = [info.filename for info in archive.infolist()]
    expected = _order(manifest.members)
    for name in sorted(set(listed) - set(expected)):
        yield _("{name} does not belong to the seal.").format(name=name)
    for name in sorted(set(expected) - set(listed)):
        yield _missing(file, name)
    broken = [name for name in manifest.members if name in listed and not _is_whole(archive, manifest, name)]
    for name in broken:
        yield _("{name} was changed.").format(name=name)
    # Where the members are whole, what differs lies between or behind them, or one of them is there twice.
    if not broken and set(listed) == set(expected) and not _is_canonical(file, archive, manifest, raw):
        yield _("bytes outside of the files in it were changed, added or cut off.")


def _is_whole(archive: zipfile.ZipFile, manifest: Manifest, name: str) -> bool:
    """Whether a member has the bytes that the manifest says; never reads more than those."""
    member, digest, size = manifest.members[name], hashlib.sha256(), 0
    info = archive.getinfo(name)
    if info.compress_type != zipfile.ZIP_STORED or info.file_size != member.size:
        return False
    try:
        with archive.open(name) as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
    except UNSOUND:
        return False
    return size == member.size and digest.hexdigest() == member.sha256


def _is_canonical(file: Path, archive: zipfile.ZipFile, manifest: Manifest, raw: bytes) -> bool:
    """Whether the file is the one that its members give, byte for byte."""
    with tempfile.TemporaryFile() as again, file.open("rb") as given:
        _write(again, raw, manifest.members, archive.read)
        again.seek(0)
        while True:
            one, other = again.read(_CHUNK), given.read(_CHUNK)
            if one != other:
                return False
            if not one:
                return True


def _write(stream: IO[bytes], manifest: bytes, names: Iterable[str], content_of: Callable[[str], bytes]) -> None:
    with zipfile.ZipFile(stream, "w") as archive:
        archive.comment = hashlib.sha256(manifest).hexdigest().encode()
        for name in _order(names):
            archive.writestr(_info(name), manifest if name == MANIFEST else content_of(name))


def _order(names: Iterable[str]) -> list[str]:
    return [MANIFEST, *sorted(names)]


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_STORED
    info.create_system, info.external_attr = 3, _MODE
    return info


def _no_seal(file: Path) -> str:
    return _("{file} is no seal of baocao, or it is damaged or was cut short.").format(file=file)


def _missing(file: Path, name: str) -> str:
    return _("{name} is missing in {file}.").format(name=name, file=file.name)
