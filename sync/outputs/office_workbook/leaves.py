"""The columns of figures on a summary sheet: for each, the formula over `Dữ liệu` and the value it must give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sync.consolidate import DENOMINATOR, NUMERATOR, TableFigures
from sync.outputs.office_workbook import cells
from sync.outputs.office_workbook.data_sheet import DataNames
from sync.outputs.office_workbook.standing_sheets import ProgressNames
from sync.plan import Choice, Column, Level, Plan, Row, Stage
from sync.text import column_letters

if TYPE_CHECKING:
    from pandas import Series

NOTHING = "–"
"""Shown for a share of nothing."""
TOTALS = "Tổng cộng của các trường"


@dataclass(frozen=True)
class Leaf:
    """A column of figures.

    formula: of one row of the plan (None: of a row of totals), given Excel's number of the sheet's row.
    value: what the formula gives over these row codes.
    totals: how rows of totals are made: added up, by the same formula, or left empty.
    """

    key: str
    group: str
    heading: str
    width: float
    look: Literal["whole", "number", "share"]
    formula: Callable[[Row | None, int], str]
    value: Callable[[Sequence[str]], float | str]
    is_open: Callable[[Row], bool] = lambda _row: True
    totals: Literal["sum", "same", "none"] = "sum"


class Leaves:
    """All columns of figures of one table, from the sheet's column `first` on."""

    def __init__(self, plan: Plan, figures: TableFigures, data: DataNames, progress: ProgressNames, first: int) -> None:
        self.plan, self.figures, self.table = plan, figures, figures.table
        self.data, self.progress, self.first = data, progress, first
        self.all: list[Leaf] = []
        for column in self.table.columns:
            if column.choices:
                self.all += [self._count(column, choice) for choice in column.choices]
                if column is self.table.status_column:
                    self._add_progress(column)
        if self.table.status_column is None:
            self.all.append(self._reports())
        self.all += [self._sum(column) for column in self._numbers]
        if figures.has_share:
            self.all.append(self._ratio("share", TOTALS, "Tỉ lệ", [NUMERATOR], DENOMINATOR, totals="none"))
        if self.table.id == "statistics" and len(plan.levels) > 1:
            self.all += [self._sum(column, level) for level in plan.levels for column in self._numbers]

    @property
    def _numbers(self) -> list[Column]:
        return [column for column in self.table.columns if column.is_number]

    def column_of(self, key: str) -> int:
        """The sheet's column of the leaf `key`. Raises KeyError where the table has none."""
        for number, leaf in enumerate(self.all, self.first):
            if leaf.key == key:
                return number
        raise KeyError(key)

    def _letters(self, key: str) -> str:
        return column_letters(self.column_of(key))

    def _at(self, keys: Sequence[str], number: int) -> str:
        return cells.total([f"{self._letters(key)}{number}" for key in keys])

    def keys_in_order(self, *stages: Stage) -> list[str]:
        """Like keys_of, in the order of the stages."""
        return [key for stage in stages for key in self.keys_of(stage)]

    def keys_of(self, *stages: Stage) -> list[str]:
        """Keys of the columns that count the choices of these stages."""
        status = self.table.status_column
        return [count_key(status, choice) for choice in status.choices if choice.stage in stages] if status else []

    def _count(self, column: Column, choice: Choice) -> Leaf:
        chosen = self.data.columns[self.table.id, column.id]
        counts = self.figures.counts[column.id][choice.value]

        def formula(row: Row | None, _number: int) -> str:
            return f"=COUNTIFS({self._matches(row)},{chosen},{cells.criterion(choice.value)})"

        return Leaf(
            key=count_key(column, choice),
            group=column.heading,
            heading=choice.value,
            width=8.5,
            look="whole",
            formula=formula,
            value=adding(counts),
            is_open=lambda row: column.id not in row.closed,
            totals="sum" if column is self.table.status_column else "none",
        )

    def _matches(self, row: Row | None) -> str:
        if row is None:
            raise ValueError("a row of totals is added up")
        return self.data.matches(self.table, row)

    def _add_progress(self, column: Column) -> None:
        status_keys = [count_key(column, choice) for choice in column.choices if choice.stage]
        counted = [key for key in status_keys if key not in self.keys_of("not_applicable")]
        self.all.append(self._applies())
        if not column.required:
            self.all.append(self._left_blank(counted))
        done = self.keys_of("done")
        self.all.append(self._ratio("done_share", "", self._done_heading(), done, "applies", totals="same"))

    def _done_heading(self) -> str:
        status = self.table.status_column
        done = [choice.value for choice in status.choices if choice.stage == "done"] if status else []
        return f"Tỉ lệ {' + '.join(done).lower()}"

    def _applies(self) -> Leaf:
        def formula(row: Row | None, number: int) -> str:
            less = "".join(f"-{self._letters(key)}{number}" for key in self.keys_of("not_applicable"))
            return f"={self._applicable(row)}{less}"

        return Leaf("applies", "Số trường", "Áp dụng", 8.5, "whole", formula, adding(self.figures.applies))

    def _applicable(self, row: Row | None) -> str:
        counted = self.progress.counted
        if row is None or row.levels is None:
            return f"COUNT({counted})"
        levels = [level.code for level in self.plan.levels if row.is_for(level.code)]
        parts = [f'COUNTIFS({self.progress.level},{cells.criterion(level)},{counted},">0")' for level in levels]
        return cells.total(parts)

    def _left_blank(self, counted: list[str]) -> Leaf:
        blank = self.figures.applies - self.figures.stages[["done", "under_way", "not_begun"]].sum(axis=1)

        def formula(_row: Row | None, number: int) -> str:
            return f"={self._letters('applies')}{number}-({self._at(counted, number)})"

        return Leaf("blank", "Số trường", "Chưa ghi", 8.5, "whole", formula, adding(blank))

    def _reports(self) -> Leaf:
        def formula(row: Row | None, _number: int) -> str:
            return f"=COUNTIFS({self._matches(row)})"

        return Leaf("reports", "", "Số trường có ghi", 9, "whole", formula, adding(self.figures.reports), totals="none")

    def _ratio(
        self, key: str, group: str, heading: str, above: list[str], below: str, *, totals: Literal["same", "none"]
    ) -> Leaf:
        parts = {leaf.key: leaf.value for leaf in self.all}

        def formula(_row: Row | None, number: int) -> str:
            whole = f"{self._letters(below)}{number}"
            return f"=IF({whole}=0,{cells.quoted(NOTHING)},({self._at(above, number)})/{whole})"

        def value(codes: Sequence[str]) -> float | str:
            whole = float(parts[below](codes))
            return sum(float(parts[name](codes)) for name in above) / whole if whole else NOTHING

        return Leaf(key, group, heading, 9, "share", formula, value, totals=totals)

    def _sum(self, column: Column, level: Level | None = None) -> Leaf:
        sums = self.figures.sums if level is None else self.figures.sums_by_level[level.code]
        number_range = self.data.columns[self.table.id, column.id]
        of_level = "" if level is None else f",{self.data.level},{cells.criterion(level.code)}"

        def formula(row: Row | None, _number: int) -> str:
            return f"=SUMIFS({number_range},{self._matches(row)}{of_level})"

        def is_open(row: Row) -> bool:
            return column.id not in row.closed and (level is None or row.is_for(level.code))

        return Leaf(
            key=column.id if level is None else f"{level.code}/{column.id}",
            group=TOTALS if level is None else level.code,
            heading=column.heading,
            width=max(9.0 if level is None else 8.5, _longest(sums[column.id]) + 2.0),
            look="number" if column.kind == "number" else "whole",
            formula=formula,
            value=adding(sums[column.id]),
            is_open=is_open,
            totals="none",
        )


def count_key(column: Column, choice: Choice) -> str:
    """The key of the leaf that counts a choice."""
    return f"{column.id}={choice.value}"


def adding(values: Series[int] | Series[float]) -> Callable[[Sequence[str]], float]:
    """A function that adds up `values` over row codes."""
    plain = {str(code): float(value) for code, value in values.items()}
    return lambda codes: sum(plain[code] for code in codes)


def _longest(values: Series[float]) -> int:
    return max((len(f"{value:,.0f}") for value in values.fillna(0)), default=1)
