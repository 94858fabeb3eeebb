"""One table's sheet: what schools know from the printed plan, the cells they fill, the verdict, the hidden helpers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from sync.landmarks import CODE_HEADING, VERDICT_HEADING
from sync.outputs import layout as at
from sync.outputs import styles as st
from sync.outputs.school_workbook import wording
from sync.outputs.school_workbook.fill_in import validation, write_value
from sync.outputs.school_workbook.form import Draft, Fill
from sync.outputs.school_workbook.formulas import RULE_MESSAGE_ROW, CountFormulas, RowFormulas, rules_of
from sync.outputs.school_workbook.verdicts import TableVerdict
from sync.plan import Column, Row, Table
from sync.text import address

CODE_WIDTH = 4.5
_VERDICT_WIDTHS = (20.0, 44.0)
_SHEET_WIDTH = 190.0
_FROZEN_WIDTH = 62.0
_SIZE = 12
_VERDICT_SIZE = 11


class FlexibleSheet(Worksheet):  # type: ignore[misc]
    """A sheet with rows that open with the heights given and grow when somebody types more.

    XlsxWriter marks each height as fixed by hand; Excel does not mark the heights that it found by itself, and only
    those follow the text.
    """

    def __init__(self) -> None:
        super().__init__()
        self.growing: set[int] = set()
        """Excel's numbers of the rows that grow."""

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:  # noqa: ARG002
        # Looking in each formula for functions newer than Excel 2010 takes most of the time of a workbook.
        return formula.removeprefix("=")

    def _xml_start_tag_unencoded(self, tag: str, attributes: list[tuple[str, object]] | None = None) -> None:
        if tag == "row" and attributes and dict(attributes).get("r") in self.growing:
            attributes = [pair for pair in attributes if pair[0] != "customHeight"]
        super()._xml_start_tag_unencoded(tag, attributes)


class TableSheet:
    """Draws the sheet of one table."""

    def __init__(
        self, sheet: FlexibleSheet, styles: st.Styles, draft: Draft, table: Table, fill: Fill, verdict: TableVerdict
    ) -> None:
        self.sheet, self.styles, self.draft, self.table = sheet, styles, draft, table
        self.fill, self.verdict = fill, verdict
        self.place = draft.sheets[table.id]
        self.widths = _widths(table)

    def draw(self) -> None:
        self._columns()
        self._head()
        self._heading_row()
        for section in self.table.sections:
            self._section(section.code, section.title)
        for row in self.table.rows:
            self._row(row)
        self._validations()
        self._marks()
        st.signatures(self.sheet, self.styles, self.place.signature_row, self.widths, "Người lập biểu", "Hiệu trưởng")
        self._page()

    def _columns(self) -> None:
        for column, width in enumerate(self.widths):
            self.sheet.set_column(column, column, width)
        self.sheet.set_column(self.place.verdict_column + 1, self.place.state_column, 9, None, {"hidden": True})

    def _head(self) -> None:
        st.administrative_heading(self.sheet, self.styles, self.widths, self.draft.superior, self.draft.issuer)
        self.sheet.set_row(2, 6)
        document = self.draft.plan.document
        subject = document.appendix_subject if self.table.id == "activities" else self.draft.plan.subject
        total = sum(self.widths)
        for row, text, style in (
            (at.TITLE_ROW, self.table.title, {"bold": True, "font_size": 14}),
            (at.SUBJECT_ROW, subject or self.draft.plan.subject, {"bold": True}),
            (at.PERIOD_ROW, self._period_line(), {"italic": True}),
        ):
            self._across(row, text, self.styles.get(align="center", text_wrap=True, **style))
            self.sheet.set_row(row, st.height([(text, total, 14 if row == at.TITLE_ROW else 12, True)], least=17))
        self._count_line()

    def _across(self, row: int, text: str, style: Format) -> None:
        st.across(self.sheet, row, (0, self.place.verdict_column), text, style)

    def _period_line(self) -> str:
        period = self.draft.period
        if period is None:
            return "Kỳ báo cáo: ……………………………"
        return f"Kỳ báo cáo: {period.title} (từ {period.starts_on:%d/%m/%Y} đến {period.ends_on:%d/%m/%Y})"

    def _count_line(self) -> None:
        counts, verdict = CountFormulas(self.place), self.verdict
        pieces = wording.progress("\n", "\n", "\n").split("\n")
        parts = (f"({counts.rows()}-{counts.blank()})", counts.rows(), counts.wrong())
        formula = "".join(f'"{text}"&{part}&' for text, part in zip(pieces, parts, strict=False)) + f'"{pieces[-1]}"'
        style = self.styles.get(italic=True, font_size=11, align="right")
        self.sheet.merge_range(at.COUNT_ROW, 0, at.COUNT_ROW, self.place.verdict_column, "", style)
        value = wording.progress(verdict.all - verdict.blank, verdict.all, verdict.wrong)
        self.sheet.write_formula(at.COUNT_ROW, 0, f"={formula}", style, value)

    def _heading_row(self) -> None:
        heading = self.styles.heading()
        row = self.place.heading_row
        code_style = self.styles.heading(font_size=8, font_color=st.GREY_FONT, bold=False)
        self.sheet.write_string(row, self.place.code_column, CODE_HEADING, code_style)
        texts = [(self.place.verdict_column, VERDICT_HEADING)]
        texts += [(self.place.fixed[column.id], column.heading) for column in self.table.fixed]
        texts += [(self.place.columns[column.id], column.heading) for column in self.table.columns]
        for column, text in texts:
            self.sheet.write_string(row, column, text, heading)
        self.sheet.set_row(row, st.height([(text, self.widths[at_], _SIZE, True) for at_, text in texts], least=34))
        for rule in self.table.rules:
            self.sheet.write_string(RULE_MESSAGE_ROW, self.place.rule_columns[rule.id], rule.message)

    def _section(self, code: str, title: str) -> None:
        row = self.place.sections[code]
        style = self.styles.boxed(bold=True, bg_color=st.SECTION_FILL)
        small = self.styles.boxed(font_size=8, font_color=st.GREY_FONT, bg_color=st.SECTION_FILL, align="center")
        self.sheet.write_string(row, self.place.code_column, code, small)
        text = f"{code}. {title}"
        st.across(self.sheet, row, (self.place.code_column + 1, self.place.verdict_column), text, style)
        self.sheet.set_row(row, st.height([(text, sum(self.widths[1:]), _SIZE, True)], least=21))

    def _row(self, row: Row) -> None:
        formulas = RowFormulas(self.draft, self.table, row)
        number = self.place.rows[row.code]
        shade = {"bg_color": st.CLOSED_FILL} if formulas.foreign else {}
        code = self.styles.boxed(font_size=8, font_color=st.GREY_FONT, align="center", **shade)
        self.sheet.write_string(number, self.place.code_column, row.code, code)
        for fixed in self.table.fixed:
            text = row.text(fixed.id)
            align = "center" if fixed.width <= 12 else "left"
            style = self.styles.boxed(align=align, **shade)
            self.sheet.write_string(number, self.place.fixed[fixed.id], text, style)
        for column in self.table.columns:
            self._fill_in(row, column, formulas.is_open(column))
        self._helpers(row, formulas)
        self.sheet.set_row(number, st.height(self._texts(row), least=self._least(row, formulas)))
        self.sheet.growing.add(number + 1)

    def _fill_in(self, row: Row, column: Column, is_open: bool) -> None:
        number, index = self.place.rows[row.code], self.place.columns[column.id]
        style = self._fill_style(column, is_open)
        value = self.fill.get((self.table.id, row.code, column.id))
        write_value(self.sheet, number, index, value, style)

    def _fill_style(self, column: Column, is_open: bool) -> Format:
        colour = {"bg_color": st.OPEN_FILL, "locked": False} if is_open else {"bg_color": st.CLOSED_FILL}
        match column.kind:
            case "date":
                return self.styles.boxed(num_format="dd/mm/yyyy", align="center", **colour)
            case "text":
                # A document number such as 12/5 would become a date otherwise.
                return self.styles.boxed(num_format="@", align="left", **colour)
        return self.styles.boxed(align="center", **colour)

    def _helpers(self, row: Row, formulas: RowFormulas) -> None:
        verdict, place = self.verdict.rows[row.code], self.place
        cells: list[tuple[int, str, int | str]] = []
        if not formulas.foreign:
            for compiled in rules_of(self.draft.plan, self.table, row):
                name = compiled.rule.id
                cells.append((place.rule_columns[name], formulas.rule(compiled), verdict.rules[name]))
        for column in self.table.columns:
            name = column.id
            cells.append((place.kind_columns[name], formulas.kind(column), verdict.kinds[name]))
            cells.append((place.mark_columns[name], formulas.mark(column), verdict.marks[name]))
            cells.append((place.message_columns[name], formulas.message(column), verdict.messages[name]))
        cells.append((place.filled_column, formulas.filled(), verdict.filled))
        cells.append((place.state_column, formulas.state(), verdict.state))
        for index, formula, value in cells:
            self.sheet.write_formula(place.rows[row.code], index, f"={formula}", None, value)
        shade = {"bg_color": st.CLOSED_FILL} if formulas.foreign else {}
        style = self.styles.boxed(font_size=_VERDICT_SIZE, align="left", **shade)
        self.sheet.write_formula(
            place.rows[row.code], place.verdict_column, f"={formulas.verdict()}", style, verdict.verdict
        )

    def _texts(self, row: Row) -> list[tuple[str, float, float, bool]]:
        """What the row's height must have room for."""
        place, widths = self.place, self.widths
        texts = [(row.text(fixed.id), widths[place.fixed[fixed.id]], float(_SIZE), False) for fixed in self.table.fixed]
        for column in self.table.columns:
            value = self.fill.get((self.table.id, row.code, column.id))
            if isinstance(value, str):
                texts.append((value, widths[place.columns[column.id]], _SIZE, False))
        verdict = self.verdict.rows[row.code].verdict
        return [*texts, (verdict, widths[place.verdict_column], _VERDICT_SIZE, False)]

    def _least(self, row: Row, formulas: RowFormulas) -> float:
        """Room for most of the verdicts that may come: Excel lets a row grow with what is typed, not with formulas."""
        if formulas.foreign or not rules_of(self.draft.plan, self.table, row):
            return 20
        return st.height([("\n", 1, _VERDICT_SIZE, False)])

    def _validations(self) -> None:
        for column in self.table.columns:
            open_rows = [row for row in self.table.rows if self._is_open(row, column)]
            runs = list(_runs(sorted(self.place.rows[row.code] for row in open_rows)))
            if not runs:
                continue
            index = self.place.columns[column.id]
            cells = [[first, index, last, index] for first, last in runs]
            self.sheet.data_validation(*cells[0], {**validation(column), "other_cells": cells[1:]})

    def _is_open(self, row: Row, column: Column) -> bool:
        return self.draft.is_for_school(row) and column.id not in row.closed

    def _marks(self) -> None:
        place, first = self.place, self.place.first_row
        columns = list(place.columns.values())
        marks = list(place.mark_columns.values())
        colours = {at.MARK_ERROR: st.ERROR_FILL, at.MARK_WARNING: st.WARNING_FILL, at.MARK_TODO: st.TODO_FILL}
        for mark, colour in colours.items():
            test = f"={address(first, marks[0])}={mark}"
            rule = {"type": "formula", "criteria": test, "format": self.styles.fill(colour), "stop_if_true": True}
            self.sheet.conditional_format(first, columns[0], place.last_row, columns[-1], rule)
        states = {
            at.STATE_MEND: st.ERROR_FILL,
            at.STATE_WARNED: st.WARNING_FILL,
            at.STATE_TODO: st.TODO_FILL,
            at.STATE_DONE: st.DONE_FILL,
        }
        for state, colour in states.items():
            test = f"={address(first, place.state_column)}={state}"
            rule = {"type": "formula", "criteria": test, "format": self.styles.fill(colour), "stop_if_true": True}
            self.sheet.conditional_format(first, place.verdict_column, place.last_row, place.verdict_column, rule)

    def _page(self) -> None:
        place = self.place
        st.page(
            self.sheet,
            print_area=(0, 0, place.signature_row, place.verdict_column),
            footer=self.draft.footer,
            repeat_row=place.heading_row,
        )
        self.sheet.freeze_panes(place.first_row, _frozen_columns(self.table, self.widths))
        self.sheet.hide_gridlines(2)
        row, column = min(place.rows.values()), min(place.columns.values())
        self.sheet.set_selection(row, column, row, column)
        texts = [place.columns[column.id] for column in self.table.columns if column.kind == "text"]
        if texts:
            # Excel's green corner on figures in a column of texts would frighten.
            where = " ".join(_range(place.first_row, index, place.last_row) for index in texts)
            self.sheet.ignore_errors({"number_stored_as_text": where})
        st.protect(self.sheet)


def _widths(table: Table) -> list[float]:
    """The widths of the printed columns, from the code to the verdict, which takes the room that is left."""
    widths = [CODE_WIDTH, *(column.width for column in table.fixed), *(column.width for column in table.columns)]
    least, most = _VERDICT_WIDTHS
    return [*widths, min(most, max(least, _SHEET_WIDTH - sum(widths)))]


def _frozen_columns(table: Table, widths: Sequence[float]) -> int:
    """How many columns stand still: up to the widest printed one, if the rest of a small screen stays free."""
    widest = max(range(len(table.fixed)), key=lambda index: table.fixed[index].width) + 2
    return widest if sum(widths[:widest]) <= _FROZEN_WIDTH else 0


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First and last of each run of consecutive `numbers`."""
    for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        values = [number for _, number in run]
        yield values[0], values[-1]


def _range(first_row: int, column: int, last_row: int) -> str:
    return f"{address(first_row, column)}:{address(last_row, column)}"
