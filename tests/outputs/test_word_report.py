"""The report as Word opens it: form, gaps, texts of schools, templates of an office."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.shared import Mm, Pt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from sync.consolidate import Facts
from sync.outputs import build_templates, word_report
from sync.outputs.word_report.templates import template
from sync.reporting import KINDS, Subject, names
from tests.fakes.documents import Read, parts, read
from tests.reporting.subjects import HK1, NAM, NOW, REVIEW, other, subject

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
ORDER = {
    "pPr": "pStyle keepNext keepLines pageBreakBefore widowControl numPr pBdr shd tabs spacing ind contextualSpacing "
    "jc outlineLvl rPr sectPr",
    "rPr": "rStyle rFonts b bCs i iCs caps strike color spacing kern sz szCs highlight u shd vertAlign cs lang",
    "tblPr": "tblStyle tblW jc tblInd tblBorders shd tblLayout tblCellMar tblLook tblCaption",
    "tcPr": "tcW gridSpan vMerge tcBorders shd tcMar vAlign",
    "sectPr": "headerReference footerReference type pgSz pgMar pgNumType cols titlePg docGrid",
}
"""Children in the order that the schema of WordprocessingML (ECMA-376 part 1) wants; Word refuses another one."""


def built(about: Subject, folder: Path | None = None) -> Read:
    return read(word_report.build(about, folder)[0])


def spoken(text: str) -> Callable[[Facts], Facts]:
    """A change of facts: every school gives `text` as the reason why the first target is not met."""

    def change(facts: Facts) -> Facts:
        entries = facts.entries["targets"].copy()
        first = entries["row"] == "CT.1"
        entries.loc[first, "result"], entries.loc[first, "reason"] = "Chưa đạt", text
        return replace(facts, entries={**facts.entries, "targets": entries})

    return change


@pytest.fixture(scope="module", params=[HK1, NAM, REVIEW])
def about(request: pytest.FixtureRequest) -> Subject:
    return subject(request.param)


@pytest.fixture(scope="module")
def content(about: Subject) -> bytes:
    return word_report.build(about)[0]


class TestForm:
    def test_pages_have_the_decrees_size_and_margins(self, content: bytes) -> None:
        first, appendix = Document(io.BytesIO(content)).sections
        assert (round(first.page_width.mm), round(first.page_height.mm)) == (210, 297)  # type: ignore[union-attr]
        for section in (first, appendix):
            margins = [section.top_margin, section.bottom_margin, section.left_margin, section.right_margin]
            assert [round(each.mm) for each in margins if each] == [20, 20, 30, 20]
        assert appendix.orientation == WD_ORIENT.LANDSCAPE
        assert (round(appendix.page_width.mm), round(appendix.page_height.mm)) == (297, 210)  # type: ignore[union-attr]

    def test_page_numbers_stand_at_the_top_but_not_on_first_pages(self, content: bytes) -> None:
        for section in Document(io.BytesIO(content)).sections:
            assert section.different_first_page_header_footer
            assert "PAGE" in etree.tostring(section.header._element).decode()
            assert "PAGE" not in etree.tostring(section.first_page_header._element).decode()

    def test_all_letters_are_times_new_roman(self, content: bytes) -> None:
        fonts = re.findall(r'w:(?:ascii|hAnsi|cs|eastAsia)="([^"]+)"', parts(content)["word/document.xml"])
        assert set(fonts) <= {"Times New Roman"}
        styles = Document(io.BytesIO(content)).styles
        used = [style for style in styles if style.name and style.name.startswith("BC ")]
        assert {style.font.name for style in used} == {"Times New Roman"}
        assert styles["BC Nội dung"].font.size == Pt(14)
        assert styles["BC Nội dung"].paragraph_format.first_line_indent == Mm(12.7)

    def test_the_head_is_that_of_an_official_document(self, content: bytes) -> None:
        seen = read(content)
        head = "\n".join(cell for row in seen.tables[0] for cell in row)
        assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc" in head
        assert "UỶ BAN NHÂN DÂN XÃ MẪU\nPHÒNG VĂN HÓA - XÃ HỘI" in head
        assert re.search(r"Xã Mẫu, ngày\u00a0+tháng \d{1,2} năm 202\d", head)
        assert "BÁO CÁO" in seen.paragraphs
        assert seen.paragraphs.count("Phụ lục") == 1
        assert any(text.endswith("./.") for text in seen.paragraphs)

    def test_heads_of_tables_are_repeated_and_rows_stay_whole(self, content: bytes) -> None:
        tables = [t for t in Document(io.BytesIO(content)).tables if t._tbl.tblPr.find(f"{W}tblCaption") is not None]
        assert len(tables) >= 3
        for table in tables:
            xml = [etree.tostring(row._tr).decode() for row in table.rows]
            assert "<w:tblHeader" in xml[0]
            assert all("<w:cantSplit" in row for row in xml)

    def test_a_sentence_that_announces_something_stands_on_its_page(self, content: bytes) -> None:
        announcing = [each for each in Document(io.BytesIO(content)).paragraphs if each.text.rstrip().endswith(":")]
        assert len(announcing) > 3
        assert all(each.paragraph_format.keep_with_next for each in announcing)

    def test_columns_have_their_widths(self, about: Subject, content: bytes) -> None:
        wanted = [round(column["width"] * 56.6929) for column in names(about)["appendix"]["columns"]]
        table = Document(io.BytesIO(content)).tables[-1]
        assert [int(column.get(f"{W}w") or 0) for column in table._tbl.tblGrid.findall(f"{W}gridCol")] == wanted

    def test_nothing_stands_where_word_does_not_want_it(self, content: bytes) -> None:
        for name, xml in parts(content).items():
            for element in etree.fromstring(xml.encode()).iter():
                tag = etree.QName(element).localname
                if name.startswith("word/") and tag in ORDER and element.tag == f"{W}{tag}":
                    order = ORDER[tag].split()
                    children = [etree.QName(child).localname for child in element]
                    known = [order.index(child) for child in children if child in order]
                    assert known == sorted(known), (name, tag, children)
                if element.tag == f"{W}tc":
                    assert element[-1].tag == f"{W}p", "a cell ends with a paragraph"

    def test_nothing_of_the_template_is_left(self, content: bytes) -> None:
        assert not re.search(r"\{\{|\{%|\{#|%\}|\}\}|[\ue000\ue001]", "".join(parts(content).values()))


class TestGaps:
    def test_gaps_are_yellow_and_counted(self, about: Subject) -> None:
        content, gaps = word_report.build(about)
        seen = read(content)
        assert len(seen.gaps) == gaps > 8
        assert all(gap.startswith("[") and gap.endswith("]") for gap in seen.gaps)
        assert "[Họ và tên người ký]" in seen.gaps

    def test_without_reports_gaps_are_all_that_is_said_of_results(self) -> None:
        seen = built(subject(reported=lambda period: False))
        told = [gap for gap in seen.gaps if "chưa có số liệu của trường" in gap]
        assert len(told) == 4
        assert not re.search(r"\d+%", " ".join(seen.paragraphs))

    def test_square_brackets_of_a_school_are_no_gap(self) -> None:
        before = word_report.build(subject())[1]
        change = spoken("[Nêu tên] \ue000[trống]\ue001")
        content, gaps = word_report.build(subject(change=change))
        assert gaps == before
        assert "- [Nêu tên] [trống] (" in read(content).text


class TestTextsOfSchools:
    @pytest.mark.parametrize(
        "text",
        [
            "{{ office.name }}",
            "{% for x in range(9) %}x{% endfor %}",
            "{#p comment #}",
            "<w:p><w:r><w:t>x</w:t></w:r></w:p>",
            "</w:t></w:r></w:p>",
            "a & b < c > d \"e\" 'f'",
            "{_{ 7*7 }_}",
            "&lt;b&gt; x",
        ],
    )
    def test_a_text_stands_as_it_was_typed(self, text: str) -> None:
        seen = built(subject(change=spoken(text)))
        # docxtpl's own way to write braces is the one thing that it turns back.
        shown = text.replace("{_{", "{{").replace("}_}", "}}")
        assert any(line.startswith(f"- {shown} (") for line in seen.paragraphs)

    def test_new_lines_and_control_characters_make_no_new_paragraph(self) -> None:
        plain = built(subject(change=spoken("một hai ba")))
        assert built(subject(change=spoken("một\nhai\a\fba"))).paragraphs == plain.paragraphs

    @settings(max_examples=15, suppress_health_check=list(HealthCheck))
    @given(st.text(min_size=1, max_size=40))
    def test_whatever_schools_type_the_document_stays_one(self, text: str) -> None:
        about = replace(subject(), earlier=())
        assert about.state is not None
        entries = spoken(text + " x")(about.state).entries["targets"]  # type: ignore[arg-type]
        state = replace(about.state, entries={**about.state.entries, "targets": entries})
        read(word_report.build(replace(about, state=state))[0])

    def test_names_of_the_office_are_no_templates_either(self) -> None:
        office = subject().office.model_copy(update={"name": "PHÒNG {{ 7*7 }} & <w:t>"})
        assert "PHÒNG {{ 7*7 }} & <W:T>" in built(subject(office=office)).text


class TestSameBytes:
    def test_the_same_subject_gives_the_same_bytes(self, about: Subject, content: bytes) -> None:
        assert word_report.build(about)[0] == content

    def test_it_was_made_at_the_moment_of_the_report(self, about: Subject, content: bytes) -> None:
        properties = Document(io.BytesIO(content)).core_properties
        moment = about.now.astimezone(UTC)
        assert properties.created == properties.modified == moment.replace(microsecond=0)
        assert (properties.author, properties.revision) == ("Phòng Văn hóa - Xã hội", 1)

    def test_no_time_of_packing_is_in_it(self, content: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert {member.date_time for member in archive.infolist()} == {(2020, 1, 1, 0, 0, 0)}

    def test_the_committed_templates_are_those_that_would_be_built(self) -> None:
        assert build_templates.stale() == []

    @pytest.mark.parametrize("kind", sorted(set(KINDS.values())))
    def test_a_template_is_the_same_each_time(self, kind: Any) -> None:
        assert template(kind) == template(kind)


class TestTemplatesOfAnOffice:
    def own(self, folder: Path, change: Callable[[Any], None]) -> Path:
        """The office's templates in `folder`, the semester's with `change` made to it in Word."""
        word_report.copy_templates(folder)
        file = folder / "hoc-ky.docx"
        document = Document(str(file))
        change(document)
        document.save(str(file))
        return folder

    def fault(self, folder: Path) -> str:
        with pytest.raises(word_report.TemplateError) as caught:
            word_report.build(subject(), folder)
        return str(caught.value)

    def test_its_own_words_stand_in_the_report(self, tmp_path: Path) -> None:
        folder = self.own(tmp_path, lambda d: d.add_paragraph("Trường: {{ reporting.owing }}. {{ gap('Ghi thêm') }}"))
        seen = built(subject(), folder)
        assert "Trường: 9. [Ghi thêm]" in seen.paragraphs
        assert "[Ghi thêm]" in seen.gaps

    def test_an_unchanged_copy_gives_the_shipped_report(self, tmp_path: Path) -> None:
        word_report.copy_templates(tmp_path)
        assert word_report.build(subject(), tmp_path) == word_report.build(subject())

    def test_other_kinds_still_take_the_shipped_one(self, tmp_path: Path) -> None:
        self.own(tmp_path, lambda d: d.add_paragraph("{{ nothing }}"))
        (tmp_path / "nam.docx").unlink()
        assert word_report.build(subject(NAM), tmp_path) == word_report.build(subject(NAM))

    def test_an_edited_template_is_never_replaced(self, tmp_path: Path) -> None:
        self.own(tmp_path, lambda d: d.add_paragraph("Của chúng tôi"))
        edited = (tmp_path / "hoc-ky.docx").read_bytes()
        (tmp_path / "nam.docx").unlink()
        made, kept = word_report.copy_templates(tmp_path)
        assert [file.name for file in made] == ["nam.docx"]
        assert {file.name for file in kept} == {"hoc-ky.docx", "so-ket-tong-ket.docx"}
        assert (tmp_path / "hoc-ky.docx").read_bytes() == edited

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("{{ nothing }}", "nothing"),
            ("{% if %}", "gần chỗ: "),
            ("{{ ''.__class__.__mro__ }}", "hoc-ky.docx"),
            ("{{ 'x' * 10000000 }}", "hoc-ky.docx"),
            ("{{ period.key.nothing }}", "nothing"),
            ("{%p if reporting %}", "hoc-ky.docx"),
        ],
    )
    def test_a_fault_names_the_file_and_nothing_is_used_instead(self, tmp_path: Path, text: str, words: str) -> None:
        fault = self.fault(self.own(tmp_path, lambda d: d.add_paragraph(text)))
        assert f"{tmp_path.name}/hoc-ky.docx" in fault
        assert words in fault

    @pytest.mark.parametrize("content", [b"", b"not a document", b"PK\x03\x04"])
    def test_a_file_that_is_no_document_is_told(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "hoc-ky.docx").write_bytes(content)
        assert "hoc-ky.docx" in self.fault(tmp_path)

    def test_another_zip_file_is_told(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "hoc-ky.docx", "w") as archive:
            archive.writestr("a.txt", "a")
        assert "hoc-ky.docx" in self.fault(tmp_path)

    def test_a_file_that_unpacks_without_end_is_refused(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "hoc-ky.docx", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("word/document.xml", b"\0" * (101 << 20))
        assert "hoc-ky.docx" in self.fault(tmp_path)


def test_a_report_by_another_plan_has_its_own_columns() -> None:
    about = subject("2025-2026/HK1", plan=other(), now=datetime(2026, 2, 5, tzinfo=NOW[HK1].tzinfo))
    seen = built(about)
    assert seen.table("Số", "Việc phải làm")[0] == ["A. Vòi & ống nước"]
    assert "Lắp đồng hồ nước <từng khu>" in seen.text
    assert "Chỉ tiêu" not in seen.text


def test_copies_for_others_say_what_is_hidden() -> None:
    assert "Ghi chú" in built(subject(for_others=True)).text
    assert "Ghi chú: " not in "\n".join(built(subject()).paragraphs)
