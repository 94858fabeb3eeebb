"""Schools that report in Google Sheets: the verdict stands there at once; a letter follows when the sheet rests."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from sync import office, reminding
from sync.ledger import FindingRow, Ledger, ReceiptRecord, RunRecord, Verdict
from sync.ledger.records import Status
from sync.schools import Schools
from sync.sources import GOOGLE, INBOX
from tests.fakes.offices import PERIOD
from tests.reminding.offices import SCHOOLS, at, make_office, outbox, rewrite, text, to

pytestmark = pytest.mark.usefixtures("english")
SHEET = "1AbCdEfGhIjKlMnOpQrStUvWxYz"
TH01 = "th01@example.org"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = make_office(tmp_path / "office")
    config = made / "config.toml"
    text_ = config.read_text("utf-8").replace("default_credentials = false", "default_credentials = true")
    config.write_text(text_, "utf-8")
    rewrite(made, schools=Schools((replace(SCHOOLS.by_code["TH01"], spreadsheet=SHEET),)))
    return made


def take_in(
    folder: Path, moment: str, status: Status, content: str, scanned: tuple[str, ...] = (INBOX, GOOGLE)
) -> None:
    """A pass that read the spreadsheet."""
    opened = office.open_office(folder, at(moment))
    findings = [FindingRow("broken-seal", "error")]
    verdict = Verdict(status, opened.digest, "TH01", PERIOD, findings=[] if status == "accepted" else findings)
    receipt = ReceiptRecord(content * 64, 10, ".gsheet", GOOGLE, "TH01.gsheet", opened.now, verdict)
    with Ledger.open(opened.ledger_url) as ledger:
        ledger.record(RunRecord(opened.now, {}, scanned), [receipt])


def kinds(folder: Path, moment: str) -> set[str]:
    told = reminding.remind(office.open_office(folder, at(moment)))
    return {notice.kind for notice in told.notices if notice.school == "TH01" and notice.period == PERIOD}


def test_a_spreadsheet_is_answered_when_it_has_rested_for_a_day(folder: Path) -> None:
    take_in(folder, "2025-01-13T09:00", "to_mend", "a")
    take_in(folder, "2025-01-13T15:00", "to_mend", "b")
    assert "to_mend" not in kinds(folder, "2025-01-14T10:00")
    assert "to_mend" in kinds(folder, "2025-01-14T15:30")
    [letter] = [each for each in to(outbox(folder), TH01) if "sửa ngay trong bảng tính" in text(each)]
    assert SHEET in text(letter)
    assert "to_mend" not in kinds(folder, "2025-01-15T09:00")


def test_a_spreadsheet_that_is_no_report_yet_is_not_answered(folder: Path) -> None:
    take_in(folder, "2025-01-08T09:00", "refused", "a")
    assert kinds(folder, "2025-01-10T09:00") == {"due_soon"}


def test_a_school_is_not_told_to_be_late_while_google_did_not_answer(folder: Path) -> None:
    take_in(folder, "2025-01-08T09:00", "refused", "a")
    opened = office.open_office(folder, at("2025-01-23T08:00"))
    with Ledger.open(opened.ledger_url) as ledger:
        ledger.record(RunRecord(opened.now, {"new": 0}, (INBOX,)))
    assert "overdue" not in kinds(folder, "2025-01-23T09:00")
    with Ledger.open(opened.ledger_url) as ledger:
        ledger.record(RunRecord(opened.now + timedelta(hours=2), {"new": 0}, (INBOX, GOOGLE)))
    assert "overdue" in kinds(folder, "2025-01-23T10:30")
