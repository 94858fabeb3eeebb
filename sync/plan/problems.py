"""What is wrong with a plan file beyond the shape of its fields: references, doubles, rules, dates.

These checks walk the raw file, so that they are made even where its shape is wrong too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sync import expression
from sync.i18n import gettext as _
from sync.plan.model import EXPRESSION_KINDS, PERIOD_NAMES
from sync.problem import Problem

_WAYS = ("due_days", "due_before", "days_before_office")
"""Ways to set a due date."""
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\]")


def cross_problems(raw: dict[str, Any]) -> Iterator[Problem]:
    tables = {name: table for name, table in _dict(raw.get("tables")).items() if isinstance(table, dict)}
    levels = {level.get("code") for level in _dicts(raw.get("levels"))}
    yield from _doubles("levels", [level.get("code") for level in _dicts(raw.get("levels"))])
    yield from _doubles("calendar", [entry.get("code") for entry in _dicts(raw.get("calendar"))])
    yield from _doubles("school_years", [year.get("code") for year in _dicts(raw.get("school_years"))])
    yield from _doubles("tables (sheet)", [table.get("sheet") for table in tables.values()])
    rule_ids = [rule.get("id") for table in tables.values() for rule in _dicts(table.get("rules"))]
    yield from _doubles("tables (rules)", rule_ids)
    if "activities" not in tables:
        yield Problem("tables", _("the table 'activities' is missing"))
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
            yield Problem(f"{place}.{name}", _("Excel refuses this name of a sheet"))
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
        yield Problem(
            f"{place}.columns",
            _("only one column may have stages, here: {columns}").format(columns=", ".join(map(str, staged))),
        )
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
        yield Problem(f"{place}.choices", _("a choice column, and no other, has choices"))
    yield from _doubles(f"{place}.choices", choices)
    if any("," in str(choice) for choice in choices) or len(",".join(map(str, choices))) > 255:
        yield Problem(f"{place}.choices", _("Excel's lists hold 255 characters in all and no comma"))
    if column.get("max_length") is not None and kind != "text":
        yield Problem(f"{place}.max_length", _("only text has a length"))
    if column.get("free") and kind != "text":
        yield Problem(f"{place}.free", _("only text is free"))
    wanted = date if kind == "date" else (int, float)
    bounds = [(name, column[name]) for name in ("minimum", "maximum") if column.get(name) is not None]
    for name, value in bounds:
        if kind not in ("date", "whole", "number") or not isinstance(value, wanted):
            yield Problem(
                f"{place}.{name}",
                _("{value} is no bound of a column of kind {kind}").format(value=repr(value), kind=kind),
            )
    if len(bounds) == 2 and all(isinstance(value, wanted) for _, value in bounds) and bounds[0][1] > bounds[1][1]:
        yield Problem(f"{place}.minimum", _("the minimum is larger than the maximum"))


def _row_problems(
    place: str, row: dict[str, Any], sections: list[Any], fixed: list[Any], ids: list[Any], levels: set[Any]
) -> Iterator[Problem]:
    if row.get("section") is None and sections:
        yield Problem(f"{place}.section", _("the table has sections and the row names none"))
    if row.get("section") is not None and row["section"] not in sections:
        yield Problem(f"{place}.section", _("there is no section {code}").format(code=row["section"]))
    known = {"code", "number", "section", "levels", "snapshot", "sensitive", "closed", *fixed}
    for key in sorted(set(row) - known):
        yield Problem(f"{place}.{key}", _("this is no fixed column of the table"))
    for key in fixed:
        if not row.get(key):
            yield Problem(f"{place}.{key}", _("the printed text is missing"))
    for column in listed(row.get("closed")):
        if column not in ids:
            yield Problem(f"{place}.closed", _("there is no fill-in column {column}").format(column=column))
    for level in listed(row.get("levels")):
        if level not in levels:
            yield Problem(f"{place}.levels", _("there is no level {level}").format(level=level))


def _rule_problems(
    place: str, rule: dict[str, Any], ids: set[Any], codes: set[Any], names: Mapping[str, expression.Kind]
) -> Iterator[Problem]:
    if rule.get("cell") not in ids:
        yield Problem(f"{place}.cell", _("there is no fill-in column {column}").format(column=rule.get("cell")))
    for code in listed(rule.get("rows")):
        if code not in codes:
            yield Problem(f"{place}.rows", _("there is no row {code}").format(code=code))
    for part in ("when", "require"):
        if isinstance(rule.get(part), str):
            try:
                expression.parse(rule[part], names)
            except expression.ExpressionError as error:
                yield Problem(f"{place}.{part}", _at(error, rule[part]))


def _at(error: expression.ExpressionError, text: str) -> str:
    return _("{problem} (character {offset} of {text})").format(
        problem=error.message, offset=error.offset + 1, text=repr(text)
    )


def _figure_problems(place: str, figure: dict[str, Any], tables: Mapping[str, dict[str, Any]]) -> Iterator[Problem]:
    table = tables.get(str(figure.get("table")), {})
    column = next((c for c in _dicts(table.get("columns")) if c.get("id") == figure.get("column")), None)
    row = next((r for r in _dicts(table.get("rows")) if r.get("code") == figure.get("row")), None)
    if column is None or row is None:
        yield Problem(
            place,
            _("there is no cell {table}, {row}, {column}").format(
                table=figure.get("table"), row=figure.get("row"), column=figure.get("column")
            ),
        )
    elif column.get("kind") not in ("whole", "number"):
        yield Problem(place, _("a figure is a number"))
    elif figure.get("column") in listed(row.get("closed")):
        yield Problem(place, _("the cell is closed"))


def _calendar_problems(place: str, entry: dict[str, Any]) -> Iterator[Problem]:
    every = entry.get("every")
    if every == "school_year" and not entry.get("covers"):
        yield Problem(f"{place}.covers", _("the part of the school year that is reported is missing"))
    if every == "once" and not (entry.get("starts_on") and entry.get("ends_on")):
        yield Problem(place, _("a report made once has starts_on and ends_on"))
    for who in ("schools", "office"):
        if isinstance(entry.get(who), dict) and sum(way in entry[who] for way in _WAYS) != 1:
            yield Problem(f"{place}.{who}", _("give one of: {ways}").format(ways=", ".join(_WAYS)))
    if "days_before_office" in _dict(entry.get("office")):
        yield Problem(f"{place}.office", _("the office's due date cannot be counted from itself"))
    if "days_before_office" in _dict(entry.get("schools")) and not _dict(entry.get("office")):
        yield Problem(f"{place}.office", _("the schools' due date is counted from the office's, which is missing"))


def _span_problems(raw: dict[str, Any]) -> Iterator[Problem]:
    spans = [("plan", raw)]
    for index, year in enumerate(_dicts(raw.get("school_years"))):
        spans += [(f"school_years[{index}].{part}", _dict(year.get(part))) for part in ("semester_1", "year")]
    spans += [(f"calendar[{index}]", entry) for index, entry in enumerate(_dicts(raw.get("calendar")))]
    for place, span in spans:
        start, end = span.get("starts_on"), span.get("ends_on")
        if isinstance(start, date) and isinstance(end, date) and start > end:
            yield Problem(place, _("starts_on is after ends_on"))


def _doubles(place: str, values: list[Any]) -> Iterator[Problem]:
    for value, count in Counter(str(value) for value in values if value is not None).items():
        if count > 1:
            yield Problem(place, _("{value} stands here {count} times").format(value=value, count=count))


def _raw_names(columns: list[dict[str, Any]], figures: Mapping[str, Any]) -> dict[str, expression.Kind]:
    kinds = {
        str(c.get("id")): EXPRESSION_KINDS[str(c.get("kind"))] for c in columns if c.get("kind") in EXPRESSION_KINDS
    }
    return {**kinds, **{f"school.{name}": "number" for name in figures}, **PERIOD_NAMES}


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _dicts(value: object) -> list[dict[str, Any]]:
    return [item for item in listed(value) if isinstance(item, dict)]
