"""The figures of one period in few numbers, to set beside those of other periods. Pure: figures in, figures out.

`sync.period_figures` gathers them: `figures_over(office, ledger, period)` for what a report on `period` is about,
`figures_until(office, ledger, period)` for all periods until it. They are kept between passes, so that no entry of
earlier years is loaded again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from sync.consolidate import DENOMINATOR, NUMERATOR, STAGES, STANDINGS
from sync.periods import Period
from sync.plan import Column, Plan, Row, Stage, Table, TableId
from sync.schools import Schools
from sync.standing import Standing

if TYPE_CHECKING:
    from pandas import DataFrame, Series

    from sync.consolidate import Consolidated, TableFigures


@dataclass(frozen=True)
class TableTotals:
    """What the reports of a period add up to in one table, all by row code of the plan, in its order.

    reports: schools that filled the row. applies: schools with a report that counts to which the row applies.
    stages: schools by stage of progress, of a table that has stages; else empty.
    sums: of the number columns, by column; cells that are closed in the plan are left out.
    sums_by_level: the same, by level of school.
    """

    reports: Mapping[str, int]
    applies: Mapping[str, int]
    stages: Mapping[Stage, Mapping[str, int]] = field(default_factory=dict)
    sums: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    sums_by_level: Mapping[str, Mapping[str, Mapping[str, float]]] = field(default_factory=dict)

    def done(self, rows: Sequence[str]) -> int:
        """Schools that are done, added up over these rows."""
        return sum(self.stages.get("done", {}).get(row, 0) for row in rows)

    def done_share(self, rows: Sequence[str]) -> float | None:
        """The share of what applies that is done, over these rows; None where nothing applies, or without stages."""
        applies = sum(self.applies.get(row, 0) for row in rows)
        return self.done(rows) / applies if applies and self.stages else None

    def share(self, row: str) -> float | None:
        """Numerator by denominator of a row; None where the table has none or the denominator is 0."""
        below = self.sums.get(DENOMINATOR, {}).get(row)
        return self.sums.get(NUMERATOR, {}).get(row, 0.0) / below if below else None


@dataclass(frozen=True)
class PeriodFigures:
    """The figures of one schools' period.

    received: schools with a report. counted: schools with one that counts. schools: where each school stands that owed
    a report, by code, in the schools' order. tables: by table of the plan. workbook: the file's name of the period's
    consolidated workbook.
    """

    period: Period
    received: int
    counted: int
    schools: Mapping[str, Standing]
    tables: Mapping[TableId, TableTotals]

    @property
    def has_reports(self) -> bool:
        """Whether any school reported; where none did, no figure says anything."""
        return self.received > 0

    @property
    def workbook(self) -> str:
        """The name of the period's consolidated workbook."""
        return workbook_name(self.period)

    @cached_property
    def standings(self) -> Mapping[Standing, int]:
        """Schools by standing, every standing with its number."""
        found = Counter(self.schools.values())
        return {standing: found[standing] for standing in STANDINGS}


@dataclass(frozen=True)
class Review:
    """What a report of the office alone is about: several periods of the schools.

    period: of the office. figures: of the schools' periods that it covers and that have begun, oldest first. schools:
    all of them, as they stand on the period's last day.
    """

    plan: Plan
    period: Period
    figures: Sequence[PeriodFigures]
    schools: Schools

    @property
    def shown(self) -> list[PeriodFigures]:
        """The figures from the first period with reports on."""
        return reported(self.figures)

    @property
    def latest(self) -> PeriodFigures | None:
        """The newest period with reports that count."""
        return next((each for each in reversed(self.figures) if each.counted), None)


def workbook_name(period: Period) -> str:
    """The file's name of the consolidated workbook of `period`."""
    return f"tong-hop-{period.key.replace('/', '-')}.xlsx"


def figures_from(consolidated: Consolidated) -> PeriodFigures:
    """The figures of a period in few numbers."""
    progress = consolidated.progress
    return PeriodFigures(
        period=consolidated.period,
        received=int(progress["received_at"].notna().sum()),
        counted=int(progress["counted"].sum()),
        schools=dict(zip(map(str, progress["code"]), progress["standing"].tolist(), strict=True)),
        tables={name: _totals(figures) for name, figures in consolidated.tables.items()},
    )


def _totals(figures: TableFigures) -> TableTotals:
    has_stages = figures.table.status_column is not None
    return TableTotals(
        reports=_whole(figures.reports),
        applies=_whole(figures.applies),
        stages={stage: _whole(figures.stages[stage]) for stage in STAGES} if has_stages else {},
        sums=_sums(figures.sums),
        sums_by_level={level: _sums(sums) for level, sums in figures.sums_by_level.items()},
    )


def _whole(values: Series[int]) -> dict[str, int]:
    return {str(code): int(value) for code, value in values.items()}


def _sums(sums: DataFrame) -> dict[str, dict[str, float]]:
    return {
        str(name): {str(code): float(value) for code, value in sums[name].dropna().items()} for name in sums.columns
    }


def kind_of(plan: Plan, period: Period) -> str:
    """What kind of period it is: the code of the plan's calendar entry that it comes from.

    Where none fits (the officer named it), the last part of its key.
    """
    name = period.key.rsplit("/", 1)[-1]
    on_demand = [entry.code for entry in plan.calendar if entry.every == "on_demand"]
    return next((code for code in on_demand if name.startswith(f"{code}-")), name)


def of_kind(plan: Plan, figures: Sequence[PeriodFigures], period: Period) -> list[PeriodFigures]:
    """Those of the same kind of period as `period`: semesters beside semesters, years beside years."""
    kind = kind_of(plan, period)
    return [each for each in figures if kind_of(plan, each.period) == kind]


def reported(figures: Sequence[PeriodFigures]) -> list[PeriodFigures]:
    """`figures`, oldest first, from the first period with reports on; the last one in any case."""
    first = next((at for at, each in enumerate(figures) if each.has_reports), len(figures) - 1)
    return list(figures[max(first, 0) :])


def school_counts(figures: Sequence[PeriodFigures]) -> dict[str, dict[Standing, int]]:
    """In how many periods with reports each school stood where, by school code; standings without a period left out."""
    found: dict[str, dict[Standing, int]] = {}
    for each in figures:
        for code, standing in each.schools.items() if each.has_reports else ():
            counts = found.setdefault(code, {})
            counts[standing] = counts.get(standing, 0) + 1
    return found


def combined(one: TableTotals, other: TableTotals, sign: int) -> TableTotals:
    """`one` with the figures of `other` added (`sign` 1) or taken away (-1): figures add up over schools."""

    def whole(first: Mapping[str, int], second: Mapping[str, int]) -> dict[str, int]:
        return {code: value + sign * second.get(code, 0) for code, value in first.items()}

    def sums(first: Mapping[str, Mapping[str, float]], second: Mapping[str, Mapping[str, float]]) -> dict[str, Any]:
        return {
            name: {code: value + sign * second.get(name, {}).get(code, 0.0) for code, value in rows.items()}
            for name, rows in first.items()
        }

    return TableTotals(
        reports=whole(one.reports, other.reports),
        applies=whole(one.applies, other.applies),
        stages={name: whole(rows, other.stages.get(name, {})) for name, rows in one.stages.items()},
        sums=sums(one.sums, other.sums),
        sums_by_level={name: sums(each, other.sums_by_level.get(name, {})) for name, each in one.sums_by_level.items()},
    )


@dataclass(frozen=True)
class Line:
    """One figure that every period has, and its value in a period: None where that says nothing.

    code: of the row or section, "" for all rows. row: the row, None for a section and for all rows. key: which of its
    figures: done_share, share, or the id of a number column. look: whole, number or share.
    """

    table: Table
    code: str
    row: Row | None
    key: str
    look: Literal["whole", "number", "share"]
    value: Callable[[PeriodFigures], float | None]


def progress_lines(plan: Plan) -> list[Line]:
    """The share of activities that is done: overall, by section, by activity; none where the plan has no stages."""
    table = plan.tables["activities"]
    if table.status_column is None:
        return []
    lines = [_done_line(table, "", table.rows)]
    for section in table.sections:
        rows = table.rows_of(section.code)
        lines += [_done_line(table, section.code, rows), *(_done_line(table, row.code, [row], row) for row in rows)]
    return lines + [_done_line(table, row.code, [row], row) for row in table.rows if not table.sections]


def target_lines(plan: Plan) -> list[Line]:
    """The plan's targets: numerator by denominator where the table has them, else the share of schools that is done."""
    table = plan.tables.get("targets")
    if table is None:
        return []
    if {NUMERATOR, DENOMINATOR} <= {column.id for column in table.columns if column.is_number}:
        return [_target_line(table, row) for row in table.rows]
    return [_done_line(table, row.code, [row], row) for row in table.rows if table.status_column]


def sum_lines(plan: Plan) -> list[Line]:
    """The totals of the table of statistics: a line for each row and number column that is open there."""
    table = plan.tables.get("statistics")
    columns = [column for column in table.columns if column.is_number] if table else []
    rows = table.rows if table else ()
    return [
        _sum_line(table, row, column) for row in rows for column in columns if table and column.id not in row.closed
    ]


def _done_line(table: Table, code: str, rows: Sequence[Row], row: Row | None = None) -> Line:
    codes = [each.code for each in rows]
    return Line(table, code, row, "done_share", "share", lambda figures: figures.tables[table.id].done_share(codes))


def _target_line(table: Table, row: Row) -> Line:
    return Line(table, row.code, row, "share", "share", lambda figures: figures.tables[table.id].share(row.code))


def _sum_line(table: Table, row: Row, column: Column) -> Line:
    def value(figures: PeriodFigures) -> float | None:
        return figures.tables[table.id].sums[column.id][row.code] if figures.counted else None

    return Line(table, row.code, row, column.id, "number" if column.kind == "number" else "whole", value)
