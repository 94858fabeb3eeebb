from __future__ import annotations

import os
import sys
import unicodedata
from pathlib import Path

import pytest

from sync.ledger import Ledger, ReceiptRecord, RunRecord, Sighting, SightingChanges, Verdict
from sync.sources import Found, Sightings, SourceEmptied, SourceError, moment
from sync.sources.folder import Folder, display, is_settled, is_temporary, scan

SHA = "a" * 64
NO_SIGHTINGS: Sightings = {}
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files")


pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "nhan"
    put(folder / "a.xlsx")
    put(folder / "THCS" / "Nhị Thành" / "b.ods", b"longer")
    return folder


@pytest.fixture
def shut(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A subfolder that may not be read (root may read everything, so the refusal is put in between)."""
    folder = inbox / "shut"
    put(folder / "c.xlsx")
    real = os.scandir

    def refusing(path: str) -> object:
        if os.fspath(path) == str(folder):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr("os.scandir", refusing)
    return folder


def put(path: Path, content: bytes = b"x", mtime_ns: int = 1_736_753_400_123_456_700) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, ns=(mtime_ns, mtime_ns))


def seen(folder: Path) -> Sightings:
    return {path: (found.size, found.mtime_ns, SHA) for path, found in scan(folder).files.items()}


def test_files_are_found_at_any_depth(inbox: Path) -> None:
    found = scan(inbox)
    assert found.problems == ()
    assert set(found.files) == {"a.xlsx", "THCS/Nhị Thành/b.ods"}
    deep = found.files["THCS/Nhị Thành/b.ods"]
    assert deep == Found("THCS/Nhị Thành/b.ods", 6, deep.mtime_ns, str(inbox / "THCS" / "Nhị Thành" / "b.ods"))
    assert moment(deep.mtime_ns).isoformat() == "2025-01-13T07:30:00.123456+00:00"


@pytest.mark.parametrize(
    "name",
    [
        "~$a.xlsx",
        ".~lock.a.xlsx#",
        "._a.xlsx",
        ".DS_Store",
        "desktop.ini",
        "Desktop.ini",
        "Thumbs.db",
        "a.xlsx.crdownload",
        "a.xlsx.part",
        "0A1B.TMP",
        ".stversions/a.xlsx",
    ],
)
def test_temporary_and_hidden_names_are_passed_over_silently(inbox: Path, name: str) -> None:
    put(inbox / name)
    assert is_temporary(name.split("/", maxsplit=1)[0])
    assert set(scan(inbox).files) == {"a.xlsx", "THCS/Nhị Thành/b.ods"}
    assert scan(inbox).problems == ()


def test_other_names_are_not_taken_for_temporary_ones(inbox: Path) -> None:
    for name in ["không đuôi", "a.tmp.xlsx", "partial.xlsx", "~a.xlsx", "$a.csv", "a.exe"]:
        put(inbox / "more" / name)
    assert len(scan(inbox / "more").files) == 6


@posix_only
def test_links_and_special_files_are_passed_over(inbox: Path, tmp_path: Path) -> None:
    put(tmp_path / "elsewhere" / "c.xlsx")
    (inbox / "link.xlsx").symlink_to(inbox / "a.xlsx")
    (inbox / "linked").symlink_to(tmp_path / "elsewhere")
    (inbox / "circle").symlink_to(inbox)
    (inbox / "broken").symlink_to(tmp_path / "nowhere")
    os.mkfifo(inbox / "pipe.xlsx")
    assert set(scan(inbox).files) == {"a.xlsx", "THCS/Nhị Thành/b.ods"}
    assert scan(inbox).problems == ()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems keep one form of a name")
def test_names_are_shown_composed_and_opened_as_they_are(inbox: Path) -> None:
    decomposed = unicodedata.normalize("NFD", "Trường.xlsx")
    put(inbox / decomposed, b"1")
    put(inbox / "Trường.xlsx", b"22")
    files = scan(inbox).files
    assert (files[decomposed].size, files["Trường.xlsx"].size) == (1, 2)
    assert Folder("nhan", inbox).read(files[decomposed]) == b"1"
    assert display(decomposed) == "Trường.xlsx"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_name_that_is_no_text_is_kept_read_and_remembered(inbox: Path) -> None:
    raw = os.fsencode(inbox) + b"/Tr\xfd\xdfng/b\xe1o c\xe1o.xlsx"
    put(Path(os.fsdecode(raw)), b"old zip")
    (strange,) = (found for path, found in scan(inbox).files.items() if "\\x" in path)
    assert strange.path == r"Tr\xfd\xdfng/b\xe1o c\xe1o.xlsx"
    assert Folder("nhan", inbox).read(strange) == b"old zip"
    with Ledger.open("sqlite://" + f"/{inbox.parent}/ledger.sqlite") as ledger:
        now = moment(strange.mtime_ns)
        receipt = ReceiptRecord(SHA, 7, ".xlsx", "nhan", strange.path, now, Verdict("refused", "d"))
        sighting = Sighting("nhan", strange.path, strange.size, strange.mtime_ns, SHA)
        ledger.record(RunRecord(now), [receipt], SightingChanges([sighting]))
        changes = Folder("nhan", inbox).look(ledger.sightings("nhan"))
    assert strange not in changes.changed
    assert not changes.gone


def test_a_subfolder_that_cannot_be_read_is_a_problem_and_the_rest_goes_on(inbox: Path, shut: Path) -> None:
    sightings = {"shut/c.xlsx": (1, 1, SHA)}
    changes = Folder("nhan", inbox).look(sightings)
    assert [found.path for found in changes.changed] == ["THCS/Nhị Thành/b.ods", "a.xlsx"]
    assert not changes.gone
    assert not changes.complete
    assert [(problem.path, problem.message) for problem in changes.problems] == [
        ("shut", f"{shut} cannot be read: Permission denied")
    ]


def test_an_inbox_that_is_no_folder_is_a_problem_and_nothing_is_gone(tmp_path: Path) -> None:
    put(tmp_path / "nhan")
    changes = Folder("nhan", tmp_path / "nhan").look({"a.xlsx": (1, 1, SHA)})
    assert [problem.path for problem in changes.problems] == [""]
    assert not changes.gone


def test_nothing_changed_where_nothing_changed(inbox: Path) -> None:
    changes = Folder("nhan", inbox).look(seen(inbox))
    assert (list(changes.changed), changes.unchanged, list(changes.gone)) == ([], 2, [])


def test_an_inbox_that_emptied_is_refused_unless_it_is_allowed(inbox: Path) -> None:
    before = seen(inbox)
    folder = Folder("nhan", inbox)
    for path in before:
        (inbox / path).unlink()
    put(inbox / ".~lock.a.xlsx#")
    with pytest.raises(SourceEmptied, match="--allow-empty"):
        folder.look(before)
    assert list(folder.look(before, allow_empty=True).gone) == sorted(before)
    assert folder.look(NO_SIGHTINGS).unchanged == 0


def test_an_inbox_that_went_away_is_refused_unless_it_is_allowed(tmp_path: Path) -> None:
    folder = Folder("nhan", tmp_path / "nhan")
    with pytest.raises(SourceEmptied, match="--allow-empty"):
        folder.look({"a.xlsx": (1, 1, SHA)})
    assert list(folder.look({"a.xlsx": (1, 1, SHA)}, allow_empty=True).gone) == ["a.xlsx"]
    with pytest.raises(SourceError, match="does not exist"):
        folder.look(NO_SIGHTINGS)


def test_a_file_is_read_as_it_was_found(inbox: Path) -> None:
    found = scan(inbox).files["a.xlsx"]
    assert is_settled(found)
    assert Folder("nhan", inbox).read(found) == b"x"


def test_a_file_that_is_being_written_is_left_for_the_next_pass(inbox: Path) -> None:
    folder = Folder("nhan", inbox)
    found = scan(inbox).files["a.xlsx"]
    put(inbox / "a.xlsx", b"y", found.mtime_ns + 100)
    assert folder.read(found) is None
    put(inbox / "a.xlsx", b"longer", found.mtime_ns)
    assert folder.read(found) is None
    assert not is_settled(found)
    (inbox / "a.xlsx").unlink()
    assert folder.read(found) is None


def test_a_file_that_changes_while_it_is_read_is_left_too(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = scan(inbox).files["a.xlsx"]
    real = Path.read_bytes

    def read_and_write(path: Path) -> bytes:
        content = real(path)
        put(path, b"z", found.mtime_ns + 100)
        return content

    monkeypatch.setattr(Path, "read_bytes", read_and_write)
    assert Folder("nhan", inbox).read(found) is None


@posix_only
def test_a_file_that_became_a_pipe_is_not_opened(inbox: Path) -> None:
    put(inbox / "a.xlsx", b"")
    found = scan(inbox).files["a.xlsx"]
    (inbox / "a.xlsx").unlink()
    os.mkfifo(inbox / "a.xlsx")
    os.utime(inbox / "a.xlsx", ns=(found.mtime_ns, found.mtime_ns))
    assert not is_settled(found)
    assert Folder("nhan", inbox).read(found) is None


def test_the_inbox_is_only_read(inbox: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in [inbox, *inbox.rglob("*")]}
    folder = Folder("nhan", inbox)
    for found in folder.look(NO_SIGHTINGS).changed:
        folder.read(found)
    assert {path: path.stat().st_mtime_ns for path in [inbox, *inbox.rglob("*")]} == before
