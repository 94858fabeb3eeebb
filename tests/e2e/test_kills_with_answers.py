"""Killing passes while the officer's edited workbook waits loses nothing of what was typed."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from multiprocessing.context import BaseContext
from pathlib import Path

import openpyxl
import pytest

from sync import control, office, passes
from sync.decisions import FIELDS
from sync.ledger import Ledger
from sync.setup import make_workspace
from tests.fakes import officer, processes
from tests.fakes.offices import CAST, PLAN, ZONE, send

NOW = datetime(2025, 1, 20, 8, tzinfo=ZONE)
KILLS = 12
NAME = "tong-hop-2024-2025-HK1.xlsx"
PRELOADED = [
    "sync.answers.listening",
    "sync.building",
    "sync.ledger.store",
    "sync.outputs.office_workbook",
    "sync.taking",
]


def one_pass(folder: str, minutes: int) -> None:
    passes.run(office.open_office(Path(folder), NOW + timedelta(minutes=minutes)))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = make_workspace(tmp_path_factory.mktemp("kills") / "office", PLAN.code)
    whole = control.read(made.control_file, PLAN, ZONE)
    control.write(made.control_file, replace(whole, schools=CAST), PLAN)
    send(made.path, "TH01")
    passes.run(office.open_office(made.path, NOW))
    return made.path


def killed(context: BaseContext, folder: Path, minutes: int, moment: float) -> bool:
    """Starts a pass and kills it after `moment` seconds; whether it was still at work then."""
    child = context.Process(target=one_pass, args=(str(folder), minutes))  # type: ignore[attr-defined]
    child.start()
    child.join(moment)
    was_alive: bool = child.is_alive()
    child.kill()
    child.join()
    return was_alive


@pytest.mark.slow
def test_whatever_was_typed_is_heard_once_although_passes_are_killed(built: Path, tmp_path: Path) -> None:
    context = processes.ready(PRELOADED)
    folder = tmp_path / "office"
    shutil.copytree(built, folder)
    main = folder / "tong-hop" / NAME
    typed, chance, kills, duration = [], random.Random(6), 0, 0.0
    for number in range(KILLS):
        field, school, word = FIELDS[number % 4], CAST.schools[number % 3].code, f"chữ {number}"
        if not main.exists():
            one_pass(str(folder), 10 * number)
        officer.type_in(main, school, field, word, NOW + timedelta(minutes=10 * number + 1))
        officer.edit(main, aside(number), NOW + timedelta(minutes=10 * number + 2))
        typed.append((school, field, word))
        begin = time.monotonic()
        wait = chance.uniform(0, duration) if duration else 300
        kills += killed(context, folder, 10 * number + 3, wait)
        duration = duration or time.monotonic() - begin
    one_pass(str(folder), 10 * KILLS)
    with Ledger.open(office.open_office(folder).ledger_url) as ledger:
        assert sorted((each.school, each.field, each.value) for each in ledger.decisions.all()) == sorted(typed)
    sheets = [openpyxl.load_workbook(file)["Tổng quan"] for file in main.parent.glob("*(bản *")]
    kept = {sheet.cell(60 + number, 60).value for sheet in sheets for number in range(KILLS)}
    assert kept - {None} == {f"bên ngoài {number}" for number in range(KILLS)}
    for school, field, word in typed[-4:]:
        assert officer.shown(main, school, field) == word
    assert not list((folder / ".baocao").glob("replaced *"))
    assert kills >= KILLS // 3, f"only {kills} passes were still at work when they were to be killed"


def aside(number: int) -> Callable[[openpyxl.Workbook], None]:
    def change(book: openpyxl.Workbook) -> None:
        book["Tổng quan"].cell(60 + number, 60).value = f"bên ngoài {number}"

    return change
