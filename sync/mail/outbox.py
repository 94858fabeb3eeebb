"""Letters as .eml files in the workspace's outbox, for the officer to open and send by hand."""

from __future__ import annotations

import errno
import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from sync.i18n import gettext as _
from sync.mail import rendering
from sync.mail.post import Outcome, PostUnavailable
from sync.workspace import write_atomically

if TYPE_CHECKING:
    from sync.office import OpenOffice

_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
"""What Windows takes in no file name."""
_LONGEST = 90
_LONGEST_BYTES = 180
"""Of the part before the Message-ID; the longest names hold 255 bytes, and a temporary name is longer by five."""
_DIGITS = (8, 32)
_ID = re.compile(r"<([0-9a-f]{32})\b")
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""What may be better at the next try: a disk without room."""


class Outbox:
    """The folder as a Post. A letter that is sent again is the same file again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def send(
        self,
        message: EmailMessage,
        sender: str,  # noqa: ARG002 (the interface of all ways; it stands in the letter already)
        addresses: Sequence[str],
        on_its_way: Callable[[Mapping[str, Outcome]], None],
    ) -> Mapping[str, Outcome]:
        """See Post.send; the letter opens as a draft. `sender` and `addresses` stand in its headers already."""
        if not addresses:
            return {}
        on_its_way({})
        # Outlook opens a letter with this header for sending and not for reading.
        content = rendering.as_bytes(message, X_Unsent="1")
        try:
            write_atomically(self._place(message), content)
        except OSError as error:
            raise self._unavailable(error) from None
        return dict.fromkeys(addresses, Outcome("written"))

    def _place(self, message: EmailMessage) -> Path:
        """Its name; where two letters would have one, the second has more of its Message-ID in it."""
        names = [self.folder / name_of(message, digits) for digits in _DIGITS]
        return next((each for each in names if not each.exists() or _is_of(each, message)), names[-1])

    def _unavailable(self, error: OSError) -> PostUnavailable:
        message = _("Letters cannot be written into {folder}: {reason}. Make room there, or let baocao write there.")
        words = message.format(folder=self.folder, reason=error.strerror or error)
        return PostUnavailable(words, temporary=error.errno in _FULL)


def make(office: OpenOffice) -> Outbox:
    """The outbox of the office's workspace."""
    return Outbox(office.workspace.outbox)


def name_of(message: EmailMessage, digits: int = _DIGITS[0]) -> str:
    """The file name of a letter: its day, its subject, and the first `digits` of its Message-ID.

    2025-01-24 Nhắc nộp báo cáo [0a1b2c3d].eml. Safe on Windows, and the same for the same letter.
    """
    subject = unicodedata.normalize("NFC", str(message["Subject"] or ""))
    clean = "".join(" " if unicodedata.category(each)[0] in "CZ" else each for each in _FORBIDDEN.sub(" ", subject))
    stem = _shortened(" ".join([_day(message), *clean.split()]))
    return f"{stem} [{_identity(message)[:digits]}].eml"


def _day(message: EmailMessage) -> str:
    moment = getattr(message["Date"], "datetime", None)
    return f"{moment:%Y-%m-%d}" if moment else "0000-00-00"


def _shortened(text: str) -> str:
    if len(text) <= _LONGEST and len(text.encode()) <= _LONGEST_BYTES:
        return text.rstrip(". ")
    short = text[:_LONGEST]
    while len(short.encode()) > _LONGEST_BYTES - 3:
        short = short[:-1]
    return short.rstrip(". ") + "…"


def _identity(message: EmailMessage) -> str:
    """32 hex digits: the Message-ID's own where it begins with them, else a digest of it."""
    given = str(message["Message-ID"] or "").strip()
    found = _ID.match(given)
    return found[1] if found else hashlib.sha256(given.encode()).hexdigest()[:32]


def _is_of(file: Path, message: EmailMessage) -> bool:
    """Whether the letter in `file` has the same Message-ID."""
    try:
        with file.open("rb") as opened:
            written = BytesHeaderParser(policy=message.policy).parse(opened)
    except OSError:
        return False
    return str(written["Message-ID"]).strip() == str(message["Message-ID"]).strip()
