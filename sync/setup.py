"""Setting up an office's workspace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sync import config, control, plan
from sync.workspace import Workspace


def make_workspace(folder: Path, plan_source: str, settings: dict[str, Any] | None = None) -> Workspace:
    """A new workspace in `folder` for a shipped plan's code or a plan file, with the plan's reporting calendar.

    `settings` (nested by table, as in config.toml) replace those of config.example.toml. Raises WorkspaceError,
    PlanError.
    """
    chosen = plan.load(plan_source)
    source = plan_source if plan_source in plan.shipped_plans() else str(Path(plan_source).absolute())
    made = Workspace.create(folder, config.rendered({**(settings or {}), "plan": source}))
    zone = config.load(made.path).zone
    if not made.control_file.exists():
        control.write(made.control_file, control.proposed(chosen, zone), chosen)
    return made
