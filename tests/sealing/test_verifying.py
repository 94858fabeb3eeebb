"""A seal proves itself anywhere: with another clock, time zone, language and order of hashes, and without an office."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from sync import sealing
from sync.ledger import Ledger
from sync.sealing import Proof, SealError, manifest, verify, verify_file
from tests.fakes.offices import DONE, PERIOD, ZONE, send
from tests.sealing.offices import LATER, NOW, decide, file_of, make_office, opened, run_pass, sealed

ELSEWHERE = {"TZ": "America/Lima", "LANG": "tr_TR.UTF-8", "LC_ALL": "C", "PYTHONHASHSEED": "4711", "BAOCAO_LANG": "en"}


def baocao(*arguments: object, **environment: str) -> tuple[int, Any]:
    """The command in a process of its own, in a folder that is no workspace; its exit status and its JSON."""
    command = [sys.executable, "-m", "sync", *map(str, arguments), "--json"]
    done = subprocess.run(
        command,
        cwd=Path(__file__).parents[2],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr


@pytest.mark.slow
def test_a_seal_is_proven_and_rebuilt_on_another_machine(sealed_once: Path, tmp_path: Path) -> None:
    file = Path(shutil.copy(file_of(sealed_once), tmp_path / "from-somewhere.zip"))
    status, told = baocao("verify", file, **ELSEWHERE)
    proof = told["seals"][0]
    assert (status, proof["whole"], proof["recorded"], proof["rebuilt"]) == (0, True, None, "bytes")
    assert (proof["problems"], proof["notes"]) == ([], [])


@pytest.mark.slow
def test_the_same_office_is_sealed_to_the_same_bytes_on_another_machine(tmp_path: Path) -> None:
    here = make_office(tmp_path / "here")
    there = Path(shutil.copytree(here, tmp_path / "there"))
    sealed(here)
    asked = ("--period", PERIOD, "--as-of", NOW.isoformat(), "--workspace", there)
    status, told = baocao("seal", *asked, **ELSEWHERE)
    assert (status, told["new"]) == (0, True)
    assert file_of(there).read_bytes() == file_of(here).read_bytes()


def only(proofs: list[Proof]) -> Proof:
    assert len(proofs) == 1
    return proofs[0]


def test_the_ledger_vouches_for_its_seals(sealed_once: Path) -> None:
    proof = only(verify(opened(sealed_once, LATER)))
    assert (proof.whole, proof.recorded, proof.rebuilt, proof.problems) == (True, True, "bytes", ())


def test_another_seal_in_place_of_the_recorded_one_is_found(workspace: Path, tmp_path: Path, english: None) -> None:
    other = make_office(tmp_path / "other")
    send(other, "CS01", DONE)
    sealed(other)
    shutil.copy(file_of(other), file_of(workspace))
    proof = only(verify(opened(workspace)))
    assert (proof.whole, proof.recorded) == (True, False)
    assert "is not the seal that the ledger recorded" in proof.problems[0]


def test_a_seal_that_is_gone_is_found(workspace: Path, english: None) -> None:
    file_of(workspace).unlink()
    proof = only(verify(opened(workspace)))
    assert (proof.whole, "is missing" in proof.problems[0]) == (False, True)


def test_a_workbook_that_its_receipts_do_not_give_is_found(workspace: Path, tmp_path: Path, english: None) -> None:
    """Even where whoever changed it made all digests right: then only making it again tells."""
    file = forged(file_of(workspace), "tong-hop-2024-2025-HK1.xlsx", b"other figures")
    proof = verify_file(file)
    assert (proof.whole, proof.rebuilt) == (True, "none")
    assert proof.problems == ("tong-hop-2024-2025-HK1.xlsx was made again and is not the same.",)


def test_figures_that_its_receipts_do_not_give_are_found(workspace: Path) -> None:
    assert verify_file(forged(file_of(workspace), "so-lieu.json", b"{}")).problems != ()


def test_a_receipt_that_is_another_is_found(workspace: Path) -> None:
    with zipfile.ZipFile(file_of(workspace)) as archive:
        name = next(name for name in archive.namelist() if name.startswith("nhan/"))
    assert verify_file(forged(file_of(workspace), name, b"not a workbook")).problems != ()


def forged(file: Path, name: str, content: bytes) -> Path:
    """The seal with another member, and a manifest that agrees with it."""
    import hashlib

    from sync.sealing import package
    from sync.sealing.manifest import Manifest, Member

    with zipfile.ZipFile(file) as archive:
        members = {each: archive.read(each) for each in archive.namelist() if each != "manifest.json"}
        old = Manifest.model_validate_json(archive.read("manifest.json"))
    members[name] = content
    member = Member(size=len(content), sha256=hashlib.sha256(content).hexdigest())
    file.write_bytes(package.packed(old.model_copy(update={"members": {**old.members, name: member}}), members)[0])
    return file


def test_an_addendum_is_proven_with_what_it_adds_to(workspace: Path, tmp_path: Path) -> None:
    send(workspace, "CS01", DONE, modified="2025-02-09T09:00")
    decide(workspace, "MN01", "note", "Đã gọi điện", LATER)
    sealed(workspace, LATER)
    assert [(each.number, each.rebuilt, each.problems) for each in verify(opened(workspace))] == [
        (0, "bytes", ()),
        (1, "bytes", ()),
    ]
    away = Path(shutil.copytree(file_of(workspace).parent, tmp_path / "away"))
    proof = verify_file(away / file_of(workspace, 1).name)
    assert (proof.number, proof.rebuilt, proof.problems) == (1, "bytes", ())


def test_an_addendum_without_what_it_adds_to_proves_nothing(workspace: Path, tmp_path: Path, english: None) -> None:
    send(workspace, "CS01", DONE, modified="2025-02-09T09:00")
    sealed(workspace, LATER)
    alone = Path(shutil.copy(file_of(workspace, 1), tmp_path))
    assert (verify_file(alone).whole, "is missing" in verify_file(alone).problems[0]) == (False, True)
    forged(file_of(workspace), "so-lieu.json", b"{}")
    proof = verify_file(file_of(workspace, 1))
    assert "is not the one that" in proof.problems[0]


def test_what_was_sealed_by_another_version_is_proven_and_promised_nothing(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, english: None
) -> None:
    made = {**manifest.made_with(), "baocao": "9.9.9"}
    monkeypatch.setattr(manifest, "made_with", lambda: made)
    proof = verify_file(forged(file_of(workspace), "tong-hop-2024-2025-HK1.xlsx", b"drawn otherwise"))
    assert (proof.whole, proof.rebuilt, proof.problems) == (True, "none", ())
    assert "baocao 0.1.0 → 9.9.9" in proof.notes[0]


def test_what_earlier_periods_say_is_sealed_too(tmp_path: Path) -> None:
    """The year's reports are compared with the semester's: those are sealed as the rows that they gave."""
    workspace, june = make_office(tmp_path / "office"), datetime(2025, 6, 5, 8, tzinfo=ZONE)
    run_pass(workspace)
    less = {**DONE, ("statistics", "A.2", "total"): 100}
    send(workspace, "TH01", less, name="year.xlsx", period="2024-2025/CN", modified="2025-05-20T09:00")
    sealing.seal(opened(workspace, june), "2024-2025/CN")
    away = Path(shutil.copy(next((workspace / "tong-hop" / "niem-phong").rglob("*.zip")), tmp_path))
    proof = verify_file(away)
    assert (proof.period, proof.rebuilt, proof.problems) == ("2024-2025/CN", "bytes", ())
    with zipfile.ZipFile(away) as archive:
        assert len([name for name in archive.namelist() if name.startswith("nhan/")]) == 1


def test_nothing_is_written_by_proving(sealed_once: Path) -> None:
    def state() -> dict[Path, bytes]:
        files = (file for file in sorted(sealed_once.rglob("*")) if file.is_file())
        return {file: file.read_bytes() for file in files if not file.name.startswith("ledger.sqlite-")}

    before = state()
    verify(opened(sealed_once, LATER))
    assert state() == before


def test_a_period_that_is_not_sealed_says_so(tmp_path: Path, english: None) -> None:
    workspace = make_office(tmp_path / "office")
    with pytest.raises(SealError, match="is not sealed; `baocao seal --period 2024-2025/HK1` seals it"):
        verify(opened(workspace), PERIOD)
    with pytest.raises(SealError, match="Nothing is sealed yet"):
        verify(opened(workspace))


def test_bytes_that_the_archive_lost_are_said_to_be_missing(tmp_path: Path) -> None:
    workspace = make_office(tmp_path / "office")
    run_pass(workspace)
    with Ledger.open(opened(workspace).ledger_url) as ledger:
        lost = ledger.receipts()["sha256"][0]
    next((workspace / ".baocao" / "archive").rglob(f"{lost}*")).unlink()
    assert list(sealed(workspace).missing) == [lost]
    assert only(verify(opened(workspace))).rebuilt == "bytes"
