"""The workbook that the office sends, filled in: as if somebody had typed the values into a copy of it.

Building a workbook from nothing for every school takes fifty times as long. It is built once for each level of school,
and its cells are filled in the file itself. The cached results of its formulas are cleared, because they are of the
blank workbook; Excel and LibreOffice calculate them when they open the file.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any
from xml.sax.saxutils import escape, unescape

from sync.config import Office
from sync.demo.book import Content, Identity
from sync.demo.report import Report
from sync.demo.soundness import Error, Odd
from sync.expression.grammar import excel_serial
from sync.outputs.layout import SheetLayout, layout
from sync.plan import Plan
from sync.schools import School

_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_STRINGS = "xl/sharedStrings.xml"
_CACHED = re.compile(r"</f><v>[^<]*</v>")
_CELL = re.compile(r'<c r="([A-Z]+[0-9]+)"( s="[0-9]+")?[^<>]*?(?:/>|>.*?</c>)')
_SHEET = re.compile(r'<sheet name="([^"]*)" sheetId="[0-9]+"(?: state="\w+")? r:id="rId([0-9]+)"/>')
_COUNTS = re.compile(r' count="[0-9]+" uniqueCount="([0-9]+)"')
# Letters that no text has stand for what differs from school to school. That of the name is of an alphabet with upper
# and lower case, because headings are in capitals.
_NAME = "\U00010428"
_SCHOOL = School(code="\ue001", name=_NAME, level="", unit="\ue003")
_SEAL, _VERSION, _PERIOD, _PLAN = "\ue004", "\ue005", "\ue006", "\ue007"


@dataclass(frozen=True)
class Blank:
    """The members of a blank workbook of one level; of each table's sheet, the text before, between and after cells."""

    plan: Plan
    members: Mapping[str, str]
    sheets: Mapping[str, _BlankSheet]
    """By name of the member."""

    @cached_property
    def strings(self) -> tuple[str, int]:
        """The shared strings without their end, and how many they are."""
        text = self.members[_STRINGS]
        found = _COUNTS.search(text)
        if found is None:
            raise ValueError("the shared strings do not say how many they are")
        return _COUNTS.sub("", text, count=1).removesuffix("</sst>"), int(found[1])


@dataclass(frozen=True)
class _BlankSheet:
    table: str
    pieces: tuple[str, ...]
    """The sheet cut where fill-in cells stand: a piece more than cells."""
    cells: tuple[tuple[str, str, str, str], ...]
    """(address, style attribute, row code, column id)"""


class Typist:
    """Fills in workbooks of one plan, office and period."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self._blanks: dict[tuple[str, str, bool], Blank] = {}

    def filled_in(self, report: Report, identity: Identity) -> bytes:
        """The workbook (xlsx) of `report`, which says of itself what `identity` says; equal input gives equal bytes."""
        blank = self._blank(report)
        marks = {
            _SCHOOL.code: identity.school, _NAME: report.school.name, _NAME.upper(): report.school.name.upper(),
            _SCHOOL.unit: report.school.unit, _SEAL: identity.seal, _VERSION: identity.template_version,
            _PERIOD: identity.period, _PLAN: identity.plan,
        }  # fmt: skip
        marks = {mark: escape(text, {'"': "&quot;"}) for mark, text in marks.items()}
        strings = _Strings(blank)
        written = {name: _sheet_text(sheet, report, strings) for name, sheet in blank.sheets.items()}
        members = {**blank.members, **written, _STRINGS: strings.text()}
        return _packed({name: _replaced(text, marks) for name, text in members.items()})

    def _blank(self, report: Report) -> Blank:
        key = (report.school.level, report.period.key, bool(report.school.unit))
        if key not in self._blanks:
            self._blanks[key] = _blank(report, self.office)
        return self._blanks[key]


def _blank(report: Report, office: Office) -> Blank:
    from sync.outputs.school_workbook import Form, build

    plan = report.plan.model_copy(update={"code": _PLAN, "version": _VERSION})
    school = replace(_SCHOOL, level=report.school.level, unit=_SCHOOL.unit if report.school.unit else "")
    content = build(Form(plan, school, replace(report.period, key=_PERIOD), office, _SEAL))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: _CACHED.sub("</f><v></v>", archive.read(name).decode()) for name in archive.namelist()}
    names = {
        unescape(name, {"&quot;": '"'}): f"xl/worksheets/sheet{number}.xml"
        for name, number in _SHEET.findall(members["xl/workbook.xml"])
    }
    layouts = layout(plan)
    sheets = {names[place.sheet]: _cut(members[names[place.sheet]], place) for place in layouts.values()}
    return Blank(plan, members, sheets)


def _cut(text: str, place: SheetLayout) -> _BlankSheet:
    """The sheet cut at the table's fill-in cells."""
    wanted = {place.cell(row, column): (row, column) for row in place.rows for column in place.columns}
    pieces: list[str] = []
    cells: list[tuple[str, str, str, str]] = []
    start = 0
    for found in _CELL.finditer(text):
        if found[1] in wanted:
            pieces.append(text[start : found.start()])
            cells.append((found[1], found[2] or "", *wanted.pop(found[1])))
            start = found.end()
    if wanted:
        raise ValueError(f"the sheet {place.sheet} has no cell {min(wanted)}")
    return _BlankSheet(place.table.id, (*pieces, text[start:]), tuple(cells))


class _Strings:
    """The shared strings of one workbook, which grow while it is filled in."""

    def __init__(self, blank: Blank) -> None:
        self.start, self.count = blank.strings
        self.added: dict[str, int] = {}

    def place(self, text: str) -> int:
        return self.added.setdefault(text, self.count + len(self.added))

    def text(self) -> str:
        added = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in self.added)
        return f"{self.start}{added}</sst>"


def _sheet_text(sheet: _BlankSheet, report: Report, strings: _Strings) -> str:
    """The XML of a table's sheet with the report's values; texts go to `strings`."""
    rows = report.filled.get(sheet.table, {})
    parts: list[str] = []
    for piece, (address, style, row, column) in zip(sheet.pieces, sheet.cells, strict=False):
        value: Any = rows.get(row, {}).get(column)
        content = value.written if isinstance(value, Odd) else value
        parts += (piece, _cell(address, style, content, strings))
    return "".join([*parts, sheet.pieces[-1]])


def _cell(address: str, style: str, value: Content | None, strings: _Strings) -> str:
    if value is None:
        return f'<c r="{address}"{style}/>'
    if isinstance(value, str):
        return f'<c r="{address}"{style} t="s"><v>{strings.place(value)}</v></c>'
    if isinstance(value, Error):
        return f'<c r="{address}"{style} t="e"><f>1/0</f><v>{value.text}</v></c>'
    number = excel_serial(value) if isinstance(value, date) else value
    return f'<c r="{address}"{style}><v>{number}</v></c>'


def _replaced(text: str, marks: Mapping[str, str]) -> str:
    for mark, value in marks.items():
        text = text.replace(mark, value)
    return text


def _packed(members: Mapping[str, str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compresslevel=3) as archive:
        for name, text in members.items():
            info = zipfile.ZipInfo(name, _ZIP_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, text.encode(), compresslevel=3)
    return stream.getvalue()
