"""The values of sheets as a plain workbook, for what is kept because somebody typed where nobody reads."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime

from sync.answers.document import Rows


def workbook_of(there: Mapping[str, Rows], now: datetime) -> bytes:
    """The rows of each sheet, by its name, as an .xlsx without formats; the same ones give the same bytes."""
    from sync.outputs import styles

    content = io.BytesIO()
    book = styles.new_workbook(content, "", "", now.replace(tzinfo=None, microsecond=0))
    for title, rows in there.items():
        sheet = book.add_worksheet(title[:31])
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                sheet.write(number, column, value)
    book.close()
    return content.getvalue()
