"""What is planted stands where the demo says, and nowhere else: checked on the files, with rules of the tests' own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest

from sync.checks.catalogue import CATALOGUE, severity_of
from sync.demo.planted import PlantedFile
from sync.plan import Column
from tests.demo.inboxes import Demo, OpenWorkbook, is_day, is_number

TOO_HEAVY = {"reading-stopped", "too-large"}
"""Files that take a minute or 25 MB have no place in a demo."""
BESIDE_OTHERS = {
    "copied-text",
    "copied-workbook",
    "earlier-period",
    "emptied-report",
    "figure-fell",
    "figure-jumped",
    "same-as-before",
    "undone",
}
"""Findings that no file gives by itself; the demo is one semester, and each school writes its own words."""

OF_A_SHEET = {"bound-to-other"}
"""A file of the inbox belongs to whom it says; only a Google Sheet is somebody's from the start."""

OF_THE_OFFICER = {"returned-by-office"}
"""Nobody has answered in the demo's consolidated workbook yet."""


def test_every_finding_of_the_catalogue_and_every_rule_is_planted(each_demo: Demo) -> None:
    codes = {spot.code for file in each_demo.planted.files for spot in file.findings}
    elsewhere = TOO_HEAVY | BESIDE_OTHERS | OF_A_SHEET | OF_THE_OFFICER
    assert codes == (set(CATALOGUE) - elsewhere) | set(each_demo.plan.rules_by_id)


def test_status_follows_from_the_severity_of_what_is_planted(each_demo: Demo) -> None:
    for file in each_demo.planted.files:
        severities = {severity_of(spot.code, each_demo.plan) for spot in file.findings}
        assert (file.status == "accepted") == ("error" not in severities)
        assert (file.status == "refused") == (file.school is None)
        assert file.kind == {"accepted": "sound", "to_mend": "faulty", "refused": "refused"}[file.status]


def test_most_faulty_files_have_several_faults_and_some_sound_ones_have_warnings(demo: Demo) -> None:
    assert sum(len(file.findings) > 3 for file in demo.planted.files if file.status == "to_mend") >= 8
    assert any(file.findings for file in demo.planted.files if file.status == "accepted")


# What must stand in the cell of a finding of each code.
CELL: Mapping[str, Callable[[Any, Column], bool]] = {
    "required": lambda value, column: value is None and column.required,
    "not-in-list": lambda value, column: isinstance(value, str) and value not in column.values,
    "not-in-list-near": lambda value, column: any(choice.startswith(value) for choice in column.values),
    "not-a-date": lambda value, column: isinstance(value, str),
    "date-as-text": lambda value, column: isinstance(value, str) and value.count("/") == 2,
    "not-a-number": lambda value, column: isinstance(value, str) and not value.replace(".", "").isdigit(),
    "number-as-text": lambda value, column: isinstance(value, str) and value[:1].isdigit(),
    "not-whole": lambda value, column: is_number(value) and value != int(value),
    "too-small": lambda value, column: _plain(value) < column.minimum,
    "too-great": lambda value, column: _plain(value) > column.maximum,
    "text-too-long": lambda value, column: len(value) > (column.max_length or 0),
    "error-cell": lambda value, column: value == "#DIV/0!",
    "cell-closed": lambda value, column: value is not None,
    "row-not-for-level": lambda value, column: value is not None,
    "row-twice": lambda value, column: value is not None,
    "row-unknown": lambda value, column: value is not None,
}


def test_planted_cells_hold_what_was_planted(each_demo: Demo) -> None:
    seen = set()
    for file, book, code, sheet, cell in planted_cells(each_demo):
        if code in CELL:
            column = column_at(each_demo, book, sheet, cell)
            value = book.shown(sheet, cell) if code == "error-cell" else book.at(sheet, cell)
            assert CELL[code](value, column), (file.path, code, sheet, cell, value)
            seen.add(code)
    assert seen == set(CELL)


def planted_cells(demo: Demo) -> list[tuple[PlantedFile, OpenWorkbook, str, str, str]]:
    found = []
    for file in demo.planted.files:
        spots = [spot for spot in file.findings if spot.cell is not None and spot.sheet is not None]
        book = demo.workbook(file.path) if spots else None
        found += [(file, book, spot.code, str(spot.sheet), str(spot.cell)) for spot in spots if book]
    return found


def column_at(demo: Demo, book: OpenWorkbook, sheet: str, cell: str) -> Column:
    table = next(table for table in demo.plan.all_tables if table.sheet == sheet)
    letters = cell.rstrip("0123456789")
    headings = [book.at(sheet, f"{letters}{row}") for row in range(1, 12)]
    return next(column for column in table.columns if column.heading in headings)


# The shipped plan's rules, written down a second time: r is the row, s the school's figures, end the period's last day.
Row = dict[str, Any]
Broken = Callable[[Row, Mapping[str, Any], date], bool]
BEGUN = ("Đang thực hiện", "Hoàn thành")
NOTHING_DONE = ("Chưa thực hiện", "Không áp dụng")
RULES: Mapping[str, Broken] = {
    "done-needs-finish": lambda r, s, end: r["status"] == "Hoàn thành" and r["finished_on"] is None,
    "done-needs-evidence": lambda r, s, end: r["status"] == "Hoàn thành" and r["evidence"] is None,
    "started-needs-start": lambda r, s, end: r["status"] in BEGUN and r["started_on"] is None,
    "finish-needs-done": lambda r, s, end: r["finished_on"] is not None and r["status"] not in (None, "Hoàn thành"),
    "start-needs-status": lambda r, s, end: r["started_on"] is not None and r["status"] in NOTHING_DONE,
    "start-after-finish": lambda r, s, end: later(r["started_on"], r["finished_on"]),
    "start-in-period": lambda r, s, end: later(r["started_on"], end),
    "finish-in-period": lambda r, s, end: later(r["finished_on"], end),
    "not-applicable-needs-reason": lambda r, s, end: (
        r["status"] == "Không áp dụng" and len(r["difficulties"] or "") < 5
    ),
    "reach-needs-status": lambda r, s, end: r["status"] in NOTHING_DONE and any(
        over(r[name], 0) for name in ("sessions", "children", "staff", "parents")
    ),
    "children-within-school": lambda r, s, end: over(r["children"], s["children"]),
    "staff-within-school": lambda r, s, end: over(r["staff"], s["staff"]),
    "parents-within-school": lambda r, s, end: over(r["parents"], s["children"] and s["children"] * 2),
    "people-need-sessions": lambda r, s, end: r["sessions"] is None and any(
        over(r[name], 0) for name in ("children", "staff", "parents")
    ),
    "met-needs-evidence": lambda r, s, end: r["result"] == "Đạt" and r["evidence"] is None,
    "unmet-needs-reason": lambda r, s, end: r["result"] == "Chưa đạt" and len(r["reason"] or "") < 5,
    "share-over-100": lambda r, s, end: over(r["numerator"], r["denominator"]),
    "met-is-100": lambda r, s, end: r["result"] == "Đạt" and over(r["denominator"], r["numerator"]),
    "duty-done-needs-date": lambda r, s, end: r["status"] == "Đã thực hiện" and r["done_on"] is None,
    "duty-in-period": lambda r, s, end: later(r["done_on"], end),
    "duty-plan-needs-document": lambda r, s, end: (
        r["code"] == "NV.1" and r["status"] == "Đã thực hiện" and r["document"] is None
    ),
    "female-within-total": lambda r, s, end: over(r["female"], r["total"]),
    "school-has-people": lambda r, s, end: r["code"] in ("A.1", "A.2", "A.3") and r["total"] == 0,
    "children-counted-within-school": lambda r, s, end: r["code"] in ("C.1", "D.1") and over(r["total"], s["children"]),
    "trained-within-staff": lambda r, s, end: r["code"] == "E.1" and over(r["total"], s["staff"]),
    "handed-over-within-cases": lambda r, s, end: r["code"] == "C.5" and over(r["total"], s["cases"]),
}  # fmt: skip


def later(one: object, other: object) -> bool:
    return is_day(one) and is_day(other) and one > other  # type: ignore[operator]


def over(one: object, other: object) -> bool:
    return is_number(one) and is_number(other) and one > other  # type: ignore[operator]


def test_the_rules_that_break_are_those_that_were_planted(demo: Demo) -> None:
    """In every report, sound ones included, in every format, however it was rearranged."""
    assert set(RULES) == set(demo.plan.rules_by_id)
    unlike = {"column-missing", "sheet-missing", "row-missing"}
    looked_at = 0
    for file in demo.planted.files:
        if file.school is None or unlike & set(file.faults):
            continue
        book = demo.workbook(file.path)
        broken = {(rule, table, row) for rule, table, row in broken_rules(demo, book)}
        planted = {spot.code for spot in file.findings if spot.code in RULES}
        assert {rule for rule, _, _ in broken} == planted, file
        assert len(broken) == sum(spot.code in RULES for spot in file.findings), file
        looked_at += 1
    assert looked_at > 30


def broken_rules(demo: Demo, book: OpenWorkbook) -> list[tuple[str, str, str]]:
    tables = {table.id: book.rows(table) for table in demo.plan.all_tables}
    total = {code: row["total"] for code, row in tables["statistics"].items()}
    cases = total["C.2"] + total["C.3"] if is_number(total["C.2"]) and is_number(total["C.3"]) else None
    figures = {"children": total["A.2"], "staff": total["A.3"], "cases": cases}
    return [
        (rule.id, table.id, code)
        for table in demo.plan.all_tables
        for rule in table.rules
        for code, row in tables[table.id].items()
        if RULES[rule.id](without_closed(demo, table.id, code, row), figures, date(2025, 1, 17))
    ]


def without_closed(demo: Demo, table: str, code: str, row: Row) -> Row:
    shut = demo.plan.tables[table].rows_by_code[code].closed  # type: ignore[index]
    return {"code": code, **{name: None if name in shut else value for name, value in row.items()}}


def test_every_row_of_a_sound_report_is_filled(each_demo: Demo) -> None:
    plan = each_demo.plan
    file = next(file for file in each_demo.planted.files if file.status == "accepted" and not file.faults)
    book = each_demo.workbook(file.path)
    for table in plan.all_tables:
        for code, row in book.rows(table).items():
            missing = [c.id for c in table.columns if c.required and c.id not in table.rows_by_code[code].closed]
            is_foreign = table.rows_by_code[code].levels is not None and not any(row.values())
            assert is_foreign or all(row[name] is not None for name in missing), (table.id, code, row)


@pytest.mark.parametrize("name", ["shifted", "reordered", "renamed"])
def test_harmless_rearrangements_are_there_and_lose_nothing(each_demo: Demo, name: str) -> None:
    file = next(file for file in each_demo.planted.files if name in file.faults)
    assert file.findings == frozenset()
    book = each_demo.workbook(file.path)
    for table in each_demo.plan.all_tables:
        rows = book.rows(table)
        assert set(rows) == set(table.rows_by_code)
        assert sum(value is not None for row in rows.values() for value in row.values()) > len(rows)


def test_structural_faults_are_really_in_the_files(each_demo: Demo) -> None:
    def book(code: str) -> OpenWorkbook:
        return each_demo.workbook(next(file for file in each_demo.planted.files if code in file.faults).path)

    tables = each_demo.plan.all_tables
    assert sum(not book("sheet-missing").rows(table) for table in tables) == 1
    short = book("column-missing")
    assert sum(len(next(iter(short.rows(table).values()))) < len(table.columns) for table in tables) == 1
    assert sum(len(book("row-missing").rows(table)) < len(table.rows) for table in tables) == 1


def _plain(value: Any) -> Any:
    return value.date() if hasattr(value, "date") else value
