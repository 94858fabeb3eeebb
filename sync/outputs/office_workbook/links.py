"""Links from the consolidated workbook to what schools sent, as formulas: Excel takes 65,530 other links a sheet.

A link is relative to `tong-hop/`, so that it holds wherever the workspace lies. Names of files and sheets are
untrusted: what cannot be a link that opens a document stays a text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from sync.outputs.office_workbook import cells
from sync.sources import GOOGLE
from sync.spreadsheets import link_of

if TYPE_CHECKING:
    from pandas import DataFrame

INBOX = "../nhan/"
"""The inbox as seen from the folder of the consolidated workbooks."""
LITERAL_LIMIT = 255
"""Characters of a text within a formula; and of the address that HYPERLINK takes in Excel 2010."""
_DOCUMENTS = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".csv", ".pdf", ".docx", ".doc", ".odt"})
"""What may be opened from here: a program that lies in the inbox may not."""
# Letters and spaces stay: Excel reads an escaped letter of a file's name in the code page of Windows.
_ESCAPES = str.maketrans({"%": "%25", "#": "%23", "?": "%3F"})
_CALL = re.compile(r"(?<=[A-Z])\(")


class Link(NamedTuple):
    """A cell that opens something: its formula, and the text that the formula gives."""

    formula: str
    text: str


class Links:
    """Links to the files of one inbox and to schools' Google Sheets; `spreadsheets` are their ids by school code."""

    def __init__(self, spreadsheets: Mapping[str, str]) -> None:
        self._spreadsheets = spreadsheets
        self._target = lru_cache(maxsize=1 << 16)(self._make_target)

    def files(self, frame: DataFrame) -> list[Link | str | None]:
        """A link to each row's file, with its path as text; only the text where it cannot be opened, None without one.

        Columns of `frame`: file, source (str or None), in_sight (bool or None).
        """
        places = zip(frame["source"], frame["file"], frame["in_sight"], strict=True)
        texts = cells.texts(frame["file"])
        return [self._link(place, "", text) for place, text in zip(places, texts, strict=True)]

    def cells(self, frame: DataFrame) -> list[Link | str | None]:
        """A link to the cell of each row, with its address as text; columns as for `files`, and sheet, cell."""
        places = zip(frame["source"], frame["file"], frame["in_sight"], strict=True)
        addresses = zip(frame["sheet"], cells.texts(frame["cell"]), strict=True)
        return [
            self._link(place, _within(sheet, text), text)
            for place, (sheet, text) in zip(places, addresses, strict=True)
        ]

    def _link(self, place: tuple[object, object, object], within: str, text: str | None) -> Link | str | None:
        source, path, in_sight = place
        if text is None or in_sight is not True or not isinstance(path, str):
            return text
        target = self._target(source, path)
        # A spreadsheet knows its tabs by number, and we know only their titles.
        whole = target if source == GOOGLE else target + within
        if not target or len(whole) > LITERAL_LIMIT or len(text) > LITERAL_LIMIT or not _is_plain(within + text):
            return text
        return Link(f"=HYPERLINK({_literal(whole)},{_literal(text)})", text)

    def _make_target(self, source: object, path: str) -> str:
        """The address of a file; "" where it is not to be opened."""
        if source == GOOGLE:
            spreadsheet = self._spreadsheets.get(PurePosixPath(path).stem, "")
            return link_of(spreadsheet) if spreadsheet else ""
        is_document = PurePosixPath(path).suffix.lower() in _DOCUMENTS
        if not is_document or not _is_plain(path) or "\\" in path or ".." in path.split("/"):
            return ""
        return INBOX + path.translate(_ESCAPES)


def _literal(text: str) -> str:
    # XlsxWriter would take "SORT(1).xlsx" for a function.
    return _CALL.sub('"&"(', cells.quoted(text)) if "(" in text else cells.quoted(text)


def _within(sheet: object, cell: str | None) -> str:
    """The part of an address that leads to a cell; "" where the sheet is not known or its name cannot stand there."""
    if not isinstance(sheet, str) or not sheet or cell is None or "#" in sheet or "%" in sheet:
        return ""
    return f"#{cells.in_sheet(sheet)}!{cell}"


@lru_cache(maxsize=1 << 12)
def _is_plain(text: str) -> bool:
    """Whether a formula can hold `text`: XlsxWriter escapes what XML forbids in texts alone, Excel counts in UTF-16."""
    return text.isprintable() and max(text, default="") <= "\uffff"
