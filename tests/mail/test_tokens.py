from __future__ import annotations

import logging
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from sync.config import Mail
from sync.mail import PostUnavailable, microsoft, smtp, tokens
from tests.fakes.smtp import SENDER, Script, SmtpServer, write_authority
from tests.fakes.tokens import Answer, GoogleAccount, Microsoft, TokenServer
from tests.mail.letters import SCHOOL, send

pytestmark = pytest.mark.usefixtures("english")

CLIENT = "ung-dung-gui-thu"
FIRST, SECOND, THIRD = "lam-moi-1-bi-mat", "lam-moi-2-bi-mat", "lam-moi-3-bi-mat"


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    # Google's library reckons the end of a token by the real clock.
    return Clock(datetime.now(UTC))


@pytest.fixture
def account() -> GoogleAccount:
    return GoogleAccount(SENDER, "google-token")


@pytest.fixture
def renewing() -> Iterator[TokenServer]:
    """Microsoft with three refresh tokens, each of which gives the next."""
    good = {FIRST: ("token-1", SECOND), SECOND: ("token-2", THIRD), THIRD: ("token-3", "")}
    with TokenServer(Microsoft(CLIENT, good)) as server:
        yield server


def test_a_service_account_signs_for_the_user_that_sends(account: GoogleAccount, clock: Clock, tmp_path: Path) -> None:
    with TokenServer(account) as server:
        login = _tokens(_google(account, server, tmp_path), tmp_path, clock)
        assert login.get() == "google-token"
        assert login.get() == "google-token"
        assert len(server.asked) == 1
        clock.now += timedelta(minutes=54)
        login.get()
        assert len(server.asked) == 1
        clock.now += timedelta(minutes=2)
        login.get()
        assert len(server.asked) == 2


def test_a_service_account_that_may_not_send_as_the_user_is_told_so(
    account: GoogleAccount, clock: Clock, tmp_path: Path
) -> None:
    with TokenServer(account) as server:
        settings = _google(account, server, tmp_path, user="khac@phong.example.vn")
        error = _failure(settings, tmp_path, clock)
    assert "unauthorized_client" in str(error)
    assert not error.temporary


def test_a_signature_of_another_key_is_refused(account: GoogleAccount, clock: Clock, tmp_path: Path) -> None:
    with TokenServer(GoogleAccount(SENDER, "nothing")) as server:
        error = _failure(_google(account, server, tmp_path), tmp_path, clock)
    assert "docs/running.md" in str(error)
    assert not error.temporary


@pytest.mark.parametrize(
    "content", ["{}", "no JSON", '{"client_email": "a", "token_uri": "b", "private_key": "BIMAT"}']
)
def test_a_key_file_that_is_none_is_named_and_not_repeated(content: str, clock: Clock, tmp_path: Path) -> None:
    file = tmp_path / "khoa.json"
    for _each in range(2):
        error = _failure(_settings("google", key_file=str(file)), tmp_path, clock)
        assert str(file) in str(error)
        assert "BIMAT" not in str(error)
        assert not error.temporary
        file.write_text(content, encoding="utf-8")


def test_a_person_signs_in_at_google_by_a_refresh_token(clock: Clock, tmp_path: Path) -> None:
    def answer(form: dict[str, str]) -> Answer:
        expected = {"grant_type": "refresh_token", "refresh_token": FIRST, "client_id": CLIENT, "client_secret": "bm"}
        good = {name: form.get(name) for name in expected} == expected
        return (200, {"access_token": "tk", "expires_in": 3599}) if good else (400, {"error": "invalid_grant"})

    with TokenServer(answer) as server:
        given = {"client_id": CLIENT, "client_secret": "bm", "refresh_token": FIRST, "token_url": server.url}
        assert _tokens(_settings("google", **given), tmp_path, clock).get() == "tk"
        error = _failure(_settings("google", **{**given, "refresh_token": "het-han"}), tmp_path, clock)
    assert "Sign in again" in str(error)
    assert "docs/running.md" in str(error)
    assert not error.temporary


def test_microsofts_renewed_refresh_token_is_kept_and_used(renewing: TokenServer, clock: Clock, tmp_path: Path) -> None:
    settings = _microsoft(renewing)
    assert _tokens(settings, tmp_path, clock).get() == "token-1"
    assert _tokens(settings, tmp_path, clock).get() == "token-2"
    assert _tokens(settings, tmp_path, clock).get() == "token-3"
    # The last one came without a successor, and stays in use.
    assert _tokens(settings, tmp_path, clock).get() == "token-3"
    assert [form["refresh_token"] for form in renewing.asked] == [FIRST, SECOND, THIRD, THIRD]
    kept = tmp_path / microsoft.KEPT
    assert list(tmp_path.iterdir()) == [kept]
    if os.name == "posix":
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_newly_configured_refresh_token_goes_before_a_kept_one(
    renewing: TokenServer, clock: Clock, tmp_path: Path
) -> None:
    assert _tokens(_microsoft(renewing), tmp_path, clock).get() == "token-1"
    assert _tokens(_microsoft(renewing, refresh_token=THIRD), tmp_path, clock).get() == "token-3"


@pytest.mark.parametrize("damaged", ["", "no JSON", "[]", '{"for": "1", "refresh_token": "x"}', "\udcff"])
def test_a_damaged_kept_token_is_as_none(damaged: str, renewing: TokenServer, clock: Clock, tmp_path: Path) -> None:
    (tmp_path / microsoft.KEPT).write_text(damaged, encoding="utf-8", errors="surrogateescape")
    assert _tokens(_microsoft(renewing), tmp_path, clock).get() == "token-1"


def test_a_token_that_cannot_be_kept_is_used_all_the_same(
    renewing: TokenServer, clock: Clock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / microsoft.KEPT).mkdir()
    with caplog.at_level(logging.DEBUG):
        assert _tokens(_microsoft(renewing), tmp_path, clock).get() == "token-1"
    assert "could not be kept" in caplog.text
    assert not any(secret in caplog.text for secret in (FIRST, SECOND, "token-1"))


@pytest.mark.parametrize(
    ("answer", "temporary", "words"),
    [
        ((400, {"error": "invalid_grant", "error_description": f"AADSTS70008: {FIRST}"}), False, "Sign in again"),
        ((400, {"error": "interaction_required"}), False, "Sign in again"),
        (
            (401, {"error": "invalid_client", "error_description": f"bad {FIRST} s3cret\r\nTrace: 1"}),
            False,
            "bad *** ***.",
        ),
        ((503, {}), True, "busy"),
        ((429, b""), True, "busy"),
        ((200, {}), True, "OAuth"),
        ((200, b"<html>"), True, "OAuth"),
        ((200, []), True, "OAuth"),
        ((307, {"error": "moved"}), False, "moved"),
    ],
)
def test_what_microsoft_refuses_is_one_clear_line_without_secrets(
    answer: Answer, temporary: bool, words: str, clock: Clock, tmp_path: Path
) -> None:
    with TokenServer(lambda form: answer) as server:
        error = _failure(_microsoft(server, client_secret="s3cret"), tmp_path, clock)
        assert len(server.asked) == 1
    assert words in str(error)
    assert error.temporary is temporary
    assert FIRST not in str(error)
    assert "s3cret" not in str(error)
    assert "\n" not in str(error)


@pytest.mark.parametrize("login", ["google", "microsoft"])
def test_an_address_of_tokens_that_does_not_answer_is_tried_again_later(
    login: str, clock: Clock, tmp_path: Path
) -> None:
    with TokenServer(lambda form: (200, {})) as server:
        url = server.url
    given = {"client_id": CLIENT, "client_secret": "s3cret", "refresh_token": FIRST}
    error = _failure(_settings(login, token_url=url, **given), tmp_path, clock)
    assert error.temporary
    assert FIRST not in str(error)


@pytest.mark.parametrize("login", ["google", "microsoft"])
def test_settings_that_are_missing_are_named(login: str, clock: Clock, tmp_path: Path) -> None:
    error = _failure(_settings(login, client_id=CLIENT), tmp_path, clock)
    assert "refresh_token" in str(error)
    assert not error.temporary


def test_secrets_are_not_sent_to_an_address_without_encryption(clock: Clock, tmp_path: Path) -> None:
    settings = _settings("microsoft", client_id=CLIENT, refresh_token=FIRST, token_url="http://login.example.org/")
    error = _failure(settings, tmp_path, clock)
    assert "https://" in str(error)
    assert not error.temporary


def test_other_logins_need_no_tokens(tmp_path: Path) -> None:
    assert tokens.make(Mail(), tmp_path) is None


def test_letters_go_with_a_token_and_one_that_is_refused_is_fetched_anew_once(
    renewing: TokenServer, authority: trustme.CA, tmp_path: Path
) -> None:
    script = Script(certificate=authority.issue_cert("127.0.0.1"), tokens=["token-2"])
    with SmtpServer(script) as server, smtp.of_settings(_both(server, renewing, authority, tmp_path), tmp_path) as post:
        assert send(post)[SCHOOL].status == "sent"
        assert send(post, 2)[SCHOOL].status == "sent"
    assert server.commands("AUTH") == ["AUTH", "AUTH"]
    assert len(renewing.asked) == 2
    assert len(server.delivered) == 2


def test_tokens_that_the_server_never_takes_are_told_without_themselves(
    renewing: TokenServer, authority: trustme.CA, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    script = Script(certificate=authority.issue_cert("127.0.0.1"), tokens=["another"], echo=True)
    with SmtpServer(script) as server, caplog.at_level(logging.DEBUG, "sync"):
        post = smtp.of_settings(_both(server, renewing, authority, tmp_path), tmp_path)
        with post, pytest.raises(PostUnavailable) as caught:
            send(post)
        shown = f"{caught.value!r} {post!r} {caplog.text}"
    assert "535" in str(caught.value)
    assert not caught.value.temporary
    assert server.commands("AUTH", "MAIL") == ["AUTH", "AUTH"]
    assert not any(secret in shown for secret in ("token-1", "token-2", FIRST, SECOND))


def test_a_server_that_knows_no_tokens_is_told_so(renewing: TokenServer, authority: trustme.CA, tmp_path: Path) -> None:
    script = Script(certificate=authority.issue_cert("127.0.0.1"), passwords={SENDER: "x"})
    with SmtpServer(script) as server:
        post = smtp.of_settings(_both(server, renewing, authority, tmp_path), tmp_path)
        with post, pytest.raises(PostUnavailable, match="microsoft") as caught:
            send(post)
    assert not caught.value.temporary
    assert server.commands("AUTH") == []


def test_a_token_is_not_in_its_own_repr() -> None:
    assert "bi-mat" not in repr(tokens.Token("bi-mat", datetime(2025, 1, 1, tzinfo=UTC)))


def _tokens(settings: Mail, folder: Path, clock: Callable[[], datetime]) -> tokens.Tokens:
    made = tokens.make(settings, folder, clock)
    assert made is not None
    return made


def _failure(settings: Mail, folder: Path, clock: Callable[[], datetime]) -> PostUnavailable:
    with pytest.raises(PostUnavailable) as caught:
        _tokens(settings, folder, clock).get()
    return caught.value


def _settings(login: str, **changes: str) -> Mail:
    given = {"host": "127.0.0.1", "login": login, "user": SENDER, "timeout_seconds": 1}
    return Mail.model_validate({**given, **changes})


def _google(account: GoogleAccount, server: TokenServer, folder: Path, **changes: str) -> Mail:
    file = folder / "khoa.json"
    file.write_text(account.key_file(), encoding="utf-8")
    return _settings("google", key_file=str(file), token_url=server.url, **changes)


def _microsoft(server: TokenServer, **changes: str) -> Mail:
    return _settings("microsoft", **{"client_id": CLIENT, "refresh_token": FIRST, "token_url": server.url, **changes})


def _both(server: SmtpServer, token_server: TokenServer, authority: trustme.CA, folder: Path) -> Mail:
    encrypted = {"security": "starttls", "ca_file": write_authority(authority, folder)}
    login = {"login": "microsoft", "user": SENDER, "client_id": CLIENT, "refresh_token": FIRST}
    return server.settings(**encrypted, **login, token_url=token_server.url)
