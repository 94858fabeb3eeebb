"""A sheet's cells in its XML, found and written by row and column."""

from __future__ import annotations

import re
from bisect import bisect

from lxml import etree

from sync.outputs import styles
from sync.outputs.returned.book import namespace
from sync.outputs.returned.rezip import NotPatchable
from sync.outputs.returned.words import position
from sync.text import address

_LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_LINK_LOOK: tuple[tuple[str, dict[str, str]], ...] = (
    ("u", {}),
    ("sz", {"val": "11"}),
    ("color", {"rgb": "FF0563C1"}),
    ("rFont", {"val": styles.FONT}),
)


class Grid:
    """The cells of a sheet by row and column from 1, as they stand or made where needed.

    New cells get the style that their column has in the rows `like`. Raises NotPatchable where the sheet has no cells.
    """

    def __init__(self, root: etree._Element, like: range) -> None:
        found = root.find("{*}sheetData")
        if found is None:
            raise NotPatchable("a sheet without cells")
        self._data, self._space = found, namespace(found)
        self._rows: dict[int, etree._Element] = {}
        number = 0
        for row in self._data.iterchildren(self._space + "row"):
            following = _number(row.get("r"), number + 1)
            if following <= number:
                raise NotPatchable("rows out of order")
            number = following
            self._rows[number] = row
        self._numbers = list(self._rows)
        self._cells: dict[int, dict[int, etree._Element]] = {}
        self._like = like
        self._styles: dict[int, str | None] = {}
        self._contents = [self._space + name for name in ("v", "f", "is")]

    def row(self, number: int) -> etree._Element | None:
        """The row `number`, None where it is not there."""
        return self._rows.get(number)

    def is_blank(self, number: int) -> bool:
        """Whether no cell of the row holds anything."""
        row = self._rows.get(number)
        return row is None or next(row.iter(*self._contents), None) is None

    def cells(self, number: int) -> dict[int, etree._Element]:
        """The cells of a row by column."""
        if number not in self._cells:
            found: dict[int, etree._Element] = {}
            column = 0
            row = self._rows.get(number)
            for cell in row.iterchildren(self._space + "c") if row is not None else ():
                column = position(cell.get("r"))[1] or column + 1
                cell.set("r", address(number - 1, column - 1))
                found[column] = cell
            self._cells[number] = found
        return self._cells[number]

    def part(self, number: int, column: int, name: str) -> etree._Element | None:
        """The child `name` of a cell, such as its formula `f`."""
        cell = self.cells(number).get(column)
        return None if cell is None else cell.find(self._space + name)

    def put(self, number: int, column: int, text: str, is_link: bool = False) -> None:
        """Writes `text` into a cell, or clears it. Raises NotPatchable where a formula stands there.

        A link looks like one by its own text: the styles of cells are another part of the file.
        """
        cell = self.cells(number).get(column)
        if cell is None:
            if not text:
                return
            cell = self._new_cell(number, column)
        if cell.find(self._space + "f") is not None:
            raise NotPatchable(f"a formula in row {number}")
        for child in list(cell):
            cell.remove(child)
        for name in ("t", "cm", "vm"):
            cell.attrib.pop(name, None)
        if text:
            self._fill(cell, text, is_link)

    def _fill(self, cell: etree._Element, text: str, is_link: bool) -> None:
        cell.set("t", "inlineStr")
        inline = etree.SubElement(cell, self._space + "is")
        if is_link:
            inline = etree.SubElement(inline, self._space + "r")
            look = etree.SubElement(inline, self._space + "rPr")
            for name, attributes in _LINK_LOOK:
                etree.SubElement(look, self._space + name, attributes)
        element = etree.SubElement(inline, self._space + "t")
        element.text = _LOOKS_ESCAPED.sub("_x005F_", text)
        if text != text.strip() or "\n" in text:
            element.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")

    def _new_cell(self, number: int, column: int) -> etree._Element:
        row = self._rows.get(number)
        if row is None:
            row = self._new_row(number)
        row.attrib.pop("spans", None)
        cells = self.cells(number)
        cell = etree.Element(self._space + "c", r=address(number - 1, column - 1))
        style = self._style(column)
        if style is not None:
            cell.set("s", style)
        before = [cells[each] for each in cells if each < column]
        if before:
            before[-1].addnext(cell)
        else:
            row.insert(0, cell)
        cells[column] = cell
        self._cells[number] = dict(sorted(cells.items()))
        return cell

    def _style(self, column: int) -> str | None:
        """The style that other findings have in this column: some programs drop cells that are empty."""
        if column not in self._styles:
            cells = (self.cells(number).get(column) for number in self._like)
            self._styles[column] = next((cell.get("s") for cell in cells if cell is not None), None)
        return self._styles[column]

    def _new_row(self, number: int) -> etree._Element:
        row = etree.Element(self._space + "row", r=str(number))
        place = bisect(self._numbers, number)
        if place:
            self._rows[self._numbers[place - 1]].addnext(row)
        else:
            self._data.insert(0, row)
        self._numbers.insert(place, number)
        self._rows[number] = row
        return row


def _number(text: str | None, usual: int) -> int:
    if text is None:
        return usual
    if not text.isascii() or not text.isdigit():
        raise NotPatchable("a row without a number")
    return int(text)
