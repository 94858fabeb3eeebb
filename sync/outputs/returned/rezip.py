"""A zip file with some members replaced; everything else stays byte for byte, packed as it was and where it was.

`zipfile` cannot do that: it packs anew, which costs most of the time and changes bytes that nobody asked to change.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from typing import NamedTuple

from sync.intake.package import Entry, PackageError, unpack

_END = struct.Struct("<4s4H2LH")
_HEAD = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_DEFLATED, _STORED = 8, 0
_TELLS_LATER, _ENCRYPTED = 8, 1
_UNKNOWN = 0xFFFFFFFF
_LEVEL = 6


class NotPatchable(ValueError):
    """The file cannot be returned with findings in it; the text says why, for the log."""


class Member(NamedTuple):
    """A member as the directory has it: the fields of its head, then name, extra and comment as they are."""

    head: tuple[int, ...]
    name: bytes
    rest: bytes

    @property
    def offset(self) -> int:
        return self.head[15]

    @property
    def entry(self) -> Entry:
        return Entry(self.name.decode("utf-8", "replace"), self.head[3], self.head[7], self.head[8], self.offset)


class Package:
    """The zip file `content`. Raises NotPatchable where it is no plain one."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        try:
            self._end, self._start, members = _directory(content)
            self._bounds = _bounds(content, members, self._start)
        except struct.error as error:
            raise NotPatchable(str(error)) from error
        self.members = {member.entry.name: member for member in members}
        if len(self.members) != len(members):
            raise NotPatchable("two members of one name")

    def read(self, name: str, most: int) -> bytes:
        """The member `name`, which has at most `most` bytes. Raises NotPatchable."""
        member = self.members.get(name)
        if member is None:
            raise NotPatchable(f"no member {name}")
        if member.head[2] & _ENCRYPTED or member.head[3] not in (_DEFLATED, _STORED):
            raise NotPatchable(f"{name} is packed in an unusual way")
        try:
            data = unpack(self.content, member.entry, most + 1)
        except PackageError as error:
            raise NotPatchable(str(error)) from error
        if len(data) > most:
            raise NotPatchable(f"{name} is too large")
        return data

    def replaced(self, parts: Mapping[str, bytes]) -> bytes:
        """The file with `parts` in place of its members of these names."""
        pieces, directory, moved = [], {}, 0
        # Whatever lies before the first member, usually nothing.
        pieces.append(self.content[: min((start for start, _ in self._bounds.values()), default=self._start)])
        for name, (start, end) in sorted(self._bounds.items(), key=lambda item: item[1]):
            member = self.members[name]
            piece = self.content[start:end]
            head = _moved(member.head, moved)
            if name in parts:
                piece, head = _packed(self.content, member, parts[name], head)
            moved += len(piece) - (end - start)
            pieces.append(piece)
            directory[name] = _HEAD.pack(b"PK\1\2", *head) + member.name + member.rest
        heads = b"".join(directory[name] for name in self.members)
        fields = list(_END.unpack_from(self.content, self._end))
        fields[5], fields[6] = len(heads), self._start + moved
        comment = self.content[self._end + _END.size :]
        return b"".join([*pieces, heads, _END.pack(*fields), comment])


def _directory(content: bytes) -> tuple[int, int, list[Member]]:
    """Where the end record and the directory stand, and the members in the directory's order."""
    end = content.rfind(b"PK\5\6")
    if end < 0:
        raise NotPatchable("no end of the zip directory")
    _, disk, other, here, count, size, start, _ = _END.unpack_from(content, end)
    if start + size != end or here != count or disk or other:
        raise NotPatchable("the zip directory is not where it is said to be")
    members, position = [], start
    for _ in range(count):
        sign, *head = _HEAD.unpack_from(content, position)
        if sign != b"PK\1\2" or _UNKNOWN in (head[7], head[8], head[15]):
            raise NotPatchable("an unusual zip directory")
        name, rest = position + _HEAD.size, position + _HEAD.size + head[9]
        position = rest + head[10] + head[11]
        members.append(Member(tuple(head), content[name:rest], content[rest:position]))
    return end, start, members


def _bounds(content: bytes, members: list[Member], directory: int) -> dict[str, tuple[int, int]]:
    """First and end byte of each member with its local head. Raises NotPatchable where members overlap."""
    starts = sorted(member.offset for member in members)
    if len(set(starts)) < len(starts):
        raise NotPatchable("members of the zip file overlap")
    ends = dict(zip(starts, [*starts[1:], directory], strict=True))
    for member in members:
        sign, *local = _LOCAL.unpack_from(content, member.offset)
        taken = member.offset + _LOCAL.size + local[8] + local[9] + member.head[7]
        if sign != b"PK\3\4" or taken > ends[member.offset]:
            raise NotPatchable("members of the zip file overlap")
    return {member.entry.name: (member.offset, ends[member.offset]) for member in members}


def _moved(head: tuple[int, ...], by: int) -> list[int]:
    return [*head[:15], head[15] + by]


def _packed(content: bytes, member: Member, data: bytes, head: list[int]) -> tuple[bytes, list[int]]:
    """Local head and data of a member that now holds `data`, and its head for the directory; its time stays."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -15)
    packed = packer.compress(data) + packer.flush()
    head[2:4] = head[2] & ~_TELLS_LATER, _DEFLATED
    head[6:9] = zlib.crc32(data), len(packed), len(data)
    needed = max(_LOCAL.unpack_from(content, member.offset)[1], 20)
    local = _LOCAL.pack(b"PK\3\4", needed, *head[2:9], len(member.name), 0)
    return local + member.name + packed, head
