"""What a school's workbook is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from sync.config import Office
from sync.outputs.layout import SheetLayout, layout
from sync.periods import Period
from sync.plan import Plan, Row
from sync.schools import School

Fill = Mapping[tuple[str, str, str], object]
"""Values of fill-in cells by (table id, row code, column id): text, numbers, dates; written as given, right or not."""


@dataclass(frozen=True)
class Form:
    """A workbook for one school and one period."""

    plan: Plan
    school: School
    period: Period
    office: Office
    seal: str


@dataclass(frozen=True)
class Draft:
    """A form, or the generic template: then nobody's, of no period."""

    plan: Plan
    school: School | None = None
    period: Period | None = None
    office: Office | None = None
    seal: str = ""

    @classmethod
    def of(cls, form: Form) -> Draft:
        return cls(form.plan, form.school, form.period, form.office, form.seal)

    @cached_property
    def sheets(self) -> Mapping[str, SheetLayout]:
        return layout(self.plan)

    def is_for_school(self, row: Row) -> bool:
        """Whether the school fills `row`; in the generic template every row is open."""
        return self.school is None or row.is_for(self.school.level)

    @property
    def superior(self) -> str:
        """The body above the school, first line of every heading."""
        return self.office.name if self.office else self.plan.document.issuer

    @property
    def issuer(self) -> str:
        """The school, second line of every heading."""
        return self.school.name if self.school else "TRƯỜNG ……………………………"

    @property
    def level_name(self) -> str:
        code = self.school.level if self.school else ""
        return next((level.name for level in self.plan.levels if level.code == code), code)

    @property
    def footer(self) -> str:
        parts = [self.school.name if self.school else "", self.period.title if self.period else ""]
        return " – ".join(part for part in parts if part) or self.plan.title
