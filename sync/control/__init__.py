"""dieu-hanh.xlsx, the officer's control workbook: who reports, what and until when, and extra days off."""

from sync.control.model import Control, ControlError, Problem, proposed
from sync.control.reading import read
from sync.control.writing import write

__all__ = ["Control", "ControlError", "Problem", "proposed", "read", "write"]
