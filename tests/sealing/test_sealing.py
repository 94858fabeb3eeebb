"""A period is frozen once, and then changes by numbered addenda only."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from sync import drawing_up, office, passes, reminding, sealing
from sync.ledger import Ledger
from sync.period_figures import figures_until
from sync.sealing import SealError
from sync.workspace import WorkspaceBusy
from tests.fakes.offices import DONE, FAULTY, PERIOD, YEAR, ZONE, send
from tests.sealing.offices import (
    LATER,
    NOW,
    decide,
    file_of,
    make_office,
    opened,
    run_pass,
    sealed,
    workbook_of,
)

JUNE = datetime(2025, 6, 20, 8, tzinfo=ZONE)


def names(file: Path) -> set[str]:
    with zipfile.ZipFile(file) as archive:
        return set(archive.namelist())


def member(file: Path, name: str) -> bytes:
    with zipfile.ZipFile(file) as archive:
        return archive.read(name)


def standings(workspace: Path) -> dict[str, int]:
    return {name: count for name, count in run_pass(workspace, LATER).periods[0]["standings"].items() if count}


def test_everything_that_was_reported_is_in_the_seal(sealed_once: Path) -> None:
    file = file_of(sealed_once)
    there = names(file)
    assert {
        "manifest.json",
        "plan.toml",
        "cai-dat.json",
        "dieu-hanh.json",
        "so-lieu.json",
        "tong-hop-2024-2025-HK1.xlsx",
        "bao-cao-2024-2025-HK1.docx",
    } <= there
    archived = {each.name for each in (sealed_once / ".baocao" / "archive").rglob("*.xlsx")}
    assert {name.removeprefix("nhan/") for name in there if name.startswith("nhan/")} == archived
    for name in archived:
        kept = sealed_once / ".baocao" / "archive" / name[:2] / name
        assert member(file, f"nhan/{name}") == kept.read_bytes()


def test_the_manifest_says_what_made_it(sealed_once: Path) -> None:
    manifest = json.loads(member(file_of(sealed_once), "manifest.json"))
    plan = opened(sealed_once).plan
    assert (manifest["period"], manifest["number"], manifest["sealed_at"]) == (PERIOD, 0, "2025-01-27T08:00:00+07:00")
    assert (manifest["plan"], manifest["plan_digest"]) == (plan.code, plan.digest)
    assert manifest["version"] == manifest["made_with"]["baocao"]


def test_the_office_has_the_sealed_workbook(sealed_once: Path) -> None:
    sealed_bytes = member(file_of(sealed_once), "tong-hop-2024-2025-HK1.xlsx")
    assert workbook_of(sealed_once).read_bytes() == sealed_bytes


def test_equal_offices_give_equal_seals(sealed_once: Path, tmp_path: Path) -> None:
    other = make_office(tmp_path / "office")
    for file in (sealed_once / "nhan").iterdir():
        shutil.copy2(file, other / "nhan" / file.name)
    shutil.copy2(sealed_once / ".baocao" / "secret", other / ".baocao" / "secret")
    sealed(other)
    assert file_of(other).read_bytes() == file_of(sealed_once).read_bytes()


def test_sealing_again_without_news_writes_nothing(workspace: Path) -> None:
    before = file_of(workspace).read_bytes()
    again = sealed(workspace, LATER)
    assert (again.new, again.number) == (False, 0)
    assert [file.name for file in file_of(workspace).parent.iterdir()] == [file_of(workspace).name]
    assert file_of(workspace).read_bytes() == before


def test_passes_leave_the_workbook_of_a_sealed_period_alone(workspace: Path) -> None:
    before = workbook_of(workspace).read_bytes()
    send(workspace, "CS01", DONE, modified="2025-02-09T09:00")
    result = run_pass(workspace, LATER).periods[0]
    assert (result["sealed"], result["rebuilt"], result["after_seal"]) == (True, False, ["CS01.xlsx"])
    assert workbook_of(workspace).read_bytes() == before


def test_who_reports_after_the_seal_is_answered_all_the_same(workspace: Path) -> None:
    send(workspace, "CS01", FAULTY, modified="2025-02-09T09:00")
    returned = run_pass(workspace, LATER).periods[0]["returned"]
    assert [Path(each).name.partition(" ")[0] for each in returned] == ["CS01"]


def test_a_sealed_workbook_that_was_lost_is_put_back(workspace: Path) -> None:
    before = workbook_of(workspace).read_bytes()
    workbook_of(workspace).unlink()
    run_pass(workspace, LATER)
    assert workbook_of(workspace).read_bytes() == before


def test_what_is_decided_after_the_seal_has_no_effect_before_it_is_sealed_too(workspace: Path) -> None:
    decide(workspace, "CS01", "excused", "Trường mới sáp nhập", LATER)
    assert standings(workspace) == {"on_time": 1, "to_mend": 1, "missing": 1}
    addendum = sealed(workspace, LATER)
    assert (addendum.new, addendum.number) == (True, 1)
    assert [(each.key, each.after) for each in addendum.changes.decisions] == [("CS01/excused", "Trường mới sáp nhập")]
    assert standings(workspace) == {"on_time": 1, "to_mend": 1, "excused": 1}


def test_a_report_that_came_later_makes_an_addendum_with_the_difference(workspace: Path) -> None:
    send(workspace, "CS01", DONE, modified="2025-02-09T09:00")
    addendum = sealed(workspace, LATER)
    assert (addendum.new, addendum.number, addendum.receipts) == (True, 1, 1)
    assert [(each.key, each.before, each.after) for each in addendum.changes.standings] == [("CS01", "missing", "late")]
    done = {each.key: (each.before, each.after) for each in addendum.changes.figures}["activities/stages/done/I.1"]
    assert done == (1, 2)
    told = CalamineWorkbook.from_filelike(io.BytesIO(member(file_of(workspace, 1), "khac-biet.xlsx")))
    schools, figures = (told.get_sheet_by_name(name).to_python() for name in ("Trường", "Số liệu"))
    assert ["CS01", "Tình trạng nộp", "Chưa nộp", "Nộp muộn"] in [row[1:5] for row in schools]
    assert ["Số trường: Hoàn thành", 1, 2, 1] in [row[4:8] for row in figures if row[2] == "I.1"]
    manifest = json.loads(member(file_of(workspace, 1), "manifest.json"))
    assert (manifest["previous"], len(manifest["earlier"])) == (sha256_of_manifest(file_of(workspace)), 2)
    assert len([name for name in names(file_of(workspace, 1)) if name.startswith("nhan/")]) == 1
    assert member(file_of(workspace, 1), "tong-hop-2024-2025-HK1.xlsx") == workbook_of(workspace).read_bytes()


def sha256_of_manifest(file: Path) -> str:
    with zipfile.ZipFile(file) as archive:
        return archive.comment.decode()


def test_a_report_with_errors_is_no_reason_for_an_addendum(workspace: Path) -> None:
    send(workspace, "CS01", FAULTY, modified="2025-02-09T09:00")
    assert sealed(workspace, LATER).new is False


def test_a_report_that_somebody_finished_is_sealed_as_it_is(workspace: Path) -> None:
    finished = workspace / "tong-hop" / "bao-cao-2024-2025-HK1.docx"
    finished.write_bytes(b"signed")
    addendum = sealed(workspace, LATER)
    assert (addendum.number, member(file_of(workspace, 1), f"ban-da-sua/{finished.name}")) == (1, b"signed")
    assert finished.read_bytes() == b"signed"
    assert sealed(workspace, LATER).new is False


def test_nobody_is_reminded_of_a_sealed_period(workspace: Path, tmp_path: Path) -> None:
    def owed(folder: Path) -> set[tuple[str, str]]:
        run_pass(folder, LATER)
        told = reminding.preview(opened(folder, LATER))
        owed = (*told.notices, *told.unreachable)
        return {(notice.kind, notice.school) for notice in owed if notice.period == PERIOD}

    other = make_office(tmp_path / "other")
    run_pass(other)
    assert ("overdue", "CS01") in owed(other)
    assert {kind for kind, _school in owed(workspace)} <= {"accepted", "to_mend"}


def test_other_periods_go_on(workspace: Path) -> None:
    send(workspace, "TH01", DONE, name="year.xlsx", period=YEAR, modified="2025-05-20T09:00")
    result = run_pass(workspace, LATER.replace(month=6))
    assert {each["period"]: (each["sealed"], each["rebuilt"]) for each in result.periods} == {
        PERIOD: (True, False),
        YEAR: (False, True),
    }


def test_an_inbox_that_cannot_be_believed_is_a_reason_not_to_seal(tmp_path: Path, english: None) -> None:
    workspace = make_office(tmp_path / "office")
    run_pass(workspace)
    for file in (workspace / "nhan").iterdir():
        file.unlink()
    with pytest.raises(SealError, match="is not sealed while not everything is taken in"):
        sealed(workspace)
    assert not file_of(workspace).exists()


def test_a_file_that_comes_while_a_period_is_sealed_is_a_reason_to_try_again(
    tmp_path: Path, english: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, whole = make_office(tmp_path / "office"), passes.run

    def then_somebody_sends(*arguments: Any, **named: Any) -> passes.PassResult:
        result = whole(*arguments, **named)
        send(workspace, "CS01", DONE)
        return result

    with monkeypatch.context() as patched:
        patched.setattr(passes, "run", then_somebody_sends)
        with pytest.raises(SealError, match="try again in a moment"):
            sealed(workspace)
    assert not file_of(workspace).exists()
    assert sealed(workspace).receipts == 3


def test_a_seal_that_was_changed_gets_no_addendum(workspace: Path) -> None:
    content = file_of(workspace).read_bytes()
    file_of(workspace).write_bytes(content.replace(b"2025-01-27", b"2025-01-26", 1))
    send(workspace, "CS01", DONE, modified="2025-02-09T09:00")
    with pytest.raises(SealError):
        sealed(workspace, LATER)
    assert not file_of(workspace, 1).exists()


def test_two_people_do_not_seal_at_once(workspace: Path) -> None:
    with opened(workspace).workspace.lock(), pytest.raises(WorkspaceBusy):
        sealed(workspace, LATER)


def test_a_seal_that_the_ledger_does_not_know_was_never_made(tmp_path: Path) -> None:
    """As after a kill between the file and the ledger: the period is open, and sealing again completes."""
    workspace = make_office(tmp_path / "office")
    file_of(workspace).parent.mkdir(parents=True)
    file_of(workspace).write_bytes(b"half")
    assert run_pass(workspace).periods[0]["sealed"] is False
    assert sealed(workspace).new is True
    assert [proof.problems for proof in sealing.verify(opened(workspace))] == [()]


def test_a_kill_before_the_workbook_is_in_its_place_is_made_up_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sync.sealing import placing

    workspace = make_office(tmp_path / "office")

    def killed(*_arguments: object) -> list[str]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(placing, "place", killed)
        with pytest.raises(KeyboardInterrupt):
            sealed(workspace)
    assert workbook_of(workspace).read_bytes() != member(file_of(workspace), workbook_of(workspace).name)
    run_pass(workspace, LATER)
    assert workbook_of(workspace).read_bytes() == member(file_of(workspace), workbook_of(workspace).name)


def test_sealed_verdicts_are_not_judged_again(workspace: Path) -> None:
    with Ledger.open(office.open_office(workspace, NOW).ledger_url) as ledger:
        before = ledger.receipts()
    file = workspace / "config.toml"
    plan = workspace / "plan.toml"
    plan.write_text(opened_plan(workspace).replace('title = "', 'title = "Mới ', 1), encoding="utf-8")
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('plan = "thu-thua-2020-2025"', 'plan = "plan.toml"'), encoding="utf-8")
    run_pass(workspace, LATER)
    with Ledger.open(office.open_office(workspace, NOW).ledger_url) as ledger:
        assert list(ledger.receipts()["plan_digest"]) == list(before["plan_digest"])


def opened_plan(workspace: Path) -> str:
    return member(file_of(workspace), "plan.toml").decode()


def test_the_report_on_a_sealed_period_is_what_an_addendum_would_seal(workspace: Path) -> None:
    """So that an officer can finish it, and seal once."""
    send(workspace, "CS01", DONE, modified="2025-02-09T09:00")
    decide(workspace, "MN01", "excused", "Trường đang sửa chữa", LATER)
    run_pass(workspace, LATER)
    with Ledger.open(opened(workspace).ledger_url) as ledger:
        drawn = drawing_up.draw_up(opened(workspace, LATER), ledger, PERIOD)
    report = workspace / drawn.report
    content = report.read_bytes()
    sealed(workspace, LATER)
    assert member(file_of(workspace, 1), report.name) == content


def test_other_periods_show_of_a_sealed_one_what_was_sealed(workspace: Path, tmp_path: Path) -> None:
    send(workspace, "CS01", DONE, modified="2025-02-09T09:00")
    decide(workspace, "TH01", "excused", "Trường đang sửa chữa", LATER)
    send(workspace, "TH01", DONE, name="year.xlsx", period=YEAR, modified="2025-06-01T09:00")
    run_pass(workspace, JUNE)
    with Ledger.open(opened(workspace).ledger_url) as ledger:
        informed = opened(workspace, JUNE).informed(ledger)
        semester, _year = figures_until(informed, ledger, informed.period(YEAR))[-2:]
    assert (semester.counted, semester.standings["on_time"], semester.standings["excused"]) == (1, 1, 0)
    before = comparison(workspace / "tong-hop" / "tong-hop-2024-2025-CN.xlsx")
    made = sealing.seal(opened(workspace, JUNE), YEAR)
    assert comparison(workspace / "tong-hop" / "tong-hop-2024-2025-CN.xlsx") == before
    away = Path(shutil.copy(workspace / made.file, tmp_path))
    assert (proof := sealing.verify_file(away)).rebuilt == "bytes", proof.problems


def comparison(file: Path) -> list[list[Any]]:
    return CalamineWorkbook.from_path(str(file)).get_sheet_by_name("So sánh các kỳ").to_python()


@pytest.mark.parametrize("key", [PERIOD, YEAR])
def test_a_period_in_which_schools_still_have_time_is_not_sealed(tmp_path: Path, key: str, english: None) -> None:
    workspace, early = make_office(tmp_path / "office"), datetime(2025, 1, 20, 8, tzinfo=ZONE)
    with pytest.raises(SealError, match="still have time to report"):
        sealing.seal(opened(workspace, early), key)
    assert not list(workspace.glob("tong-hop/niem-phong/**/*.zip"))
