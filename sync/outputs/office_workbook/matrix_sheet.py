"""`Ma trận`: every school's progress in every activity as a heat map, a letter and a light fill a cell.

The shares of the activities stand above the schools, so that they are on every printed page and in sight while
scrolling; how many schools chose what stands below them, outside the filter.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import accumulate, groupby
from typing import TYPE_CHECKING, Literal

from pandas import DataFrame

from sync.consolidate import BLANK, NO_REPORT, NOT_FOR_LEVEL, Consolidated
from sync.outputs.office_workbook import cells, formats
from sync.outputs.office_workbook.book import Book
from sync.outputs.office_workbook.data_sheet import content_of
from sync.outputs.office_workbook.leaves import NOTHING
from sync.plan import Choice, Row, Stage, Table
from sync.text import address

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

SHEET = "Ma trận"
SIGNS = {NO_REPORT: "–", NOT_FOR_LEVEL: "/", BLANK: "?"}
_MEANINGS = {"–": "chưa có báo cáo được tính", "/": "không dành cho cấp học này", "?": "chưa ghi"}
_FILLS: Mapping[Stage, str] = {
    "done": formats.GREEN,
    "under_way": formats.YELLOW,
    "not_begun": formats.ORANGE,
    "not_applicable": formats.GREY,
}
SECTION_ROW, TEXT_ROW, SHARE_ROW, CODE_ROW = 6, 7, 8, 9
FIRST_ROW = CODE_ROW + 1
_BEFORE = {"Stt": 5.0, "Mã trường": 11.0, "Tên trường": 28.0, "Cấp học": 10.5, "Xã/phường": 15.0}
_AFTER = (9.0, 8.0, 9.0)
_TEXT_LENGTH = 58
_WIDTH = 4.6
_PAGE = 190.0
"""Characters across a landscape page on which the letters can still be read."""


def letters_of(choices: Sequence[Choice]) -> dict[str, str]:
    """A letter for each choice that no other has: an initial of its words, else any of its letters, else a digit."""
    letters: dict[str, str] = {}
    for choice in choices:
        initials = [word[0] for word in choice.value.split()]
        candidates = [*(sign.upper() for sign in (*initials, *choice.value) if sign.isalpha()), *"123456789"]
        letters[choice.value] = next((sign for sign in candidates if sign not in letters.values()), choice.value)
    return letters


def write(book: Book, sheet: Worksheet, consolidated: Consolidated) -> None:
    """The whole sheet; nothing where activities have no column of progress."""
    matrix, table = consolidated.matrix, consolidated.plan.tables["activities"]
    if matrix is not None and table.status_column is not None:
        _Writer(book, sheet, consolidated, matrix, table, table.status_column.choices).write()


class _Writer:
    def __init__(
        self,
        book: Book,
        sheet: Worksheet,
        consolidated: Consolidated,
        matrix: DataFrame,
        table: Table,
        choices: Sequence[Choice],
    ) -> None:
        self.book, self.sheet, self.consolidated = book, sheet, consolidated
        self.matrix, self.table, self.choices = matrix, table, choices
        self.letters = letters_of(choices)
        self.first = len(_BEFORE)
        self.after = self.first + len(table.rows)
        self.widths = [*_BEFORE.values(), *([_WIDTH] * len(table.rows)), *_AFTER]
        self.rows = len(matrix)
        self.across = math.ceil(sum(self.widths) / _PAGE)
        self.last = FIRST_ROW + max(self.rows, 1) - 1

    def write(self) -> None:
        formats.set_widths(self.sheet, self.widths)
        self.book.head(
            self.sheet,
            "MA TRẬN KẾT QUẢ CÁC HOẠT ĐỘNG",
            [self._subtitle(), self._legend()],
            self._head_widths(),
            2 if self.across > 1 else None,
        )
        self._write_headings()
        self._write_schools()
        for number, row in enumerate(self.table.rows):
            self._write_activity(row, number)
        self._write_school_totals()
        self._write_activity_shares()
        self._write_activity_totals()
        self._colour()
        self.sheet.autofilter(CODE_ROW, 0, self.last, len(self.widths) - 1)
        self.sheet.freeze_panes(FIRST_ROW, 3)
        if self.across > 1:
            self.sheet.repeat_columns(0, 2)
        formats.set_up_page(self.sheet, self.book.office, repeat=(SECTION_ROW, CODE_ROW), across=self.across)

    def _head_widths(self) -> list[float]:
        """The columns of the first page: no page break may cut the title."""
        room = sum(self.widths) / self.across
        return [width for width, end in zip(self.widths, accumulate(self.widths), strict=True) if end <= room + 0.01]

    def _subtitle(self) -> str:
        return f"{self.consolidated.period.title} – tính đến {cells.local(self.book.now, self.book.zone)}"

    def _legend(self) -> str:
        chosen = [f"{letter}: {value.lower()}" for value, letter in self.letters.items()]
        return "Ký hiệu: " + "; ".join([*chosen, *(f"{sign}: {meaning}" for sign, meaning in _MEANINGS.items())])

    def _write_headings(self) -> None:
        header = self.book.formats.heading(font_size=10)
        headings = (self._done_heading(), "Áp dụng", "Tỉ lệ")
        for number, heading in [*enumerate(_BEFORE), *enumerate(headings, self.after)]:
            formats.merge(self.sheet, (SECTION_ROW, number, TEXT_ROW, number), heading, header)
            self.sheet.write_blank(CODE_ROW, number, None, header)
        column = self.first
        for section, members in groupby(self.table.rows, key=lambda row: row.section):
            count = len(list(members))
            formats.merge(self.sheet, (SECTION_ROW, column, SECTION_ROW, column + count - 1), section or "", header)
            column += count
        self._write_activity_headings()

    def _write_activity_headings(self) -> None:
        turned = self.book.formats.boxed(rotation=90, font_size=8, bg_color=formats.HEADER_FILL)
        header = self.book.formats.heading(font_size=9, text_wrap=False)
        for column, row in enumerate(self.table.rows, self.first):
            text = content_of(self.table, row)
            shown = text if len(text) <= _TEXT_LENGTH else text[:_TEXT_LENGTH].rsplit(" ", 1)[0] + "…"
            self.sheet.write_string(TEXT_ROW, column, shown, turned)
            self.sheet.write_string(CODE_ROW, column, row.number if row.section else row.code, header)
        # Two lines a column: what is frozen must leave room on a small screen.
        self.sheet.set_row(TEXT_ROW, 124)
        self.sheet.set_row(CODE_ROW, 30)

    def _done_heading(self) -> str:
        done = [choice.value for choice in self.choices if choice.stage == "done"]
        return " + ".join(done) or "Xong"

    def _write_schools(self) -> None:
        progress = self.consolidated.progress
        code = self.book.formats.boxed(align="center")
        plain = self.book.formats.boxed()
        ordinals = [float(number) for number in range(1, self.rows + 1)]
        cells.write_numbers(self.sheet, FIRST_ROW, 0, ordinals, code)
        columns = (("code", code), ("name", plain), ("level", code), ("unit", plain))
        for column, (name, form) in enumerate(columns, 1):
            cells.write_texts(self.sheet, FIRST_ROW, column, cells.texts(progress[name]), form)
        for row, (name, unit) in enumerate(zip(progress["name"], progress["unit"], strict=True), FIRST_ROW):
            wrapped = [(str(name), _BEFORE["Tên trường"]), (str(unit), _BEFORE["Xã/phường"])]
            self.sheet.set_row(row, formats.height_for(wrapped))

    def _write_activity(self, row: Row, number: int) -> None:
        signs = {**SIGNS, **dict(enumerate(self.letters.values()))}
        values = [signs[int(value)] for value in self.matrix[row.code].tolist()]
        cells.write_texts(self.sheet, FIRST_ROW, self.first + number, values, self.book.formats.count())

    def _stage_letters(self, *stages: Stage) -> list[str]:
        return [self.letters[choice.value] for choice in self.choices if choice.stage in stages]

    def _stage_numbers(self, *stages: Stage) -> list[int]:
        return [number for number, choice in enumerate(self.choices) if choice.stage in stages]

    def _tallies(self, axis: Literal[0, 1]) -> tuple[list[int], list[int]]:
        """How many are done and to how many it applies: by activity (axis 0), by school (axis 1)."""
        off = [NO_REPORT, NOT_FOR_LEVEL, *self._stage_numbers("not_applicable")]
        done = self.matrix.isin(self._stage_numbers("done")).sum(axis=axis)
        return done.tolist(), (~self.matrix.isin(off)).sum(axis=axis).tolist()

    def _done(self, area: str) -> str:
        return cells.total([_count(area, letter) for letter in self._stage_letters("done")])

    def _applying(self, area: str) -> str:
        without = [SIGNS[NO_REPORT], SIGNS[NOT_FOR_LEVEL], *self._stage_letters("not_applicable")]
        return f"COUNTA({area})" + "".join("-" + _count(area, sign) for sign in without)

    def _write_school_totals(self) -> None:
        """Per school: activities done, those that apply to it, and the share."""
        count, share = self.book.formats.count(), self.book.formats.count(num_format=formats.SHARE)
        done, applying = self.after, self.after + 1
        for at, (above, below) in enumerate(zip(*self._tallies(1), strict=True), FIRST_ROW):
            across = f"{address(at, self.first)}:{address(at, self.after - 1)}"
            self.sheet.write_formula(at, done, "=" + self._done(across), count, above)
            self.sheet.write_formula(at, applying, "=" + self._applying(across), count, below)
            formula = _share(address(at, done), address(at, applying))
            self.sheet.write_formula(at, applying + 1, formula, share, above / below if below else NOTHING)

    def _write_activity_shares(self) -> None:
        """Per activity, and of all together: the share that is done."""
        look = {"bold": True, "bg_color": formats.SECTION_FILL, "font_size": 9}
        label, share = self.book.formats.boxed(**look), self.book.formats.count(num_format="0%", **look)
        text = f"Tỉ lệ {self._done_heading().lower()}"
        formats.merge(self.sheet, (SHARE_ROW, 0, SHARE_ROW, self.first - 1), text, label)
        tallies = list(zip(*self._tallies(0), strict=True))
        for column, (above, below) in enumerate(tallies, self.first):
            down = self._down(column)
            formula = _share(f"({self._done(down)})", f"({self._applying(down)})")
            self.sheet.write_formula(SHARE_ROW, column, formula, share, above / below if below else NOTHING)
        sums = [sum(above for above, _ in tallies), sum(below for _, below in tallies)]
        for column, value in enumerate(sums, self.after):
            self.sheet.write_formula(
                SHARE_ROW, column, f"=SUM({self._down(column)})", self.book.formats.count(**look), value
            )
        formula = _share(address(SHARE_ROW, self.after), address(SHARE_ROW, self.after + 1))
        total = self.book.formats.count(num_format=formats.SHARE, **look)
        self.sheet.write_formula(SHARE_ROW, self.after + 2, formula, total, sums[0] / sums[1] if sums[1] else NOTHING)
        self.sheet.set_row(SHARE_ROW, 18)

    def _down(self, column: int) -> str:
        return f"{address(FIRST_ROW, column)}:{address(self.last, column)}"

    def _write_activity_totals(self) -> None:
        """Per activity and choice, how many schools chose it; below the schools, outside the filter."""
        first = self.last + 1
        label = self.book.formats.boxed(bold=True, bg_color=formats.SECTION_FILL)
        form = self.book.formats.count(bold=True, bg_color=formats.SECTION_FILL, font_size=10)
        for number, (value, letter) in enumerate(self.letters.items()):
            at = first + number
            formats.merge(self.sheet, (at, 0, at, self.first - 1), f"{letter}: {value}", label)
            self.sheet.set_row(at, 16)
            for column, row in enumerate(self.table.rows, self.first):
                count = int((self.matrix[row.code] == number).sum())
                self.sheet.write_formula(at, column, "=" + _count(self._down(column), letter), form, count)

    def _colour(self) -> None:
        fills = {
            self.letters[choice.value]: _FILLS[choice.stage] for choice in self.choices if choice.stage is not None
        }
        for sign, fill in {**fills, SIGNS[NOT_FOR_LEVEL]: formats.GREY, SIGNS[BLANK]: formats.RED}.items():
            look = self.book.formats.fill(fill)
            rule = {"type": "cell", "criteria": "==", "value": cells.quoted(sign), "format": look}
            self.sheet.conditional_format(FIRST_ROW, self.first, self.last, self.after - 1, rule)
        share = self.after + 2
        for area in ((FIRST_ROW, share, self.last, share), (SHARE_ROW, self.first, SHARE_ROW, self.after - 1)):
            self.sheet.conditional_format(*area, _HEAT)


_HEAT = {
    "type": "3_color_scale",
    **dict.fromkeys(("min_type", "mid_type", "max_type"), "num"),
    "min_value": 0,
    "mid_value": 0.5,
    "max_value": 1,
    "min_color": formats.ORANGE,
    "mid_color": formats.YELLOW,
    "max_color": formats.GREEN,
}


def _share(part: str, whole: str) -> str:
    return f"=IF({whole}=0,{cells.quoted(NOTHING)},{part}/{whole})"


def _count(area: str, sign: str) -> str:
    return f"COUNTIF({area},{cells.criterion(sign)})"
