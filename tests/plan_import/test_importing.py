"""A printed appendix in Word or Excel gives sections and activities word for word, and a plan file to complete."""

from __future__ import annotations

import io
import os
import re
import tomllib
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from docx import Document
from docx.oxml import parse_xml
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import plan
from sync.config import Office
from sync.outputs.school_workbook import Form, build
from sync.periods import proposed
from sync.plan_import import Appendix, PlanImportError, import_plan
from sync.plan_import.appendix import PrintedRow, read_appendix
from sync.plan_import.documents import of_excel, of_word
from sync.plan_import.drafting import draft
from sync.plan_import.printed import PrintedTable
from sync.plan_import.reading import LIMITS, tables_in
from sync.schools import School
from sync.text import collapse
from tests.fakes.offices import ZONE
from tests.plan_import.papers import HEADINGS, Rows, add_table, excel, printed_rows, saved, word

PLAN = plan.load("thu-thua-2020-2025")
TABLE = PLAN.tables["activities"]
SECTIONS = [(section.code, section.title) for section in TABLE.sections]
ACTIVITIES = {row.code: [row.text(name) for name in ("content", "lead", "partners", "time")] for row in TABLE.rows}
ONE = [HEADINGS, ["I", "Mục một", "", "", ""], ["1", "Việc", "Phòng", "Trường", "2026"]]
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


pytestmark = pytest.mark.usefixtures("english")


def of_document(content: bytes, table: int | None = None) -> Appendix:
    return read_appendix("a.docx", of_word(content), table)


def of_workbook(content: bytes, table: int | None = None) -> Appendix:
    return read_appendix("a.xlsx", of_excel(content, 20, 100_000), table)


def of_rows(*rows: Sequence[str | None]) -> Appendix:
    return read_appendix("a", [PrintedTable(1, "", rows)])


def activities(appendix: Appendix) -> dict[str, list[str]]:
    return {row.code: list(row.texts.values()) for row in appendix.rows}


def is_the_shipped_plan(appendix: Appendix) -> bool:
    assert list(appendix.sections) == SECTIONS
    assert activities(appendix) == ACTIVITIES
    assert list(appendix.columns.values()) == HEADINGS
    return True


class TestTheSourceDocument:
    def test_one_table_with_torn_rows_gives_the_shipped_plan(self) -> None:
        appendix = of_document(word(printed_rows()))
        assert is_the_shipped_plan(appendix)
        assert appendix.joined == ("I.3", "II.3", "IV.1")
        assert appendix.skipped() == ["III.5"]

    def test_a_head_that_is_repeated_on_every_page_is_no_activity(self) -> None:
        rows = printed_rows()
        torn = [at for at, row in enumerate(rows) if not row[0]]
        for at in reversed(torn):
            rows.insert(at, HEADINGS)
        assert is_the_shipped_plan(of_document(word(rows)))

    @pytest.mark.parametrize("with_head", [True, False])
    def test_a_table_that_page_breaks_made_several_of_is_one(self, with_head: bool) -> None:
        rows = printed_rows()
        cuts = [0, *(at for at, row in enumerate(rows) if not row[0]), 17, len(rows)]
        parts: list[Rows] = [rows[a:b] for a, b in zip(sorted(cuts), sorted(cuts)[1:], strict=False)]
        others = [[HEADINGS, *part] if with_head else part for part in parts[1:]]
        other_table = [["Nơi nhận", "- Các trường"]]
        assert is_the_shipped_plan(of_document(word(other_table, parts[0], *others, other_table)))

    def test_a_workbook_with_merged_sections_and_real_numbers_gives_it_too(self) -> None:
        rows: list[list[Any]] = [[float(row[0]) if row[0].isdigit() else row[0], *row[1:]] for row in printed_rows()]
        merged = [(at, 1, at, 4) for at, row in enumerate(rows) if str(row[0]).endswith(".")]
        blank: Rows = [["", "Phụ lục"], [], []]
        shifted = [(top + 3, left, bottom + 3, right) for top, left, bottom, right in merged]
        assert is_the_shipped_plan(of_workbook(excel({"Phụ lục": [*blank, *rows], "Khác": [["x"]]}, shifted)))

    def test_the_file_on_disk_is_read_apart_and_drafted(self, tmp_path: Path) -> None:
        for name, content in (("a.docx", word(printed_rows())), ("a.xlsx", excel({"PL": printed_rows()}))):
            (tmp_path / name).write_bytes(content)
            text, appendix = import_plan(tmp_path / name)
            assert is_the_shipped_plan(appendix)
            table = tomllib.loads(text)["tables"]["activities"]
            assert [(each["code"], each["title"]) for each in table["sections"]] == SECTIONS
            assert [[row[key] for key in ("content", "lead", "partners", "time")] for row in table["rows"]] == [
                *ACTIVITIES.values()
            ]
            assert f"tệp {name}" in text


class TestRows:
    def test_a_torn_row_is_joined_whatever_its_first_cell_covers(self) -> None:
        appendix = of_rows(*ONE, ["đi tiếp", "", "", "", ""], ["", "và hết", "GD", None, ""])
        assert activities(appendix) == {"I.1": ["Việc đi tiếp và hết", "Phòng GD", "Trường", "2026"]}

    def test_a_torn_title_of_a_section_is_joined(self) -> None:
        assert of_rows(*ONE[:2], ["", "đi tiếp", "", "", ""], ONE[2]).sections == (("I", "Mục một đi tiếp"),)

    @pytest.mark.parametrize(
        ("row", "section"),
        [
            (["II.", "Tên", "", "", ""], ("II", "Tên")),
            (["II. Tên", "", "", "", ""], ("II", "Tên")),
            (["XIV", "Tên", "", "", ""], ("XIV", "Tên")),
            (["II - Tên", "", "", "", ""], ("II", "Tên")),
            (["B)", "Tên", "", "", ""], ("B", "Tên")),
        ],
    )
    def test_a_section_is_known_by_its_numeral(self, row: list[str | None], section: tuple[str, str]) -> None:
        assert of_rows(*ONE, row).sections[1:] == (section,)

    @pytest.mark.parametrize(
        ("printed", "code"), [("2.", "I.2"), ("07)", "I.07"), ("1.1", "I.1.1"), ("I.2", "I.2"), ("II.2", "I.II.2")]
    )
    def test_a_printed_number_is_kept(self, printed: str, code: str) -> None:
        appendix = of_rows(*ONE, [printed, "Việc nữa", "a", "b", "c"])
        assert [row.code for row in appendix.rows] == ["I.1", code]

    def test_a_text_that_begins_like_a_numeral_is_no_section(self) -> None:
        appendix = of_rows(*ONE, ["Các trường", "", "", "", ""], ["C", "hoặc", "d", "e", ""])
        assert appendix.sections == (("I", "Mục một"),)

    def test_a_cell_that_reaches_down_says_the_same_of_every_activity(self) -> None:
        appendix = of_rows(*ONE, ["2", "Hai", None, None, "2027"], ["3", "Ba", None, "Xã", None])
        assert activities(appendix)["I.2"] == ["Hai", "Phòng", "Trường", "2027"]
        assert activities(appendix)["I.3"] == ["Ba", "Phòng", "Xã", "2027"]

    def test_a_row_that_counts_the_columns_and_blank_rows_are_left_out(self) -> None:
        appendix = of_rows(ONE[0], ["(1)", "(2)", "(3)", "(4)", "(5)"], ["", "", "", "", ""], *ONE[1:])
        assert activities(appendix) == {"I.1": ["Việc", "Phòng", "Trường", "2026"]}

    def test_a_head_of_two_rows_is_one_head(self) -> None:
        first: list[str | None] = ["TT", "Nội dung", "Đơn vị", "", "Thời gian"]
        second: list[str | None] = [None, None, "Chủ trì", "Phối hợp", None]
        appendix = of_rows(first, second, *ONE[1:])
        assert appendix.columns == {
            "number": "TT",
            "content": "Nội dung",
            "lead": "Chủ trì",
            "partners": "Phối hợp",
            "time": "Thời gian",
        }
        assert activities(appendix) == {"I.1": ["Việc", "Phòng", "Trường", "2026"]}

    def test_columns_may_stand_in_another_order_among_others_and_blank_ones_are_left_out(self) -> None:
        head: list[str | None] = ["Nội dung", "STT", "Kinh phí", "Ghi chú", "Thời hạn:"]
        appendix = of_rows(head, ["Mục", "I", "", "", ""], ["Việc", "1", "2 triệu", "", "2026"])
        assert appendix.columns == {
            "content": "Nội dung",
            "number": "STT",
            "printed_3": "Kinh phí",
            "time": "Thời hạn:",
        }
        assert appendix.rows == (PrintedRow("I", "1", {"content": "Việc", "printed_3": "2 triệu", "time": "2026"}),)

    def test_an_appendix_without_sections_has_activities_alone(self) -> None:
        appendix = of_rows(ONE[0], ONE[2], ["2", "Hai", "a", "b", "c"])
        assert (appendix.sections, [row.code for row in appendix.rows]) == ((), ["1", "2"])


class TestWord:
    def test_paragraphs_breaks_and_tracked_changes_are_read_as_they_are_seen(self) -> None:
        document = Document()
        table = add_table(document, ONE)
        cell = table.rows[2].cells[1]
        cell.text = "Một\nhai"
        cell.add_paragraph("ba")
        inner = (
            "<w:ins><w:r><w:t>thêm</w:t></w:r></w:ins><w:del><w:r><w:delText>bỏ</w:delText></w:r></w:del>"
            "<w:moveFrom><w:r><w:t>chuyển</w:t></w:r></w:moveFrom>"
        )
        cell._tc.append(parse_xml(f"<w:p {_W}>{inner}</w:p>"))
        assert activities(of_document(saved(document)))["I.1"][0] == "Một hai ba thêm"

    def test_cells_merged_in_word_are_read_once(self) -> None:
        document = Document()
        rows = [*ONE, ["2", "Hai", "", "Xã", "2027"], ["II", "", "", "", ""], ["1", "Ba", "c", "d", "e"]]
        table = add_table(document, rows)
        table.cell(2, 2).merge(table.cell(3, 2))
        table.cell(4, 1).merge(table.cell(4, 4)).text = "Mục hai"
        table.cell(5, 1).merge(table.cell(5, 2)).text = "Ba"
        appendix = of_document(saved(document))
        assert appendix.sections == (("I", "Mục một"), ("II", "Mục hai"))
        assert activities(appendix)["I.2"] == ["Hai", "Phòng", "Xã", "2027"]
        assert activities(appendix)["II.1"] == ["Ba", "", "d", "e"]

    def test_cells_merged_in_excel_say_the_same_of_every_activity(self) -> None:
        first = ["1", "Việc", "Phòng", "", "2026"]
        rows = [*ONE[:2], first, ["2", "Hai", "", "", "2027"], ["", "đi tiếp", "", "", ""], ["3", "Ba", "x", "y", "z"]]
        appendix = of_workbook(excel({"PL": rows}, [(2, 2, 4, 3)]))
        assert activities(appendix) == {
            "I.1": ["Việc", "Phòng", "", "2026"],
            "I.2": ["Hai đi tiếp", "Phòng", "", "2027"],
            "I.3": ["Ba", "x", "y", "z"],
        }

    @pytest.mark.parametrize("by_style", [True, False])
    def test_automatic_numbers_are_refused_because_they_are_no_text(self, by_style: bool) -> None:
        document = Document()
        table = add_table(document, [*ONE[:2], ["", *ONE[2][1:]]])
        cell = table.rows[2].cells[0]
        if by_style:
            cell.paragraphs[0].style = document.styles["List Number"]
        else:
            numbered = f'<w:numPr {_W}><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
            cell.paragraphs[0]._p.get_or_add_pPr().append(parse_xml(numbered))
        with pytest.raises(PlanImportError, match="automatic") as caught:
            of_document(saved(document))
        assert caught.value.place == "a.docx, table 1, row 3"


TEXTS = (
    st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20)
    .map(collapse)
    .filter(lambda text: re.match(r"[\dA-ZĐ(]|$", text) is None)
)


@st.composite
def printed(draw: st.DrawFn) -> tuple[list[tuple[str, str]], dict[str, list[str]], list[list[str]]]:
    """Sections, activities by code, and the rows of a table that says them, torn and with heads anywhere."""
    sections, found, rows = [], {}, [list(HEADINGS)]
    for section in draw(st.lists(st.sampled_from(["I", "II", "V", "XI"]), min_size=1, max_size=3, unique=True)):
        sections.append((section, draw(TEXTS)))
        rows.append([f"{section}.", sections[-1][1], "", "", ""])
        for number in draw(st.lists(st.integers(1, 12), min_size=1, max_size=3, unique=True)):
            words = draw(st.lists(TEXTS, min_size=1, max_size=3))
            others = draw(st.tuples(TEXTS, TEXTS, TEXTS))
            found[f"{section}.{number}"] = [" ".join(words), *others]
            rows.append([str(number), words[0], *others])
            for word_ in words[1:]:
                rows += [list(HEADINGS)] * draw(st.integers(0, 1)) + [["", word_, "", "", ""]]
    return sections, found, rows


@settings(max_examples=30)
@given(printed(), st.sampled_from(["word", "excel"]))
def test_any_torn_table_gives_its_sections_and_activities(
    made: tuple[list[tuple[str, str]], dict[str, list[str]], list[list[str]]], kind: str
) -> None:
    sections, found, rows = made
    appendix = of_document(word(rows)) if kind == "word" else of_workbook(excel({"PL": rows}))
    assert (list(appendix.sections), activities(appendix)) == (sections, found)


@settings(max_examples=40)
@given(st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=4), st.text(max_size=20))
def test_a_draft_says_every_text_word_for_word_and_nothing_more(texts: list[str], source: str) -> None:
    rows = tuple(PrintedRow("I", str(number), {"content": text}) for number, text in enumerate(texts, 1))
    columns = {"number": texts[0], "content": texts[-1]}
    loaded = tomllib.loads(draft(Appendix(source, source, columns, (("I", texts[0]),), rows)))
    table = loaded["tables"]["activities"]
    assert [row["content"] for row in table["rows"]] == texts
    assert [each["heading"] for each in table["fixed"]] == [texts[0], texts[-1]]
    assert table["sections"] == [{"code": "I", "title": texts[0]}]
    assert loaded["code"] == loaded["title"] == ""


class TestCompleting:
    def completed(self, text: str) -> str:
        days = {"starts_on": "2020-06-22", "ends_on": "2025-12-31", "date": "2020-06-22"}
        text = text.replace(
            'code = ""\nsemester_1 = {starts_on = "", ends_on = ""}\nyear = {starts_on = "", ends_on = ""}',
            'code = "2024-2025"\nsemester_1 = {starts_on = 2024-09-05, ends_on = 2025-01-17}\n'
            "year = {starts_on = 2024-09-05, ends_on = 2025-05-30}",
        )
        for key, day in days.items():
            text = text.replace(f'\n{key} = ""', f"\n{key} = {day}")
        text = text.replace('\ncode = ""', '\ncode = "ke-hoach-moi"').replace('\ntitle = ""', '\ntitle = "KẾ HOẠCH"')
        text = text.replace('\nsubject = ""', '\nsubject = "Về việc gì đó"')
        return text.replace("schools = {}", "schools = { due_days = 5 }").replace(
            "office = {}", "office = { due_days = 14 }"
        )

    def test_a_completed_draft_loads_and_builds_a_workbook(self) -> None:
        made = plan.loads(self.completed(draft(of_document(word(printed_rows())))))
        table = made.tables["activities"]
        assert [(each.code, each.title) for each in table.sections] == SECTIONS
        assert {
            row.code: [row.text(name) for name in ("content", "lead", "partners", "time")] for row in table.rows
        } == (ACTIVITIES)
        period = proposed(made, ZONE).by_key["2024-2025/HK1"]
        assert period.schools_due is not None
        assert period.schools_due.date() == date(2025, 1, 22)
        school = School("TH01", "Trường", "TH")
        form = Form(made, school, period, Office(name="Phòng", parent="Uỷ ban", place="Xã", email="a@x.vn"), "seal")
        assert zipfile.is_zipfile(io.BytesIO(build(form)))

    def test_columns_and_rules_are_those_of_the_shipped_plan_that_need_nothing_else(self) -> None:
        table = plan.loads(self.completed(draft(of_rows(*ONE)))).tables["activities"]
        assert [column.id for column in table.columns] == [column.id for column in TABLE.columns]
        left_out = {rule.id for rule in TABLE.rules} - {rule.id for rule in table.rules}
        assert left_out == {"children-within-school", "staff-within-school", "parents-within-school"}
        started = table.columns_by_id["started_on"]
        assert (started.minimum, started.help) == (
            None,
            "Ghi ngày theo dạng ngày/tháng/năm, ví dụ 15/10/2024.",
        )
        assert table.columns_by_id["status"] == TABLE.columns_by_id["status"]


def refused(name: str, content: bytes, **limits: int) -> PlanImportError:
    with pytest.raises(PlanImportError) as caught:
        read_appendix(name, tables_in(name, content, replace(LIMITS, **limits)))
    assert caught.value.fix.endswith(".")
    return caught.value


class TestRefusals:
    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"%PDF-1.7 ...", "a PDF document"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "97-2003"),
            (
                b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage\0".encode("utf-16-le"),
                "password",
            ),
            (b"", "empty or damaged"),
            (b"PK\3\4 nothing more", "empty or damaged"),
            (b"Stt\tNoi dung", "plain text"),
            (b"{\\rtf1}", "RTF"),
        ],
    )
    def test_what_is_no_docx_or_xlsx_is_named(self, content: bytes, words: str) -> None:
        assert words in refused("ke-hoach", content).problem

    def test_a_document_without_the_headings_says_which_it_needs(self) -> None:
        assert "Stt, Nội dung" in refused("a.docx", word([["Nơi nhận", "Các trường"]])).problem
        assert "Stt, Nội dung" in refused("a.docx", saved(Document())).problem
        assert "Stt, Nội dung" in refused("a.xlsx", excel({"A": [[]]})).problem

    def test_several_appendices_are_named_and_one_can_be_chosen(self) -> None:
        other = [HEADINGS, ["I", "Mục khác", "", "", ""], ["1", "Việc khác", "a", "b", "c"]]
        for content, read in ((word(ONE, [["x"]], other), of_document), (excel({"A": ONE, "B": other}), of_workbook)):
            choices = read_choices(read, content)
            assert [number for number, _text in choices] == ["1", "3" if read is of_document else "2"]
            assert [text for _number, text in choices] == ["Mục một", "Mục khác"]
            assert [read(content, int(number)).sections[0][1] for number, _ in choices] == ["Mục một", "Mục khác"]
            with pytest.raises(PlanImportError, match="Choose one"):
                read(content, 9)

    def test_a_damaged_document_is_told(self) -> None:
        members = zipfile.ZipFile(io.BytesIO(word(ONE)))
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as broken:
            for name in members.namelist():
                broken.writestr(name, b"<w:" if name == "word/document.xml" else members.read(name))
        assert "damaged" in refused("a.docx", stream.getvalue()).problem

    def test_a_file_that_unpacks_to_far_too_much_is_not_unpacked(self) -> None:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as bomb:
            bomb.writestr("word/document.xml", b" " * (1 << 22))
        assert "far too much" in refused("a.docx", stream.getvalue(), max_unpacked_bytes=1 << 20).problem

    def test_a_sheet_of_cells_far_apart_is_not_read_into_memory(self) -> None:
        stream = io.BytesIO()
        with xlsxwriter.Workbook(stream) as book:
            sheet = book.add_worksheet()
            sheet.write(0, 0, "Stt")
            sheet.write(1_048_575, 16_383, "x")
        assert "too much time or memory" in refused("a.xlsx", stream.getvalue()).problem

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no FIFOs")
    def test_a_fifo_and_a_folder_are_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "a.docx")
        for place in (tmp_path / "a.docx", tmp_path):
            with pytest.raises(PlanImportError, match="something that is no file"):
                import_plan(place)

    def test_a_file_over_the_limit_or_not_there_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(PlanImportError, match="cannot be opened"):
            import_plan(tmp_path / "a.docx")
        (tmp_path / "a.docx").write_bytes(b"x" * 2048)
        with pytest.raises(PlanImportError, match="more than"):
            import_plan(tmp_path / "a.docx", limits=replace(LIMITS, max_bytes=1024))


def read_choices(read: Callable[..., Appendix], content: bytes) -> list[tuple[str, str]]:
    with pytest.raises(PlanImportError) as caught:
        read(content)
    return re.findall(r"(\d+): a\.\w+, .*?, begins with “(.*?)”", caught.value.problem)
