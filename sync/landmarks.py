"""By what a school's workbook is recognised: the writer puts it there, the reader looks for it.

Light, because the reader's child processes import it.
"""

from collections.abc import Mapping

CODE_HEADING = "Mã"
"""Heading of the column that holds the row codes; with it a table is found wherever it stands."""
META_SHEET = "_meta"
"""The hidden sheet that says whose report it is: keys in the first column, values in the second."""
META_KEYS = ("plan", "template_version", "school", "period", "seal")
INFO_SHEET = "Thông tin"
"""The visible sheet that says it where the hidden one was lost: a label, its value to the right of it."""
INFO_IDENTITY: Mapping[str, str] = {"plan": "Mã kế hoạch", "school": "Mã trường", "period": "Mã kỳ báo cáo"}
"""The labels of `Thông tin` that identify a report, by key of META_KEYS."""
SHEET_MAGIC = b'{"baocao":"google-sheet"'
"""What the kept cells of a Google Sheet begin with."""
VERDICT_HEADING = "Kết quả kiểm tra"
"""Over the column in which a table's sheet itself says what is wrong in each row; right of it are its helpers."""
PROGRESS_SHEET = "Tiến độ nộp"
"""The sheet of the consolidated workbook that has the officer's columns."""
SCHOOL_HEADING = "Mã trường"
"""Heading of the column there that says whose row it is."""
BASE_SHEET = "_goc"
"""The hidden sheet of the consolidated workbook: the officer's columns as they were written, so that any copy of it can
be compared with itself. Some programs make a very hidden sheet a hidden one."""
BASE_KIND = "baocao-tong-hop"
BASE_KEYS = ("kind", "period", "run", "built_at")
"""What stands in its first rows, the key in the first column, the value in the second."""
