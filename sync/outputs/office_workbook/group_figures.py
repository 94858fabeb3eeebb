"""The columns of figures of `Theo nhóm`: for each, the formula of a group and the value that it must give."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sync.consolidate import DENOMINATOR, NUMERATOR, Consolidated
from sync.groups import KEY_LENGTH, Groups, rows_for
from sync.outputs.office_workbook import cells
from sync.outputs.office_workbook.data_sheet import DataNames
from sync.outputs.office_workbook.leaves import NOTHING
from sync.outputs.office_workbook.standing_sheets import LABELS, ProgressNames
from sync.plan import Row, Stage, Table
from sync.standing import Standing
from sync.text import column_letters

_STANDINGS: Mapping[str, tuple[Standing, ...]] = {
    LABELS["on_time"]: ("on_time",),
    LABELS["late"]: ("late",),
    LABELS["to_mend"]: ("to_mend",),
    LABELS["missing"]: ("missing",),
    "Chưa đến hạn": ("due_soon", "not_due"),
    LABELS["excused"]: ("excused",),
}


@dataclass(frozen=True)
class Group:
    """One row: a level, a unit, both, or (both None) all schools. `at` is its row in the frames of the groups."""

    at: int
    level: str | None
    unit: str | None
    label: str
    levels: tuple[str, ...]

    def counted(self, names: ProgressNames | DataNames, *pairs: str, of: str = "") -> str:
        """How many of the group's rows of a list meet `pairs` of COUNTIFS; where `of` is a range, its sum over them."""
        own = [] if self.level is None else [f"{names.level},{cells.criterion(self.level)}"]
        if self.unit:
            own.append(f"{names.unit},{_of_unit(self.unit)}")
        whole = _counted(names, [*own, *pairs], of)
        if self.unit != "":
            return whole
        # Not all programs find an empty cell at the end of a range.
        named = _counted(names, [f'{names.unit},"<>"', *own, *pairs], of)
        return f"({whole}-{named})"


@dataclass(frozen=True)
class GroupFigure:
    """A column: the formula of a group, given Excel's number of its row, and the value that it must give."""

    key: str
    over: str
    heading: str
    look: str
    formula: Callable[[Group, int], str]
    value: Callable[[Group], float | str]


def figures_of(
    consolidated: Consolidated, groups: Groups, data: DataNames, progress: ProgressNames
) -> tuple[GroupFigure, ...]:
    """The columns, in their order from the sheet's second column on."""
    return tuple(_Figures(consolidated, groups, data, progress).all)


def _counted(names: ProgressNames | DataNames, pairs: Sequence[str], of: str) -> str:
    if of:
        return f"SUMIFS({of},{','.join(pairs)})"
    return f"COUNTIFS({','.join(pairs)})" if pairs else f"COUNTA({names.level})"


def _of_unit(unit: str) -> str:
    if len(unit) > KEY_LENGTH:
        return cells.criterion(unit[:KEY_LENGTH])[:-1] + '*"'
    return cells.criterion(unit)


class _Figures:
    def __init__(self, consolidated: Consolidated, groups: Groups, data: DataNames, progress: ProgressNames) -> None:
        self.plan, self.data, self.progress = consolidated.plan, data, progress
        self._numbers: dict[Any, list[Any]] = groups.figures.to_dict("list")
        self._targets = {code: frame.to_dict("list") for code, frame in groups.targets.items()}
        self.activities = self.plan.tables["activities"]
        self.all: list[GroupFigure] = []
        self._add_standings()
        if self.activities.status_column is not None:
            self._add_activities()
        targets = self.plan.tables.get("targets")
        for row in targets.rows if targets else ():
            if targets:
                self._add_target(targets, row)

    def _add_standings(self) -> None:
        over = "Tình hình nộp (số trường)"
        received, counted = f'{self.progress.received},">0"', f'{self.progress.counted},">0"'
        self._add("schools", over, "Phải báo cáo", lambda group, _at: "=" + self._schools(group))
        self._add("received", over, "Đã gửi", lambda group, _at: "=" + self._schools(group, received))
        for heading, standings in _STANDINGS.items():
            self._add_whole(
                "+".join(standings), over, heading, partial(self._standing, standings), partial(self._sum, standings)
            )
        self._add("counted", over, "Có bản được tính", lambda group, _at: "=" + self._schools(group, counted))

    def _add(self, key: str, over: str, heading: str, formula: Callable[[Group, int], str]) -> None:
        self._add_whole(key, over, heading, formula, partial(self._sum, (key,)))

    def _add_whole(
        self,
        key: str,
        over: str,
        heading: str,
        formula: Callable[[Group, int], str],
        value: Callable[[Group], float],
    ) -> None:
        self.all.append(GroupFigure(key, over, heading, "whole", formula, value))

    def _sum(self, measures: Sequence[str], group: Group) -> float:
        return sum(float(self._numbers[measure][group.at]) for measure in measures)

    def _schools(self, group: Group, *criteria: str, level: str | None = None) -> str:
        """How many schools of the group meet the criteria; of `level` alone where one is named."""
        own = [] if level is None else [f"{self.progress.level},{cells.criterion(level)}"]
        return group.counted(self.progress, *own, *criteria)

    def _standing(self, standings: Sequence[Standing], group: Group, _at: int) -> str:
        labels = [f"{self.progress.standing},{cells.criterion(LABELS[standing])}" for standing in standings]
        return "=" + cells.total([self._schools(group, label) for label in labels])

    def _column(self, key: str) -> str:
        return column_letters(1 + next(at for at, figure in enumerate(self.all) if figure.key == key))

    def _add_activities(self) -> None:
        over, table = "Hoạt động (lượt trường × hoạt động)", self.activities
        self._add("applies", over, "Áp dụng", self._activities_applying)
        self._add("done", over, "Đã làm", lambda group, _at: "=" + self._staged(table, None, "done", group))
        self.all.append(self._ratio("share", over, "Tỉ lệ đã làm", self._done_of_applying, self._done_share))

    def _activities_applying(self, group: Group, at: int) -> str:
        table, counted = self.activities, f'{self.progress.counted},">0"'
        rows = {level: rows_for(table, level) for level in group.levels}
        if len(set(rows.values())) == 1:
            whole = f"{next(iter(rows.values()))}*{self._column('counted')}{at}"
        else:
            whole = cells.total(
                [f"{count}*{self._schools(group, counted, level=level)}" for level, count in rows.items()]
            )
        return f"={whole}{self._less(table, None, group)}"

    def _less(self, table: Table, row: Row | None, group: Group) -> str:
        away = self._staged(table, row, "not_applicable", group)
        return "" if away == "0" else f"-({away})"

    def _staged(self, table: Table, row: Row | None, stage: Stage, group: Group) -> str:
        status = table.status_column
        if status is None:
            return "0"
        chosen = self.data.columns[table.id, status.id]
        which = f"{self.data.table},{cells.criterion(table.sheet)}" if row is None else self.data.matches(table, row)
        values = [choice.value for choice in status.choices if choice.stage == stage]
        return cells.total([group.counted(self.data, which, f"{chosen},{cells.criterion(value)}") for value in values])

    def _done_of_applying(self, _group: Group, at: int) -> tuple[str, str]:
        return f"{self._column('done')}{at}", f"{self._column('applies')}{at}"

    def _done_share(self, group: Group) -> tuple[float, float]:
        return self._sum(("done",), group), self._sum(("applies",), group)

    def _add_target(self, table: Table, row: Row) -> None:
        over = f"{table.row_name} {row.number}"
        if table.status_column is not None:
            parts = partial(self._reached, table, row)
            value = partial(self._target, row, ("done", "applies"))
            self.all.append(self._ratio(f"{row.code}/done", over, "Trường đạt", parts, value))
        if {NUMERATOR, DENOMINATOR} <= set(table.columns_by_id) and not row.closed & {NUMERATOR, DENOMINATOR}:
            parts = partial(self._summed, table, row)
            value = partial(self._target, row, (NUMERATOR, DENOMINATOR))
            self.all.append(self._ratio(f"{row.code}/share", over, "Đã thực hiện", parts, value))

    def _target(self, row: Row, names: tuple[str, str], group: Group) -> tuple[float, float]:
        above, below = (float(self._targets[row.code][name][group.at]) for name in names)
        return above, below

    def _reached(self, table: Table, row: Row, group: Group, at: int) -> tuple[str, str]:
        levels = [level for level in group.levels if row.is_for(level)]
        counted = f'{self.progress.counted},">0"'
        if len(levels) == len(group.levels):
            whole = f"{self._column('counted')}{at}"
        else:
            whole = cells.total([self._schools(group, counted, level=level) for level in levels])
        return self._staged(table, row, "done", group), f"({whole}{self._less(table, row, group)})"

    def _summed(self, table: Table, row: Row, group: Group, _at: int) -> tuple[str, str]:
        which = self.data.matches(table, row)
        above, below = (
            group.counted(self.data, which, of=self.data.columns[table.id, name]) for name in (NUMERATOR, DENOMINATOR)
        )
        return above, below

    def _ratio(
        self,
        key: str,
        over: str,
        heading: str,
        parts: Callable[[Group, int], tuple[str, str]],
        values: Callable[[Group], tuple[float, float]],
    ) -> GroupFigure:
        def formula(group: Group, at: int) -> str:
            above, below = parts(group, at)
            return f"=IF({below}=0,{cells.quoted(NOTHING)},({above})/{below})"

        def value(group: Group) -> float | str:
            above, below = values(group)
            return above / below if below else NOTHING

        return GroupFigure(key, over, heading, "share", formula, value)
