"""Setting up an office's workspace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sync import config, control, plan
from sync.config import Settings
from sync.control import Control
from sync.office import working_days
from sync.plan import Plan
from sync.workspace import Workspace


def make_workspace(folder: Path, plan_source: str, settings: dict[str, Any] | None = None) -> Workspace:
    """A new workspace in `folder` for a shipped plan's code or a plan file, with the plan's calendar planned out.

    `settings` (nested by table, as in config.toml) replace those of config.example.toml. Raises WorkspaceError,
    PlanError.
    """
    chosen = plan.load(plan_source)
    source = plan_source if plan_source in plan.shipped_plans() else str(Path(plan_source).absolute())
    made = Workspace.create(folder, config.rendered({**(settings or {}), "plan": source}))
    if not made.control_file.exists():
        control.write(made.control_file, proposed_control(chosen, config.load(made.path)), chosen)
    return made


def proposed_control(chosen: Plan, settings: Settings) -> Control:
    """What the control workbook of a new workspace says: the plan's calendar, with days to remind, freeze and sign."""
    days = working_days(settings, {})
    return control.proposed(chosen, settings.zone, days, settings.notices.before_days)
