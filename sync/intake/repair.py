"""Error cells of an xlsx, made readable.

calamine gives '' for `#REF!` and its like, so that an error would pass for a blank, and loses the whole sheet over an
error that it does not know, such as `#SPILL!`. Where a sheet has an error cell, the reader reads a copy of the file in
which errors are text.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable

from sync.intake import package

_ERROR_CELL = re.compile(rb"""(<(?:\w+:)?c\b[^<>]*?\st=)(?:"e"|'e')""")
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_MOST = 16 << 20
"""Bytes of a sheet beyond which it is not searched: no workbook of ours is near."""


def has_error_cells(content: bytes, members: Iterable[package.Entry]) -> bool:
    """Whether any sheet of the xlsx `content` has an error cell. Sheets that cannot be unpacked have none."""
    try:
        return any(_searched(content, member) for member in members if _is_sheet(member))
    except package.PackageError:
        return False


def with_errors_as_text(content: bytes) -> bytes:
    """A copy of the xlsx `content` whose error cells are text. Raises PackageError."""
    target = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w") as copy:
            for member in source.infolist():
                data = source.read(member)
                copy.writestr(member.filename, _patched(data) if _SHEET.fullmatch(member.filename) else data)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError, OSError) as error:
        raise package.PackageError(str(error)) from error
    return target.getvalue()


def _is_sheet(member: package.Entry) -> bool:
    return member.unpacked <= _MOST and _SHEET.fullmatch(member.name) is not None


def _searched(content: bytes, member: package.Entry) -> bool:
    data = package.unpack(content, member, _MOST)
    # The plain search is many times faster than the pattern, and nearly always says no.
    return (b't="e"' in data or b"t='e'" in data) and _ERROR_CELL.search(data) is not None


def _patched(data: bytes) -> bytes:
    return _ERROR_CELL.sub(rb'\1"str"', data)
