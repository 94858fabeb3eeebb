"""The office's consolidated workbook, built anew from the figures of a period. Totals are formulas over `Dữ liệu`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync.config import Office
    from sync.consolidate import Consolidated

__all__ = ["build"]


def build(consolidated: Consolidated, office: Office, now: datetime, note: str = "") -> bytes:
    """The workbook as xlsx; the same arguments give the same bytes.

    `now` is aware, in the office's time zone: moments are shown in it. `note` is one more sentence for the officer, on
    `Tổng quan`. Raises TooManyEntriesError where the entries do not fit into one sheet.
    """
    from sync.outputs.office_workbook import assembly

    return assembly.assemble(consolidated, office, now, note)
