"""A plan of another shape: no sections, a text that looks like a formula, one table without progress."""

from __future__ import annotations

from sync import plan as plans

TEXT = """
schema = 1
code = "tiny"
version = "1"
starts_on = 2024-01-01
ends_on = 2026-12-31
title = "TINY PLAN"
subject = "Another shape"

[document]
date = 2024-01-01

[[levels]]
code = "A*"
name = "A star"

[[levels]]
code = "B"
name = "B"

[[calendar]]
code = "ONE"
title = "One"
every = "once"
starts_on = 2024-01-01
ends_on = 2024-12-31
schools = { due_days = 10 }

[tables.activities]
sheet = "Work, it's"
summary_sheet = "Sum, it's"
title = "WORK"
row_name = "Task"
fixed = [{ id = "what", heading = "What", width = 30 }]

[[tables.activities.columns]]
id = "state"
heading = "State"
kind = "choice"
choices = [
  { value = ">half", stage = "under_way" },
  { value = "done *", stage = "done" },
  { value = "done well", stage = "done" },
  { value = "no matter" },
]

[[tables.activities.columns]]
id = "hours"
heading = "Hours"
kind = "number"

[[tables.activities.columns]]
id = "words"
heading = "Words"
kind = "text"
free = true

[[tables.activities.rows]]
number = "1.1"
what = "=1+1"

[[tables.activities.rows]]
number = "1.10"
what = "Only for B"
levels = ["B"]

[tables.statistics]
sheet = "Figures"
summary_sheet = "Tổng quan"
title = "Figures"
row_name = "Figure"
fixed = [{ id = "what", heading = "What", width = 30 }]

[[tables.statistics.columns]]
id = "hours"
heading = "Hours"
kind = "number"

[[tables.statistics.columns]]
id = "words"
heading = "Words"
kind = "text"

[[tables.statistics.rows]]
number = "1"
what = "First"

[[tables.statistics.rows]]
number = "2"
what = "Second"
closed = ["hours"]
"""


def load() -> plans.Plan:
    """The plan."""
    return plans.loads(TEXT)
