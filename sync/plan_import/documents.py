"""The bytes of a .docx or an .xlsx → the tables in it. Runs in a child process, where a file can do no harm."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sync.intake.values import Raw, shown
from sync.plan_import.printed import Cell, PrintedTable
from sync.text import collapse

if TYPE_CHECKING:
    from docx.table import Table

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TEXT, _PARAGRAPH = f"{_W}t", f"{_W}p"
_GAPS = {f"{_W}br", f"{_W}tab", f"{_W}cr"}
_MOVED_AWAY = f"{_W}moveFrom"


def of_word(content: bytes) -> list[PrintedTable]:
    """The tables of a document, those within tables left out. Raises whatever python-docx raises of a damaged file."""
    from docx import Document

    return [_of_word_table(number, table) for number, table in enumerate(Document(io.BytesIO(content)).tables, 1)]


def _of_word_table(number: int, table: Table) -> PrintedTable:
    rows, numbered = [], set()
    for at, row in enumerate(table.rows):
        # The row's own cells: python-docx would repeat a merged one in every place that it covers.
        cells: list[Cell] = [""] * row.grid_cols_before
        for cell in row._tr.tc_lst:
            text = _text(cell)
            cells.append(None if cell.vMerge == "continue" else text)
            cells += [""] * (cell.grid_span - 1)
            if not text and _is_numbered(cell, table):
                numbered.add(at)
        rows.append(cells)
    return PrintedTable(number, "", rows, frozenset(numbered))


def _text(cell: Any) -> str:
    """The text of a cell on one line: tracked insertions are in it, deletions and what was moved away are not."""
    paragraphs = ("".join(_pieces(paragraph)) for paragraph in cell.iter(_PARAGRAPH))
    return collapse(" ".join(paragraphs))


def _pieces(paragraph: Any) -> Iterator[str]:
    for element in paragraph.iter(_TEXT, *_GAPS):
        if any(above.tag == _MOVED_AWAY for above in element.iterancestors()):
            continue
        yield " " if element.tag in _GAPS else element.text or ""


def _is_numbered(cell: Any, table: Table) -> bool:
    """Whether Word counts a number into the cell: by the paragraph itself or by its style."""
    from docx.text.paragraph import Paragraph

    for element in cell.p_lst:
        properties = element.pPr
        if properties is not None and properties.numPr is not None:
            return True
        style = Paragraph(element, table).style
        own = getattr(style.element, "pPr", None) if style is not None else None
        if own is not None and own.numPr is not None:
            return True
    return False


def of_excel(content: bytes, most_sheets: int, most_cells: int) -> list[PrintedTable]:
    """The sheets of a workbook, each a table. Raises CalamineError, and ValueError for too many sheets or cells."""
    from python_calamine import CalamineWorkbook

    workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
    if len(workbook.sheet_names) > most_sheets:
        raise ValueError("too many sheets")
    return [_of_sheet(number, workbook, name, most_cells) for number, name in enumerate(workbook.sheet_names, 1)]


def _of_sheet(number: int, workbook: Any, name: str, most_cells: int) -> PrintedTable:
    sheet = workbook.get_sheet_by_name(name)
    if sheet.total_height * sheet.total_width > most_cells:
        raise ValueError("too many cells")
    rows: list[list[Cell]] = [[_shown(raw) for raw in row] for row in sheet.to_python(skip_empty_area=False)]
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        _merge(rows, (top, left, bottom, right))
    return PrintedTable(number, name, rows)


def _merge(rows: Sequence[list[Cell]], area: tuple[int, int, int, int]) -> None:
    """Marks the cells below the first row of a merged area; beside its first cell calamine has nothing."""
    top, left, bottom, right = area
    for row in rows[top + 1 : bottom + 1]:
        for column in range(left, min(right, len(row) - 1) + 1):
            row[column] = None


def _shown(raw: Raw) -> str:
    # Whole texts: what people are shown of a value elsewhere is cut.
    return collapse(raw) if isinstance(raw, str) else shown(raw)
