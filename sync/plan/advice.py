"""A plan file that somebody completes: everything that is missing in it, with its place and what to do."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sync.i18n import gettext as _
from sync.i18n import mark
from sync.plan.loading import PlanError, loads
from sync.plan.model import Plan
from sync.plan.problems import listed

_FIXES: tuple[tuple[str, str], ...] = (
    (r"file", mark("Correct the line that is named; texts stand in double quotes, dates do not.")),
    (r"code", mark("Write lower-case letters without marks, digits and -, like thu-thua-2020-2025.")),
    (r"(starts_on|ends_on|plan)", mark("Write the first and the last day of the plan, like 2026-01-20.")),
    (r"(title|subject)", mark("Write it as it stands at the head of the printed plan.")),
    (r"document\.date", mark("Write the day on which the plan was issued, like 2026-01-20.")),
    (r"levels.*", mark("Each level of school has a code and a name, once.")),
    (
        r"school_years(\[\d+\])?\.code",
        mark("Write the school year like 2026-2027, one block for each year of the plan."),
    ),
    (r"school_years.*", mark("Write the first and the last day of the semester and of the school year.")),
    (
        r"calendar\[\d+\]\.(schools|office)",
        mark(
            'Write {{ due_days = 5 }}, {{ due_before = "11-10" }} or (schools only) {{ days_before_office = 9 }}; '
            "delete the line where they do not report."
        ),
    ),
    (r"calendar.*", mark("Compare with the calendar of the printed plan.")),
    (
        r"tables\.\w+\.rows\[\d+\]\.\w+",
        mark("Write what the printed plan has there; a dash where it has nothing."),
    ),
    (r"tables\.\w+: .*|tables\.\w+\.(rows|sections)", mark("Correct the printed numbers; each code stands once.")),
    (r"tables\.\w+\.rules.*", mark("Correct the rule, or delete it.")),
)
_OTHERWISE = mark("Compare with the file of the plan {example}, which travels with baocao.")
_EXAMPLE = "thu-thua-2020-2025"
_ROW = re.compile(r"tables\.(\w+)\.rows\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to do in a plan file: where (a dotted path, with the code of a row), what is wrong, what to do."""

    place: str
    message: str
    fix: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}. {self.fix}"


def advise(file: Path) -> tuple[list[Advice], Plan | None]:
    """Everything that is wrong or missing in a plan file; and the plan, where it can be loaded.

    More is asked for than a plan must have to be loaded: a calendar that makes schools report.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fix = _("Name a file that can be read, in UTF-8.")
        return [Advice(str(file), str(error), fix)], None
    raw: dict[str, Any] = {}
    with suppress(tomllib.TOMLDecodeError):
        raw = tomllib.loads(text)
    try:
        plan = loads(text, str(file))
    except PlanError as error:
        told = [Advice(_named(problem.place, raw), problem.message, _fix(problem.place)) for problem in error.problems]
        return [*told, *_uncovered(raw)], None
    return list(_uncovered(raw)), plan


def skipped_numbers(plan: Plan) -> list[str]:
    """Codes that would stand between the printed ones of activities: worth a look, and no problem."""
    rows = plan.tables["activities"].rows
    found = []
    for section in dict.fromkeys(row.section for row in rows):
        numbers = [int(row.number) for row in rows if row.section == section and row.number.isdigit()]
        found += [f"{section or ''}.{each}".strip(".") for each in gaps(numbers)]
    return found


def gaps(numbers: list[int]) -> list[int]:
    """The numbers from 1 to the largest that are missing; of a long gap its beginning."""
    last = min(max(numbers, default=0), len(numbers) + 20)
    return [each for each in range(1, last) if each not in numbers]


def _fix(place: str) -> str:
    words = next((words for pattern, words in _FIXES if re.fullmatch(pattern, place)), _OTHERWISE)
    return _(words).format(example=_EXAMPLE)


def _named(place: str, raw: dict[str, Any]) -> str:
    """`place` with the code of the row that it is in."""
    found = _ROW.match(place)
    tables = raw.get("tables")
    table = tables.get(found[1]) if found and isinstance(tables, dict) else None
    rows = listed(table.get("rows")) if isinstance(table, dict) else []
    row = rows[int(found[2])] if found and int(found[2]) < len(rows) else None
    if not isinstance(row, dict):
        return place
    code = f"{row.get('section', '')}.{row.get('number', '')}".strip(".")
    return f"{place} ({code})" if code else place


def _uncovered(raw: dict[str, Any]) -> Iterator[Advice]:
    """What no part of the file is wrong about, and what leaves schools without anything to report."""
    entries = [entry for entry in listed(raw.get("calendar")) if isinstance(entry, dict)]
    if any(entry.get("every") == "school_year" for entry in entries) and not listed(raw.get("school_years")):
        message = _("the calendar has reports of school years, and no school year is there")
        yield Advice("school_years", message, _fix("school_years[0].code"))
    if entries and not any(entry.get("schools") is not None or entry.get("every") == "on_demand" for entry in entries):
        message = _("in no period of the calendar do schools report")
        yield Advice("calendar", message, _fix("calendar[0].schools"))
