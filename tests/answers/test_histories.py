"""Random histories of the officer's columns: edits, copies, sorts, deletions, and passes that break off at any step."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar
from unittest.mock import patch

import openpyxl
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from sync import office, passes
from sync.answers.memory import Memory
from sync.decisions import COLUMNS, Decision, Field, log
from sync.landmarks import PROGRESS_SHEET, SCHOOL_HEADING
from sync.ledger import Ledger
from sync.ledger.decisions import DecisionBook
from tests.fakes import officer
from tests.fakes.answering import NAME, NOW, work
from tests.fakes.offices import CAST, PERIOD, office_of_cast

CODES = [school.code for school in CAST]
CELLS = [(code, field) for code in CODES for field in COLUMNS]
STEPS: list[tuple[Any, str]] = [
    *((os, name) for name in ("replace", "link", "unlink", "fsync")),
    *((Ledger, name) for name in ("record", "record_output", "last_run")),
    (DecisionBook, "record"),
    (Memory, "write"),
]
"""What a pass does to files and to the ledger, each a moment at which it can end and somebody can save."""

Cell = tuple[str, Field]
Change = Callable[[openpyxl.Workbook], object]


class Ended(BaseException):
    """The pass was ended from outside."""


@dataclass
class Step:
    """What happens in a pass at its step `number`, before it or after it."""

    number: int
    happens: Callable[[], None]
    is_after: bool = False

    def at(self, whole: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            number, self.number = self.number, self.number - 1
            if number == 0 and not self.is_after:
                self.happens()
            result = whole(*arguments, **named)
            if number == 0 and self.is_after:
                self.happens()
            return result

        return call

    @contextmanager
    def in_place(self) -> Iterator[None]:
        with ExitStack() as stack:
            for owner, name in STEPS:
                stack.enter_context(patch.object(owner, name, self.at(getattr(owner, name))))
            yield


def shown_in(file: Path) -> dict[Cell, str]:
    """What the marked cells hold, by the first row of each school; rows that are not there are left out."""
    sheet = openpyxl.load_workbook(file, data_only=True)[PROGRESS_SHEET]
    columns = {field: officer.column(sheet, heading) for field, heading in COLUMNS.items()}
    found: dict[Cell, str] = {}
    for row in range(officer.heading_row(sheet) + 1, sheet.max_row + 1):
        school = sheet.cell(row, officer.column(sheet, SCHOOL_HEADING)).value
        for field in COLUMNS if school in CODES else ():
            found.setdefault((str(school), field), str(sheet.cell(row, columns[field]).value or ""))
    return found


def words_in(file: Path) -> set[str]:
    """The words of this test, wherever they stand."""
    book = openpyxl.load_workbook(file, read_only=True)
    cells = (cell for sheet in book.worksheets for row in sheet.iter_rows(values_only=True) for cell in row)
    found = {cell for cell in cells if isinstance(cell, str) and cell.startswith("chữ ")}
    book.close()
    return found


def sort_rows(book: openpyxl.Workbook) -> None:
    sheet = book[PROGRESS_SHEET]
    first = officer.heading_row(sheet) + 1
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=first)]
    for number, row in enumerate(rows[1:] + rows[:1], first):
        for column, value in enumerate(row, 1):
            sheet.cell(number, column).value = value


class Desk(RuleBasedStateMachine):
    """`expected` is what should hold, by a count of its own: whatever differs in a file from what it said last."""

    made: ClassVar[Path]

    @initialize()
    def begin(self) -> None:
        self.home = Path(tempfile.mkdtemp())
        self.workspace = self.home / "office"
        shutil.copytree(self.made, self.workspace)
        self.minutes = self.words = 0
        self.typed: set[tuple[str, Field, str]] = set()
        self.owed: set[str] = set()
        self.expected = dict.fromkeys(CELLS, "")
        self.heard = {self.main: dict.fromkeys(CELLS, "")}
        self.is_exact, self.was_copied = True, False

    def teardown(self) -> None:
        if hasattr(self, "home"):
            self.a_pass()
            self.a_pass()
            shutil.rmtree(self.home)

    @property
    def main(self) -> Path:
        return self.workspace / "tong-hop" / NAME

    @property
    def copy(self) -> Path:
        return self.main.with_name("cua-chi-Lan.xlsx")

    def files(self) -> list[Path]:
        """The workbooks that are read, in the order in which they were saved."""
        there = (file for file in self.main.parent.glob("*.xlsx") if "(bản " not in file.name)
        return sorted(there, key=lambda file: file.stat().st_mtime_ns)

    def edit(self, file: Path, change: Change) -> None:
        self.minutes += 1
        before = words_in(file)
        officer.edit(file, change, NOW + timedelta(minutes=self.minutes))
        # What the officer deletes again before a pass came by is owed by nobody.
        self.owed -= before - words_in(file)

    def word(self) -> str:
        self.words += 1
        return f"chữ {self.words}"

    def typing(self, cell: Cell, text: str | None) -> Change:
        def change(book: openpyxl.Workbook) -> None:
            there = {each.value for row in book[PROGRESS_SHEET].iter_rows() for each in row}
            if {cell[0], COLUMNS[cell[1]]} <= there:
                officer.typing(*cell, text)(book)

        self.typed.add((*cell, text or ""))
        return change

    # What the officer does.

    @rule(cell=st.sampled_from(CELLS), is_cleared=st.booleans(), in_copy=st.booleans())
    @precondition(lambda self: self.files())
    def type_an_answer(self, cell: Cell, is_cleared: bool, in_copy: bool) -> None:
        wanted = self.copy if in_copy else self.main
        file = wanted if wanted.exists() else self.files()[-1]
        self.edit(file, self.typing(cell, None if is_cleared else self.word()))

    @rule(sheet=st.sampled_from(["Tổng quan", PROGRESS_SHEET, "Nháp"]), row=st.integers(1, 60))
    @precondition(lambda self: self.main.exists())
    def type_elsewhere(self, sheet: str, row: int) -> None:
        def change(book: openpyxl.Workbook) -> None:
            there = book[sheet] if sheet in book.sheetnames else book.create_sheet(sheet)
            there.cell(row, 40).value = word

        word = self.word()
        self.edit(self.main, change)

    @rule(school=st.sampled_from(CODES), is_deleted=st.booleans())
    @precondition(lambda self: self.main.exists())
    def move_rows(self, school: str, is_deleted: bool) -> None:
        def delete(book: openpyxl.Workbook) -> None:
            sheet = book[PROGRESS_SHEET]
            if school in {each.value for row in sheet.iter_rows() for each in row}:
                sheet.delete_rows(officer.row_of(sheet, school))

        self.edit(self.main, delete if is_deleted else sort_rows)

    @rule(heading=st.sampled_from(list(COLUMNS.values())))
    @precondition(lambda self: self.main.exists())
    def delete_a_column(self, heading: str) -> None:
        def delete(book: openpyxl.Workbook) -> None:
            sheet = book[PROGRESS_SHEET]
            if heading in {cell.value for cell in sheet[officer.heading_row(sheet)]}:
                sheet.delete_cols(officer.column(sheet, heading))

        self.edit(self.main, delete)

    @rule()
    @precondition(lambda self: self.main.exists())
    def make_a_copy(self) -> None:
        shutil.copy2(self.main, self.copy)
        self.heard[self.copy] = dict(self.heard[self.main])
        self.was_copied = True

    @rule()
    @precondition(lambda self: self.copy.exists())
    def put_the_copy_back(self) -> None:
        """An old workbook stands in the place of the new one."""
        self.owed -= words_in(self.main) if self.main.exists() else set()
        self.copy.replace(self.main)
        self.is_exact = False

    @rule()
    @precondition(lambda self: self.main.exists())
    def delete_the_workbook(self) -> None:
        self.owed -= words_in(self.main)
        self.main.unlink()

    @rule(name=st.sampled_from(["workbooks.json", "last-pass.json", "built"]))
    def lose_what_is_no_fact(self, name: str) -> None:
        place = self.workspace / ".baocao" / name
        if place.is_dir():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)

    # What passes do.

    @rule()
    def a_pass(self) -> None:
        self.work()
        self.check()

    @rule(number=st.integers(0, 30), is_after=st.booleans())
    def a_pass_that_is_ended(self, number: int, is_after: bool) -> None:
        def end() -> None:
            raise Ended

        try:
            with Step(number, end, is_after).in_place():
                self.work()
        except Ended:
            self.is_exact = False
        else:
            self.check()

    @rule(number=st.integers(0, 30), cell=st.sampled_from(CELLS), is_elsewhere=st.booleans())
    @precondition(lambda self: self.main.exists())
    def save_while_a_pass_works(self, number: int, cell: Cell, is_elsewhere: bool) -> None:
        """Somebody opened the workbook before the pass and saves it in the middle."""

        def aside(book: openpyxl.Workbook) -> None:
            book["Tổng quan"].cell(50, 40).value = word

        def save() -> None:
            opened.rename(self.main)
            self.owed |= words

        opened, word = self.home / "opened.xlsx", self.word()
        shutil.copy2(self.main, opened)
        officer.edit(opened, aside if is_elsewhere else self.typing(cell, word))
        words = words_in(opened)
        self.is_exact = False
        with Step(number, save).in_place():
            self.work()
        opened.unlink(missing_ok=True)

    def work(self) -> None:
        self.minutes += 1
        for file in self.files():
            self.owed |= words_in(file)
            self.expect(file)
        passes.run(office.open_office(self.workspace, NOW + timedelta(minutes=self.minutes)))

    def expect(self, file: Path) -> None:
        now = {cell: text for cell, text in self.said(file).items() if text is not None}
        before = self.heard.setdefault(file, dict(now))
        self.expected |= {cell: text for cell, text in now.items() if before.get(cell, text) != text}
        self.heard[file] = {**before, **now}

    def said(self, file: Path) -> dict[Cell, str]:
        try:
            return shown_in(file)
        except StopIteration:
            # A column is gone: what the others say shows in what was decided.
            self.is_exact = False
            return {}

    def check(self) -> None:
        opened = office.open_office(self.workspace, NOW)
        with Ledger.open(opened.ledger_url) as ledger:
            decisions = opened.informed(ledger).decisions
        self.check_nothing_is_lost(decisions.all)
        assert {(each.school, each.field, each.value) for each in decisions.all} <= self.typed
        said = [each.value for each in decisions.all if each.value]
        assert self.was_copied or len(said) == len(set(said)), "what was typed once was decided twice"
        if not self.main.exists():
            return
        holds = log.shown(decisions, PERIOD)
        if self.is_exact:
            assert {cell: text for cell, text in self.expected.items() if text} == holds
        self.check_shown(holds)
        self.expected = {cell: holds.get(cell, "") for cell in CELLS}
        self.heard[self.main] = dict(self.expected)
        self.is_exact = not self.copy.exists() or self.is_exact

    def check_nothing_is_lost(self, decided: Iterable[Decision]) -> None:
        there = {each.value for each in decided}
        for file in self.main.parent.glob("*.xlsx"):
            there |= words_in(file)
        assert self.owed <= there
        self.owed.clear()
        assert not list((self.workspace / ".baocao").glob("replaced *"))

    def check_shown(self, holds: Mapping[Cell, str]) -> None:
        try:
            shown = shown_in(self.main)
        except StopIteration:
            return
        assert shown == {cell: holds.get(cell, "") for cell in shown}


@pytest.mark.slow
def test_whatever_happens_nothing_is_lost_and_nothing_is_decided_that_nobody_typed(tmp_path: Path) -> None:
    Desk.made = office_of_cast(tmp_path / "office").path
    work(Desk.made, 0)
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        Desk,
        # Each history takes seconds: making a failing one shorter would take longer than all tests together.
        settings=settings(
            max_examples=8,
            stateful_step_count=12,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=checks,
        ),
    )
