from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sync import mail, office
from sync.mail.outbox import Outbox
from sync.mail.smtp import Smtp
from sync.setup import make_workspace
from tests.fakes.smtp import SENDER, SmtpServer
from tests.mail.letters import SCHOOL, send


def test_an_office_without_a_mail_server_writes_into_its_outbox(tmp_path: Path) -> None:
    make_workspace(tmp_path, "thu-thua-2020-2025")
    opened = office.open_office(tmp_path)
    with mail.make(opened) as post:
        assert isinstance(post, Outbox)
        assert send(post)[SCHOOL].status == "written"
    assert [file.suffix for file in (tmp_path / "thu-di").iterdir()] == [".eml"]


def test_an_office_with_a_mail_server_sends_through_it(tmp_path: Path, smtp_server: SmtpServer) -> None:
    server = {"host": smtp_server.host, "port": smtp_server.port, "security": "none", "login": "none"}
    make_workspace(tmp_path, "thu-thua-2020-2025", {"mail": {**server, "sender": SENDER, "timeout_seconds": 1}})
    with mail.make(office.open_office(tmp_path)) as post:
        assert isinstance(post, Smtp)
        assert send(post)[SCHOOL].status == "sent"
    assert len(smtp_server.delivered) == 1
    assert list((tmp_path / "thu-di").iterdir()) == []


def test_no_way_is_imported_before_it_is_used() -> None:
    heavy = "('sync.mail.smtp', 'sync.mail.outbox', 'requests', 'google.auth', 'smtplib')"
    code = f"import sys, sync.mail; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_sending_by_password_imports_no_oauth() -> None:
    code = "import sys, sync.mail.smtp; print([name for name in ('requests', 'google.auth') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
