"""Tables of figures: targets, statistics, the appendix."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TypedDict

from sync.comparing import PeriodFigures
from sync.consolidate import DENOMINATOR, NUMERATOR, Consolidated, TableFigures
from sync.plan import Row, Table
from sync.reporting.masking import HIDDEN, Masking, is_sensitive
from sync.reporting.results import Tally, tally
from sync.reporting.subject import Subject, short_title
from sync.reporting.tables import Align, Line, ReportTable, line, section, table
from sync.reporting.wording import NONE, lowered, number, percent, plain

Columns = list[tuple[str, float, Align]]
_MM, _STT = 1.6, 10.0
"""Millimetres of one of Excel's units of width; the narrowest column that holds "Stt"."""


class Targets(TypedDict):
    """table: a row per target. overall: one sentence."""

    table: ReportTable
    overall: str


def by_section(own: Table, rows: Iterable[tuple[Row, Line]]) -> Iterator[Line]:
    """`rows` with the headings of their sections over them."""
    titles = {each.code: f"{plain(each.code)}. {plain(each.title)}" for each in own.sections}
    told = None
    for row, cells in rows:
        if row.section is not None and row.section != told:
            told = row.section
            yield section(titles.get(row.section, plain(row.section)))
        yield cells


def _fixed(own: Table, names: Sequence[str] = ()) -> Columns:
    """The printed columns; the widest takes what is left of the page, a narrow one is centred."""
    chosen = [column for column in own.fixed if not names or column.id in names]
    widest = max(own.fixed, key=lambda column: column.width)
    return [
        (
            plain(each.heading),
            0 if each is widest else max(each.width * _MM, _STT),
            "center" if each.width < 8 else "left",
        )
        for each in chosen
    ]


def _number_and_content(own: Table) -> list[str]:
    widest = max(own.fixed, key=lambda column: column.width).id
    return [column.id for column in own.fixed if column.id in ("number", widest)]


def targets(main: Consolidated | None, masking: Masking, width: float) -> Targets | None:
    """How far targets are met; None where no report counts or the plan has none."""
    figures = main.tables.get("targets") if main else None
    if figures is None or figures.table.status_column is None or not figures.reports.sum():
        return None
    own = figures.table
    names = _number_and_content(own)
    columns = [*_fixed(own, names), ("Số trường đạt", 18, "center"), ("Số trường báo cáo", 18, "center")]
    if figures.has_share:
        columns += [("Đã thực hiện", 17, "right"), ("Phải thực hiện", 17, "right"), ("Tỉ lệ", 16, "right")]
    rows = [line(*(plain(row.text(name)) for name in names), *_target(figures, row, masking)) for row in own.rows]
    # A share or a difference tells nothing that its figures do not.
    return {"table": table(columns, rows, width), "overall": _overall(figures)}


def _target(figures: TableFigures, row: Row, masking: Masking) -> list[str]:
    each = tally(figures, [row.code])
    told = [number(each.done), number(each.applies)]
    if not figures.has_share:
        return told
    sums = sums_of(figures, row, [NUMERATOR, DENOMINATOR])
    done, whole = sums[NUMERATOR], sums[DENOMINATOR]
    shown = masking.row(figures.table, row, sums)
    plainly = (shown[NUMERATOR], shown[DENOMINATOR]) == (number(done), number(whole))
    return [*told, shown[NUMERATOR], shown[DENOMINATOR], percent(done, whole) if plainly else NONE]


def _overall(figures: TableFigures) -> str:
    name = lowered(plain(figures.table.row_name))
    told = {row: tally(figures, [row.code]) for row in figures.table.rows}
    met = [row.number for row, each in told.items() if each.applies and each.done == each.applies]
    part = [f"{row.number} ({number(each.applies - each.done)} trường)" for row, each in told.items() if _unmet(each)]
    text = f"Có {number(len(met))}/{number(len(told))} {name} được tất cả các trường có số liệu báo cáo là đạt"
    text += f" ({name} {', '.join(met)})" if met else ""
    return text + (f". Còn trường chưa đạt ở {name}: {', '.join(part)}." if part else ".")


def _unmet(each: Tally) -> bool:
    return each.applies > each.done


def statistics(subject: Subject, width: float) -> ReportTable | None:
    """The sums of the plan's statistics: of the one span with all columns, or a column per span and their sum.

    None where no report counts or the plan has none. A row that counts what there is on the last day has no sum.
    """
    main = subject.main
    if main is None or "statistics" not in main.tables:
        return None
    if len(subject.spans) == 1:
        return _statistics_of(subject, main.tables["statistics"], width)
    return _statistics_over(subject, width)


def sums_of(figures: TableFigures, row: Row, names: Sequence[str]) -> dict[str, float]:
    """The sums of one row, by column; NaN where the cell is closed."""
    sums = figures.sums.loc[[row.code]]
    return {name: float(sums[name].iloc[0]) for name in names}


def number_columns(own: Table) -> list[tuple[str, str]]:
    return [(column.id, plain(column.heading)) for column in own.columns if column.is_number]


def _statistics_of(subject: Subject, figures: TableFigures, width: float) -> ReportTable:
    own, numbers, masking = figures.table, number_columns(figures.table), subject.masking
    telling = masking.telling(subject.plan, own, {name: figures.sums[name] for name, _heading in numbers})
    columns: Columns = [*_fixed(own), *((heading, 20, "right") for _name, heading in numbers)]
    rows = []
    for row in own.rows:
        shown = masking.row(own, row, sums_of(figures, row, [name for name, _heading in numbers]))
        fixed = (plain(row.text(column.id)) for column in own.fixed)
        told = (HIDDEN if (row.code, name) in telling else shown[name] for name, _heading in numbers)
        rows.append((row, line(*fixed, *told)))
    return table(columns, by_section(own, rows), width)


def _statistics_over(subject: Subject, width: float) -> ReportTable:
    own = subject.plan.tables["statistics"]
    first = number_columns(own)[0][0]
    heads = [plain(short_title(each)) for each in subject.spans]
    columns: Columns = [*_fixed(own), *((head, 17, "right") for head in heads), ("Cộng", 17, "right")]
    rows = []
    for row in own.rows:
        values, shown = beside(subject, own, row, subject.spans)
        total = subject.masking.summed(values, sum(values), sensitive=is_sensitive(own, row, first))
        total = NONE if row.snapshot else HIDDEN if HIDDEN in shown else total
        rows.append((row, line(*(plain(row.text(column.id)) for column in own.fixed), *shown, total)))
    return table(columns, by_section(own, rows), width)


def beside(subject: Subject, own: Table, row: Row, spans: Sequence[PeriodFigures]) -> tuple[list[float], list[str]]:
    """A row's figures of the first number column in several periods (NaN where it is closed), and as they are shown."""
    first, masking = number_columns(own)[0][0], subject.masking
    sums = [each.tables["statistics"].sums for each in spans]
    values = [each[first].get(row.code, math.nan) for each in sums]
    sensitive = is_sensitive(own, row, first)
    telling = [(row.code, first) in masking.telling(subject.plan, own, each) for each in sums]
    shown = [masking.shown(value, sensitive=sensitive) for value in values]
    return values, [HIDDEN if tells else text for tells, text in zip(telling, shown, strict=True)]


def appendix(subject: Subject, width: float) -> ReportTable:
    """The plan's activities as printed, with results; empty cells of results where no report counts."""
    own = subject.plan.tables["activities"]
    figures = subject.main.tables["activities"] if subject.main else None
    numbers = number_columns(own)
    columns: Columns = [*_fixed(own)]
    if own.status_column is not None:
        heads = (("Phải thực hiện", 15), ("Hoàn thành", 15), ("Đang thực hiện", 15), ("Chưa thực hiện", 15))
        columns += [*((head, width_, "center") for head, width_ in heads), ("Tỉ lệ hoàn thành", 15, "center")]
    columns += [("Số liệu", 34, "left")] if numbers else []
    rows = []
    for row in own.rows:
        fixed = [plain(row.text(column.id)) for column in own.fixed]
        told = _result(figures, row, subject.masking) if figures else [""] * (len(columns) - len(fixed))
        rows.append((row, line(*fixed, *told)))
    return table(columns, by_section(own, rows), width)


def _result(figures: TableFigures, row: Row, masking: Masking) -> list[str]:
    own, told = figures.table, []
    if own.status_column is not None:
        each = tally(figures, [row.code])
        told = [number(count) for count in (each.applies, each.done, each.under_way, each.not_begun)]
        told.append(percent(each.done, each.applies))
    numbers = number_columns(own)
    if not numbers:
        return told
    shown = masking.row(own, row, sums_of(figures, row, [name for name, _heading in numbers]))
    return [*told, "; ".join(f"{heading}: {shown[name]}" for name, heading in numbers if shown[name] not in ("", "0"))]
