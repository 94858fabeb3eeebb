"""A letter → the e-mail that is posted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path

from sync import config
from sync.i18n import gettext as _
from sync.letters import arranging, words
from sync.letters.calendar import FILE, calendar
from sync.letters.content import Attachment, Letter
from sync.letters.headers import POLICY

_CALENDAR = "text/calendar"
# Python loses the quotes of a long ASCII name when it folds the line, and then these signs begin another address.
_NO_SIGNS = dict.fromkeys(map(ord, '()<>[]:;@\\,."'), " ")


@dataclass(frozen=True, slots=True)
class Composed:
    """An e-mail, and a line for each template of the office that is broken and each address that is none."""

    message: EmailMessage
    remarks: list[str]


def compose(
    letter: Letter,
    sender: str,
    sender_name: str,
    office: config.Office,
    how_to_send: str,
    overrides: Path | None,
    now: datetime,
) -> Composed:
    """`letter` from `sender`, an address, dated `now` (aware).

    `sender_name` (empty: the office's name) stands beside the address, less signs that would begin another one.
    `how_to_send` is the settings' sentence on it, `overrides` the folder of the office's own templates; the shipped one
    goes out where one of those is broken. Headers are RFC 5322's, and RFC 3834's Auto-Submitted, so that no machine
    answers. The same input gives the same bytes. Raises ValueError where the letter says nothing or `sender` is no
    address.
    """
    domain = sender.rpartition("@")[2]
    events = calendar(letter.items, domain, now)
    drawn, remarks = arranging.drawn(letter, office, how_to_send, FILE if events else "", overrides)
    message = EmailMessage(policy=POLICY)
    remarks += _address(message, letter, _sender(sender, sender_name or office.name), office.email)
    message["Subject"] = words.shortened(_plain(drawn.subject), words.SUBJECT_LENGTH)
    message["Date"] = now
    message["Message-ID"] = f"<{letter.id}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    # Base64: no line is too long for any server on the way, and no server needs 8BITMIME.
    message.set_content(drawn.text, cte="base64")
    message.add_alternative(drawn.html, subtype="html", cte="base64")
    _attach(message, letter, events)
    # After the attachments, which move headers of content into the first part.
    message["Content-Language"] = "vi"
    _fix_boundaries(message, letter.id)
    return Composed(message, remarks)


def _address(message: EmailMessage, letter: Letter, sender: Address, reply_to: str) -> list[str]:
    """Sets who writes to whom; a line for each address that is none."""
    known = dict.fromkeys(letter.to)
    cc = [address for address in dict.fromkeys(letter.cc) if address not in known]
    message["From"] = sender
    for header, addresses in (("To", list(known)), ("Cc", cc)):
        found = [_parsed(address) for address in addresses if _is_address(address)]
        if found:
            message[header] = found
    if _is_address(reply_to):
        message["Reply-To"] = _parsed(reply_to)
    return [
        _("'{address}' is no e-mail address; the letter does not go there.").format(address=words.line(address))
        for address in (*known, *cc)
        if not _is_address(address)
    ]


def _sender(sender: str, name: str) -> Address:
    if not _is_address(sender):
        raise ValueError(f"no address: {sender!r}")
    local, _at, domain = sender.rpartition("@")
    told = words.line(name)
    return Address(_plain(words.line(told.translate(_NO_SIGNS)) if told.isascii() else told), local, domain)


def _is_address(text: str) -> bool:
    """Whether a letter can go there: dots at the ends of the part before @ would have to be quoted (RFC 5322)."""
    local = text.partition("@")[0]
    return config.EMAIL.fullmatch(text) is not None and "" not in local.split(".")


def _parsed(address: str) -> Address:
    local, _at, domain = address.rpartition("@")
    return Address("", local, domain)


def _plain(text: str) -> str:
    """`text` in which no mail program takes anything for an encoded word (RFC 2047)."""
    return text.replace("=?", "= ?")


def _attach(message: EmailMessage, letter: Letter, events: bytes | None) -> None:
    files = [attachment for item in letter.items for attachment in item.attachments]
    for name, attachment in _named_apart(files):
        kind, _slash, subkind = attachment.kind.partition("/")
        message.add_attachment(attachment.content, maintype=kind, subtype=subkind, filename=name)
    if events is not None:
        kind, _slash, subkind = _CALENDAR.partition("/")
        message.add_attachment(
            events, maintype=kind, subtype=subkind, filename=FILE, params={"method": "PUBLISH", "charset": "utf-8"}
        )


def _named_apart(files: Iterable[Attachment]) -> Iterable[tuple[str, Attachment]]:
    """Each file once, under a name that no other has."""
    taken: dict[str, Attachment] = {}
    for file in files:
        path = Path(_plain(words.line(file.name)).replace("/", "-").replace("\\", "-"))
        name, number = str(path), 2
        while name in taken and taken[name] != file:
            name, number = f"{path.stem} ({number}){path.suffix}", number + 1
        if name not in taken:
            taken[name] = file
            yield name, file


def _fix_boundaries(message: EmailMessage, letter_id: str) -> None:
    """Otherwise they are random. No base64 has an underscore in it, so no boundary can be inside a part."""
    for index, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary(f"=_{letter_id}_{index}")
