"""The workbook while it is written: its sheets in their order, its formats, the names of its ranges."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from io import BytesIO

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from sync.config import Office
from sync.outputs import styles
from sync.outputs.office_workbook import cells, formats, paging


class _Sheet(Worksheet):  # type: ignore[misc, unused-ignore] # XlsxWriter is not typed
    """A sheet that takes formulas as they are: to look for the functions of newer Excels in each takes far longer."""

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:  # noqa: ARG002 - XlsxWriter's
        return formula.removeprefix("=")


class Book:
    """An xlsx workbook in memory. The same calls give the same bytes: `now` is its time of creation."""

    def __init__(self, office: Office, now: datetime, title: str) -> None:
        self.office = office
        self.now = now
        self._bytes = BytesIO()
        self._book = styles.new_workbook(
            self._bytes,
            cells.clean(title)[:255],
            cells.clean(office.name)[:255],
            now.replace(tzinfo=None, microsecond=0),
        )
        self._book.set_size(28800, 16200)
        # Columns are as wide as so many digits of this font; few machines but those with Excel have Excel's own.
        self._book.formats[0].set_font_name(styles.FONT)
        self.formats = formats.Formats(self._book)
        self._sheets: set[str] = set()
        self._names: set[str] = set()

    @property
    def zone(self) -> tzinfo | None:
        """The office's time zone."""
        return self.now.tzinfo

    @property
    def workbook(self) -> Workbook:
        return self._book

    def add_sheet(self, name: str, tab: str = "") -> Worksheet:
        """A sheet at the end, with a tab of this colour; its name is changed where another sheet has it already."""
        unique, number = name, 2
        while unique.lower() in self._sheets:
            unique, number = f"{name[:27]} ({number})", number + 1
        self._sheets.add(unique.lower())
        sheet = self._book.add_worksheet(unique, worksheet_class=_Sheet)
        if tab:
            sheet.set_tab_color(tab)
        return sheet

    def name_range(self, prefix: str, heading: str, sheet: Worksheet, column: int, first_row: int, rows: int) -> str:
        """A new name for `rows` cells (at least one) of a column; gives the name."""
        name = cells.name_of(prefix, heading, self._names)
        place = cells.absolute(sheet.get_name(), first_row, column, first_row + max(rows, 1) - 1)
        self._book.define_name(name, "=" + place)
        return name

    def head(
        self,
        sheet: Worksheet,
        title: str,
        subtitles: Sequence[str],
        widths: Sequence[float],
        repeated: int | None = None,
    ) -> None:
        """The administrative heading with a title over columns of these widths; `repeated` as in `formats.head`."""
        formats.head(sheet, self.formats, self.office, widths, (title, *subtitles), repeated)

    def close(self) -> bytes:
        """The finished workbook; see `paging.settle` for how its sheets are printed."""
        for sheet in self._book.worksheets():
            paging.settle(sheet)
        self._book.close()
        return self._bytes.getvalue()
