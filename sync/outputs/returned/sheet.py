"""The part of the sheet `Kiểm tra` with other findings: only its cells, their row heights and links change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lxml import etree

from sync.outputs import layout as at
from sync.outputs import styles
from sync.outputs.returned.book import namespace, parse
from sync.outputs.returned.grid import Grid
from sync.outputs.returned.rezip import NotPatchable
from sync.outputs.returned.words import position
from sync.text import address

_FIRST = at.FINDINGS_FIRST_ROW + 1
_LAST = at.FINDINGS_FIRST_ROW + at.FINDINGS_ROWS
_COLUMNS = range(at.FINDINGS_KEY_COLUMN + 1, at.FINDINGS_FIX_COLUMN + 2)
_KEYS = at.findings_range(at.FINDINGS_KEY_COLUMN).split("!")[1]
_FONT_SIZE = 11
_BEFORE_LINKS = (
    *("sheetData", "sheetCalcPr", "sheetProtection", "protectedRanges", "scenarios", "autoFilter", "sortState"),
    *("dataConsolidate", "customSheetViews", "mergeCells", "phoneticPr", "conditionalFormatting", "dataValidations"),
)


class Line(NamedTuple):
    """A row of findings: texts by column (zero-based, as in the layout), and where its link leads, or None."""

    texts: Mapping[int, str]
    link: str | None = None


def with_findings(data: bytes, lines: Sequence[Line], receipt: Sequence[str], summary: str | None) -> bytes:
    """The part `data` with `lines` in place of all findings, and `receipt` in place of the texts above.

    `summary` is what the total says until it is calculated; None leaves it. Raises NotPatchable.
    """
    root = parse(data)
    grid = Grid(root, like=range(_FIRST, _LAST + 1))
    _check_place(grid)
    for index in range(at.RECEIPT_ROWS):
        text = receipt[index] if index < len(receipt) else ""
        grid.put(at.RECEIPT_FIRST_ROW + index + 1, at.FINDINGS_SEVERITY_COLUMN + 1, text)
    widths = _widths(root)
    for index in range(at.FINDINGS_ROWS):
        line = lines[index] if index < len(lines) else None
        _put_line(grid, _FIRST + index, line, widths)
    _cache(grid, len(lines), summary)
    _link(root, lines)
    _stretch(root, _FIRST + len(lines) - 1)
    return etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=True, standalone=True)


def _check_place(grid: Grid) -> None:
    """Raises NotPatchable where the findings do not stand at their place: there the marks would not see them."""
    formula = grid.part(at.FINDINGS_COUNT_ROW + 1, at.FINDINGS_KEY_COLUMN + 1, "f")
    if formula is None or _KEYS not in (formula.text or ""):
        raise NotPatchable("the findings have no place in this sheet")


def _put_line(grid: Grid, number: int, line: Line | None, widths: Mapping[int, float]) -> None:
    if line or not grid.is_blank(number):
        for column in _COLUMNS:
            is_link = line is not None and line.link is not None and column == at.FINDINGS_CELL_COLUMN + 1
            grid.put(number, column, line.texts.get(column - 1, "") if line else "", is_link)
    row = grid.row(number)
    if row is None:
        return
    for name in ("ht", "customHeight"):
        row.attrib.pop(name, None)
    if line:
        texts = [(text, widths.get(column + 1, 10.0), _FONT_SIZE, False) for column, text in line.texts.items()]
        row.set("ht", f"{styles.height(texts[1:], least=15):g}")
        row.set("customHeight", "1")


def _cache(grid: Grid, count: int, summary: str | None) -> None:
    """Values that stand until everything is calculated: the only ones that a protected view shows."""
    number = grid.part(at.FINDINGS_COUNT_ROW + 1, at.FINDINGS_KEY_COLUMN + 1, "v")
    if number is not None:
        number.text = str(count)
    total, column = at.TOTAL_ROW + 1, at.FINDINGS_SEVERITY_COLUMN + 1
    value, cell = grid.part(total, column, "v"), grid.cells(total).get(column)
    if summary and value is not None and cell is not None and cell.get("t") == "str":
        value.text = summary


def _widths(root: etree._Element) -> dict[int, float]:
    """Column widths in characters by column from 1, as far as findings reach."""
    widths: dict[int, float] = {}
    for column in root.iterfind("{*}cols/{*}col"):
        try:
            first, last, width = int(column.get("min", "")), int(column.get("max", "")), float(column.get("width", ""))
        except ValueError:
            continue
        widths |= {each: width for each in _COLUMNS if first <= each <= last}
    return widths


def _link(root: etree._Element, lines: Sequence[Line]) -> None:
    links = root.find("{*}hyperlinks")
    space = namespace(root)
    if links is None:
        links = etree.Element(space + "hyperlinks")
        before = [child for name in _BEFORE_LINKS for child in root.iterfind(space + name)]
        max(before, key=root.index).addnext(links)
    for old in list(links):
        row, column = position((old.get("ref") or "").split(":")[0].replace("$", ""))
        if _FIRST <= row <= _LAST and column in _COLUMNS:
            links.remove(old)
    for number, line in enumerate(lines, at.FINDINGS_FIRST_ROW):
        if line.link:
            ref = address(number, at.FINDINGS_CELL_COLUMN)
            etree.SubElement(links, space + "hyperlink", ref=ref, location=line.link, tooltip="Đến ô này")
    if not len(links):
        root.remove(links)


def _stretch(root: etree._Element, last: int) -> None:
    """Lets the sheet's stated extent reach as far as its cells."""
    dimension = root.find("{*}dimension")
    if dimension is None:
        return
    first, _, end = (dimension.get("ref") or "").partition(":")
    (row, column), (left_row, left_column) = position(end or first), position(first)
    if left_row and (row < last or column < len(_COLUMNS) or left_column > 1):
        corner = address(max(row, last) - 1, max(column, len(_COLUMNS)) - 1)
        dimension.set("ref", f"{address(left_row - 1, 0)}:{corner}")
