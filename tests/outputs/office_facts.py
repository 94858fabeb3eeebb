"""Facts of an invented office, as a pass would find them, without reading a single workbook."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from sync import plan as plans
from sync.config import Office
from sync.consolidate import Facts, dtype_of, empty_entries
from sync.periods import Period, proposed
from sync.plan import Column, Plan, Table, TableId
from sync.schools import School, Schools
from sync.standing import standings

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2025, 1, 27, 8, 30, tzinfo=ZONE)
OFFICE = Office(name="Phòng Văn hóa - Xã hội", parent="Uỷ ban nhân dân xã Mẫu", place="Xã Mẫu", email="vhxh@example.vn")
KINDS = {"MN-MG": "Trường Mẫu giáo", "TH": "Trường Tiểu học", "THCS": "Trường THCS"}
NAMES = ("Hoa Sen", "Bình Thạnh", "Long Thuận", "Mỹ An", "Tân Thành", "Mỹ Lạc", "Nhị Thành", "Bình An", "Mỹ Phú")
UNITS = ("Xã Bình Thạnh", "Xã Long Thuận", "Xã Mỹ An", "Phường 1")

RECEIPT_COLUMNS = {
    "id": "int64",
    "sha256": "str",
    "school": "object",
    "period": "object",
    "path": "str",
    "source": "str",
    "received_at": "datetime64[us, UTC]",
    "status": "str",
    "rows_read": "int64",
    "rows_accepted": "int64",
    "rows_rejected": "int64",
    "rows_blank": "int64",
    "errors": "int64",
    "warnings": "int64",
    "in_sight": "bool",
}
FINDING_COLUMNS = (
    *("receipt", "school", "file", "code", "severity", "table", "sheet"),
    *("cell", "row", "column", "value", "message", "fix"),
    *("sha256", "source", "in_sight", "received_at"),
)


def make_schools(plan: Plan, count: int) -> Schools:
    """`count` schools, the plan's levels in turn."""
    return Schools(tuple(_school(plan, number) for number in range(count)))


def _school(plan: Plan, number: int) -> School:
    level = plan.levels[number % len(plan.levels)].code
    name = f"{KINDS.get(level, 'Trường ' + level)} {NAMES[number % len(NAMES)]} {number // len(NAMES) + 1}"
    return School(f"T{number + 1:04d}", name, level, UNITS[number % len(UNITS)])


def make_period(plan: Plan, key: str | None = None) -> Period:
    """The plan's period `key`, or its first one in which schools report."""
    periods = proposed(plan, ZONE)
    return periods.by_key[key] if key else periods.of_schools()[0]


def make_facts(
    plan: Plan, count: int = 42, *, seed: int = 1, period: str | None = None, now: datetime = NOW, rate: float = 0.85
) -> Facts:
    """Facts of `count` schools of which about the share `rate` has sent something."""
    random = np.random.default_rng(seed)
    schools, asked = make_schools(plan, count), make_period(plan, period)
    receipts = make_receipts(schools, asked, random, rate)
    receipts = receipts[receipts["received_at"] <= now].reset_index(drop=True)
    accepted = receipts[receipts["status"] == "accepted"]
    counted = accepted.sort_values(["received_at", "id"]).drop_duplicates("school", keep="last").sort_values("school")
    return Facts(
        plan=plan,
        period=asked,
        schools=schools,
        standings=standings(schools, asked, receipts, now, due_soon_days=3, grace_days=3, excused=["T0007"]),
        receipts=receipts,
        counted=counted.reset_index(drop=True),
        entries={table.id: make_entries(table, counted, schools, random) for table in plan.all_tables},
        findings=make_findings(plan, receipts),
        notes=["Trường T0003 gửi hai tệp cho kỳ này; bản gửi sau được tính."] if count > 3 else [],
    )


def make_receipts(schools: Schools, period: Period, random: np.random.Generator, rate: float) -> pd.DataFrame:
    """A receipt for most schools, some late or with errors, a second one for some, one refused file."""
    assert period.schools_due is not None
    due = period.schools_due.astimezone(UTC)
    rows: list[dict[str, Any]] = []
    for school in schools:
        if random.random() >= rate:
            continue
        for again in range(1 + int(random.random() < 0.15)):
            wait = timedelta(hours=float(random.uniform(-200, 70)) + 30 * again)
            errors = int(random.integers(1, 9)) if random.random() < 0.15 else 0
            rows.append(_receipt(len(rows) + 1, school.code, period, due + wait, errors))
    if len(schools):
        refused = _receipt(len(rows) + 1, None, period, due, 1)
        rows.append({**refused, "status": "refused", "path": "nhan/Bao cao (ban cuoi) – không đọc được.xls"})
    return pd.DataFrame(rows, columns=list(RECEIPT_COLUMNS)).astype(RECEIPT_COLUMNS)


def _receipt(number: int, school: str | None, period: Period, received: datetime, errors: int) -> dict[str, Any]:
    return {
        "id": number,
        "sha256": f"{number:064x}",
        "school": school,
        "period": period.key,
        "path": f"nhan/{school}/BaoCao_{school}_{number}.xlsx",
        "source": "folder",
        "received_at": received,
        "status": "to_mend" if errors else "accepted",
        "rows_read": 49,
        "rows_accepted": 49 - errors,
        "rows_rejected": errors,
        "rows_blank": 0,
        "errors": errors,
        "warnings": number % 3,
        "in_sight": True,
    }


def make_entries(table: Table, counted: pd.DataFrame, schools: Schools, random: np.random.Generator) -> pd.DataFrame:
    """An entry for each row that is for the school's level, every column drawn at random."""
    parts = [empty_entries(table)]
    levels = counted["school"].map({school.code: school.level for school in schools})
    for number, row in enumerate(table.rows):
        chosen = counted[levels.map(row.is_for).astype(bool)]
        values = {c.id: draw(c, len(chosen), random, closed=c.id in row.closed).array for c in table.columns}
        fixed = {"receipt": chosen["id"], "school": chosen["school"], "row": row.code, "sheet": table.sheet}
        address = {"cell": f"G{number + 9}", "excel_row": number + 9}
        parts.append(pd.DataFrame({**fixed, **address, **values}, index=chosen.index))
    entries = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    order = {code: number for number, code in enumerate(school.code for school in schools)}
    return entries.sort_values("school", key=lambda codes: codes.map(order), kind="stable", ignore_index=True)


def draw(column: Column, count: int, random: np.random.Generator, *, closed: bool) -> pd.Series[Any]:
    """Values of a column; some blank, and blank everywhere where the cell is closed."""
    kind: Any = dtype_of(column)
    if closed:
        return pd.Series([None] * count).astype(kind)
    if column.choices:
        weights = np.resize([2.0, 3.0, 6.0, 1.0], len(column.choices))
        drawn: Any = random.choice(np.array(column.values, dtype=object), count, p=weights / weights.sum())
        return pd.Series(drawn, dtype=object)
    blank = random.random(count) < 0.2
    if column.is_number:
        top = 900 if column.kind == "whole" else 99
        numbers = random.integers(0, top, count) + (0 if column.kind == "whole" else 0.25)
        return pd.Series(numbers, dtype="float64").mask(blank)
    if column.kind == "date":
        days = pd.Series(np.datetime64("2024-09-05") + random.integers(0, 120, count).astype("timedelta64[D]"))
        return days.astype(kind).mask(blank)
    texts = pd.Series([f"KH {number}/KH-TH ngày 05/10/2024" for number in random.integers(1, 99, count)], dtype=object)
    return texts.mask(blank, None)


def make_findings(plan: Plan, receipts: pd.DataFrame) -> pd.DataFrame:
    """As many findings as the receipts' errors say, of the plan's own rules."""
    rules = [(table, rule) for table in plan.all_tables for rule in table.rules]
    rows: list[dict[str, Any]] = []
    for receipt in receipts.to_dict("records"):
        for number in range(receipt["errors"] if rules else 0):
            table, rule = rules[(number * 5 + receipt["id"]) % len(rules)]
            rows.append(_finding(receipt, table, number, rule))
    return pd.DataFrame(rows, columns=list(FINDING_COLUMNS)).astype(
        {"receipt": "int64", "in_sight": object, "received_at": "datetime64[us, UTC]"}
    )


def _finding(receipt: Mapping[Any, Any], table: Table, number: int, rule: plans.Rule) -> dict[str, Any]:
    if receipt["status"] == "refused":
        nowhere: dict[str, Any] = dict.fromkeys(("table", "sheet", "cell", "row", "column", "value"))
        words = {
            "message": "Tệp bị hỏng, không đọc được.",
            "fix": "Mở tệp trong Excel, lưu lại dạng .xlsx rồi gửi lại.",
        }
        place: dict[str, Any] = {**nowhere, "code": "damaged", "severity": "error", **words}
    else:
        place = {
            "code": rule.id,
            "severity": rule.severity,
            "table": table.id,
            "sheet": table.sheet,
            "cell": f"H{number + 9}",
            "row": table.rows[0].code,
            "column": rule.cell,
            "value": ["Hoàn thành", 125.0, None][number % 3],
            "message": rule.message,
            "fix": rule.fix,
        }
    of_receipt = {name: receipt[name] for name in ("sha256", "source", "in_sight", "received_at")}
    return {"receipt": receipt["id"], "school": receipt["school"], "file": receipt["path"], **of_receipt, **place}


def without_reports(facts: Facts, now: datetime) -> Facts:
    """The same schools before anything came in."""
    receipts = facts.receipts.iloc[:0]
    entries: dict[TableId, pd.DataFrame] = {table.id: empty_entries(table) for table in facts.plan.all_tables}
    owed = standings(facts.schools, facts.period, receipts, now, due_soon_days=3, grace_days=3)
    return Facts(
        plan=facts.plan,
        period=facts.period,
        schools=facts.schools,
        standings=owed,
        receipts=receipts,
        counted=facts.counted.iloc[:0],
        entries=entries,
        findings=facts.findings.iloc[:0],
    )
