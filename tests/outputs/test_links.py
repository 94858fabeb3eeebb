from __future__ import annotations

import io
import unicodedata
from pathlib import Path
from urllib.parse import quote

import openpyxl  # type: ignore[import-untyped, unused-ignore]
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import plan as plans
from sync.config import Office
from sync.consolidate import Facts, consolidate
from sync.outputs.office_workbook import build, lists
from sync.outputs.office_workbook.book import Book
from sync.outputs.office_workbook.links import LITERAL_LIMIT, Link, Links
from sync.outputs.office_workbook.lists import ListColumn
from tests.fakes.libreoffice import LibreOffice
from tests.outputs.office_facts import NOW, OFFICE, make_facts

ODD = (
    "Báo cáo (cuối).xlsx",
    "100% số #1.xlsx",
    "a%20b.xlsx",
    "c&d 'e' \"f\".xlsx",
    "q?.xlsx",
    "ă+b;c,d=e.xlsx",
    "BAOCAO(1).xlsx",
    "SORT(1).xlsx",
    unicodedata.normalize("NFD", "Trường hòa.xlsx"),
)
"""Names of files that schools might choose."""


def place(
    file: str | None,
    sheet: str | None = "Phụ lục",
    cell: str | None = "E7",
    source: str | None = "folder",
    seen: object = True,
) -> pd.DataFrame:
    row = {"file": file, "source": source, "in_sight": seen, "sheet": sheet, "cell": cell}
    return pd.DataFrame([row], dtype=object)


def cell_link(*args: object, **more: object) -> Link | str | None:
    return Links({"T01": "1AbC-d_E"}).cells(place(*args, **more))[0]  # type: ignore[arg-type]


def file_link(*args: object, **more: object) -> Link | str | None:
    return Links({"T01": "1AbC-d_E"}).files(place(*args, **more))[0]  # type: ignore[arg-type]


def workbook_of(links: list[Link | str | None]) -> bytes:
    book = Book(Office(name="Phòng"), NOW, "Thử")
    lists.write(book, book.add_sheet("Thử"), [ListColumn("Ô", 10, "code", links)], title="Thử", subtitles=[])
    return book.close()


def formulas_in(content: bytes) -> list[str]:
    sheet = openpyxl.load_workbook(io.BytesIO(content))["Thử"]
    return [sheet.cell(row, 2).value for row in range(lists.FIRST_ROW + 1, sheet.max_row + 1)]


def test_a_link_leads_to_the_cell_of_the_file_in_the_inbox() -> None:
    assert cell_link("Xã A/TH-02.xlsx") == Link('=HYPERLINK("../nhan/Xã A/TH-02.xlsx#\'Phụ lục\'!E7","E7")', "E7")
    assert file_link("TH-02.xlsx") == Link('=HYPERLINK("../nhan/TH-02.xlsx","TH-02.xlsx")', "TH-02.xlsx")


def test_a_link_to_a_google_sheet_is_its_address() -> None:
    link = Link('=HYPERLINK("https://docs.google.com/spreadsheets/d/1AbC-d_E","E7")', "E7")
    assert cell_link("T01.gsheet", source="google") == link
    assert cell_link("T02.gsheet", source="google") == "E7"


@pytest.mark.parametrize("seen", [False, None, float("nan")])
def test_a_file_that_is_out_of_sight_has_its_name_and_no_link(seen: object) -> None:
    assert file_link("TH-02.xlsx", seen=seen) == "TH-02.xlsx"
    assert cell_link("TH-02.xlsx", seen=seen) == "E7"


def test_where_nothing_is_known_there_is_nothing() -> None:
    assert file_link(None) is None
    assert cell_link("TH-02.xlsx", cell=None) is None


def test_without_a_usable_sheet_a_link_leads_to_the_file() -> None:
    for sheet in (None, "", "a#b", "100%25"):
        assert cell_link("a.xlsx", sheet) == Link('=HYPERLINK("../nhan/a.xlsx","E7")', "E7")
    assert cell_link("a.xlsx", "l'été") == Link("=HYPERLINK(\"../nhan/a.xlsx#'l''été'!E7\",\"E7\")", "E7")


@pytest.mark.parametrize(
    "path",
    [
        "virus.exe",
        "macro.lnk",
        "no-suffix",
        "..\\..\\x.xlsx",
        "a/../../x.xlsx",
        "a\x1bb.xlsx",
        "a\nb.xlsx",
        "😀.xlsx",
        "=1+1",
    ],
)
def test_what_is_no_document_of_the_inbox_is_not_opened(path: str) -> None:
    assert file_link(path) == path
    assert cell_link(path) == "E7"


def test_an_address_that_no_formula_holds_is_a_text() -> None:
    room = LITERAL_LIMIT - len("../nhan/.xlsx")
    assert isinstance(file_link("x" * room + ".xlsx"), Link)
    assert file_link("x" * (room + 1) + ".xlsx") == "x" * (room + 1) + ".xlsx"
    assert isinstance(cell_link("x" * (room - 12) + ".xlsx"), str)


@pytest.mark.parametrize("name", ODD)
def test_the_workbook_keeps_every_formula_as_it_is(name: str) -> None:
    link = file_link(name)
    assert isinstance(link, Link)
    assert formulas_in(workbook_of([link])) == [link.formula]


@given(st.text(st.characters(categories=("L", "M", "N", "P", "S", "Zs")), min_size=1, max_size=60))
def test_no_name_of_a_file_breaks_out_of_its_formula(name: str) -> None:
    link = file_link(f"{name}.xlsx")
    if isinstance(link, Link):
        inner = link.formula.removeprefix('=HYPERLINK("').removesuffix('")').replace('""', "")
        assert inner.replace('"&"', "").count('"') == 2
        assert link.text == f"{name}.xlsx"


def test_libreoffice_finds_every_oddly_named_file_and_its_cell(libreoffice: LibreOffice, tmp_path: Path) -> None:
    links = [cell_link(name) for name in ODD]
    (tmp_path / "tong-hop").mkdir()
    path = tmp_path / "tong-hop" / "links.xlsx"
    path.write_bytes(workbook_of(links))
    printed = libreoffice.convert(path, path.with_suffix(".pdf"), "pdf").read_bytes()
    found = {piece.split(b")\n")[0] for piece in printed.split(b"/URI(")[1:]}
    shown = {piece.split(b")>>")[0].replace(b"\\", b"") for piece in found}
    for name in ODD:
        target = quote(name, safe="&'()+,=")
        assert any(piece.startswith(f"../nhan/{target}#'Ph%E1%BB%A5%20l%E1%BB%A5c'!E7".encode()) for piece in shown), (
            name
        )


def test_the_rows_of_data_and_of_findings_open_their_cells() -> None:
    facts = make_facts(plans.load("thu-thua-2020-2025"), 8, seed=5, period="2024-2025/HK1")
    book = openpyxl.load_workbook(io.BytesIO(build(consolidate(facts), OFFICE, NOW)))
    entry, finding = facts.entries["activities"].iloc[3], facts.findings.iloc[0]
    file = facts.counted.set_index("id").loc[entry["receipt"], "path"]
    data = {cell.value: cell.column for cell in book["Dữ liệu"][1]}
    assert (
        book["Dữ liệu"].cell(5, data["Ô"]).value
        == f'=HYPERLINK("../nhan/{file}#\'Phụ lục\'!{entry["cell"]}","{entry["cell"]}")'
    )
    row = [cell.value for cell in book["Lỗi cần sửa"][8]]
    assert row[3] == f'=HYPERLINK("../nhan/{finding["file"]}","{finding["file"]}")'
    assert row[5].endswith(f'#\'{finding["sheet"]}\'!{finding["cell"]}","{finding["cell"]}")')


def test_the_rows_name_the_receipt_and_its_time() -> None:
    facts = make_facts(plans.load("thu-thua-2020-2025"), 8, seed=5, period="2024-2025/HK1")
    unlike = facts.receipts.assign(sha256=[f"{number:x}".rjust(3, "f") * 22 for number in facts.receipts["id"]])
    counted = facts.counted.assign(sha256=facts.counted["id"].map(unlike.set_index("id")["sha256"]))
    findings = facts.findings.assign(sha256=facts.findings["receipt"].map(unlike.set_index("id")["sha256"]))
    changed = Facts(**{**vars(facts), "receipts": unlike, "counted": counted, "findings": findings})
    book = openpyxl.load_workbook(io.BytesIO(build(consolidate(changed), OFFICE, NOW)), data_only=True)
    headings, *rows = book["Dữ liệu"].iter_rows(values_only=True)
    place = headings.index("Lần nhận")
    assert {row[place] for row in rows} == {sha[:12] for sha in counted["sha256"]}
    *_, head = book["Lỗi cần sửa"].iter_rows(max_row=7, values_only=True)
    shown = next(book["Lỗi cần sửa"].iter_rows(min_row=8, max_row=8, values_only=True))
    first = consolidate(changed).findings.iloc[0]
    assert shown[head.index("Lần nhận")] == first["sha256"][:12]
    received = first["received_at"].tz_convert("Asia/Ho_Chi_Minh").tz_localize(None)
    assert abs(shown[head.index("Thời điểm nhận")] - received) < pd.Timedelta(seconds=1)
