"""What of an .xlsx of XlsxWriter tests need beside its cells: names, merged ranges, tables, filters."""

from __future__ import annotations

import io
import re
import zipfile
from html import unescape

_SHEET = re.compile(r'<sheet name="([^"]+)"')
_NAME = re.compile(r'<definedName name="([^"_][^"]*)">([^<]*)<')


class Parts:
    """The parts of a workbook; its sheets are numbered as they follow each other."""

    def __init__(self, content: bytes) -> None:
        self._zip = zipfile.ZipFile(io.BytesIO(content))
        whole = self._zip.read("xl/workbook.xml").decode()
        self.sheets = [unescape(each) for each in _SHEET.findall(whole)]
        self.names = {name: f"={unescape(place)}" for name, place in _NAME.findall(whole)}

    def merged(self, sheet: str) -> list[str]:
        """The merged ranges of a sheet."""
        return re.findall(r'<mergeCell ref="([^"]+)"', self._part(sheet))

    def filtered(self, sheet: str) -> str | None:
        """The range that a sheet's own filter is over."""
        found = re.search(r'<autoFilter ref="([^"]+)"', self._part(sheet))
        return found[1] if found else None

    def table(self, sheet: str) -> tuple[str, str] | None:
        """Name and range of the table of a sheet that has one: the workbook has one at most."""
        if "<tablePart " not in self._part(sheet):
            return None
        part = self._zip.read("xl/tables/table1.xml").decode()
        found = re.search(r' displayName="([^"]+)" ref="([^"]+)"', part)
        assert found is not None
        return found[1], found[2]

    def _part(self, sheet: str) -> str:
        return self._zip.read(f"xl/worksheets/sheet{self.sheets.index(sheet) + 1}.xml").decode()
