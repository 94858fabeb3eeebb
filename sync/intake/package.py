"""The directory of a zip file, read in one go: `zipfile` takes as long for it as calamine for a whole sheet."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import NamedTuple

_END = struct.Struct("<4s4H2LH")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<26x2H")
_UNKNOWN = 0xFFFFFFFF
_DEFLATED = 8


class Entry(NamedTuple):
    """A member of a zip file: sizes in bytes as the directory states them (it can lie)."""

    name: str
    method: int
    packed: int
    unpacked: int
    offset: int


class PackageError(ValueError):
    """The bytes are no readable zip file."""


def entries(content: bytes) -> list[Entry]:
    """The members of the zip file `content`. Raises PackageError."""
    try:
        return _quick_entries(content)
    except (struct.error, ValueError):
        return _careful_entries(content)


def unpack(content: bytes, entry: Entry, most: int) -> bytes:
    """At most `most` bytes of a member. Raises PackageError."""
    try:
        name, extra = _LOCAL.unpack_from(content, entry.offset)
        start = entry.offset + 30 + name + extra
        packed = memoryview(content)[start : start + entry.packed]
        if entry.method == _DEFLATED:
            return zlib.decompressobj(-15).decompress(packed, most)
        return bytes(packed[:most])
    except (struct.error, zlib.error) as error:
        raise PackageError(str(error)) from error


def _quick_entries(content: bytes) -> list[Entry]:
    """The directory as it usually is. Raises ValueError or struct.error where it is not."""
    end = content.rfind(b"PK\5\6")
    if end < 0:
        raise ValueError("no end of directory")
    _, _, _, _, count, size, start, _ = _END.unpack_from(content, end)
    if start + size != end:
        raise ValueError("the directory is not where it is said to be")
    found = []
    position = start
    for _ in range(count):
        head = _ENTRY.unpack_from(content, position)
        method, packed, unpacked, offset = head[4], head[8], head[9], head[16]
        if head[0] != b"PK\1\2" or _UNKNOWN in (packed, unpacked, offset):
            raise ValueError("an unusual directory")
        name = content[position + 46 : position + 46 + head[10]].decode("utf-8", "replace")
        found.append(Entry(name, method, packed, unpacked, offset))
        position += 46 + head[10] + head[11] + head[12]
    return found


def _careful_entries(content: bytes) -> list[Entry]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return [
                Entry(
                    member.filename, member.compress_type, member.compress_size, member.file_size, member.header_offset
                )
                for member in archive.infolist()
            ]
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, EOFError) as error:
        raise PackageError(str(error)) from error
