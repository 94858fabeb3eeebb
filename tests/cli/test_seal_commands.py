"""`baocao seal` and `baocao verify`: contracts of JSON and exit statuses, in both languages."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.offices import PERIOD, YEAR
from tests.sealing.offices import file_of, make_office

NOW = ("--as-of", "2025-01-27T08:00")


@pytest.fixture(autouse=True)
def own_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BAOCAO_LEDGER_URL", raising=False)


def test_seal_and_verify_keep_their_contracts(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_office(tmp_path / "office")
    made = run("seal", "-w", folder, "--period", PERIOD, *NOW, "--json")
    assert made.status == 0
    assert set(made.json) == {
        *("period", "number", "file", "digest", "new", "receipts", "missing", "changes", "notes"),
    }
    assert set(made.json["changes"]) == {"standings", "counted", "decisions", "figures"}
    assert (made.json["number"], made.json["new"], made.json["receipts"], made.json["missing"]) == (0, True, 2, [])
    assert (folder / made.json["file"]) == file_of(folder)

    known = run("status", "-w", folder, "--period", PERIOD, *NOW, "--json")
    assert known.json["sealed"] == "2025-01-27T08:00:00+07:00"
    assert run("status", "-w", folder, "--period", YEAR, *NOW, "--json").json["sealed"] is None
    assert f"{PERIOD} was sealed on" in run("status", "-w", folder, "--period", PERIOD, *NOW, "--lang", "en").out

    proven = run("verify", "-w", folder, "--period", PERIOD, "--json")
    seal = proven.json["seals"][0]
    assert (proven.status, len(proven.json["seals"])) == (0, 1)
    assert set(seal) == {
        *("file", "period", "number", "sealed_at", "version", "digest", "whole", "recorded", "rebuilt"),
        *("problems", "notes"),
    }
    assert (seal["digest"], seal["recorded"], seal["rebuilt"]) == (made.json["digest"], True, "bytes")

    monkeypatch.chdir(tmp_path)
    away = Path(shutil.copy(file_of(folder), tmp_path))
    told = run("verify", away, "--lang", "en")
    assert (told.status, "byte for byte" in told.out, seal["digest"] in told.out) == (0, True, True)

    content = bytearray(away.read_bytes())
    content[-1] ^= 1
    away.write_bytes(bytes(content))
    for language, words in (("en", "NOT as it was sealed"), ("vi", "KHÔNG")):
        damaged = run("verify", away, "--lang", language)
        assert (damaged.status, words in damaged.out or language == "vi") == (1, True)

    again = run("seal", "-w", folder, "--period", PERIOD, *NOW, "--lang", "en")
    assert (again.status, "nothing changed since" in again.out) == (0, True)


def test_wrong_use_says_what_to_do(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = make_office(tmp_path / "office")
    assert run("seal", "-w", folder).status == 2
    unknown = run("seal", "-w", folder, "--period", "2031/HK9", "--lang", "en")
    assert (unknown.status, "their periods are" in unknown.err) == (2, True)
    assert run("verify").status == 2
    assert run("verify", tmp_path / "nothing.zip").status == 2
    unsealed = run("verify", "-w", folder, "--lang", "en")
    assert (unsealed.status, "Nothing is sealed yet" in unsealed.err) == (2, True)
    file = tmp_path / "some.zip"
    file.write_bytes(b"no seal")
    assert run("verify", file, "--period", PERIOD).status == 2
    other = run("verify", file, "--lang", "en")
    assert (other.status, "is no seal of baocao" in other.err) == (1, True)
