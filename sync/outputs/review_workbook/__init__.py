"""The workbook of a review, or of another report of the office alone: the figures of several periods side by side.

They are values, each period's as its own consolidated workbook has them; shares and sums over them are formulas.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync.comparing import Review
    from sync.config import Office

__all__ = ["build"]


def build(review: Review, office: Office, now: datetime) -> bytes:
    """The workbook as xlsx; the same arguments give the same bytes. `now` is aware, in the office's time zone."""
    from sync.outputs.review_workbook import assembly

    return assembly.assemble(review, office, now)
