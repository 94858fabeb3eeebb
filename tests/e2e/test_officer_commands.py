"""The officer types into the consolidated workbook, and the commands do what was decided."""

from __future__ import annotations

import email
import email.policy
import json
import os
import shutil
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sync import cli, control, office
from sync.decisions import COLUMNS
from sync.landmarks import PROGRESS_SHEET
from sync.ledger import Ledger
from sync.schools import Schools
from sync.setup import make_workspace
from sync.text import address
from tests.fakes import officer
from tests.fakes.libreoffice import LibreOffice
from tests.fakes.offices import CAST, PERIOD, PLAN, ZONE, send
from tests.reminding.offices import with_addresses

NAME = "tong-hop-2024-2025-HK1.xlsx"
BEFORE, LATER, AFTER = "2025-01-20T08:00", "2025-01-20T09:00", "2025-01-27T08:00"


class Commands:
    """The program, as from a terminal."""

    def __init__(self, workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.workspace, self._capsys = workspace, capsys

    def __call__(self, command: str, as_of: str, *more: str) -> Any:
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main([command, "-w", str(self.workspace), "--as-of", as_of, "--json", *more])
        assert ended.value.code in (0, None)
        return json.loads(self._capsys.readouterr().out)

    @property
    def book(self) -> Path:
        return self.workspace / "tong-hop" / NAME

    def standings(self, as_of: str) -> dict[str, str]:
        status = self("status", as_of, "--period", PERIOD)
        return {school["code"]: school["standing"] for school in status["schools"]}

    def letters(self) -> list[tuple[str, str]]:
        """The address and the words of every letter that left."""
        found = []
        for file in sorted((self.workspace / "thu-di").rglob("*.eml")):
            letter = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            body = letter.get_body(("plain",))
            found.append((str(letter["To"]), body.get_content() if body else ""))
        return found

    def said(self) -> list[tuple[str, str, str]]:
        with Ledger.open(office.open_office(self.workspace).ledger_url) as ledger:
            return [(each.school, each.field, each.value) for each in ledger.decisions.all()]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = make_workspace(tmp_path_factory.mktemp("commands") / "office", PLAN.code).path
    file = made / "dieu-hanh.xlsx"
    schools = Schools(tuple(with_addresses(school) for school in CAST))
    control.write(file, replace(control.read(file, PLAN, ZONE), schools=schools), PLAN)
    send(made, "TH01")
    return made


@pytest.fixture
def run(built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Commands:
    shutil.copytree(built, tmp_path / "office")
    commands = Commands(tmp_path / "office", capsys)
    commands("sync", BEFORE)
    return commands


def test_what_is_typed_is_in_standings_letters_and_the_workbook(run: Commands) -> None:
    officer.type_in(run.book, "MN01", "extended_to", "10/02/2025")
    officer.type_in(run.book, "CS01", "excused", "Trường mới thành lập")
    officer.type_in(run.book, "TH01", "returned", "Thiếu số liệu lớp 5")
    result = run("sync", LATER)
    assert (result["accepted"], result["to_mend"]) == (0, 1)
    assert result["periods"][0]["standings"]["excused"] == 1
    standings = {"TH01": "to_mend", "MN01": "not_due", "CS01": "excused"}
    assert run.standings(LATER) | {"MN01": "not_due"} == standings
    assert run.standings(AFTER)["MN01"] != "missing"
    run("remind", LATER)
    about = [(to, text) for to, text in run.letters() if "Thiếu số liệu lớp 5" in text]
    assert ["th01" in to.lower() for to, _text in about if "th01" in to.lower()] == [True]
    assert not any("cs01" in to.lower() for to, _text in run.letters())
    assert officer.shown(run.book, "MN01", "extended_to") == datetime(2025, 2, 10)  # noqa: DTZ001
    assert officer.shown(run.book, "TH01", "returned") == "Thiếu số liệu lớp 5"


@pytest.mark.parametrize("form", ["xlsx", "ods", "xls"])
def test_a_workbook_that_libreoffice_saved_says_only_what_was_typed(
    run: Commands, libreoffice: LibreOffice, tmp_path: Path, form: Any
) -> None:
    officer.type_in(run.book, "MN01", "extended_to", "10/02/2025 17:00")
    officer.type_in(run.book, "TH01", "note", "Dòng một\nDòng hai")
    run("sync", LATER)
    before = run.said()
    sheet = openpyxl.load_workbook(run.book)[PROGRESS_SHEET]
    column = officer.column(sheet, COLUMNS["extended_to"]) - 1
    place = address(officer.row_of(sheet, "CS01") - 1, column)
    saved = tmp_path / f"saved.{form}"
    with libreoffice.open(run.book) as book:
        book.set_cell(PROGRESS_SHEET, place, date(2025, 2, 12), "date")
        book.save_as(saved, form)
    target = run.book if form == "xlsx" else run.book.with_suffix(f".{form}")
    os.replace(saved, target)  # noqa: PTH105  # over what is there, as a program saves
    result = run("sync", "2025-01-20T10:00")
    assert run.said() == [*before, ("CS01", "extended_to", "2025-02-12")]
    assert (result["notes"], list(run.book.parent.glob("*(bản *"))) == ([], [])
    assert officer.shown(run.book, "CS01", "extended_to") == datetime(2025, 2, 12)  # noqa: DTZ001


def test_merged_cells_and_a_workbook_that_counts_from_1904_say_what_is_seen(run: Commands) -> None:
    def change(book: openpyxl.Workbook) -> None:
        sheet = book[PROGRESS_SHEET]
        row, first = officer.row_of(sheet, "MN01"), officer.column(sheet, COLUMNS["excused"])
        sheet.cell(row, first).value = "Không có trẻ"
        sheet.merge_cells(start_row=row, end_row=row, start_column=first, end_column=first + 1)
        cell = sheet.cell(officer.row_of(sheet, "CS01"), officer.column(sheet, COLUMNS["extended_to"]))
        cell.value = datetime(2025, 2, 12)  # noqa: DTZ001
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904

    officer.edit(run.book, change)
    run("sync", LATER)
    assert sorted(run.said()) == [("CS01", "extended_to", "2025-02-12"), ("MN01", "excused", "Không có trẻ")]
