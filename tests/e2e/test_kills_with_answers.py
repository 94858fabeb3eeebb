"""Killing passes while the officer's edited workbook waits loses nothing of what was typed."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable
from datetime import timedelta
from multiprocessing.context import BaseContext
from pathlib import Path

import openpyxl
import pytest

from sync import office
from sync.decisions import FIELDS
from sync.ledger import Ledger
from tests.fakes import answering, officer, processes
from tests.fakes.answering import NOW, main, work
from tests.fakes.offices import CAST

KILLS = 12
PRELOADED = [
    "sync.answers.listening",
    "sync.building",
    "sync.ledger.store",
    "sync.outputs.office_workbook",
    "sync.taking",
]


def one_pass(folder: str, minutes: int) -> None:
    work(Path(folder), minutes)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return answering.built(tmp_path_factory.mktemp("kills") / "office")


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
    workbook = main(folder)
    typed, chance, kills, duration = [], random.Random(6), 0, 0.0
    for number in range(KILLS):
        field, school, word = FIELDS[number % 4], CAST.schools[number % 3].code, f"chữ {number}"
        if not workbook.exists():
            one_pass(str(folder), 10 * number)
        officer.type_in(workbook, school, field, word, NOW + timedelta(minutes=10 * number + 1))
        officer.edit(workbook, aside(number), NOW + timedelta(minutes=10 * number + 2))
        typed.append((school, field, word))
        begin = time.monotonic()
        wait = chance.uniform(0, duration) if duration else 300
        kills += killed(context, folder, 10 * number + 3, wait)
        duration = duration or time.monotonic() - begin
    one_pass(str(folder), 10 * KILLS)
    with Ledger.open(office.open_office(folder).ledger_url) as ledger:
        assert sorted((each.school, each.field, each.value) for each in ledger.decisions.all()) == sorted(typed)
    sheets = [openpyxl.load_workbook(file)["Tổng quan"] for file in workbook.parent.glob("*(bản *")]
    kept = {sheet.cell(60 + number, 60).value for sheet in sheets for number in range(KILLS)}
    assert kept - {None} == {f"bên ngoài {number}" for number in range(KILLS)}
    for school, field, word in typed[-4:]:
        assert officer.shown(workbook, school, field) == word
    assert not list((folder / ".baocao").glob("replaced *"))
    assert kills >= KILLS // 3, f"only {kills} passes were still at work when they were to be killed"


def aside(number: int) -> Callable[[openpyxl.Workbook], None]:
    def change(book: openpyxl.Workbook) -> None:
        book["Tổng quan"].cell(60 + number, 60).value = f"bên ngoài {number}"

    return change
