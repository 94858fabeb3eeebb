"""One changed byte anywhere in the file of a seal is found, and so is every member too many or too few."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.sealing import SealError, package
from tests.sealing.offices import file_of


def found_in(content: bytes, folder: Path) -> bool:
    """Whether something is found to be wrong in a seal of these bytes."""
    file = folder / "niem-phong.zip"
    file.write_bytes(content)
    try:
        with package.opened(file):
            return False
    except SealError:
        return True


def flipped(content: bytes, at: int, bit: int = 0) -> bytes:
    return content[:at] + bytes([content[at] ^ 1 << bit]) + content[at + 1 :]


def structure(content: bytes) -> Iterator[int]:
    """Every position that belongs to no member: headers, names, directory, its end, the comment."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        data = set()
        for info in archive.infolist():
            begin = info.header_offset + 30 + len(info.filename)
            data |= set(range(begin, begin + info.file_size))
    yield from (at for at in range(len(content)) if at not in data)


def test_a_seal_is_whole(content: bytes, tmp_path: Path) -> None:
    assert not found_in(content, tmp_path)


def test_a_changed_byte_is_found_wherever_no_member_lies(content: bytes, tmp_path: Path) -> None:
    missed = [at for at in structure(content) if not found_in(flipped(content, at, at % 8), tmp_path)]
    assert missed == []


def test_a_changed_byte_is_found_in_every_member(content: bytes, tmp_path: Path) -> None:
    chosen = random.Random(6)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        places = [(info, info.header_offset + 30 + len(info.filename)) for info in archive.infolist()]
    for info, begin in places:
        ends = {begin, begin + info.file_size - 1, *(begin + chosen.randrange(info.file_size) for _ in range(8))}
        missed = [at for at in ends if not found_in(flipped(content, at, chosen.randrange(8)), tmp_path)]
        assert (info.filename, missed) == (info.filename, [])


def test_a_changed_byte_is_found_in_each_byte_of_the_manifest(content: bytes, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        info = archive.getinfo("manifest.json")
    begin = info.header_offset + 30 + len(info.filename)
    missed = [at for at in range(begin, begin + info.file_size) if not found_in(flipped(content, at), tmp_path)]
    assert missed == []


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(lambda content: content + b"\0", id="a byte behind the end"),
        pytest.param(lambda content: b"\0" + content, id="a byte before the beginning"),
        pytest.param(lambda content: content[:-1], id="the last byte cut off"),
        pytest.param(lambda content: content[: len(content) // 2], id="half of it"),
        pytest.param(lambda content: b"", id="nothing"),
    ],
)
def test_bytes_too_many_or_too_few_are_found(changed: object, content: bytes, tmp_path: Path) -> None:
    assert callable(changed)
    assert found_in(changed(content), tmp_path)


def rewritten(content: bytes, without: str = "", extra: str = "", twice: str = "", packed: bool = False) -> bytes:
    """The same seal written anew by zipfile, with something different."""
    again = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(again, "w") as new:
        new.comment = old.comment
        for info in old.infolist():
            if info.filename != without:
                kind = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
                new.writestr(info, old.read(info), kind)
        if twice:
            with pytest.warns(UserWarning, match="Duplicate name"):
                new.writestr(old.getinfo(twice), old.read(twice))
        if extra:
            new.writestr(extra, b"more")
    return again.getvalue()


def test_the_same_members_written_in_the_same_way_are_the_same_seal(content: bytes) -> None:
    assert rewritten(content) == content


@pytest.mark.parametrize(
    "change",
    [{"without": "plan.toml"}, {"extra": "readme.txt"}, {"twice": "plan.toml"}, {"packed": True}],
    ids=["one missing", "one too many", "one twice", "packed otherwise"],
)
def test_another_set_of_members_is_found(change: dict[str, str], content: bytes, tmp_path: Path) -> None:
    assert found_in(rewritten(content, **change), tmp_path)  # type: ignore[arg-type]  # packed is a bool


def test_what_differs_is_named(content: bytes, tmp_path: Path, english: None) -> None:
    file = tmp_path / "niem-phong.zip"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        info = archive.getinfo("plan.toml")
    file.write_bytes(flipped(content, info.header_offset + 30 + len(info.filename) + 9))
    with pytest.raises(SealError, match=r"plan\.toml was changed"), package.opened(file):
        pass


def test_a_seal_of_a_newer_format_says_which_version_is_needed(content: bytes, tmp_path: Path, english: None) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        manifest = {**json.loads(archive.read("manifest.json")), "format": 2, "version": "9.9"}
    file = tmp_path / "niem-phong.zip"
    with zipfile.ZipFile(file, "w") as newer:
        newer.writestr("manifest.json", json.dumps(manifest))
    with pytest.raises(SealError, match=r"newer version of baocao \(9\.9\)"), package.opened(file):
        pass


@pytest.mark.parametrize("name", ["../out.xlsx", "/out.xlsx", "a/../b", "a\\b", "nhan/../../x"])
def test_no_member_can_mean_a_place_outside(name: str, content: bytes, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    manifest["members"][name] = manifest["members"].pop("plan.toml")
    file = tmp_path / "niem-phong.zip"
    with zipfile.ZipFile(file, "w") as crafted:
        crafted.writestr("manifest.json", json.dumps(manifest))
    with pytest.raises(SealError), package.opened(file):
        pass


def test_nothing_secret_is_in_a_seal(sealed_once: Path) -> None:
    secret = (sealed_once / ".baocao" / "secret").read_bytes()
    content = file_of(sealed_once).read_bytes()
    assert secret not in content
    assert secret.hex().encode() not in content
