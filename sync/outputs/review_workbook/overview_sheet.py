"""`Tổng quan` of a review: what it is about, when it is due, and how the figures went on from period to period."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sync.comparing import PeriodFigures, Review, progress_lines, target_lines
from sync.outputs import styles
from sync.outputs.office_workbook import cells, development, formats
from sync.outputs.office_workbook.book import Book
from sync.outputs.office_workbook.leaves import NOTHING
from sync.outputs.office_workbook.period_table import NO_REPORTS, done_words, text_of

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

SHEET = "Tổng quan"
_WIDTHS = [34.0, 12.0, *([9.5] * 7)]
_LAST = len(_WIDTHS) - 1
_HEADINGS = ("Kỳ", "Hạn nộp", "Phải báo cáo", "Đã gửi", "Được tính", "Đúng hạn", "Nộp muộn", "Chưa đạt, chưa nộp")
_MOST = 6


def write(book: Book, sheet: Worksheet, review: Review) -> None:
    """The whole sheet."""
    _Sheet(book, sheet, review).write()


class _Sheet:
    def __init__(self, book: Book, sheet: Worksheet, review: Review) -> None:
        self.book, self.sheet, self.review = book, sheet, review
        self.row = formats.TITLE_ROW + 3

    def write(self) -> None:
        formats.set_widths(self.sheet, _WIDTHS)
        period = self.review.period
        self.book.head(self.sheet, f"SỐ LIỆU {period.title.upper()}", [self.review.plan.subject], _WIDTHS)
        for label, text in self._lines().items():
            if text:
                self._line(label, text)
        self._title("Các kỳ báo cáo của trường")
        places = self._write_periods()
        self._title("Cần chú ý")
        for text in self._attention() or ["Không có việc gì cần chú ý."]:
            self._across(f"• {text}", text_wrap=True)
        if places is not None:
            self._write_chart(places)
        self.sheet.freeze_panes(formats.TITLE_ROW, 0)
        formats.set_up_page(self.sheet, self.book.office, portrait=True)

    def _lines(self) -> dict[str, str]:
        period, figures = self.review.period, self.review.figures
        with_reports = sum(1 for each in figures if each.has_reports)
        return {
            "Thời gian": f"{period.starts_on:%d/%m/%Y} – {period.ends_on:%d/%m/%Y}",
            "Hạn báo cáo của đơn vị": self._due(period.office_due),
            "Đơn vị đã báo cáo": f"{period.office_reported_on:%d/%m/%Y}" if period.office_reported_on else "",
            "Theo công văn": period.dispatch,
            "Gồm": f"{len(figures)} kỳ báo cáo của trường, {with_reports} kỳ có báo cáo",
            "Số liệu tính đến": cells.local(self.book.now, self.book.zone),
        }

    def _due(self, due: datetime | None) -> str:
        if due is None:
            return ""
        moment = cells.local(due, self.book.zone)
        days = (due.astimezone(self.book.zone).date() - self.book.now.date()).days
        if self.review.period.office_reported_on:
            return moment
        return f"{moment} – {f'còn {days} ngày' if days >= 0 else f'đã quá {-days} ngày'}"

    def _write_periods(self) -> tuple[int, int] | None:
        """A row per period; gives the first and last row from the first period with reports on, None without any."""
        headings = [*_HEADINGS, f"Tỉ lệ {done_words(self.review.plan)}"]
        for column, text in enumerate(headings):
            self.sheet.write_string(self.row, column, text, self.book.formats.heading())
        texts = [(text, width - 1.5) for text, width in zip(headings, _WIDTHS, strict=True)]
        self.sheet.set_row(self.row, formats.height_for(texts, bold=True))
        self.row += 1
        first, shown = self.row, self.review.shown
        for figures in self.review.figures:
            self._write_period(figures)
        if self.review.latest is None:
            return None
        return first + len(self.review.figures) - len(shown), self.row - 1

    def _write_period(self, figures: PeriodFigures) -> None:
        form, due = self.book.formats, figures.period.schools_due
        self.sheet.write_string(self.row, 0, figures.period.title, form.boxed())
        self.sheet.write_string(self.row, 1, f"{due:%d/%m/%Y}" if due else "", form.boxed(align="center"))
        self.sheet.write_number(self.row, 2, len(figures.schools), form.count())
        if not figures.has_reports:
            area = (self.row, 3, self.row, _LAST - 1)
            look = form.boxed(bg_color=formats.CLOSED_FILL, align="center", italic=True)
            formats.merge(self.sheet, area, f"{NO_REPORTS} báo cáo", look)
            self.sheet.write_blank(self.row, _LAST, None, form.boxed(bg_color=formats.CLOSED_FILL))
        else:
            self._write_counts(figures)
        self.sheet.set_row(self.row, 20)
        self.row += 1

    def _write_counts(self, figures: PeriodFigures) -> None:
        at = figures.standings
        owed = at["to_mend"] + at["missing"] + at["due_soon"] + at["not_due"]
        for column, value in enumerate((figures.received, figures.counted, at["on_time"], at["late"], owed), 3):
            self.sheet.write_number(self.row, column, value, self.book.formats.count())
        lines = progress_lines(self.review.plan)
        share = lines[0].value(figures) if lines else None
        form = self.book.formats.count(num_format=formats.SHARE, bold=True)
        if share is None and not figures.counted:
            self.sheet.write_blank(self.row, _LAST, None, form)
        elif share is None:
            self.sheet.write_string(self.row, _LAST, NOTHING, form)
        else:
            self.sheet.write_number(self.row, _LAST, share, form)

    def _attention(self) -> list[str]:
        review = self.review
        silent = [each.period.title for each in review.figures if not each.has_reports]
        found = [f"{len(silent)} kỳ không có báo cáo: {_listed(silent)}."] if silent else []
        if review.latest is None:
            return [*found, "Chưa có báo cáo nào được tính, nên chưa có số liệu để tổng hợp."]
        latest = review.latest
        period = latest.period.title
        short = [
            f"{line.row.number} ({_percent(share)})"
            for line in target_lines(review.plan)
            if line.row and (share := line.value(latest)) is not None and share < 1
        ]
        lagging = self._lagging(latest)
        found += [f"Chỉ tiêu chưa đủ 100% ở kỳ mới nhất ({period}): {', '.join(short)}."] if short else []
        return found + ([f"Hoạt động chậm nhất ở kỳ mới nhất ({period}): {'; '.join(lagging)}."] if lagging else [])

    def _lagging(self, latest: PeriodFigures) -> list[str]:
        lines = [line for line in progress_lines(self.review.plan) if line.row]
        shares = [(share, line) for line in lines if (share := line.value(latest)) is not None and share < 1]
        least = sorted(shares, key=lambda each: each[0])[:3]
        return [f"{line.code} {_short(text_of(line))} ({_percent(share)})" for share, line in least]

    def _write_chart(self, places: tuple[int, int]) -> None:
        self.row += 1
        question = f"Tỉ lệ {done_words(self.review.plan)} qua các kỳ ra sao?"
        chart = development.share_down(self.book.workbook, self.sheet.get_name(), places, (0, _LAST), question)
        chart.set_size({"width": int(7.3 * sum(_WIDTHS)), "height": 300})
        self.sheet.insert_chart(self.row, 0, chart, {"object_position": 1})
        for row in range(self.row, self.row + 13):
            self.sheet.set_row(row, 20)

    def _line(self, label: str, text: str) -> None:
        self.sheet.write_string(self.row, 0, label, self.book.formats.get(bold=True))
        styles.across(self.sheet, self.row, (1, _LAST), cells.clean(text), self.book.formats.get(text_wrap=True))
        self.sheet.set_row(self.row, formats.height_for([(text, sum(_WIDTHS[1:]))]))
        self.row += 1

    def _title(self, text: str) -> None:
        self.row += 1
        self._across(text, bold=True, font_size=12)

    def _across(self, text: str, **look: object) -> None:
        styles.across(self.sheet, self.row, (0, _LAST), cells.clean(text), self.book.formats.get(**look))
        self.sheet.set_row(self.row, formats.height_for([(text, 0.95 * sum(_WIDTHS))]) + 2)
        self.row += 1


def _percent(share: float) -> str:
    return f"{share:.1%}".replace(".", ",")


def _listed(names: list[str]) -> str:
    more = len(names) - _MOST
    return "; ".join(names[:_MOST]) + (f"; và {more} kỳ nữa" if more > 0 else "")


def _short(text: str, most: int = 60) -> str:
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0].rstrip(",;") + "…"
