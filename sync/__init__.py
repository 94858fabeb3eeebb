"""baocao: schools report in their own workbooks; the office reads one consolidated workbook."""

__version__ = "0.1.0"
