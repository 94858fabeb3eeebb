"""Letters a second of a whole reminding, into a server on loopback, against a bare smtplib loop with the same bytes.

The server is a process of its own. A reminding gathers, claims, composes each letter and puts two commits down for it.
"""

from __future__ import annotations

import smtplib
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sync import control, office, plan, reminding
from sync.config import Mail
from sync.letters import composing, samples
from sync.mail import rendering
from sync.mail.post import Outcome
from sync.mail.smtp import Smtp
from sync.schools import School, Schools
from sync.setup import make_workspace
from tests.bench.measure import Ratio, against
from tests.fakes.offices import ZONE

PLAN = plan.load("thu-thua-2020-2025")
NOW = datetime(2025, 1, 21, 9, 0, tzinfo=ZONE)
"""The day before the schools' due date."""
SENDER = "so-lieu@example.org"
_SERVER = """
import asyncio
from aiosmtpd.smtp import SMTP

class Sink:
    async def handle_DATA(self, server, session, envelope):
        return "250 2.0.0 OK"

async def serve():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Sink(), hostname="localhost", loop=loop), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(serve())
"""


class Taped(Smtp):
    """The server, which keeps what it is given."""

    def __init__(self, mail: Mail) -> None:
        super().__init__(mail)
        self.taped: list[tuple[str, Sequence[str], bytes]] = []

    def send(
        self,
        message: EmailMessage,
        sender: str,
        addresses: Sequence[str],
        on_its_way: Callable[[Mapping[str, Outcome]], None],
    ) -> Mapping[str, Outcome]:
        """See Post.send."""
        self.taped.append((sender, addresses, rendering.as_bytes(message)))
        return super().send(message, sender, addresses, on_its_way)


@contextmanager
def server() -> Iterator[int]:
    """The port of a server that takes every letter and forgets it."""
    with subprocess.Popen([sys.executable, "-c", _SERVER], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def make_office(folder: Path, port: int, count: int) -> Path:
    """An office of `count` schools that have sent nothing; no limit holds its letters back."""
    mail = {"host": "127.0.0.1", "port": port, "security": "none", "login": "none", "sender": SENDER}
    limits = {"per_day": 1_000_000, "per_minute": 10_000}
    settings: dict[str, Any] = {"office": {"email": "can-bo@example.org"}, "mail": {**mail, **limits}}
    made = make_workspace(folder / "office", PLAN.code, settings)
    codes = [f"T{number:05}" for number in range(count)]
    schools = tuple(School(code, f"Trường {code}", "TH", emails=(f"{code}@example.org",)) for code in codes)
    control.write(made.control_file, control.Control(Schools(schools), control.proposed(PLAN, ZONE).periods), PLAN)
    return made.path


def ours(folder: Path, post: Smtp | None = None) -> int:
    """A reminding of an office that has told nothing yet; how many addresses took a letter."""
    opened = office.open_office(folder, NOW)
    for file in opened.workspace.state.glob("ledger.sqlite*"):
        file.unlink()
    told = reminding.remind(opened, post=post, wait=lambda _seconds: None)
    assert not told.failed, told.problems
    return told.outcomes["sent"]


def bare(port: int, letters: Sequence[tuple[str, Sequence[str], bytes]]) -> None:
    """The same letters over one connection."""
    with smtplib.SMTP("127.0.0.1", port) as connection:
        for sender, addresses, content in letters:
            connection.sendmail(sender, list(addresses), content)


def composing_alone(letters: int) -> float:
    """Seconds a letter, over samples of every kind and form, from its content to its bytes."""
    kinds = samples.samples()

    def compose_all() -> None:
        for sample in kinds:
            made = composing.compose(sample.letter, samples.SENDER, "", samples.OFFICE, "", None, samples.NOW)
            rendering.for_data(made.message)

    compose_all()
    times = []
    for _run in range(max(1, letters // len(kinds))):
        begin = time.perf_counter()
        compose_all()
        times.append((time.perf_counter() - begin) / len(kinds))
    return statistics.median(times)


def main(count: int = 500, runs: int = 5) -> Iterator[Ratio | str]:
    """The ratio for an office of `count` schools, letters a second on either side, and what composing costs."""
    with TemporaryDirectory() as folder, server() as port:
        path = make_office(Path(folder), port, count)
        tape = Taped(office.open_office(path).settings.mail)
        assert ours(path, tape) >= count
        sent = len(tape.taped)
        ratio = against(
            f"{sent} letters of a reminding / bare smtplib", lambda: ours(path), lambda: bare(port, tape.taped), runs
        )
        yield ratio
        yield f"letters a second: ours {sent / ratio.ours:.0f}, bare smtplib {sent / ratio.peer:.0f}"
    yield f"composing alone: {composing_alone(count) * 1e3:.1f} ms a letter"


if __name__ == "__main__":
    for line in main(*map(int, sys.argv[1:])):
        print(line)
