"""Small counts in copies for others.

The rule. Where the plan says that a figure counts children or cases (`sensitive`), 1 and 2 are printed as "dưới 3";
zero stays zero. A figure that would tell the hidden one is hidden too, as "*":

- Of a part beside its whole (the plan has the rule `part <= whole`: girls beside all children), the part, where what is
  left of the whole is 1 or 2. Where the whole is 4, every part but 0 and 4, because otherwise "*" would mean 3.
- A sum or a difference, where one of the figures beside it that it is made of is hidden.
- A figure from 3 on that the plan limits by a sum of others (cases handed over: by those found), where one of these is
  hidden: it could be so large only where the hidden one is 2.

Schools' own words may hold such counts too; `tells_counts` finds them.

The protection of children's data: Law on Children 2016 art. 21 and 100, Decree 56/2017/NĐ-CP art. 33-36.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from sync.plan import Plan, Row, Rule, Table
from sync.reporting.wording import number

LEAST = 3
"""Counts from here on are printed."""
FEW, HIDDEN = f"dưới {LEAST}", "*"
NOTE = (
    f'Ghi chú: "{FEW}" là 1 hoặc 2; "{HIDDEN}" là số không nêu để không suy ra được số {FEW}. '
    "Bản gửi nơi khác không nêu các số này để bảo vệ thông tin của trẻ em."
)

_PART = re.compile(r"^\s*(\w+)\s*<=\s*(\w+)\s*$")
_FIGURES = re.compile(r"\s*school\.(\w+)((?:\s*\+\s*school\.\w+)+)\s*")
_COUNTED = re.compile(
    r"\d|\b(một|hai|mot)\s+(đứa |người |dua |nguoi )?"
    r"(em|trẻ|cháu|bé|học sinh|học trò|nữ|nam|vụ|sự việc|trường hợp|ca|bạn|nạn nhân|đứa|người|"
    r"tre|chau|be|hoc sinh|nu|vu|su viec|truong hop|ban|nan nhan|dua|nguoi)\b",
    re.IGNORECASE,
)


class Sums(Protocol):
    """Sums of a column by row code; a dict and a pandas Series are such."""

    def get(self, row: str, default: float, /) -> float: ...


@dataclass(frozen=True)
class Masking:
    """How figures are printed: all of them, or `for_others` by the rule above."""

    for_others: bool = False

    def shown(self, value: float, *, sensitive: bool) -> str:
        """One figure that stands alone."""
        return FEW if self.hides(value, sensitive=sensitive) else number(value)

    def hides(self, value: float, *, sensitive: bool) -> bool:
        """Whether the figure is not printed."""
        return self.for_others and sensitive and 0 < value < LEAST

    def row(self, table: Table, row: Row, figures: Mapping[str, float]) -> dict[str, str]:
        """The figures of one row, by column id, that stand beside each other."""
        sensitive = {name: is_sensitive(table, row, name) for name in figures}
        shown = {name: self.shown(value, sensitive=sensitive[name]) for name, value in figures.items()}
        for part, whole in parts_of(table):
            told = part in figures and whole in figures and (sensitive[part] or sensitive[whole])
            if told and self.for_others and _tells(figures[part], figures[whole]):
                shown[part] = HIDDEN
        return shown

    def totals(self, table: Table, figures: Mapping[str, Mapping[str, float]]) -> dict[str, str]:
        """The sums over rows, by column; `figures` are those of each row (by code), all of which stand somewhere."""
        rows = {code: table.rows_by_code[code] for code in figures}
        shown = [self.row(table, rows[code], each) for code, each in figures.items()]
        names = list(dict.fromkeys(name for each in figures.values() for name in each))
        sums = {name: _sum(each[name] for each in figures.values() if name in each) for name in names}
        # The sum is as sensitive as the most sensitive row.
        told = self.row(table, max(rows.values(), key=lambda row: row.sensitive), sums)
        return {name: HIDDEN if {FEW, HIDDEN} & {each.get(name) for each in shown} else told[name] for name in names}

    def telling(self, plan: Plan, table: Table, sums: Mapping[str, Sums]) -> frozenset[tuple[str, str]]:
        """The cells (row code, column) that are hidden because the plan limits them by figures of which one is."""
        if not self.for_others:
            return frozenset()
        found = set()
        for rule, limits in _limited(plan, table):
            if any(self.hides(_value(sums, row, column), sensitive=True) for row, column in limits):
                rows = rule.rows or table.rows_by_code.keys()
                found |= {(row, rule.cell) for row in rows if _value(sums, row, rule.cell) >= LEAST}
        return frozenset(found)

    def summed(self, figures: Iterable[float], total: float, *, sensitive: bool) -> str:
        """A sum or a difference of `figures`, all of which stand beside it."""
        if any(self.hides(value, sensitive=sensitive) for value in figures):
            return HIDDEN
        return self.shown(total, sensitive=sensitive)


def _tells(part: float, whole: float) -> bool:
    """Whether printing `part` beside `whole` tells a small count."""
    if whole == LEAST + 1:
        return 0 < part < whole
    return part >= LEAST and 0 < whole - part < LEAST


def _limited(plan: Plan, table: Table) -> Iterator[tuple[Rule, list[tuple[str, str]]]]:
    """The rules by which a cell of `table` is at most a sum of figures that count children or cases, with these."""
    for rule in table.rules:
        cell, _sign, limit = rule.require.partition("<=")
        is_limit = cell.strip() == rule.cell and _FIGURES.fullmatch(limit) is not None
        names = re.findall(r"school\.(\w+)", limit) if is_limit else []
        limits = [plan.figures[name] for name in names]
        if limits and all(each.table == table.id for each in limits):
            cells = [(each.row, each.column) for each in limits]
            if all(is_sensitive(table, table.rows_by_code[row], column) for row, column in cells):
                yield rule, cells


def _value(sums: Mapping[str, Sums], row: str, column: str) -> float:
    return float(sums[column].get(row, 0.0)) if column in sums else 0.0


def _sum(values: Iterable[float]) -> float:
    """What they add up to; closed cells (NaN) count nothing."""
    return sum(value for value in values if value == value)  # noqa: PLR0124 - NaN alone differs from itself


def is_sensitive(table: Table, row: Row, column: str) -> bool:
    """Whether the figure counts children or cases."""
    return row.sensitive or table.columns_by_id[column].sensitive


def parts_of(table: Table) -> list[tuple[str, str]]:
    """The number columns of which one is a part of the other, as the plan's rules have it: (part, whole)."""
    numbers = {column.id for column in table.columns if column.is_number}
    found = (_PART.match(rule.require) for rule in table.rules if rule.when is None and rule.rows is None)
    return [(each[1], each[2]) for each in found if each and {each[1], each[2]} <= numbers]


def tells_counts(text: str) -> bool:
    """Whether a school's words hold a number, or say "one child", "two cases"."""
    return _COUNTED.search(unicodedata.normalize("NFC", text)) is not None
