"""The server of the add-in as schools meet it: a process of its own on a loopback address, over an invented office."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import requests

from sync import office
from sync.handing_out_keys import issue
from sync.ledger import Ledger
from sync.office import OpenOffice
from tests.fakes.libreoffice import skip_or_fail
from tests.fakes.offices import ZONE, office_of_cast, report_of
from tests.fakes.remote_books import payload_of

HOSTNAME = "baocao.example.org"
NOW = datetime(2025, 1, 20, 8, tzinfo=ZONE)
SCHOOL, OTHER = "TH01", "MN01"
SECONDS = 30
LIMITS = {"key_per_minute": 2000, "address_per_minute": 5000, "calls_at_once": 2, "waiting": 4, "body_seconds": 2}
CHECK, SUBMIT, STANDING = (
    "/xlwings/custom-scripts-call/check",
    "/xlwings/custom-scripts-call/submit",
    "/baocao/standing",
)


@dataclass
class Served:
    """A running server. url: without a slash at its end. key: of the school TH01. pid: of the process."""

    url: str
    workspace: Path
    key: str
    pid: int

    def office(self) -> OpenOffice:
        """The office that it serves, at its moment."""
        return office.open_office(self.workspace)

    def handed_in(self) -> set[Path]:
        """The files of the submissions that lie there."""
        return {path for path in self.office().workspace.handed_in.rglob("*") if path.is_file()}

    def key_of(self, school: str) -> str:
        """A new key of `school`."""
        (handed_out,) = issue(self.office(), [school], False, None)
        return handed_out.issued.text

    def workbook(self, school: str = SCHOOL, changes: dict[tuple[str, str, str], Any] | None = None) -> bytes:
        """The filled workbook of `school`, without faults but for `changes`."""
        return report_of(self.office(), school, changes)

    def payload(self, school: str = SCHOOL, changes: dict[tuple[str, str, str], Any] | None = None) -> dict[str, Any]:
        """The same as Office.js sends it."""
        return payload_of(self.workbook(school, changes))

    def post(self, path: str, payload: Any, key: str | None = None, **options: Any) -> requests.Response:
        """Calls a script with a payload."""
        headers = {"Authorization": self.key if key is None else key, **options.pop("headers", {})}
        return requests.post(self.url + path, json=payload, headers=headers, timeout=SECONDS, **options)

    def get(self, path: str, key: str | None = None, **options: Any) -> requests.Response:
        """Asks for something with the school's key."""
        headers = {"Authorization": self.key if key is None else key, **options.pop("headers", {})}
        return requests.get(self.url + path, headers=headers, timeout=SECONDS, **options)


@contextmanager
def serving(place: Path, **settings: Any) -> Iterator[Served]:
    """A server over a new office in `place` with the three schools of CAST, at NOW; `settings` are those of [addin]."""
    with process_over(office_in(place, **settings)) as served:
        served.key = served.key_of(SCHOOL)
        yield served


@contextmanager
def process_over(workspace: Path) -> Iterator[Served]:
    """A server over an office that is there already; without a key."""
    command = [sys.executable, "-m", "sync", "addin", "serve", "-w", str(workspace), "--lang", "en"]
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("XLWINGS_", "BAOCAO_"))}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", env=environ
    ) as process:
        try:
            yield Served(_address(process), workspace, "", process.pid)
        finally:
            process.terminate()
            process.communicate(timeout=SECONDS)


def office_in(place: Path, **settings: Any) -> Path:
    """A new workspace in `place` whose settings know the server."""
    addin = {"hostname": HOSTNAME, "port": 0, **LIMITS, **settings}
    made = office_of_cast(place / "phong", {"addin": addin, "as_of": NOW.replace(tzinfo=None)})
    Ledger.open(made.ledger_file).close()
    return made.path


def _address(process: subprocess.Popen[str]) -> str:
    said = process.stdout.readline() if process.stdout else ""
    if "http://" not in said:
        raise AssertionError(said + (process.communicate(timeout=SECONDS)[0] or ""))
    return said.rstrip().rstrip(".").rpartition(" ")[2]


def require_server() -> None:
    """Skips the test (fails it in CI) where the extra [addin] is not installed."""
    from sync.serving.starting import is_installed

    if not is_installed():
        skip_or_fail("the extra [addin] is not installed")


def text_of(file: Path) -> str:
    """A log's text, "" where there is none."""
    return file.read_text(encoding="utf-8") if file.is_file() else ""
