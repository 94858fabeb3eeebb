"""Error cells of an xlsx or an ods, made readable.

calamine gives '' for `#REF!` and its like, so that an error would pass for a blank, and loses the whole sheet over an
error that it does not know, such as `#SPILL!`. Where a sheet has an error cell, the reader reads a copy of the file in
which errors are text.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from sync.intake import package

_MOST = 16 << 20
"""Bytes of a member beyond which it is not searched: no workbook of ours is near."""


class _Format(NamedTuple):
    """Where a format keeps its cells and how an error cell is known there."""

    members: re.Pattern[str]
    signs: tuple[bytes, ...]
    """One of them is in every error cell. A plain search is many times faster than a pattern, and mostly says no."""
    cell: re.Pattern[bytes]
    repaired: Callable[[re.Match[bytes]], bytes]


_FORMATS: Mapping[str, _Format] = {
    "xlsx": _Format(
        re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE),
        (b't="e"', b"t='e'"),
        re.compile(rb"""(<(?:\w+:)?c\b[^<>]*?\st=)(?:"e"|'e')"""),
        lambda cell: cell[1] + b'"str"',
    ),
    # The text of the cell says which error it is; an empty string-value hides it.
    "ods": _Format(
        re.compile(r"content\.xml"),
        (b'calcext:value-type="error"',),
        re.compile(rb'<table:table-cell\b[^<>]*\scalcext:value-type="error"[^<>]*>'),
        lambda cell: cell[0].replace(b' office:string-value=""', b""),
    ),
}


def has_error_cells(content: bytes, kind: str, members: Iterable[package.Entry]) -> bool:
    """Whether any sheet of the workbook `content` has an error cell. What cannot be unpacked or searched has none."""
    known = _FORMATS.get(kind)
    if known is None:
        return False
    sheets = [entry for entry in members if entry.unpacked <= _MOST and known.members.fullmatch(entry.name)]
    try:
        return any(_is_found(known, package.unpack(content, entry, _MOST)) for entry in sheets)
    except package.PackageError:
        return False


def with_errors_as_text(content: bytes, kind: str) -> bytes:
    """A copy of the workbook `content` whose error cells are text. Raises package.PackageError."""
    known, target = _FORMATS[kind], io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w") as copy:
            for member in source.infolist():
                data = source.read(member)
                is_sheet = known.members.fullmatch(member.filename) is not None
                copy.writestr(member.filename, known.cell.sub(known.repaired, data) if is_sheet else data)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, ValueError, EOFError, OSError) as error:
        raise package.PackageError(str(error)) from error
    return target.getvalue()


def _is_found(known: _Format, data: bytes) -> bool:
    return any(sign in data for sign in known.signs) and known.cell.search(data) is not None
