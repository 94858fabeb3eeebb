"""A rule is written once and runs twice: what the school sees in its workbook is what the mask says of the same rows.

Random rows, junk included, are put into the built workbook by LibreOffice, recalculated there, and every rule's helper
cell is compared with the mask of the same rule over the same values.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from sync import periods, plan
from sync.checks.rules import fires
from sync.config import Office
from sync.expression.mask import Rows
from sync.outputs.layout import SheetLayout, layout
from sync.outputs.school_workbook import Form, build
from sync.plan import Column, Plan, Table
from sync.schools import School
from sync.text import address, trim
from tests.fakes.libreoffice import CellInput, How, LibreOffice, SaveFormat, Workbook

ROUNDS = 45
OTHER = Path(__file__).parent.parent / "fakes" / "other-plan.toml"
Cell = tuple[CellInput, How] | None


def open_form(plan_: Plan, office: LibreOffice, folder: Path, saved_as: SaveFormat) -> tuple[Workbook, periods.Period]:
    """A school's workbook, opened as it was built or after LibreOffice saved it in another format."""
    period = periods.proposed(plan_, ZoneInfo("Asia/Ho_Chi_Minh")).of_schools()[0]
    # A school whose level fills every row, so that every rule is there to be tried.
    level = next(lv.code for lv in plan_.levels if all(r.is_for(lv.code) for t in plan_.all_tables for r in t.rows))
    content = build(Form(plan_, School("T1", "Trường thử", level), period, Office(), seal="x"))
    file = folder / f"{plan_.code}.xlsx"
    file.write_bytes(content)
    if saved_as != "xlsx":
        file = office.convert(file, folder / f"{plan_.code}.{saved_as}")
    return office.open(file), period


def numbers_of(table: Table) -> list[float]:
    """Numbers at and beside every number that the table's rules name."""
    texts = " ".join(f"{rule.when} {rule.require}" for rule in table.rules)
    named = {float(text) for text in re.findall(r"\b\d+(?:\.\d+)?\b", texts)}
    return sorted({number + step for number in named for step in (-1, 0, 1)})


def random_cell(column: Column, table: Table, chance: random.Random, period: periods.Period) -> Cell:
    """A value for a cell: blank, sound, at a bound, of another kind, or only spaces."""
    junk: list[Cell] = [
        ("  ", "text"),
        ("không rõ", "text"),
        ("15/10/2024", "text"),
        (-3, "number"),
        (2.5, "number"),
        (0, "number"),
    ]
    near = [period.ends_on + timedelta(days=chance.choice([-400, -30, -1, 0, 1, 30])) for _ in range(3)]
    choices = [*column.values * 3, *(f" {value.upper()}  " for value in column.values)]
    kinds: dict[str, list[Cell]] = {
        "choice": [(value, "text") for value in choices],
        "date": [
            *((day, "date") for day in near * 2),
            *((day.isoformat(), "text") for day in near),
            (45600.75, "number"),
            (36525, "number"),
        ],
        "whole": [(chance.randint(0, 12), "number") for _ in range(6)],
        "number": [(chance.randint(0, 24) / 2, "number") for _ in range(6)],
        "text": [
            ("KH 12/KH-TH ngày 05/10/2024", "text"),
            ("abc", "text"),
            ("a b  c", "text"),
            (" abcd ", "text"),
            (12, "number"),
        ]
        * 2,
    }
    named: list[Cell] = [(number, "number") for number in numbers_of(table)] if column.is_number else []
    named += [(10 ** chance.randint(1, 6), "number")] if column.is_number else []
    return chance.choice([None] * 12 + kinds[column.kind] * 2 + named + [chance.choice(junk)])


def as_read(column: Column, cell: Cell) -> tuple[Any, bool]:
    """The value that the rules' semantics give a cell of this column, and whether anything stands in it."""
    if cell is None:
        return None, False
    value, how = cell
    if how == "text":
        filled = trim(str(value)) != ""
        return (value if column.kind in ("choice", "text") and filled else None), filled
    if column.kind in ("choice", "text"):
        return str(value), True
    if column.kind == "date":
        day = value if isinstance(value, date) else date(1899, 12, 30) + timedelta(days=int(float(str(value))))
        return (day if date(2000, 1, 1) <= day <= date(2099, 12, 31) else None), True
    return float(str(value)), True


def fill(
    table: Table, place: SheetLayout, workbook: Workbook, chance: random.Random, period: periods.Period
) -> pd.DataFrame:
    """Puts random cells into one table of the workbook; the frame of what the rules should see."""
    cells: list[tuple[str, CellInput, How]] = []
    data: dict[str, list[Any]] = {"row": [row.code for row in table.rows]}
    for column in table.columns:
        seen = []
        for row in table.rows:
            cell = None if column.id in row.closed else random_cell(column, table, chance, period)
            value, how = cell or ("", "text")
            cells.append((place.cell(row.code, column.id), value, how))
            seen.append(as_read(column, cell))
        values = [value for value, _filled in seen]
        if column.is_number:
            data[column.id] = [np.nan if value is None else value for value in values]
        elif column.kind == "date":
            data[column.id] = list(np.array(values, dtype="datetime64[D]").astype("datetime64[s]"))
        else:
            data[column.id] = values
        data[f"{column.id}:filled"] = [filled for _value, filled in seen]
    workbook.set_cells(place.sheet, cells)
    frame = pd.DataFrame(data)
    return frame.astype({column.id: object for column in table.columns if column.kind in ("choice", "text")})


def with_names(frames: dict[str, pd.DataFrame], plan_: Plan, period: periods.Period) -> dict[str, pd.DataFrame]:
    named = {}
    for table_id, frame in frames.items():
        extra: dict[str, Any] = {
            "period.starts_on": pd.Timestamp(period.starts_on),
            "period.ends_on": pd.Timestamp(period.ends_on),
        }
        for name, figure in plan_.figures.items():
            rows = frames[figure.table].set_index("row")
            extra[f"school.{name}"] = float(rows.loc[figure.row, figure.column])  # type: ignore[arg-type]
        named[table_id] = frame.assign(**extra)
    return named


def helper_cells(workbook: Workbook, place: SheetLayout, rule: str) -> dict[str, Any]:
    """What the helper column of a rule says, by row code."""
    column = place.rule_columns[rule]
    first, last = min(place.rows.values()), max(place.rows.values())
    values = workbook.read(place.sheet, f"{address(first, column)}:{address(last, column)}")
    return {code: values[row - first][0] for code, row in place.rows.items()}


def rounds(plan_: Plan, workbook: Workbook, period: periods.Period, count: int) -> Iterator[tuple[str, str, Any, bool]]:
    """(rule, row code, what the workbook says, what the mask says) for `count` random fillings."""
    chance = random.Random(20241015)
    places = layout(plan_)
    for _round in range(count):
        frames = {t.id: fill(t, places[t.id], workbook, chance, period) for t in plan_.all_tables}
        workbook.recalculate()
        for table_id, frame in with_names({str(k): v for k, v in frames.items()}, plan_, period).items():
            for compiled in plan_.rules[next(t.id for t in plan_.all_tables if t.id == table_id)]:
                said = helper_cells(workbook, places[table_id], compiled.rule.id)
                for code, fired in zip(frame["row"], fires(compiled, Rows(frame)), strict=True):
                    if compiled.rule.rows is None or code in compiled.rule.rows:
                        yield compiled.rule.id, code, said[code], bool(fired)


CASES: dict[str, tuple[str | Path, SaveFormat, int]] = {
    "shipped": ("thu-thua-2020-2025", "xlsx", ROUNDS),
    "shipped-ods": ("thu-thua-2020-2025", "ods", ROUNDS),
    "shipped-xls": ("thu-thua-2020-2025", "xls", ROUNDS),
    "other": (OTHER, "xlsx", 150),
}


@pytest.mark.slow
@pytest.mark.parametrize(("source", "saved_as", "count"), list(CASES.values()), ids=list(CASES))
def test_workbook_and_mask_agree_on_random_rows(
    source: str | Path, saved_as: SaveFormat, count: int, libreoffice: LibreOffice, tmp_path: Path
) -> None:
    plan_ = plan.load(source)
    workbook, period = open_form(plan_, libreoffice, tmp_path, saved_as)
    rows = count * sum(len(table.rows) for table in plan_.all_tables)
    assert rows >= 2000 or source == OTHER
    fired: dict[str, int] = {}
    silent: dict[str, int] = {}
    with workbook:
        for rule, code, said, expected in rounds(plan_, workbook, period, count):
            assert said in (0, 1), f"{rule} in {code} says {said!r}"
            assert bool(said) is expected, f"{rule} in {code}: the workbook says {said}, the mask {expected}"
            (fired if expected else silent)[rule] = (fired if expected else silent).get(rule, 0) + 1
    # A rule that never fires here, or always does, would prove nothing.
    every = {rule.id for table in plan_.all_tables for rule in table.rules}
    assert set(fired) == set(silent) == every
