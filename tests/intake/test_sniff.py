"""What a file is, whatever it is called."""

from __future__ import annotations

import io
import zipfile

import pytest
import xlwt
from hypothesis import given
from hypothesis import strategies as st
from odf.opendocument import OpenDocumentSpreadsheet, OpenDocumentText

from sync.intake import guard
from sync.intake.sniff import WORDS, WORKBOOK_KINDS, sniff
from tests.intake import hostile
from tests.intake.workbooks import sheets, xlsx


def _zip(*names: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return target.getvalue()


def _xls() -> bytes:
    book, target = xlwt.Workbook(), io.BytesIO()
    book.add_sheet("A").write(0, 0, 1)
    book.save(target)
    return target.getvalue()


def _odf(kind: type) -> bytes:
    document, target = kind(), io.BytesIO()
    document.write(target)
    return target.getvalue()


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("xlsx", xlsx(sheets())),
        ("xlsx", _zip("[Content_Types].xml", "xl/workbook2.xml")),
        ("xlsb", _zip("[Content_Types].xml", "xl/workbook.bin")),
        ("xls", _xls()),
        ("ods", _odf(OpenDocumentSpreadsheet)),
        ("odt", _odf(OpenDocumentText)),
        ("docx", _zip("[Content_Types].xml", "word/document.xml")),
        ("docx", hostile.compound("WordDocument")),
        ("pptx", _zip("[Content_Types].xml", "ppt/presentation.xml")),
        ("pptx", hostile.compound("PowerPoint Document")),
        ("office", hostile.compound("VisioDocument")),
        ("encrypted", hostile.encrypted()),
        ("numbers", _zip("Index/Document.iwa")),
        ("zip", _zip("báo cáo.xlsx")),
        ("damaged", xlsx(sheets())[:3000]),
        ("damaged", hostile.compound("X")[:600]),
        ("html", b"\xef\xbb\xbf\r\n<html xmlns:x='urn:schemas-microsoft-com:office:excel'><table>"),
        ("html", b"<!DOCTYPE html>\n<table><tr><td>1</td>"),
        ("html", b"<table border=1><tr><td>1"),
        ("html", "\ufeff<html><body>".encode("utf-16-le")),
        ("html", b"MIME-Version: 1.0\nX-Document-Type: Workbook\n"),
        ("xml2003", b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">'),
        ("fods", b'<?xml version="1.0"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office">'),
        ("xml", b'<?xml version="1.0"?><report/>'),
        ("csv", "Mã;Tình trạng\nI.1;Hoàn thành\n".encode()),
        ("csv", "Mã\tTình trạng\nI.1\tHoàn thành\n".encode("utf-16")),
        ("csv", "Mã,Tên\n1,Trường\n".encode("cp1258", "replace")),
        ("text", "Kính gửi phòng giáo dục".encode()),
        ("rtf", b"{\\rtf1\\ansi}"),
        ("pdf", b"%PDF-1.7\n\0"),
        ("pdf", b"\r\n%PDF-1.4"),
        ("image", b"\x89PNG\r\n\x1a\n\0"),
        ("image", b"\xff\xd8\xff\xe0\0"),
        ("image", b"RIFF\0\0\0\0WEBPVP8"),
        ("archive", b"Rar!\x1a\x07\0"),
        ("unknown", b"\x01\x02\0\x03" * 50),
        ("empty", b""),
        ("empty", b"\xef\xbb\xbf \r\n"),
        ("empty", b"\0" * 20_000),
    ],
)
def test_a_file_is_known_by_its_content(kind: str, content: bytes) -> None:
    assert sniff(content).kind == kind


def test_every_kind_is_read_or_refused_in_words() -> None:
    for kind, _ in ((kind, None) for kind in [*WORDS, *WORKBOOK_KINDS]):
        refused = guard.refuse_kind(sniff(b"")._replace(kind=kind), guard.Limits())
        assert (refused is None) == (kind in WORKBOOK_KINDS)


def test_an_encrypted_ods_is_known() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest:encryption-data/>")
    assert sniff(target.getvalue()).kind == "encrypted"


@given(
    st.sampled_from([b"", b"PK\3\4", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"<", b"\xff\xfe"]), st.binary(max_size=300)
)
def test_no_bytes_break_the_sniffer(start: bytes, rest: bytes) -> None:
    assert sniff(start + rest).kind in {*WORDS, *WORKBOOK_KINDS, "empty", "encrypted", "damaged"}


@given(st.data())
def test_no_damage_to_a_workbook_breaks_the_sniffer(data: st.DataObject) -> None:
    content = bytearray(xlsx(sheets()))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    sniff(bytes(content))
