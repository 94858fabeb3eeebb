"""A workbook that a person fills in LibreOffice says the same, saved as xlsx, as ods and as xls."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from sync import periods, plan
from sync.checks.context import Context
from sync.checks.judging import Judgement, judge
from sync.config import Office
from sync.intake.pool import read_files
from sync.intake.reading import Reading
from sync.intake.spec import plan_spec
from sync.outputs.layout import layout
from sync.outputs.school_workbook import Form, build
from sync.schools import School, Schools
from tests.fakes.libreoffice import CellInput, How, LibreOffice, SaveFormat

PLAN = plan.load("thu-thua-2020-2025")
PERIODS = periods.proposed(PLAN, ZoneInfo("Asia/Ho_Chi_Minh"))
SCHOOL = School("TH01", "Trường Tiểu học Hoa Sen", "TH", "Xã Một")
PLACES = layout(PLAN)
FORMATS: Sequence[SaveFormat] = ("xlsx", "ods", "xls")

TYPED: dict[tuple[str, str, str], tuple[CellInput, How]] = {
    ("activities", "I.1", "status"): ("Hoàn thành", "typed"),
    ("activities", "I.1", "started_on"): ("5/10/2024", "typed"),
    ("activities", "I.1", "finished_on"): (date(2024, 12, 20), "date"),
    ("activities", "I.1", "sessions"): ("12", "typed"),
    ("activities", "I.1", "children"): ("301", "typed"),
    ("activities", "I.1", "evidence"): ("KH 12/KH-TH ngày 05/10/2024", "typed"),
    ("activities", "I.2", "status"): ("hoàn thành ", "text"),
    ("activities", "I.2", "started_on"): ("15/10/2024", "text"),
    ("activities", "I.2", "finished_on"): ("31/02/2024", "text"),
    ("activities", "I.2", "sessions"): ("1.234", "text"),
    ("activities", "I.2", "evidence"): ("=chưa có", "text"),
    ("activities", "I.3", "status"): ("Xong", "text"),
    ("activities", "I.3", "staff"): (-4, "number"),
    ("activities", "I.3", "parents"): (2.5, "number"),
    ("activities", "I.4", "status"): ("Không áp dụng", "typed"),
    ("targets", "CT.1", "result"): ("Đạt", "typed"),
    ("targets", "CT.1", "numerator"): ("25", "typed"),
    ("targets", "CT.1", "denominator"): ("20", "typed"),
    ("duties", "NV.1", "status"): ("Đã thực hiện", "typed"),
    ("statistics", "A.1", "total"): ("10", "typed"),
    ("statistics", "A.2", "total"): ("300", "typed"),
    ("statistics", "A.2", "female"): ("305", "typed"),
    ("statistics", "A.3", "total"): ("20", "typed"),
}


def judged(files: Sequence[Path]) -> tuple[list[Reading], Judgement]:
    intakes = read_files(files, {PLAN.code: plan_spec(PLAN)})
    readings = [intake.reading for intake in intakes if intake.reading is not None]
    assert len(readings) == len(files)
    return readings, judge(readings, Context(PLAN, PERIODS, Schools((SCHOOL,))))


def findings_of(judgement: Judgement, receipt: int) -> list[tuple[Any, ...]]:
    frame = judgement.findings[judgement.findings["receipt"] == receipt]
    return [tuple(row) for row in frame[["code", "sheet", "cell", "value"]].itertuples(index=False)]


@pytest.fixture
def filled(libreoffice: LibreOffice, tmp_path: Path) -> list[Path]:
    """The same typing, saved in each format."""
    template = tmp_path / "template.xlsx"
    template.write_bytes(build(Form(PLAN, SCHOOL, PERIODS.by_key["2024-2025/HK1"], Office(), seal="x")))
    with libreoffice.open(template) as workbook:
        for table in PLAN.all_tables:
            cells = [(PLACES[t].cell(r, c), *value) for (t, r, c), value in TYPED.items() if t == table.id]
            workbook.set_cells(table.sheet, cells, refuse_locked=True)
        workbook.recalculate()
        return [workbook.save_as(tmp_path / f"report.{suffix}", suffix) for suffix in FORMATS]


def test_every_format_gives_the_same_entries_and_findings(filled: list[Path]) -> None:
    readings, judgement = judged(filled)
    first = findings_of(judgement, 0)
    for receipt, format_ in enumerate(FORMATS[1:], 1):
        assert findings_of(judgement, receipt) == first, format_
    for frame in judgement.entries.values():
        parts = [part.drop(columns="receipt").reset_index(drop=True) for _, part in frame.groupby("receipt")]
        for part in parts[1:]:
            pd.testing.assert_frame_equal(part, parts[0])
    assert {(reading.school, reading.period, reading.seal) for reading in readings} == {("TH01", "2024-2025/HK1", "x")}


def test_what_a_person_typed_is_what_is_found(filled: list[Path]) -> None:
    _readings, judgement = judged(filled[:1])
    entries = judgement.entries["activities"].set_index("row")
    assert entries.loc["I.1", "started_on"] == pd.Timestamp(2024, 10, 5)
    assert entries.loc["I.2", "started_on"] == pd.Timestamp(2024, 10, 15)
    assert (entries.loc["I.2", "sessions"], entries.loc["I.2", "status"]) == (1234, "Hoàn thành")
    assert entries.loc["I.2", "evidence"] == "=chưa có"
    named = {(code, cell) for code, _sheet, cell, _value in findings_of(judgement, 0) if code != "required"}

    def at(table: str, row: str, column: str) -> str:
        return PLACES[table].cell(row, column)

    assert named == {
        ("children-within-school", at("activities", "I.1", "children")),
        ("date-as-text", at("activities", "I.2", "started_on")),
        ("not-a-date", at("activities", "I.2", "finished_on")),
        ("number-as-text", at("activities", "I.2", "sessions")),
        ("too-great", at("activities", "I.2", "sessions")),
        ("not-in-list", at("activities", "I.3", "status")),
        ("too-small", at("activities", "I.3", "staff")),
        ("not-whole", at("activities", "I.3", "parents")),
        ("people-need-sessions", at("activities", "I.3", "sessions")),
        ("not-applicable-needs-reason", at("activities", "I.4", "difficulties")),
        ("met-needs-evidence", at("targets", "CT.1", "evidence")),
        ("share-over-100", at("targets", "CT.1", "numerator")),
        ("duty-done-needs-date", at("duties", "NV.1", "done_on")),
        ("duty-plan-needs-document", at("duties", "NV.1", "document")),
        ("female-within-total", at("statistics", "A.2", "female")),
    }


def test_the_workbook_marks_every_cell_that_the_service_calls_wrong(
    filled: list[Path], libreoffice: LibreOffice
) -> None:
    """What a school saw while typing is what it is told later: the live marks are the service's errors and warnings."""
    _readings, judgement = judged(filled[:1])
    with libreoffice.open(filled[0]) as workbook:
        workbook.recalculate()
        for table in PLAN.all_tables:
            place = PLACES[table.id]
            values = workbook.read(table.sheet)
            marked = {
                place.cell(code, column): values[row][place.mark_columns[column]]
                for code, row in place.rows.items()
                for column in place.columns
            }
            found = judgement.findings[judgement.findings["table"] == table.id]
            touched = set(judgement.entries[table.id].query("not blank")["row"])
            for code, severity, cell, row in found[["code", "severity", "cell", "row"]].itertuples(index=False):
                allowed = {1} if code == "required" and row not in touched else {3} if severity == "error" else {2, 3}
                assert marked[cell] in allowed, (table.id, cell, code)
            quiet = {cell: mark for cell, mark in marked.items() if cell not in set(found["cell"])}
            assert set(quiet.values()) <= {0, ""}, {cell: mark for cell, mark in quiet.items() if mark}
