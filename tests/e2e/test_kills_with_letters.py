"""Killing passes and remindings at any moment: no receipt is lost, and no letter is repeated but the one on its way."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any

import pytest

from sync import office, passes, reminding
from sync.errors import Busy
from sync.ledger import Ledger
from sync.periods import Periods, due_moment
from sync.schools import School, Schools
from tests.fakes import processes
from tests.fakes.offices import FAULTY, PERIOD, ZONE, send
from tests.fakes.smtp import SmtpServer
from tests.reminding.offices import make_office, rewrite, with_addresses

KILLS = 200
SCHOOLS = 5
STATUSES = ("sent", "unknown", "withdrawn")
PRELOADED = [
    "sync.building",
    "sync.intake.pool",
    "sync.ledger.store",
    "sync.letters.composing",
    "sync.mail.smtp",
    "sync.outputs.office_workbook",
    "sync.passes",
    "sync.reminding",
    "sync.taking",
]


def a_letter_leaves(server: SmtpServer) -> Callable[[], bool]:
    """Whether the server has been told that a letter comes, since now."""
    before = len(server.commands("DATA"))
    return lambda: len(server.commands("DATA")) > before


def one_pass(folder: str, moment: datetime) -> None:
    with suppress(Busy):
        passes.run(office.open_office(Path(folder), moment))


def one_reminding(folder: str, moment: datetime) -> None:
    with suppress(Busy):
        reminding.remind(office.open_office(Path(folder), moment), force=True)


@pytest.fixture(scope="module")
def context() -> BaseContext:
    return processes.ready(PRELOADED)


def together(
    context: BaseContext, folder: Path, moment: datetime, seconds: float, until: Callable[[], bool] | None = None
) -> bool:
    """Starts both and kills both after so many seconds, or `until` is true; whether one was still at work."""
    children = [
        context.Process(target=target, args=(str(folder), moment))  # type: ignore[attr-defined]
        for target in (one_pass, one_reminding)
    ]
    for child in children:
        child.start()
    ends = time.monotonic() + seconds
    while time.monotonic() < ends and any(child.is_alive() for child in children) and not (until and until()):
        time.sleep(0.0005)
    killed = any(child.is_alive() for child in children)
    for child in children:
        child.kill()
        child.join()
    return killed


def on_its_way(folder: Path) -> list[str]:
    with Ledger.open(office.open_office(folder).ledger_url) as ledger:
        return sorted({each.letter_id for each in ledger.notices.deliveries() if each.status == "sending"})


def move_due_date(folder: Path, day: date) -> None:
    """A new due date is a letter to every school that owes something."""
    periods = office.open_office(folder).control.periods
    moved = replace(periods.by_key[PERIOD], schools_due=due_moment(day, ZONE), reminders=())
    rewrite(folder, periods=Periods(tuple(moved if each.key == PERIOD else each for each in periods)))


def standings(folder: Path, moment: datetime) -> dict[str, Any]:
    from sync import facts

    opened = office.open_office(folder, moment)
    with Ledger.open(opened.ledger_url) as ledger:
        frame = facts.status_of(opened, ledger, PERIOD)[1]
    return dict(zip(frame["code"], frame["standing"], strict=True))


@dataclass
class Disturbed:
    """What two hundred kills left: the workspace, its moment, what arrived, and which letters were on their way."""

    folder: Path
    moment: datetime
    letters: Counter[tuple[str, tuple[str, ...]]]
    killed: int
    in_the_window: Counter[str]


def disturb(context: BaseContext, folder: Path, server: SmtpServer) -> Disturbed:
    chance = random.Random(200)
    schools = [School(f"TH{n:02d}", f"Trường Tiểu học số {n}", "TH", "Xã Một") for n in range(1, SCHOOLS + 1)]
    rewrite(folder, schools=Schools(tuple(with_addresses(school) for school in schools)))
    moment = datetime(2025, 1, 6, 8, 0, tzinfo=ZONE)
    together(context, folder, moment, 300)  # which makes the ledger, and the process that the others are made of
    moment += timedelta(minutes=1)
    move_due_date(folder, date(2025, 1, 24))
    begin = time.monotonic()
    together(context, folder, moment, 300)
    duration = time.monotonic() - begin
    killed, in_the_window = 0, Counter[str]()
    for number in range(KILLS):
        moment += timedelta(minutes=1)
        move_due_date(folder, date(2025, 1, 22) + timedelta(days=number % 2))
        if number % 40 == 10:
            faults = FAULTY if number % 80 == 10 else None
            sent = f"{moment - timedelta(seconds=30):%Y-%m-%dT%H:%M:%S}"
            send(folder, f"TH{number // 40 + 1:02d}", faults, modified=sent)
        # One kill in four comes when a letter is on its way; the others come whenever they come.
        leaving = a_letter_leaves(server) if number % 4 == 0 else None
        seconds = 3 * duration if number % 4 == 0 else chance.uniform(0.02, 0.9) * duration
        killed += together(context, folder, moment, seconds, leaving)
        window = on_its_way(folder)
        assert len(window) <= 1, "more than one letter was on its way"
        in_the_window.update(window)
    moment += timedelta(minutes=1)
    for _round in range(2):
        assert not together(context, folder, moment, 300)
    letters = Counter((each.message_id.strip("<>").split("@")[0], each.recipients) for each in server.delivered)
    return Disturbed(folder, moment, letters, killed, in_the_window)


@pytest.mark.slow
def test_kills_lose_nothing_and_repeat_at_most_the_letter_on_its_way(context: BaseContext, tmp_path: Path) -> None:
    with SmtpServer() as server:
        folder = make_office(tmp_path / "office", server.settings(per_minute=10_000, per_day=1_000_000))
        left = disturb(context, folder, server)
    assert left.killed >= KILLS // 4, f"only {left.killed} were still at work when they were to be killed"
    assert left.in_the_window, "no kill fell into the moment in which a letter is on its way"
    check_letters(left)
    check_reports(left, tmp_path)


def check_letters(left: Disturbed) -> None:
    """No letter came more than once but those that were on their way when a kill came: once more, as themselves."""
    letters, window = left.letters, left.in_the_window
    assert set(letters.values()) <= {1, 2}
    assert {letter for (letter, _to), count in letters.items() if count > 1} <= set(window)
    assert sum(letters.values()) - len(letters) <= sum(window.values())
    # Everything that is said to be sent has arrived; what nobody knows is shown; nothing is left behind.
    with Ledger.open(office.open_office(left.folder).ledger_url) as ledger:
        deliveries = ledger.notices.deliveries()
        shown = {trace.delivery.letter_id for trace in ledger.notices.troubled_since(None)}
    arrived = {letter for letter, _to in letters}
    by_status = {status: {each.letter_id for each in deliveries if each.status == status} for status in STATUSES}
    assert {each.status for each in deliveries} <= set(STATUSES)
    assert by_status["sent"] <= arrived
    assert by_status["unknown"] <= shown
    assert set(window) & {each.letter_id for each in deliveries} <= shown
    assert arrived <= by_status["sent"] | by_status["unknown"]


def check_reports(left: Disturbed, tmp_path: Path) -> None:
    """Every report is a receipt, and every school stands where it would stand without a single kill."""
    files = [path for path in (left.folder / "nhan").rglob("*") if path.is_file()]
    with Ledger.open(office.open_office(left.folder).ledger_url) as ledger:
        kept = set(ledger.receipts()["sha256"])
    assert kept == {sha256(path.read_bytes()).hexdigest() for path in files}
    undisturbed = make_office(tmp_path / "undisturbed")
    for name in ("dieu-hanh.xlsx", ".baocao/secret"):
        (undisturbed / name).write_bytes((left.folder / name).read_bytes())
    for path in files:
        copy = undisturbed / "nhan" / path.name
        copy.write_bytes(path.read_bytes())
        os.utime(copy, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    one_pass(str(undisturbed), left.moment)
    assert standings(left.folder, left.moment) == standings(undisturbed, left.moment)
