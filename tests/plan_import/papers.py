"""Documents that offices might have: tables in Word and Excel, made for tests."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from docx import Document
from docx.document import Document as DocumentObject

Rows = Sequence[Sequence[Any]]
HEADINGS = ["Stt", "Nội dung", "Chủ trì", "Thực hiện", "Thời gian"]
SOURCE = Path(__file__).parent.parent / "data" / "ke-hoach-thu-thua-2020-2025.txt"


def printed_rows() -> list[list[str]]:
    """The appendix of the source document with its head, its rows torn as page breaks tore them."""
    lines = SOURCE.read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.split("\t")] for line in lines[lines.index("\t".join(HEADINGS)) :]]
    return [row for row in cells if len(row) == 5]


def add_table(document: DocumentObject, rows: Rows) -> Any:
    """A table of Word with these texts."""
    table = document.add_table(0, max(map(len, rows)))
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=False):
            cell.text = str(text)
    return table


def saved(document: DocumentObject) -> bytes:
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def word(*tables: Rows) -> bytes:
    """A .docx of these tables, with a paragraph between two."""
    document = Document()
    for rows in tables:
        document.add_paragraph("Một đoạn văn.")
        add_table(document, rows)
    return saved(document)


def excel(sheets: Mapping[str, Rows], merged: Sequence[tuple[int, int, int, int]] = ()) -> bytes:
    """An .xlsx of these sheets; `merged` areas (first row and column, last row and column) are of the first one."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
        for top, left, bottom, right in merged:
            book.worksheets()[0].merge_range(top, left, bottom, right, next(iter(sheets.values()))[top][left])
    return stream.getvalue()
