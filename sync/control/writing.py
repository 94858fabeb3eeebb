"""Control → dieu-hanh.xlsx, as the officer gets it: lists, date checks and help where one types."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sync.control.extensions import rows_of
from sync.control.layout import PERIODS, SCHOOLS, SHEETS, Column, Sheet, key_forms
from sync.control.model import Control
from sync.periods import END_OF_DAY, Period
from sync.plan import Plan
from sync.text import column_letters
from sync.workspace import write_atomically

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

HEADING_ROW = 3
LAST_ROW = 2003
"""Zero-based; lists and checks reach down to here."""
LINE_POINTS = 16
"""The height of one line."""
_FONT = {"font_name": "Times New Roman", "font_size": 12}
_FORMATS: Mapping[str, Mapping[str, Any]] = {
    "title": {"bold": True, "font_size": 14},
    "note": {"italic": True, "text_wrap": True, "valign": "top"},
    "heading": {
        "bold": True,
        "text_wrap": True,
        "align": "center",
        "valign": "vcenter",
        "border": 1,
        "bg_color": "#DDEBF7",
    },
    "required": {
        "bold": True,
        "text_wrap": True,
        "align": "center",
        "valign": "vcenter",
        "border": 1,
        "bg_color": "#FFF2CC",
    },
    "text": {"num_format": "@", "text_wrap": True, "valign": "top"},
    "days": {"num_format": "@", "text_wrap": True, "valign": "top"},
    "level": {"num_format": "@", "valign": "top"},
    "school": {"num_format": "@", "valign": "top"},
    "day": {"num_format": "dd/mm/yyyy", "valign": "top", "align": "center"},
    "due": {"num_format": "dd/mm/yyyy", "valign": "top", "align": "center"},
    "due_hour": {"num_format": "dd/mm/yyyy hh:mm", "valign": "top", "align": "center"},
    "grid": {"border": 1},
}


def write(path: Path, control: Control, plan: Plan) -> Path:
    """Writes `control` to `path` and says where it is (see workspace.write_atomically)."""
    return write_atomically(path, to_bytes(control, plan))


def to_bytes(control: Control, plan: Plan) -> bytes:
    """The control workbook that says `control`; the same bytes for the same input."""
    import xlsxwriter

    stream = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_format_properties": dict(_FONT),
    }
    with xlsxwriter.Workbook(stream, options) as workbook:
        # Without a fixed moment the bytes would change from run to run.
        workbook.set_properties({"title": plan.subject[:250], "created": datetime.combine(plan.starts_on, time())})
        formats = {name: workbook.add_format({**_FONT, **look}) for name, look in _FORMATS.items()}
        for sheet, rows in _contents(control):
            _write_sheet(workbook, sheet, rows, plan, formats)
    return stream.getvalue()


def _contents(control: Control) -> Iterable[tuple[Sheet, list[dict[str, Any]]]]:
    schools = [
        {
            **{
                name: getattr(school, name)
                for name in ("code", "name", "level", "unit", "phone", "opened_on", "closed_on", "merged_into")
            },
            "emails": "; ".join(school.emails),
            "spreadsheet": f"https://docs.google.com/spreadsheets/d/{school.spreadsheet}" if school.spreadsheet else "",
            "head_emails": "; ".join(school.head_emails),
        }
        for school in control.schools
    ]
    periods = [row for period in control.periods for row in (_period_row(period), *rows_of(period))]
    days = [{"day": day, "name": name} for day, name in sorted(control.holidays.items())]
    former = [
        {"code": school.code, "until": each.until, "name": each.name, "level": each.level, "unit": each.unit}
        for school in control.schools
        for each in school.earlier
    ]
    return zip(SHEETS, (schools, periods, days, former), strict=True)


def _period_row(period: Period) -> dict[str, Any]:
    names = [column.id for column in PERIODS.columns if column.id not in ("only", "reminders", "note")]
    reminders = "; ".join(f"{day:%d/%m/%Y}" for day in period.reminders)
    return {**{name: getattr(period, name) for name in names}, "reminders": reminders}


def _write_sheet(
    workbook: Workbook, sheet: Sheet, rows: list[dict[str, Any]], plan: Plan, formats: Mapping[str, Format]
) -> None:
    worksheet = workbook.add_worksheet(sheet.name)
    _write_head(worksheet, sheet, formats)
    _set_up_print(worksheet, len(sheet.columns))
    for index, column in enumerate(sheet.columns):
        worksheet.set_column(index, index, column.width, formats[column.kind])
        worksheet.write_string(
            HEADING_ROW, index, column.heading, formats["required" if column.required else "heading"]
        )
        _validate(worksheet, index, column, plan)
    for number, row in enumerate(rows, HEADING_ROW + 1):
        lines = _lines(row, sheet)
        if lines > 1:
            # Not every program finds the height of wrapped text by itself.
            worksheet.set_row(number, LINE_POINTS * lines)
        for index, column in enumerate(sheet.columns):
            _write_cell(worksheet, number, index, row.get(column.id), column, formats)
    first = HEADING_ROW + 1
    typed = {"type": "formula", "criteria": f'=$A{first + 1}<>""', "format": formats["grid"]}
    worksheet.conditional_format(first, 0, LAST_ROW, len(sheet.columns) - 1, typed)


def _lines(row: Mapping[str, Any], sheet: Sheet) -> int:
    """How many lines the row's longest text is expected to take."""
    texts = [(row.get(column.id), column) for column in sheet.columns if column.kind in ("text", "days")]
    wrapped = [textwrap.wrap(text, int(column.width)) for text, column in texts if isinstance(text, str)]
    return max(map(len, wrapped), default=1)


def _write_head(worksheet: Worksheet, sheet: Sheet, formats: Mapping[str, Format]) -> None:
    last = len(sheet.columns) - 1
    width = sum(column.width for column in sheet.columns)
    worksheet.write_string(0, 0, sheet.title, formats["title"])
    worksheet.merge_range(1, 0, 1, last, sheet.note, formats["note"])
    worksheet.set_row(1, 17 * (1 + int(len(sheet.note) / width)))
    worksheet.set_row(HEADING_ROW, 34)
    worksheet.freeze_panes(HEADING_ROW + 1, min(2, last))
    worksheet.autofilter(HEADING_ROW, 0, LAST_ROW, last)


def _set_up_print(worksheet: Worksheet, columns: int) -> None:
    worksheet.set_paper(9)  # A4
    if columns > 4:
        worksheet.set_landscape()
    worksheet.set_margins(left=0.6, right=0.6, top=0.7, bottom=0.7)
    worksheet.fit_to_pages(1, 0)
    worksheet.repeat_rows(HEADING_ROW)
    worksheet.set_footer("&C&P/&N")


def _write_cell(
    worksheet: Worksheet, row: int, index: int, value: object, column: Column, formats: Mapping[str, Format]
) -> None:
    look = formats[column.kind]
    match value:
        case datetime() if value.time() == END_OF_DAY:
            worksheet.write_datetime(row, index, value.date(), look)
        case datetime() if value.time() == time():
            # A date alone means the end of the day, so its beginning must be spelt out.
            worksheet.write_string(row, index, f"{value:%d/%m/%Y %H:%M}", look)
        case datetime():
            worksheet.write_datetime(row, index, value.replace(tzinfo=None), formats["due_hour"])
        case date():
            worksheet.write_datetime(row, index, value, look)
        case str() if value:
            worksheet.write_string(row, index, value, look)


def _validate(worksheet: Worksheet, index: int, column: Column, plan: Plan) -> None:
    first, letter = HEADING_ROW + 1, column_letters(index)
    check: dict[str, Any] = {"validate": "any"}
    if column.kind == "level":
        check = {"validate": "list", "source": [level.code for level in plan.levels]}
        check["error_message"] = "Chọn một cấp học trong danh sách."
    elif column.kind == "school":
        # Not refused: codes are read in any case of letters.
        check = {"validate": "list", "source": _codes(), "error_type": "warning"}
        check["error_message"] = f"Mã này không có trong sheet {SCHOOLS.name}."
    elif column.kind in ("day", "due"):
        check = {"validate": "date", "criteria": "between", "minimum": date(1900, 3, 1), "maximum": date(2100, 12, 31)}
        check["error_message"] = "Đây không phải là ngày. " + column.help
    elif column.id == "key":
        # Not refused: a row that gives schools more time repeats the key of its period.
        check = {"validate": "custom", "value": f"={_own_rows(letter, first)}<=1", "error_type": "warning"}
        check["error_message"] = (
            "Mã kỳ này đã có ở dòng khác. Chỉ ghi lại mã kỳ ở dòng gia hạn cho riêng một số trường."
        )
    elif index == 0:
        range_ = f"${letter}${first + 1}:${letter}${LAST_ROW + 1}"
        check = {"validate": "custom", "value": f"=COUNTIF({range_},{letter}{first + 1})=1"}
        check["error_message"] = f"{column.heading} này đã có ở dòng khác."
    help_ = _key_help(plan) if column.id == "key" else column.help
    if help_:
        check |= {"input_title": column.heading, "input_message": help_[:255]}
    worksheet.data_validation(first, index, LAST_ROW, index, {**check, "error_title": column.heading})


def _codes() -> str:
    """The codes of the list of schools, as an Excel reference."""
    letter = column_letters([column.id for column in SCHOOLS.columns].index("code"))
    return f"='{SCHOOLS.name}'!${letter}${HEADING_ROW + 2}:${letter}${LAST_ROW + 1}"


def _own_rows(letter: str, first: int) -> str:
    """How many rows of whole periods have the key of the row that is checked, as an Excel expression."""
    only = column_letters([column.id for column in PERIODS.columns].index("only"))
    keys, codes = (f"${name}${first + 1}:${name}${LAST_ROW + 1}" for name in (letter, only))
    return f'COUNTIFS({keys},{letter}{first + 1},{codes},"")'


def _key_help(plan: Plan) -> str:
    examples = dict.fromkeys(form.example for form in key_forms(plan))
    return "Ghi theo một trong các dạng: " + "; ".join(examples) + "."
