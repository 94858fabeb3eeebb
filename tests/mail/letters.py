"""Letters for the tests of sending."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage

from sync.mail import Outcome, Post
from tests.fakes.smtp import SENDER

SUBJECT = "Nhắc nộp báo cáo học kỳ 1: Trường Tiểu học Hoa Sen"
TEXT = "Kính gửi Trường Tiểu học Hoa Sen,\n.dòng bắt đầu bằng dấu chấm\n..hai dấu chấm\n.\nTrân trọng.\n"
SCHOOL = "hoasen@truong.example.vn"
HEAD = "hieutruong@truong.example.vn"
DATE = datetime(2025, 1, 24, 8, 0, tzinfo=timezone(timedelta(hours=7)))


def letter(number: int = 1, *, attached: int = 0, subject: str = SUBJECT) -> EmailMessage:
    """The `number`-th letter, with `attached` bytes of a file."""
    message = EmailMessage()
    message["From"] = SENDER
    message["To"] = SCHOOL
    message["Cc"] = HEAD
    message["Bcc"] = "kin@truong.example.vn"
    message["Subject"] = subject
    message["Date"] = DATE
    message["Message-ID"] = f"<{number:032x}@phong.example.vn>"
    message.set_content(TEXT)
    message.add_alternative("<p>Kính gửi Trường Tiểu học Hoa Sen</p>", subtype="html")
    if attached:
        content = bytes(index * index % 251 for index in range(attached))
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename="Báo cáo.xlsx")
    return message


@dataclass
class Told:
    """What `on_its_way` was told, each time."""

    times: list[dict[str, Outcome]] = field(default_factory=list)

    def __call__(self, refused: Mapping[str, Outcome]) -> None:
        self.times.append(dict(refused))


def send(post: Post, number: int = 1, *addresses: str, told: Told | None = None) -> dict[str, Outcome]:
    """Sends one letter to `addresses`, else to the school."""
    return dict(post.send(letter(number), SENDER, addresses or (SCHOOL,), told or Told()))
