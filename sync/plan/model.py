"""A plan as typed objects: tables with their rows, columns and rules, levels of school, the reporting calendar.

Every table that a school fills has the same shape: fixed rows, fixed columns that are printed, fill-in columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from sync import expression

TableId = Literal["activities", "targets", "duties", "statistics"]
TABLE_IDS: tuple[TableId, ...] = ("activities", "targets", "duties", "statistics")
ColumnKind = Literal["choice", "date", "whole", "number", "text"]
Stage = Literal["not_begun", "under_way", "done", "not_applicable"]
PERIOD_NAMES: Mapping[str, expression.Kind] = {"period.starts_on": "date", "period.ends_on": "date"}

EXPRESSION_KINDS: Mapping[str, expression.Kind] = {
    "choice": "text",
    "text": "text",
    "date": "date",
    "whole": "number",
    "number": "number",
}
_IDENTIFIER = r"^[a-z][a-z0-9_]*$"
_RULE_ID = r"^[a-z][a-z0-9-]*$"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Choice(_Model):
    """A value of a list, and what it says about the row's progress where it says anything."""

    value: str = Field(min_length=1)
    stage: Stage | None = None


class Column(_Model):
    """A fill-in column. `free` marks text that a school composes: it is screened before it spreads."""

    id: str = Field(pattern=_IDENTIFIER)
    heading: str = Field(min_length=1)
    kind: ColumnKind
    help: str = ""
    choices: tuple[Choice, ...] = ()
    required: bool = False
    minimum: float | date | None = None
    maximum: float | date | None = None
    max_length: int | None = Field(default=None, gt=0, le=32767)
    free: bool = False
    cumulative: bool = False
    """The figure counts from the beginning of the period on: over a longer period it cannot be less."""
    sensitive: bool = False
    """The figure counts children or cases: 1 and 2 are not printed in copies of reports for others."""
    width: float = Field(default=12, gt=0, le=120)

    @property
    def is_number(self) -> bool:
        return self.kind in ("whole", "number")

    @cached_property
    def values(self) -> tuple[str, ...]:
        """The allowed values of a choice column, in their printed order."""
        return tuple(choice.value for choice in self.choices)


class FixedColumn(_Model):
    """A printed column."""

    id: str = Field(pattern=_IDENTIFIER)
    heading: str = Field(min_length=1)
    width: float = Field(default=12, gt=0, le=120)


class Section(_Model):
    """A heading row over the rows whose code begins with its own."""

    code: str = Field(min_length=1)
    title: str = Field(min_length=1)


class Row(BaseModel):
    """A fixed row. Extra keys of the plan file are the texts of the table's fixed columns."""

    model_config = ConfigDict(extra="allow", frozen=True, str_strip_whitespace=True)
    __pydantic_extra__: dict[str, str] = Field(init=False)

    code: str = ""
    """Section (or the table's prefix), a dot, the printed number; set when the table is loaded."""
    number: str = Field(min_length=1)
    section: str | None = None
    levels: frozenset[str] | None = None
    """Levels of school that fill the row; None for all."""
    snapshot: bool = False
    """The row's figures are those of the period's last day, and never cumulative."""
    sensitive: bool = False
    """As a column's, for all figures of the row."""
    closed: frozenset[str] = frozenset()
    """Fill-in columns that mean nothing in this row."""

    def text(self, fixed: str) -> str:
        """The printed text of the fixed column `fixed`."""
        if fixed == "number":
            return self.number
        return self.__pydantic_extra__.get(fixed, "")

    def is_for(self, level: str) -> bool:
        return self.levels is None or level in self.levels


class Rule(_Model):
    """A check of one row: it fires where `when` is true and `require` is false."""

    id: str = Field(pattern=_RULE_ID)
    require: str
    cell: str
    message: str = Field(min_length=1)
    fix: str = Field(min_length=1)
    message_en: str = Field(min_length=1)
    fix_en: str = Field(min_length=1)
    when: str | None = None
    rows: frozenset[str] | None = None
    severity: Literal["error", "warning"] = "error"


@dataclass(frozen=True)
class CompiledRule:
    """A rule with its parsed expressions."""

    rule: Rule
    when: expression.Expression | None
    require: expression.Expression

    @property
    def names(self) -> frozenset[str]:
        return self.require.names | (self.when.names if self.when else frozenset())


class Table(_Model):
    """One fill-in sheet."""

    id: TableId
    sheet: str = Field(min_length=1, max_length=31)
    summary_sheet: str = Field(min_length=1, max_length=31)
    title: str = Field(min_length=1)
    row_name: str = Field(min_length=1)
    prefix: str = ""
    fixed: tuple[FixedColumn, ...] = Field(min_length=1)
    columns: tuple[Column, ...] = Field(min_length=1)
    sections: tuple[Section, ...] = ()
    rows: tuple[Row, ...] = Field(min_length=1)
    rules: tuple[Rule, ...] = ()

    @cached_property
    def rows_by_code(self) -> Mapping[str, Row]:
        return {row.code: row for row in self.rows}

    @cached_property
    def columns_by_id(self) -> Mapping[str, Column]:
        return {column.id: column for column in self.columns}

    @cached_property
    def status_column(self) -> Column | None:
        """The choice column whose values are stages of progress, if the table has one."""
        return next((column for column in self.columns if any(choice.stage for choice in column.choices)), None)

    def rows_of(self, section: str) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.section == section)


class Figure(_Model):
    """A cell of a table that rules may name as school.<figure>."""

    table: TableId
    row: str
    column: str
    max_change: float | None = Field(default=None, gt=0, le=10)
    """The share by which the figure may differ from the period before without a question, such as 0.3."""


class Level(_Model):
    code: str = Field(min_length=1)
    name: str = Field(min_length=1)


class Span(_Model):
    starts_on: date
    ends_on: date


class SchoolYear(_Model):
    code: str = Field(pattern=r"^\d{4}-\d{4}$")
    semester_1: Span
    year: Span


class Due(_Model):
    """A due date: days after the period's last day, the day before `due_before` (MM-DD), or days before the office's.

    Exactly one of the three. The first two are dates that the plan sets, and no holiday moves them; the last one is
    for schools alone, and is moved to a working day.
    """

    due_days: int | None = Field(default=None, ge=0, le=366)
    days_before_office: int | None = Field(default=None, ge=1, le=366)
    due_before: str | None = Field(default=None, pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")


class CalendarEntry(_Model):
    """A duty to report, once or over and over; `texts` are the plan's own words for it."""

    code: str = Field(pattern=r"^[A-Z0-9-]+$")
    title: str = Field(min_length=1)
    every: Literal["school_year", "calendar_year", "once", "on_demand"]
    covers: Literal["semester_1", "year"] | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    schools: Due | None = None
    office: Due | None = None
    source: str = ""
    texts: tuple[str, ...] = ()


class Document(_Model):
    """The printed plan's own head."""

    number: str = ""
    place: str = ""
    date: date
    issuer: str = ""
    basis: str = ""
    goal: str = ""
    appendix_title: str = ""
    appendix_subject: str = ""
    appendix_note: str = ""


class Plan(_Model):
    """A whole action plan."""

    schema_: Literal[1] = Field(alias="schema")
    code: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    version: str = Field(min_length=1)
    starts_on: date
    ends_on: date
    title: str = Field(min_length=1)
    subject: str = Field(min_length=1)
    document: Document
    levels: tuple[Level, ...] = Field(min_length=1)
    school_years: tuple[SchoolYear, ...] = ()
    calendar: tuple[CalendarEntry, ...] = Field(min_length=1)
    figures: Mapping[str, Figure] = {}
    tables: Mapping[TableId, Table]
    digest: str = ""
    """SHA-256 of the plan file; set when the plan is loaded."""

    @cached_property
    def all_tables(self) -> tuple[Table, ...]:
        """The plan's tables in the order of the workbook's sheets."""
        return tuple(self.tables[name] for name in TABLE_IDS if name in self.tables)

    @cached_property
    def rules(self) -> Mapping[str, tuple[CompiledRule, ...]]:
        """Parsed rules by table."""
        return {table.id: tuple(self._compile(table, rule) for rule in table.rules) for table in self.all_tables}

    @cached_property
    def rules_by_id(self) -> Mapping[str, Rule]:
        return {rule.id: rule for table in self.all_tables for rule in table.rules}

    def _compile(self, table: Table, rule: Rule) -> CompiledRule:
        names = _names_of(table.columns, self.figures)
        when = expression.parse(rule.when, names) if rule.when is not None else None
        return CompiledRule(rule, when, expression.parse(rule.require, names))


def _names_of(columns: tuple[Column, ...], figures: Mapping[str, Figure]) -> dict[str, expression.Kind]:
    kinds = {column.id: EXPRESSION_KINDS[column.kind] for column in columns}
    return {**kinds, **{f"school.{name}": "number" for name in figures}, **PERIOD_NAMES}
