from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import config
from sync.letters import samples, words
from sync.letters.composing import compose
from sync.letters.content import Attachment
from sync.letters.samples import SCHOOLS, item, letter
from tests.letters.helpers import SAMPLES, arrived, composed, text_of

HEADERS = {
    *("From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress"),
    *("Content-Language", "MIME-Version", "Content-Type"),
}
NASTY = st.text(max_size=60) | st.lists(
    st.sampled_from(
        ["\r\n", "\n", "\r", "Bcc: a@example.org", " ", ",", '"', "<", ">", "@", "ệ", "=?utf-8?q?x?=", "\\", "("]
    ),
    max_size=12,
).map("".join)


def test_headers_say_who_writes_when_and_that_a_machine_did() -> None:
    message = arrived(composed(SAMPLES["overdue-to-mend"].letter))
    assert dict(message.items()) | {"Content-Type": ""} == {
        "From": "PHÒNG GIÁO DỤC VÀ ĐÀO TẠO <bao-cao@example.org>",
        "To": "mn-01@example.org",
        "Cc": "hieu-truong.mn-01@example.org, lanh-dao@example.org",
        "Reply-To": "can-bo@example.org",
        "Subject": "Quá hạn 7 ngày: báo cáo Học kỳ I năm học 2024-2025 – Trường Mầm non Hoa Sen (còn phải sửa)",
        "Date": "Mon, 20 Jan 2025 08:00:00 +0700",
        "Message-ID": "<00000000000000000000000000000007@example.org>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Content-Language": "vi",
        "MIME-Version": "1.0",
        "Content-Type": "",
    }


def test_the_sender_has_the_name_it_is_given() -> None:
    one = SAMPLES["overdue"].letter
    message = compose(one, samples.SENDER, "Tổ báo cáo", samples.OFFICE, "", None, samples.NOW).message
    assert str(message["From"]) == "Tổ báo cáo <bao-cao@example.org>"


@pytest.mark.parametrize("email", ["", "không có", "a@example.org\nBcc: b@example.org"])
def test_without_an_address_of_the_office_replies_go_to_the_sender(email: str) -> None:
    office = samples.OFFICE.model_copy(update={"email": email})
    assert "Reply-To" not in composed(SAMPLES["overdue"].letter, office=office).message


@pytest.mark.parametrize("name", SAMPLES)
def test_what_arrives_is_what_was_composed(name: str) -> None:
    made = composed(SAMPLES[name].letter)
    message = arrived(made)
    assert [str(message[name]) for name in ("Subject", "From")] == [made.message["Subject"], str(made.message["From"])]
    for kind in ("plain", "html"):
        assert text_of(message, kind) == text_of(made.message, kind)
    files = {part.get_filename(): part.get_payload(decode=True) for part in message.iter_attachments()}
    sent = {file.name: file.content for each in SAMPLES[name].letter.items for file in each.attachments}
    assert {name: files.get(name) for name in sent} == sent
    assert set(files) - set(sent) <= {"han-nop.ics"}


@pytest.mark.parametrize("name", SAMPLES)
def test_the_same_letter_is_the_same_bytes(name: str) -> None:
    one = SAMPLES[name].letter
    first, second = composed(one).message.as_bytes(), composed(one).message.as_bytes()
    assert first == second
    assert first.isascii()
    assert max(map(len, first.splitlines())) <= 998


def test_two_letters_have_different_boundaries() -> None:
    one = SAMPLES["due-soon"].letter
    other = replace(one, id="f" * 32)
    assert composed(one).message.get_boundary() != composed(other).message.get_boundary()


@settings(max_examples=50)
@given(name=NASTY, title=NASTY, school=NASTY, file=NASTY, office=NASTY.filter(lambda text: bool(text.strip())))
def test_no_name_gets_a_header_of_its_own(name: str, title: str, school: str, file: str, office: str) -> None:
    period = replace(samples.SEMESTER, title=title, dispatch=title)
    book = Attachment(file, b"PK")
    one = letter(item("announced", 3, replace(SCHOOLS[0], name=school), period, attachments=(book,)))
    setting = config.Office(name=office, email=samples.OFFICER, contact=name)
    message = arrived(compose(one, samples.SENDER, name, setting, name, None, samples.NOW))
    assert set(message.keys()) == HEADERS
    assert message["To"].addresses[0].addr_spec == SCHOOLS[0].emails[0]
    assert message["From"].addresses[0].addr_spec == samples.SENDER
    assert len(message["From"].addresses) == 1
    assert len(str(message["Subject"])) <= 120
    assert str(message["Subject"]).startswith("Yêu cầu nộp báo cáo")
    assert next(message.iter_attachments()).get_payload(decode=True) == b"PK"


@settings(max_examples=50)
@given(NASTY)
def test_the_senders_name_arrives_without_signs_that_steer_addresses(name: str) -> None:
    one = SAMPLES["overdue"].letter
    made = compose(one, samples.SENDER, name, samples.OFFICE, "", None, samples.NOW)
    (sender,) = arrived(made)["From"].addresses
    kept = words.line(name or samples.OFFICE.name)
    signs = dict.fromkeys(map(ord, '()<>[]:;@\\,."'), " ") if kept.isascii() else {}
    # Python 3.11 reads a space between two encoded words of a name; nothing else does (RFC 2047, 6.2).
    assert "".join(sender.display_name.split()) == "".join(kept.translate(signs).split())


@pytest.mark.parametrize(
    "wrong", ["a@example.org\r\nBcc: b@example.org", "không phải", "a@example.org, b@example.org", ".a@example.org", ""]
)
@pytest.mark.usefixtures("english")
def test_an_address_that_is_none_is_left_out_and_told(wrong: str) -> None:
    made = composed(replace(SAMPLES["overdue"].letter, to=("mn-01@example.org", wrong), cc=(wrong,)))
    message = arrived(made)
    assert (str(message["To"]), message["Cc"], message["Bcc"]) == ("mn-01@example.org", None, None)
    assert made.remarks == [f"'{words.line(wrong)}' is no e-mail address; the letter does not go there."]


def test_an_address_that_has_the_letter_already_gets_no_copy() -> None:
    one = replace(SAMPLES["overdue"].letter, cc=SCHOOLS[0].emails + SCHOOLS[0].head_emails)
    assert str(composed(one).message["Cc"]) == SCHOOLS[0].head_emails[0]


def test_files_of_one_name_are_kept_apart() -> None:
    files = (
        Attachment("a.xlsx", b"1"),
        Attachment("a.xlsx", b"2"),
        Attachment("a.xlsx", b"1"),
        Attachment("../b\n.xlsx", b"3"),
    )
    message = arrived(composed(letter(item("due_soon", 3, attachments=files))))
    found = [(part.get_filename(), part.get_payload(decode=True)) for part in message.iter_attachments()]
    assert found[:-1] == [("a.xlsx", b"1"), ("a (2).xlsx", b"2"), ("..-b .xlsx", b"3")]


def test_a_sender_that_is_no_address_is_our_mistake() -> None:
    with pytest.raises(ValueError, match="no address"):
        compose(SAMPLES["overdue"].letter, "x\n@y", "", samples.OFFICE, "", None, samples.NOW)
