"""A received workbook → the same workbook with the verdict in its sheet `Kiểm tra`. Pure: bytes in, bytes out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sync.outputs import layout as at
from sync.outputs.returned import book, words
from sync.outputs.returned.rezip import Package
from sync.outputs.returned.sheet import Line, with_findings
from sync.outputs.returned.words import ReceiptNote, ReturnedFinding
from sync.text import fold

_MOST = 2 << 20
"""Bytes of a part that is looked into; a sheet full of findings has less than half of that."""
_CONTENT_TYPES = "[Content_Types].xml"


def patched(content: bytes, findings: Iterable[ReturnedFinding], note: ReceiptNote | None = None) -> bytes:
    """The xlsx or xlsm `content` with `findings` as the only rows of `Kiểm tra`, and `note` above them.

    Of the parts, the one of that sheet changes and, in xl/workbook.xml, the setting that everything is calculated when
    the file is opened. All others stay as they are. Raises NotPatchable where that cannot be done.
    """
    package = Package(content)
    workbook = package.read(book.WORKBOOK, _MOST)
    parts = book.sheets(workbook, package.read(book.RELATIONS, _MOST))
    part = book.named(parts, at.FINDINGS_SHEET)
    told = words.ordered(findings, list(parts))
    receipt = words.receipt_lines(note, told) if note else ()
    summary = f"Đơn vị quản lý trả về {words.counted(told)}, xem bên dưới." if told else None
    sheet = with_findings(package.read(part, _MOST), _lines(told, list(parts)), receipt, summary)
    return package.replaced({part: sheet, book.WORKBOOK: book.calculating(workbook)})


def suffix(content: bytes) -> str:
    """The suffix under which Excel opens the workbook: it refuses one with macros that is called .xlsx.

    Raises NotPatchable.
    """
    types = Package(content).read(_CONTENT_TYPES, _MOST)
    return ".xlsm" if b"macroEnabled" in types else ".xlsx"


def _lines(told: Sequence[ReturnedFinding], sheets: Sequence[str]) -> list[Line]:
    shown, more = words.fitting(told, at.FINDINGS_ROWS)
    lines = [Line(words.cells(finding), _link(finding, sheets)) for finding in shown]
    if more:
        lines.append(Line({at.FINDINGS_KEY_COLUMN: "…", at.FINDINGS_MESSAGE_COLUMN: words.left_out(more)}))
    return lines


def _link(finding: ReturnedFinding, sheets: Sequence[str]) -> str | None:
    """Where the row's link leads; None where the file has no such cell."""
    named = {fold(name): name for name in sheets}
    sheet = finding.sheet if finding.sheet in sheets else named.get(fold(finding.sheet or ""))
    if not sheet or not finding.cell or words.position(finding.cell) == (0, 0):
        return None
    return f"{at.quoted_sheet(sheet)}!{finding.cell}"
