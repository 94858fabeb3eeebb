"""Checks of single cells over all files at once: required, bounds, lengths, closed cells, rows of other levels."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from sync.checks.findings import Finding, TableMarker
from sync.checks.frames import blank_cells, blank_rows
from sync.plan import Column, Plan, Table
from sync.text import trim


def check(frame: pd.DataFrame, table: Table, plan: Plan, levels: Sequence[str | None]) -> list[Finding]:
    """All findings about single cells of `table`'s frame; `levels` gives each receipt's level of school, if known."""
    marker = TableMarker(frame, table, plan)
    mine = applies(frame, table, levels)
    findings = _foreign_rows(marker, levels, mine)
    for column in table.columns:
        shut = closed(frame, table, column.id)
        findings += marker.mark(mine & shut & ~blank_cells(frame, column.id), "cell-closed", column.id)
        findings += _one_column(marker, column, mine & ~shut)
    return findings


def applies(frame: pd.DataFrame, table: Table, levels: Sequence[str | None]) -> np.ndarray:
    """Where the row is the school's to fill. Where its level is not known, a row for some levels is if it is filled."""
    limited = {row.code: row.levels for row in table.rows if row.levels is not None}
    result = np.ones(len(frame), dtype=bool)
    at = np.flatnonzero(frame["row"].isin(list(limited)).to_numpy())
    filled = ~blank_rows(frame, table)
    for position, receipt, code in zip(at, frame["receipt"].to_numpy()[at], frame["row"].to_numpy()[at], strict=True):
        level = levels[receipt]
        result[position] = filled[position] if level is None else level in limited[code]
    return result


def closed(frame: pd.DataFrame, table: Table, column: str) -> np.ndarray:
    """Where nothing is to be entered in `column`."""
    codes = [row.code for row in table.rows if column in row.closed]
    return np.asarray(frame["row"].isin(codes).to_numpy(), dtype=bool)


def _foreign_rows(marker: TableMarker, levels: Sequence[str | None], mine: np.ndarray) -> list[Finding]:
    """Rows that other levels fill, and somebody filled; each is marked on its first filled cell."""
    findings: list[Finding] = []
    frame = marker.frame
    left = ~mine & ~blank_rows(frame, marker.table)
    for column in marker.table.columns:
        here = left & ~blank_cells(frame, column.id)
        findings += [
            finding._replace(params={"row": str(finding.row), "level": levels[finding.receipt] or ""})
            for finding in marker.mark(here, "row-not-for-level", column.id)
        ]
        left &= ~here
    return findings


def _one_column(marker: TableMarker, column: Column, cells: np.ndarray) -> list[Finding]:
    findings: list[Finding] = []
    if column.required:
        missing = cells & blank_cells(marker.frame, column.id)
        findings += marker.mark(missing, "required", column.id, {"heading": column.heading, "help": column.help})
    if column.minimum is not None:
        findings += _outside(marker, column, cells, column.minimum, "too-small")
    if column.maximum is not None:
        findings += _outside(marker, column, cells, column.maximum, "too-great")
    if column.max_length is not None:
        findings += _too_long(marker, column, cells, column.max_length)
    return findings


def _outside(marker: TableMarker, column: Column, cells: np.ndarray, bound: float | date, code: str) -> list[Finding]:
    values = marker.frame[column.id].to_numpy()
    limit = np.datetime64(bound) if isinstance(bound, date) else bound
    outside = values < limit if code == "too-small" else values > limit
    name = "minimum" if code == "too-small" else "maximum"
    return marker.mark(cells & outside, code, column.id, lambda value: {"value": shown(value), name: shown(bound)})


def _too_long(marker: TableMarker, column: Column, cells: np.ndarray, limit: int) -> list[Finding]:
    texts = marker.frame[column.id]
    long = np.fromiter((isinstance(text, str) and len(trim(text)) > limit for text in texts), bool, len(texts))
    return marker.mark(
        cells & long, "text-too-long", column.id, lambda text: {"length": str(len(trim(text))), "limit": str(limit)}
    )


def shown(value: object) -> str:
    """A number or date as people here write it: 1.000, 98,5, 15/10/2024."""
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, int | float):
        whole = float(value).is_integer()
        return f"{value:,.0f}".replace(",", ".") if whole else f"{value:g}".replace(".", ",")
    return str(value)
