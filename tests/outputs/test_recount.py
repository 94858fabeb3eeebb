"""Every figure of the workbook against a recount in plain Python, and against LibreOffice, over random entries.

The recount shares no code with the program: it goes through the entries one by one.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import openpyxl  # type: ignore[import-untyped, unused-ignore]
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync import plan as plans
from sync.consolidate import Facts, consolidate
from sync.outputs.office_workbook import build
from sync.plan import Plan, Row, Table
from tests.fakes.libreoffice import CellError, LibreOffice
from tests.outputs import tiny_plan
from tests.outputs.office_facts import NOW, OFFICE, make_facts
from tests.outputs.test_office_workbook import OTHER_PLAN

PLANS: Mapping[str, Callable[[], Plan]] = {
    "shipped": lambda: plans.load("thu-thua-2020-2025"),
    "other": lambda: plans.load(OTHER_PLAN),
    "tiny": tiny_plan.load,
}
TOTALS = "Tổng cộng của các trường"


def with_gaps(facts: Facts, share: float, seed: int) -> Facts:
    """`facts` in which that share of all fill-in cells was left empty, choices too, and of the entries left out."""
    random = np.random.default_rng(seed)
    entries = {}
    for table in facts.plan.all_tables:
        frame = facts.entries[table.id]
        for column in table.columns:
            frame = frame.assign(**{column.id: frame[column.id].mask(random.random(len(frame)) < share)})
        entries[table.id] = frame[random.random(len(frame)) >= share / 4].reset_index(drop=True)
    return replace(facts, entries=entries)


@st.composite
def some_facts(draw: st.DrawFn) -> Facts:
    """Facts of a few schools that report in one of the plans."""
    plan = PLANS[draw(st.sampled_from(sorted(PLANS)))]()
    seed, schools = draw(st.integers(0, 10_000)), draw(st.integers(0, 14))
    facts = make_facts(plan, schools, seed=seed, rate=draw(st.sampled_from([0.0, 0.5, 1.0])))
    return with_gaps(facts, draw(st.sampled_from([0.0, 0.2, 0.9])), seed)


class Recount:
    """What the entries of one table add up to, one by one."""

    def __init__(self, facts: Facts, table: Table) -> None:
        self.table = table
        owing = facts.standings["code"].tolist()
        self.levels = {code: facts.schools.by_code[code].level for code in owing}
        self.reported = [school for school in facts.counted["school"] if school in self.levels]
        rows = facts.entries[table.id].to_dict("records")
        self.entries = [row for row in rows if row["school"] in self.levels]

    def of_row(self, row: Row) -> dict[tuple[str, str], Any]:
        """By (group, heading): what the row shows; None where its cell is closed."""
        mine = [entry for entry in self.entries if entry["row"] == row.code]
        found: dict[tuple[str, str], Any] = {}
        for column in self.table.columns:
            for choice in column.choices:
                count = sum(1 for entry in mine if entry[column.id] == choice.value)
                found[column.heading, choice.value] = None if column.id in row.closed else count
        for column in self.table.columns:
            if column.is_number:
                numbers = [entry[column.id] for entry in mine if entry[column.id] == entry[column.id]]
                found[TOTALS, column.heading] = None if column.id in row.closed else sum(numbers)
        return {**found, **self._progress(row, mine)}

    def _progress(self, row: Row, mine: list[dict[Any, Any]]) -> dict[tuple[str, str], Any]:
        status = self.table.status_column
        if status is None:
            return {("Số trường có ghi", ""): len(mine)}
        chosen = [entry[status.id] for entry in mine]
        stages = {choice.value: choice.stage for choice in status.choices}
        for_it = sum(1 for school in self.reported if row.levels is None or self.levels[school] in row.levels)
        applies = for_it - sum(1 for value in chosen if stages.get(value) == "not_applicable")
        done = sum(1 for value in chosen if stages.get(value) == "done")
        return {("Số trường", "Áp dụng"): applies, ("share", ""): done / applies if applies else "–"}


def rows_of(table: Table) -> Iterator[Row | None]:
    """The rows of a summary sheet, None for a section's."""
    if not table.sections:
        yield from table.rows
    for section in table.sections:
        yield None
        yield from (row for row in table.rows if row.section == section.code)


def shown_figures(sheet: Any, table: Table) -> dict[str, dict[tuple[str, str], Any]]:
    """By row code, what the sheet shows by (group, heading); a column of one heading has no group."""
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    at = next(number for number, row in enumerate(rows) if row[0] == table.fixed[0].heading)
    groups: list[str] = []
    for value in rows[at]:
        groups.append(value if value is not None else groups[-1])
    keys: list[tuple[str, str]] = []
    for group, heading in zip(groups, rows[at + 1], strict=True):
        keys.append((group, heading or "") if not group.startswith("Tỉ lệ") or heading else ("share", ""))
    lines = zip(rows_of(table), rows[at + 2 :], strict=False)
    return {row.code: dict(zip(keys, line, strict=True)) for row, line in lines if row is not None}


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(some_facts())
def test_every_figure_equals_a_recount_of_the_entries(facts: Facts) -> None:
    book = openpyxl.load_workbook(io.BytesIO(build(consolidate(facts), OFFICE, NOW)), data_only=True)
    for table in facts.plan.all_tables:
        title = (facts.plan.document.appendix_title if table.id == "activities" else "") or table.title
        sheet = next(sheet for sheet in book if sheet.cell(4, 1).value == title)
        shown = shown_figures(sheet, table)
        recount = Recount(facts, table)
        for row in table.rows:
            for key, expected in recount.of_row(row).items():
                assert shown[row.code][key] == (pytest.approx(expected) if expected is not None else None), (
                    row.code,
                    key,
                )


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(some_facts())
def test_the_matrix_says_what_each_school_chose_and_its_shares_are_a_recount(facts: Facts) -> None:
    table = facts.plan.tables["activities"]
    status = table.status_column
    assert status is not None
    book = openpyxl.load_workbook(io.BytesIO(build(consolidate(facts), OFFICE, NOW)), data_only=True)
    rows = [list(row) for row in book["Ma trận"].iter_rows(values_only=True)]
    first = next(number for number, row in enumerate(rows) if row[0] == "Stt") + 4
    recount = Recount(facts, table)
    legend = [str(row[0]).split(": ", 1) for row in rows[first + len(recount.levels) :] if ": " in str(row[0])]
    letters = {value: letter for letter, value in legend}
    for number, (code, line) in enumerate(zip(recount.levels, rows[first:], strict=False), 1):
        assert line[:2] == [number, code]
        wanted = letters_for(recount, code, letters)
        assert line[-3 - len(table.rows) : -3] == wanted
        mine = {entry["row"]: entry[status.id] for entry in recount.entries if entry["school"] == code}
        applies = [row.code for row in table.rows if row.levels is None or recount.levels[code] in row.levels]
        stages = {choice.value: choice.stage for choice in status.choices}
        away = [row for row in applies if stages.get(mine.get(row, "")) == "not_applicable"]
        done = [row for row in applies if stages.get(mine.get(row, "")) == "done"]
        whole = len(applies) - len(away) if code in recount.reported else 0
        assert line[-3:] == [len(done), whole, pytest.approx(len(done) / whole) if whole else "–"]
    shares = rows[first - 2][-3 - len(table.rows) :]
    for row, share in zip(table.rows, shares, strict=False):
        expected = recount.of_row(row)["share", ""]
        assert share == (expected if isinstance(expected, str) else pytest.approx(expected))


def letters_for(recount: Recount, code: str, letters: Mapping[str, str]) -> list[str]:
    """The line of the matrix of one school."""
    status = recount.table.status_column
    mine = {entry["row"]: entry[status.id] for entry in recount.entries if status and entry["school"] == code}
    line = []
    for row in recount.table.rows:
        if row.levels is not None and recount.levels[code] not in row.levels and row.code not in mine:
            line.append("/")
        elif code not in recount.reported:
            line.append("–")
        else:
            line.append(letters.get(mine.get(row.code, ""), "?"))
    return line


def formulas_of(content: bytes) -> Iterator[tuple[str, Any, Any]]:
    """(sheet, the cell with a formula, its stored value)."""
    written = openpyxl.load_workbook(io.BytesIO(content))
    stored = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    for sheet in written:
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"):
            yield sheet.title, cell, stored[sheet.title][cell.coordinate].value


@pytest.mark.slow
@pytest.mark.parametrize("name", PLANS)
@settings(max_examples=2, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10_000))
def test_libreoffice_calculates_what_is_stored(
    libreoffice: LibreOffice, tmp_path_factory: pytest.TempPathFactory, name: str, seed: int
) -> None:
    facts = with_gaps(make_facts(PLANS[name](), 10, seed=seed), 0.2, seed)
    content = build(consolidate(facts), OFFICE, NOW)
    path = tmp_path_factory.mktemp("recalculated") / "tong-hop.xlsx"
    path.write_bytes(content)
    with libreoffice.open(path) as opened:
        opened.recalculate()
        values = {name: opened.read(name) for name in opened.sheet_names}
    for sheet, cell, stored in formulas_of(content):
        now = values[sheet][cell.row - 1][cell.column - 1]
        assert not isinstance(now, CellError), (sheet, cell.coordinate, cell.value)
        if not isinstance(stored, datetime):
            assert now == pytest.approx(stored) if not isinstance(stored, str) else now == stored, (sheet, cell.value)
