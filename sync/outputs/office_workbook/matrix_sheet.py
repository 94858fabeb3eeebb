"""`Ma trận`: every school's progress in every activity, a letter and a light fill a cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from pandas import DataFrame

from sync.consolidate import BLANK, NO_REPORT, NOT_FOR_LEVEL, Consolidated
from sync.outputs.office_workbook import cells, formats
from sync.outputs.office_workbook.book import Book
from sync.outputs.office_workbook.data_sheet import content_of
from sync.plan import Choice, Row, Stage, Table
from sync.text import address, column_letters

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
SECTION_ROW, TEXT_ROW, CODE_ROW = 6, 7, 8
FIRST_ROW = CODE_ROW + 1
_BEFORE = {"Stt": 4.5, "Mã trường": 10.5, "Tên trường": 30.0, "Cấp học": 10.5}
_TEXT_LENGTH = 64
_WIDTH = 4.6


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
        self.widths = [*_BEFORE.values(), *([_WIDTH] * len(table.rows)), 8.0, 8.0]
        self.rows = len(matrix)

    def write(self) -> None:
        formats.set_widths(self.sheet, self.widths)
        self.book.head(self.sheet, "MA TRẬN KẾT QUẢ CÁC HOẠT ĐỘNG", [self._subtitle(), self._legend()], self.widths)
        self._write_headings()
        self._write_schools()
        for number, row in enumerate(self.table.rows):
            self._write_activity(row, number)
        self._write_school_totals()
        self._write_activity_totals()
        self._colour()
        last = FIRST_ROW + max(self.rows, 1) - 1
        self.sheet.autofilter(CODE_ROW, 0, last, self.after + 1)
        self.sheet.freeze_panes(FIRST_ROW, 3)
        formats.set_up_page(self.sheet, self.book.office, repeat=(SECTION_ROW, CODE_ROW))

    def _subtitle(self) -> str:
        return f"{self.consolidated.period.title} – tính đến {cells.local(self.book.now, self.book.zone)}"

    def _legend(self) -> str:
        chosen = [f"{letter}: {value.lower()}" for value, letter in self.letters.items()]
        return "Ký hiệu: " + "; ".join([*chosen, *(f"{sign}: {meaning}" for sign, meaning in _MEANINGS.items())])

    def _write_headings(self) -> None:
        header = self.book.formats.heading(font_size=10)
        for number, heading in enumerate(_BEFORE):
            formats.merge(self.sheet, (SECTION_ROW, number, TEXT_ROW, number), heading, header)
            self.sheet.write_blank(CODE_ROW, number, None, header)
        column = self.first
        for section, members in groupby(self.table.rows, key=lambda row: row.section):
            count = len(list(members))
            formats.merge(self.sheet, (SECTION_ROW, column, SECTION_ROW, column + count - 1), section or "", header)
            column += count
        for number, heading in enumerate((self._done_heading(), "Áp dụng"), self.after):
            formats.merge(self.sheet, (SECTION_ROW, number, TEXT_ROW, number), heading, header)
            self.sheet.write_blank(CODE_ROW, number, None, header)
        self._write_activity_headings()

    def _write_activity_headings(self) -> None:
        turned = self.book.formats.boxed(rotation=90, font_size=8, valign="bottom", bg_color=formats.HEADER_FILL)
        header = self.book.formats.heading(font_size=9, text_wrap=False)
        for column, row in enumerate(self.table.rows, self.first):
            text = content_of(self.table, row)
            shown = text if len(text) <= _TEXT_LENGTH else text[:_TEXT_LENGTH].rsplit(" ", 1)[0] + "…"
            self.sheet.write_string(TEXT_ROW, column, shown, turned)
            self.sheet.write_string(CODE_ROW, column, row.number if row.section else row.code, header)
        self.sheet.set_row(TEXT_ROW, 165)
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
        for column, (name, form) in enumerate((("code", code), ("name", plain), ("level", code)), 1):
            cells.write_texts(self.sheet, FIRST_ROW, column, cells.texts(progress[name]), form)
        for row, name in enumerate(progress["name"], FIRST_ROW):
            self.sheet.set_row(row, formats.height_for([(str(name), _BEFORE["Tên trường"])]))

    def _write_activity(self, row: Row, number: int) -> None:
        signs = {**SIGNS, **dict(enumerate(self.letters.values()))}
        values = [signs[int(value)] for value in self.matrix[row.code].tolist()]
        cells.write_texts(self.sheet, FIRST_ROW, self.first + number, values, self.book.formats.count())

    def _stage_letters(self, *stages: Stage) -> list[str]:
        return [self.letters[choice.value] for choice in self.choices if choice.stage in stages]

    def _stage_numbers(self, *stages: Stage) -> list[int]:
        return [number for number, choice in enumerate(self.choices) if choice.stage in stages]

    def _write_school_totals(self) -> None:
        """Per school: activities done, and those that apply to it."""
        form = self.book.formats.count()
        done = self.matrix.isin(self._stage_numbers("done")).sum(axis=1).tolist()
        off = [NO_REPORT, NOT_FOR_LEVEL, *self._stage_numbers("not_applicable")]
        applies = (~self.matrix.isin(off)).sum(axis=1).tolist()
        without = [SIGNS[NO_REPORT], SIGNS[NOT_FOR_LEVEL], *self._stage_letters("not_applicable")]
        for row in range(self.rows):
            at = FIRST_ROW + row
            across = f"{address(at, self.first)}:{address(at, self.after - 1)}"
            formula = "=" + cells.total([_count(across, letter) for letter in self._stage_letters("done")])
            self.sheet.write_formula(at, self.after, formula, form, done[row])
            less = "".join("-" + _count(across, sign) for sign in without)
            self.sheet.write_formula(at, self.after + 1, f"=COUNTA({across}){less}", form, applies[row])

    def _write_activity_totals(self) -> None:
        """Per activity and choice, how many schools chose it; below the schools, outside the filter."""
        first = FIRST_ROW + max(self.rows, 1)
        label = self.book.formats.boxed(bold=True, bg_color=formats.SECTION_FILL)
        form = self.book.formats.count(bold=True, bg_color=formats.SECTION_FILL, font_size=10)
        for number, (value, letter) in enumerate(self.letters.items()):
            at = first + number
            formats.merge(self.sheet, (at, 0, at, self.first - 1), f"{letter}: {value}", label)
            for column, row in enumerate(self.table.rows, self.first):
                name = column_letters(column)
                down = f"{name}{FIRST_ROW + 1}:{name}{first}"
                count = int((self.matrix[row.code] == number).sum())
                self.sheet.write_formula(at, column, "=" + _count(down, letter), form, count)

    def _colour(self) -> None:
        last = FIRST_ROW + max(self.rows, 1) - 1
        fills = {
            self.letters[choice.value]: _FILLS[choice.stage] for choice in self.choices if choice.stage is not None
        }
        for sign, fill in {**fills, SIGNS[NOT_FOR_LEVEL]: formats.GREY}.items():
            look = self.book.formats.fill(fill)
            rule = {"type": "cell", "criteria": "==", "value": cells.quoted(sign), "format": look}
            self.sheet.conditional_format(FIRST_ROW, self.first, last, self.after - 1, rule)


def _count(area: str, sign: str) -> str:
    return f"COUNTIF({area},{cells.criterion(sign)})"
