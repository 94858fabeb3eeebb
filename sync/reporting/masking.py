"""Small counts in copies for others.

The rule. Where the plan says that a figure counts children or cases (`sensitive`), 1 and 2 are printed as "dưới 3";
zero stays zero. A figure that would tell the hidden one is hidden too, as "*":

- Of a part beside its whole (the plan has the rule `part <= whole`: girls beside all children), the part, where what is
  left of the whole is 1 or 2. Where the whole is 4, every part but 0 and 4, because otherwise "*" would mean 3.
- A sum or a difference, where one of the figures beside it that it is made of is hidden.

Schools' own words may hold such counts too; `tells_counts` finds them.

The protection of children's data: Law on Children 2016 art. 21 and 100, Decree 56/2017/NĐ-CP art. 33-36.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sync.plan import Row, Table
from sync.reporting.wording import number

LEAST = 3
"""Counts from here on are printed."""
FEW, HIDDEN = f"dưới {LEAST}", "*"
NOTE = (
    f'Ghi chú: "{FEW}" là 1 hoặc 2; "{HIDDEN}" là số không nêu để không suy ra được số {FEW}. '
    "Bản gửi nơi khác không nêu các số này để bảo vệ thông tin của trẻ em."
)

_PART = re.compile(r"^\s*(\w+)\s*<=\s*(\w+)\s*$")
_COUNTED = re.compile(
    r"\d|\b(một|hai|mot)\s+(em|trẻ|cháu|bé|học sinh|nữ|nam|vụ|trường hợp|ca|bạn|tre|chau|hoc sinh|vu)\b", re.IGNORECASE
)


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
    return _COUNTED.search(text) is not None
