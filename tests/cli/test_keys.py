"""`baocao keys`: the contracts of its JSON, what it shows and what it never shows again."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from sync import keys
from sync.ledger import Ledger
from tests.fakes.addin_server import office_in


@pytest.fixture
def office(tmp_path: Path) -> Path:
    return office_in(tmp_path)


def opens(office: Path, key: str) -> str:
    with Ledger.open(office / ".baocao" / "ledger.sqlite") as ledger:
        return keys.check(key, ledger.keys).school


def test_a_key_is_issued_listed_and_revoked(run: Any, office: Path) -> None:
    (issued,) = run("keys", "issue", "TH01", "-w", office, "--json").json["keys"]
    assert set(issued) == {"id", "school", "name", "key", "issued_at", "revoked_at", "file"}
    assert (issued["school"], issued["file"], opens(office, issued["key"])) == ("TH01", None, "TH01")
    listed = run("keys", "list", "-w", office, "--json")
    assert [(each["id"], each["revoked_at"]) for each in listed.json["keys"]] == [(issued["id"], None)]
    revoked = run("keys", "revoke", issued["id"], "-w", office, "--json")
    assert (revoked.status, revoked.json["keys"][0]["revoked_at"]) == (0, "2025-01-20T08:00:00+07:00")
    with pytest.raises(keys.KeyRefused):
        opens(office, issued["key"])
    secret = issued["key"].split("-", 2)[2]
    assert secret not in listed.out + revoked.out + run("keys", "list", "-w", office).out


def test_all_schools_get_a_note_that_others_on_the_machine_cannot_read(run: Any, office: Path, tmp_path: Path) -> None:
    folder = tmp_path / "phieu"
    first = run("keys", "issue", "--all", "--to", folder, "-w", office, "--json")
    assert sorted(each["school"] for each in first.json["keys"]) == ["CS01", "MN01", "TH01"]
    for each in first.json["keys"]:
        assert "key" not in each
        text = Path(each["file"]).read_text(encoding="utf-8-sig")
        (key,) = [line.strip() for line in text.splitlines() if line.strip().startswith("bc-")]
        assert opens(office, key) == each["school"]
        assert each["name"] in text
        assert os.name != "posix" or Path(each["file"]).stat().st_mode & 0o077 == 0
    again = run("keys", "issue", "--all", "--to", folder, "-w", office, "--json")
    assert again.json == {"keys": []}


def test_a_note_that_cannot_be_written_leaves_no_key(run: Any, office: Path, tmp_path: Path) -> None:
    (tmp_path / "phieu").write_text("", encoding="utf-8")
    failed = run("keys", "issue", "--all", "--to", tmp_path / "phieu", "-w", office, "--lang", "en")
    assert failed.status == 2
    assert run("keys", "list", "-w", office, "--json").json == {"keys": []}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("issue",), "--all"),
        (("issue", "TH01", "--all"), "--all"),
        (("issue", "XX"), "XX"),
        (("revoke", "nothere"), "nothere"),
    ],
)
def test_what_makes_no_sense_is_told(arguments: tuple[str, ...], words: str, run: Any, office: Path) -> None:
    result = run("keys", *arguments, "-w", office, "--lang", "en")
    assert (result.status, words in result.err) == (2, True)


def test_a_whole_key_can_be_revoked_and_is_not_repeated(run: Any, office: Path) -> None:
    (issued,) = run("keys", "issue", "TH01", "-w", office, "--json").json["keys"]
    done = run("keys", "revoke", issued["key"], "-w", office, "--lang", "en")
    assert done.status == 0
    assert issued["key"] not in done.out + done.err
    wrong = issued["key"].replace(issued["id"], "aaaaaaaaaa")
    refused = run("keys", "revoke", wrong, "-w", office, "--lang", "en")
    assert (refused.status, issued["key"][-43:] in refused.err) == (2, False)
