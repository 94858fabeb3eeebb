"""`Theo nhóm`: the period's figures by level of school and by unit, as formulas over the lists of the workbook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from sync.consolidate import DENOMINATOR, NUMERATOR, Consolidated
from sync.groups import Groups, groups_of
from sync.outputs.office_workbook import cells, formats
from sync.outputs.office_workbook.book import Book
from sync.outputs.office_workbook.data_sheet import DataNames, content_of
from sync.outputs.office_workbook.group_figures import Group, GroupFigure, figures_of
from sync.outputs.office_workbook.standing_sheets import ProgressNames

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

SHEET = "Theo nhóm"
HEAD_ROW = 6
"""Zero-based row of the upper of the two heading rows."""
FIRST_ROW = HEAD_ROW + 2
"""The row of all schools together."""
MOST_NESTED = 200
"""More rows than this for levels within units are left out: each has formulas over every entry of every school."""
_NAME, _COUNT, _SHARE = 27.0, 6.4, 7.0
_NO_UNIT = "(chưa ghi xã/phường)"


def write(book: Book, sheet: Worksheet, consolidated: Consolidated, data: DataNames, progress: ProgressNames) -> None:
    """The whole sheet."""
    groups = groups_of(consolidated)
    figures = figures_of(consolidated, groups, data, progress)
    _Writer(book, sheet, consolidated, groups, figures).write()


class _Writer:
    def __init__(
        self, book: Book, sheet: Worksheet, consolidated: Consolidated, groups: Groups, figures: Sequence[GroupFigure]
    ) -> None:
        self.book, self.sheet, self.consolidated, self.groups, self.figures = book, sheet, consolidated, groups, figures
        self.widths = [_NAME, *map(self._width, figures)]
        self.last, self.row = len(figures), FIRST_ROW

    def _width(self, figure: GroupFigure) -> float:
        """The width at which every figure of the column shows."""
        values = [figure.value(Group(at, None, None, "", ())) for at in range(len(self.groups.figures))]
        numbers = [value for value in values if not isinstance(value, str)]
        if figure.look == "whole":
            return max([_COUNT, *(len(f"{number:,.0f}") + 1.5 for number in numbers)])
        return max([_SHARE, *(len(f"{number:.1%}") + 1.5 for number in numbers)])

    def write(self) -> None:
        formats.set_widths(self.sheet, self.widths)
        period = self.consolidated.period
        subtitle = f"{period.title} – Tính đến {cells.local(self.book.now, self.book.zone)}"
        self.book.head(self.sheet, "KẾT QUẢ THEO CẤP HỌC VÀ XÃ/PHƯỜNG", [subtitle], self.widths)
        self._write_headings()
        self._write_group(self._group(0, "Tất cả các trường"), bold=True, bg_color=formats.HEADER_FILL)
        self._write_levels()
        if self.groups.has_units:
            self._write_units()
        self._mark_missing()
        self._write_notes()
        self.sheet.freeze_panes(FIRST_ROW, 1)
        formats.set_up_page(self.sheet, self.book.office, repeat=(HEAD_ROW, HEAD_ROW + 1))

    def _write_headings(self) -> None:
        header = self.book.formats.heading()
        formats.merge(self.sheet, (HEAD_ROW, 0, HEAD_ROW + 1, 0), "Nhóm trường", header)
        column = 1
        for over, members in _by_over(self.figures):
            formats.merge(self.sheet, (HEAD_ROW, column, HEAD_ROW, column + len(members) - 1), over, header)
            for number, figure in enumerate(members, column):
                self.sheet.write_string(HEAD_ROW + 1, number, figure.heading, header)
            column += len(members)
        overs = [(over, _COUNT * len(members) - 1) for over, members in _by_over(self.figures)]
        headings = [(figure.heading, width - 1) for figure, width in zip(self.figures, self.widths[1:], strict=True)]
        self.sheet.set_row(HEAD_ROW, formats.height_for(overs, bold=True))
        self.sheet.set_row(HEAD_ROW + 1, formats.height_for(headings, bold=True))

    def _write_levels(self) -> None:
        names = {level.code: level.name for level in self.consolidated.plan.levels}
        self._write_title("Theo cấp học")
        for at, level in self.groups.of_levels["level"].items():
            name = names.get(level, level)
            self._write_group(self._group(at, name if name == level else f"{level} – {name}"))

    def _write_units(self) -> None:
        self._write_title("Theo xã/phường")
        units = self.groups.of_units["unit"]
        nested = {unit: self.groups.levels_in(unit) for unit in units}
        # A unit of one level is that level already.
        nested = {unit: levels for unit, levels in nested.items() if len(levels) > 1}
        is_nested = sum(map(len, nested.values())) <= MOST_NESTED
        self.sheet.outline_settings(visible=True, symbols_below=False)
        for at, unit in units.items():
            inner = nested.get(unit) if is_nested else None
            self._write_group(self._group(at, unit or _NO_UNIT), bold=inner is not None)
            for below, level in inner["level"].items() if inner is not None else ():
                self._write_group(self._group(below, level), outline=1, indent=2)

    def _group(self, at: Any, label: str) -> Group:
        row = self.groups.figures.loc[at]
        level, unit = (None if pd.isna(row[name]) else str(row[name]) for name in ("level", "unit"))
        inner = self.groups.of_levels if unit is None else self.groups.levels_in(unit)
        levels = tuple(str(each) for each in inner["level"]) if level is None else (level,)
        return Group(int(at), level, unit, label, levels)

    def _write_title(self, text: str) -> None:
        look = self.book.formats.boxed(bold=True, bg_color=formats.SECTION_FILL)
        formats.merge(self.sheet, (self.row, 0, self.row, self.last), text, look)
        self.sheet.set_row(self.row, 20)
        self.row += 1

    def _write_group(self, group: Group, *, outline: int = 0, indent: int = 0, **look: Any) -> None:
        label = cells.clean(group.label)
        self.sheet.write_string(self.row, 0, label, self.book.formats.boxed(indent=indent, **look))
        for number, figure in enumerate(self.figures, 1):
            shown = formats.SHARE if figure.look == "share" else formats.WHOLE
            form = self.book.formats.count(num_format=shown, **look)
            formula, value = figure.formula(group, self.row + 1), figure.value(group)
            self.sheet.write_formula(self.row, number, formula, form, value)
        height = formats.height_for([(label, _NAME - 2 * indent)], bold=bool(look.get("bold")))
        self.sheet.set_row(self.row, height, None, {"level": outline} if outline else {})
        self.row += 1

    def _mark_missing(self) -> None:
        column = 1 + next(at for at, figure in enumerate(self.figures) if figure.key == "missing")
        rule = {"type": "cell", "criteria": ">", "value": 0, "format": self.book.formats.fill(formats.RED)}
        self.sheet.conditional_format(FIRST_ROW, column, max(self.row - 1, FIRST_ROW), column, rule)

    def _write_notes(self) -> None:
        for text in self._notes():
            self.row += 1
            form = self.book.formats.get(italic=True, text_wrap=True, valign="top")
            formats.merge(self.sheet, (self.row, 0, self.row, self.last), cells.clean(text), form)
            self.sheet.set_row(self.row, formats.height_for([(text, sum(self.widths))]))

    def _notes(self) -> Iterator[str]:
        day = f"{self.consolidated.period.ends_on:%d/%m/%Y}"
        yield f"Mỗi trường được tính theo cấp học và xã/phường của trường vào ngày cuối kỳ ({day})."
        if any(figure.key == "applies" for figure in self.figures):
            yield (
                "Áp dụng: số trường có bản được tính nhân với số hoạt động dành cho cấp học đó, trừ những hoạt động "
                "trường chọn là không áp dụng."
            )
        targets = self.consolidated.plan.tables.get("targets")
        if targets and any(figure.key.endswith("/done") for figure in self.figures):
            yield "Trường đạt: số trường đạt trên số trường có bản được tính mà chỉ tiêu áp dụng."
        if targets and any(figure.key.endswith("/share") for figure in self.figures):
            above, below = (targets.columns_by_id[name].heading for name in (NUMERATOR, DENOMINATOR))
            yield f"Đã thực hiện: tổng “{above}” trên tổng “{below}” của các trường trong nhóm."
        for row in targets.rows if targets else ():
            yield f"{targets.row_name if targets else ''} {row.number}: {content_of(targets, row) if targets else ''}"


def _by_over(figures: Sequence[GroupFigure]) -> list[tuple[str, list[GroupFigure]]]:
    """Columns by what stands over them, in their order."""
    found: dict[str, list[GroupFigure]] = {}
    for figure in figures:
        found.setdefault(figure.over, []).append(figure)
    return list(found.items())
