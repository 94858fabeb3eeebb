"""Workbooks in the formats that schools send, and files that are no workbooks. Equal cells give equal bytes."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterable
from datetime import date, datetime
from xml.sax.saxutils import escape, quoteattr

from sync.demo.book import Book, Content, Sheet
from sync.demo.soundness import Error

_MADE = datetime(2024, 9, 5)  # noqa: DTZ001 - a property of files that nobody reads; it must not differ from run to run
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_DATE_FORMAT = "dd/mm/yyyy"


def write(sheets: Book, kind: str) -> bytes:
    """The workbook as a file of `kind`: 'xlsx', 'ods' or 'xls'. Raises KeyError for another."""
    return {"xlsx": _xlsx, "ods": _ods, "xls": _xls}[kind](sheets)


# ---------------------------------------------------------------- xlsx


def _xlsx(sheets: Book) -> bytes:
    import xlsxwriter

    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(stream, options) as workbook:
        workbook.set_properties({"created": _MADE})
        day = workbook.add_format({"num_format": _DATE_FORMAT})
        for sheet in sheets:
            written = workbook.add_worksheet(sheet.name)
            if sheet.is_hidden:
                written.hide()
            for (row, column), value in sheet.cells.items():
                if isinstance(value, Error):
                    written.write_formula(row, column, "=1/0", None, value.text)
                elif isinstance(value, date):
                    written.write_datetime(row, column, datetime(value.year, value.month, value.day), day)  # noqa: DTZ001
                else:
                    written.write(row, column, value)
    return stream.getvalue()


# ---------------------------------------------------------------- xls


def _xls(sheets: Book) -> bytes:
    import xlwt

    workbook = xlwt.Workbook(encoding="utf-8")
    day = xlwt.easyxf(num_format_str=_DATE_FORMAT)
    for sheet in sheets:
        written = workbook.add_sheet(sheet.name)
        written.visibility = 1 if sheet.is_hidden else 0
        for (row, column), value in sheet.cells.items():
            if isinstance(value, Error):
                raise TypeError("cells with errors are not written into .xls")
            if isinstance(value, date):
                written.write(row, column, value, day)
            else:
                written.write(row, column, value)
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


# ---------------------------------------------------------------- ods

_ODS_MIME = "application/vnd.oasis.opendocument.spreadsheet"
_ODS_NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{urn}:1.0"'
    for name, urn in (
        ("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"), ("number", "datastyle"),
    )
)  # fmt: skip
_ODS_MANIFEST = f"""<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">\
<manifest:file-entry manifest:full-path="/" manifest:version="1.2" manifest:media-type="{_ODS_MIME}"/>\
<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>"""
_ODS_STYLES = """<office:automatic-styles>\
<number:date-style style:name="N1"><number:day number:style="long"/><number:text>/</number:text>\
<number:month number:style="long"/><number:text>/</number:text><number:year number:style="long"/></number:date-style>\
<style:style style:name="day" style:family="table-cell" style:data-style-name="N1"/>\
<style:style style:name="shown" style:family="table"><style:table-properties table:display="true"/></style:style>\
<style:style style:name="hidden" style:family="table"><style:table-properties table:display="false"/></style:style>\
</office:automatic-styles>"""


def _ods(sheets: Book) -> bytes:
    tables = "".join(_ods_table(sheet) for sheet in sheets)
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document-content {_ODS_NAMES} office:version="1.2">'
        f"{_ODS_STYLES}<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    return packed([("mimetype", _ODS_MIME), ("content.xml", content), ("META-INF/manifest.xml", _ODS_MANIFEST)])


def _ods_table(sheet: Sheet) -> str:
    rows: dict[int, dict[int, Content]] = {}
    for (row, column), value in sheet.cells.items():
        rows.setdefault(row, {})[column] = value
    style = "hidden" if sheet.is_hidden else "shown"
    parts = [f'<table:table table:name={quoteattr(sheet.name)} table:style-name="{style}"><table:table-column/>']
    done = 0
    for row in sorted(rows):
        if row > done:
            parts.append(
                f'<table:table-row table:number-rows-repeated="{row - done}"><table:table-cell/></table:table-row>'
            )
        parts.append(f"<table:table-row>{''.join(_ods_cells(rows[row]))}</table:table-row>")
        done = row + 1
    return "".join([*parts, "</table:table>"])


def _ods_cells(cells: dict[int, Content]) -> Iterable[str]:
    done = 0
    for column in sorted(cells):
        if column > done:
            yield f'<table:table-cell table:number-columns-repeated="{column - done}"/>'
        yield _ods_cell(cells[column])
        done = column + 1


def _ods_cell(value: Content) -> str:
    if isinstance(value, Error):
        raise TypeError("cells with errors are not written into .ods")
    if isinstance(value, date):
        kind = f'table:style-name="day" office:value-type="date" office:date-value="{value.isoformat()}"'
        return f"<table:table-cell {kind}><text:p>{value:%d/%m/%Y}</text:p></table:table-cell>"
    if isinstance(value, str):
        paragraphs = "".join(f"<text:p>{escape(line)}</text:p>" for line in value.split("\n"))
        return f'<table:table-cell office:value-type="string">{paragraphs}</table:table-cell>'
    shown = str(value).replace(".", ",")
    number = f'office:value-type="float" office:value="{value}"'
    return f"<table:table-cell {number}><text:p>{shown}</text:p></table:table-cell>"


# ---------------------------------------------------------------- what is no workbook


def packed(members: Iterable[tuple[str, str]]) -> bytes:
    """A zip file whose first member is stored as it is."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for index, (name, text) in enumerate(members):
            info = zipfile.ZipInfo(name, _ZIP_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED if index else zipfile.ZIP_STORED
            archive.writestr(info, text.encode())
    return stream.getvalue()


def web_page(title: str) -> bytes:
    """What a portal exports as .xls: a table in a web page."""
    rows = "".join(f"<tr><td>{number}</td><td>{escape(title)}</td></tr>" for number in range(1, 6))
    return f'<html><head><meta charset="utf-8"></head><body><table>{rows}</table></body></html>'.encode()


def word_document(text: str) -> bytes:
    """A Word document of one paragraph."""
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    types = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    package = "http://schemas.openxmlformats.org/package/2006"
    return packed(
        [
            (
                "[Content_Types].xml",
                f'<Types xmlns="{package}/content-types"><Default Extension="rels" '
                'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                f'<Override PartName="/word/document.xml" ContentType="{types}"/></Types>',
            ),
            (
                "_rels/.rels",
                f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{relation}" '
                'Target="word/document.xml"/></Relationships>',
            ),
            (
                "word/document.xml",
                f'<w:document xmlns:w="{word}"><w:body><w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p></w:body>'
                "</w:document>",
            ),
        ]
    )


def pdf() -> bytes:
    """An empty page."""
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
    )
    body, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj%b endobj\n" % (number, content)
    table = b"xref\n0 4\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return body + table + b"trailer<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(body)


_SECTOR = 512
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def locked(noise: bytes) -> bytes:
    """A workbook behind a password, as Excel saves it: a compound file with two streams of what looks like noise.

    `noise` is at least 8192 bytes.
    """
    info, package = noise[:4096], noise[4096:8192]
    # Sector 0 is the allocation table, sector 1 the directory, then eight sectors for each stream.
    chains = [_FAT, _END, *_chain(2, 8), *_chain(10, 8)]
    table = struct.pack("<128L", *chains, *[_FREE] * (128 - len(chains)))
    directory = b"".join(
        [
            _directory_entry("Root Entry", kind=5, child=1, start=_END, size=0),
            _directory_entry("EncryptedPackage", kind=2, left=2, start=10, size=len(package)),
            _directory_entry("EncryptionInfo", kind=2, start=2, size=len(info)),
            _directory_entry("", kind=0, start=0, size=0),
        ]
    )
    magic = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    # Version 3, little-endian, sectors of 512 bytes; one sector of table, the directory in sector 1.
    head = struct.pack("<8s16x5H6x", magic, 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<9L", 0, 1, 1, 0, 4096, _END, 0, _END, 0)
    head += struct.pack("<109L", 0, *[_FREE] * 108)
    return head + table + directory + info + package


def _chain(first: int, length: int) -> list[int]:
    return [*range(first + 1, first + length), _END]


def _directory_entry(name: str, *, kind: int, start: int, size: int, left: int = _FREE, child: int = _FREE) -> bytes:
    letters = name.encode("utf-16-le")
    length = len(letters) + 2 if name else 0
    return struct.pack("<64sHBB3L36xLQ", letters, length, kind, 1, left, _FREE, child, start, size)
