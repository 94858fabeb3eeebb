from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from sync.archive import Archive, ArchiveProblem, NotArchivedError

REPORT = b"report of the school"
SHA256 = hashlib.sha256(REPORT).hexdigest()


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "receipts")


def names(archive: Archive) -> list[str]:
    return sorted(path.relative_to(archive.folder).as_posix() for path in archive.folder.rglob("*") if path.is_file())


def test_a_content_is_kept_under_its_sha256(archive: Archive) -> None:
    assert archive.put(REPORT, ".xlsx") == SHA256
    assert names(archive) == [f"{SHA256[:2]}/{SHA256}.xlsx"]
    with archive.open(SHA256) as stream:
        assert stream.read() == REPORT
    assert archive.verify([SHA256]) == []


def test_a_content_that_is_there_is_not_written_again(archive: Archive) -> None:
    archive.put(REPORT, ".xlsx")
    os.utime(archive.path(SHA256), ns=(5, 5))
    assert archive.put(REPORT, ".ods") == SHA256
    assert names(archive) == [f"{SHA256[:2]}/{SHA256}.xlsx"]
    assert archive.path(SHA256).stat().st_mtime_ns == 5


def test_a_content_that_was_cut_short_is_written_again(archive: Archive) -> None:
    archive.put(REPORT, ".xlsx")
    archive.path(SHA256).write_bytes(REPORT[:5])
    archive.put(REPORT, ".xlsx")
    assert archive.path(SHA256).read_bytes() == REPORT


def test_what_a_killed_pass_left_half_written_is_neither_found_nor_left_for_ever(archive: Archive) -> None:
    unfinished = archive.folder / SHA256[:2] / f"{SHA256}.part"
    unfinished.parent.mkdir(parents=True)
    unfinished.write_bytes(REPORT[:5])
    with pytest.raises(NotArchivedError):
        archive.open(SHA256)
    assert archive.verify() == []
    archive.put(REPORT, ".xlsx")
    assert names(archive) == [f"{SHA256[:2]}/{SHA256}.xlsx"]


def test_a_write_that_fails_leaves_nothing_under_the_name(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        archive.put(REPORT, ".xlsx")
    with pytest.raises(NotArchivedError):
        archive.open(SHA256)


@pytest.mark.parametrize("suffix", ["", "xlsx", ".", "./../../x", ".part", ".PART", ".tệp", ". x", ".123456789"])
def test_what_is_no_suffix_is_left_out(archive: Archive, suffix: str) -> None:
    archive.put(REPORT, suffix)
    assert names(archive) == [f"{SHA256[:2]}/{SHA256}"]


def test_a_suffix_is_in_lower_case(archive: Archive) -> None:
    archive.put(REPORT, ".XLSX")
    assert names(archive) == [f"{SHA256[:2]}/{SHA256}.xlsx"]


@pytest.mark.parametrize("sha256", ["", "../../etc", "f" * 64, SHA256[:10], f"{SHA256}*"])
def test_what_was_never_put_is_not_found(archive: Archive, sha256: str) -> None:
    archive.put(REPORT, ".xlsx")
    with pytest.raises(NotArchivedError):
        archive.open(sha256)


def test_every_kind_of_damage_is_found(archive: Archive) -> None:
    archive.put(REPORT, ".xlsx")
    lost = archive.put(b"lost", ".xls")
    archive.path(SHA256).write_bytes(REPORT.upper())
    archive.path(lost).unlink()
    (archive.folder / "notes.txt").write_text("mine")
    problems = archive.verify([SHA256, lost])
    assert problems == [
        ArchiveProblem("changed", SHA256),
        ArchiveProblem("foreign", "notes.txt"),
        ArchiveProblem("missing", lost),
    ]
    assert all(problem.name in str(problem) for problem in problems)


def test_an_archive_that_was_never_written_to_has_no_problems(archive: Archive) -> None:
    assert archive.verify() == []
