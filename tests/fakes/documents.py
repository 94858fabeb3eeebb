"""Reading a .docx as a reader sees it: paragraphs, rows of tables, what is marked yellow, sections."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from docx import Document
from docx.enum.text import WD_COLOR_INDEX
from docx.text.paragraph import Paragraph


@dataclass(frozen=True)
class Read:
    """paragraphs: of the body, tables left out. tables: rows of cells, a merged cell once. gaps: what is yellow."""

    paragraphs: list[str]
    tables: list[list[list[str]]]
    gaps: list[str]

    @property
    def text(self) -> str:
        """All of it, a line each."""
        cells = (cell for table in self.tables for row in table for cell in row)
        return "\n".join([*self.paragraphs, *cells])

    def table(self, *headings: str) -> list[list[str]]:
        """The rows below the headings of the only table that has these among its headings."""
        (found,) = [table for table in self.tables if table and set(headings) <= set(table[0])]
        return found[1:]


def read(content: bytes) -> Read:
    """The document `content`."""
    document: Any = Document(io.BytesIO(content))
    rows = [[[_text(cell) for cell in row._tr.tc_lst] for row in table.rows] for table in document.tables]
    return Read([each.text for each in document.paragraphs], rows, list(_yellow(document)))


def _text(cell: Any) -> str:
    return "\n".join(Paragraph(each, cell).text for each in cell.p_lst)


def _yellow(document: Any) -> Iterator[str]:
    for each in document.element.body.iter(f"{{{document.element.nsmap['w']}}}p"):
        for run in Paragraph(each, document).runs:
            if run.font.highlight_color == WD_COLOR_INDEX.YELLOW:
                yield run.text


def parts(content: bytes) -> dict[str, str]:
    """The XML of each part."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist() if name.endswith((".xml", ".rels"))}
