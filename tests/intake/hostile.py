"""Files that nobody should send, made by hand."""

from __future__ import annotations

import io
import re
import struct
import zipfile

from tests.intake.workbooks import sheets, xlsx

_CFB = bytes.fromhex("d0cf11e0a1b11ae1")
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def repacked(content: bytes, change: dict[str, tuple[bytes, bytes]], compress: bool = True) -> bytes:
    """A copy of the zip `content` with `change` (member: (pattern, replacement)) made."""
    target = io.BytesIO()
    method = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w", method) as copy:
        for name in source.namelist():
            data = source.read(name)
            if name in change:
                pattern, replacement = change[name]
                data, count = re.subn(pattern, replacement.replace(b"\\", b"\\\\"), data, count=1)
                assert count, f"{pattern!r} is not in {name}"
            copy.writestr(name, data)
    return target.getvalue()


def far_corner() -> bytes:
    """Two cells in opposite corners of a sheet: 17 thousand million cells for whoever allocates them."""
    return repacked(xlsx(sheets()), {"xl/worksheets/sheet1.xml": (b'r="C6"', b'r="XFD1048576"')})


def wide_sheet() -> bytes:
    """A sheet that reaches over 3 million cells: fits in memory, is over the limit of cells."""
    return repacked(xlsx(sheets()), {"xl/worksheets/sheet1.xml": (b'r="C6"', b'r="AD100000"')})


def zip_bomb(megabytes: int) -> bytes:
    """A workbook whose first sheet unpacks to `megabytes` of spaces."""
    bomb = b"<sheetData>" + b" " * (megabytes << 20)
    return repacked(xlsx(sheets()), {"xl/worksheets/sheet1.xml": (b"<sheetData>", bomb)})


def lying_zip_bomb(megabytes: int) -> bytes:
    """A zip bomb whose directory says that every member is small."""
    content = bytearray(zip_bomb(megabytes))
    for found in re.finditer(b"PK\x01\x02", bytes(content)):
        struct.pack_into("<L", content, found.start() + 24, 1000)
    return bytes(content)


def repeating_ods(rows: int, columns: int) -> bytes:
    """A small ods whose one row repeats `rows` times, and the one cell in it `columns` times."""
    table = (
        f'<table:table table:name="Phụ lục"><table:table-row table:number-rows-repeated="{rows}">'
        f'<table:table-cell table:number-columns-repeated="{columns}" office:value-type="float" office:value="1"/>'
        "</table:table-row></table:table>"
    )
    names = "".join(f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table"))
    body = f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", f"<office:document-content{names}>{body}</office:document-content>")
    return target.getvalue()


def compound(*streams: str, next_of_directory: int = _END) -> bytes:
    """A compound file with empty streams of these names."""
    fat = struct.pack("<128L", _FAT, next_of_directory, *[_FREE] * 126)
    entries = [_entry("Root Entry", 5, child=1)] + [_entry(name, 2) for name in streams]
    directory = b"".join(entries).ljust(512, b"\0")
    header = _CFB + b"\0" * 16 + struct.pack("<5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<9L", 0, 1, 1, 0, 4096, _END, 0, _END, 0) + struct.pack("<109L", 0, *[_FREE] * 108)
    return header + fat + directory


def _entry(name: str, kind: int, child: int = _FREE) -> bytes:
    encoded = (name + "\0").encode("utf-16-le")
    head = encoded.ljust(64, b"\0") + struct.pack("<HBB3L", len(encoded), kind, 1, _FREE, _FREE, child)
    return (head + b"\0" * 36 + struct.pack("<LQ", _END, 0)).ljust(128, b"\0")


def looping_xls() -> bytes:
    """1.5 KB of compound file whose directory never ends: its only sector is followed by itself."""
    return compound("Workbook", next_of_directory=1)


def encrypted() -> bytes:
    """A workbook with a password, as Excel writes it: a compound file around the encrypted package."""
    return compound("EncryptedPackage", "EncryptionInfo")


def locked_xls(content: bytes) -> bytes:
    """The xls `content` of xlwt with the record that says that a password is needed."""
    assert content[512:514] == b"\x09\x08"
    after_first = 512 + 4 + int.from_bytes(content[514:516], "little")
    return content[:after_first] + b"\x2f\x00" + content[after_first + 2 :]
