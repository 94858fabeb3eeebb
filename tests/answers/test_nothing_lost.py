"""Whatever the officer saves, in whatever copy and at whatever moment of a pass, is in the ledger or in a kept file."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from unittest.mock import patch

import openpyxl
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from sync import control, office, passes
from sync.decisions import COLUMNS, FIELDS, Field, log
from sync.landmarks import PROGRESS_SHEET
from sync.ledger import Ledger
from sync.setup import make_workspace
from tests.fakes import officer
from tests.fakes.offices import CAST, PERIOD, PLAN, ZONE

NOW = datetime(2025, 1, 20, 8, tzinfo=ZONE)
CODES = [school.code for school in CAST]
STEPS = ("replace", "link", "unlink", "fsync")
"""What a pass does to files; it can be killed, and somebody can save, before each of them."""


class Killed(BaseException):
    """The pass was ended."""


def token_cells(file: Path) -> set[str]:
    """What this test typed, wherever it stands in a workbook."""
    book = openpyxl.load_workbook(file, read_only=True)
    cells = (cell for sheet in book.worksheets for row in sheet.iter_rows(values_only=True) for cell in row)
    found = {cell for cell in cells if isinstance(cell, str) and cell.startswith("gõ ")}
    book.close()
    return found


@contextmanager
def stepping(hook: Callable[[], None]) -> Iterator[None]:
    """Calls `hook` before whatever changes a file."""

    def hooked(name: str) -> Any:
        whole = getattr(os, name)

        def call(*arguments: Any, **named: Any) -> Any:
            hook()
            return whole(*arguments, **named)

        return patch.object(os, name, call)

    patches = [hooked(name) for name in STEPS]
    for each in patches:
        each.start()
    try:
        yield
    finally:
        for each in patches:
            each.stop()


def at_step(step: int, do: Callable[[], None]) -> Callable[[], None]:
    """What calls `do` when it is called for that time, counted from 0."""
    calls = itertools.count()
    return lambda: do() if next(calls) == step else None


class Desk(RuleBasedStateMachine):
    """The officer, passes, and kills, in any order."""

    built: ClassVar[Path]

    @initialize()
    def begin(self) -> None:
        self.home = Path(tempfile.mkdtemp())
        self.workspace = self.home / "office"
        shutil.copytree(self.built, self.workspace)
        self.minutes, self.typed = 0, 0
        self.owed: set[str] = set()

    def teardown(self) -> None:
        if hasattr(self, "home"):
            self.a_pass()
            shutil.rmtree(self.home)

    @property
    def outputs(self) -> Path:
        return self.workspace / "tong-hop"

    @property
    def main(self) -> Path:
        return self.outputs / "tong-hop-2024-2025-HK1.xlsx"

    def files(self) -> list[Path]:
        return sorted(file for file in self.outputs.glob("*.xlsx") if "(bản " not in file.name)

    def edit(self, file: Path, change: Callable[[openpyxl.Workbook], object]) -> None:
        self.minutes += 1
        officer.edit(file, change, NOW + timedelta(minutes=self.minutes))

    def word(self) -> str:
        self.typed += 1
        return f"gõ {self.typed}"

    @rule(which=st.integers(0, 3), school=st.sampled_from(CODES), field=st.sampled_from(FIELDS))
    @precondition(lambda self: self.files())
    def type_an_answer(self, which: int, school: str, field: Field) -> None:
        def change(book: openpyxl.Workbook) -> None:
            try:
                officer.typing(school, field, word)(book)
            except StopIteration:
                return

        word, files = self.word(), self.files()
        self.edit(files[which % len(files)], change)

    @rule(which=st.integers(0, 3), school=st.sampled_from(CODES), field=st.sampled_from(FIELDS))
    @precondition(lambda self: self.main.exists())
    def clear_an_answer(self, which: int, school: str, field: Field) -> None:
        def change(book: openpyxl.Workbook) -> None:
            try:
                officer.typing(school, field, None)(book)
            except StopIteration:
                return

        files = self.files()
        self.edit(files[which % len(files)], change)

    @rule(sheet=st.sampled_from(["Tổng quan", PROGRESS_SHEET, "Nháp"]), row=st.integers(1, 90))
    @precondition(lambda self: self.main.exists())
    def type_elsewhere(self, sheet: str, row: int) -> None:
        word = self.word()

        def change(book: openpyxl.Workbook) -> None:
            there = book[sheet] if sheet in book.sheetnames else book.create_sheet(sheet)
            there.cell(row, 40).value = word

        self.edit(self.main, change)

    @rule(school=st.sampled_from(CODES))
    @precondition(lambda self: self.main.exists())
    def delete_a_row(self, school: str) -> None:
        def change(book: openpyxl.Workbook) -> None:
            sheet = book[PROGRESS_SHEET]
            try:
                sheet.delete_rows(officer.row_of(sheet, school))
            except StopIteration:
                return

        self.edit(self.main, change)

    @rule()
    @precondition(lambda self: self.main.exists())
    def sort(self) -> None:
        def change(book: openpyxl.Workbook) -> None:
            sheet = book[PROGRESS_SHEET]
            first = officer.heading_row(sheet) + 1
            rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=first)]
            for number, row in enumerate(rows[1:] + rows[:1], first):
                for column, value in enumerate(row, 1):
                    sheet.cell(number, column).value = value

        self.edit(self.main, change)

    @rule()
    @precondition(lambda self: self.main.exists())
    def copy(self) -> None:
        shutil.copy2(self.main, self.outputs / "ban-cua-chi-Lan.xlsx")

    @rule()
    @precondition(lambda self: self.main.exists())
    def delete_the_workbook(self) -> None:
        self.main.unlink()

    @rule()
    def a_pass(self) -> None:
        self.work()
        self.check()

    @rule(step=st.integers(0, 25), afterwards=st.booleans())
    def a_pass_that_is_killed(self, step: int, afterwards: bool) -> None:
        def kill() -> None:
            raise Killed

        with stepping(at_step(step, kill)), suppress(Killed):
            self.work()
        if afterwards:
            self.a_pass()

    @rule(step=st.integers(0, 25), school=st.sampled_from(CODES), field=st.sampled_from(FIELDS))
    @precondition(lambda self: self.main.exists())
    def save_while_a_pass_works(self, step: int, school: str, field: Field) -> None:
        """Somebody has had the workbook open since before the pass, and saves it in the middle."""
        opened, word = self.home / "open.xlsx", self.word()
        shutil.copy2(self.main, opened)
        try:
            officer.edit(opened, officer.typing(school, field, word))
        except StopIteration:
            return

        def save() -> None:
            opened.rename(self.main)
            self.owed.add(word)

        with stepping(at_step(step, save)):
            self.work()

    def work(self) -> None:
        self.minutes += 1
        for file in self.files():
            self.owed |= token_cells(file)
        passes.run(office.open_office(self.workspace, NOW + timedelta(minutes=self.minutes)))

    def check(self) -> None:
        opened = office.open_office(self.workspace, NOW)
        with Ledger.open(opened.ledger_url) as ledger:
            decisions = opened.informed(ledger).decisions
        there = {each.value for each in decisions.all}
        for file in self.outputs.glob("*(bản *"):
            there |= token_cells(file)
        assert self.owed <= there
        self.owed.clear()
        assert not list((self.workspace / ".baocao").glob("replaced *"))
        shown = log.shown(decisions, PERIOD)
        sheet = openpyxl.load_workbook(self.main)[PROGRESS_SHEET]
        for school in CODES:
            if school in {cell.value for row in sheet.iter_rows() for cell in row}:
                for field in FIELDS:
                    cell = sheet.cell(officer.row_of(sheet, school), officer.column(sheet, COLUMNS[field]))
                    assert (cell.value or "") == shown.get((school, field), "")


@pytest.mark.slow
def test_nothing_that_was_saved_is_lost_and_the_workbook_shows_what_the_ledger_holds(tmp_path: Path) -> None:
    made = make_workspace(tmp_path / "office", PLAN.code)
    whole = control.read(made.control_file, PLAN, ZONE)
    control.write(made.control_file, replace(whole, schools=CAST), PLAN)
    passes.run(office.open_office(made.path, NOW))
    Desk.built = made.path
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        Desk,
        settings=settings(max_examples=12, stateful_step_count=12, deadline=None, suppress_health_check=checks),
    )
