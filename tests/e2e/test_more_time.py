"""A school that is given more time in the control workbook stands, and is written to, by its own due moment."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped, unused-ignore]
import pytest

from sync import cli, control, office
from sync.control import Control
from sync.periods import Periods, due_moment
from sync.setup import make_workspace
from tests.fakes.offices import CAST, PERIOD, PLAN, ZONE, send

LATER = due_moment(date(2025, 1, 24), ZONE)
AS_OF = "2025-01-25T08:00"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    def run_(*arguments: str | Path) -> Any:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main([str(argument) for argument in arguments])
        assert ended.value.code in (0, None)
        return json.loads(capsys.readouterr().out)

    return run_


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    made = make_workspace(tmp_path / "office", PLAN.code).path
    change(made, lambda whole: replace(whole, schools=CAST))
    return made


def change(workspace: Path, how: Callable[[Control], Control]) -> None:
    file = workspace / "dieu-hanh.xlsx"
    control.write(file, how(control.read(file, PLAN, ZONE)), PLAN)


def with_more_time(whole: Control, due: datetime = LATER) -> Control:
    """TH01 has until `due`."""
    periods = [replace(each, extensions={"TH01": due} if each.key == PERIOD else {}) for each in whole.periods]
    return replace(whole, periods=Periods(tuple(periods)))


def standings(run: Any, workspace: Path) -> dict[str, str]:
    status = run("status", "-w", workspace, "--period", PERIOD, "--as-of", AS_OF, "--json")
    return {school["code"]: school["standing"] for school in status["schools"]}


def test_a_report_that_was_late_is_on_time_by_the_schools_own_due_date(run: Any, workspace: Path) -> None:
    for school in ("TH01", "MN01"):
        send(workspace, school, modified="2025-01-24T15:00")
    first = run("sync", "-w", workspace, "--as-of", "2025-01-24T16:00", "--json")
    late = {"TH01": "late", "MN01": "late", "CS01": "missing"}
    assert (first["accepted"], standings(run, workspace)) == (2, late)
    change(workspace, with_more_time)
    second = run("sync", "-w", workspace, "--as-of", AS_OF, "--json")
    assert standings(run, workspace) == {**late, "TH01": "on_time"}
    (period,) = second["periods"]
    assert (period["rebuilt"], period["standings"]["on_time"], period["standings"]["late"]) == (True, 1, 1)
    progress = openpyxl.load_workbook(workspace / second["workbook"])["Tiến độ nộp"]
    shown = {
        row[index].value
        for row in progress.iter_rows()
        if "TH01" in (row[0].value, row[1].value)
        for index in range(len(row))
    }
    assert any(isinstance(value, datetime) and value.date() == LATER.date() for value in shown)


def test_another_due_date_of_one_school_builds_the_workbook_anew_and_nothing_else_does(
    run: Any, workspace: Path
) -> None:
    change(workspace, with_more_time)
    rebuilt = []
    for due in (LATER, LATER, due_moment(date(2025, 1, 27), ZONE)):
        change(workspace, lambda whole, due=due: with_more_time(whole, due))  # type: ignore[misc]
        told = run("sync", "-w", workspace, "--as-of", AS_OF, "--json")
        rebuilt.append(told["periods"][0]["rebuilt"])
    assert rebuilt == [True, False, True]


def test_no_report_is_judged_again_because_a_school_has_more_time(workspace: Path) -> None:
    before = office.open_office(workspace)
    assert not before.period(PERIOD).extensions
    digest = before.digest
    change(workspace, with_more_time)
    after = office.open_office(workspace)
    assert (set(after.period(PERIOD).extensions), after.digest) == ({"TH01"}, digest)


def test_the_schools_workbook_prints_its_own_due_date(run: Any, workspace: Path) -> None:
    change(workspace, with_more_time)
    run("templates", "-w", workspace, "--period", PERIOD, "--json")
    printed = {school.code: texts(workspace / "mau" / "2024-2025-HK1" / f"{school.code}.xlsx") for school in CAST}
    assert {code: ("24/01/2025" in text, "22/01/2025" in text) for code, text in printed.items()} == {
        "TH01": (True, False),
        "MN01": (False, True),
        "CS01": (False, True),
    }


def texts(file: Path) -> str:
    cells = (cell.value for sheet in openpyxl.load_workbook(file) for row in sheet.iter_rows() for cell in row)
    return "\n".join(str(value) for value in cells if value is not None)
