"""A pass goes on where a check of ours crashes, says so, and makes up for it later."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from sync import office, passes
from sync.checks import history, rules
from sync.expression.mask import Rows
from sync.plan import CompiledRule
from tests.fakes.offices import FAULTY, ZONE, office_of_cast, send

NOW = datetime(2025, 1, 20, 8, tzinfo=ZONE)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    made = office_of_cast(tmp_path / "office")
    return made.path


def test_a_rule_that_crashes_is_told_and_its_reports_are_judged_again(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = rules.fires

    def broken(compiled: CompiledRule, rows: Rows) -> np.ndarray:
        if compiled.rule.id.startswith(("done-", "started-")):
            raise ZeroDivisionError("a mistake")
        return whole(compiled, rows)

    send(workspace, "TH01", {("activities", "I.1", "status"): "Hoàn thành"})
    with monkeypatch.context() as patched:
        patched.setattr(rules, "fires", broken)
        first = passes.run(office.open_office(workspace, NOW))
    assert (first.accepted, first.to_mend) == (1, 0)
    assert [name for name in ("done-needs-finish", "started-needs-start") if name in " ".join(first.problems)] == [
        "done-needs-finish",
        "started-needs-start",
    ]
    second = passes.run(office.open_office(workspace, NOW))
    assert (second.accepted, second.to_mend, second.problems) == (0, 1, [])


def test_a_comparison_that_crashes_leaves_the_rest_of_the_pass(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object) -> list[object]:
        raise KeyError("a mistake")

    send(workspace, "TH01", FAULTY)
    with monkeypatch.context() as patched:
        patched.setattr(history, "check", broken)
        first = passes.run(office.open_office(workspace, NOW))
    assert (first.to_mend, len(first.problems), "history" in first.problems[0]) == (1, 1, True)
    assert first.workbook
    assert (workspace / first.workbook).is_file()
    second = passes.run(office.open_office(workspace, NOW))
    assert (second.problems, second.periods[0]["rebuilt"]) == ([], True)


def test_a_workbook_that_is_held_open_is_written_beside_and_in_its_place_by_the_next_pass(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = os.replace

    def held(source: Path, target: Path) -> None:
        # Windows neither moves a file that is open nor puts another in its place.
        if "tong-hop-2024-2025-HK1.xlsx" in (Path(source).name, Path(target).name):
            raise PermissionError(13, "held open")
        whole(source, target)

    send(workspace, "TH01")
    passes.run(office.open_office(workspace, NOW))
    send(workspace, "MN01")
    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", held)
        first = passes.run(office.open_office(workspace, NOW))
    assert first.workbook == "tong-hop/tong-hop-2024-2025-HK1 (mới).xlsx"
    assert (workspace / first.workbook).is_file()
    assert first.workbook in first.notes[0]
    second = passes.run(office.open_office(workspace, NOW))
    assert (second.workbook, second.notes) == ("tong-hop/tong-hop-2024-2025-HK1.xlsx", [])
    assert [each.name for each in (workspace / "tong-hop").iterdir()] == ["tong-hop-2024-2025-HK1.xlsx"]
