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
    told = _told(column, texts)
    codes = dict.fromkeys(code for found in told.values() for code in found)
    findings: list[Finding] = []
    for code in codes:
        params = {text: found[code] for text, found in told.items() if code in found}
        mask = np.fromiter((text in params for text in texts), dtype=bool, count=len(texts))
        findings += marker.mark(mask, code, column.id, params.__getitem__)
    private = "private-data"
    return [found._replace(value=None) if found.code == private else found for found in findings]


def _told(column: Column, texts: list[str | None]) -> dict[str | None, dict[str, dict[str, str]]]:
    """What is to be said of each distinct text that something is to be said of: params by finding code."""
    distinct = [text for text in dict.fromkeys(texts) if text is not None]
    told: dict[str | None, dict[str, dict[str, str]]] = {
        text: dict(doubts) for text, doubts in zip(distinct, writing.doubts(distinct), strict=True) if doubts
    }
    if column.kind != "text":
        return told
    # In an old font, or with a foreign letter in it, a name is no less a name.
    for text, kind in zip(distinct, privacy.screen([writing.meant(text) for text in distinct]), strict=True):
        if kind is not None:
            # A proposed reading would repeat what is to be withheld.
            doubts = {code: _without_reading(params) for code, params in told.get(text, {}).items()}
            told[text] = {**doubts, "private-data": {"kind": kind}}
    return told


def _without_reading(params: dict[str, str]) -> dict[str, str]:
    return {**params, "reading": _HIDDEN} if "reading" in params else params


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
