"""The figures of a period by level of school and by unit. Pure: frames in, frames out.

Every figure here has a formula in the sheet `Theo nhóm` that gives the same value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
from pandas import DataFrame

from sync.consolidate import DENOMINATOR, NUMERATOR, STANDINGS, Consolidated
from sync.plan import Row, Stage, Table, TableId
from sync.text import fold

if TYPE_CHECKING:
    from pandas import Series

MEASURES = ("schools", "received", "counted", *STANDINGS, "done", "applies")
TARGET_MEASURES = ("done", "applies", NUMERATOR, DENOMINATOR)
KEY_LENGTH = 100
"""Units that are the same up to here are one: a formula holds no longer text."""


@dataclass(frozen=True)
class Groups:
    """Groups of schools: all, then the plan's levels, then each unit and the levels in it. One index for all frames.

    figures: level, unit (object: None for all of them, unit "" where none is written), schools, received (those that
        sent a report), counted (those with a report that counts), a column per standing, and of the activities done
        and applies (school x activity, without what does not apply); int64.
    targets: by row code of the table of targets: done, applies (schools, int64), numerator and denominator (float64,
        0 where the table has no such columns).
    """

    figures: DataFrame
    targets: Mapping[str, DataFrame]

    @property
    def has_units(self) -> bool:
        """Whether any school has a unit."""
        return bool(self.figures["unit"].fillna("").ne("").any())

    @property
    def of_levels(self) -> DataFrame:
        """The rows of `figures` that are of one level of all units."""
        return self.figures[self.figures["unit"].isna() & self.figures["level"].notna()]

    @property
    def of_units(self) -> DataFrame:
        """The rows of `figures` that are of one unit, all levels."""
        return self.figures[self.figures["unit"].notna() & self.figures["level"].isna()]

    def levels_in(self, unit: str) -> DataFrame:
        """The rows of `figures` that are of one level of one unit."""
        return self.figures[self.figures["unit"].eq(unit) & self.figures["level"].notna()]


def groups_of(consolidated: Consolidated) -> Groups:
    """The groups that the period's schools make; levels in the plan's order, units in that of the schools.

    Units are told apart as Excel's criteria do: capital letters make no difference, the first spelling is shown.
    """
    labels = _labels(consolidated.progress["unit"])
    leaves = _Leaves(consolidated, labels)
    known = [level.code for level in consolidated.plan.levels]
    others = [level for level in leaves.schools["level"].unique() if level not in known]
    figures = _grouped(leaves.figures(), [*known, *others], list(labels.values()))
    targets = consolidated.plan.tables.get("targets")
    rows = {row.code: leaves.of_target(targets, row) for row in targets.rows} if targets else {}
    return Groups(
        figures, {code: _grouped(frame, [*known, *others], list(labels.values())) for code, frame in rows.items()}
    )


def rows_for(table: Table, level: str) -> int:
    """How many rows of `table` a school of `level` fills."""
    return sum(row.is_for(level) for row in table.rows)


def _labels(units: Series[Any]) -> dict[str, str]:
    """How each unit is shown, by its key, in the order of the schools; that without a name comes last."""
    labels: dict[str, str] = {}
    for unit in units.fillna("").unique():
        labels.setdefault(_key(str(unit)), str(unit))
    nameless = {key: label for key, label in labels.items() if not key}
    return {key: label for key, label in labels.items() if key} | nameless


def _key(unit: str) -> str:
    return fold(unit)[:KEY_LENGTH]


class _Leaves:
    """Frames of the smallest groups, by unit and level."""

    def __init__(self, consolidated: Consolidated, labels: Mapping[str, str]) -> None:
        self.consolidated, self._names = consolidated, labels
        self._entries: dict[TableId, DataFrame] = {}
        self.schools = self._placed(consolidated.progress)
        self._index = pd.MultiIndex.from_frame(self.schools[["unit", "level"]].drop_duplicates())

    def _placed(self, frame: DataFrame) -> DataFrame:
        units = frame["unit"].astype(object).where(frame["unit"].notna(), "")
        # Each spelling is looked up once: there are as many entries as schools times rows.
        shown = {unit: self._names[_key(unit)] for unit in units.unique()}
        return frame.assign(unit=units.map(shown).astype(object))

    def _entries_of(self, table: Table) -> DataFrame:
        if table.id not in self._entries:
            self._entries[table.id] = self._placed(self.consolidated.entries[table.id])
        return self._entries[table.id]

    def _sum(self, of: DataFrame, values: Series[Any]) -> Series[Any]:
        return values.groupby([of["unit"], of["level"]]).sum().reindex(self._index, fill_value=0)

    def figures(self) -> DataFrame:
        schools, one = self.schools, pd.Series(1, index=self.schools.index)
        counts: dict[str, Series[Any]] = {
            "schools": one,
            "received": schools["received_at"].notna(),
            "counted": schools["counted"],
            **{standing: schools["standing"] == standing for standing in STANDINGS},
        }
        frame = pd.DataFrame({name: self._sum(schools, values.astype("int64")) for name, values in counts.items()})
        table = self.consolidated.plan.tables["activities"]
        rows = [rows_for(table, str(level)) for level in self._index.get_level_values("level")]
        done, away = self._staged(table, None, "done"), self._staged(table, None, "not_applicable")
        return frame.assign(done=done, applies=frame["counted"] * rows - away).astype("int64")

    def of_target(self, table: Table, row: Row) -> DataFrame:
        entries = self._entries_of(table)
        entries = entries[entries["row"] == row.code]
        is_for = [row.is_for(str(level)) for level in self._index.get_level_values("level")]
        counted = self._sum(self.schools, self.schools["counted"].astype("int64"))
        whole: dict[str, Any] = {
            "done": self._staged(table, row, "done"),
            "applies": counted * is_for - self._staged(table, row, "not_applicable"),
        }
        sums: dict[str, Any] = {
            name: self._sum(entries, entries[name]) if name in table.columns_by_id else 0.0
            for name in (NUMERATOR, DENOMINATOR)
        }
        columns: dict[str, Any] = {**whole, **sums}
        frame = pd.DataFrame(columns, index=self._index)
        kinds: dict[Any, Any] = {**dict.fromkeys(whole, "int64"), **dict.fromkeys(sums, "float64")}
        return frame.astype(kinds)

    def _staged(self, table: Table, row: Row | None, stage: Stage) -> Series[Any]:
        """How often a choice of the stage was made."""
        status = table.status_column
        entries = self._entries_of(table)
        if row is not None:
            entries = entries[entries["row"] == row.code]
        if status is None:
            return pd.Series(0, index=self._index)
        values = [choice.value for choice in status.choices if choice.stage == stage]
        return self._sum(entries, entries[status.id].isin(values).astype("int64"))


def _grouped(leaves: DataFrame, levels: list[str], units: list[str]) -> DataFrame:
    """`leaves` added up: all, levels, units and the levels in each; `level` and `unit` come first."""
    measures = list(leaves.columns)
    sums: dict[tuple[str | None, str | None], list[Any]] = {(None, None): leaves[measures].sum().tolist()}
    sums |= {(level, None): values for level, values in _sums(leaves, "level")}
    sums |= {(None, unit): values for unit, values in _sums(leaves, "unit")}
    plain = zip(leaves.index.tolist(), leaves.to_numpy().tolist(), strict=True)
    sums |= {(level, unit): values for (unit, level), values in plain}
    order = [(level, unit) for unit in (None, *units) for level in (None, *levels) if (level, unit) in sums]
    frame = pd.DataFrame([sums[key] for key in order], columns=measures)
    named = frame.astype({name: leaves[name].dtype for name in measures})
    named.insert(0, "level", pd.Series([level for level, _unit in order], dtype=object))
    named.insert(1, "unit", pd.Series([unit for _level, unit in order], dtype=object))
    return named


def _sums(leaves: DataFrame, by: str) -> list[tuple[str, list[Any]]]:
    """What the leaves of each level or unit add up to."""
    sums = leaves.groupby(level=by).sum()
    return list(zip(map(str, sums.index), sums.to_numpy().tolist(), strict=True))
