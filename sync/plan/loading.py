"""plan.toml → Plan, or every problem of the file at once."""

from __future__ import annotations

import hashlib
import tomllib
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sync.errors import MendableError
from sync.plan.model import Plan
from sync.plan.problems import cross_problems, listed
from sync.problem import Problem, of_validation
from sync.shipped import shipped


class PlanError(MendableError):
    """A plan file with problems; all of them."""

    def __init__(self, source: str, problems: list[Problem]) -> None:
        super().__init__("\n".join([f"{source}:", *(f"  {problem}" for problem in problems)]))
        self.source = source
        self.problems = problems


def shipped_plans() -> dict[str, Traversable]:
    """The plan files that travel with the package, by plan code."""
    folder = templates_folder()
    return {entry.name: entry / "plan.toml" for entry in folder.iterdir() if (entry / "plan.toml").is_file()}


def templates_folder() -> Traversable:
    """`workbook_templates/`."""
    return shipped("workbook_templates")


def load(source: str | Path | Traversable) -> Plan:
    """The plan of a shipped plan's code, or of a file. Raises PlanError with every problem at once."""
    shipped = shipped_plans()
    file = shipped[source] if isinstance(source, str) and source in shipped else source
    file = Path(file) if isinstance(file, str) else file
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PlanError(str(source), [Problem("file", str(error))]) from error
    return loads(text, str(source))


def loads(text: str, source: str = "plan.toml") -> Plan:
    """The plan that `text` (TOML) describes. Raises PlanError with every problem at once."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PlanError(source, [Problem("file", str(error))]) from error
    prepared = _with_codes(raw)
    problems = list(cross_problems(prepared))
    try:
        plan = Plan.model_validate({**prepared, "digest": hashlib.sha256(text.encode()).hexdigest()})
    except ValidationError as error:
        problems += of_validation(error)
        raise PlanError(source, sorted(set(problems))) from error
    if problems:
        raise PlanError(source, sorted(set(problems)))
    return plan


def _with_codes(raw: dict[str, Any]) -> dict[str, Any]:
    """`raw` with each table's id and each row's code written in."""
    tables = raw.get("tables")
    if not isinstance(tables, dict):
        return raw
    return {**raw, "tables": {name: _table_with_codes(name, table) for name, table in tables.items()}}


def _table_with_codes(name: str, table: object) -> object:
    if not isinstance(table, dict):
        return table
    rows = [_row_with_code(table, row) if isinstance(row, dict) else row for row in listed(table.get("rows"))]
    return {**table, "id": name, "rows": rows}


def _row_with_code(table: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "code": f"{row.get('section') or table.get('prefix') or ''}.{row.get('number', '')}".strip(".")}
