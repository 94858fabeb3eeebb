"""An office that writes letters, for tests: the small cast with addresses, and its post."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from sync import control, office, passes, reminding, setup
from sync.config import Mail
from sync.ledger import Ledger
from sync.ledger.notices import Delivery
from sync.reminding import Reminded
from sync.schools import School, Schools
from tests.fakes.offices import CAST, PLAN, ZONE

OFFICER, CHIEF = "can-bo@example.org", "lanh-dao@example.org"


def with_addresses(school: School) -> School:
    code = school.code.lower()
    return replace(
        school, emails=(f"{code}@example.org",), head_emails=(f"ht.{code}@example.org",), phone=f"0272 {code}"
    )  # fmt: skip


SCHOOLS = Schools(tuple(with_addresses(school) for school in CAST))


def make_office(folder: Path, mail: Mail | None = None, notices: Mapping[str, Any] | None = None) -> Path:
    """A workspace with the cast; letters go to `mail`, or into the outbox."""
    settings: dict[str, Any] = {
        "office": {"name": "PHÒNG GIÁO DỤC THỬ", "email": OFFICER, "contact": "Bộ phận tổng hợp"},
        "notices": {"chief_emails": [CHIEF], **(notices or {})},
    }
    if mail is not None:
        names = ("host", "port", "security", "login", "user", "sender", "timeout_seconds", "per_day", "per_minute")
        settings["mail"] = {name: getattr(mail, name) for name in names}
        settings["mail"]["password"] = mail.password.get_secret_value()
    workspace = setup.make_workspace(folder, "thu-thua-2020-2025", settings)
    rewrite(folder, schools=SCHOOLS)
    return workspace.path


def rewrite(folder: Path, **changes: Any) -> None:
    """The officer changes the control workbook."""
    opened = office.open_office(folder)
    control.write(opened.workspace.control_file, replace(opened.control, **changes), PLAN)


def at(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=ZONE)


def remind(folder: Path, moment: str, **options: Any) -> Reminded:
    """A pass, and what is owed at that moment."""
    opened = office.open_office(folder, at(moment))
    passes.run(opened)
    return reminding.remind(opened, **options)


def deliveries(folder: Path) -> dict[tuple[str, str], Delivery]:
    """What the ledger knows of every letter, by subject's letter id and address."""
    with Ledger.open(office.open_office(folder).ledger_url) as ledger:
        return {(each.letter_id, each.address): each for each in ledger.notices.deliveries()}


def statuses(folder: Path) -> dict[str, list[str]]:
    """The statuses of each address's letters, in order."""
    found: dict[str, list[str]] = {}
    for each in sorted(deliveries(folder).values(), key=lambda each: (each.changed_at, each.letter_id)):
        found.setdefault(each.address, []).append(each.status)
    return found


def outbox(folder: Path) -> list[EmailMessage]:
    """The letters in the outbox."""
    found = []
    for file in sorted((folder / "thu-di").glob("*.eml")):
        message = message_from_bytes(file.read_bytes(), policy=policy.default)
        assert isinstance(message, EmailMessage)
        found.append(message)
    return found


def to(messages: list[EmailMessage], address: str) -> list[EmailMessage]:
    """The letters that go to an address, as a copy or not."""
    return [each for each in messages if address in f"{each['To']}, {each['Cc']}".split(", ")]


def text(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def files(message: EmailMessage) -> list[str]:
    return [str(part.get_filename()) for part in message.iter_attachments()]
