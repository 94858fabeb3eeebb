"""What a file is, from its content alone: extensions lie, above all those of files that portals export."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from sync.i18n import mark
from sync.intake import package
from sync.landmarks import SHEET_MAGIC

WORKBOOK_KINDS = frozenset({"xlsx", "xlsb", "ods", "xls", "gsheet"})
"""Kinds that the reader reads; `xlsx` includes xlsm, `gsheet` are the cells of a Google Sheet."""

WORDS: Mapping[str, str] = {
    "html": mark("a web page saved under the name of a workbook"),
    "xml2003": mark("an XML spreadsheet of Excel 2003"),
    "fods": mark("a flat XML spreadsheet"),
    "xml": mark("an XML file"),
    "csv": mark("a table in plain text (CSV)"),
    "text": mark("plain text"),
    "rtf": mark("a rich text document (RTF)"),
    "docx": mark("a Word document"),
    "odt": mark("a text document"),
    "pptx": mark("a presentation"),
    "numbers": mark("a spreadsheet of Apple Numbers"),
    "pdf": mark("a PDF document"),
    "image": mark("a picture"),
    "zip": mark("a ZIP archive"),
    "archive": mark("an archive (RAR, 7z or another)"),
    "office": mark("another kind of Office file"),
    "special": mark("something that is no file"),
    "unknown": mark("a file of an unknown kind"),
}
"""What the param `what` of the finding `not-a-workbook` says, by kind: an English source string, translated when the
finding is put into words."""

_ZIP = b"PK\3\4"
_CFB = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"{\\rtf", "rtf"),
    (b"\x89PNG\r\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"BM", "image"),
    (b"II*\0", "image"),
    (b"MM\0*", "image"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"\x1f\x8b", "archive"),
)
_STREAMS: tuple[tuple[str, str], ...] = (
    ("EncryptedPackage", "encrypted"),
    ("WordDocument", "docx"),
    ("PowerPoint Document", "pptx"),
    ("Workbook", "xls"),
    ("Book", "xls"),
)
_MEMBERS: tuple[tuple[str, str], ...] = (
    ("xl/workbook.xml", "xlsx"),
    ("xl/workbook.bin", "xlsb"),
    ("word/document.xml", "docx"),
    ("ppt/presentation.xml", "pptx"),
    ("Index/Document.iwa", "numbers"),
    ("index.apxl", "numbers"),
)
_ODF = (("opendocument.spreadsheet", "ods"), ("opendocument.presentation", "pptx"), ("opendocument", "odt"))
_HTML = re.compile(rb"<(!doctype\s+html|html|head|body|table|meta|script|style)\b|^mime-version:", re.IGNORECASE)
_SEPARATORS = ",;\t|"


class Sniffed(NamedTuple):
    """`kind` is one of WORKBOOK_KINDS, a key of WORDS, `empty`, `encrypted` or `damaged`; `members` those of a zip."""

    kind: str
    members: tuple[package.Entry, ...] = ()


def sniff(content: bytes) -> Sniffed:
    """What `content` is."""
    if not content[:4096].strip(b"\0 \t\r\n\xef\xbb\xbf") and not content.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        return Sniffed("empty")
    if content.startswith(_ZIP):
        return _sniff_zip(content)
    if content.startswith(_CFB):
        return Sniffed(_sniff_compound(content))
    if content.startswith(SHEET_MAGIC):
        return Sniffed("gsheet")
    head = content[:4096]
    return Sniffed(_sniff_magic(head) or _sniff_text(head))


def _sniff_magic(head: bytes) -> str | None:
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if (head[:4] == b"RIFF" and head[8:12] == b"WEBP") or head[4:12] in (b"ftypheic", b"ftypmif1"):
        return "image"
    return next((kind for magic, kind in _MAGIC if head.startswith(magic)), None)


def _sniff_zip(content: bytes) -> Sniffed:
    try:
        members = tuple(package.entries(content))
    except package.PackageError:
        return Sniffed("damaged")
    names = {member.name for member in members}
    for name, kind in _MEMBERS:
        if name in names:
            return Sniffed(kind, members)
    if "mimetype" in names:
        return Sniffed(_sniff_odf(content, members), members)
    if "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names):
        return Sniffed("xlsx", members)
    return Sniffed("zip", members)


def _sniff_odf(content: bytes, members: tuple[package.Entry, ...]) -> str:
    try:
        mime = package.unpack(content, next(m for m in members if m.name == "mimetype"), 200).decode("ascii", "replace")
        manifests = [package.unpack(content, m, 1 << 20) for m in members if m.name == "META-INF/manifest.xml"]
    except package.PackageError:
        return "damaged"
    kind = next((kind for word, kind in _ODF if word in mime), "zip")
    return "encrypted" if kind == "ods" and any(b"encryption-data" in manifest for manifest in manifests) else kind


def _sniff_compound(content: bytes) -> str:
    """The kind of a compound file, by the names of its streams: its directory may lie anywhere in it."""
    for name, kind in _STREAMS:
        if (name + "\0").encode("utf-16-le") in content:
            return kind
    return "office" if _has_directory(content) else "damaged"


def _has_directory(content: bytes) -> bool:
    """Whether the compound file reaches as far as its directory."""
    if len(content) < 512:
        return False
    shift = int.from_bytes(content[30:32], "little")
    sector = int.from_bytes(content[48:52], "little")
    return shift < 32 and (sector + 2) << shift <= len(content)


def _sniff_text(head: bytes) -> str:
    text = _decoded(head)
    if text is None:
        return "unknown"
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith("<"):
        return _sniff_markup(start)
    if _HTML.match(start.encode("utf-8", "replace")):
        return "html"
    lines = [line for line in start.splitlines() if line.strip()][:5]
    if any(all(separator in line for line in lines) for separator in _SEPARATORS):
        return "csv"
    return "text"


def _sniff_markup(start: str) -> str:
    if "schemas-microsoft-com:office:spreadsheet" in start:
        return "xml2003"
    if "opendocument" in start:
        return "fods"
    if _HTML.search(start.encode("utf-8", "replace")):
        return "html"
    return "xml" if start.startswith("<?xml") else "text"


def _decoded(head: bytes) -> str | None:
    """`head` as text, or None where it holds what no text holds."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) // 2 * 2].decode("utf-16", "replace")
    if b"\0" in head:
        return None
    text = head.decode("utf-8", "replace")
    odd = sum(1 for character in text if character < " " and character not in "\t\r\n\f\x1b")
    return text if odd * 20 <= len(text) else None
