"""What comes back to the schools: which copies lie in `tra-lai`, and that nothing is written twice."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sync import archive, control, facts, i18n, office, passes, returning
from sync.ledger import Ledger
from sync.outputs import layout as at
from sync.outputs.findings_workbook import SHEET as FINDINGS_ALONE
from sync.period_findings import period_findings
from sync.schools import Schools
from sync.setup import make_workspace
from sync.sources import INBOX, contents
from sync.workspace import write_atomically
from tests.fakes.offices import CAST, FAULTY, PERIOD, PLAN, ZONE, send

FIRST_PASS = datetime(2025, 1, 20, 8, tzinfo=ZONE)
NEXT_PASS = datetime(2025, 1, 21, 8, tzinfo=ZONE)
HOA_SEN = "TH01 - Trường Tiểu học Hoa Sen.xlsx"
HOA_SEN_REFUSED = "TH01 - Trường Tiểu học Hoa Sen (tệp không nhận được).xlsx"
HOA_CUC = "CS01 - Trường THCS Hoa Cúc.xlsx"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    made = make_workspace(tmp_path / "office", PLAN.code)
    schools(made.path, CAST)
    return made.path


def schools(workspace: Path, cast: Schools) -> None:
    file = workspace / "dieu-hanh.xlsx"
    control.write(file, replace(control.read(file, PLAN, ZONE), schools=cast), PLAN)


def give_back(workspace: Path, now: datetime = FIRST_PASS, **more: Any) -> returning.Returned:
    """A pass, then the copies of the period."""
    opened = office.open_office(workspace, now)
    passes.run(opened)
    with Ledger.open(opened.ledger_url) as ledger:
        everything = facts.all_receipts(ledger, contents(ledger.sightings(INBOX)))
        receipts = facts.receipts_of(opened, ledger, opened.period(PERIOD), everything)
        with i18n.using("vi"):
            findings, _failures = period_findings(opened, ledger, receipts)
        return returning.return_copies(opened, ledger, receipts, findings, **more)


def folder(workspace: Path) -> Path:
    return workspace / "tra-lai" / "2024-2025-HK1"


def names(workspace: Path) -> set[str]:
    return {entry.name for entry in folder(workspace).iterdir()} if folder(workspace).is_dir() else set()


def states(workspace: Path) -> dict[str, tuple[int, int]]:
    """Which file each copy is; another one after it was written again."""
    found = {entry.name: entry.stat() for entry in folder(workspace).iterdir()}
    return {name: (state.st_ino, state.st_mtime_ns) for name, state in found.items()}


def told(workspace: Path, name: str) -> dict[str, Any]:
    """The receipt's two lines and the findings (severity, cell, message) of a returned copy."""
    sheet = openpyxl.load_workbook(folder(workspace) / name)[at.FINDINGS_SHEET]
    rows = sheet.iter_rows(min_row=at.FINDINGS_FIRST_ROW + 1, min_col=2, max_col=6, values_only=True)
    return {
        "receipt": (sheet["B2"].value, sheet["B3"].value),
        "findings": [(row[0], row[2], row[4]) for row in rows if row[0]],
    }


def test_each_school_that_reported_gets_its_own_workbook_back(workspace: Path) -> None:
    send(workspace, "TH01", FAULTY)
    send(workspace, "CS01", name="xã/báo cáo (1).xlsx")
    give_back(workspace)
    assert names(workspace) == {HOA_SEN, HOA_CUC}
    assert told(workspace, HOA_SEN)["findings"][0][:2] == ("Lỗi", "H10")
    assert told(workspace, HOA_CUC) == {
        "receipt": (
            "Đã nhận lúc 09:00 ngày 18/01/2025 (lần nhận thứ 1).",
            "Đạt lúc 09:00 ngày 18/01/2025; bản này được tính.",
        ),
        "findings": [],
    }


def test_the_inbox_is_left_as_it_is(workspace: Path) -> None:
    sent = send(workspace, "TH01", FAULTY)
    before = (sent.read_bytes(), sent.stat())
    give_back(workspace)
    assert (sent.read_bytes(), sent.stat().st_mtime_ns, sent.stat().st_ino) == (
        before[0],
        before[1].st_mtime_ns,
        before[1].st_ino,
    )


def test_when_a_report_was_accepted_is_told_where_it_is_known(workspace: Path) -> None:
    send(workspace, "TH01")
    give_back(workspace, accepted_at={1: FIRST_PASS})
    assert told(workspace, HOA_SEN)["receipt"][1] == "Đạt lúc 08:00 ngày 20/01/2025; bản này được tính."


def test_nothing_is_written_or_opened_where_nothing_changed(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    send(workspace, "TH01", FAULTY)
    send(workspace, "CS01")
    give_back(workspace)
    before = states(workspace)

    def opened(*_: object) -> Path:
        raise AssertionError("a received file was opened")

    monkeypatch.setattr(archive.Archive, "path", opened)
    assert give_back(workspace, NEXT_PASS).written == []
    assert states(workspace) == before


def test_only_the_school_with_news_gets_a_new_copy(workspace: Path) -> None:
    send(workspace, "TH01", FAULTY)
    send(workspace, "CS01")
    give_back(workspace)
    before = states(workspace)
    send(workspace, "TH01", name="sửa lại.xlsx", modified="2025-01-20T09:00")
    give_back(workspace, NEXT_PASS)
    after = states(workspace)
    assert {name for name in before if before[name] != after[name]} == {HOA_SEN}
    assert told(workspace, HOA_SEN) == {
        "receipt": (
            "Đã nhận lúc 09:00 ngày 20/01/2025 (lần nhận thứ 2).",
            "Đạt lúc 09:00 ngày 20/01/2025; bản này được tính.",
        ),
        "findings": [],
    }


def test_a_faulty_report_after_an_accepted_one_says_which_one_counts(workspace: Path) -> None:
    send(workspace, "TH01")
    give_back(workspace)
    send(workspace, "TH01", FAULTY, modified="2025-01-20T09:00")
    give_back(workspace, NEXT_PASS)
    assert told(workspace, HOA_SEN)["receipt"][1].endswith("Bản nhận lần thứ 1 đã đạt và vẫn được tính.")


def test_a_copy_that_was_deleted_is_written_again(workspace: Path) -> None:
    send(workspace, "TH01", FAULTY)
    give_back(workspace)
    content = (folder(workspace) / HOA_SEN).read_bytes()
    (folder(workspace) / HOA_SEN).unlink()
    send(workspace, "CS01", modified="2025-01-20T09:00")
    give_back(workspace, NEXT_PASS)
    assert (folder(workspace) / HOA_SEN).read_bytes() == content


def test_what_the_officer_put_into_the_folder_stays(workspace: Path) -> None:
    send(workspace, "TH01", FAULTY)
    give_back(workspace)
    mine = folder(workspace) / "TH01 - ghi chú.xlsx"
    mine.write_bytes(b"x")
    send(workspace, "TH01", modified="2025-01-20T09:00")
    give_back(workspace, NEXT_PASS)
    assert names(workspace) == {HOA_SEN, mine.name}


def test_a_school_whose_report_left_the_inbox_keeps_its_copy(workspace: Path) -> None:
    sent = send(workspace, "TH01", FAULTY)
    send(workspace, "CS01")
    give_back(workspace)
    before = states(workspace)
    sent.unlink()
    give_back(workspace, NEXT_PASS)
    assert states(workspace) == before


def broken(workspace: Path, name: str, modified: str) -> Path:
    """A report of TH01 whose seal is broken: refused."""
    sent = send(workspace, "CS01", name=name, modified=modified)
    book = openpyxl.load_workbook(sent)
    book["_meta"]["B3"] = "TH01"
    book["Thông tin"]["B7"] = "TH01"
    book.save(sent)
    moment = datetime.fromisoformat(modified).replace(tzinfo=ZONE).timestamp()
    os.utime(sent, (moment, moment))
    return sent


def test_a_refused_file_of_a_known_school_gets_a_workbook_of_findings(workspace: Path) -> None:
    send(workspace, "TH01")
    broken(workspace, "hỏng.xlsx", "2025-01-19T09:00")
    give_back(workspace)
    assert names(workspace) == {HOA_SEN, HOA_SEN_REFUSED}
    sheet = openpyxl.load_workbook(folder(workspace) / HOA_SEN_REFUSED)[FINDINGS_ALONE]
    texts = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value]
    assert "Tệp: hỏng.xlsx" in texts
    assert "Tệp này không dùng được: xem lý do bên dưới. Bản nhận lần thứ 1 đã đạt và vẫn được tính." in texts


def test_a_report_that_follows_a_refused_file_replaces_what_was_said_of_it(workspace: Path) -> None:
    broken(workspace, "hỏng.xlsx", "2025-01-19T09:00")
    give_back(workspace)
    assert names(workspace) == {HOA_SEN_REFUSED}
    send(workspace, "TH01", modified="2025-01-20T09:00")
    give_back(workspace, NEXT_PASS)
    assert names(workspace) == {HOA_SEN}


def test_a_file_that_cannot_be_patched_gets_a_workbook_of_findings(workspace: Path) -> None:
    sent = send(workspace, "TH01", FAULTY)
    book = openpyxl.load_workbook(sent)
    del book[at.FINDINGS_SHEET]
    book.save(sent)
    give_back(workspace)
    assert openpyxl.load_workbook(folder(workspace) / HOA_SEN).sheetnames == [FINDINGS_ALONE]


def test_a_copy_that_is_open_in_excel_is_left_and_tried_again(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    send(workspace, "TH01", FAULTY)
    give_back(workspace)
    send(workspace, "TH01", modified="2025-01-20T09:00")
    with monkeypatch.context() as patch:
        patch.setattr(
            returning,
            "write_atomically",
            lambda path, content: write_atomically(path.with_stem(f"{path.stem} (mới)"), content),
        )
        result = give_back(workspace, NEXT_PASS)
    beside = HOA_SEN.replace(".xlsx", " (mới).xlsx")
    assert names(workspace) == {HOA_SEN, beside}
    assert len(result.notes) == 1
    assert beside in result.notes[0]
    assert told(workspace, HOA_SEN)["findings"]
    give_back(workspace, NEXT_PASS.replace(hour=9))
    assert told(workspace, HOA_SEN)["findings"] == []


def test_another_name_of_the_school_moves_its_copy(workspace: Path) -> None:
    send(workspace, "TH01", FAULTY)
    give_back(workspace)
    renamed = replace(CAST.by_code["TH01"], name='Trường "Hoa/Sen" : Một\t. ')
    schools(workspace, Schools((renamed, *CAST.schools[1:])))
    give_back(workspace, NEXT_PASS)
    assert names(workspace) == {"TH01 - Trường -Hoa-Sen- - Một.xlsx"}


def test_a_copy_sent_back_unmended_says_the_same_again(workspace: Path) -> None:
    sent = send(workspace, "TH01", FAULTY)
    give_back(workspace)
    first = told(workspace, HOA_SEN)
    sent.write_bytes((folder(workspace) / HOA_SEN).read_bytes())
    moment = datetime(2025, 1, 20, 9, tzinfo=ZONE).timestamp()
    os.utime(sent, (moment, moment))
    give_back(workspace, NEXT_PASS)
    again = told(workspace, HOA_SEN)
    assert again["findings"] == first["findings"]
    assert "lần nhận thứ 2" in again["receipt"][0]


def test_the_copies_of_two_offices_with_the_same_mail_are_equal(tmp_path: Path, workspace: Path) -> None:
    contents = []
    for number in range(2):
        other = make_workspace(tmp_path / str(number), PLAN.code).path
        schools(other, CAST)
        (other / ".baocao" / "secret").write_bytes(b"s" * 32)
        send(other, "TH01", FAULTY)
        give_back(other)
        contents.append((folder(other) / HOA_SEN).read_bytes())
    assert contents[0] == contents[1]
    assert openpyxl.load_workbook(io.BytesIO(contents[0])).sheetnames == at.sheet_names(PLAN)
