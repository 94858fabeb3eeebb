from __future__ import annotations

import contextlib
import io
import random
import re
import struct
import unicodedata
import warnings
import zipfile
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment

from sync import plan as plans
from sync.checking import check_files, shipped_contexts
from sync.config import Office
from sync.outputs import layout as at
from sync.outputs.findings_workbook import HEADINGS, findings_workbook
from sync.outputs.layout import layout
from sync.outputs.returned import NotPatchable, ReceiptNote, ReturnedFinding, patched, suffix
from sync.outputs.returned.book import calculating
from sync.outputs.returned.sheet import with_findings
from sync.outputs.school_workbook import Form, build, front_sheets
from sync.periods import Period, due_moment
from sync.schools import School
from sync.text import address
from tests.fakes.libreoffice import LibreOffice
from tests.fakes.offices import fill_of

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
PLAN = plans.load("thu-thua-2020-2025")
SCHOOL = School("TH-01", "Trường Tiểu học Bình Minh", "TH", unit="Xã Bình Minh")
PERIOD = Period("2024-2025/HK1", "Học kỳ I", date(2024, 9, 5), date(2025, 1, 17), due_moment(date(2025, 1, 22), ZONE))
OFFICE = Office(name="Phòng Giáo dục và Đào tạo")
NOTE = ReceiptNote(datetime(2025, 1, 18, 9, 5, tzinfo=ZONE), "to_mend", version=2, counted=1)
ACTIVITIES, STATISTICS = (layout(PLAN)[name] for name in ("activities", "statistics"))
WORKBOOK = "xl/workbook.xml"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c63606060f80f00010401005fe5c34b0000000049454e44ae426082"
)

FIRST, LAST = at.FINDINGS_FIRST_ROW + 1, at.FINDINGS_FIRST_ROW + at.FINDINGS_ROWS
Spot = tuple[str, str]


def finding(
    spot: Spot, severity: str = "error", message: str = "Văn bản này không có.", **more: Any
) -> ReturnedFinding:
    """A finding that no formula of the workbook could know."""
    cell = ACTIVITIES.cell(*spot)
    return ReturnedFinding("office", severity, message, "Xem lại.", "activities", ACTIVITIES.sheet, cell, **more)


MISSING = ReturnedFinding("sheet-missing", "error", "Thiếu sheet Số liệu.", "Dùng tệp đã gửi.")
SOME = [finding(("I.7", "evidence")), finding(("I.3", "results"), "warning"), MISSING]
OTHERS = [finding(("I.2", "results")), finding(("IV.1", "children"), "warning"), MISSING]
MARKED = {("I.7", "evidence"): at.MARK_ERROR, ("I.3", "results"): at.MARK_WARNING}
OTHERS_MARKED = {("I.2", "results"): at.MARK_ERROR, ("IV.1", "children"): at.MARK_WARNING}


def received(fill: Mapping[Any, Any] | None = None) -> bytes:
    """A workbook as our builder makes it, filled by a school."""
    return build(Form(PLAN, SCHOOL, PERIOD, OFFICE, seal="0123abcd"), fill_of() if fill is None else fill)


def with_drawings() -> bytes:
    """A workbook of XlsxWriter's with a picture, a comment, a text box, a sparkline and a link in it."""
    plain = front_sheets.draw_guide

    def draw(sheet: Any, *others: Any) -> None:
        plain(sheet, *others)
        sheet.insert_image("G2", "p.png", {"image_data": io.BytesIO(PNG)})
        sheet.write_comment("G3", "Nhớ hỏi lại <hiệu trưởng>")
        sheet.insert_textbox("G8", "Ghi chú của trường")
        sheet.add_sparkline("H1", {"range": "A1:D1"})
        sheet.write_url("H3", "https://example.vn/")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(front_sheets, "draw_guide", draw)
        return received()


def with_additions() -> bytes:
    """A workbook that openpyxl saved, with an added sheet in front, a chart and comments, one of them on `Kiểm tra`."""
    book = openpyxl.load_workbook(io.BytesIO(received()))
    added = book.create_sheet("Ghi chú", 0)
    added.append(["a", 1])
    chart = BarChart()
    chart.add_data(Reference(added, min_col=2, min_row=1))
    added.add_chart(chart, "D2")
    for sheet in (added, book[at.FINDINGS_SHEET]):
        sheet["B1"].comment = Comment("Ý kiến", "Trường")
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def saved(office: LibreOffice, folder: Path, content: bytes) -> bytes:
    """`content` as LibreOffice saves it, with whatever it had stored."""
    (folder / "in.xlsx").write_bytes(content)
    return office.convert(folder / "in.xlsx", folder / "out.xlsx", recalculate=False).read_bytes()


@pytest.fixture(scope="module", params=["xlsxwriter", "drawings", "additions", "libreoffice", "libreoffice-additions"])
def file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A received file of each origin."""
    makers = {"xlsxwriter": received, "drawings": with_drawings, "additions": with_additions}
    if request.param in makers:
        return makers[request.param]()
    office: LibreOffice = request.getfixturevalue("libreoffice")
    content = with_additions() if request.param.endswith("additions") else received()
    return saved(office, tmp_path_factory.mktemp("saved"), content)


def members(content: bytes) -> dict[str, tuple[Any, ...]]:
    """Everything that the zip directory says of each member, and its bytes as they are packed, in their order."""
    found = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        for info in archive.infolist():
            name, extra = struct.unpack_from("<2H", content, info.header_offset + 26)
            start = info.header_offset + 30 + name + extra
            packed = content[start : start + info.compress_size]
            about = (info.date_time, info.external_attr, info.create_system, info.extra, info.comment)
            found[info.filename] = (*about, info.compress_type, info.flag_bits, info.CRC, packed)
    return found


def part(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name)


def findings_part(content: bytes) -> str:
    """The name of the part of `Kiểm tra`, found by its formula."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
        return next(name for name in sheets if b"COUNTA($A$14:$A$213)" in archive.read(name))


def replaced(content: bytes, parts: Mapping[str, bytes | None]) -> bytes:
    """`content` packed anew with other parts; None leaves one out."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for info in source.infolist():
            data = parts.get(info.filename, source.read(info))
            if data is not None:
                copy.writestr(info, data)
        for name in parts.keys() - set(source.namelist()):
            copy.writestr(name, parts[name] or b"")
    return target.getvalue()


def rows_told(content: bytes) -> list[tuple[Any, ...]]:
    """The rows of findings that are filled, without the hidden key."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl knows no sparklines
        sheet = openpyxl.load_workbook(io.BytesIO(content))[at.FINDINGS_SHEET]
    rows = sheet.iter_rows(min_row=FIRST, max_row=LAST, min_col=2, max_col=7, values_only=True)
    return [row for row in rows if any(row)]


def marks(office: LibreOffice, path: Path, content: bytes) -> dict[Spot, object]:
    """The marks of I.2 … that LibreOffice shows when it merely opens the file."""
    path.write_bytes(content)
    spots = [*MARKED, *OTHERS_MARKED]
    with office.open(path) as book:
        places = {spot: address(ACTIVITIES.rows[spot[0]], ACTIVITIES.mark_columns[spot[1]]) for spot in spots}
        found = {spot: book.read_cell(ACTIVITIES.sheet, place) for spot, place in places.items()}
    return {spot: mark for spot, mark in found.items() if mark}


# What changes in the file.


def test_every_other_part_is_byte_for_byte_what_the_school_sent(file: bytes) -> None:
    copy, concerned = patched(file, SOME, NOTE), {WORKBOOK, findings_part(file)}
    before, after = members(file), members(copy)
    assert list(after) == list(before)
    assert {name for name in before if before[name] != after[name]} <= concerned
    assert {name: after[name][0] for name in concerned} == {name: before[name][0] for name in concerned}


def test_the_changed_parts_say_of_themselves_what_the_directory_says(file: bytes) -> None:
    copy = patched(file, SOME, NOTE)
    with zipfile.ZipFile(io.BytesIO(copy)) as archive:
        for info in map(archive.getinfo, (WORKBOOK, findings_part(file))):
            _, flags, method, _, _, crc, packed, size = struct.unpack_from("<5H3L", copy, info.header_offset + 4)
            assert flags & 8 == info.flag_bits & 8 == 0
            assert (method, crc, packed, size) == (8, info.CRC, info.compress_size, info.file_size)


def test_of_the_workbook_part_only_the_calculation_setting_changes(file: bytes) -> None:
    before, after = part(file, WORKBOOK), part(patched(file, SOME), WORKBOOK)
    calc = re.compile(rb"<calcPr[^>]*>")
    assert calc.sub(b"", after) == calc.sub(b"", before)
    told = dict(etree.fromstring(calc.findall(after)[0]).attrib)
    kept = dict(etree.fromstring(calc.findall(before)[0]).attrib)
    assert told == {**kept, "fullCalcOnLoad": "1"}


@pytest.mark.parametrize(
    ("workbook", "expected"),
    [
        (
            '<w><sheets/><calcPr calcId="1"></calcPr></w>',
            '<w><sheets/><calcPr calcId="1" fullCalcOnLoad="1"></calcPr></w>',
        ),
        ("<w><sheets/><calcPr fullCalcOnLoad = '0' /></w>", '<w><sheets/><calcPr fullCalcOnLoad="1"/></w>'),
        ("<w><sheets></sheets><oleSize/></w>", '<w><sheets></sheets><calcPr fullCalcOnLoad="1"/><oleSize/></w>'),
        ("<w><sheets/><definedNames/></w>", '<w><sheets/><definedNames/><calcPr fullCalcOnLoad="1"/></w>'),
        ('<x:w xmlns:x="u"><x:sheets/></x:w>', '<x:w xmlns:x="u"><x:sheets/><x:calcPr fullCalcOnLoad="1"/></x:w>'),
    ],
)
def test_a_workbook_part_of_any_writing_is_set_to_calculate(workbook: str, expected: str) -> None:
    assert calculating(workbook.encode()).decode() == expected


def test_of_the_sheet_only_findings_receipts_and_waiting_values_change(file: bytes) -> None:
    name = findings_part(file)
    before, after = (_outside(part(content, name)) for content in (file, patched(file, SOME, NOTE)))
    assert after == before


def _outside(data: bytes) -> str:
    """The sheet without what belongs to findings."""
    root = etree.fromstring(data)
    for row in root.iterfind("{*}sheetData/{*}row"):
        number = int(row.get("r", ""))
        if FIRST <= number <= LAST:
            for cell in row:
                cell.attrib.pop("t", None)
                for child in list(cell):
                    cell.remove(child)
            for size in ("ht", "customHeight"):
                row.attrib.pop(size, None)
    for ref in ("B2", "B3", "A12", "B4"):
        head = root.find(f".//{{*}}c[@r='{ref}']")
        assert head is not None
        for child in [each for each in head if etree.QName(each).localname != "f"]:
            head.remove(child)
        if ref in ("B2", "B3"):
            head.attrib.pop("t", None)
    links = root.find("{*}hyperlinks")
    if links is not None:
        root.remove(links)
    return etree.tostring(root, method="c14n").decode()


def test_the_same_verdict_gives_the_same_bytes_in_whatever_order_it_comes(file: bytes) -> None:
    assert patched(file, SOME[::-1], NOTE) == patched(file, SOME, NOTE)


def test_a_verdict_replaces_the_last_one_without_a_trace(file: bytes) -> None:
    name = findings_part(file)
    for told in ([], SOME[:1], SOME):
        again = patched(patched(file, [*OTHERS, *SOME], NOTE), told, NOTE)
        assert part(again, name).count(b"<is>") == part(patched(file, told, NOTE), name).count(b"<is>")
        assert rows_told(again) == rows_told(patched(file, told, NOTE))


# What is told.


def test_findings_stand_in_the_order_of_sheets_rows_and_columns() -> None:
    told = [
        ReturnedFinding("x", "warning", "sau", "", "statistics", STATISTICS.sheet, "E9"),
        finding(("I.3", "results"), "warning", "cùng ô"),
        finding(("II.1", "evidence")),
        finding(("I.3", "results"), message="cùng ô, nặng hơn"),
        finding(("I.3", "status")),
        MISSING,
    ]
    rows = [(row[1], row[2], row[0]) for row in rows_told(patched(received(), told))]
    spots = [("I.3", "status"), ("I.3", "results"), ("I.3", "results"), ("II.1", "evidence")]
    severities = ["Lỗi", "Lỗi", "Cảnh báo", "Lỗi"]
    assert rows == [
        (None, None, "Lỗi"),
        *[("Phụ lục", ACTIVITIES.cell(*spot), name) for spot, name in zip(spots, severities, strict=True)],
        ("Số liệu", "E9", "Cảnh báo"),
    ]


def test_each_finding_leads_to_its_cell(file: bytes) -> None:
    root = etree.fromstring(part(patched(patched(file, OTHERS), SOME), findings_part(file)))
    links = [(link.get("ref"), link.get("location")) for link in root.iterfind("{*}hyperlinks/{*}hyperlink")]
    first, second = ACTIVITIES.cell("I.3", "results"), ACTIVITIES.cell("I.7", "evidence")
    assert links == [(f"D{FIRST + 1}", f"'Phụ lục'!{first}"), (f"D{FIRST + 2}", f"'Phụ lục'!{second}")]


def test_no_link_leads_to_a_sheet_that_is_not_there() -> None:
    told = [ReturnedFinding("x", "error", "m", "f", "activities", "Trang khác", "B2")]
    assert b"hyperlink " not in part(patched(received(), told), findings_part(received()))


NASTY = [
    "=cmd|' /C calc'!A0",
    "<r><t>&amp;</t></r>",
    "]]><c/>",
    "_x0041_ and _x005F_",
    "\x00\x1b[31m\ud800\uffff",
    " hai đầu \n hai dòng\r\nba",
    "@SUM(1+1)",
    "e\u0301 \U0001f600",
]


@pytest.mark.parametrize("text", NASTY)
def test_texts_stay_texts(text: str, libreoffice: LibreOffice, tmp_path: Path) -> None:
    copy = patched(received(), [finding(("I.1", "results"), message=f"Thấy {text}", value=text)])
    path = tmp_path / "a.xlsx"
    path.write_bytes(copy)
    expected = re.sub("[\x00\x1b\ud800\uffff]", "\ufffd", text).replace("\r", "")
    with libreoffice.open(path) as book:
        assert book.read(at.FINDINGS_SHEET, f"E{FIRST}:F{FIRST}") == [[expected, f"Thấy {expected}"]]
        assert book.read_formulas(at.FINDINGS_SHEET, f"E{FIRST}")[0][0].lstrip("'") == expected


def test_a_long_value_is_cut_and_numbers_are_plain() -> None:
    values: list[Any] = ["x" * 5000, 3.0, 98.5, None, float("nan")]
    codes = [row.code for row in PLAN.tables["activities"].rows]
    told = [finding((code, "results"), value=value) for code, value in zip(codes, values, strict=False)]
    rows = rows_told(patched(received(), told))
    assert [row[3] for row in rows] == ["x" * 200 + "…", "3", "98.5", None, None]


def test_what_does_not_fit_is_counted_and_errors_go_first() -> None:
    codes = [row.code for row in PLAN.tables["activities"].rows]
    told = [finding((code, "results"), "warning", f"w{number}") for number in range(10) for code in codes]
    told += [finding((code, "evidence"), message=f"e{number}") for number in range(5) for code in codes]
    rows = rows_told(patched(received(), told))
    assert len(rows) == at.FINDINGS_ROWS
    assert sum(row[0] == "Lỗi" for row in rows) == 100
    assert rows[-1] == (None, None, None, None, "Còn 101 lỗi và cảnh báo nữa không ghi hết ở đây. "
                        "Sửa những mục trên rồi gửi lại.", None)  # fmt: skip
    again = patched(patched(received(), told), told[: at.FINDINGS_ROWS])
    assert len(rows_told(again)) == at.FINDINGS_ROWS
    assert [row[4] for row in rows_told(again) if str(row[4]).startswith("Còn")] == []


def receipt_texts(note: ReceiptNote | None, told: list[ReturnedFinding]) -> list[Any]:
    sheet = openpyxl.load_workbook(io.BytesIO(patched(received(), told, note)))[at.FINDINGS_SHEET]
    return [sheet["B2"].value, sheet["B3"].value]


def test_an_accepted_report_gets_a_receipt() -> None:
    moment = datetime(2025, 1, 18, 9, 5, tzinfo=ZONE)
    note = ReceiptNote(moment, "accepted", version=2, accepted_at=moment.replace(hour=20))
    accepted = "Đạt lúc 20:05 ngày 18/01/2025; bản này được tính."
    first = "Đã nhận lúc 09:05 ngày 18/01/2025 (lần nhận thứ 2)."
    assert receipt_texts(note, []) == [first, accepted]
    assert receipt_texts(note, [SOME[1]]) == [first, f"{accepted} 1 cảnh báo cần xem lại bên dưới."]
    assert receipt_texts(None, []) == [None, None]


def test_a_report_to_be_mended_says_what_to_do_and_what_counts_meanwhile() -> None:
    assert receipt_texts(NOTE, SOME)[1] == (
        "Chưa đạt: 2 lỗi, 1 cảnh báo. Sửa các ô được tô ngay trong tệp này rồi gửi lại. "
        "Bản nhận lần thứ 1 đã đạt và vẫn được tính."
    )


def test_a_protected_view_does_not_say_that_all_is_well() -> None:
    # It shows the stored values, and those were calculated before the verdict.
    sheet = openpyxl.load_workbook(io.BytesIO(patched(received(), SOME)), data_only=True)[at.FINDINGS_SHEET]
    assert sheet["B4"].value == "Đơn vị quản lý trả về 2 lỗi, 1 cảnh báo, xem bên dưới."


# What LibreOffice makes of it.


def test_marks_show_when_the_copy_is_merely_opened(file: bytes, libreoffice: LibreOffice, tmp_path: Path) -> None:
    path = tmp_path / "copy.xlsx"
    assert marks(libreoffice, path, file) == {}
    copy = patched(file, SOME, NOTE)
    assert marks(libreoffice, path, copy) == MARKED
    # As many findings elsewhere: the stored number of findings is the new one already.
    for sent_back in (copy, saved(libreoffice, tmp_path, copy)):
        assert marks(libreoffice, path, patched(sent_back, OTHERS, NOTE)) == OTHERS_MARKED
        assert marks(libreoffice, path, patched(sent_back, [])) == {}


def test_clearing_the_rows_clears_the_marks(libreoffice: LibreOffice, tmp_path: Path) -> None:
    path = tmp_path / "copy.xlsx"
    path.write_bytes(patched(received(), SOME))
    with libreoffice.open(path) as book:
        cells = [(f"{column}{row}", "", "text") for row in range(FIRST, FIRST + 3) for column in "ABCDEFG"]
        book.set_cells(at.FINDINGS_SHEET, cells)  # type: ignore[arg-type]
        mark = address(ACTIVITIES.rows["I.7"], ACTIVITIES.mark_columns["evidence"])
        assert book.read_cell(ACTIVITIES.sheet, mark) == 0


def test_the_total_says_that_the_office_found_something(libreoffice: LibreOffice, tmp_path: Path) -> None:
    path = tmp_path / "copy.xlsx"
    path.write_bytes(patched(received(), SOME))
    with libreoffice.open(path) as book:
        total = str(book.read_cell(at.FINDINGS_SHEET, "B4"))
    assert total == "Còn 1 ô phải sửa, 0 dòng chưa điền. Ngoài ra còn 1 lỗi của cả tệp, xem bên dưới."


# Sent back.


def verdict(path: Path, content: bytes) -> dict[str, Any]:
    path.write_bytes(content)
    (found,), _failures = check_files([path], shipped_contexts())
    return {name: value for name, value in found.items() if name != "file"}


def test_a_copy_sent_back_reads_as_if_nothing_had_been_written_into_it(
    file: bytes, libreoffice: LibreOffice, tmp_path: Path
) -> None:
    plain, copy = verdict(tmp_path / "a.xlsx", file), patched(file, SOME, NOTE)
    assert plain["accepted"]
    assert verdict(tmp_path / "a.xlsx", copy) == plain
    assert verdict(tmp_path / "a.xlsx", saved(libreoffice, tmp_path, copy)) == plain


def test_a_copy_that_was_mended_is_accepted(libreoffice: LibreOffice, tmp_path: Path) -> None:
    spot = ("activities", "I.1", "sessions")
    faulty = received(fill_of({spot: -2}))
    assert not verdict(tmp_path / "a.xlsx", faulty)["accepted"]
    (tmp_path / "copy.xlsx").write_bytes(patched(faulty, [finding(("I.1", "sessions")), *SOME], NOTE))
    with libreoffice.open(tmp_path / "copy.xlsx") as book:
        book.set_cell(ACTIVITIES.sheet, ACTIVITIES.cell("I.1", "sessions"), 0)
        mended = book.save_as(tmp_path / "mended.xlsx").read_bytes()
    assert verdict(tmp_path / "a.xlsx", mended)["accepted"]
    assert rows_told(mended) != []
    assert marks(libreoffice, tmp_path / "b.xlsx", patched(mended, [], NOTE)) == {}


# Files of other programs, and files that cannot be patched.


def test_cells_that_a_program_dropped_are_made_again(libreoffice: LibreOffice, tmp_path: Path) -> None:
    content = received()
    name = findings_part(content)
    bare = re.sub(rb'<row r="(1[5-9]|[2-9]\d|1\d\d|2\d\d)" [^>]*>(<c [^>]*/>)*</row>', b"", part(content, name))
    bare = re.sub(rb'<c r="[ACF]14" [^>]*/>', b"", bare).replace(b'"A1:G213"', b'"B1:G14"')
    dropped = replaced(content, {name: bare})
    copy = patched(dropped, SOME, NOTE)
    assert rows_told(copy) == rows_told(patched(content, SOME, NOTE))
    assert b'<dimension ref="A1:G16"/>' in part(copy, name)
    assert marks(libreoffice, tmp_path / "a.xlsx", copy) == MARKED


def test_rows_and_cells_without_addresses_are_counted() -> None:
    content = received()
    name = findings_part(content)
    data = re.sub(rb'<row r="(5|11)"[^>]*/>', b"", part(content, name))
    for gap in (5, 11):
        data = data.replace(b'<row r="%d"' % (gap + 1), b'<row r="%d"/><row r="%d"' % (gap, gap + 1))
    bare = re.sub(rb'(<row) r="\d+"', rb"\1", data)
    bare = re.sub(rb'<c r="[A-G](1[4-9]|[2-9]\d|\d{3})"', b"<c", bare)
    assert rows_told(patched(replaced(content, {name: bare}), SOME)) == rows_told(patched(content, SOME))


@pytest.mark.parametrize("name", ["kiểm  tra ", unicodedata.normalize("NFD", "Kiểm tra"), "KIỂM TRA"])
def test_the_sheet_is_known_in_spite_of_its_spelling(name: str) -> None:
    content = received()
    workbook = part(content, WORKBOOK).replace('name="Kiểm tra"'.encode(), f'name="{name}"'.encode())
    part_name = findings_part(content)
    copy = patched(replaced(content, {WORKBOOK: workbook}), SOME)
    assert part(copy, part_name) == part(patched(content, SOME), part_name)


def test_the_sheet_is_found_by_its_relation_and_not_by_its_place(libreoffice: LibreOffice, tmp_path: Path) -> None:
    content, name = received(), findings_part(received())
    moved = {
        name: None,
        "xl/other/found.xml": part(content, name),
        "xl/_rels/workbook.xml.rels": part(content, "xl/_rels/workbook.xml.rels").replace(
            b'"worksheets/sheet7.xml"', b'"/xl/x/../other/found.xml"'
        ),
        "[Content_Types].xml": part(content, "[Content_Types].xml").replace(b"worksheets/sheet7", b"other/found"),
    }
    copy = patched(replaced(content, moved), SOME)
    assert part(copy, "xl/other/found.xml") == part(patched(content, SOME), name)


def test_a_workbook_with_macros_keeps_its_suffix() -> None:
    content = received()
    types = part(content, "[Content_Types].xml").replace(
        b"vnd.openxmlformats-officedocument.spreadsheetml.sheet.main", b"vnd.ms-excel.sheet.macroEnabled.main"
    )
    macros = replaced(content, {"[Content_Types].xml": types, "xl/vbaProject.bin": b"\xd0\xcf"})
    assert (suffix(content), suffix(macros), suffix(patched(macros, SOME))) == (".xlsx", ".xlsm", ".xlsm")


def _deleted(content: bytes) -> bytes:
    workbook = re.sub('<sheet name="Kiểm tra"[^>]*/>'.encode(), b"", part(content, WORKBOOK))
    return replaced(content, {WORKBOOK: workbook})


def _sheet(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    name = findings_part(content)
    return replaced(content, {name: change(part(content, name))})


def _overlapping(content: bytes) -> bytes:
    """Two members of the directory lead to the same bytes."""
    heads = [found.start() for found in re.finditer(b"PK\1\2", content)]
    first = content[heads[0] + 42 : heads[0] + 46]
    return content[: heads[1] + 42] + first + content[heads[1] + 46 :]


UNFIT: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda _: b"",
    "no zip": lambda _: b"PK\3\4 and then nothing",
    "an old workbook": lambda _: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000),
    "cut short": lambda content: content[:-5000],
    "without its workbook": lambda content: replaced(content, {WORKBOOK: None}),
    "the sheet deleted": _deleted,
    "the part missing": lambda content: replaced(content, {findings_part(content): None}),
    "no xml": lambda content: _sheet(content, lambda _: b"<worksheet"),
    "an entity": lambda content: _sheet(content, lambda data: data.replace(b"<worksheet", b"<!DOCTYPE w><worksheet")),
    "findings elsewhere": lambda content: _sheet(content, lambda data: data.replace(b"$A$14:$A$213", b"$A$15:$A$214")),
    "a formula there": lambda content: _sheet(
        content, lambda data: re.sub(rb'<c r="C20" s="(\d+)"/>', rb'<c r="C20" s="\1"><f>1+1</f><v>2</v></c>', data)
    ),
    "rows twice": lambda content: _sheet(content, lambda data: data.replace(b'<row r="15"', b'<row r="14"')),
    "a bomb": lambda content: _sheet(content, lambda data: data + b" " * (200 << 20)),
    "members that overlap": _overlapping,
}


@pytest.mark.parametrize("kind", UNFIT)
def test_a_file_that_cannot_be_patched_is_refused(kind: str) -> None:
    with pytest.raises(NotPatchable):
        patched(UNFIT[kind](received()), SOME)


PLAIN = received()


@given(st.integers(0, 2**32), st.integers(1, 30))
def test_a_damaged_file_is_patched_or_refused_and_nothing_else(seed: int, count: int) -> None:
    chance = random.Random(seed)
    damaged = bytearray(PLAIN)
    edges = [0, len(PLAIN) - 3000]
    for _ in range(count):
        at_byte = min(chance.choice(edges) + chance.randrange(3000), len(PLAIN) - 1)
        damaged[at_byte] = chance.randrange(256)
    with contextlib.suppress(NotPatchable):
        patched(bytes(damaged), SOME, NOTE)


@given(st.integers(0, 2**32))
def test_a_damaged_sheet_is_patched_or_refused_and_nothing_else(seed: int) -> None:
    chance, name = random.Random(seed), findings_part(PLAIN)
    tokens = [token for token in re.split(rb"(<[^>]*>)", part(PLAIN, name)) if token]
    for _ in range(5):
        one = chance.randrange(len(tokens))
        tokens[one] = chance.choice([b"", tokens[chance.randrange(len(tokens))], tokens[one] * 2])
    with contextlib.suppress(NotPatchable):
        with_findings(b"".join(tokens), [], [], None)


# The workbook of findings alone.


def test_the_workbook_of_findings_lists_them_all() -> None:
    content = findings_workbook(SOME, SCHOOL, PERIOD, NOTE, PLAN, OFFICE, "báo cáo.xls")
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    rows = [row for row in sheet.iter_rows(values_only=True) if any(row)]
    at_heading = next(index for index, row in enumerate(rows) if row == HEADINGS)
    assert [row[0] for row in rows[2:at_heading]] == [
        "KẾT QUẢ KIỂM TRA BÁO CÁO",
        "Trường Tiểu học Bình Minh (TH-01) – Học kỳ I",
        "Tệp: báo cáo.xls",
        "Đã nhận lúc 09:05 ngày 18/01/2025 (lần nhận thứ 2).",
        "Chưa đạt: 2 lỗi, 1 cảnh báo. Sửa những mục dưới đây trong tệp của trường rồi gửi lại. "
        "Bản nhận lần thứ 1 đã đạt và vẫn được tính.",
    ]
    first, second = ACTIVITIES.cell("I.3", "results"), ACTIVITIES.cell("I.7", "evidence")
    assert [tuple(row[:4]) for row in rows[at_heading + 1 :]] == [
        (1, "Lỗi", "", ""),
        (2, "Cảnh báo", "Phụ lục", first),
        (3, "Lỗi", "Phụ lục", second),
    ]
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.page_setup.fitToHeight) == (
        "landscape",
        9,
        0,
    )
    assert {cell.font.name for row in sheet.iter_rows() for cell in row if cell.value} == {"Times New Roman"}


def test_the_workbook_of_findings_takes_any_text_and_is_always_the_same() -> None:
    told = [finding(("I.1", "results"), message=text, value=text) for text in NASTY]
    one = findings_workbook(told, SCHOOL, PERIOD, None, PLAN, OFFICE)
    assert one == findings_workbook(told[::-1], SCHOOL, PERIOD, None, PLAN, OFFICE)
    cells = [cell for row in openpyxl.load_workbook(io.BytesIO(one)).active.iter_rows() for cell in row]
    assert not [cell.value for cell in cells if cell.data_type == "f"]
