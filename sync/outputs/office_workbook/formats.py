"""How the office's workbook looks, over what all workbooks share: formats, page set-up, titles, row heights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sync.config import Office
from sync.outputs import styles

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

FONT_SIZE = 11
HEADER_FILL, SECTION_FILL, CLOSED_FILL = styles.HEADING_FILL, styles.SECTION_FILL, styles.CLOSED_FILL
GREEN, YELLOW, ORANGE, RED, BLUE, GREY = "#E2F2DA", "#FFF2CC", "#FCE4D6", "#FFCFCF", "#DDEBF7", "#EDEDED"

WHOLE, NUMBER, SHARE, DATE, MOMENT = "#,##0", "#,##0.0#", "0.0%", "dd/mm/yyyy", "dd/mm/yyyy hh:mm"

LINK: Mapping[str, Any] = {"font_color": "#0563C1", "underline": 1}
"""What tells a cell that opens something."""

TITLE_ROW = 3
"""Zero-based; above it the administrative heading and a gap."""


class Formats(styles.Styles):
    """The formats of one workbook, in size 11 unless told; equal properties give the same format."""

    def get(self, **properties: Any) -> Format:
        """The format with XlsxWriter's `properties`."""
        return super().get(**{"font_size": FONT_SIZE, **properties})

    def count(self, **properties: Any) -> Format:
        """A framed, centred whole number."""
        return self.boxed(**{"num_format": WHOLE, "align": "center", **properties})


def set_up_page(
    sheet: Worksheet, office: Office, *, portrait: bool = False, repeat: tuple[int, int] | None = None, across: int = 1
) -> None:
    """A4, `across` pages wide, page numbers below; `repeat` is the first and last of the rows on top of every page."""
    sheet.set_paper(9)
    if portrait:
        sheet.set_portrait()
    else:
        sheet.set_landscape()
    sheet.set_margins(left=0.4, right=0.4, top=0.45, bottom=0.55)
    sheet.fit_to_pages(across, 0)
    sheet.center_horizontally()
    if repeat:
        sheet.repeat_rows(*repeat)
    font = f'&"{styles.FONT},Regular"&9 '
    name = office.name[:80].replace("&", "&&")
    sheet.set_footer(f"&L{font}{name}&C{font}&A&R{font}Trang &P/&N", {"margin": 0.25})


def set_widths(sheet: Worksheet, widths: Sequence[float]) -> None:
    """Column widths in characters, from column A on."""
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)


def head(
    sheet: Worksheet,
    formats: Formats,
    office: Office,
    widths: Sequence[float],
    lines: Sequence[str],
    repeated: int | None = None,
) -> None:
    """The administrative heading, then the title and the lines below it from TITLE_ROW on.

    `repeated` is the last of the columns that stand on every page across: what is in them must end with them.
    """
    styles.administrative_heading(sheet, formats, widths, office.parent, office.name, left_end=repeated)
    sheet.set_row(2, 8)
    sized = [(line, FONT_SIZE if row else 14, row == 0) for row, line in enumerate(lines)]
    first = _first_column(sized, widths, repeated)
    for row, (line, size, bold) in enumerate(sized, TITLE_ROW):
        form = formats.get(align="center", text_wrap=True, bold=bold, italic=not bold, font_size=size)
        styles.across(sheet, row, (first, len(widths) - 1), line, form)
        sheet.set_row(row, styles.height([(line, sum(widths[first:]), size, bold)]))


def _first_column(lines: Sequence[tuple[str, int, bool]], widths: Sequence[float], repeated: int | None) -> int:
    """Where titles (text, size, bold) begin: beside the repeated columns if, centred, they would reach into them."""
    if repeated is None:
        return 0
    room = sum(widths) - 2 * sum(widths[: repeated + 1])
    fits = all(styles.lines(text, max(room, 1.0), size, bold) == 1 for text, size, bold in lines)
    return 0 if fits else repeated + 1


def merge(sheet: Worksheet, area: tuple[int, int, int, int], text: str, form: Format) -> None:
    """Text over an area (first row, first column, last row, last column), which may be a single cell."""
    if area[:2] != area[2:]:
        sheet.merge_range(*area, "", form)
    sheet.write_string(area[0], area[1], text, form)


@lru_cache(maxsize=1 << 16)
def _height(text: str, width: float, bold: bool) -> float:
    return styles.height([(text, width, FONT_SIZE, bold)], least=16)


def height_for(texts: Iterable[tuple[str, float]], *, bold: bool = False) -> float:
    """The height in points of a row that shows every one of `texts`, each with its column's width."""
    return max((_height(text, width, bold) for text, width in texts), default=17.0)
