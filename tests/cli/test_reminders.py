"""The commands about notices: contracts of JSON and exit statuses, in both languages, with real letters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sync import office
from sync.letters import drawing
from sync.schools import School, Schools
from tests.fakes.offices import PERIOD, send
from tests.fakes.smtp import Fault, Script, SmtpServer
from tests.reminding.offices import OFFICER, SCHOOLS, make_office, outbox, rewrite, statuses

TUESDAY, NIGHT = "2025-01-21T09:00", "2025-01-21T20:00"
"""The day before the schools' due date."""
TH01 = "th01@example.org"
NOTICE = {"key", "kind", "stage", "at", "school", "period", "due", "to", "cc", "subject"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_office(tmp_path / "office")


def everything(folder: Path) -> dict[str, bytes]:
    """All files of a workspace but those that reading a ledger makes beside it."""
    files = [file for file in folder.rglob("*") if file.is_file() and "ledger.sqlite-" not in file.name]
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


# remind


def test_remind_sends_what_is_due_and_tells_each_notice(run: Any, folder: Path) -> None:
    result = run("remind", "-w", folder, "--as-of", TUESDAY, "--json")
    told = result.json
    assert (result.status, result.err) == (0, "")
    assert set(told) == {"notices", "later", "unreachable", "at", "next_at", "waiting", "outcomes", "problems"}
    assert {frozenset(notice) for notice in told["notices"]} == {frozenset(NOTICE)}
    [mine] = [notice for notice in told["notices"] if notice["school"] == "TH01"]
    assert mine == {
        "key": f"due_soon:-1:TH01:{PERIOD}:2025-01-22",
        "kind": "due_soon",
        "stage": "-1",
        "at": "2025-01-21T09:00:00+07:00",
        "school": "TH01",
        "period": PERIOD,
        "due": "2025-01-22T23:59:59+07:00",
        "to": [TH01],
        "cc": [],
        "subject": mine["subject"],
    }
    assert mine["subject"] in {str(letter["Subject"]) for letter in outbox(folder)}
    assert (told["at"], told["later"], told["problems"]) == ("2025-01-21T09:00:00+07:00", [], [])
    assert told["outcomes"] == {"written": len(statuses(folder))}
    [digest] = [notice for notice in told["notices"] if notice["kind"] == "digest"]
    assert (digest["school"], digest["period"], digest["due"], digest["to"]) == (None, None, None, [OFFICER])


def test_a_second_remind_has_nothing_to_send(run: Any, folder: Path) -> None:
    run("remind", "-w", folder, "--as-of", TUESDAY)
    letters = len(outbox(folder))
    result = run("remind", "-w", folder, "--as-of", TUESDAY, "--lang", "en")
    assert result.status == 0
    assert "No notice is due now." in result.out
    assert "The next notices are due at " in result.out
    assert len(outbox(folder)) == letters


@pytest.mark.parametrize(("language", "words"), [("en", "Sent:"), ("vi", "Đã gửi:")])
def test_what_was_sent_is_told_as_a_table(language: str, words: str, run: Any, folder: Path) -> None:
    result = run("remind", "-w", folder, "--as-of", TUESDAY, "--lang", language)
    assert result.status == 0
    assert words in result.out
    assert all(address in result.out for address in (TH01, OFFICER, "21/01/2025 09:00"))
    assert str(folder / "thu-di") in result.out.replace("\n", "")


def test_a_dry_run_lists_the_same_and_writes_and_sends_nothing(run: Any, folder: Path) -> None:
    run("sync", "-w", folder, "--as-of", TUESDAY)
    before = everything(folder)
    dry = run("remind", "-w", folder, "--as-of", TUESDAY, "--dry-run", "--json")
    assert (dry.status, everything(folder)) == (0, before)
    assert (outbox(folder), statuses(folder)) == ([], {})
    # The subject of a letter that tells several notices is another one.
    sent = run("remind", "-w", folder, "--as-of", TUESDAY, "--json").json["notices"]
    assert [{**notice, "subject": ""} for notice in dry.json["notices"]] == [{**each, "subject": ""} for each in sent]


@pytest.mark.parametrize(("language", "words"), [("en", "Would be sent now:"), ("vi", "Lúc này sẽ gửi:")])
def test_a_dry_run_says_that_it_is_one(language: str, words: str, run: Any, folder: Path) -> None:
    assert words in run("remind", "-w", folder, "--as-of", TUESDAY, "--dry-run", "--lang", language).out


@pytest.mark.parametrize("dry", [[], ["--dry-run"]])
def test_at_night_nothing_leaves_and_what_will_is_told(dry: list[str], run: Any, folder: Path) -> None:
    told = run("remind", "-w", folder, "--as-of", NIGHT, *dry, "--json").json
    assert (told["notices"], told["next_at"]) == ([], "2025-01-22T07:30:00+07:00")
    assert {notice["school"] for notice in told["later"]} >= {school.code for school in SCHOOLS}
    words = run("remind", "-w", folder, "--as-of", NIGHT, *dry, "--lang", "en").out
    assert "Outside of working hours nothing is sent. At 22/01/2025 07:30" in words
    assert TH01 in words
    assert outbox(folder) == []


def test_schools_without_an_address_are_listed_to_be_called(run: Any, folder: Path) -> None:
    rewrite(folder, schools=Schools((*SCHOOLS, School("TH09", "Trường Tiểu học Hoa Hồng", "TH"))))
    told = run("remind", "-w", folder, "--as-of", TUESDAY, "--json").json
    assert [(notice["school"], notice["to"]) for notice in told["unreachable"]] == [("TH09", [])]
    assert "TH09" not in {notice["school"] for notice in told["notices"]}
    dry = run("remind", "-w", folder, "--as-of", "2025-01-20T09:00", "--dry-run", "--lang", "en").out
    assert "Schools without an address, to be called:" in dry


def test_an_address_that_fails_is_told_in_one_line_and_by_the_status(run: Any, tmp_path: Path) -> None:
    with SmtpServer(Script([Fault("RCPT", "550 no such user", address=TH01)])) as server:
        folder = make_office(tmp_path / "office", server.settings(per_minute=10_000))
        result = run("remind", "-w", folder, "--as-of", TUESDAY, "--lang", "en")
        assert result.status == 4
        assert result.err.splitlines() == [line for line in result.err.splitlines() if TH01 in line]
        assert "no such user" in result.err
        # The others went out.
        assert statuses(folder) == {TH01: ["permanent"], **{address: ["sent"] for address in _others(server)}}
        assert len(_others(server)) == 4


def _others(server: SmtpServer) -> set[str]:
    return {address for letter in server.delivered for address in letter.recipients}


def test_a_failure_stands_in_the_json_too(run: Any, tmp_path: Path) -> None:
    with SmtpServer(Script([Fault("RCPT", "451 later", address=TH01)])) as server:
        folder = make_office(tmp_path / "office", server.settings(per_minute=10_000))
        result = run("remind", "-w", folder, "--as-of", TUESDAY, "--json")
    assert (result.status, result.json["outcomes"], len(result.json["problems"])) == (4, {"temporary": 1, "sent": 4}, 1)
    assert result.err == ""


def test_a_server_that_is_down_is_told_and_the_letters_wait(run: Any, tmp_path: Path) -> None:
    with SmtpServer() as server:
        folder = make_office(tmp_path / "office", server.settings(per_minute=10_000))
        server.refuse()
        result = run("remind", "-w", folder, "--as-of", TUESDAY, "--lang", "en")
        assert (result.status, len(result.err.splitlines())) == (4, 1)
        assert "5 letters wait." in result.out
        server.listen()
        assert run("remind", "-w", folder, "--as-of", TUESDAY).status == 0
        assert len(server.delivered) == 5


def test_a_letter_that_no_address_took_is_not_told_as_sent(run: Any, tmp_path: Path) -> None:
    with SmtpServer(Script([Fault("RCPT", "550 no such user", address=TH01)])) as server:
        folder = make_office(tmp_path / "office", server.settings(per_minute=10_000))
        told = run("remind", "-w", folder, "--as-of", TUESDAY, "--json").json
    assert "TH01" not in {notice["school"] for notice in told["notices"]}


def test_while_letters_wait_nobody_is_told_that_nothing_is_due(run: Any, tmp_path: Path) -> None:
    with SmtpServer() as server:
        folder = make_office(tmp_path / "office", server.settings(per_minute=10_000))
        server.refuse()
        result = run("remind", "-w", folder, "--as-of", TUESDAY, "--lang", "en")
    assert "No notice is due now." not in result.out


@pytest.mark.parametrize(("language", "words"), [("en", "Another process is sending"), ("vi", "đang gửi thư")])
def test_while_another_process_sends_remind_says_so(language: str, words: str, run: Any, folder: Path) -> None:
    with office.open_office(folder).workspace.lock("letters"):
        result = run("remind", "-w", folder, "--as-of", TUESDAY, "--lang", language)
    assert (result.status, words in result.err, result.out) == (3, True, "")
    assert outbox(folder) == []


# rehearse


def test_rehearse_keeps_its_contract(run: Any, folder: Path) -> None:
    result = run("rehearse", "-w", folder, "--from", "2024-09-05", "--to", "2025-08-31", "--json")
    assert result.status == 0
    notices = result.json["notices"]
    assert {frozenset(notice) for notice in notices} == {frozenset(NOTICE)}
    assert all(notice["subject"] and notice["to"] for notice in notices)
    assert len({notice["key"] for notice in notices}) == len(notices) > 100
    assert {"due_soon", "overdue", "office_due_soon", "digest"} <= {notice["kind"] for notice in notices}
    assert outbox(folder) == []


@pytest.mark.parametrize(("language", "words"), [("en", "notices in all; nothing was sent."), ("vi", "chưa gửi gì")])
def test_rehearse_tells_people_too(language: str, words: str, run: Any, folder: Path) -> None:
    result = run("rehearse", "-w", folder, "--from", "2025-01-20", "--to", "2025-01-21", "--lang", language)
    assert result.status == 0
    assert words in result.out
    assert TH01 in result.out
    assert "20/01/2025 07:30" in result.out


def test_rehearsing_backwards_is_wrong_use(run: Any, folder: Path) -> None:
    result = run("rehearse", "-w", folder, "--from", "2025-02-01", "--to", "2025-01-31", "--lang", "en")
    assert (result.status, result.err) == (2, "--from lies after --to.\n")
    assert run("rehearse", "-w", folder, "--from", "2025-02-01").status == 2
    assert run("rehearse", "-w", folder, "--from", "tomorrow", "--to", "2025-01-31").status == 2


# letters


def test_letters_lists_the_templates_and_copies_one_once(run: Any, folder: Path) -> None:
    listed = run("letters", "-w", folder).out.split()
    assert listed == list(drawing.NAMES)
    copied = run("letters", "-w", folder, "overdue", "letter")
    assert (copied.status, len(copied.out.splitlines())) == (0, 2)
    [letter, overdue] = sorted((folder / "mau-thu").iterdir())
    assert (letter.stem, overdue.stem) == ("letter", "overdue")
    overdue.write_text("của chúng tôi", encoding="utf-8")
    again = run("letters", "-w", folder, "overdue", "--lang", "en")
    assert (again.status, "is there already" in again.err) == (2, True)
    assert overdue.read_text(encoding="utf-8") == "của chúng tôi"


@pytest.mark.parametrize(
    ("language", "words"), [("en", "There is no template nothing"), ("vi", "Không có mẫu nothing")]
)
def test_a_template_nobody_knows_is_refused_with_those_there_are(
    language: str, words: str, run: Any, folder: Path
) -> None:
    result = run("letters", "-w", folder, "nothing", "--lang", language)
    assert (result.status, words in result.err, "overdue" in result.err) == (2, True, True)
    assert not (folder / "mau-thu").exists() or list((folder / "mau-thu").iterdir()) == []


# status


def test_status_shows_the_last_pass_and_the_next_notices(run: Any, folder: Path) -> None:
    send(folder, "TH01")
    before = run("status", "-w", folder, "--period", PERIOD, "--as-of", "2025-01-20T08:00", "--json").json
    assert before["last_pass"] is None
    assert [each for each in before["next_notices"] if each["period"] == PERIOD] == [
        {"at": "2025-01-21T07:30:00+07:00", "kind": "due_soon", "period": PERIOD, "notices": 3},
        {"at": "2025-01-24T07:30:00+07:00", "kind": "office_due_soon", "period": PERIOD, "notices": 1},
    ]
    run("sync", "-w", folder, "--as-of", "2025-01-20T08:00")
    after = run("status", "-w", folder, "--period", PERIOD, "--as-of", "2025-01-20T08:10", "--json").json
    assert after["last_pass"] == "2025-01-20T08:00:00+07:00"
    assert [each["notices"] for each in after["next_notices"] if each["period"] == PERIOD] == [2, 1]


@pytest.mark.parametrize(
    ("language", "passed", "coming"),
    [
        ("en", "Last pass: 20/01/2025 08:00.", f"Next notices: 21/01/2025 07:30, {PERIOD}, to 3."),
        ("vi", "Lượt đồng bộ gần nhất: 20/01/2025 08:00.", f"Sắp gửi: 21/01/2025 07:30, {PERIOD}, 3 nơi nhận."),
    ],
)
def test_status_tells_people_the_pulse(language: str, passed: str, coming: str, run: Any, folder: Path) -> None:
    run("sync", "-w", folder, "--as-of", "2025-01-20T08:00")
    said = run("status", "-w", folder, "--period", PERIOD, "--as-of", "2025-01-20T08:10", "--lang", language).out
    assert passed in said
    assert coming in said


def test_status_of_an_office_without_a_pass_says_so(run: Any, folder: Path) -> None:
    said = run("status", "-w", folder, "--period", PERIOD, "--as-of", "2025-01-20T08:10", "--lang", "en").out
    assert "Last pass: none yet." in said


# All of them


@pytest.mark.parametrize(
    "arguments", [("remind",), ("rehearse", "--from", "2025-01-20", "--to", "2025-01-21"), ("letters",)]
)
def test_outside_a_workspace_they_say_so(arguments: tuple[str, ...], run: Any, tmp_path: Path) -> None:
    result = run(*arguments, "-w", tmp_path, "--lang", "en")
    assert (result.status, "is no workspace" in result.err) == (2, True)


def test_a_broken_control_workbook_is_told_and_only_the_officer_is_written_to(run: Any, folder: Path) -> None:
    (folder / "dieu-hanh.xlsx").write_text("no workbook")
    for arguments in (("remind", "--dry-run"), ("remind",), ("rehearse", "--from", "2025-01-20", "--to", "2025-01-21")):
        result = run(*arguments, "-w", folder, "--as-of", TUESDAY, "--lang", "en")
        assert (result.status, "dieu-hanh.xlsx" in result.err) == (2, True)
    assert {str(letter["To"]) for letter in outbox(folder)} <= {OFFICER}
