"""A school's workbook: the tables of the plan as schools know them, with checks that run while it is filled."""

from sync.outputs.school_workbook.building import build, build_blank
from sync.outputs.school_workbook.form import Fill, Form

__all__ = ["Fill", "Form", "build", "build_blank"]
