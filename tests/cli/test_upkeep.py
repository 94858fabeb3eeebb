"""The commands for whoever runs it: doctor, backup, restore. The service has tests of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sync import office
from tests.fakes.offices import BEFORE_DUE, PERIOD, send
from tests.reminding.offices import make_office

STANDINGS = ("--period", PERIOD, "--as-of", BEFORE_DUE, "--json")


@pytest.fixture(autouse=True)
def own_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BAOCAO_LEDGER_URL", raising=False)


@pytest.fixture
def folder(run: Any, tmp_path: Path) -> Path:
    """An office after a pass over one report."""
    made = make_office(tmp_path / "office")
    send(made, "TH01")
    assert run("sync", "-w", made, "--as-of", BEFORE_DUE).status == 0
    return made


# doctor


def test_the_doctor_keeps_its_contract(run: Any, folder: Path) -> None:
    result = run("doctor", "-w", folder, "--as-of", BEFORE_DUE, "--json")
    found = result.json["findings"]
    assert result.status == 0
    assert {frozenset(each) for each in found} == {frozenset(("id", "severity", "message", "hint"))}
    assert {each["severity"] for each in found} <= {"ok", "warning"}
    assert {"settings-fine", "control-fine"} <= {each["id"] for each in found}


@pytest.mark.parametrize(("language", "words"), [("en", "The settings can be read."), ("vi", "✓ ")])
def test_the_doctor_tells_people_a_line_for_each_thing(language: str, words: str, run: Any, folder: Path) -> None:
    result = run("doctor", "-w", folder, "--as-of", BEFORE_DUE, "--lang", language)
    assert result.status == 0
    assert words in result.out
    ids = [each["id"] for each in run("doctor", "-w", folder, "--as-of", BEFORE_DUE, "--json").json["findings"]]
    assert all(f"[{name}]" in result.out for name in ids)


def test_the_doctor_says_by_its_status_that_something_is_wrong_and_what_to_do(run: Any, folder: Path) -> None:
    (folder / "dieu-hanh.xlsx").unlink()
    result = run("doctor", "-w", folder, "--as-of", BEFORE_DUE, "--lang", "en")
    assert (result.status, "✗ " in result.out, "    → " in result.out) == (4, True, True)
    told = run("doctor", "-w", folder, "--as-of", BEFORE_DUE, "--json")
    assert told.status == 4
    assert all(each["hint"] for each in told.json["findings"] if each["severity"] == "error")
    assert "error" in {each["severity"] for each in told.json["findings"]}


def test_the_doctor_works_where_nothing_else_does(run: Any, folder: Path, tmp_path: Path) -> None:
    (folder / "config.toml").write_text("plan = ")
    broken = run("doctor", "-w", folder, "--json")
    assert (broken.status, "settings-wrong" in {each["id"] for each in broken.json["findings"]}) == (4, True)
    (tmp_path / "empty").mkdir()
    nowhere = run("doctor", "-w", tmp_path / "empty", "--json")
    assert (nowhere.status, "no-workspace" in {each["id"] for each in nowhere.json["findings"]}) == (4, True)
    assert list((tmp_path / "empty").iterdir()) == []


# backup and restore


def test_what_was_backed_up_is_there_again(run: Any, folder: Path, tmp_path: Path) -> None:
    file, again = tmp_path / "sao-luu.zip", tmp_path / "again"
    made = run("backup", file, "-w", folder, "--json")
    assert made.status == 0
    assert (made.json["file"], made.json["archived"], made.json["size"]) == (str(file), 1, file.stat().st_size)
    assert (made.json["rows"]["receipt"], made.json["problems"]) == (1, [])
    restored = run("restore", file, again, "--json")
    assert restored.status == 0
    assert (restored.json["folder"], restored.json["archived"], restored.json["inbox"]) == (str(again), 1, 1)
    before, after = (run("status", "-w", each, *STANDINGS).json for each in (folder, again))
    assert before == after
    assert (folder / "dieu-hanh.xlsx").read_bytes() == (again / "dieu-hanh.xlsx").read_bytes()
    assert run("sync", "-w", again, "--as-of", BEFORE_DUE, "--json").json["new"] == 0


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("1 received files", "is whole.", "1 files in the inbox")),
        ("vi", ("1 tệp đã nhận", "còn nguyên vẹn.", "1 tệp trong nhan/")),
    ],
)
def test_backups_tell_people_too(
    language: str, words: tuple[str, str, str], run: Any, folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "sao-luu.zip"
    made = run("backup", file, "-w", folder, "--lang", language)
    checked = run("restore", file, "--check", "--lang", language)
    restored = run("restore", file, tmp_path / "again", "--lang", language)
    assert [each.status for each in (made, checked, restored)] == [0, 0, 0]
    assert all(word in each.out for word, each in zip(words, (made, checked, restored), strict=True))


def test_checking_a_backup_writes_nothing(run: Any, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "sao-luu.zip"
    run("backup", file, "-w", folder)
    before = sorted(tmp_path.rglob("*"))
    assert run("restore", file, "--check", "--json").json == {"problems": []}
    assert sorted(tmp_path.rglob("*")) == before


def test_a_damaged_backup_is_refused(run: Any, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "sao-luu.zip"
    run("backup", file, "-w", folder)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file.write_bytes(content)
    checked = run("restore", file, "--check", "--lang", "en")
    assert (checked.status, bool(checked.err), checked.out) == (2, True, "")
    told = run("restore", file, "--check", "--json")
    assert (told.status, bool(told.json["problems"])) == (2, True)
    restored = run("restore", file, tmp_path / "again")
    assert (restored.status, bool(restored.err)) == (2, True)
    assert not (tmp_path / "again").exists()


def test_a_file_that_is_no_backup_is_not_replaced_unless_one_says_so(run: Any, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "quan-trong.zip"
    file.write_text("something else")
    refused = run("backup", file, "-w", folder, "--lang", "en")
    assert (refused.status, bool(refused.err), file.read_text()) == (2, True, "something else")
    assert run("backup", file, "-w", folder, "--overwrite").status == 0
    assert run("restore", file, "--check").status == 0


@pytest.mark.parametrize(("language", "words"), [("en", "Name the folder DIR"), ("vi", "DIR")])
def test_restoring_needs_a_folder_and_a_file(language: str, words: str, run: Any, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "sao-luu.zip"
    run("backup", file, "-w", folder)
    nowhere = run("restore", file, "--lang", language)
    assert (nowhere.status, words in nowhere.err) == (2, True)
    assert run("restore", tmp_path / "none.zip", tmp_path / "again").status == 2
    assert not (tmp_path / "again").exists()


def test_a_workspace_is_not_restored_over(run: Any, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "sao-luu.zip"
    run("backup", file, "-w", folder)
    before = office.open_office(folder).workspace.secret()
    result = run("restore", file, folder, "--lang", "en")
    assert (result.status, bool(result.err)) == (2, True)
    assert office.open_office(folder).workspace.secret() == before


def test_outside_a_workspace_there_is_nothing_to_back_up(run: Any, tmp_path: Path) -> None:
    result = run("backup", tmp_path / "sao-luu.zip", "-w", tmp_path, "--lang", "en")
    assert (result.status, "is no workspace" in result.err) == (2, True)
    assert not (tmp_path / "sao-luu.zip").exists()
