"""What a pass tells of itself in the consolidated workbook, and when that makes it build the workbook anew."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import openpyxl  # type: ignore[import-untyped, unused-ignore]
import pytest

from sync import office, passes, reminding
from sync.ledger import Ledger
from tests.fakes.offices import ZONE, office_of_cast, send

NOW = datetime(2025, 1, 20, 8, tzinfo=ZONE)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    made = office_of_cast(tmp_path / "office")
    send(made.path, "TH01")
    return made.path


def run(workspace: Path, now: datetime) -> passes.PassResult:
    return passes.run(office.open_office(workspace, now))


def news(workspace: Path, result: passes.PassResult) -> list[str]:
    """The last lines of `Tổng quan`: the pass, the next notices."""
    book = openpyxl.load_workbook(workspace / str(result.workbook), data_only=True)
    rows = [[value for value in row if value is not None] for row in book["Tổng quan"].iter_rows(values_only=True)]
    at = next(number for number, row in enumerate(rows) if row[:1] == ["Lượt đồng bộ"])
    return [str(row[-1]) for row in rows[at:] if row]


def test_the_workbook_names_its_pass_and_the_next_notices(workspace: Path) -> None:
    told = news(workspace, run(workspace, NOW))
    opened = office.open_office(workspace, NOW)
    with Ledger.open(opened.ledger_url) as ledger:
        coming = reminding.next_notices(opened.informed(ledger), ledger)[:3]
    assert told[0] == "số 1, lúc 08:00 ngày 20/01/2025"
    assert coming[0].kind == "due_soon"
    assert told[1].startswith(f"{coming[0].at:%H:%M ngày %d/%m/%Y}: nhắc trước hạn 2 trường")
    assert [line[:21] for line in told[1:]] == [f"{each.at:%H:%M ngày %d/%m/%Y}" for each in coming]


def test_the_workbook_is_built_anew_when_the_next_notice_is_another(workspace: Path) -> None:
    first = run(workspace, NOW)
    at = datetime.strptime(news(workspace, first)[1][:21], "%H:%M ngày %d/%m/%Y").replace(tzinfo=ZONE)
    before, again, after = (at + timedelta(minutes=minutes) for minutes in (-20, -10, 10))
    run(workspace, before)
    assert not run(workspace, again).periods[0]["rebuilt"]
    last = run(workspace, after)
    assert last.periods[0]["rebuilt"]
    assert f"{at:%H:%M ngày %d/%m/%Y}" not in news(workspace, last)[1]
