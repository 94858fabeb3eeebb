"""The add-in for Excel, `macros/excel/bao-cao.xlam`, as a package of parts: where it is, and its own sheet.

The only sheet has a row for each text and setting: its key in A, its value in B. The macros read it, because sources of
VBA hold no Vietnamese letters, and Excel shows the sheets of an add-in to nobody.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape

NAME = "bao-cao.xlam"
SHEET_PART = "xl/worksheets/sheet1.xml"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_SHEET = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    '<sheetPr codeName="Sheet1"/><sheetData>{rows}</sheetData></worksheet>'
)
_ROW = (
    '<row r="{number}"><c r="A{number}" t="inlineStr"><is><t>{key}</t></is></c>'
    '<c r="B{number}" t="inlineStr"><is><t xml:space="preserve">{value}</t></is></c></row>'
)


def sheet(rows: Mapping[str, str]) -> bytes:
    """The part of the sheet that has `rows`: texts and settings by key, in their order."""
    return _SHEET.format(rows=_written(rows, 1)).encode()


def with_rows(package: bytes, rows: Mapping[str, str]) -> bytes:
    """The add-in with `rows` below those that its sheet has."""
    parts = parts_of(package)
    part = parts[SHEET_PART].decode()
    added = _written(rows, part.count("<row ") + 1)
    return packed({**parts, SHEET_PART: part.replace("</sheetData>", f"{added}</sheetData>").encode()})


def _written(rows: Mapping[str, str], first: int) -> str:
    return "".join(
        _ROW.format(number=number, key=escape(key), value=escape(value))
        for number, (key, value) in enumerate(rows.items(), first)
    )


def parts_of(package: bytes) -> dict[str, bytes]:
    """The parts of an add-in, by name, in their order."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: Mapping[str, bytes]) -> bytes:
    """The add-in that has `parts`. Nothing is compressed, so that the same parts are the same bytes everywhere."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content)
    return buffer.getvalue()
