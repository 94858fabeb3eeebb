"""A school that goes back to what it sent before: what lies there now is what counts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sync import facts, office, passes
from sync.ledger import Ledger
from sync.looking import in_sight
from tests.fakes.offices import DONE, PERIOD, send
from tests.reminding.offices import at, make_office


def test_a_file_that_is_put_back_is_the_newest_again(tmp_path: Path) -> None:
    folder = make_office(tmp_path / "office")
    moment = at("2025-01-20T08:00")
    counted = []
    for number, changes in enumerate((None, DONE, None)):
        now = moment + timedelta(hours=number)
        send(folder, "TH01", changes, modified=f"{now - timedelta(minutes=5):%Y-%m-%dT%H:%M}")
        opened = office.open_office(folder, now)
        passes.run(opened)
        with Ledger.open(opened.ledger_url) as ledger:
            everything = facts.all_receipts(ledger, in_sight(ledger))
            receipts = facts.receipts_of(opened, ledger, opened.period(PERIOD), everything)
            counted.append(receipts.counted["sha256"].item())
    assert counted[0] == counted[2] != counted[1]
