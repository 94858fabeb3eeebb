"""What a drawn report still needs: gaps marked yellow, columns of tables with their widths."""

from __future__ import annotations

import copy
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sync.reporting import GAP_CLOSES, GAP_OPENS

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table

_MARKED = re.compile(f"({GAP_OPENS}[^{GAP_OPENS}{GAP_CLOSES}]*{GAP_CLOSES})")
_TWIPS = 56.6929
"""Twentieths of a point in a millimetre."""


def finished(content: bytes, values: Mapping[str, Any]) -> tuple[bytes, int]:
    """The document `content` with its gaps marked and its tables laid out, and the number of gaps.

    A table is one of `values` where its alternative text (Word: table properties) is the path to it, such as
    `targets.table`; others stay as they are.
    """
    from docx import Document

    document = Document(io.BytesIO(content))
    for table in document.tables:
        _lay_out(table, _at(values, _caption(table)))
    _order_cells(document)
    _keep_together(document)
    gaps = sum(_mark_gaps(part) for part in _parts(document))
    kept = io.BytesIO()
    document.save(kept)
    return kept.getvalue(), gaps


def _parts(document: Document) -> Iterator[Any]:
    """The elements that hold paragraphs: the body, headers and footers."""
    yield document.element.body
    for section in document.sections:
        for part in (section.header, section.footer, section.first_page_header, section.first_page_footer):
            if not part.is_linked_to_previous:
                yield part._element


def _mark_gaps(element: Any) -> int:
    from docx.oxml.ns import qn

    found = 0
    for run in list(element.iter(qn("w:r"))):
        if any(GAP_OPENS in (text.text or "") for text in run.iter(qn("w:t"))):
            found += _split(run)
    return found


def _split(run: Any) -> int:
    """Puts runs in place of `run`, one for each piece of it; those of gaps are yellow. Gives the number of gaps."""
    from docx.oxml.ns import qn

    gaps = 0
    for child in [child for child in run if child.tag != qn("w:rPr")]:
        pieces = _MARKED.split(child.text or "") if child.tag == qn("w:t") else [None]
        for piece in pieces:
            if piece == "":
                continue
            is_gap = piece is not None and _MARKED.fullmatch(piece) is not None
            run.addprevious(_piece(run, child, piece, is_gap=is_gap))
            gaps += is_gap
    run.getparent().remove(run)
    return gaps


def _piece(run: Any, child: Any, text: str | None, *, is_gap: bool) -> Any:
    from docx.enum.text import WD_COLOR_INDEX
    from docx.oxml.ns import qn
    from docx.text.run import Run

    piece, part = copy.deepcopy(run), copy.deepcopy(child)
    for old in [each for each in piece if each.tag != qn("w:rPr")]:
        piece.remove(old)
    if text is not None:
        part.text = text.strip(GAP_OPENS + GAP_CLOSES)
        part.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    piece.append(part)
    if is_gap:
        Run(piece, None).font.highlight_color = WD_COLOR_INDEX.YELLOW  # type: ignore[arg-type]
    return piece


def _order_cells(document: Document) -> None:
    """The width of a cell before how far it reaches: docxtpl puts the latter first, and the schema has an order."""
    from docx.oxml.ns import qn

    for width in list(document.element.body.iter(qn("w:tcW"))):
        properties = width.getparent()
        if properties[0] is not width:
            properties.insert(0, width)


def _keep_together(document: Document) -> None:
    """A paragraph that ends with a colon stands on the page of what it announces."""
    for paragraph in document.paragraphs:
        if paragraph.text.rstrip().endswith(":"):
            paragraph.paragraph_format.keep_with_next = True


def _caption(table: Table) -> str:
    from docx.oxml.ns import qn

    caption = table._tbl.tblPr.find(qn("w:tblCaption"))
    return "" if caption is None else caption.get(qn("w:val"), "")


def _at(values: Mapping[str, Any], path: str) -> Any:
    found: Any = values
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _lay_out(table: Table, known: Any) -> None:
    """Gives the columns the widths of `known`, a ReportTable, and lets its cells stand as their columns do."""
    from docx.oxml.ns import qn

    columns = known["columns"] if isinstance(known, Mapping) else []
    grid = table._tbl.tblGrid.findall(qn("w:gridCol"))
    if not columns or len(grid) != len(columns):
        return
    widths = [round(column["width"] * _TWIPS) for column in columns]
    for column, width in zip(grid, widths, strict=True):
        column.set(qn("w:w"), str(width))
    for number, row in enumerate(table._tbl.tr_lst):
        _row(row.tc_lst, widths, [column["align"] for column in columns] if number else [])


def _row(cells: Sequence[Any], widths: Sequence[int], aligned: Sequence[str]) -> None:
    from docx.shared import Twips

    if len(cells) == 1 < len(widths):
        cells[0].width = Twips(sum(widths))
        return
    for number, cell in enumerate(cells):
        cell.width = Twips(widths[number])
        for paragraph in cell.p_lst if aligned else ():
            paragraph.get_or_add_pPr().jc_val = _alignment(aligned[number])


def _alignment(name: str) -> Any:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    return {"left": WD_ALIGN_PARAGRAPH.LEFT, "center": WD_ALIGN_PARAGRAPH.CENTER}.get(name, WD_ALIGN_PARAGRAPH.RIGHT)
