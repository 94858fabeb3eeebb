"""A table of figures by period: a row per figure, a column per period; what no report says anything of stays empty."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from sync.comparing import Line, PeriodFigures, progress_lines, sum_lines, target_lines
from sync.outputs.office_workbook import cells, formats
from sync.outputs.office_workbook.book import Book
from sync.outputs.office_workbook.data_sheet import content_of
from sync.outputs.office_workbook.leaves import NOTHING
from sync.outputs.office_workbook.references import TOTALS, References
from sync.outputs.office_workbook.standing_sheets import LABELS
from sync.plan import Plan
from sync.standing import Standing

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

NUMBER_WIDTH, TEXT_WIDTH = 6.0, 46.0
NO_REPORTS = "Không có"
"""Reports of an earlier period."""
SHOWN_STANDINGS: tuple[Standing, ...] = ("on_time", "late", "to_mend", "missing", "excused")
NUMBER_FORMATS = {"whole": formats.WHOLE, "number": formats.NUMBER, "share": formats.SHARE}
Values = tuple[float | None, float | None]
_CHANGE_FORMATS = {"whole": "+#,##0;-#,##0;0", "number": "+#,##0.0#;-#,##0.0#;0", "share": "+0.0%;-0.0%;0.0%"}


@dataclass(frozen=True)
class FigureRow:
    """One figure.

    value: in a period, None where nothing is known. formula: of the period whose workbook it is. of_reports: it is one
    of the reports that count; without any there is none. silent: what is told of an earlier period without reports: the
    figure yet, that there are none, or nothing.
    """

    number: str
    text: str
    look: Literal["whole", "number", "share"]
    value: Callable[[PeriodFigures], float | None]
    formula: Callable[[References], str]
    is_bold: bool = False
    of_reports: bool = False
    silent: Literal["figure", "none", "nothing"] = "nothing"


@dataclass(frozen=True)
class Group:
    """Figures under one heading."""

    title: str
    rows: Sequence[FigureRow] = field(default_factory=tuple)


def groups_of(plan: Plan) -> list[Group]:
    """Everything that periods are compared by; groups without a figure are left out."""
    groups = [
        Group("Tình hình nộp báo cáo", school_rows()),
        Group(f"Tỉ lệ {done_words(plan)} các hoạt động", [row_of(line) for line in progress_lines(plan)]),
        *_table_groups(target_lines(plan)),
        *_table_groups(sum_lines(plan)),
    ]
    return [group for group in groups if group.rows]


def _table_groups(lines: Sequence[Line]) -> list[Group]:
    return [Group(lines[0].table.title.capitalize(), [row_of(line) for line in lines])] if lines else []


def done_words(plan: Plan) -> str:
    """What the plan calls activities that are done."""
    status = plan.tables["activities"].status_column
    return " + ".join(choice.value.lower() for choice in status.choices if choice.stage == "done") if status else ""


def school_rows() -> list[FigureRow]:
    """Schools: how many owe a report, sent one, have one that counts, and where they stand."""
    values: dict[str, Callable[[PeriodFigures], float]] = {
        "schools": lambda figures: len(figures.schools),
        "received": lambda figures: figures.received,
        "counted": lambda figures: figures.counted,
    }
    totals = [_of_schools(key, values[key]) for key in TOTALS]
    return [*totals, *(_of_standing(standing) for standing in SHOWN_STANDINGS)]


def _of_schools(key: str, value: Callable[[PeriodFigures], float]) -> FigureRow:
    silent: Mapping[str, Literal["figure", "none"]] = {"schools": "figure", "received": "none"}
    return FigureRow(
        *("", TOTALS[key], "whole", value, lambda at: at.of_schools(key)),
        is_bold=True,
        silent=silent.get(key, "nothing"),
    )


def _of_standing(standing: Standing) -> FigureRow:
    def value(figures: PeriodFigures) -> float:
        return figures.standings[standing]

    return FigureRow("", LABELS[standing], "whole", value, lambda at: at.of_standing(standing))


def row_of(line: Line) -> FigureRow:
    """The row of one figure that every period has."""
    # Beside rows of sections the printed number is enough; else it may stand there more than once.
    number = line.row.number if line.row and not (line.table.sections and line.key != "done_share") else line.code
    return FigureRow(
        number,
        text_of(line),
        line.look,
        line.value,
        lambda at: at.of_row(line.table.id, line.code, line.key),
        is_bold=line.row is None,
        of_reports=True,
    )


def text_of(line: Line) -> str:
    """What a figure is about."""
    if line.row is None:
        section = next((each for each in line.table.sections if each.code == line.code), None)
        return section.title if section else "Tất cả các hoạt động"
    content = content_of(line.table, line.row)
    numbers = [column for column in line.table.columns if column.is_number]
    heading = next((column.heading for column in numbers if column.id == line.key), "")
    return f"{content} – {heading.lower()}" if heading and len(numbers) > 1 else content


@dataclass(frozen=True)
class PeriodColumn:
    """A column of one period; `references` where its figures stand in this very workbook."""

    figures: PeriodFigures
    references: References | None = None

    def value(self, row: FigureRow) -> float | None:
        """The figure of a row; None where there is none to be shown."""
        if self.references is not None:
            return None if row.of_reports and not self.figures.counted else row.value(self.figures)
        told = self.figures.has_reports or row.silent == "figure"
        return row.value(self.figures) if told else None


class Writer:
    """Writes cells of such a table in their looks."""

    def __init__(self, book: Book, sheet: Worksheet) -> None:
        self.book, self.sheet = book, sheet

    def write(self, at: tuple[int, int], row: FigureRow, column: PeriodColumn) -> None:
        """One figure of one period."""
        value = column.value(row)
        if column.references is not None:
            formula = _formula(row, column.references)
            self.sheet.write_formula(*at, formula, self._form(row), NOTHING if value is None else value)
        elif value is not None:
            self.sheet.write_number(*at, value, self._form(row))
        elif column.figures.has_reports:
            self.sheet.write_string(*at, NOTHING, self._form(row))
        elif row.silent == "none":
            self.sheet.write_string(*at, NO_REPORTS, self._form(row, italic=True, bold=False))
        else:
            self.sheet.write_blank(*at, None, self.book.formats.boxed(bg_color=formats.CLOSED_FILL))

    def write_change(self, at: tuple[int, int], row: FigureRow, cells_: tuple[str, str], values: Values) -> None:
        """The difference of two cells, older first, and their values; NOTHING where one of them has no number."""
        old, new = cells_
        formula = f"=IF(AND(ISNUMBER({old}),ISNUMBER({new})),{new}-{old},{cells.quoted(NOTHING)})"
        value = NOTHING if values[0] is None or values[1] is None else values[1] - values[0]
        look = {"num_format": _CHANGE_FORMATS[row.look], "bold": row.is_bold, "italic": True}
        self.sheet.write_formula(*at, formula, self.book.formats.count(**look), value)

    def _form(self, row: FigureRow, **more: object) -> Format:
        look = {"num_format": NUMBER_FORMATS[row.look], "bold": row.is_bold, **more}
        return self.book.formats.count(**look)

    def write_labels(self, at: int, row: FigureRow, width: float = TEXT_WIDTH) -> None:
        """The number and the text of a row, in its first two cells, and its height."""
        form = self.book.formats
        self.sheet.write_string(at, 0, row.number, form.boxed(align="center", bold=row.is_bold))
        self.sheet.write_string(at, 1, cells.clean(row.text), form.boxed(bold=row.is_bold))
        self.sheet.set_row(at, formats.height_for([(row.text, 0.93 * width)], bold=row.is_bold))

    def write_group(self, at: int, title: str, last: int) -> None:
        """A heading over rows, up to the column `last`."""
        look = {"bold": True, "bg_color": formats.SECTION_FILL}
        formats.merge(self.sheet, (at, 0, at, last), title, self.book.formats.boxed(**look))
        self.sheet.set_row(at, 19)


def _formula(row: FigureRow, references: References) -> str:
    formula = row.formula(references)
    if not row.of_reports:
        return formula
    counted = references.of_schools("counted").removeprefix("=")
    return f"=IF({counted}=0,{cells.quoted(NOTHING)},{formula.removeprefix('=')})"
