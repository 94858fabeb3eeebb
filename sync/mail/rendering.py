"""A letter as bytes."""

from __future__ import annotations

import copy
import hashlib
import re
from email.generator import BytesGenerator
from email.message import EmailMessage
from io import BytesIO

_BLIND = ("Bcc", "Resent-Bcc")
_LINE_END = re.compile(rb"\r\n|\r|\n")
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)


def as_bytes(message: EmailMessage, **headers: str) -> bytes:
    """The letter with CRLF line ends, in ASCII, with `headers` put first and without blind copies.

    ASCII, so that no server on the way needs 8BITMIME or recodes it. The same letter gives the same bytes: boundaries
    that it lacks follow from its Message-ID.
    """
    _set_boundaries(message)
    copied = copy.copy(message)
    for name in _BLIND:
        del copied[name]
    buffer = BytesIO()
    policy = message.policy.clone(linesep="\r\n", cte_type="7bit")
    BytesGenerator(buffer, mangle_from_=False, policy=policy).flatten(copied)
    first = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return first.encode("ascii") + _LINE_END.sub(b"\r\n", buffer.getvalue())


def for_data(message: EmailMessage) -> bytes:
    """The letter as it follows DATA, with dots stuffed and the closing dot (RFC 5321, 4.5.2)."""
    content = _LEADING_DOT.sub(b"..", as_bytes(message))
    return content + (b"" if content.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def _set_boundaries(message: EmailMessage) -> None:
    # The generator sets random ones in the message itself; "_" after "=" is in no base64 or quoted-printable text.
    digest = hashlib.sha256(str(message["Message-ID"] or "").encode()).hexdigest()[:24]
    for number, part in enumerate(message.walk()):
        if part.is_multipart() and part.get_content_maintype() == "multipart" and part.get_boundary() is None:
            part.set_boundary(f"=_{digest}_{number}")
