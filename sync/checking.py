"""`check`: judges workbooks without writing anything, inside a workspace or with the shipped plans alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sync import periods, plan
from sync.checks.attempt import Failure
from sync.checks.context import Context
from sync.checks.judging import Judgement, judge
from sync.checks.report import file_verdict
from sync.errors import MendableError
from sync.i18n import gettext as _
from sync.intake.guard import Limits
from sync.intake.reading import Reading
from sync.progress import Progress, counting, silent

if TYPE_CHECKING:
    from sync.intake.child import Intake

OFFICE_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
"""Where no workspace says otherwise. Only days matter here, no hours."""


def shipped_contexts() -> dict[str, Context]:
    """What to judge against outside a workspace, by plan code: no schools, no seal."""
    plans = [plan.load(code) for code in sorted(plan.shipped_plans())]
    return {each.code: Context(each, periods.proposed(each, OFFICE_ZONE)) for each in plans}


Compare = Callable[[Sequence[Reading], Judgement], Judgement]
"""Adds to a judgement what shows beside the reports that an office has already."""


def check_files(
    files: Sequence[Path],
    contexts: dict[str, Context],
    limits: Limits | None = None,
    compare: Compare | None = None,
    progress: Progress = silent,
) -> tuple[list[dict[str, Any]], list[Failure]]:
    """The verdicts on `files` in their order, each in the shape of `check --json`; and checks of ours that crashed."""
    from sync.intake.pool import read_files
    from sync.intake.spec import plan_spec

    specs = {code: plan_spec(context.plan) for code, context in contexts.items()}
    intakes = read_files(files, specs, limits, progress=counting(progress, _("Reading"), len(files)))
    readings = [_given(intake) for intake in intakes]
    verdicts: dict[int, dict[str, Any]] = {}
    failures: list[Failure] = []
    for code, positions in _by_plan(readings, contexts).items():
        judgement = judged([readings[at] for at in positions], contexts[code], compare)
        failures += judgement.failures
        for local, at in enumerate(positions):
            verdicts[at] = file_verdict(str(files[at]), readings[at], judgement, local, contexts[code].plan)
    return [verdicts[at] for at in range(len(files))], failures


def judged(readings: Sequence[Reading], context: Context, compare: Compare | None = None) -> Judgement:
    """The judgement on readings of one plan, beside other reports where there is a `compare`."""
    judgement = judge(readings, context)
    return judgement if compare is None else compare(readings, judgement)


class UnreadableFile(MendableError):
    """The system does not give a file; the message says which and why."""


def _given(intake: Intake) -> Reading:
    if intake.reading is None:
        raise UnreadableFile(_("{place} cannot be read: {reason}").format(place=intake.path, reason=intake.error))
    return intake.reading


def _by_plan(readings: Sequence[Reading], contexts: dict[str, Context]) -> dict[str, list[int]]:
    """Positions of the readings by the plan to judge them with; files of no known plan go to the first one."""
    groups: dict[str, list[int]] = defaultdict(list)
    for at, reading in enumerate(readings):
        groups[reading.plan if reading.plan in contexts else next(iter(contexts))].append(at)
    return groups
