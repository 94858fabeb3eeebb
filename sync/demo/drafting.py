"""First drafts of invented reports, cell by cell; most break no rule.

Everything follows from the plan's columns: their kinds, bounds, choices and stages. Where a column's id says what is
counted (`children`, `sessions`, …) the number is a likely one; under any other id it is any number that is allowed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from sync.demo import phrases
from sync.demo.report import Report
from sync.demo.soundness import Filled, Value
from sync.periods import Period
from sync.plan import Column, Figure, Row, Stage, Table

_ANY_FIGURE = 12
_STAGES: dict[Stage, int] = {"done": 60, "under_way": 24, "not_begun": 9, "not_applicable": 7}
_NUMERATORS = frozenset({"numerator", "denominator"})


def draft(report: Report) -> None:
    """Fills in the whole of a blank report."""
    figures = _figures(report)
    for name, figure in report.plan.figures.items():
        report.cells(report.plan.tables[figure.table], figure.row)[figure.column] = figures[name]
    for table, row in report.rows():
        report.cells(table, row.code).update(_row(report, table, row))


def _figures(report: Report) -> dict[str, float]:
    return {name: _figure(report, name, figure) for name, figure in report.plan.figures.items()}


def _figure(report: Report, name: str, figure: Figure) -> float:
    column = report.plan.tables[figure.table].columns_by_id[figure.column]
    known = getattr(report.size, name, None)
    likely = known if known is not None else report.rng.choice((0, 0, 0, 0, 0, 0, 1, 1, 2))
    return (
        _inside(column, float(likely)) if known is not None or name.endswith("cases") else _any_number(report, column)
    )


# ---------------------------------------------------------------- one row


def _row(report: Report, table: Table, row: Row) -> Filled:
    stage = _stage(report, table)
    given = report.cells(table, row.code)
    days = _days(report, table)
    filled: Filled = {}
    for column in table.columns:
        if column.id in row.closed or column.id in given:
            continue
        known = {**given, **filled}
        value = _cell(report, table, row, column, stage, days, known)
        if value is not None:
            filled[column.id] = value
    return filled


def _stage(report: Report, table: Table) -> Stage | None:
    if table.status_column is None:
        return None
    stages = [choice.stage for choice in table.status_column.choices]
    weights = [_STAGES[stage] if stage else 5 for stage in stages]
    return report.rng.choices(stages, weights)[0]


def _cell(
    report: Report, table: Table, row: Row, column: Column, stage: Stage | None, days: list[date], known: Filled
) -> Value:
    if column is table.status_column:
        return next(choice.value for choice in column.choices if choice.stage == stage)
    if not column.required and not _is_filled(report, table, column, stage):
        return None
    if column.kind == "date":
        return _date(table, column, days)
    if column.kind == "text":
        return _text(report, table, column, stage, days)
    if column.kind == "choice":
        return report.rng.choice(column.values)
    return _number(report, row, column, stage, known)


def _is_filled(report: Report, table: Table, column: Column, stage: Stage | None) -> bool:
    chance = report.rng.random()
    if column.free and column is _last_free(table):
        return chance < {"done": 0.15, "under_way": 0.4, "not_begun": 0.9, "not_applicable": 1.0, None: 0.1}[stage]
    if stage in ("not_begun", "not_applicable"):
        return column.id in _NUMERATORS
    if column.kind == "date":
        return stage != "under_way" or column is _dates(table)[0]
    return chance < ((0.95 if column.free else 1.0) if stage == "done" else 0.7 if stage else 0.95)


def _last_free(table: Table) -> Column | None:
    """Where the table asks for difficulties, reasons and notes."""
    return next((column for column in reversed(table.columns) if column.free), None)


def _dates(table: Table) -> list[Column]:
    return [column for column in table.columns if column.kind == "date"]


def _days(report: Report, table: Table) -> list[date]:
    """A working day of the period for each date column, in order."""
    span = (report.period.ends_on - report.period.starts_on).days
    days = sorted(report.rng.randint(0, span) for _ in range(max(1, len(_dates(table)))))
    return [_weekday(report.period, report.period.starts_on + timedelta(days=day)) for day in days]


def _weekday(period: Period, day: date) -> date:
    """`day`, or the last day of the period before it that is no Sunday."""
    return day - timedelta(days=1) if day.weekday() == 6 and day > period.starts_on else day


def _date(table: Table, column: Column, days: list[date]) -> date:
    day = days[_dates(table).index(column)]
    return max(day, column.minimum) if isinstance(column.minimum, date) else day


def _text(report: Report, table: Table, column: Column, stage: Stage | None, days: list[date]) -> str:
    rng = report.rng
    if not column.free:
        text = _document(report, days[0])
    elif column is not _last_free(table):
        text = rng.choice(phrases.RESULTS)
    elif stage is None or (stage == "done" and len([c for c in table.columns if c.free]) == 1):
        text = rng.choice(phrases.NOTES)
    else:
        written = {"not_begun": phrases.REASONS, "not_applicable": phrases.NOT_APPLICABLE}
        text = rng.choice(written.get(stage, phrases.DIFFICULTIES))
    return text[: column.max_length]


def _document(report: Report, day: date) -> str:
    rng = report.rng
    initials = "".join(word[0] for word in report.school.name.removeprefix("Trường ").split()).upper()
    written = _weekday(report.period, max(report.period.starts_on, day - timedelta(days=rng.randint(0, 12))))
    if rng.random() < 0.06:
        return f"https://{report.school.code.lower()}.example.org/van-ban/{rng.randint(10, 99)}"
    return f"{rng.choice(phrases.DOCUMENTS)} {rng.randint(1, 180)}/KH-{initials} ngày {written:%d/%m/%Y}"


def any_value(report: Report, table: Table, code: str, column: Column, is_likely: bool) -> Value:
    """Another sound value for a cell; a number that is likely there, or any that is allowed."""
    if column.kind == "choice":
        return report.rng.choice(column.values)
    if column.kind == "date":
        return _date(table, column, _days(report, table))
    if column.kind == "text":
        return _text(report, table, column, "not_begun", _days(report, table))
    if is_likely:
        return _number(report, table.rows_by_code[code], column, "done", report.cells(table, code))
    return _any_number(report, column)


# ---------------------------------------------------------------- numbers


def _number(report: Report, row: Row, column: Column, stage: Stage | None, known: Filled) -> float:
    likely = _LIKELY.get(column.id)
    if likely is not None:
        number = likely(report, stage, known)
        if number is not None:
            return _inside(column, number)
    table = next(table for table in report.plan.all_tables if column in table.columns)
    limit = _part_of(report, table, row, column)
    if limit is not None:
        return _inside(column, report.rng.randint(0, int(limit)))
    return _inside(column, report.rng.randint(0, _ANY_FIGURE)) if report.plan.figures else _any_number(report, column)


def _part_of(report: Report, table: Table, row: Row, column: Column) -> float | None:
    """The sum of the figures in the row's own section and unit, of which the row counts a part; None without any."""
    figures = [
        figure for figure in report.plan.figures.values()
        if figure.table == table.id and figure.column == column.id and _alike(table.rows_by_code[figure.row], row)
    ]  # fmt: skip
    if not figures:
        return None
    return sum(float(str(report.cells(table, figure.row).get(figure.column, 0))) for figure in figures)


def _alike(one: Row, other: Row) -> bool:
    return one.section == other.section and one.text("unit") == other.text("unit")


def _share(of: str, low: float, high: float) -> Callable[[Report, Stage | None, Filled], float | None]:
    def number(report: Report, stage: Stage | None, known: Filled) -> float | None:  # noqa: ARG001
        whole = known.get(of) if of in known else getattr(report.size, of, None)
        return None if whole is None else float(round(float(str(whole)) * report.rng.uniform(low, high)))

    return number


def _sessions(report: Report, stage: Stage | None, known: Filled) -> float:  # noqa: ARG001
    return float(report.rng.randint(1, 8 if stage == "done" else 3))


def _numerator(report: Report, stage: Stage | None, known: Filled) -> float:  # noqa: ARG001
    """All of the staff where the target is met, else most of them: what is still to be done is in the other column."""
    staff = report.size.staff
    return float(staff if stage == "done" else report.rng.randint(staff // 2, staff - 1))


def _denominator(report: Report, stage: Stage | None, known: Filled) -> float:  # noqa: ARG001
    return float(report.size.staff)


_LIKELY: dict[str, Callable[[Report, Stage | None, Filled], float | None]] = {
    "sessions": _sessions,
    "children": _share("children", 0.35, 1.0),
    "staff": _share("staff", 0.5, 1.0),
    "parents": _share("children", 0.2, 1.1),
    "female": _share("total", 0.35, 0.65),
    "numerator": _numerator,
    "denominator": _denominator,
}


def _inside(column: Column, number: float) -> float:
    for bound, nearest in ((column.minimum, max), (column.maximum, min)):
        if isinstance(bound, int | float):
            number = nearest(number, float(bound))
    return int(number) if column.kind == "whole" else number


def _any_number(report: Report, column: Column) -> float:
    """Any number that the column allows; small ones are as likely as large ones."""
    low = float(column.minimum) if isinstance(column.minimum, int | float) else 0.0
    high = float(column.maximum) if isinstance(column.maximum, int | float) else low + 1000
    number = low - 1 + (high - low + 1) ** report.rng.random()
    return _inside(column, round(number, 0 if column.kind == "whole" else 1))
