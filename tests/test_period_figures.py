"""Figures of several periods out of the ledger, and what is kept of them between passes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from sync.comparing import PeriodFigures
from sync.decisions import Decision
from sync.ledger import Ledger
from sync.period_figures import figures_over, figures_until, gathered
from tests.fakes.ledger_facts import make_office, opened, report, take
from tests.fakes.offices import PERIOD, YEAR, ZONE

BEFORE, EARLIER = "2022-2023/CN", "2023-2024/HK1"
NOW = datetime(2025, 1, 20, 15, tzinfo=ZONE)
DONE = {("activities", "I.1", "status"): "Hoàn thành", ("statistics", "A.2", "total"): 300}


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return make_office(tmp_path / "office")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "facts.sqlite") as made:
        at = datetime(2024, 1, 17, 9, tzinfo=ZONE)
        take(made, at, [report(school, EARLIER, at, DONE, path=f"{school}-1.xlsx") for school in ("TH01", "CS01")])
        at = datetime(2025, 1, 18, 9, tzinfo=ZONE)
        take(made, at, [report("TH01", PERIOD, at, {**DONE, ("statistics", "A.2", "total"): 310})])
        yield made


def until(workspace: Path, ledger: Ledger, now: datetime = NOW, period: str = PERIOD) -> dict[str, PeriodFigures]:
    office = opened(workspace, now, ledger)
    return {each.period.key: each for each in figures_until(office, ledger, office.any_period(period))}


def total(figures: PeriodFigures) -> float:
    return figures.tables["statistics"].sums["total"]["A.2"]


def kept(workspace: Path, period: str) -> Path:
    return workspace / ".baocao" / "figures" / f"{period.replace('/', '-')}.json"


def rewritten(file: Path, **changes: Any) -> None:
    data = json.loads(file.read_text())
    data["figures"] |= changes
    file.write_text(json.dumps(data))


def test_every_period_until_this_one_has_its_figures_in_order_of_time(workspace: Path, ledger: Ledger) -> None:
    found = until(workspace, ledger)
    assert list(found)[-3:] == ["2023-2024/HK1", "2023-2024/CN", "2024-2025/HK1"]
    assert (total(found[EARLIER]), found[EARLIER].counted) == (600, 2)
    assert (total(found[PERIOD]), found[PERIOD].counted) == (310, 1)
    assert not found["2023-2024/CN"].has_reports
    assert YEAR not in found


def test_a_review_is_about_the_periods_that_end_within_it_and_have_begun(workspace: Path, ledger: Ledger) -> None:
    office = opened(workspace, NOW, ledger)

    def over(key: str) -> list[str]:
        return [each.period.key for each in figures_over(office, ledger, office.any_period(key))]

    assert (over("SK-2023")[0], over("SK-2023")[-1]) == ("2020-2021/HK1", "2022-2023/CN")
    assert over("TK-2025")[-1] == YEAR
    assert over(PERIOD) == [PERIOD]
    early = opened(workspace, datetime(2024, 8, 1, tzinfo=ZONE), ledger)
    assert figures_over(early, ledger, early.any_period("2025/NAM")) == []


def test_what_was_kept_is_used_again_and_may_be_deleted(workspace: Path, ledger: Ledger) -> None:
    first = until(workspace, ledger)
    rewritten(kept(workspace, EARLIER), counted=77)
    assert until(workspace, ledger)[EARLIER].counted == 77
    kept(workspace, EARLIER).unlink()
    assert until(workspace, ledger) == first


def test_what_was_kept_is_left_where_it_is_damaged(workspace: Path, ledger: Ledger) -> None:
    first = until(workspace, ledger)
    for damage in ("", "{}", "[1]", kept(workspace, EARLIER).read_text()[:-9]):
        kept(workspace, EARLIER).write_text(damage)
        assert until(workspace, ledger) == first


def test_a_report_that_comes_later_is_in_the_figures(workspace: Path, ledger: Ledger) -> None:
    until(workspace, ledger)
    take(ledger, NOW, [report("MN01", EARLIER, NOW, DONE)])
    assert until(workspace, ledger)[EARLIER].counted == 3


def test_a_decision_of_the_officer_is_in_the_figures(workspace: Path, ledger: Ledger) -> None:
    assert until(workspace, ledger)[EARLIER].standings["missing"] == 1
    decision = Decision(EARLIER, "MN01", "excused", "Chưa thành lập", NOW, NOW, "tong-hop.xlsx")
    ledger.decisions.record([decision], "0" * 64, "tong-hop.xlsx", NOW)
    assert until(workspace, ledger)[EARLIER].standings["missing"] == 0


def test_a_school_that_becomes_late_is_missing_from_that_second_on(workspace: Path, ledger: Ledger) -> None:
    due = datetime(2025, 1, 22, 23, 59, 59, tzinfo=ZONE)
    assert until(workspace, ledger, due)[PERIOD].standings["missing"] == 0
    assert until(workspace, ledger, due.replace(day=23, hour=0, minute=0, second=0))[PERIOD].standings["missing"] == 2
    assert until(workspace, ledger, due)[PERIOD].standings["missing"] == 0


def test_it_is_known_until_when_the_figures_hold(workspace: Path, ledger: Ledger) -> None:
    office = opened(workspace, NOW, ledger)
    figures = gathered(office, ledger)
    figures.before(office.period(PERIOD))
    assert figures.valid_until is None
    figures.until(office.period(PERIOD))
    assert figures.valid_until == datetime(2025, 1, 23, tzinfo=ZONE)
