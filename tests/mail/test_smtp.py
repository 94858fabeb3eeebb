from __future__ import annotations

import base64
import logging
import socket
from collections.abc import Mapping
from email.message import EmailMessage
from pathlib import Path

import pytest
import trustme

from sync.config import Mail
from sync.mail import Outcome, PostUnavailable
from sync.mail.smtp import Smtp
from tests.fakes.smtp import DROP, SENDER, STALL, Fault, Script, SmtpServer, Step, write_authority
from tests.mail.letters import HEAD, SCHOOL, SUBJECT, TEXT, Told, letter, send

pytestmark = pytest.mark.usefixtures("english")

SENT = Outcome("sent", 250, "2.0.0 OK: queued as 12345")
LOST = "the connection was lost"
LATE = "no answer in time"
SECRET = "Mat-khau+rat/kho9"


def test_a_letter_arrives_as_it_was_written(smtp_server: SmtpServer) -> None:
    told = Told()
    with Smtp(smtp_server.settings()) as post:
        outcomes = send(post, 7, SCHOOL, HEAD, told=told)
    assert outcomes == {SCHOOL: SENT, HEAD: SENT}
    [taken] = smtp_server.delivered
    assert (taken.sender, taken.recipients) == (SENDER, (SCHOOL, HEAD))
    body = taken.message.get_body(("plain",))
    assert body is not None
    assert body.get_content() == TEXT
    assert taken.message["Subject"] == SUBJECT
    assert taken.message_id == f"<{7:032x}@phong.example.vn>"
    assert taken.message["Bcc"] is None
    assert taken.content.isascii()
    assert told.times == [{}]


def test_lines_that_begin_with_a_dot_arrive_as_they_are(smtp_server: SmtpServer) -> None:
    message = EmailMessage()
    message.set_content(".one\n..two\n.\nlast\n", cte="7bit")
    with Smtp(smtp_server.settings()) as post:
        post.send(message, SENDER, [SCHOOL], Told())
    assert smtp_server.delivered[0].content.endswith(b"\r\n\r\n.one\r\n..two\r\n.\r\nlast\r\n")


def test_a_large_attachment_arrives_whole(smtp_server: SmtpServer) -> None:
    message = letter(attached=300_000)
    with Smtp(smtp_server.settings()) as post:
        post.send(message, SENDER, [SCHOOL], Told())
    [attached] = smtp_server.delivered[0].message.iter_attachments()
    [original] = message.iter_attachments()
    assert attached.get_content() == original.get_content()
    assert attached.get_filename() == "Báo cáo.xlsx"


def test_many_letters_go_over_one_connection_that_is_ended_politely(smtp_server: SmtpServer) -> None:
    with Smtp(smtp_server.settings()) as post:
        assert smtp_server.connections == 0
        for number in range(3):
            assert send(post, number) == {SCHOOL: SENT}
    assert smtp_server.connections == 1
    assert smtp_server.commands("EHLO", "MAIL", "QUIT") == ["EHLO", "MAIL", "MAIL", "MAIL", "QUIT"]


def test_we_say_nothing_of_our_machine(smtp_server: SmtpServer) -> None:
    with Smtp(smtp_server.settings()) as post:
        send(post)
    assert smtp_server.said[0] == ("EHLO", "phong.example.vn")


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("550 5.1.1 no such user", Outcome("permanent", 550, "5.1.1 no such user")),
        ("451 4.3.0 try later", Outcome("temporary", 451, "4.3.0 try later")),
        ("552 5.2.2 mailbox full", Outcome("temporary", 552, "5.2.2 mailbox full")),
        ("550-5.4.5 Daily user sending\r\n550 5.4.5 limit exceeded", None),
    ],
)
def test_one_refused_address_does_not_hinder_the_other(reply: str, expected: Outcome | None) -> None:
    told = Told()
    limit = Outcome("temporary", 550, "5.4.5 Daily user sending 5.4.5 limit exceeded")
    with SmtpServer(Script([Fault("RCPT", reply, address=HEAD)])) as server, Smtp(server.settings()) as post:
        outcomes = send(post, 1, HEAD, SCHOOL, told=told)
    assert outcomes == {HEAD: expected or limit, SCHOOL: SENT}
    assert told.times == [{HEAD: expected or limit}]
    assert [each.recipients for each in server.delivered] == [(SCHOOL,)]


def test_where_all_addresses_are_refused_the_letter_does_not_leave() -> None:
    told = Told()
    script = Script([Fault("RCPT", "550 5.1.1 no such user", times=2)])
    with SmtpServer(script) as server, Smtp(server.settings()) as post:
        outcomes = send(post, 1, SCHOOL, HEAD, told=told)
        assert send(post, 2) == {SCHOOL: SENT}
    assert {each.status for each in outcomes.values()} == {"permanent"}
    assert told.times == []
    assert [each.message_id for each in server.delivered] == [f"<{2:032x}@phong.example.vn>"]


def test_a_greylisted_letter_is_taken_at_the_second_try() -> None:
    with SmtpServer(Script(greylist=True)) as server, Smtp(server.settings()) as post:
        assert send(post)[SCHOOL].status == "temporary"
        assert server.delivered == []
        assert send(post) == {SCHOOL: SENT}
    assert len(server.delivered) == 1


@pytest.mark.parametrize(
    ("at", "what", "expected", "taken"),
    [
        ("RCPT", DROP, Outcome("temporary", None, LOST), 0),
        ("RCPT", STALL, Outcome("temporary", None, LATE), 0),
        ("RCPT", "421 4.7.0 busy", Outcome("temporary", 421, "4.7.0 busy"), 0),
        ("DATA", DROP, Outcome("temporary", None, LOST), 0),
        ("DATA", STALL, Outcome("temporary", None, LATE), 0),
        ("DATA", "421 4.3.2 shutting down", Outcome("temporary", 421, "4.3.2 shutting down"), 0),
        ("DATA", "451 4.3.1 no room", Outcome("temporary", 451, "4.3.1 no room"), 0),
        ("DATA", "554 5.5.1 no", Outcome("permanent", 554, "5.5.1 no"), 0),
        ("DATA", "250 what", Outcome("temporary", 250, "what"), 0),
        ("DATA", "no SMTP at all", Outcome("temporary", None, "the server's answer is not SMTP"), 0),
        ("body", DROP, Outcome("unknown", None, LOST), 0),
        ("reply", DROP, Outcome("unknown", None, LOST), 1),
        ("reply", "451 4.7.0 later", Outcome("temporary", 451, "4.7.0 later"), 0),
        ("reply", "421 4.7.0 later", Outcome("temporary", 421, "4.7.0 later"), 0),
        ("reply", "550 5.7.1 spam", Outcome("permanent", 550, "5.7.1 spam"), 0),
        ("reply", "550 5.4.5 Daily user sending limit exceeded", None, 0),
        ("reply", "354 what", Outcome("unknown", 354, "what"), 0),
        ("reply", "what", Outcome("unknown", None, "the server's answer is not SMTP"), 0),
        ("after", DROP, SENT, 1),
    ],
)
def test_what_goes_wrong_at_a_step_says_exactly_what_became_of_the_letter(
    at: Step, what: str, expected: Outcome | None, taken: int
) -> None:
    told = Told()
    limit = Outcome("temporary", 550, "5.4.5 Daily user sending limit exceeded")
    with SmtpServer(Script([Fault(at, what, times=1)])) as server, Smtp(server.settings()) as post:
        assert send(post, 1, told=told) == {SCHOOL: expected or limit}
        assert len(server.delivered) == taken
        assert len(told.times) == (0 if at == "RCPT" else 1)
        # Whatever it was, the next letter is not touched by it.
        assert send(post, 2) == {SCHOOL: SENT}
    assert [each.message_id for each in server.delivered][taken:] == [f"<{2:032x}@phong.example.vn>"]


@pytest.mark.slow
@pytest.mark.parametrize(("at", "taken"), [("body", 0), ("reply", 1)])
def test_a_server_that_goes_silent_after_the_letter_left_leaves_it_unknown(at: Step, taken: int) -> None:
    with SmtpServer(Script([Fault(at, STALL, times=1)])) as server, Smtp(server.settings()) as post:
        assert send(post, 1) == {SCHOOL: Outcome("unknown", None, LATE)}
        assert len(server.delivered) == taken


def test_a_drop_while_the_addresses_are_named_keeps_those_that_were_refused() -> None:
    faults = [Fault("RCPT", "550 5.1.1 no", address=HEAD), Fault("RCPT", DROP, address="ba@truong.example.vn")]
    with SmtpServer(Script(faults)) as server, Smtp(server.settings()) as post:
        outcomes = send(post, 1, HEAD, SCHOOL, "ba@truong.example.vn")
    assert {address: each.status for address, each in outcomes.items()} == {
        HEAD: "permanent",
        SCHOOL: "temporary",
        "ba@truong.example.vn": "temporary",
    }
    assert server.delivered == []


def test_a_server_that_says_goodbye_while_the_addresses_are_named_says_it_for_all_of_them() -> None:
    with SmtpServer(Script([Fault("RCPT", "421 4.7.0 busy", times=1)])) as server, Smtp(server.settings()) as post:
        outcomes = send(post, 1, SCHOOL, HEAD)
        assert send(post, 2, SCHOOL, HEAD) == {SCHOOL: SENT, HEAD: SENT}
    assert outcomes == dict.fromkeys((SCHOOL, HEAD), Outcome("temporary", 421, "4.7.0 busy"))


def test_a_drop_in_the_middle_of_a_large_letter_leaves_it_unknown() -> None:
    with SmtpServer(Script([Fault("body", DROP)])) as server, Smtp(server.settings()) as post:
        outcomes = post.send(letter(attached=8_000_000), SENDER, [SCHOOL, HEAD], Told())
    assert {each.status for each in outcomes.values()} == {"unknown"}
    assert server.delivered == []


@pytest.mark.parametrize("said", ["", "421 4.4.2 idle for too long"])
def test_a_connection_that_was_closed_between_two_letters_is_opened_again(said: str) -> None:
    faults = [Fault("after", said or DROP, times=1)]
    with SmtpServer(Script(faults)) as server, Smtp(server.settings()) as post:
        assert send(post, 1) == {SCHOOL: SENT}
        assert send(post, 2, SCHOOL, HEAD) == {SCHOOL: SENT, HEAD: SENT}
    assert server.connections == 2
    assert len(server.delivered) == 2


@pytest.mark.parametrize("what", [DROP, STALL, "421 4.7.0 too many letters", "452 4.7.0 too many letters"])
def test_a_server_that_wants_no_more_letters_over_a_connection_gets_a_new_one(what: str) -> None:
    with SmtpServer() as server, Smtp(server.settings()) as post:
        send(post, 1)
        server.script = Script([Fault("MAIL", what, times=1)])
        assert send(post, 2) == {SCHOOL: SENT}
    assert server.connections == 2
    assert len(server.delivered) == 2


@pytest.mark.parametrize(
    ("at", "what", "temporary"),
    [
        ("greeting", DROP, True),
        ("greeting", STALL, True),
        ("greeting", "421 4.3.2 busy", True),
        ("greeting", "554 5.7.1 not for you", False),
        ("EHLO", DROP, True),
        ("EHLO", "421 4.3.2 busy", True),
        ("MAIL", DROP, True),
        ("MAIL", STALL, True),
        ("MAIL", "421 4.3.2 busy", True),
        ("MAIL", "451 4.3.0 later", True),
        ("MAIL", "550 5.7.1 sender refused", False),
        ("MAIL", "530 5.7.0 login first", False),
        ("MAIL", "550 5.4.5 Daily user sending limit exceeded", True),
        ("RCPT", "530 5.7.0 login first", False),
    ],
)
def test_where_nothing_was_tried_the_post_is_unavailable(at: Step, what: str, temporary: bool) -> None:
    told = Told()
    with SmtpServer(Script([Fault(at, what)])) as server, Smtp(server.settings()) as post:
        with pytest.raises(PostUnavailable) as caught:
            send(post, 1, told=told)
        assert caught.value.temporary is temporary
        assert "\n" not in str(caught.value)
        assert told.times == []
        assert server.delivered == []
        server.script = Script()
        assert send(post, 2) == {SCHOOL: SENT}


def test_a_server_that_refuses_connections_or_is_not_found_is_unavailable_for_now(smtp_server: SmtpServer) -> None:
    smtp_server.refuse()
    for changes in ({}, {"host": "khong-co.invalid", "security": "tls"}, {"host": "a..b", "security": "tls"}):
        with Smtp(smtp_server.settings(**changes)) as post, pytest.raises(PostUnavailable) as caught:
            send(post)
        assert caught.value.temporary
    smtp_server.listen()
    with Smtp(smtp_server.settings()) as post:
        assert send(post) == {SCHOOL: SENT}


def test_a_letter_that_is_too_large_is_refused_for_good_and_the_next_goes() -> None:
    with SmtpServer(Script(size=50_000)) as server, Smtp(server.settings()) as post:
        outcomes = post.send(letter(attached=90_000), SENDER, [SCHOOL, HEAD], Told())
        assert {(each.status, each.code) for each in outcomes.values()} == {("permanent", 552)}
        assert send(post, 2) == {SCHOOL: SENT}
    assert len(server.delivered) == 1


@pytest.mark.parametrize("wrong", ["hoasen", "a@b.vn\r\nRCPT TO:<c@d.vn>", "hoa sen@b.vn", "trường@b.vn", "<a@b.vn>"])
def test_an_address_that_is_none_is_not_told_to_the_server(wrong: str, smtp_server: SmtpServer) -> None:
    with Smtp(smtp_server.settings()) as post:
        assert send(post, 1, wrong)[wrong].status == "permanent"
        assert smtp_server.connections == 0
        told = Told()
        outcomes = send(post, 2, wrong, SCHOOL, told=told)
    assert (outcomes[wrong].status, outcomes[SCHOOL]) == ("permanent", SENT)
    assert told.times == [{wrong: outcomes[wrong]}]
    assert "\n" not in outcomes[wrong].reason
    assert [each.recipients for each in smtp_server.delivered] == [(SCHOOL,)]


def test_what_fails_when_the_letter_is_about_to_leave_keeps_it_here(smtp_server: SmtpServer) -> None:
    def no_ledger(refused: Mapping[str, Outcome]) -> None:
        raise RuntimeError("the ledger is gone")

    with Smtp(smtp_server.settings()) as post:
        with pytest.raises(RuntimeError):
            post.send(letter(1), SENDER, [SCHOOL], no_ledger)
        assert smtp_server.delivered == []
        assert send(post, 2) == {SCHOOL: SENT}
    assert len(smtp_server.delivered) == 1


def test_an_ugly_reply_becomes_one_short_line() -> None:
    ugly = "550-5.1.1 no\x1b[31m\tsuch\x07 user\r\n550-\u202eabc\r\n550 " + "rất dài " * 100
    with SmtpServer(Script([Fault("RCPT", ugly)])) as server, Smtp(server.settings()) as post:
        reason = send(post)[SCHOOL].reason
    assert reason.startswith("5.1.1 no[31m such user abc rất dài")
    assert reason.isprintable()
    assert len(reason) == 200


def test_a_login_by_password_goes_over_starttls(authority: trustme.CA, tmp_path: Path) -> None:
    script = Script(certificate=authority.issue_cert("127.0.0.1"), passwords={SENDER: SECRET})
    with SmtpServer(script) as server:
        settings = server.settings(**_login(authority, tmp_path))
        with Smtp(settings) as post:
            assert send(post) == {SCHOOL: SENT}
    assert server.commands() == ["EHLO", "STARTTLS", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "QUIT"]


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_a_login_by_password_goes_over_tls(mechanism: str, authority: trustme.CA, tmp_path: Path) -> None:
    certificate = authority.issue_cert("127.0.0.1")
    script = Script(certificate=certificate, tls=True, passwords={SENDER: SECRET}, mechanisms=[mechanism])
    with SmtpServer(script) as server, Smtp(server.settings(**_login(authority, tmp_path, security="tls"))) as post:
        assert send(post) == {SCHOOL: SENT}
    assert len(server.delivered) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_does_not_fit_stops_before_the_login(
    security: str, authority: trustme.CA, tmp_path: Path
) -> None:
    other_name = (authority.issue_cert("mail.example.org"), authority, "is not for 127.0.0.1")
    unknown = (trustme.CA().issue_cert("127.0.0.1"), authority, "[mail] ca_file")
    for certificate, trusted, words in (other_name, unknown):
        script = Script(certificate=certificate, tls=security == "tls", passwords={SENDER: SECRET})
        with SmtpServer(script) as server:
            words_told = _refusal(server.settings(**_login(trusted, tmp_path, security=security)), temporary=False)
        assert words in words_told
        assert server.commands("AUTH", "MAIL") == []


def test_a_self_signed_certificate_is_not_trusted_by_itself(tmp_path: Path) -> None:
    own = trustme.CA()
    certificate = trustme.LeafCert(own.private_key_pem.bytes(), own.cert_pem.bytes(), [])
    with SmtpServer(Script(certificate=certificate)) as server:
        assert "self-signed" in _refusal(server.settings(security="starttls"), temporary=False)
    assert server.commands("MAIL") == []


def test_without_starttls_nothing_goes_on_in_clear_text(smtp_server: SmtpServer) -> None:
    smtp_server.script = Script(passwords={SENDER: SECRET})
    settings = smtp_server.settings(security="starttls", login="password", user=SENDER, password=SECRET)
    with Smtp(settings) as post, pytest.raises(PostUnavailable, match="STARTTLS") as caught:
        send(post)
    assert not caught.value.temporary
    assert smtp_server.commands() == ["EHLO"]


def test_a_server_that_cannot_encrypt_now_is_asked_again_later(authority: trustme.CA, tmp_path: Path) -> None:
    script = Script([Fault("STARTTLS", "454 4.7.0 no TLS now")], certificate=authority.issue_cert("127.0.0.1"))
    with SmtpServer(script) as server:
        _refusal(server.settings(**_login(authority, tmp_path)), temporary=True)
    assert server.commands("AUTH", "MAIL") == []


def test_tls_at_a_port_without_it_names_the_settings_to_look_at(smtp_server: SmtpServer) -> None:
    with Smtp(smtp_server.settings(security="tls")) as post, pytest.raises(PostUnavailable, match="465") as caught:
        send(post)
    assert not caught.value.temporary


def test_a_file_of_certificates_that_is_none_is_named(smtp_server: SmtpServer, tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing")
    for name in ("missing.pem", "empty.pem"):
        settings = smtp_server.settings(security="starttls", ca_file=str(tmp_path / name))
        with Smtp(settings) as post, pytest.raises(PostUnavailable, match=name) as caught:
            send(post)
        assert not caught.value.temporary


def test_a_wrong_password_is_told_without_any_secret_and_tried_once(
    authority: trustme.CA, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    script = Script(certificate=authority.issue_cert("127.0.0.1"), passwords={SENDER: "khác"}, echo=True)
    with SmtpServer(script) as server, caplog.at_level(logging.DEBUG, "sync"):
        settings = server.settings(**_login(authority, tmp_path))
        with Smtp(settings) as post, pytest.raises(PostUnavailable) as caught:
            send(post)
        shown = f"{caught.value!r} {post!r} {settings!r} {caplog.text}"
    assert "535 5.7.8" in str(caught.value)
    assert not caught.value.temporary
    assert server.commands("AUTH", "MAIL") == ["AUTH"]
    for secret in _forms_of(SECRET):
        assert secret not in shown


def test_a_login_that_is_not_taken_now_is_tried_again_later(authority: trustme.CA, tmp_path: Path) -> None:
    for reply in ("454 4.7.0 later", "421 4.7.0 too many logins"):
        faults = [Fault("AUTH", reply)]
        script = Script(faults, certificate=authority.issue_cert("127.0.0.1"), passwords={SENDER: SECRET})
        with SmtpServer(script) as server:
            _refusal(server.settings(**_login(authority, tmp_path)), temporary=True)


@pytest.mark.parametrize(
    ("script", "changes", "words"),
    [
        (Script(), {"password": SECRET}, "offers no login"),
        (Script(passwords={SENDER: SECRET}), {}, "must be given"),
        (Script(passwords={SENDER: SECRET}), {"password": "mật khẩu"}, "diacritics"),
        (Script(passwords={SENDER: SECRET}, mechanisms=["NTLM"]), {"password": SECRET}, "offers no login"),
        (Script(passwords={SENDER: SECRET}), {"login": "none"}, "530 5.7.0"),
    ],
)
def test_a_login_that_cannot_be_is_one_clear_line(script: Script, changes: dict[str, str], words: str) -> None:
    with SmtpServer(script) as server:
        told = _refusal(server.settings(**{"login": "password", "user": SENDER, **changes}), temporary=False)
    assert words in told
    assert server.delivered == []
    assert not any(secret in told for secret in _forms_of(SECRET))


def test_a_probe_logs_in_and_sends_nothing(authority: trustme.CA, tmp_path: Path) -> None:
    script = Script(certificate=authority.issue_cert("127.0.0.1"), passwords={SENDER: SECRET})
    with SmtpServer(script) as server:
        Smtp(server.settings(**_login(authority, tmp_path))).probe()
        assert server.commands() == ["EHLO", "STARTTLS", "EHLO", "AUTH", "QUIT"]
        with pytest.raises(PostUnavailable):
            Smtp(server.settings(**_login(authority, tmp_path, password="sai"))).probe()
    assert server.delivered == []


def test_hundreds_of_clients_that_die_do_no_harm_to_the_server(smtp_server: SmtpServer) -> None:
    for number in range(300):
        with socket.create_connection((smtp_server.host, smtp_server.port)) as dying:
            dying.sendall(b"EHLO a\r\nMAIL FROM:<a@b.vn>\r\n"[: number % 40])
    with Smtp(smtp_server.settings()) as post:
        assert send(post) == {SCHOOL: SENT}


def _refusal(settings: Mail, *, temporary: bool) -> str:
    """Sends a letter, which must fail as `temporary` says; the words of the failure."""
    with Smtp(settings) as post, pytest.raises(PostUnavailable) as caught:
        send(post)
    assert caught.value.temporary is temporary
    return str(caught.value)


def _login(authority: trustme.CA, folder: Path, **changes: str) -> dict[str, str]:
    trusted = write_authority(authority, folder)
    login = {"security": "starttls", "login": "password", "user": SENDER, "password": SECRET, "ca_file": trusted}
    return {**login, **changes}


def _forms_of(secret: str) -> list[str]:
    forms = (secret, f"\0{SENDER}\0{secret}")
    return [secret, *(base64.b64encode(each.encode()).decode() for each in forms)]
