"""A consolidated workbook as a pass built it: what is to be entered into each cell, read from the parts of the file.

Only our own files are read here, so no more of the format is known than XlsxWriter writes.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

from sync.outputs.returned import book
from sync.outputs.returned.words import position

if TYPE_CHECKING:
    from lxml import etree

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_MERGED = re.compile(rb'<mergeCell ref="([A-Z0-9:]+)"')
_TABLE = re.compile(rb' displayName="([^"]+)" ref="([A-Z0-9:]+)"')
_FILTERED = re.compile(rb'</sheetData>.*<autoFilter ref="([A-Z0-9:]+)"')
_GENERAL = "General"
_KNOWN_FORMATS = {1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 14: "dd/mm/yyyy"}


class Formula(str):
    """A formula, with the sign that it begins with."""

    __slots__ = ()


Entry = str | float | bool | None
"""What is entered into a cell: a text, a number (days are serial numbers), a Formula, None for nothing."""


class Sheet:
    """One sheet. rows: every cell from A1 to the last one that holds anything, in rows of one length.

    formats: number formats by column (zero-based) for each row, General ones left out. merged, filtered, table: ranges
    in A1 notation; filtered and table are None where there is none, table has its name first.
    """

    def __init__(self, name: str, part: bytes, texts: Sequence[str], looks: Sequence[str], table: bytes | None) -> None:
        self.name = name
        self.rows: list[list[Entry]] = []
        self.formats: list[dict[int, str]] = []
        self.merged = frozenset(each.decode() for each in _MERGED.findall(part))
        self.filtered = each[1].decode() if (each := _FILTERED.search(part)) else None
        found = _TABLE.search(table or b"")
        self.table = (found[1].decode(), found[2].decode()) if found else None
        self._fill(part, texts, looks)

    def _fill(self, part: bytes, texts: Sequence[str], looks: Sequence[str]) -> None:
        width = 0
        for cell in _cells(part):
            place = cell.get("r", "")
            letters = place.rstrip("0123456789")
            row, column = int(place[len(letters) :]), _column(letters)
            entry, look = _entry(cell, texts), looks[int(cell.get("s", "0"))]
            while len(self.rows) < row:
                self.rows.append([])
                self.formats.append({})
            if look != _GENERAL:
                self.formats[row - 1][column - 1] = look
            if entry is not None:
                line = self.rows[row - 1]
                line.extend([None] * (column - len(line)))
                line[column - 1] = entry
                width = max(width, column)
        while self.rows and not self.rows[-1]:
            self.rows.pop()
            self.formats.pop()
        for line in self.rows:
            line.extend([None] * (width - len(line)))


@dataclass(frozen=True)
class BuiltBook:
    """The workbook `content`. Sheets are read one at a time, so that no more than one is in memory as rows."""

    content: bytes

    @cached_property
    def _zip(self) -> zipfile.ZipFile:
        return zipfile.ZipFile(io.BytesIO(self.content))

    @cached_property
    def _parts(self) -> Mapping[str, str]:
        return book.sheets(self._zip.read(book.WORKBOOK), self._zip.read(book.RELATIONS))

    @property
    def names(self) -> list[str]:
        """The sheets in their order, hidden ones too."""
        return list(self._parts)

    @cached_property
    def ranges(self) -> Mapping[str, str]:
        """The named ranges that formulas count over, each with its place as a formula has it: ='Sheet'!$A$1:$A$9."""
        found = book.parse(self._zip.read(book.WORKBOOK)).iterfind("{*}definedNames/{*}definedName")
        named = ((each.get("name", ""), f"={each.text}") for each in found)
        return {name: place for name, place in named if not name.startswith("_xlnm.")}

    def sheet(self, name: str) -> Sheet:
        """The sheet of this name."""
        part = self._parts[name]
        return Sheet(name, self._zip.read(part), self._texts, self._looks, self._table_of(part))

    def merged(self, name: str) -> frozenset[str]:
        """The merged ranges of a sheet alone; none where it is not there."""
        part = self._parts.get(name)
        return frozenset(each.decode() for each in _MERGED.findall(self._zip.read(part))) if part else frozenset()

    @cached_property
    def _texts(self) -> list[str]:
        strings = book.parse(self._zip.read("xl/sharedStrings.xml"))
        return [_unescaped("".join(each.itertext(f"{_MAIN}t"))) for each in strings.iterchildren(f"{_MAIN}si")]

    @cached_property
    def _looks(self) -> list[str]:
        """The number format of each style."""
        styles = book.parse(self._zip.read("xl/styles.xml"))
        own = {int(each.get("numFmtId", "0")): each.get("formatCode", "") for each in styles.iter(f"{_MAIN}numFmt")}
        known = {**_KNOWN_FORMATS, **own}
        return [known.get(int(each.get("numFmtId", "0")), _GENERAL) for each in styles.iterfind("{*}cellXfs/{*}xf")]

    def _table_of(self, part: str) -> bytes | None:
        folder, _, file = part.rpartition("/")
        relations = f"{folder}/_rels/{file}.rels"
        if relations not in self._zip.namelist():
            return None
        targets = [each.get("Target", "") for each in book.parse(self._zip.read(relations)).iter("{*}Relationship")]
        tables = [target for target in targets if "/tables/" in target]
        return self._zip.read(f"xl/tables/{tables[0].rpartition('/')[2]}") if tables else None


def _cells(part: bytes) -> Iterator[etree._Element]:
    """The cells of a sheet, row after row; what was read is let go."""
    from lxml import etree

    for _event, row in etree.iterparse(io.BytesIO(part), tag=f"{_MAIN}row", resolve_entities=False, no_network=True):
        yield from row
        row.clear()


@cache
def _column(letters: str) -> int:
    return position(f"{letters}1")[1]


def _entry(cell: etree._Element, texts: Sequence[str]) -> Entry:
    formula, value, kind = cell.find(f"{_MAIN}f"), cell.find(f"{_MAIN}v"), cell.get("t", "n")
    if formula is not None:
        return Formula(f"={formula.text or ''}")
    if value is None or value.text is None:
        return None
    if kind == "s":
        return texts[int(value.text)] or None
    if kind == "b":
        return value.text == "1"
    return _unescaped(value.text) if kind == "str" else float(value.text)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
