"""Checks of what schools type as text: how it is written, and whether it holds what must not spread."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sync.checks import privacy, writing
from sync.checks.findings import Finding, TableMarker
from sync.plan import Column, Plan, Table

WITHHOLDING = frozenset({"private-data"})
"""Findings that keep the text of their cell out of everything that is made from reports."""
WITHHELD = "(nội dung được giữ lại – xem tệp của trường)"
"""Stands for such a text."""
_HIDDEN = "…"


def check(frame: pd.DataFrame, table: Table, plan: Plan, mine: np.ndarray) -> list[Finding]:
    """All findings about the texts of `table`'s frame in the rows of `mine`."""
    marker = TableMarker(frame, table, plan)
    findings: list[Finding] = []
    for column in table.columns:
        if column.kind in ("text", "choice"):
            findings += _one_column(marker, column, mine)
    return findings


def _one_column(marker: TableMarker, column: Column, mine: np.ndarray) -> list[Finding]:
    texts = [
        text if isinstance(text, str) and ours else None
        for text, ours in zip(marker.frame[column.id], mine, strict=True)
    ]
    findings: list[Finding] = []
    doubts = writing.doubts(texts)
    kinds = privacy.screen(_as_meant(texts, doubts)) if column.kind == "text" else [None] * len(texts)
    for at in np.flatnonzero([bool(found) or kind is not None for found, kind in zip(doubts, kinds, strict=True)]):
        one = np.zeros(len(texts), dtype=bool)
        one[at] = True
        for code, params in doubts[at]:
            # A proposed reading would repeat what is to be withheld.
            told = {**params, "reading": _HIDDEN} if kinds[at] and "reading" in params else params
            findings += marker.mark(one, code, column.id, told)
        kind = kinds[at]
        if kind is not None:
            findings += [
                found._replace(value=None) for found in marker.mark(one, "private-data", column.id, {"kind": kind})
            ]
    return findings


def _as_meant(texts: list[str | None], doubts: list[list[tuple[str, dict[str, str]]]]) -> list[str | None]:
    """The texts as a reader would understand them: in an old font a name is no less a name."""
    return [
        next((params["reading"] for code, params in found if "reading" in params), text)
        for text, found in zip(texts, doubts, strict=True)
    ]


def withhold(entries: pd.DataFrame, table: Table, findings: pd.DataFrame) -> pd.DataFrame:
    """`entries` (with `receipt` and `row`) with WITHHELD in place of the texts that `findings` keep back."""
    kept_back = findings[findings["code"].isin(WITHHOLDING) & (findings["table"] == table.id)]
    result = entries.copy()
    for column in table.columns:
        places = kept_back[kept_back["column"] == column.id]
        cells = set(zip(places["receipt"], places["row"], strict=True))
        if cells:
            keys = zip(result["receipt"], result["row"], strict=True)
            at = np.fromiter((key in cells for key in keys), dtype=bool, count=len(result))
            result[column.id] = result[column.id].mask(at, WITHHELD)
    return result
