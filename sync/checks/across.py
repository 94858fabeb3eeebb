"""What only shows beside other reports: the school's own earlier ones, and those of other schools.

These findings depend on what else has been received, so they belong to no receipt: they are worked out anew from all
receipts whenever a period is looked at, and the order of arrival makes no difference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import pandas as pd

from sync.checks import copies, history
from sync.checks.attempt import Attempts, Failure
from sync.checks.findings import as_frame
from sync.periods import Period
from sync.plan import Plan, TableId
from sync.schools import Schools

Entries = Mapping[TableId, pd.DataFrame]
"""By table: receipt (int64), school, row, sheet, cell, excel_row, and per column <column> and <column>:letters."""


def check(
    plan: Plan,
    period: Period,
    entries: Entries,
    before: Sequence[tuple[Period, Entries]],
    schools: Schools,
) -> tuple[pd.DataFrame, tuple[Failure, ...]]:
    """The findings on `entries`, one report per school, as the frame of sync.checks.findings; and what crashed.

    `before`: the schools' accepted reports of earlier periods, newest first. `schools`: those of the office, as
    they are now.
    """
    attempts = Attempts()
    found = attempts.run("history", partial(history.check, plan, period, entries, before, schools))
    names = {school.code: school.name for school in schools.at(period.ends_on)}
    found += attempts.run("copies", partial(copies.check, plan, entries, names))
    return as_frame(found, plan), tuple(attempts.failures)
