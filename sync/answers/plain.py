"""The values of sheets as a plain workbook, for what is kept because somebody typed where nobody reads."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime

from sync.answers.document import Rows

_CREATED = datetime(2020, 1, 1)  # noqa: DTZ001  # a property of the file, the same for ever


def workbook_of(there: Mapping[str, Rows]) -> bytes:
    """The rows of each sheet, by its name, as an .xlsx without formats; the same ones give the same bytes."""
    from sync.outputs import styles

    content = io.BytesIO()
    book = styles.new_workbook(content, "", "", _CREATED)
    for title, rows in there.items():
        sheet = book.add_worksheet(title[:31])
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                sheet.write(number, column, value)
    book.close()
    return content.getvalue()
