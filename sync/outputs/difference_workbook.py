"""The workbook of an addendum: what was sealed before, and what is sealed now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sync.config import Office
from sync.decisions import COLUMNS, due_in
from sync.outputs.office_workbook import cells, formats, lists
from sync.outputs.office_workbook.book import Book
from sync.outputs.office_workbook.data_sheet import content_of
from sync.outputs.office_workbook.fitting import shortened
from sync.outputs.office_workbook.lists import ListColumn
from sync.outputs.office_workbook.standing_sheets import LABELS
from sync.periods import Period
from sync.plan import Plan, Table

if TYPE_CHECKING:
    from sync.sealing.state import Change, Difference

SCHOOLS, FIGURES = "Trường", "Số liệu"
_WHICH = {"reports": "Số trường có điền", "applies": "Số trường phải thực hiện"}
_CONTENT = 60.0
"""Characters; what a row is about stands on two lines, because it has many figures."""
_COUNTED = "Tệp được tính (SHA-256)"


def difference_workbook(plan: Plan, office: Office, period: Period, now: datetime, difference: Difference) -> bytes:
    """The workbook (xlsx) with the sheets `Trường` and `Số liệu`; the same arguments give the same bytes."""
    book = Book(office, now, f"Phần bổ sung – {period.title}")
    schools, figures = book.add_sheet(SCHOOLS), book.add_sheet(FIGURES)
    told = [f"{period.title}", f"Niêm phong bổ sung lúc {now:%H:%M} ngày {now:%d/%m/%Y}"]
    lists.write(book, schools, _of_schools(difference, period), title="THAY ĐỔI THEO TRƯỜNG", subtitles=told)
    lists.write(book, figures, _of_figures(plan, difference), title="THAY ĐỔI VỀ SỐ LIỆU", subtitles=told)
    return book.close()


def _of_schools(difference: Difference, period: Period) -> list[ListColumn]:
    rows = [
        *((each.key, "Tình trạng nộp", _standing(each.before), _standing(each.after)) for each in difference.standings),
        *((each.key, _COUNTED, _short(each.before), _short(each.after)) for each in difference.counted),
        *(_decision(each, period) for each in difference.decisions),
    ]
    columns = list(zip(*sorted(rows), strict=True)) or [()] * 4
    looks = (("Mã trường", 12.0), ("Điều thay đổi", 30.0), ("Bản trước", 36.0), ("Bản này", 46.0))
    return [ListColumn(name, width, "text", list(each)) for (name, width), each in zip(looks, columns, strict=True)]


def _standing(value: object) -> str:
    return next((label for name, label in LABELS.items() if name == value), "–")


def _short(value: object) -> str:
    return str(value)[:12] if value else "–"


def _decision(change: Change, period: Period) -> tuple[str, str, str, str]:
    school, _slash, column = change.key.rpartition("/")
    named = next(heading for name, heading in COLUMNS.items() if name == column)
    before, after = (_typed(column, str(value or ""), period) for value in (change.before, change.after))
    return school, named, before, after


def _typed(column: str, value: str, period: Period) -> str:
    """What the officer typed, a moment as people here write it."""
    moment = due_in(value, period) if column == "extended_to" else None
    return cells.local(moment, moment.tzinfo) if moment else value or "–"


def _of_figures(plan: Plan, difference: Difference) -> list[ListColumn]:
    words = [_words(plan, each.key.split("/")) for each in difference.figures]
    texts: list[Sequence[str]] = [list(each) for each in zip(*words, strict=True)] or [[]] * 4
    looks = (("Bảng", 16.0), ("Mã dòng", 9.0), ("Nội dung", _CONTENT), ("Số liệu", 26.0))
    before, after = ([float(value or 0) for value in each] for each in _values(difference))
    return [
        *(ListColumn(name, width, "text", list(each)) for (name, width), each in zip(looks, texts, strict=True)),
        ListColumn("Bản trước", 12.0, "whole", before),
        ListColumn("Bản này", 12.0, "whole", after),
        ListColumn("Tăng, giảm", 12.0, "whole", [new - old for old, new in zip(before, after, strict=True)]),
    ]


def _values(difference: Difference) -> tuple[list[float], list[float]]:
    changes = difference.figures
    return [float(each.before or 0) for each in changes], [float(each.after or 0) for each in changes]


def _words(plan: Plan, path: Sequence[str]) -> tuple[str, str, str, str]:
    """Sheet, code, content and which figure."""
    table = plan.tables[path[0]]  # type: ignore[index]  # a key out of the plan's own tables
    content = shortened(content_of(table, table.rows_by_code[path[-1]]), _CONTENT, formats.FONT_SIZE, lines=2)
    return table.summary_sheet, path[-1], content, _which(table, path[1:-1])


def _which(table: Table, path: Sequence[str]) -> str:
    if path[0] == "stages":
        choices = table.status_column.choices if table.status_column else ()
        return "Số trường: " + ", ".join(each.value for each in choices if each.stage == path[1])
    if path[0] in _WHICH:
        return _WHICH[path[0]]
    heading = table.columns_by_id[path[-1]].heading
    return f"{heading} ({path[1]})" if path[0] == "sums_by_level" else heading
