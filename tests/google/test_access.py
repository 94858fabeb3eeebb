"""Signing in: with a key file or as the machine, for no more than is needed, and without showing what is secret."""

from __future__ import annotations

import json
import logging
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from sync import google as sync_google
from sync.google import GoogleError, access, drive, sheets
from sync.google.http import Client
from tests.fakes.google import GoogleServer, said
from tests.google.conftest import Connect, Settings

pytestmark = pytest.mark.usefixtures("english")


def _refusal(key_file: Path | str) -> GoogleError:
    with pytest.raises(GoogleError) as refused:
        access.make(Settings(key_file=str(key_file)), sync_google.PASS_SCOPES)
    return refused.value


def _changed_key(google: GoogleServer, folder: Path, **changes: Any) -> Path:
    file = google.key_file(folder)
    key = {**json.loads(file.read_text()), **changes}
    file.write_text(json.dumps({name: value for name, value in key.items() if value is not None}))
    return file


def test_a_pass_asks_for_cells_and_for_names_of_files_and_nothing_else() -> None:
    assert set(sync_google.PASS_SCOPES) == {
        "https://www.googleapis.com/auth/spreadsheets",
        "https://www.googleapis.com/auth/drive.metadata.readonly",
    }


def test_one_token_serves_many_requests(client: Client, google: GoogleServer) -> None:
    google.add_spreadsheet("A", {"Trang": [["x"]]})
    for _ in range(3):
        drive.listed(client)
    assert google.counted("oauth2.token") == {"oauth2.token": 1}


def test_a_token_that_is_refused_is_fetched_anew(client: Client, google: GoogleServer) -> None:
    drive.listed(client)
    google.expire_tokens()
    drive.listed(client)
    assert google.counted("oauth2.token") == {"oauth2.token": 2}


def test_the_account_to_share_with_is_known_before_anything_is_asked(client: Client, google: GoogleServer) -> None:
    assert client.account == google.account
    assert not google.requests


def test_a_key_file_that_is_missing_is_named() -> None:
    error = _refusal("/nowhere/key.json")
    assert error.kind == "key"
    assert str(error).startswith("/nowhere/key.json ([google] key_file) cannot be used: No such file or directory.")


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"type": "authorized_user"}', "\x00\xff"])
def test_a_file_that_is_no_key_is_said_to_be_none(content: str, tmp_path: Path) -> None:
    file = tmp_path / "key.json"
    file.write_bytes(content.encode("latin-1"))
    assert "it is no key of a service account" in str(_refusal(file))


@pytest.mark.parametrize("changes", [{"private_key": "SECRET"}, {"private_key": None}, {"client_email": None}])
def test_a_key_with_a_part_missing_or_broken_is_said_to_be_none_and_not_repeated(
    changes: dict[str, Any], google: GoogleServer, tmp_path: Path
) -> None:
    error = _refusal(_changed_key(google, tmp_path, **changes))
    assert "it is no key of a service account" in str(error)
    assert "SECRET" not in str(error)


def test_a_key_whose_tokens_would_travel_in_clear_text_is_refused(google: GoogleServer, tmp_path: Path) -> None:
    file = _changed_key(google, tmp_path, token_uri="http://example.com/token")
    assert "token_uri must begin with https://" in str(_refusal(file))


def test_a_stand_in_elsewhere_must_be_encrypted() -> None:
    with pytest.raises(GoogleError, match="endpoint must begin with https"):
        access.make(Settings(endpoint="http://example.com"), sync_google.PASS_SCOPES)


def test_without_a_key_file_the_machine_is_asked(
    google: GoogleServer, connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(google.key_file(tmp_path)))
    client = connect(key_file="")
    assert client.account == google.account
    assert drive.listed(client).files == []


def test_a_machine_without_credentials_is_told_what_to_give(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    error = _refusal("")
    assert error.kind == "key"
    assert "Give [google] key_file" in str(error)


def test_a_key_that_google_does_not_know_any_more_is_said_to_need_a_new_one(
    google: GoogleServer, connect: Connect, tmp_path: Path, time: Any
) -> None:
    client = connect(key_file=str(_changed_key(google, tmp_path, client_email="other@example.iam.gserviceaccount.com")))
    with pytest.raises(GoogleError, match="Google does not accept the key") as refused:
        drive.listed(client)
    assert refused.value.kind == "key"
    assert time.waits == []


def test_a_clock_that_is_wrong_is_told_from_a_key_that_is(client: Client, google: GoogleServer) -> None:
    # Google's words: https://developers.google.com/identity/protocols/oauth2/service-account#error-codes
    words = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
    google.fail("oauth2.token", said(400, {"error": "invalid_grant", "error_description": words}))
    with pytest.raises(GoogleError, match="the clock of this machine is wrong") as refused:
        drive.listed(client)
    assert refused.value.kind == "clock"


def test_no_token_and_no_key_stands_in_a_representation_or_a_log(
    client: Client, google: GoogleServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        drive.listed(client)
    key = json.loads((tmp_path / google.key_file(tmp_path).name).read_text())
    shown = " ".join([caplog.text, repr(client), repr(client.access), repr(vars(client)), repr(vars(client.access))])
    for secret in (client.access.token(), key["private_key"], key["private_key_id"]):
        assert len(secret) > 8
        assert secret not in shown


def test_nothing_is_looked_up_behind_our_back(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []
    start = threading.Thread.start

    def noted(thread: threading.Thread) -> None:
        begun.append(type(thread).__module__)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", noted)
    drive.listed(client)
    assert [module for module in begun if module.startswith("google.")] == []


def test_no_host_but_the_stand_in_is_looked_for(
    connect: Connect, google: GoogleServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = _changed_key(google, tmp_path, token_uri="https://oauth2.googleapis.com/token")
    asked: list[object] = []
    find = socket.getaddrinfo

    def noted(host: Any, *more: Any, **others: Any) -> Any:
        asked.append(host)
        return find(host, *more, **others)

    monkeypatch.setattr(socket, "getaddrinfo", noted)
    made = google.add_spreadsheet("A", {"Trang": [["x"]]})
    client = connect(key_file=str(file))
    drive.listed(client)
    sheets.read(client, made, ["Trang"])
    assert set(asked) == {"127.0.0.1"}
