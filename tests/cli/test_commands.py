"""The command line: contracts of JSON and exit statuses, in both languages, with real workbooks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import pytest

from sync import cli, control, office
from sync.schools import Schools
from tests.cli.conftest import Result
from tests.fakes.offices import AFTER_DUE, BEFORE_DUE, CAST, FAULTY, PERIOD, PLAN, ZONE, send


@pytest.fixture
def workspace(run: Any, tmp_path: Path) -> Path:
    folder = tmp_path / "phong"
    assert run("init", folder).status == 0
    file = folder / "dieu-hanh.xlsx"
    control.write(file, replace(control.read(file, PLAN, ZONE), schools=CAST), PLAN)
    return folder


def standings(result: Result) -> dict[str, str]:
    return {school["code"]: school["standing"] for school in result.json["schools"]}


def test_init_makes_a_workspace_once(run: Any, tmp_path: Path) -> None:
    assert run("init", tmp_path / "a").status == 0
    names = {path.name for path in (tmp_path / "a").iterdir()}
    assert {"config.toml", "dieu-hanh.xlsx", "mau", "nhan", "tong-hop", "tra-lai", "thu-di", ".baocao"} == names
    again = run("init", tmp_path / "a", "--lang", "en")
    assert (again.status, "is a workspace already" in again.err) == (2, True)


def test_templates_are_written_once_and_again_only_when_something_changed(run: Any, workspace: Path) -> None:
    first = run("templates", "-w", workspace, "--period", PERIOD, "--json").json
    assert len(first["written"]) == 3
    second = run("templates", "-w", workspace, "--period", PERIOD, "--json").json
    assert (second["written"], len(second["unchanged"])) == ([], 3)
    one = run("templates", "-w", workspace, "--period", "2024-2025/CN", "--school", "TH01", "--json").json
    assert one["written"] == ["2024-2025-CN/TH01.xlsx"]


def test_templates_for_a_school_nobody_knows_says_so(run: Any, workspace: Path) -> None:
    result = run("templates", "-w", workspace, "--period", PERIOD, "--school", "XX", "--lang", "en")
    assert (result.status, "XX" in result.err) == (2, True)


def test_check_keeps_its_contract(run: Any, workspace: Path) -> None:
    result = run("check", "-w", workspace, send(workspace, "TH01", FAULTY), "--json")
    assert result.status == 1
    (file,) = result.json["files"]
    assert (file["school"], file["period"], file["accepted"]) == ("TH01", PERIOD, False)
    assert file["rows"] == {"read": 49, "accepted": 48, "rejected": 1, "blank": 0}
    assert {tuple(sorted(finding)) for finding in file["findings"]} == {
        ("cell", "code", "fix", "message", "severity", "sheet", "value")
    }
    codes = {finding["code"] for finding in file["findings"]}
    assert codes == {"done-needs-finish", "done-needs-evidence", "started-needs-start", "too-small"}
    wrong = next(finding for finding in file["findings"] if finding["code"] == "too-small")
    assert (wrong["sheet"], wrong["value"], wrong["severity"]) == ("Phụ lục", -2, "error")


def test_check_accepts_a_sound_report_and_writes_nothing(run: Any, workspace: Path) -> None:
    file = send(workspace, "TH01")
    before = sorted(path for path in workspace.rglob("*") if path.is_file())
    result = run("check", "-w", workspace, file, "--json")
    assert (result.status, result.json["files"][0]["accepted"]) == (0, True)
    assert sorted(path for path in workspace.rglob("*") if path.is_file()) == before


def test_check_works_outside_a_workspace_too(run: Any, workspace: Path, tmp_path: Path, monkeypatch: Any) -> None:
    file = send(workspace, "TH01", FAULTY)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    result = run("check", file, "--json")
    assert (result.status, len(result.json["files"][0]["findings"])) == (1, 4)
    assert list(elsewhere.iterdir()) == []


def test_check_judges_each_file_and_keeps_their_order(run: Any, workspace: Path, tmp_path: Path) -> None:
    web = tmp_path / "bang.xls"
    web.write_text("<html><table></table></html>")
    files = [send(workspace, "TH01", FAULTY), web, send(workspace, "MN01")]
    told = run("check", "-w", workspace, *files, "--json").json["files"]
    assert [(file["file"], file["accepted"]) for file in told] == [
        (str(files[0]), False),
        (str(web), False),
        (str(files[2]), True),
    ]
    assert [finding["code"] for finding in told[1]["findings"]] == ["not-a-workbook"]


def test_a_pass_keeps_its_contract(run: Any, workspace: Path) -> None:
    send(workspace, "TH01")
    send(workspace, "MN01", FAULTY)
    (workspace / "nhan" / "gì đó.xlsx").write_text("hello")
    told = run("sync", "-w", workspace, "--as-of", AFTER_DUE, "--json").json
    counts = {key: told[key] for key in ("received", "new", "unchanged", "refused", "accepted", "to_mend", "missing")}
    assert counts == {
        "received": 3,
        "new": 3,
        "unchanged": 0,
        "refused": 1,
        "accepted": 1,
        "to_mend": 1,
        "missing": 1,
    }
    assert told["period"] == PERIOD
    assert (workspace / told["workbook"]).is_file()


def test_a_second_pass_reads_and_writes_nothing_again(run: Any, workspace: Path) -> None:
    send(workspace, "TH01")
    first = run("sync", "-w", workspace, "--as-of", BEFORE_DUE, "--json").json
    written = (workspace / first["workbook"]).stat().st_mtime_ns
    second = run("sync", "-w", workspace, "--as-of", "2025-01-20T09:00", "--json").json
    assert (second["new"], second["unchanged"], second["accepted"]) == (0, 1, 1)
    assert [period["rebuilt"] for period in second["periods"]] == [False]
    assert (workspace / first["workbook"]).stat().st_mtime_ns == written


def test_a_workbook_that_was_deleted_is_built_again(run: Any, workspace: Path) -> None:
    send(workspace, "TH01")
    first = run("sync", "-w", workspace, "--as-of", BEFORE_DUE, "--json").json
    (workspace / first["workbook"]).unlink()
    run("sync", "-w", workspace, "--as-of", BEFORE_DUE)
    assert (workspace / first["workbook"]).is_file()


def test_standings_follow_the_clock_without_a_new_file(run: Any, workspace: Path) -> None:
    send(workspace, "TH01")
    run("sync", "-w", workspace, "--as-of", BEFORE_DUE)
    before = run("status", "-w", workspace, "--as-of", BEFORE_DUE, "--json")
    assert standings(before) == {"TH01": "on_time", "MN01": "due_soon", "CS01": "due_soon"}
    after = run("sync", "-w", workspace, "--as-of", AFTER_DUE, "--json").json
    assert (after["missing"], after["periods"][0]["rebuilt"]) == (2, True)


def test_status_keeps_its_contract(run: Any, workspace: Path) -> None:
    send(workspace, "TH01")
    run("sync", "-w", workspace, "--as-of", AFTER_DUE)
    told = run("status", "-w", workspace, "--as-of", AFTER_DUE, "--json").json
    assert (told["period"], told["as_of"], told["due"]) == (
        PERIOD,
        "2025-01-27T08:00:00+07:00",
        "2025-01-22T23:59:59+07:00",
    )
    assert told["schools"][0] == {
        "code": "TH01",
        "name": "Trường Tiểu học Hoa Sen",
        "standing": "on_time",
        "received_at": "2025-01-18T09:00:00+07:00",
        "accepted_at": "2025-01-18T09:00:00+07:00",
        "days_late": 0,
        "errors": 0,
        "warnings": 0,
        "due": "2025-01-22T23:59:59+07:00",
        **dict.fromkeys(("extended_to", "returned", "excused", "note")),
    }
    assert told["schools"][1]["received_at"] is None
    assert told["last_pass"] == "2025-01-27T08:00:00+07:00"
    assert told["next_notices"][0]["at"] == "2025-02-03T07:30:00+07:00"


def test_a_faulty_report_does_not_replace_an_accepted_one(run: Any, workspace: Path) -> None:
    send(workspace, "TH01")
    run("sync", "-w", workspace, "--as-of", BEFORE_DUE)
    send(workspace, "TH01", FAULTY, name="nop lai.xlsx", modified="2025-01-20T09:00")
    told = run("sync", "-w", workspace, "--as-of", "2025-01-21T08:00", "--json").json
    status = run("status", "-w", workspace, "--as-of", "2025-01-21T08:00", "--json").json["schools"][0]
    assert (status["standing"], status["accepted_at"], status["errors"]) == ("on_time", "2025-01-18T09:00:00+07:00", 4)
    assert told["periods"][0]["doubles"] == [
        {"school": "TH01", "files": ["TH01.xlsx", "nop lai.xlsx"], "counted": "TH01.xlsx"}
    ]


def test_the_newest_of_two_sound_reports_counts_and_the_officer_is_told(run: Any, workspace: Path) -> None:
    send(workspace, "TH01", name="moi.xlsx", modified="2025-01-19T09:00", changes={("statistics", "A.1", "total"): 11})
    send(workspace, "TH01", name="cu.xlsx", modified="2025-01-18T09:00")
    result = run("sync", "-w", workspace, "--as-of", BEFORE_DUE, "--lang", "en")
    assert "TH01 sent 2 workbooks" in result.out
    assert "counted is: moi.xlsx" in result.out


def test_a_file_under_another_name_is_the_same_receipt(run: Any, workspace: Path) -> None:
    file = send(workspace, "TH01")
    run("sync", "-w", workspace, "--as-of", BEFORE_DUE)
    file.rename(workspace / "nhan" / "Book1 (2).xlsx")
    told = run("sync", "-w", workspace, "--as-of", "2025-01-20T09:00", "--json").json
    assert (told["accepted"], told["periods"][0]["doubles"]) == (1, [])


def test_an_emptied_inbox_stops_the_source_and_names_the_override(run: Any, workspace: Path) -> None:
    file = send(workspace, "TH01")
    run("sync", "-w", workspace, "--as-of", BEFORE_DUE)
    file.unlink()
    stopped = run("sync", "-w", workspace, "--as-of", "2025-01-20T09:00", "--json")
    assert (stopped.status, "--allow-empty" in stopped.json["problems"][0]) == (4, True)
    assert run("sync", "-w", workspace, "--as-of", "2025-01-20T10:00", "--allow-empty").status == 0
    # What was received stays received.
    assert standings(run("status", "-w", workspace, "--as-of", BEFORE_DUE, "--json"))["TH01"] == "on_time"


def test_a_new_school_in_the_control_workbook_makes_its_old_report_count(run: Any, workspace: Path) -> None:
    send(workspace, "TH01")
    file = workspace / "dieu-hanh.xlsx"
    whole = control.read(file, PLAN, ZONE)
    control.write(file, replace(whole, schools=Schools(CAST.schools[1:])), PLAN)
    assert run("sync", "-w", workspace, "--as-of", BEFORE_DUE, "--json").json["refused"] == 1
    control.write(file, whole, PLAN)
    told = run("sync", "-w", workspace, "--as-of", "2025-01-20T09:00", "--json").json
    assert (told["accepted"], told["refused"], told["new"]) == (1, 0, 0)


def test_wrong_settings_are_all_told_at_once(run: Any, workspace: Path) -> None:
    config = workspace / "config.toml"
    config.write_text('plan = "none"\ntimezone = "Mars"\ncolour = 1\n')
    result = run("sync", "-w", workspace, "--lang", "en")
    assert result.status == 2
    assert all(key in result.err for key in ("plan", "timezone", "colour"))


def test_a_broken_control_workbook_is_told_with_its_cells(run: Any, workspace: Path) -> None:
    twice = Schools((CAST.schools[0], replace(CAST.schools[1], code="TH01"), replace(CAST.schools[2], level="XX")))
    file = workspace / "dieu-hanh.xlsx"
    control.write(file, replace(control.read(file, PLAN, ZONE), schools=twice), PLAN)
    result = run("sync", "-w", workspace, "--lang", "en")
    assert result.status == 2
    assert result.err.count("Trường!") >= 2


@pytest.mark.parametrize(
    "arguments",
    [("sync",), ("status",), ("templates",)],
)
def test_outside_a_workspace_a_command_says_so(arguments: Sequence[str], run: Any, tmp_path: Path) -> None:
    result = run(*arguments, "-w", tmp_path, "--lang", "en")
    assert (result.status, "is no workspace" in result.err) == (2, True)


def test_a_period_nobody_knows_is_refused_with_those_there_are(run: Any, workspace: Path) -> None:
    for command in ("sync", "status", "templates"):
        result = run(command, "-w", workspace, "--period", "1999/HK1", "--lang", "en")
        assert (result.status, PERIOD in result.err) == (2, True)


def test_another_pass_is_told_from_ours(run: Any, workspace: Path) -> None:
    with office.open_office(workspace).workspace.lock():
        result = run("sync", "-w", workspace, "--lang", "en")
    assert result.status == 3


def test_the_workspace_may_come_from_the_environment(run: Any, workspace: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("BAOCAO_WORKSPACE", str(workspace))
    assert run("status", "--period", PERIOD, "--json").json["period"] == PERIOD


def test_a_moment_that_is_none_is_wrong_use(run: Any, workspace: Path) -> None:
    assert run("sync", "-w", workspace, "--as-of", "tomorrow").status == 2


def test_json_stands_alone_on_stdout(run: Any, workspace: Path) -> None:
    send(workspace, "TH01")
    for command in ("sync", "status", "templates"):
        result = run(command, "-w", workspace, "--period", PERIOD, "--as-of", BEFORE_DUE, "--json")
        assert isinstance(json.loads(result.out), dict)


@pytest.mark.parametrize("command", ["init", "demo", "templates", "check", "sync", "status"])
def test_help_exists_for_every_command(command: str, run: Any) -> None:
    result = run(command, "--help")
    assert (result.status, command in result.out) == (0, True)


def test_the_language_is_chosen_before_anything_is_said() -> None:
    assert cli.early_language(["sync", "--lang", "en"]) == "en"
    assert cli.early_language(["sync", "--lang=en"]) == "en"
    assert cli.early_language(["sync", "--lang", "xx"]) == "vi"
    assert cli.early_language([]) == "vi"


def test_every_option_is_declared_with_a_help_text() -> None:
    from sync.cli.commands import baocao

    for command in baocao.commands.values():
        for option in command.params:
            assert isinstance(option, click.Argument) or option.help, (command.name, option.name)
