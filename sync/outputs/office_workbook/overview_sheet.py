"""`Tổng quan`: one portrait page that says where the period stands and what needs attention today.

Everything is on one A4 page, whatever the plan and however many schools: what does not fit is shortened here and stands
whole on other sheets, or below the page, where it is not printed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sync.consolidate import Consolidated
from sync.letters.words import KINDS
from sync.outputs import styles
from sync.outputs.office_workbook import attention, cells, charts, formats, overview_tables
from sync.outputs.office_workbook.attention import Item
from sync.outputs.office_workbook.book import Book
from sync.outputs.office_workbook.chart_data import ChartData, count_of
from sync.outputs.office_workbook.fitting import fits, listed, shortened
from sync.outputs.office_workbook.leaves import NOTHING
from sync.outputs.office_workbook.overview_tables import SIZES, Sizes
from sync.outputs.office_workbook.page import COLUMNS, SMALL, Formula, Page, characters
from sync.outputs.office_workbook.standing_sheets import LABELS, ProgressNames
from sync.outputs.office_workbook.summary_sheets import Summary
from sync.plan import TableId
from sync.standing import Standing
from sync.text import address, collapse

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

SHEET = "Tổng quan"
_LAST = COLUMNS - 1
_HALF = COLUMNS // 2
_MOMENT = 'hh:mm "ngày" dd/mm/yyyy'
_TILES: tuple[tuple[Standing, str], ...] = (
    ("on_time", formats.GREEN),
    ("late", formats.YELLOW),
    ("to_mend", formats.ORANGE),
    ("missing", formats.RED),
    ("excused", formats.GREY),
)
_HEADING = ((0, 12), (13, _LAST))
_MOST_ITEMS = 8
_LINE = 13.5
_GAP = 5.25
_LEAST_CHART, _USUAL_CHART, _TALLEST_CHART = 96.0, 126.0, 240.0
_BAR = 16.5


def write(
    book: Book,
    sheet: Worksheet,
    consolidated: Consolidated,
    summaries: Mapping[TableId, Summary],
    progress: ProgressNames,
    note: str,
) -> None:
    """The whole sheet, and the hidden one behind its charts."""
    _Writer(book, sheet, consolidated, summaries, progress).write(note)


class _Writer:
    def __init__(
        self,
        book: Book,
        sheet: Worksheet,
        consolidated: Consolidated,
        summaries: Mapping[TableId, Summary],
        progress: ProgressNames,
    ) -> None:
        self.book, self.sheet, self.consolidated = book, sheet, consolidated
        self.summaries, self.progress = summaries, progress
        self.page = Page(book, sheet)
        self.data = ChartData(book, consolidated, progress)
        self.sizes = SIZES[-1]

    def write(self, note: str) -> None:
        due, now = self._write_head()
        self._write_tiles(due, now)
        whole = self._write_attention(attention.items(self.consolidated, self.book.now, note))
        self.sizes = next((each for each in SIZES if self._room(each) >= _USUAL_CHART), SIZES[-1])
        self._write_charts()
        self._write_results()
        self._write_news()
        last = self.page.row - 1
        if not whole:
            self._write_sentences(note)
        self._set_up(last)

    # The head: what period, until when, as of when

    def _write_head(self) -> tuple[str, str]:
        """Gives the cells of the due moment and of the moment at which all this is true."""
        self._write_titles()
        period, page = self.consolidated.period, self.page
        span = f"{period.title} ({period.starts_on:%d/%m/%Y} – {period.ends_on:%d/%m/%Y})"
        self._label(0, "Kỳ báo cáo")
        page.text(7, _LAST, shortened(span, characters(COLUMNS - 7), SMALL, bold=True), bold=True)
        page.next(_LINE)
        self._label(0, "Hạn nộp của trường")
        due = self._moment(7, period.schools_due)
        self._label(_HALF, "Số liệu tính đến")
        now = self._moment(_HALF + 7, self.book.now)
        page.next(_LINE)
        self._label(0, "Hạn đơn vị báo cáo")
        self._moment(7, period.office_due)
        if period.dispatch:
            self._label(_HALF, "Theo công văn")
            page.text(_HALF + 7, _LAST, shortened(period.dispatch, characters(_HALF - 7), SMALL))
        page.next(_LINE)
        page.next(_GAP)
        return due, now

    def _write_titles(self) -> None:
        page, office = self.page, self.book.office
        for row, texts in enumerate(((office.parent, styles.COUNTRY), (office.name, styles.MOTTO))):
            for (first, last), text in zip(_HEADING, texts, strict=True):
                self._write_issuer(first, last, text.upper() if text != styles.MOTTO else text, row)
            page.next(16.5)
        page.next(3.75)
        title = f"TỔNG HỢP BÁO CÁO {self.consolidated.period.title.upper()}"
        self._fitted(0, _LAST, title, (14, 12, 11, 10), bold=True, align="center")
        page.next(19.5)
        width, subject = characters(COLUMNS), self.consolidated.plan.subject
        page.text(0, _LAST, shortened(subject, width, SMALL, lines=2), italic=True, align="center")
        page.next(_LINE + 1.5 if fits(collapse(subject), width, SMALL) else 2 * _LINE)

    def _write_issuer(self, first: int, last: int, text: str, row: int) -> None:
        look: dict[str, Any] = {"bold": row > 0 or text == styles.COUNTRY, "align": "center"}
        look |= {"underline": 1} if text == styles.MOTTO else {}
        self._fitted(first, last, text, (12, 11, 10, 9), **look)

    def _fitted(self, first: int, last: int, text: str, sizes: Sequence[int], **look: Any) -> None:
        """A text on one line in the first of `sizes` in which it fits, cut where it fits in none."""
        width, bold = characters(last - first + 1), bool(look.get("bold"))
        size = next((each for each in sizes if fits(text, width, each, bold=bold)), sizes[-1])
        self.page.text(first, last, shortened(text, width, size, bold=bold), font_size=size, **look)

    def _label(self, first: int, text: str) -> None:
        self.page.text(first, first + 6, text, font_color="#404040")

    def _moment(self, first: int, moment: datetime | None) -> str:
        """Writes a moment; gives its cell."""
        last = first + _HALF - 8
        if moment is None:
            self.page.text(first, last, NOTHING)
        else:
            local = moment.astimezone(self.book.zone).replace(tzinfo=None, microsecond=0)
            self.page.moment(first, last, local, num_format=_MOMENT, align="left", bold=True)
        return address(self.page.row, first)

    # Tiles: the figures that everybody asks for first

    def _write_tiles(self, due: str, now: str) -> None:
        progress, names = self.consolidated.progress, self.progress
        schools = Formula(f"=COUNTA({names.code})", len(progress))
        sent = Formula(f"=COUNT({names.received})", int(progress["received_at"].notna().sum()))
        below = self.page.row + 1
        tiles: list[tuple[str, Formula | str, str]] = [
            (*self._days(due, now), formats.HEADER_FILL),
            ("Phải báo cáo", schools, formats.HEADER_FILL),
            ("Đã gửi", sent, formats.HEADER_FILL),
            *((LABELS[each], self._count(each), fill) for each, fill in _TILES),
        ]
        for number, (label, figure, fill) in enumerate(tiles):
            share = self._share(figure, schools, below, number) if number > 1 else "trường" if number else "ngày"
            self._write_tile(number * 4, label, figure, share, fill)
        for height in (_LINE + 1.5, 24, _LINE + 1.5, _GAP):
            self.page.next(height)

    def _count(self, standing: Standing) -> Formula:
        return Formula(count_of(self.progress, standing), self.consolidated.standings[standing])

    def _share(self, figure: Formula | str, schools: Formula, row: int, tile: int) -> Formula:
        whole, part = address(row, 4), address(row, tile * 4)
        count = figure.value if isinstance(figure, Formula) else 0
        value = float(count) / float(schools.value) if schools.value else NOTHING
        return Formula(f"=IF({whole}=0,{cells.quoted(NOTHING)},{part}/{whole})", value)

    def _days(self, due: str, now: str) -> tuple[str, Formula | str]:
        """Days until the due date, or since it while something is owed."""
        limit, counts = self.consolidated.period.schools_due, self.consolidated.standings
        if limit is None:
            return "Hạn nộp", NOTHING
        left = (limit.astimezone(self.book.zone).date() - self.book.now.date()).days
        if left < 0 and not counts["missing"] + counts["to_mend"]:
            # Nobody asks any more, and the sheet need not be built anew every day.
            return "Hạn nộp", "đã qua"
        return ("Còn lại" if left >= 0 else "Quá hạn"), Formula(f"=ABS(INT({due})-INT({now}))", abs(left))

    def _write_tile(self, first: int, label: str, figure: Formula | str, share: Formula | str, fill: str) -> None:
        page, last = self.page, first + 3
        look: dict[str, Any] = {
            "bg_color": fill,
            "align": "center",
            "border_color": styles.BORDER,
            "left": 1,
            "right": 1,
        }
        page.text(first, last, label, **look, top=1)
        page.row += 1
        big = {**look, "bold": True, "font_size": 16, "shrink": True, "text_wrap": False}
        if isinstance(figure, Formula):
            page.figure(first, last, figure, **big)
        else:
            page.text(first, last, figure, **{**big, "font_size": 12})
        page.row += 1
        if isinstance(share, Formula):
            page.figure(first, last, share, **look, bottom=1, num_format=formats.SHARE)
        else:
            page.text(first, last, share if isinstance(figure, Formula) else "", **look, bottom=1)
        page.row -= 2

    # What needs the officer today

    def _write_attention(self, items: Sequence[Item]) -> bool:
        """At most _MOST_ITEMS lines; gives whether every sentence is there as it is."""
        page = self.page
        page.text(0, _LAST, "Cần chú ý hôm nay", bold=True, font_size=11, bottom=1, border_color=styles.BORDER)
        page.next(15)
        shown = items if len(items) <= _MOST_ITEMS else items[: _MOST_ITEMS - 1]
        whole = [self._write_item(item) for item in shown]
        if len(shown) < len(items):
            self._write_item(Item("việc nữa: xem phía dưới trang này (phần không in)", len(items) - len(shown)))
        if not items:
            page.text(0, _LAST, "Không có việc gì cần chú ý.", italic=True)
            page.next(_LINE)
        page.next(_GAP)
        return all(whole) and len(shown) == len(items) and not self.consolidated.doubles

    def _write_item(self, item: Item) -> bool:
        """One line, two where it names schools; gives whether all of its words are there."""
        page, lines, look = self.page, 2 if item.standing else 1, {"bottom": 1, "border_color": "#D9D9D9"}
        width = characters(COLUMNS - 2)
        words, where = collapse(item.words), f" ({item.where})" if item.where else ""
        text = listed(words, item.names, where, width, SMALL, lines) if item.names else shortened(words, width, SMALL)
        centred = {**look, "align": "center", "bold": True}
        if item.standing:
            page.figure(0, 1, self._count(item.standing), **centred)
        elif item.count is not None:
            page.number(0, 1, item.count, **centred)
        else:
            page.text(0, 1, "•", **centred)
        page.text(2, _LAST, text, **look)
        page.next(_LINE if fits(text, width, SMALL) else 2 * _LINE - 1.5)
        return bool(item.names) or text == words

    def _write_sentences(self, note: str) -> None:
        """All sentences as they are, below the printed page."""
        page = self.page
        page.next(30)
        page.text(0, _LAST, "Toàn bộ điều cần chú ý (phần này không in)", bold=True, font_size=11)
        page.next(18)
        for sentence in [*([note] if note else []), *attention.sentences(self.consolidated)]:
            text = f"• {sentence}"
            page.text(0, _LAST, text, font_size=10)
            page.next(styles.height([(text, characters(COLUMNS), 10, False)], least=15))

    # Charts and tables

    def _write_charts(self) -> None:
        """Where schools are and when they reported, side by side."""
        places, shown = self.data.standings()
        height = max(_LEAST_CHART, min(_TALLEST_CHART, self._room(self.sizes)))
        row, book = self.page.row, self.book.workbook
        self.page.chart(charts.standings(book, places, shown), row, (0, _HALF - 3), height)
        received = charts.receipts(book, self.data.receipts(), len(self.consolidated.progress))
        self.page.chart(received, row, (_HALF - 2, _LAST), height)
        self.page.next(height)
        self.page.next(_GAP)

    def _room(self, sizes: Sizes) -> float:
        """What the tables, with rows of these sizes, and the last lines leave for the two charts, in points."""
        below = overview_tables.height(self.summaries, sizes) + self._news_height()
        return (self.page.left - below - _GAP) // 0.75 * 0.75

    def _write_results(self) -> None:
        summary = self.summaries["activities"]
        if summary.leaves.table.status_column is not None:
            start, row = self.page.used, self.page.row
            overview_tables.write_sections(self.page, summary, _HALF + 1, self.sizes)
            height = self.page.used - start
            places = self.data.lagging(summary, int((height - 27) / _BAR))
            if places is not None:
                self.page.chart(
                    charts.lagging(self.book.workbook, places, overview_tables.done_heading(summary)),
                    row,
                    (0, _HALF),
                    height,
                )
            self.page.next(_GAP)
        targets = self.summaries.get("targets")
        if targets is not None and overview_tables.write_targets(self.page, targets, self.sizes):
            self.page.next(_GAP)

    # The last pass and the next notices

    def _news_height(self) -> float:
        return _LINE * (1 + max(1, len(self.consolidated.outlook.coming)))

    def _write_news(self) -> None:
        outlook, page = self.consolidated.outlook, self.page
        at = cells.local(self.book.now, self.book.zone)
        self._label(0, "Lượt đồng bộ")
        page.text(7, _LAST, f"số {outlook.run}, lúc {at}" if outlook.run else f"lúc {at}")
        page.next(_LINE)
        self._label(0, "Thư sắp gửi")
        for line in [self._told(each) for each in outlook.coming] or ["không có"]:
            page.text(7, _LAST, shortened(line, characters(COLUMNS - 7), SMALL))
            page.next(_LINE)

    def _told(self, coming: Any) -> str:
        whose = "" if coming.period == self.consolidated.period.key else f" (kỳ {coming.period})"
        schools = "" if coming.kind.startswith("office") else f" {coming.notices} trường"
        return f"{cells.local(coming.at, self.book.zone)}: {KINDS[coming.kind]}{schools}{whose}"

    def _set_up(self, last: int) -> None:
        formats.set_up_page(self.sheet, self.book.office, portrait=True)
        self.sheet.fit_to_pages(1, 1)
        self.sheet.print_area(0, 0, last, _LAST)
        self.sheet.hide_gridlines(2)
