"""plan.toml → Plan: sections, activities, targets, duties, statistics, rules and the calendar as typed objects.

Every table that a school fills has the same shape: fixed rows, fixed columns that are printed, fill-in columns.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sync import expression
from sync.errors import MendableError

SCHEMA = 1
TableId = Literal["activities", "targets", "duties", "statistics"]
TABLE_IDS: tuple[TableId, ...] = ("activities", "targets", "duties", "statistics")
ColumnKind = Literal["choice", "date", "whole", "number", "text"]
Stage = Literal["not_begun", "under_way", "done", "not_applicable"]
PERIOD_NAMES: Mapping[str, expression.Kind] = {"period.starts_on": "date", "period.ends_on": "date"}

_EXPRESSION_KINDS: Mapping[str, expression.Kind] = {
    "choice": "text",
    "text": "text",
    "date": "date",
    "whole": "number",
    "number": "number",
}
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\]")
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
    width: float = Field(default=12, gt=0, le=120)

    @property
    def is_number(self) -> bool:
        return self.kind in ("whole", "number")

    @cached_property
    def values(self) -> tuple[str, ...]:
        """The allowed values of a choice column, in their printed order."""
        return tuple(choice.value for choice in self.choices)

    def stage_of(self, value: str) -> Stage | None:
        """The stage that `value` stands for, None for blanks and unknown values."""
        return next((choice.stage for choice in self.choices if choice.value == value), None)


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
    """A due date: days after the period's last day, or the day before `due_before` (MM-DD)."""

    due_days: int | None = Field(default=None, ge=0, le=366)
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


@dataclass(frozen=True, order=True)
class Problem:
    """Something wrong in a plan file: its place (a dotted path) and a sentence."""

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class PlanError(MendableError):
    """A plan file with problems; all of them."""

    def __init__(self, source: str, problems: list[Problem]) -> None:
        super().__init__(f"{source}: {len(problems)} problem(s)\n" + "\n".join(f"  {problem}" for problem in problems))
        self.source = source
        self.problems = problems


def shipped_plans() -> dict[str, Traversable]:
    """The plan files that travel with the package, by plan code."""
    folder = templates_folder()
    return {entry.name: entry / "plan.toml" for entry in folder.iterdir() if (entry / "plan.toml").is_file()}


def templates_folder() -> Traversable:
    """`workbook_templates/`: inside an installed package, or beside it in a checkout."""
    inside = resources.files("sync") / "workbook_templates"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "workbook_templates"


def load(source: str | Path | Traversable) -> Plan:
    """The plan of a shipped plan's code, or of a file. Raises PlanError with every problem at once."""
    shipped = shipped_plans()
    file = shipped[source] if isinstance(source, str) and source in shipped else source
    file = Path(file) if isinstance(file, str) else file
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PlanError(str(source), [Problem("file", str(error))]) from error
    return loads(text, str(source))


def loads(text: str, source: str = "plan.toml") -> Plan:
    """The plan that `text` (TOML) describes. Raises PlanError with every problem at once."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PlanError(source, [Problem("file", str(error))]) from error
    prepared = _with_codes(raw)
    problems = list(_cross_problems(prepared))
    try:
        plan = Plan.model_validate({**prepared, "digest": hashlib.sha256(text.encode()).hexdigest()})
    except ValidationError as error:
        problems += [Problem(_place(item["loc"]), item["msg"]) for item in error.errors()]
        raise PlanError(source, sorted(set(problems))) from error
    if problems:
        raise PlanError(source, sorted(set(problems)))
    return plan


def _place(parts: tuple[int | str, ...]) -> str:
    return re.sub(r"\.(?=\[)", "", ".".join(f"[{part}]" if isinstance(part, int) else part for part in parts))


def _with_codes(raw: dict[str, Any]) -> dict[str, Any]:
    """`raw` with each table's id and each row's code written in."""
    tables = raw.get("tables")
    if not isinstance(tables, dict):
        return raw
    return {**raw, "tables": {name: _table_with_codes(name, table) for name, table in tables.items()}}


def _table_with_codes(name: str, table: object) -> object:
    if not isinstance(table, dict):
        return table
    rows = [_row_with_code(table, row) if isinstance(row, dict) else row for row in _listed(table.get("rows"))]
    return {**table, "id": name, "rows": rows}


def _row_with_code(table: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "code": f"{row.get('section') or table.get('prefix') or ''}.{row.get('number', '')}".strip(".")}


# What one field alone cannot show: references, doubles and rules. These checks walk the raw file, so that they are
# made even where its shape is wrong too.


def _cross_problems(raw: dict[str, Any]) -> Iterator[Problem]:
    tables = {name: table for name, table in _dict(raw.get("tables")).items() if isinstance(table, dict)}
    levels = {level.get("code") for level in _dicts(raw.get("levels"))}
    yield from _doubles("levels", [level.get("code") for level in _dicts(raw.get("levels"))])
    yield from _doubles("calendar", [entry.get("code") for entry in _dicts(raw.get("calendar"))])
    yield from _doubles("school_years", [year.get("code") for year in _dicts(raw.get("school_years"))])
    yield from _doubles("tables (sheet)", [table.get("sheet") for table in tables.values()])
    rule_ids = [rule.get("id") for table in tables.values() for rule in _dicts(table.get("rules"))]
    yield from _doubles("tables (rules)", rule_ids)
    if "activities" not in tables:
        yield Problem("tables", "the table 'activities' is missing")
    figures = _dict(raw.get("figures"))
    for name, table in tables.items():
        yield from _table_problems(f"tables.{name}", table, levels, figures)
    for name, figure in figures.items():
        yield from _figure_problems(f"figures.{name}", _dict(figure), tables)
    for index, entry in enumerate(_dicts(raw.get("calendar"))):
        yield from _calendar_problems(f"calendar[{index}]", entry)
    yield from _span_problems(raw)


def _table_problems(
    place: str, table: dict[str, Any], levels: set[Any], figures: Mapping[str, Any]
) -> Iterator[Problem]:
    columns, rows, rules = (_dicts(table.get(part)) for part in ("columns", "rows", "rules"))
    fixed = [column.get("id") for column in _dicts(table.get("fixed"))]
    ids = [column.get("id") for column in columns]
    sections = [section.get("code") for section in _dicts(table.get("sections"))]
    for name in ("sheet", "summary_sheet"):
        text = str(table.get(name, ""))
        if _NOT_IN_SHEET_NAMES.search(text) or text.startswith("'") or text.endswith("'"):
            yield Problem(f"{place}.{name}", "Excel refuses this name of a sheet")
    yield from _doubles(f"{place}.columns", [*fixed, *ids])
    yield from _doubles(
        f"{place} (headings)", [column.get("heading") for column in [*_dicts(table.get("fixed")), *columns]]
    )
    yield from _doubles(f"{place}.sections", sections)
    yield from _doubles(f"{place}.rows", [row.get("code") for row in rows])
    yield from _doubles(f"{place}: rows and sections", [*{row.get("code") for row in rows}, *set(sections)])
    for index, column in enumerate(columns):
        yield from _column_problems(f"{place}.columns[{index}]", column)
    staged = [column.get("id") for column in columns if any(c.get("stage") for c in _dicts(column.get("choices")))]
    if len(staged) > 1:
        yield Problem(f"{place}.columns", f"only one column may have stages, here: {', '.join(map(str, staged))}")
    for index, row in enumerate(rows):
        yield from _row_problems(f"{place}.rows[{index}]", row, sections, fixed, ids, levels)
    codes = {row.get("code") for row in rows}
    names = _raw_names(columns, figures)
    for index, rule in enumerate(rules):
        yield from _rule_problems(f"{place}.rules[{index}]", rule, set(ids), codes, names)


def _column_problems(place: str, column: dict[str, Any]) -> Iterator[Problem]:
    kind = column.get("kind")
    choices = [choice.get("value") for choice in _dicts(column.get("choices"))]
    if (kind == "choice") != bool(choices):
        yield Problem(f"{place}.choices", "a choice column, and no other, has choices")
    yield from _doubles(f"{place}.choices", choices)
    if any("," in str(choice) for choice in choices) or len(",".join(map(str, choices))) > 255:
        yield Problem(f"{place}.choices", "Excel's lists hold 255 characters in all and no comma")
    if column.get("max_length") is not None and kind != "text":
        yield Problem(f"{place}.max_length", "only text has a length")
    if column.get("free") and kind != "text":
        yield Problem(f"{place}.free", "only text is free")
    wanted = date if kind == "date" else (int, float)
    bounds = [(name, column[name]) for name in ("minimum", "maximum") if column.get(name) is not None]
    for name, value in bounds:
        if kind not in ("date", "whole", "number") or not isinstance(value, wanted):
            yield Problem(f"{place}.{name}", f"{value!r} is no bound of a column of kind {kind!r}")
    if len(bounds) == 2 and all(isinstance(value, wanted) for _, value in bounds) and bounds[0][1] > bounds[1][1]:
        yield Problem(f"{place}.minimum", "the minimum is larger than the maximum")


def _row_problems(
    place: str, row: dict[str, Any], sections: list[Any], fixed: list[Any], ids: list[Any], levels: set[Any]
) -> Iterator[Problem]:
    if row.get("section") is None and sections:
        yield Problem(f"{place}.section", "the table has sections and the row names none")
    if row.get("section") is not None and row["section"] not in sections:
        yield Problem(f"{place}.section", f"there is no section {row['section']!r}")
    known = {"code", "number", "section", "levels", "closed", *fixed}
    for key in sorted(set(row) - known):
        yield Problem(f"{place}.{key}", "this is no fixed column of the table")
    for key in fixed:
        if not row.get(key):
            yield Problem(f"{place}.{key}", "the printed text is missing")
    for column in _listed(row.get("closed")):
        if column not in ids:
            yield Problem(f"{place}.closed", f"there is no fill-in column {column!r}")
    for level in _listed(row.get("levels")):
        if level not in levels:
            yield Problem(f"{place}.levels", f"there is no level {level!r}")


def _rule_problems(
    place: str, rule: dict[str, Any], ids: set[Any], codes: set[Any], names: Mapping[str, expression.Kind]
) -> Iterator[Problem]:
    if rule.get("cell") not in ids:
        yield Problem(f"{place}.cell", f"there is no fill-in column {rule.get('cell')!r}")
    for code in _listed(rule.get("rows")):
        if code not in codes:
            yield Problem(f"{place}.rows", f"there is no row {code!r}")
    for part in ("when", "require"):
        if isinstance(rule.get(part), str):
            try:
                expression.parse(rule[part], names)
            except expression.ExpressionError as error:
                yield Problem(f"{place}.{part}", f"{error.message} (character {error.offset + 1} of {rule[part]!r})")


def _figure_problems(place: str, figure: dict[str, Any], tables: Mapping[str, dict[str, Any]]) -> Iterator[Problem]:
    table = tables.get(str(figure.get("table")), {})
    column = next((c for c in _dicts(table.get("columns")) if c.get("id") == figure.get("column")), None)
    row = next((r for r in _dicts(table.get("rows")) if r.get("code") == figure.get("row")), None)
    if column is None or row is None:
        yield Problem(place, f"there is no cell {figure.get('table')}, {figure.get('row')}, {figure.get('column')}")
    elif column.get("kind") not in ("whole", "number"):
        yield Problem(place, "a figure is a number")
    elif figure.get("column") in _listed(row.get("closed")):
        yield Problem(place, "the cell is closed")


def _calendar_problems(place: str, entry: dict[str, Any]) -> Iterator[Problem]:
    every = entry.get("every")
    if every == "school_year" and not entry.get("covers"):
        yield Problem(f"{place}.covers", "says which part of the school year is reported")
    if every == "once" and not (entry.get("starts_on") and entry.get("ends_on")):
        yield Problem(place, "a report made once has starts_on and ends_on")
    for who in ("schools", "office"):
        due = _dict(entry.get(who))
        if due and ("due_days" in due) == ("due_before" in due):
            yield Problem(f"{place}.{who}", "give either due_days or due_before")


def _span_problems(raw: dict[str, Any]) -> Iterator[Problem]:
    spans = [("plan", raw)]
    for index, year in enumerate(_dicts(raw.get("school_years"))):
        spans += [(f"school_years[{index}].{part}", _dict(year.get(part))) for part in ("semester_1", "year")]
    spans += [(f"calendar[{index}]", entry) for index, entry in enumerate(_dicts(raw.get("calendar")))]
    for place, span in spans:
        start, end = span.get("starts_on"), span.get("ends_on")
        if isinstance(start, date) and isinstance(end, date) and start > end:
            yield Problem(place, "starts_on is after ends_on")


def _doubles(place: str, values: list[Any]) -> Iterator[Problem]:
    for value, count in Counter(str(value) for value in values if value is not None).items():
        if count > 1:
            yield Problem(place, f"{value!r} stands here {count} times")


def _raw_names(columns: list[dict[str, Any]], figures: Mapping[str, Any]) -> dict[str, expression.Kind]:
    kinds = {
        str(c.get("id")): _EXPRESSION_KINDS[str(c.get("kind"))] for c in columns if c.get("kind") in _EXPRESSION_KINDS
    }
    return {**kinds, **{f"school.{name}": "number" for name in figures}, **PERIOD_NAMES}


def _names_of(columns: tuple[Column, ...], figures: Mapping[str, Figure]) -> dict[str, expression.Kind]:
    kinds = {column.id: _EXPRESSION_KINDS[column.kind] for column in columns}
    return {**kinds, **{f"school.{name}": "number" for name in figures}, **PERIOD_NAMES}


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _dicts(value: object) -> list[dict[str, Any]]:
    return [item for item in _listed(value) if isinstance(item, dict)]
