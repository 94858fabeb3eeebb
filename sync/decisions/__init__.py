"""What the officer decided in the marked columns of the consolidated workbook. Pure: decisions in, their effect out."""

from __future__ import annotations

from sync.decisions.model import COLUMNS, FIELDS, Decision, Decisions, Field, Returned, due_in

__all__ = ["COLUMNS", "FIELDS", "Decision", "Decisions", "Field", "Returned", "due_in"]
