"""An appendix → the text of a plan.toml to complete. What the document cannot say is left empty and says so.

The fill-in columns and rules, the levels and the kinds of report are those of the plan that travels with the package:
its file is their one source.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import tomlkit
from tomlkit.items import AoT, Table
from tomlkit.toml_document import TOMLDocument

from sync import plan
from sync.plan import Plan
from sync.plan_import.appendix import Appendix

EXAMPLE = "thu-thua-2020-2025"
"""The shipped plan whose file is the example."""
_WIDTH = 15
_GAP = re.compile(r"\n{3,}")
_RULE = "-" * 64
_HEAD = """\
Kế hoạch nhập từ tệp {source}.
Mục và hoạt động được ghi đúng từng chữ, đúng số đã in. Hãy so lại với bản in, rồi điền những chỗ còn trống "".
Sau mỗi lần sửa, chạy: baocao plan check TỆP-NÀY. Lệnh đó cho biết còn thiếu gì và điền thế nào.
Ngày ghi không có dấu ngoặc kép, dạng năm-tháng-ngày, ví dụ 2026-01-20. Dòng bắt đầu bằng # là lời dặn."""
_GENERAL = {
    "code": "Mã kế hoạch: chữ thường không dấu, số và dấu -, ví dụ phong-chong-duoi-nuoc-2026-2030.",
    "starts_on": "Ngày bắt đầu và ngày kết thúc thực hiện kế hoạch.",
    "title": 'Tên văn bản, ví dụ "KẾ HOẠCH HÀNH ĐỘNG", và trích yếu nội dung.',
}
_DOCUMENT = "Văn bản ban hành kế hoạch; appendix_subject là dòng dưới tên phụ lục. Chỉ date là bắt buộc."
_LEVELS = """\
Các cấp học phải báo cáo. Xoá cấp không thuộc kế hoạch. Hoạt động chỉ dành cho một số cấp thì thêm vào hoạt động đó,
ví dụ: levels = ["TH", "THCS"]"""
_YEARS = """\
Các năm học trong thời gian của kế hoạch: mỗi năm học một khối như dưới đây, theo khung thời gian của năm học đó.
code ghi dạng 2026-2027."""
_CALENDAR = """\
Lịch báo cáo. Xoá kỳ mà kế hoạch không có. Hạn của trường (schools) và của đơn vị (office) ghi một trong ba cách:
{ due_days = 5 }: 5 ngày sau ngày cuối kỳ; { due_before = "11-10" }: trước ngày 10/11; riêng trường còn có
{ days_before_office = 9 }: 9 ngày trước hạn của đơn vị. Ai không phải báo cáo kỳ đó thì xoá dòng của người đó."""
_ACTIVITIES = """\
Bảng hoạt động. Cột trường phải điền và quy tắc kiểm tra lấy theo kế hoạch {example}; thêm bớt được."""
_ROWS = "Các hoạt động, đúng như bản in."


def draft(appendix: Appendix) -> str:
    """The plan file, as TOML with comments in Vietnamese; the same appendix gives the same text."""
    example, source = plan.load(EXAMPLE), _source()
    text = tomlkit.document()
    _comment(text, _HEAD.format(source=_plain(appendix.source)))
    text.add(tomlkit.nl())
    _add_general(text)
    text.add("document", _document())
    _comment(text, _LEVELS)
    text.add("levels", _listed(source["levels"].unwrap()))
    _comment(text, _YEARS)
    text.add("school_years", _years())
    _comment(text, _CALENDAR)
    text.add("calendar", _calendar(source["calendar"]))
    _comment(text, _RULE, _ACTIVITIES.format(example=EXAMPLE))
    tables = tomlkit.table(is_super_table=True)
    tables.add("activities", _activities(appendix, source["tables"]["activities"], example))
    text.add("tables", tables)
    return _GAP.sub("\n\n", tomlkit.dumps(text))


def _source() -> Mapping[str, Any]:
    return tomlkit.parse(plan.shipped_plans()[EXAMPLE].read_text(encoding="utf-8"))


def _comment(text: TOMLDocument | Table, *parts: str) -> None:
    for line in "\n".join(parts).splitlines():
        text.add(tomlkit.comment(line))


def _plain(name: str) -> str:
    """A file's name as a comment can hold it: no line breaks, no control signs."""
    return "".join(sign if sign.isprintable() else " " for sign in name)


def _add_general(text: TOMLDocument) -> None:
    values = {"schema": 1, "code": "", "version": "1", "starts_on": "", "ends_on": "", "title": "", "subject": ""}
    for key, value in values.items():
        if key in _GENERAL:
            _comment(text, _GENERAL[key])
        text.add(key, value)
    text.add(tomlkit.nl())


def _document() -> Table:
    document = tomlkit.table()
    _comment(document, _DOCUMENT)
    names = ("number", "place", "date", "issuer", "basis", "goal", "appendix_title", "appendix_subject")
    for name in (*names, "appendix_note"):
        document.add(name, "")
    document.add(tomlkit.nl())
    return document


def _years() -> AoT:
    span = {"starts_on": "", "ends_on": ""}
    return _listed([{"code": "", "semester_1": _inline(span), "year": _inline(span)}])


def _calendar(entries: Iterable[Mapping[str, Any]]) -> AoT:
    """The kinds of report that any plan has, with the due dates left open; what is made once is this plan's own."""
    kept = ("code", "title", "every", "covers")
    open_due = {who: _inline({}) for who in ("schools", "office")}
    return _listed(
        {
            **{name: entry[name] for name in kept if name in entry},
            **{who: due for who, due in open_due.items() if who in entry},
            "texts": [],
        }
        for entry in entries
        if entry["every"] != "once"
    )


def _activities(appendix: Appendix, source: Mapping[str, Any], example: Plan) -> Table:
    table = tomlkit.table()
    for name in ("sheet", "summary_sheet", "title", "row_name"):
        table.add(name, source[name])
    table.add("fixed", _fixed(appendix, source))
    table.add("columns", _listed(_column(each, example) for each in source["columns"]))
    # Figures of a table of statistics are not there to compare with.
    usable = {rule.rule.id for rule in example.rules["activities"] if not any("school." in name for name in rule.names)}
    table.add("rules", _listed(rule for rule in source["rules"] if rule["id"] in usable))
    if appendix.sections:
        table.add("sections", _listed({"code": code, "title": title} for code, title in appendix.sections))
    _comment(table, _ROWS)
    table.add("rows", _listed(_rows(appendix)))
    return table


def _rows(appendix: Appendix) -> Iterable[dict[str, Any]]:
    for row in appendix.rows:
        yield {**({"section": row.section} if row.section else {}), "number": row.number, **row.texts}


def _fixed(appendix: Appendix, source: Mapping[str, Any]) -> tomlkit.items.Array:
    widths = {each["id"]: each["width"] for each in source["fixed"]}
    columns = tomlkit.array().multiline(multiline=True)
    for name, heading in appendix.columns.items():
        columns.append(_inline({"id": name, "heading": heading or name, "width": widths.get(name, _WIDTH)}))
    return columns


def _column(column: Mapping[str, Any], example: Plan) -> dict[str, Any]:
    """A fill-in column without what is true of the example's days alone."""
    kept = dict(column)
    if kept["kind"] == "date" and kept.get("minimum") == example.starts_on:
        del kept["minimum"]
        day = f"{example.starts_on:%d/%m/%Y}"
        sentences = [each for each in kept["help"].rstrip(".").split(". ") if day not in each]
        kept["help"] = ". ".join(sentences) + "."
    return kept


def _inline(values: Mapping[str, Any]) -> tomlkit.items.InlineTable:
    table = tomlkit.inline_table()
    table.update(values)
    return table


def _listed(entries: Iterable[Mapping[str, Any]]) -> AoT:
    found = tomlkit.aot()
    for entry in entries:
        table = tomlkit.table()
        for key, value in entry.items():
            table.add(key, value)
        table.add(tomlkit.nl())
        found.append(table)
    return found
