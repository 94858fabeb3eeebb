"""A small office with a fixed cast of schools, and workbooks that they send, for tests."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sync import control, office, plan
from sync.outputs.school_workbook import Form, build
from sync.schools import School, Schools
from sync.setup import make_workspace
from sync.workspace import Workspace

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
PLAN = plan.load("thu-thua-2020-2025")
PERIOD = "2024-2025/HK1"
YEAR = "2024-2025/CN"
BEFORE_DUE = "2025-01-20T08:00"
AFTER_DUE = "2025-01-27T08:00"
CAST = Schools(
    (
        School("TH01", "Trường Tiểu học Hoa Sen", "TH", "Xã Một"),
        School("MN01", "Trường Mầm non Hoa Mai", "MN-MG", "Xã Một"),
        School("CS01", "Trường THCS Hoa Cúc", "THCS", "Xã Hai"),
    )
)


def fill_of(changes: dict[tuple[str, str, str], Any] | None = None, level: str = "TH") -> dict[Any, Any]:
    """A report in which nothing is wrong, with `changes`."""
    cells: dict[Any, Any] = {}
    required = {"status": "Chưa thực hiện", "result": "Chưa đạt", "total": 0}
    for table in PLAN.all_tables:
        for row in table.rows:
            for column in table.columns:
                if column.required and row.is_for(level):
                    cells[table.id, row.code, column.id] = required[column.id]
    cells |= {("targets", row.code, "reason"): "Mới bắt đầu triển khai" for row in PLAN.tables["targets"].rows}
    cells |= {("statistics", code, "total"): n for code, n in (("A.1", 10), ("A.2", 300), ("A.3", 20))}
    return {**cells, **(changes or {})}


def office_of_cast(place: Path, settings: dict[str, Any] | None = None) -> Workspace:
    """A new workspace at `place` with the schools of CAST; `settings` are values of its config.toml."""
    made = make_workspace(place, PLAN.code, settings)
    whole = control.read(made.control_file, PLAN, ZONE)
    control.write(made.control_file, replace(whole, schools=CAST), PLAN)
    return made


def report_of(
    opened: office.OpenOffice,
    school: str,
    changes: Mapping[tuple[str, str, str], Any] | None = None,
    period: str = PERIOD,
) -> bytes:
    """The filled workbook of a school, without faults but for `changes`."""
    chosen, asked = opened.control.schools.by_code[school], opened.period(period)
    form = Form(opened.plan, chosen, asked, opened.settings.office, opened.seal_of(school, period))
    return build(form, fill_of(dict(changes or {}), chosen.level))


def send(
    workspace: Path,
    school: str,
    changes: dict[tuple[str, str, str], Any] | None = None,
    name: str | None = None,
    modified: str = "2025-01-18T09:00",
    period: str = PERIOD,
) -> Path:
    """Puts the filled workbook of a school into the inbox, as of a moment."""
    file = workspace / "nhan" / (name or f"{school}.xlsx")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(report_of(office.open_office(workspace), school, changes, period))
    moment = datetime.fromisoformat(modified).replace(tzinfo=ZONE).timestamp()
    os.utime(file, (moment, moment))
    return file


FAULTY = {("activities", "I.1", "status"): "Hoàn thành", ("activities", "I.1", "sessions"): -2}


DONE: dict[tuple[str, str, str], Any] = {
    ("activities", "I.1", "status"): "Hoàn thành",
    ("activities", "I.1", "started_on"): date(2024, 10, 1),
    ("activities", "I.1", "finished_on"): date(2024, 11, 1),
    ("activities", "I.1", "sessions"): 4,
    ("activities", "I.1", "evidence"): "KH 12/KH-TH ngày 05/10/2024",
}
NARRATIVE = (
    "Nhà trường đã phối hợp với công an xã và trạm y tế tổ chức phiên toà giả định về bạo lực học đường, "
    "sau đó các lớp thảo luận và viết bài thu hoạch dán ở góc thân thiện."
)


def many_figures() -> dict[tuple[str, str, str], Any]:
    """A report with enough figures to be known again."""
    figures: dict[tuple[str, str, str], Any] = {}
    for number, row in enumerate(PLAN.tables["activities"].rows):
        if row.levels is None:
            cells = {"status": "Đang thực hiện", "started_on": date(2024, 10, 1 + number), "sessions": number}
            cells |= {"children": 100 + number, "staff": number % 9}
            figures |= {("activities", row.code, column): value for column, value in cells.items()}
    return figures
