"""A school that was renamed, moved, or made one of another level counts in each period as it stood then."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped, unused-ignore]
import pytest

from sync import cli, control, office
from sync.outputs.school_workbook import Form, build
from sync.schools import Earlier, School, Schools
from sync.setup import make_workspace
from tests.fakes.offices import CAST, PERIOD, PLAN, YEAR, ZONE, fill_of
from tests.reminding import offices

CHANGED = date(2025, 2, 28)
BEFORE, AFTER = ("Trường Mầm non Hoa Mai", "MN-MG", "Xã Một"), ("Trường Tiểu học Hoa Mai", "TH", "Xã Ba")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    def run_(*arguments: str | Path) -> Any:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main([str(argument) for argument in arguments])
        assert ended.value.code in (0, None)
        return json.loads(capsys.readouterr().out)

    return run_


def now_and_before(*, told: bool = True) -> Schools:
    """The cast after MN01 changed; `told`: with the row that says how it was."""
    name, level, unit = AFTER
    earlier = (Earlier(CHANGED, *BEFORE),) if told else ()
    first, second, *others = CAST
    return Schools((first, replace(second, name=name, level=level, unit=unit, earlier=earlier), *others))


def make(folder: Path, schools: Schools) -> Path:
    made = make_workspace(folder, PLAN.code).path
    change(made, schools)
    return made


def change(workspace: Path, schools: Schools) -> None:
    file = workspace / "dieu-hanh.xlsx"
    control.write(file, replace(control.read(file, PLAN, ZONE), schools=schools), PLAN)


def send_as(workspace: Path, level: str, modified: str) -> None:
    """MN01's report of the semester, as a school of `level` fills it."""
    opened = office.open_office(workspace)
    school = School("MN01", "Trường", level)
    form = Form(PLAN, school, opened.period(PERIOD), opened.settings.office, opened.seal_of("MN01", PERIOD))
    file = workspace / "nhan" / "MN01.xlsx"
    file.write_bytes(build(form, fill_of({}, level)))
    moment = datetime.fromisoformat(modified).replace(tzinfo=ZONE).timestamp()
    os.utime(file, (moment, moment))


def shown(workspace: Path, workbook: str) -> tuple[str, str, str]:
    rows = openpyxl.load_workbook(workspace / workbook)["Tiến độ nộp"].iter_rows(values_only=True)
    (found,) = {row[2:5] for row in rows if "MN01" in row[:3]}
    name, level, unit = found
    return str(name), str(level), str(unit)


def test_a_report_of_an_old_period_is_judged_and_counted_as_the_school_was(run: Any, tmp_path: Path) -> None:
    workspace = make(tmp_path / "office", CAST)
    send_as(workspace, "MN-MG", "2025-01-18T09:00")
    first = run("sync", "-w", workspace, "--as-of", "2025-01-20T08:00", "--json")
    assert (first["accepted"], shown(workspace, first["workbook"])) == (1, BEFORE)
    change(workspace, now_and_before())
    second = run("sync", "-w", workspace, "--period", PERIOD, "--as-of", "2025-06-10T08:00", "--json")
    assert (second["accepted"], shown(workspace, second["workbook"])) == (1, BEFORE)


def test_without_the_row_the_old_period_has_the_school_as_it_is_now(run: Any, tmp_path: Path) -> None:
    workspace = make(tmp_path / "office", CAST)
    send_as(workspace, "MN-MG", "2025-01-18T09:00")
    assert run("sync", "-w", workspace, "--as-of", "2025-01-20T08:00", "--json")["accepted"] == 1
    change(workspace, now_and_before(told=False))
    again = run("sync", "-w", workspace, "--period", PERIOD, "--as-of", "2025-06-10T08:00", "--json")
    assert (again["accepted"], again["to_mend"]) == (0, 1), "rows of the new level are missing"
    assert shown(workspace, again["workbook"]) == AFTER


def test_the_row_alone_makes_an_old_verdict_new(run: Any, tmp_path: Path) -> None:
    workspace = make(tmp_path / "office", now_and_before(told=False))
    send_as(workspace, "MN-MG", "2025-01-18T09:00")
    assert run("sync", "-w", workspace, "--as-of", "2025-01-20T08:00", "--json")["to_mend"] == 1
    change(workspace, now_and_before())
    assert run("sync", "-w", workspace, "--as-of", "2025-01-20T09:00", "--json")["accepted"] == 1


@pytest.mark.parametrize(("period", "stood"), [(PERIOD, BEFORE), (YEAR, AFTER)])
def test_workbooks_to_send_are_those_of_the_period(
    run: Any, tmp_path: Path, period: str, stood: tuple[str, str, str]
) -> None:
    workspace = make(tmp_path / "office", now_and_before())
    run("templates", "-w", workspace, "--period", period, "--school", "MN01", "--json")
    file = workspace / "mau" / period.replace("/", "-") / "MN01.xlsx"
    texts = {cell for row in openpyxl.load_workbook(file)["Thông tin"].iter_rows(values_only=True) for cell in row}
    assert {stood[0], stood[2]} <= texts
    assert not {BEFORE[0], AFTER[0]} - {stood[0]} & texts


def test_a_letter_about_an_old_period_calls_the_school_as_it_was(tmp_path: Path) -> None:
    folder = offices.make_office(tmp_path / "office")
    name, level, unit = AFTER
    earlier = (Earlier(date(2025, 1, 18), *BEFORE),)
    changed = [
        replace(school, name=name, level=level, unit=unit, earlier=earlier) if school.code == "MN01" else school
        for school in offices.SCHOOLS
    ]
    offices.rewrite(folder, schools=Schools(tuple(changed)))
    offices.remind(folder, "2025-01-24T09:00")
    letters = "\n".join(map(offices.text, offices.outbox(folder)))
    assert BEFORE[0] in letters
    assert AFTER[0] not in letters


def test_the_returned_copy_of_an_old_period_has_the_name_of_then(run: Any, tmp_path: Path) -> None:
    workspace = make(tmp_path / "office", now_and_before())
    send_as(workspace, "TH", "2025-01-18T09:00")
    done = run("sync", "-w", workspace, "--as-of", "2025-01-20T08:00", "--json")
    (returned,) = done["periods"][0]["returned"]
    assert BEFORE[0] in returned
