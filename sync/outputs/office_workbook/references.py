"""Where the figures of the period stand in the workbook, as formulas, for sheets that set them beside others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sync.outputs.office_workbook import cells
from sync.outputs.office_workbook.standing_sheets import LABELS, ProgressNames
from sync.outputs.office_workbook.summary_sheets import Summary
from sync.plan import TableId
from sync.standing import Standing

TOTALS: Mapping[str, str] = {
    "schools": "Trường phải báo cáo",
    "received": "Đã gửi báo cáo",
    "counted": "Có báo cáo được tính",
}
"""What the figures over all schools are called."""


@dataclass(frozen=True)
class References:
    """Formulas for the figures of this period: over `Tiến độ nộp`, and of the plan's tables."""

    summaries: Mapping[TableId, Summary]
    progress: ProgressNames

    def of_schools(self, key: str) -> str:
        """How many schools owe a report (`schools`), sent one (`received`), have one that counts (`counted`)."""
        names = {"received": f"COUNT({self.progress.received})", "counted": f"COUNT({self.progress.counted})"}
        return "=" + names.get(key, f"COUNTA({self.progress.code})")

    def of_standing(self, standing: Standing) -> str:
        """How many schools stand there."""
        return f"=COUNTIF({self.progress.standing},{cells.criterion(LABELS[standing])})"

    def of_row(self, table: TableId, code: str, key: str) -> str:
        """A figure of a row, a section, or "" for all rows: done, or the key of a column of the table's sheet.

        Raises KeyError where the sheet has none.
        """
        summary = self.summaries[table]
        keys = summary.leaves.keys_of("done") if key == "done" else [key]
        return "=" + cells.total([summary.reference(code, each) for each in keys])
