"""Readings → verdicts: every entry of all files is judged at once. Pure: frames in, frames out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd

from sync.checks import cells, identity, rules, texts
from sync.checks.attempt import Attempts, Failure
from sync.checks.context import Context
from sync.checks.findings import Finding, as_frame, of_file, of_observations
from sync.checks.frames import blank_rows, table_frame
from sync.intake.reading import Reading
from sync.plan import Table

IDENTITY_CODES = frozenset(
    {"no-identity", "unknown-school", "closed-school", "unknown-period", "broken-seal", "empty-report"}
)
"""Findings that make a file nobody's report."""

_STRAY = frozenset({"row-unknown", "row-twice"})


@dataclass(frozen=True)
class Judgement:
    """The verdict on a sequence of readings.

    `findings`: see sync.checks.findings. `entries`: by table, the frame of sync.checks.frames with `blank` and
    `rejected` (bool) added, without rows that the school's level does not fill. `receipts`: one row per reading:
    status ('accepted', 'to_mend', 'refused'), rows_read, rows_accepted, rows_rejected, rows_blank, errors, warnings
    (int64); always rows_read = rows_accepted + rows_rejected + rows_blank.
    """

    receipts: pd.DataFrame
    findings: pd.DataFrame
    entries: Mapping[str, pd.DataFrame]
    failures: tuple[Failure, ...] = ()
    """Checks of ours that crashed."""


def judge(readings: Sequence[Reading], context: Context) -> Judgement:
    """Judges all readings, which are of one plan."""
    plan = context.plan
    levels = [context.level_of(reading) for reading in readings]
    frames: dict[str, pd.DataFrame] = {table.id: table_frame(table, readings) for table in plan.all_tables}
    empty = _empty_reports(readings, frames, plan.all_tables)
    findings = _file_findings(readings, context, empty)
    entries: dict[str, pd.DataFrame] = {}
    attempts = Attempts()
    periods = [context.periods.by_key.get(reading.period or "") for reading in readings]
    for table in plan.all_tables:
        frame = frames[table.id]
        mine = cells.applies(frame, table, levels)
        named = rules.with_names(_without_closed(frame, table), plan, frames, periods)
        found = attempts.run("cells", partial(cells.check, frame, table, plan, levels))
        found += rules.check(named, table, plan, mine, attempts)
        found += attempts.run("texts", partial(texts.check, frame, table, plan, mine))
        findings += [finding for finding in found if not empty[finding.receipt]]
        entries[table.id] = named.assign(mine=mine, blank=blank_rows(frame, table))
    all_findings = as_frame(findings, plan)
    entries = {name: _with_verdict(frame, name, all_findings) for name, frame in entries.items()}
    return Judgement(_receipts(readings, all_findings, entries), all_findings, entries, tuple(attempts.failures))


def _empty_reports(
    readings: Sequence[Reading], frames: Mapping[str, pd.DataFrame], tables: Sequence[Table]
) -> np.ndarray:
    """Which readings have tables, and nothing in any of them."""
    filled = np.zeros(len(readings), dtype=bool)
    for table in tables:
        frame = frames[table.id]
        filled[frame["receipt"].to_numpy()[~blank_rows(frame, table)]] = True
    for at, reading in enumerate(readings):
        filled[at] |= any(seen.code in _STRAY for seen in reading.observations)
    readable = np.array([bool(reading.tables) and not reading.refused for reading in readings], dtype=bool)
    return readable & ~filled


def _file_findings(readings: Sequence[Reading], context: Context, empty: np.ndarray) -> list[Finding]:
    findings: list[Finding] = []
    shut = {(t.id, row.code, column) for t in context.plan.all_tables for row in t.rows for column in row.closed}
    for at, reading in enumerate(readings):
        findings += of_observations(at, _open_only(reading, shut), context.plan)
        findings += identity.check(at, reading, context)
        if empty[at]:
            findings.append(of_file(at, "empty-report", context.plan))
    return findings


def _open_only(reading: Reading, shut: Collection[tuple[str, str, str]]) -> Reading:
    """`reading` without what was seen in the cells that are `shut`: of those it is enough to say that they are."""
    kept = [seen for seen in reading.observations if (seen.table, seen.row, seen.column) not in shut]
    return replace(reading, observations=kept)


def _without_closed(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """`frame` with the values of closed cells taken out: they count for nothing."""
    result = frame.copy()
    for column in table.columns:
        shut = cells.closed(frame, table, column.id)
        if shut.any():
            result[column.id] = result[column.id].where(~shut)
    return result


def _with_verdict(frame: pd.DataFrame, table: str, findings: pd.DataFrame) -> pd.DataFrame:
    errors = findings[(findings["table"] == table) & (findings["severity"] == "error")]
    wrong = set(zip(errors["receipt"], errors["row"], strict=True))
    keys = zip(frame["receipt"], frame["row"], strict=True)
    rejected = np.fromiter((key in wrong for key in keys), dtype=bool, count=len(frame)) if wrong else False
    # Rows that are not for the school's level are nobody's entries, unless somebody filled them.
    kept = frame["mine"] | ~frame["blank"]
    return frame.assign(rejected=rejected & ~frame["blank"])[kept].drop(columns="mine")


def _receipts(readings: Sequence[Reading], findings: pd.DataFrame, entries: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    count = len(readings)
    read, rejected, blank = (np.zeros(count, dtype=np.int64) for _ in range(3))
    for frame in entries.values():
        receipts = frame["receipt"].to_numpy()
        read += np.bincount(receipts, minlength=count)
        rejected += np.bincount(receipts[frame["rejected"].to_numpy()], minlength=count)
        blank += np.bincount(receipts[frame["blank"].to_numpy()], minlength=count)
    strays = Counter(findings["receipt"][findings["code"].isin(_STRAY)].tolist())
    stray = np.array([strays[at] for at in range(count)], dtype=np.int64)
    is_error = (findings["severity"] == "error").to_numpy()
    errors = np.bincount(findings["receipt"].to_numpy()[is_error], minlength=count)
    warnings = np.bincount(findings["receipt"].to_numpy()[~is_error], minlength=count)
    return pd.DataFrame(
        {
            "status": _statuses(readings, findings, errors),
            "rows_read": read + stray,
            "rows_accepted": read - rejected - blank,
            "rows_rejected": rejected + stray,
            "rows_blank": blank,
            "errors": errors,
            "warnings": warnings,
        }
    )


def _statuses(readings: Sequence[Reading], findings: pd.DataFrame, errors: np.ndarray) -> list[str]:
    nobodys = set(findings["receipt"][findings["code"].isin(IDENTITY_CODES)].tolist())
    return [
        "refused" if reading.refused or at in nobodys else "to_mend" if errors[at] else "accepted"
        for at, reading in enumerate(readings)
    ]
