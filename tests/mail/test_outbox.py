from __future__ import annotations

import os
import re
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sync.mail import Outcome, PostUnavailable
from sync.mail.outbox import Outbox, name_of
from tests.fakes.smtp import SENDER
from tests.mail.letters import HEAD, SCHOOL, SUBJECT, TEXT, Told, letter, send

pytestmark = pytest.mark.usefixtures("english")


def test_a_letter_becomes_a_draft_in_a_file_with_a_name_that_says_what_it_is(tmp_path: Path) -> None:
    told = Told()
    with Outbox(tmp_path) as post:
        assert send(post, 0xABC, SCHOOL, HEAD, told=told) == {SCHOOL: Outcome("written"), HEAD: Outcome("written")}
    assert told.times == [{}]
    [file] = tmp_path.iterdir()
    assert file.name == "2025-01-24 Nhắc nộp báo cáo học kỳ 1 Trường Tiểu học Hoa Sen [00000000].eml"
    content = file.read_bytes()
    assert content.startswith(b"X-Unsent: 1\r\n")
    assert b"\n" not in content.replace(b"\r\n", b"")
    message = message_from_bytes(content, policy=policy.default)
    assert message["Subject"] == SUBJECT
    assert (message["To"], message["Cc"], message["Bcc"]) == (SCHOOL, HEAD, None)
    body = message.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == TEXT


def test_a_letter_that_is_written_again_is_the_same_file_byte_for_byte(tmp_path: Path) -> None:
    with Outbox(tmp_path) as post:
        post.send(letter(1, attached=1000), SENDER, [SCHOOL], Told())
        [first] = [file.read_bytes() for file in tmp_path.iterdir()]
        post.send(letter(1, attached=1000), SENDER, [SCHOOL], Told())
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [first]


def test_two_letters_never_share_a_file(tmp_path: Path) -> None:
    # Their Message-IDs begin alike.
    with Outbox(tmp_path) as post:
        for number in (1, 2, 1, 2):
            send(post, number)
    ids = {str(message_from_bytes(file.read_bytes())["Message-ID"]) for file in tmp_path.iterdir()}
    assert ids == {f"<{number:032x}@phong.example.vn>" for number in (1, 2)}
    assert len(list(tmp_path.iterdir())) == 2


def test_a_long_message_id_is_known_again(tmp_path: Path) -> None:
    with Outbox(tmp_path) as post:
        for number in (1, 2, 1, 2):
            message = letter(number)
            message.replace_header("Message-ID", f"<{number:032x}@{'phong-giao-duc.' * 5}example.vn>")
            post.send(message, SENDER, [SCHOOL], Told())
    assert len(list(tmp_path.iterdir())) == 2


def test_a_letter_to_nobody_is_not_written(tmp_path: Path) -> None:
    told = Told()
    with Outbox(tmp_path) as post:
        assert post.send(letter(), SENDER, [], told) == {}
    assert told.times == []
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_none_is_one_clear_line(tmp_path: Path) -> None:
    folder = tmp_path / "thu-di"
    folder.write_text("a file is in the way")
    with Outbox(folder) as post, pytest.raises(PostUnavailable, match="thu-di") as caught:
        send(post)
    assert not caught.value.temporary


@pytest.mark.skipif(os.name != "posix", reason="only POSIX limits the size of files")
def test_a_disk_without_room_is_tried_again_later_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    import resource
    import signal

    with Outbox(tmp_path) as post:
        send(post, 1)
        before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
        try:
            with pytest.raises(PostUnavailable) as caught:
                send(post, 1 << 120)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            signal.signal(signal.SIGXFSZ, old)
        assert caught.value.temporary
        assert {file.name: file.read_bytes() for file in tmp_path.glob("[!.]*")} == before
        assert send(post, 1 << 120)[SCHOOL].status == "written"


@example("ệ" * 300, 32)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=300), st.sampled_from([8, 32]))
def test_a_name_is_one_that_every_system_takes(subject: str, digits: int) -> None:
    message = letter(5, subject=subject)
    name = name_of(message, digits)
    assert name == name_of(letter(5, subject=subject), digits)
    assert not re.search(r'[<>:"/\\|?*\x00-\x1f\x7f]', name)
    assert name.startswith("2025-01-24")
    assert name.endswith(f" [{5:032x}"[: digits + 2] + "].eml")
    assert len(f".{name}.tmp".encode()) <= 255
    assert len(name) <= 140


def test_a_letter_without_a_date_or_an_id_has_a_name_too() -> None:
    message = letter()
    del message["Date"], message["Message-ID"]
    assert re.fullmatch(r"0000-00-00 Nhắc nộp .* \[[0-9a-f]{8}\]\.eml", name_of(message))
