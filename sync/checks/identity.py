"""Whose report a file is, and whether anybody may send it: pure functions of what the workbook says of itself."""

from __future__ import annotations

from collections.abc import Iterator

from sync.checks.context import Context
from sync.checks.findings import Finding, of_file
from sync.intake.reading import Reading


def check(receipt: int, reading: Reading, context: Context) -> Iterator[Finding]:
    """What is wrong with what the workbook says of itself."""
    if reading.refused:
        return
    plan = context.plan
    if not reading.school or not reading.period:
        yield of_file(receipt, "no-identity", plan)
        return
    period = context.periods.by_key.get(reading.period)
    if period is None or period.schools_due is None:
        yield of_file(receipt, "unknown-period", plan, period=reading.period)
    if context.schools is None:
        return
    school = context.schools.by_code.get(reading.school)
    if school is None:
        yield of_file(receipt, "unknown-school", plan, school=reading.school)
        return
    if period is not None and not school.exists_in(period):
        yield of_file(receipt, "closed-school", plan, school=reading.school)
    if context.is_sealed is not None and not context.is_sealed(reading):
        yield of_file(receipt, "broken-seal", plan)
