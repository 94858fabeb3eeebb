from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync import backup, control, i18n, office, passes, setup
from sync.backup import BackupBusy, BackupError
from sync.ledger import Ledger, LedgerError, schema
from sync.office import OpenOffice
from tests.fakes.offices import BEFORE_DUE, CAST, PLAN, ZONE, send
from tests.fakes.postgres import PostgresServer, postgres  # noqa: F401  # the fixture

NOW = datetime.fromisoformat(BEFORE_DUE)
TOKEN = b"a refresh token"


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("BAOCAO_LEDGER_URL", raising=False)
    with i18n.using("en"):
        yield


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with two reports behind a pass; tests work on copies of it."""
    folder = tmp_path_factory.mktemp("original") / "office"
    made = setup.make_workspace(folder, PLAN.code)
    control.write(made.control_file, control.Control(CAST, control.proposed(PLAN, ZONE).periods), PLAN)
    send(folder, "TH01", name="Xã Một/báo cáo TH01.xlsx")
    send(folder, "MN01")
    (folder / "nhan" / "ghi chú.txt").write_text("không phải báo cáo", encoding="utf-8")
    passes.run(opened(folder))
    return folder


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "office"))


@pytest.fixture(scope="module")
def saved(original: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of the original; only to be read."""
    file = tmp_path_factory.mktemp("saved") / "backup.zip"
    backup.backup(opened(original), file)
    return file


def opened(folder: Path) -> OpenOffice:
    return office.open_office(folder, NOW)


def rows(ledger: Path) -> dict[str, list[str]]:
    with closing(sqlite3.connect(ledger)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: sorted(map(repr, connection.execute(f'SELECT * FROM "{name}"'))) for name in names}


def inbox(folder: Path) -> dict[str, tuple[bytes, int]]:
    files = (path for path in (folder / "nhan").rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def members(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewrite(file: Path, to: Path, change: Callable[[dict[str, bytes], dict[str, Any]], None]) -> Path:
    """A copy of a backup with other members and another manifest."""
    content = members(file)
    manifest = json.loads(content.pop("manifest.json"))
    change(content, manifest)
    with zipfile.ZipFile(to, "w") as archive:
        for name, data in {**content, "manifest.json": json.dumps(manifest).encode()}.items():
            archive.writestr(name, data)
    return to


def listed(data: bytes) -> dict[str, Any]:
    return {"size": len(data), "sha256": hashlib.sha256(data).hexdigest(), "mode": 0o644}


# Writing


def test_a_backup_holds_what_cannot_be_made_again_and_nothing_else(folder: Path, tmp_path: Path) -> None:
    kept = {"mau-thu/nhắc.txt": b"Kinh gui", "thu-di/thu.eml": b"Subject: x", ".baocao/microsoft-refresh-token": TOKEN}
    kept |= {"mau-bao-cao/nam.docx": b"PK"}
    passing = (".baocao/heartbeat.json", ".baocao/log/baocao.log", ".baocao/run.lock", "thu-di/.thu.eml.tmp")
    for name, content in {**kept, **dict.fromkeys(passing, b"x")}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    done = backup.backup(opened(folder), tmp_path / "b.zip")
    found = members(tmp_path / "b.zip")
    archived = {name for name in found if name.startswith("archive/")}
    own = {"manifest.json", "ledger.sqlite", "config.toml", "dieu-hanh.xlsx", ".baocao/secret"}
    assert found.keys() - archived == own | kept.keys()
    assert {name: found[name] for name in kept} == kept
    assert len(archived) == done.archived == done.rows["receipt"] == 3
    assert (done.problems, done.size) == ((), (tmp_path / "b.zip").stat().st_size)
    assert "private" in done.notes[0]
    assert backup.verify(tmp_path / "b.zip") == []


def test_a_backup_holds_what_the_officer_typed_and_no_pass_has_read_and_what_was_kept(
    folder: Path, tmp_path: Path
) -> None:
    typed = {
        "tong-hop/tong-hop-2024-2025-HK1 (bản có sửa 2025-01-20 0830).xlsx": b"kept",
        "tong-hop/cua-toi.xlsx": b"not read yet",
        ".baocao/replaced 001 tong-hop-2024-2025-HK1.xlsx": b"not looked at yet",
    }
    for name, content in typed.items():
        (folder / name).write_bytes(content)
    backup.backup(opened(folder), tmp_path / "b.zip")
    found = members(tmp_path / "b.zip")
    assert {name: found.get(name) for name in typed} == typed
    assert not [name for name in found if name.endswith("tong-hop-2024-2025-HK1.xlsx") and name not in typed]


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_nobody_else_may_read_a_backup(folder: Path, tmp_path: Path) -> None:
    done = backup.backup(opened(folder), tmp_path / "b.zip")
    assert done.file.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.zip", "office"]
    assert not (folder / ".baocao" / "backup.tmp").exists()


def test_a_backup_is_replaced_by_a_newer_one(folder: Path, tmp_path: Path) -> None:
    backup.backup(opened(folder), tmp_path / "b.zip")
    send(folder, "CS01")
    passes.run(opened(folder))
    assert backup.backup(opened(folder), tmp_path / "b.zip").archived == 4
    assert json.loads(members(tmp_path / "b.zip")["manifest.json"])["rows"]["receipt"] == 4


def test_a_file_that_is_no_backup_is_replaced_only_when_asked(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "b.zip").write_bytes(b"holiday pictures")
    with pytest.raises(BackupError, match="is no backup"):
        backup.backup(opened(folder), tmp_path / "b.zip")
    assert (tmp_path / "b.zip").read_bytes() == b"holiday pictures"
    backup.backup(opened(folder), tmp_path / "b.zip", overwrite=True)
    assert backup.verify(tmp_path / "b.zip") == []


@pytest.mark.parametrize("place", [".baocao/archive/b.zip", "nhan/b.zip", "thu-di/b.zip", "none/b.zip", "mau"])
def test_a_backup_is_not_written_where_it_does_not_belong(folder: Path, place: str) -> None:
    before = sorted(folder.rglob("*"))
    with pytest.raises(BackupError):
        backup.backup(opened(folder), folder / place)
    assert sorted(folder.rglob("*")) == before


def test_one_backup_of_a_workspace_is_made_at_a_time(folder: Path, tmp_path: Path) -> None:
    def begin_another(_what: str, _done: int, _of: int) -> None:
        with pytest.raises(BackupBusy):
            backup.backup(opened(folder), tmp_path / "other.zip")

    backup.backup(opened(folder), tmp_path / "b.zip", begin_another)
    assert not (tmp_path / "other.zip").exists()
    assert backup.verify(tmp_path / "b.zip") == []


def test_a_backup_that_fails_leaves_the_older_one(folder: Path, tmp_path: Path) -> None:
    backup.backup(opened(folder), tmp_path / "b.zip")
    before = (tmp_path / "b.zip").read_bytes()

    def full(what: str, _done: int, _of: int) -> None:
        if what == "Verifying":
            raise OSError(28, "No space left on device")

    with pytest.raises(BackupError, match="No space left"):
        backup.backup(opened(folder), tmp_path / "b.zip", full)
    assert (tmp_path / "b.zip").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.zip", "office"]


def test_a_receipt_that_the_archive_lost_is_named_and_spoils_no_older_backup(folder: Path, tmp_path: Path) -> None:
    backup.backup(opened(folder), tmp_path / "whole.zip")
    before = (tmp_path / "whole.zip").read_bytes()
    gone, changed = sorted(path for path in (folder / ".baocao" / "archive").rglob("*") if path.is_file())[:2]
    gone.unlink()
    changed.write_bytes(b"other bytes")
    with pytest.raises(BackupError, match="was kept"):
        backup.backup(opened(folder), tmp_path / "whole.zip")
    assert (tmp_path / "whole.zip").read_bytes() == before
    done = backup.backup(opened(folder), tmp_path / "less.zip")
    assert [(gone.stem in text, changed.stem in text) for text in done.problems] in (
        [(True, False), (False, True)],
        [(False, True), (True, False)],
    )
    assert backup.verify(tmp_path / "less.zip") == []
    restored = backup.restore(tmp_path / "less.zip", tmp_path / "new")
    assert (restored.archived, restored.inbox, len(restored.left), len(restored.problems)) == (1, 1, 2, 4)


def test_a_file_over_the_limit_is_missed_by_nobody_but_named(folder: Path, tmp_path: Path) -> None:
    with (folder / "nhan" / "phim.mp4").open("wb") as film:
        film.truncate((25 << 20) + 1)
    passes.run(opened(folder))
    assert backup.backup(opened(folder), tmp_path / "b.zip").problems == ()
    restored = backup.restore(tmp_path / "b.zip", tmp_path / "new")
    assert restored.left == ("phim.mp4",)
    assert [text for text in restored.problems if "phim.mp4" in text] == list(restored.problems)


def test_secrets_outside_are_named_and_those_inside_are_kept(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "smtp").write_text("password-outside")
    (folder / "ping").write_text("https://watch.example/inside")
    text = (folder / "config.toml").read_text(encoding="utf-8")
    text = text.replace('password_file = ""', 'password_file = "../smtp"')
    (folder / "config.toml").write_text(text.replace('ping_url_file = ""', 'ping_url_file = "ping"'), encoding="utf-8")
    done = backup.backup(opened(folder), tmp_path / "b.zip")
    assert [note for note in done.notes if str(tmp_path / "smtp") in note] == [done.notes[1]]
    found = members(tmp_path / "b.zip")
    assert found["ping"] == b"https://watch.example/inside"
    assert not [name for name, content in found.items() if b"password-outside" in content]
    restored = backup.restore(tmp_path / "b.zip", tmp_path / "elsewhere" / "new")
    assert "mail.password_file" in restored.problems[0]


# Restoring


def test_a_restored_office_is_the_office(folder: Path, tmp_path: Path) -> None:
    (folder / ".baocao" / "microsoft-refresh-token").write_bytes(TOKEN)
    (folder / ".baocao" / "microsoft-refresh-token").chmod(0o600)
    backup.backup(opened(folder), tmp_path / "b.zip")
    expected, ledger = inbox(folder), rows(folder / ".baocao" / "ledger.sqlite")
    restored = backup.restore(tmp_path / "b.zip", tmp_path / "a" / "new")
    new = tmp_path / "a" / "new"
    assert (restored.folder, restored.inbox, restored.archived, restored.ledger) == (new, 3, 3, None)
    assert (restored.problems, restored.made_at) == ((), NOW.replace(tzinfo=ZONE))
    assert inbox(new) == expected
    assert rows(new / ".baocao" / "ledger.sqlite") == ledger
    for name in ("config.toml", "dieu-hanh.xlsx", ".baocao/secret", ".baocao/microsoft-refresh-token"):
        assert (new / name).read_bytes() == (folder / name).read_bytes()
        assert (new / name).stat().st_mode == (folder / name).stat().st_mode
    # What makes the folder a workspace was put in place last.
    put = {path: path.stat().st_ctime_ns for path in new.rglob("*") if path.is_file() and path.name != "lock"}
    assert put[new / "config.toml"] == max(put.values())
    result = passes.run(opened(new))
    assert (result.new, result.unchanged, result.problems) == (0, 3, [])
    assert not [path for path in new.iterdir() if path.name.startswith(".") and path.name != ".baocao"]


def test_only_a_new_or_empty_folder_is_restored_into(folder: Path, saved: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.docx").write_bytes(b"years of work")
    for place in (folder, tmp_path / "full", tmp_path / "full" / "thesis.docx"):
        with pytest.raises(BackupError):
            backup.restore(saved, place)
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["thesis.docx"]
    (tmp_path / "empty").mkdir()
    assert backup.restore(saved, tmp_path / "empty").inbox == 3


def refused(file: Path, tmp_path: Path, match: str) -> None:
    assert [text for text in backup.verify(file) if match in text]
    with pytest.raises(BackupError, match=match):
        backup.restore(file, tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("kind", ["ledger.sqlite", "archive/", "dieu-hanh.xlsx", "config.toml", ".baocao/secret"])
def test_a_changed_byte_in_any_kind_of_member_is_found(saved: Path, tmp_path: Path, kind: str) -> None:
    def spoil(content: dict[str, bytes], _manifest: dict[str, Any]) -> None:
        name = next(each for each in content if each.startswith(kind))
        half = len(content[name]) // 2
        content[name] = content[name][:half] + bytes([content[name][half] ^ 1]) + content[name][half + 1 :]

    refused(rewrite(saved, tmp_path / "bad.zip", spoil), tmp_path, "is damaged")


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_changed_byte_anywhere_is_found_or_changes_nothing(saved: Path, tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(saved.read_bytes())
    at = data.draw(st.one_of(st.integers(0, len(content) - 1), st.integers(len(content) - 4000, len(content) - 1)))
    content[at] ^= data.draw(st.integers(1, 255))
    (tmp_path / "bad.zip").write_bytes(content)
    assert backup.verify(tmp_path / "bad.zip") or members(tmp_path / "bad.zip") == members(saved)


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.99])
def test_a_backup_that_was_cut_short_is_refused(saved: Path, tmp_path: Path, share: float) -> None:
    content = saved.read_bytes()
    (tmp_path / "bad.zip").write_bytes(content[: int(len(content) * share)])
    refused(tmp_path / "bad.zip", tmp_path, "is no backup")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    refused(tmp_path / "none.zip", tmp_path, "is missing")


PLACES = """
../evil /tmp/evil mau-thu/../../evil a//b ./a nhan/a.xlsx NHAN/a.xlsx .baocao/lock .baocao/ledger.sqlite-wal
.baocao/archive/ab .Baocao/archive/ab archive/ab/evil mau-thu/
"""


@pytest.mark.parametrize("name", PLACES.split())
def test_a_member_in_a_wrong_place_is_refused(saved: Path, tmp_path: Path, name: str) -> None:
    def add(content: dict[str, bytes], manifest: dict[str, Any]) -> None:
        content[name] = b"evil"
        manifest["members"][name] = listed(b"evil")

    refused(rewrite(saved, tmp_path / "bad.zip", add), tmp_path, "does not belong")
    assert not (tmp_path / "evil").exists()


def test_a_member_that_the_manifest_does_not_know_is_refused(saved: Path, tmp_path: Path) -> None:
    bad = rewrite(saved, tmp_path / "bad.zip", lambda content, _manifest: content.update(more=b"x"))
    refused(bad, tmp_path, "does not belong")


def test_a_link_is_refused(saved: Path, tmp_path: Path) -> None:
    link = zipfile.ZipInfo("mau-thu/link")
    link.external_attr = 0o120777 << 16
    bad = rewrite(
        saved, tmp_path / "bad.zip", lambda _c, manifest: manifest["members"].update({link.filename: listed(b"/etc")})
    )
    with zipfile.ZipFile(bad, "a") as archive:
        archive.writestr(link, b"/etc")
    refused(bad, tmp_path, "does not belong")


def test_a_member_that_is_missing_is_told(saved: Path, tmp_path: Path) -> None:
    bad = rewrite(saved, tmp_path / "bad.zip", lambda content, _manifest: content.__delitem__("dieu-hanh.xlsx"))
    refused(bad, tmp_path, "dieu-hanh.xlsx is missing")


def test_a_member_larger_than_the_manifest_says_is_not_unpacked(saved: Path, tmp_path: Path) -> None:
    def bomb(content: dict[str, bytes], _manifest: dict[str, Any]) -> None:
        content["ledger.sqlite"] += bytes(1 << 20)

    refused(rewrite(saved, tmp_path / "bad.zip", bomb), tmp_path, "is damaged")


def test_members_that_need_more_than_the_disk_has_are_not_unpacked(saved: Path, tmp_path: Path) -> None:
    # A manifest and a list of members that agree on a petabyte; nothing is read of it.
    name, huge = "ledger.sqlite", 1 << 50
    bad = rewrite(saved, tmp_path / "bad.zip", lambda _c, manifest: manifest["members"][name].update(size=huge))
    raw = bad.read_bytes()
    at = raw.index(b"PK\x01\x02", raw.index(b"manifest.json"))
    entry = raw.index(name.encode(), at) - 46
    extra = b"\x01\x00\x08\x00" + huge.to_bytes(8, "little")
    header = bytearray(raw[entry : entry + 46])
    header[24:28], header[30:32] = b"\xff" * 4, len(extra).to_bytes(2, "little")
    end = raw.index(b"PK\x05\x06", at)
    size = int.from_bytes(raw[end + 12 : end + 16], "little") + len(extra)
    body = raw[:entry] + header + name.encode() + extra + raw[entry + 46 + len(name) : end]
    bad.write_bytes(body + raw[end : end + 12] + size.to_bytes(4, "little") + raw[end + 16 :])
    refused(bad, tmp_path, "make room")


def test_members_that_share_their_bytes_are_refused(saved: Path, tmp_path: Path) -> None:
    inner, outer, data = zipfile.ZipInfo("mau-thu/inner"), zipfile.ZipInfo("mau-thu/outer"), bytes(1 << 20)
    inner.CRC, inner.file_size, inner.compress_size = zlib.crc32(data), len(data), len(data)
    both = {outer.filename: inner.FileHeader() + data, inner.filename: data}
    known = {name: listed(content) for name, content in both.items()}
    bad = rewrite(saved, tmp_path / "bad.zip", lambda _content, manifest: manifest["members"].update(known))
    with zipfile.ZipFile(bad, "a") as archive:
        archive.writestr(outer, both[outer.filename])
        inner.header_offset = outer.header_offset + len(outer.FileHeader())
        archive.filelist.append(inner)
        archive.NameToInfo[inner.filename] = inner
    assert members(bad)[inner.filename] == data
    refused(bad, tmp_path, "overlap")


def change_ledger(saved: Path, to: Path, sql: str) -> Path:
    """A backup whose manifest agrees with a ledger that was changed."""

    def change(content: dict[str, bytes], manifest: dict[str, Any]) -> None:
        file = to.with_suffix(".sqlite")
        file.write_bytes(content["ledger.sqlite"])
        with closing(sqlite3.connect(file)) as connection:
            connection.executescript(sql)
        content["ledger.sqlite"] = file.read_bytes()
        manifest["members"]["ledger.sqlite"] = listed(content["ledger.sqlite"])

    return rewrite(saved, to, change)


@pytest.mark.parametrize(
    ("sql", "match"),
    [
        ("DELETE FROM sighting", "number of rows"),
        ("UPDATE entry SET receipt_id = 99 WHERE receipt_id = 1", "entry → receipt"),
        ("CREATE TRIGGER evil AFTER INSERT ON run BEGIN DELETE FROM receipt; END", "trigger evil"),
        (f"UPDATE receipt SET sha256 = '{'ab' * 32}' WHERE id = 3; DELETE FROM sighting", "ab" * 32),
        ("DROP TABLE alembic_version", "alembic_version"),
    ],
)
def test_a_ledger_that_is_not_sound_is_refused(saved: Path, tmp_path: Path, sql: str, match: str) -> None:
    refused(change_ledger(saved, tmp_path / "bad.zip", sql), tmp_path, match)


@pytest.mark.parametrize("path", ["../evil.xlsx", "/tmp/evil.xlsx", "a/../../evil.xlsx", "a//b.xlsx", "a\x00b"])
def test_a_sighting_never_leaves_the_inbox(saved: Path, tmp_path: Path, path: str) -> None:
    shown = "'" + path.replace("\x00", "' || char(0) || '") + "'"
    sql = f"UPDATE sighting SET path = {shown} WHERE path = 'MN01.xlsx'"
    restored = backup.restore(change_ledger(saved, tmp_path / "odd.zip", sql), tmp_path / "new")
    assert restored.left == (path,)
    assert len(inbox(tmp_path / "new")) == 2
    assert not list(tmp_path.rglob("evil*"))


@pytest.mark.parametrize("where", ["format", "ledger_at"])
def test_a_backup_of_a_newer_version_is_refused_with_its_number(saved: Path, tmp_path: Path, where: str) -> None:
    newer: dict[str, Any] = {"format": 2, "ledger_at": "9999"}

    def raise_version(_content: dict[str, bytes], manifest: dict[str, Any]) -> None:
        manifest.update({where: newer[where], "version": "8.0.1"})

    refused(rewrite(saved, tmp_path / "bad.zip", raise_version), tmp_path, "8.0.1")


def test_a_backup_of_an_older_version_is_migrated(saved: Path, tmp_path: Path) -> None:
    from alembic import command

    from sync.ledger.engine import alembic_config, checked_url, make_engine, transaction

    with Ledger.open(tmp_path / "head.sqlite"):
        pass
    new = rows(tmp_path / "head.sqlite").keys()
    engine = make_engine(checked_url(tmp_path / "old.sqlite"))
    with transaction(engine, writes=True) as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
    old = (tmp_path / "old.sqlite").read_bytes()
    counts = {name: len(found) for name, found in rows(tmp_path / "old.sqlite").items()}
    assert counts.keys() < new

    def take_back(content: dict[str, bytes], manifest: dict[str, Any]) -> None:
        content["ledger.sqlite"] = old
        manifest.update(ledger_at="0001", rows=counts)
        manifest["members"]["ledger.sqlite"] = listed(old)

    file = rewrite(saved, tmp_path / "older.zip", take_back)
    assert backup.verify(file) == []
    backup.restore(file, tmp_path / "new")
    restored = rows(tmp_path / "new" / ".baocao" / "ledger.sqlite")
    assert restored.keys() == new
    assert restored["alembic_version"] == [repr((schema.HEAD,))]


# Another database


def test_a_ledger_is_carried_into_another_database_and_back(
    saved: Path,
    tmp_path: Path,
    postgres: PostgresServer,  # noqa: F811
) -> None:
    url = postgres.fresh()
    restored = backup.restore(saved, tmp_path / "one", ledger_url=url)
    assert restored.ledger is not None
    assert postgres.password not in repr(restored)
    assert postgres.password not in (tmp_path / "one" / "config.toml").read_text(encoding="utf-8")
    assert (tmp_path / "one" / ".baocao" / "ledger-url").stat().st_mode & 0o777 == 0o600
    assert opened(tmp_path / "one").ledger_url == url
    assert not (tmp_path / "one" / ".baocao" / "ledger.sqlite").exists()
    done = backup.backup(opened(tmp_path / "one"), tmp_path / "two.zip")
    assert done.problems == ()
    back = backup.restore(tmp_path / "two.zip", tmp_path / "two", ledger_url="")
    assert (back.ledger, back.problems) == (None, ())
    (tmp_path / "first.sqlite").write_bytes(members(saved)["ledger.sqlite"])
    assert rows(tmp_path / "two" / ".baocao" / "ledger.sqlite") == rows(tmp_path / "first.sqlite")
    assert not (tmp_path / "two" / ".baocao" / "ledger-url").exists()


def test_a_database_that_has_a_ledger_is_not_written_to(
    saved: Path,
    tmp_path: Path,
    postgres: PostgresServer,  # noqa: F811
) -> None:
    url = postgres.fresh()
    backup.restore(saved, tmp_path / "one", ledger_url=url)
    with pytest.raises(BackupError, match="has a ledger already") as told:
        backup.restore(saved, tmp_path / "two", ledger_url=url)
    assert postgres.password not in str(told.value)
    assert not (tmp_path / "two").exists()


def test_a_restore_that_ended_after_the_database_had_its_rows_can_be_run_again(
    saved: Path,
    tmp_path: Path,
    postgres: PostgresServer,  # noqa: F811
) -> None:
    url = postgres.fresh()
    with pytest.raises(KeyboardInterrupt):
        backup.restore(saved, tmp_path / "one", ledger_url=url, progress=interrupt_at("Putting files back"))
    assert backup.restore(saved, tmp_path / "one", ledger_url=url).inbox == 3
    result = passes.run(opened(tmp_path / "one"))
    assert (result.new, result.unchanged) == (0, 3)


def interrupt_at(stage: str) -> Callable[[str, int, int], None]:
    def progress(what: str, _done: int, _of: int) -> None:
        if what == stage:
            raise KeyboardInterrupt

    return progress


def test_an_interrupted_restore_is_gone_on_with_by_the_same_backup_only(
    saved: Path, folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        backup.restore(saved, tmp_path / "new", progress=interrupt_at("Putting files back"))
    assert not (tmp_path / "new" / "config.toml").exists()
    (folder / "mau-thu").mkdir()
    (folder / "mau-thu" / "a.txt").write_text("other")
    backup.backup(opened(folder), tmp_path / "other.zip")
    with pytest.raises(BackupError, match="another backup"):
        backup.restore(tmp_path / "other.zip", tmp_path / "new")
    assert backup.restore(saved, tmp_path / "new").inbox == 3
    assert inbox(tmp_path / "new") == inbox(folder)


def test_the_environment_says_where_the_ledger_is(saved: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/elsewhere.sqlite"
    environ = {"BAOCAO_LEDGER_URL": url}
    with pytest.raises(BackupError, match="BAOCAO_LEDGER_URL"):
        backup.restore(saved, tmp_path / "one", ledger_url="", environ=environ)
    assert backup.restore(saved, tmp_path / "one", environ=environ).ledger == url
    (tmp_path / "saved.sqlite").write_bytes(members(saved)["ledger.sqlite"])
    assert rows(tmp_path / "elsewhere.sqlite") == rows(tmp_path / "saved.sqlite")


def test_an_address_that_is_no_database_is_told_before_anything_is_written(saved: Path, tmp_path: Path) -> None:
    with pytest.raises(LedgerError):
        backup.restore(saved, tmp_path / "new", ledger_url="mysql://host/db")
    assert not (tmp_path / "new").exists()


def test_no_table_of_the_ledger_counts_by_itself() -> None:
    """Rows that are carried into PostgreSQL do not move its counters, so a new row would take an old row's number."""
    assert [each.name for each in schema.metadata.sorted_tables if each.autoincrement_column is not None] == []


def test_every_kind_of_value_survives_the_way_through_another_database(
    tmp_path: Path,
    postgres: PostgresServer,  # noqa: F811
) -> None:
    from sync.backup import rows as carried

    odd = {"id": 1, "as_of": datetime(2025, 1, 1, 2, 3, 4, 567_891, UTC), "counts": "Tiếng Việt 'x' \\ \ufffd"}
    with Ledger.open(tmp_path / "one.sqlite") as ledger, ledger._engine.begin() as connection:
        connection.execute(schema.run.insert(), odd)
        big = {"id": 1, "sha256": "a" * 64, "size": 2**40, "suffix": "", "source": "folder", "path": "a\\xff b.xls"}
        judged = {"received_at": odd["as_of"], "status": "refused", "plan_digest": "", "run_id": 1}
        counts = dict.fromkeys(("rows_read", "rows_accepted", "rows_rejected", "rows_blank"), 0)
        connection.execute(schema.receipt.insert(), {**big, **judged, **counts})
    url = postgres.fresh()
    carried.carry(tmp_path / "one.sqlite", url)
    assert carried.are_equal(tmp_path / "one.sqlite", url)
    carried.snapshot(url, tmp_path / "two.sqlite")
    assert rows(tmp_path / "one.sqlite") == rows(tmp_path / "two.sqlite")
