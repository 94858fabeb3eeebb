"""The parts that templates of reports are made of, in the form of Decree 30/2020/NĐ-CP, appendix I.

A4 (210 × 297 mm); margins top and bottom 20 mm, left 30, right 20; Times New Roman, black; page numbers centred at the
top, not on the first page (section II.1 of the appendix). Sizes stand beside the styles.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.section import Section
    from docx.styles.style import ParagraphStyle
    from docx.table import Table, _Cell
    from docx.text.paragraph import Paragraph

FONT = "Times New Roman"
PORTRAIT, LANDSCAPE = (210, 297), (297, 210)
TOP, BOTTOM, LEFT, RIGHT = 20, 20, 30, 20
WIDTH = PORTRAIT[0] - LEFT - RIGHT
INDENT_MM = 12.7

CENTRE, JUSTIFY, START = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.JUSTIFY, WD_ALIGN_PARAGRAPH.LEFT
BODY, HEADING, SUBHEADING, MINOR, ITEM, CELL, HEAD, WIDE_CELL, WIDE_HEAD, SMALL, COMMAND = (
    *("BC Nội dung", "BC Đề mục lớn", "BC Đề mục", "BC Tiểu mục", "BC Gạch đầu dòng"),
    *("BC Ô bảng", "BC Đầu bảng", "BC Ô phụ lục", "BC Đầu phụ lục", "BC Khoảng trống", "BC Lệnh"),
)
"""Names of the styles, as an officer sees them in Word."""


class Book:
    """A document that is being written from top to bottom."""

    def __init__(self) -> None:
        self.document: WordDocument = Document()
        _clear(self.document)
        _styles(self.document)
        _page(self.document.sections[0], PORTRAIT)
        _page_number(self.document.sections[0])

    def text(self, text: str, style: str = BODY) -> Paragraph:
        """A paragraph."""
        return self.document.add_paragraph(text, style)

    def command(self, text: str) -> None:
        """A paragraph that says what the template does, and is not in the report."""
        self.text(text, COMMAND)

    def lines(self, name: str, style: str = ITEM) -> None:
        """A paragraph for each text of the list `name`."""
        self.command(f"{{%p for line in {name} %}}")
        self.text("- {{ line }}" if style == ITEM else "{{ line }}", style)
        self.command("{%p endfor %}")

    def table(self, name: str, cell: str = CELL, head: str = HEAD) -> None:
        """The table `name`; its columns get their widths when the report is drawn."""
        table = self.document.add_table(rows=6, cols=3)
        _table_form(table, name)
        loop = [f"{{%tc for column in {name}.columns %}}", "{{ column.heading }}", "{%tc endfor %}"]
        cells = ["{%tc for cell in row.cells %}", "{{ cell }}", "{%tc endfor %}"]
        whole = f"{{% colspan {name}.count %}}{{{{ row.section }}}}"
        _fill(table, 0, loop, head)
        _fill(table, 1, [f"{{%tr for row in {name}.rows %}}"], COMMAND)
        _fill(table, 2, ["{%tr if row.section %}"], COMMAND)
        _fill(table, 3, [whole], head)
        table.add_row()
        table.add_row()
        _fill(table, 4, ["{%tr else %}"], COMMAND)
        _fill(table, 5, cells, cell)
        _fill(table, 6, ["{%tr endif %}"], COMMAND)
        _fill(table, 7, ["{%tr endfor %}"], COMMAND)
        _one_cell(table, 3)
        _repeat(table, 0)
        for each in table.rows[0].cells:
            each.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
        _whole_rows(table)
        self.room(6)

    def room(self, size: float) -> None:
        """An empty paragraph of `size` points; Word wants one behind every table."""
        paragraph = self.text("", SMALL)
        form = paragraph.paragraph_format
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(size)

    def side_by_side(self, widths: Sequence[float], rows: int = 1) -> list[list[_Cell]]:
        """The cells of rows without lines."""
        table = self.document.add_table(rows=rows, cols=len(widths))
        table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
        _margins(table, 0)
        _whole_rows(table)
        for row in table.rows:
            for cell, column, width in zip(row.cells, table.columns, widths, strict=True):
                cell.width = column.width = Mm(width)
        return [list(row.cells) for row in table.rows]

    def landscape(self) -> None:
        """From here on pages lie on their side, numbered from 1; the number is not on the first."""
        section = self.document.add_section(WD_SECTION.NEW_PAGE)
        _page(section, LANDSCAPE)
        section.orientation = WD_ORIENT.LANDSCAPE
        numbers = _element("w:pgNumType")
        numbers.set(qn("w:start"), "1")
        section._sectPr.insert_element_before(numbers, "w:cols", "w:titlePg", "w:docGrid")


def write(cell: _Cell, text: str, size: float, **looks: Any) -> Paragraph:
    """A centred paragraph in `cell`, the first one in place of the empty one; looks: bold, italic, align."""
    first = cell.paragraphs[0]
    paragraph = cell.add_paragraph() if first.text or first._p.pPr is not None else first
    return styled(paragraph, text, size, **looks)


def styled(paragraph: Paragraph, text: str, size: float, **looks: Any) -> Paragraph:
    """`paragraph` with `text`, without indent and room around it."""
    run = paragraph.add_run(text)
    run.font.size, run.bold, run.italic = Pt(size), looks.get("bold"), looks.get("italic")
    form = paragraph.paragraph_format
    paragraph.alignment = looks.get("align", CENTRE)
    form.space_before, form.space_after, form.first_line_indent = Pt(looks.get("before", 0)), Pt(0), Mm(0)
    form.line_spacing = 1.0
    return paragraph


def rule(paragraph: Paragraph, width: float, length: float) -> None:
    """Makes an empty paragraph of `width` mm a line of `length` mm in its middle."""
    form = paragraph.paragraph_format
    paragraph.alignment = CENTRE
    form.space_before, form.space_after, form.first_line_indent = Pt(2), Pt(0), Mm(0)
    form.left_indent = form.right_indent = Mm((width - length) / 2)
    form.line_spacing = Pt(4)
    borders, top = _element("w:pBdr"), _element("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        top.set(qn(f"w:{name}"), value)
    borders.append(top)
    # The schema has an order: borders stand before these.
    after = ("shd", "tabs", "spacing", "ind", "contextualSpacing", "jc", "rPr", "sectPr")
    paragraph._p.get_or_add_pPr().insert_element_before(borders, *(f"w:{name}" for name in after))


def _element(tag: str) -> Any:
    """An element that python-docx has no class for."""
    return OxmlElement(tag)


def _clear(document: WordDocument) -> None:
    """Nothing of python-docx's own first page."""
    body = document.element.body
    for child in list(body):
        if child.tag != qn("w:sectPr"):
            body.remove(child)


def _styles(document: WordDocument) -> None:
    normal = document.styles["Normal"]
    _font(normal, 14)
    normal.element.get_or_add_rPr().append(_language())
    form = normal.paragraph_format
    form.space_before, form.space_after, form.line_spacing = Pt(0), Pt(0), 1.0
    # Body 13-14, justified, first line 1-1.27 cm in, at least 6 pt between paragraphs.
    _style(document, BODY, 14, indent=INDENT_MM, after=6, align=JUSTIFY)
    _style(document, ITEM, 14, indent=INDENT_MM, after=4, align=JUSTIFY)
    _style(document, HEADING, 14, indent=INDENT_MM, before=6, after=6, bold=True, next_too=True, align=START)
    _style(document, SUBHEADING, 14, indent=INDENT_MM, before=2, after=6, bold=True, next_too=True, align=JUSTIFY)
    _style(document, MINOR, 14, indent=INDENT_MM, after=4, italic=True, next_too=True, align=JUSTIFY)
    _style(document, CELL, 12, before=1, after=1, align=START)
    _style(document, HEAD, 12, before=2, after=2, bold=True, next_too=True, align=CENTRE)
    _style(document, WIDE_CELL, 11, before=1, after=1, align=START)
    _style(document, WIDE_HEAD, 11, before=1, after=1, bold=True, next_too=True, align=CENTRE)
    _style(document, SMALL, 6, align=START)
    command = _style(document, COMMAND, 9, align=START)
    command.font.color.rgb = RGBColor(0x80, 0x80, 0x80)


def _style(document: WordDocument, name: str, size: float, **looks: Any) -> ParagraphStyle:
    style: ParagraphStyle = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles["Normal"]
    style.quick_style = True
    _font(style, size)
    style.font.bold, style.font.italic = looks.get("bold"), looks.get("italic")
    form = style.paragraph_format
    form.alignment, form.keep_with_next = looks["align"], looks.get("next_too")
    form.first_line_indent = Mm(looks["indent"]) if "indent" in looks else None
    form.space_before, form.space_after = Pt(looks.get("before", 0)), Pt(looks.get("after", 0))
    return style


def _font(style: ParagraphStyle, size: float) -> None:
    style.font.name, style.font.size = FONT, Pt(size)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for attribute in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{attribute}"), None)
    for attribute in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{attribute}"), FONT)


def _language() -> Any:
    """Vietnamese, so that Word does not mark every word as misspelt."""
    language = _element("w:lang")
    for name in ("val", "eastAsia"):
        language.set(qn(f"w:{name}"), "vi-VN")
    return language


def _page(section: Section, size: tuple[int, int]) -> None:
    section.page_width, section.page_height = Mm(size[0]), Mm(size[1])
    section.top_margin, section.bottom_margin = Mm(TOP), Mm(BOTTOM)
    section.left_margin, section.right_margin = Mm(LEFT), Mm(RIGHT)
    section.header_distance, section.footer_distance = Mm(10), Mm(10)
    section.different_first_page_header_footer = True


def _page_number(section: Section) -> None:
    paragraph = section.header.paragraphs[0]
    paragraph.style, paragraph.alignment = "Normal", CENTRE
    field = _element("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    paragraph._p.append(field)
    section.first_page_header.paragraphs[0].style = "Normal"


def _table_form(table: Table, name: str) -> None:
    table.style, table.alignment, table.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
    caption = _element("w:tblCaption")
    caption.set(qn("w:val"), name)
    table._tbl.tblPr.append(caption)
    _margins(table, 1.2)


def _margins(table: Table, sides: float) -> None:
    margins = _element("w:tblCellMar")
    for name in ("left", "right"):
        margin = _element(f"w:{name}")
        margin.set(qn("w:w"), str(round(sides * 56.7)))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    look = table._tbl.tblPr.find(qn("w:tblLook"))
    if look is None:
        table._tbl.tblPr.append(margins)
    else:
        look.addprevious(margins)


def _fill(table: Table, row: int, texts: Sequence[str], style: str) -> None:
    for cell, text in zip(table.rows[row].cells, texts, strict=False):
        cell.paragraphs[0].text, cell.paragraphs[0].style = text, style


def _one_cell(table: Table, row: int) -> None:
    """Takes all cells but the first out of a row, whose `colspan` then says how far that one reaches."""
    cells = table.rows[row]._tr.tc_lst
    for cell in cells[1:]:
        table.rows[row]._tr.remove(cell)  # type: ignore[arg-type]  # a row is typed as holding rows


def _repeat(table: Table, row: int) -> None:
    properties = table.rows[row]._tr.get_or_add_trPr()
    properties.append(_element("w:tblHeader"))


def _whole_rows(table: Table) -> None:
    for row in table.rows:
        properties = row._tr.get_or_add_trPr()
        properties.insert(0, _element("w:cantSplit"))
