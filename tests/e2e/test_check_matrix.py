"""Every finding of the catalogue on at least one planted file, judged through `baocao check --json`."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from sync import demo, office, passes, plan
from sync.checks.catalogue import CATALOGUE
from sync.demo import Planted
from tests.fakes.offices import DONE, NARRATIVE, PERIOD, PLAN, YEAR, ZONE, many_figures, office_of_cast, send
from tests.intake import hostile

Told = dict[str, list[dict[str, Any]]]


def check(workspace: Path, files: Sequence[Path], *more: str) -> Told:
    """The findings of each file, as the command prints them."""
    command = [sys.executable, "-m", "sync", "check", "-w", str(workspace), "--json", *more, *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode in (0, 1), done.stderr
    return {file["file"]: file["findings"] for file in json.loads(done.stdout)["files"]}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Planted]:
    folder = tmp_path_factory.mktemp("matrix") / "office"
    return folder, demo.make(folder, plan.load(PLAN.code), schools=90, seed=2024)


def test_check_tells_every_planted_finding_and_no_other(planted: tuple[Path, Planted]) -> None:
    folder, made = planted
    told = check(folder, [folder / "nhan" / file.path for file in made.files])
    codes = set()
    for file in made.files:
        found = told[str(folder / "nhan" / file.path)]
        assert {(f["code"], f["sheet"], f["cell"]) for f in found} == set(map(tuple, file.findings)), file.path
        assert all(f["message"] and f["fix"] for f in found)
        codes |= {f["code"] for f in found}
    assert set(PLAN.rules_by_id) <= codes
    elsewhere = {"reading-stopped", "too-large", "bound-to-other", "returned-by-office"}
    assert set(CATALOGUE) - codes == {*beside_other_reports(), *elsewhere}


def test_check_tells_of_files_that_are_too_heavy_for_a_demo(tmp_path: Path) -> None:
    (tmp_path / "large.xlsx").write_bytes(b"PK" + b"\0" * (26 << 20))
    (tmp_path / "bomb.xlsx").write_bytes(hostile.zip_bomb(900))
    told = check(tmp_path, [tmp_path / "large.xlsx", tmp_path / "bomb.xlsx"])
    assert [[f["code"] for f in found] for found in told.values()] == [["too-large"], ["reading-stopped"]]


def beside_other_reports() -> dict[str, tuple[dict[Any, Any], dict[Any, Any], str, str]]:
    """By code: what was received before, what is checked, of which school and period."""
    undone = {("activities", "I.1", "status"): "Đang thực hiện", ("activities", "I.1", "finished_on"): None}
    text = {("activities", "II.3", "results"): NARRATIVE}
    other = {("statistics", "A.2", "total"): 512}
    blank = {(t.id, r.code, c.id): None for t in PLAN.all_tables for r in t.rows for c in t.columns}
    return {
        "undone": (DONE, {**DONE, **undone}, "TH01", YEAR),
        "figure-fell": (DONE, {**DONE, ("activities", "I.1", "sessions"): 3}, "TH01", YEAR),
        "figure-jumped": (DONE, {**DONE, ("statistics", "A.2", "total"): 100}, "TH01", YEAR),
        "same-as-before": (DONE, DONE, "TH01", YEAR),
        "copied-text": (text, {**text, **other}, "CS01", PERIOD),
        "copied-workbook": (many_figures(), many_figures(), "CS01", PERIOD),
        "emptied-report": (DONE, blank, "TH01", PERIOD),
        "earlier-period": (DONE, DONE, "CS01", PERIOD),
    }


@pytest.mark.parametrize("code", list(beside_other_reports()))
def test_check_compares_with_the_reports_that_were_received(code: str, tmp_path: Path) -> None:
    before, now, school, period = beside_other_reports()[code]
    made = office_of_cast(tmp_path / "office")
    send(made.path, "TH01", before)
    passes.run(office.open_office(made.path, datetime(2025, 1, 20, 8, tzinfo=ZONE)))
    file = send(made.path, school, now, "../kiem-tra.xlsx", period=period)
    moment = "2025-01-21T08:00" if code.startswith(("copied", "emptied")) else "2025-06-03T08:00"
    (found,) = check(made.path, [file], "--as-of", moment).values()
    assert {finding["code"] for finding in found} == {code}
