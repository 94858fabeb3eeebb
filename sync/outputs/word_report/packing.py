"""A .docx whose bytes follow from its content: fixed order and times in the zip file, our own core properties."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

_ZIP_TIME = (2020, 1, 1, 0, 0, 0)
_THUMBNAIL = "docProps/thumbnail.jpeg"


def packed(content: bytes, *, moment: datetime, author: str, title: str) -> bytes:
    """The document `content` as made at `moment` (aware) by `author`; no trace of the template that it came from."""
    from docx import Document

    document = Document(io.BytesIO(content))
    package = document.part.package
    for key, relation in list(package.rels.items()):
        if not relation.is_external and relation.target_part.partname.lstrip("/") == _THUMBNAIL:
            del package.rels[key]
    properties = document.core_properties
    properties.author = properties.last_modified_by = author
    properties.title, properties.comments, properties.keywords, properties.subject = title, "", "", ""
    # Written as they are, with a Z behind them.
    properties.created = properties.modified = moment.astimezone(UTC).replace(tzinfo=None)
    properties.language, properties.revision = "vi-VN", 1
    kept = io.BytesIO()
    document.save(kept)
    return _zipped(kept.getvalue())


def _zipped(content: bytes) -> bytes:
    """The same members with one fixed time. [Content_Types].xml stays first, as Word writes it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda each: (each != "[Content_Types].xml", each)):
            member = zipfile.ZipInfo(name, _ZIP_TIME)
            member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            new.writestr(member, old.read(name))
    return out.getvalue()
