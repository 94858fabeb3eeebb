"""Schools over time: rows that say how a school was, and whether a closed one went into another that is there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from sync.control.cells import Row
from sync.i18n import gettext as _
from sync.plan import Plan
from sync.schools import Earlier, School, Schools
from sync.text import fold


def changed(schools: Schools, rows: Iterable[Row], plan: Plan, known: bool = True) -> Schools:
    """`schools` with what `rows` say of how they were; what cannot be used is noted with its row.

    `known` is false where the list of schools could not be read: codes are not compared with it then.
    """
    codes = {fold(school.code): school.code for school in reversed(schools.schools)}
    found: dict[str, dict[date, tuple[Earlier, Row]]] = {}
    for row in rows:
        code = _code(row, codes, known)
        earlier = _earlier(row, plan)
        if code and earlier:
            _note_day(found.setdefault(code, {}), earlier, row)
    return Schools(tuple(_with(_canonical(school, codes), found.get(school.code, {})) for school in schools))


def check_mergers(schools: Schools, rows: Iterable[Row]) -> None:
    """Notes where a school cannot have gone into the one that its row of the list names."""
    by_code = {fold(school.code): school for school in reversed(schools.schools)}
    for school, row in zip(schools, rows, strict=True):
        if school.merged_into:
            _check_merger(school, by_code.get(fold(school.merged_into)), row)


def _check_merger(school: School, other: School | None, row: Row) -> None:
    fix = _("Write the code of the school that it went into, as the column of codes has it.")
    if other is None:
        row.wrong("merged_into", _("There is no school '{value}'.").format(value=school.merged_into), fix)
    elif fold(other.code) == fold(school.code):
        row.wrong("merged_into", _("A school cannot go into itself."), fix)
    elif not row.text("closed_on"):
        message = _("The school went into another and has no closing date.")
        row.wrong("merged_into", message, _("Fill in its last day as the closing date, or clear this cell."))
    elif school.closed_on and other.closed_on and other.closed_on <= school.closed_on:
        message = _("The school {value} is closed by then.").format(value=other.code)
        row.wrong("merged_into", message, _("Write the code of the school that goes on, or correct the dates."))


def _canonical(school: School, codes: dict[str, str]) -> School:
    """`school` with the other's code as the list has it, whatever case it was typed in."""
    if not school.merged_into:
        return school
    return replace(school, merged_into=codes.get(fold(school.merged_into), school.merged_into))


def _code(row: Row, codes: dict[str, str], known: bool) -> str:
    typed = row.text("code", required=True)
    found = codes.get(fold(typed), "")
    if typed and known and not found:
        message = _("There is no school '{value}'.").format(value=typed)
        row.wrong("code", message, _("Write the code as the list of schools has it, or add the school there."))
    return found


def _earlier(row: Row, plan: Plan) -> Earlier | None:
    """What the row says; None where it says nothing that can be used."""
    until = row.day("until", required=True)
    if not any(row.text(part) for part in ("name", "level", "unit")):
        message = _("The row does not say how the school was.")
        row.wrong("code", message, _("Fill in its former name, level or commune, or delete the row."))
        return None
    level = row.level("level", plan, required=False)
    return Earlier(until, row.text("name"), level, row.text("unit")) if until else None


def _note_day(found: dict[date, tuple[Earlier, Row]], earlier: Earlier, row: Row) -> None:
    first = found.setdefault(earlier.until, (earlier, row))[1]
    if first is not row:
        message = _("The same school has this day in {cell} already.").format(cell=first.address("until"))
        row.wrong("until", message, _("Give each row its own day, or make one of the two rows."))


def _with(school: School, found: dict[date, tuple[Earlier, Row]]) -> School:
    return replace(school, earlier=tuple(found[day][0] for day in sorted(found))) if found else school
