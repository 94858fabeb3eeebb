"""Each fault, for what reads and for what writes: how often it is tried, how long, and what is said in the end."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import trustme

from sync.google import GoogleError, OutcomeUnknown, Stopped, drive, sheets
from sync.google.http import TRIES, Client
from tests.fakes.google import (
    API_OFF,
    BAD_GATEWAY,
    BAD_REQUEST,
    CUT,
    NO_STORAGE,
    NOT_FOUND,
    NOT_SHARED,
    RATE,
    RESET,
    SCOPE_MISSING,
    SERVER_ERROR,
    SHORTENED,
    STALL,
    UNAVAILABLE,
    USER_RATE,
    Fault,
    GoogleServer,
    after,
    said,
    too_many,
)
from tests.fakes.google.answers import Reply
from tests.google.conftest import Connect, Time, methods

pytestmark = pytest.mark.usefixtures("english")
BATCH_GET = "sheets.spreadsheets.values.batchGet"
BATCH_UPDATE = "sheets.spreadsheets.values.batchUpdate"
TOKEN = "oauth2.token"
TEMPORARY = [
    (too_many(), "rate"),
    (SERVER_ERROR, "temporary"),
    (BAD_GATEWAY, "temporary"),
    (UNAVAILABLE, "temporary"),
    (said(302, "elsewhere"), "temporary"),
    (RESET, "network"),
    (CUT, "network"),
    (SHORTENED, "network"),
]
PERMANENT = [
    (NOT_SHARED, "not_shared"),
    (NOT_FOUND, "not_found"),
    (API_OFF, "api_off"),
    (SCOPE_MISSING, "scope"),
    (BAD_REQUEST, "bad_request"),
]
UNKNOWN_AND_NOT_DONE = [SERVER_ERROR, BAD_GATEWAY, UNAVAILABLE, RESET, STALL]
UNKNOWN_AND_DONE = [after(UNAVAILABLE), after(RESET), after(STALL), CUT, SHORTENED]
API_OFF_ELSEWHERE = said(
    403,
    {
        "error": {
            "code": 403,
            "message": "https://example.com/overview?project=1",
            "details": [{"reason": "SERVICE_DISABLED"}],
        }
    },
)
Asking = tuple[Callable[[Client, str], object], str]
"""What asks, and Google's name of the method."""
SECONDS_OF_ALL_PAUSES = 1 + 2 + 4 + 8 + 16 + 32


@pytest.fixture
def made(google: GoogleServer) -> str:
    """A spreadsheet with one tab and one cell."""
    return google.add_spreadsheet("A", {"Trang": [["x"]]})


def _read(client: Client, made: str) -> object:
    return sheets.read(client, made, ["Trang"])


def _append(client: Client, made: str) -> object:
    """A write of gspread's that nobody reads back."""
    return client.values_batch_update(
        made, {"valueInputOption": "RAW", "data": [{"range": "'Trang'!A2", "values": [["y"]]}]}
    )


@pytest.mark.parametrize(("fault", "kind"), TEMPORARY)
def test_reading_goes_on_after_what_is_over_soon(
    fault: Fault, kind: str, client: Client, google: GoogleServer, made: str, time: Time
) -> None:
    google.fail(BATCH_GET, fault, times=2)
    assert _read(client, made) == {"Trang": [["x"]]}
    assert methods(google) == [BATCH_GET] * 3
    assert time.waits == [1.0, 2.0]


@pytest.mark.parametrize(("fault", "kind"), TEMPORARY)
def test_reading_gives_up_after_as_many_tries_as_are_given(
    fault: Fault, kind: str, client: Client, google: GoogleServer, made: str, time: Time
) -> None:
    google.fail(BATCH_GET, fault, times=TRIES + 1)
    with pytest.raises(GoogleError) as refused:
        _read(client, made)
    assert refused.value.kind == kind
    assert methods(google) == [BATCH_GET] * TRIES
    assert time.now == SECONDS_OF_ALL_PAUSES


@pytest.mark.parametrize(("fault", "kind"), PERMANENT)
@pytest.mark.parametrize("asking", [(_read, BATCH_GET), (_append, BATCH_UPDATE)])
def test_what_no_waiting_mends_is_asked_once(
    fault: Fault, kind: str, asking: Asking, client: Client, google: GoogleServer, made: str, time: Time
) -> None:
    ask, method = asking
    google.fail(method, fault, times=2)
    with pytest.raises(GoogleError) as refused:
        ask(client, made)
    assert refused.value.kind == kind
    assert methods(google) == [method]
    assert time.waits == []


def test_a_write_is_tried_again_where_google_refused_it_for_the_rate(
    client: Client, google: GoogleServer, made: str, time: Time
) -> None:
    google.fail(BATCH_UPDATE, too_many(), times=2)
    _append(client, made)
    assert methods(google) == [BATCH_UPDATE] * 3
    assert time.waits == [1.0, 2.0]


@pytest.mark.parametrize("fault", [too_many(), RATE, USER_RATE])
@pytest.mark.parametrize("method", ["drive.files.list", "drive.permissions.create"])
def test_drives_ways_to_refuse_for_the_rate_are_tried_again(
    fault: Fault, method: str, maker: Client, google: GoogleServer, made: str, time: Time
) -> None:
    google.fail(method, fault, times=2)
    drive.listed(maker)
    drive.share(maker, made, "nha-truong@example.vn")
    assert methods(google).count(method) == 3
    assert time.waits == [1.0, 2.0]


@pytest.mark.parametrize("method", ["drive.files.list", "drive.permissions.create"])
def test_a_full_drive_is_not_taken_for_a_rate(
    method: str, maker: Client, google: GoogleServer, made: str, time: Time
) -> None:
    google.fail(method, NO_STORAGE)
    ask = partial(drive.listed, maker) if method.endswith("list") else partial(drive.share, maker, made, "x@example.vn")
    with pytest.raises(GoogleError, match="There is no room in Google Drive") as refused:
        ask()
    assert refused.value.kind == "storage_quota"
    assert time.waits == []


@pytest.mark.parametrize("fault", UNKNOWN_AND_NOT_DONE + UNKNOWN_AND_DONE)
def test_a_write_whose_outcome_is_unknown_is_sent_once(
    fault: Fault, hasty: Client, google: GoogleServer, made: str, time: Time
) -> None:
    google.fail(BATCH_UPDATE, fault)
    with pytest.raises(OutcomeUnknown) as unknown:
        _append(hasty, made)
    assert unknown.value.kind == "unknown_outcome"
    assert methods(google) == [BATCH_UPDATE]
    assert time.waits == []


def test_a_write_without_a_connection_is_tried_again(connect: Connect, time: Time) -> None:
    client = connect(endpoint="http://127.0.0.1:9")
    client.access = connect().access
    with pytest.raises(GoogleError) as refused:
        _append(client, "1unknown")
    assert refused.value.kind == "network"
    assert len(time.waits) == TRIES - 1


def test_pauses_are_as_long_as_google_asks(client: Client, google: GoogleServer, made: str, time: Time) -> None:
    google.fail(BATCH_GET, too_many("17"))
    _read(client, made)
    assert time.waits == [17.0]


def test_a_retry_after_that_is_a_date_is_compared_with_googles_own_clock(
    client: Client, google: GoogleServer, made: str, time: Time
) -> None:
    until = datetime.now(UTC) + timedelta(seconds=40)
    google.fail(BATCH_GET, too_many(format_datetime(until, usegmt=True)))
    _read(client, made)
    assert time.waits == [pytest.approx(40, abs=2)]


def test_a_retry_after_of_no_known_form_is_passed_over(
    client: Client, google: GoogleServer, made: str, time: Time
) -> None:
    google.fail(BATCH_GET, too_many("soon"))
    _read(client, made)
    assert time.waits == [1.0]


def test_nobody_waits_longer_than_the_settings_allow(
    connect: Connect, google: GoogleServer, made: str, time: Time
) -> None:
    google.fail(BATCH_GET, too_many("3600"))
    with pytest.raises(GoogleError) as refused:
        _read(connect(), made)
    assert (refused.value.kind, refused.value.retry_after) == ("rate", 3600.0)
    assert time.waits == []


def test_tries_end_when_the_time_for_them_is_over(
    connect: Connect, google: GoogleServer, made: str, time: Time
) -> None:
    google.fail(BATCH_GET, UNAVAILABLE, times=TRIES)
    with pytest.raises(GoogleError):
        _read(connect(give_up_seconds=10), made)
    assert time.waits == [1.0, 2.0, 4.0]


def test_a_stop_ends_the_waiting_at_once(client: Client, google: GoogleServer, made: str, time: Time) -> None:
    time.stops_at = 1
    google.fail(BATCH_GET, UNAVAILABLE, times=TRIES)
    with pytest.raises(Stopped):
        _read(client, made)
    assert methods(google) == [BATCH_GET] * 2


def test_a_stop_ends_the_waiting_for_the_limits(connect: Connect, google: GoogleServer, made: str, time: Time) -> None:
    client = connect(reads_per_minute=1)
    _read(client, made)
    time.stops_at = 0
    with pytest.raises(Stopped):
        _read(client, made)
    assert methods(google) == [BATCH_GET]


def test_reads_and_writes_have_limits_of_their_own(
    connect: Connect, google: GoogleServer, made: str, time: Time
) -> None:
    client = connect(reads_per_minute=2, writes_per_minute=2)
    for _ in range(2):
        _read(client, made)
        _append(client, made)
        drive.listed(client)
    assert time.waits == []
    _read(client, made)
    assert time.waits == [60.0]


def test_tries_count_for_the_limits(connect: Connect, google: GoogleServer, made: str, time: Time) -> None:
    google.fail(BATCH_GET, UNAVAILABLE)
    _read(connect(reads_per_minute=1), made)
    assert time.waits == [1.0, 59.0]


def test_hundreds_of_reads_never_meet_googles_own_limit(
    connect: Connect, google: GoogleServer, made: str, time: Time
) -> None:
    client = connect()
    for _ in range(200):
        _read(client, made)
    assert {each.status for each in google.requests} == {200}
    assert time.now == 180.0


@pytest.mark.parametrize("fault", [SERVER_ERROR, BAD_GATEWAY, UNAVAILABLE, RESET, CUT, SHORTENED, STALL])
@pytest.mark.parametrize("asking", [(_read, BATCH_GET), (_append, BATCH_UPDATE)])
def test_a_fault_at_signing_in_is_tried_again_for_reads_and_writes(
    fault: Fault, asking: Asking, hasty: Client, google: GoogleServer, made: str, time: Time
) -> None:
    ask, method = asking
    google.fail(TOKEN, fault)
    ask(hasty, made)
    assert methods(google) == [method]
    assert time.waits == [1.0]


def test_what_the_pass_may_not_do_is_explained_as_a_matter_of_scope(
    client: Client, google: GoogleServer, made: str
) -> None:
    with pytest.raises(GoogleError, match="The credentials are not allowed") as refused:
        drive.share(client, made, "nha-truong@example.vn")
    assert refused.value.kind == "scope"


def test_a_spreadsheet_that_is_not_shared_any_more_names_the_address_to_share_with(
    client: Client, google: GoogleServer, made: str
) -> None:
    google.unshare(made)
    with pytest.raises(GoogleError, match=f"Share the spreadsheet with {google.account}|{google.account}") as refused:
        _read(client, made)
    assert refused.value.kind == "not_shared"


def test_an_api_that_is_off_comes_with_the_link_to_turn_it_on(client: Client, google: GoogleServer, made: str) -> None:
    google.fail(BATCH_GET, API_OFF)
    with pytest.raises(GoogleError, match=r"Turn it on at https://console\.developers\.google\.com/\S+project=\d+\."):
        _read(client, made)


def test_a_page_of_another_program_is_no_answer(connect: Connect, time: Time) -> None:
    with another_program() as url:
        client = connect(endpoint=url)
        client.access = connect().access
        with pytest.raises(GoogleError) as refused:
            _read(client, "1unknown")
        assert refused.value.kind == "network"
        assert len(time.waits) == TRIES - 1
        with pytest.raises(OutcomeUnknown):
            _append(client, "1unknown")


def test_a_certificate_that_nobody_vouches_for_ends_it_at_once(connect: Connect, time: Time) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with another_program(context) as url:
        signed_in, signing_in = connect(endpoint=url), connect(endpoint=url)
        signed_in.access = connect().access
        for client in (signing_in, signed_in):
            with pytest.raises(GoogleError, match="the certificate cannot be verified") as refused:
                _append(client, "1unknown")
            assert refused.value.kind == "network"
    assert time.waits == []


@contextmanager
def another_program(tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """A network that answers everything with its own page, as before somebody signs in to it."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_about: object) -> None:
            """Nothing is printed: clients that go away are what this is for."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>Welcome</html>")

        do_POST = do_GET  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Nothing is printed."""

    with Server(("127.0.0.1", 0), Page) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def test_no_link_but_googles_console_is_ever_shown(client: Client, google: GoogleServer, made: str) -> None:
    google.fail(BATCH_GET, API_OFF_ELSEWHERE)
    with pytest.raises(GoogleError, match=r"Turn it on at https://console\.cloud\.google\.com/apis/library/sheets"):
        _read(client, made)


def test_no_error_carries_a_token(client: Client, google: GoogleServer, made: str) -> None:
    google.fail(BATCH_GET, RESET, times=TRIES)
    with pytest.raises(GoogleError) as refused:
        _read(client, made)
    token = client.access.token()
    error: BaseException | None = refused.value
    assert token not in repr(vars(refused.value)) + str(error)
    assert error is not None
    assert error.__cause__ is None
    assert error.__suppress_context__


def test_a_token_is_shown_to_no_other_host(client: Client) -> None:
    with pytest.raises(ValueError, match="not an address of Google's"):
        client.request("GET", "https://example.com/")


def test_nobody_is_followed_elsewhere(client: Client, google: GoogleServer, made: str) -> None:
    elsewhere = {"Location": f"{google.url}/v4/spreadsheets/{made}"}
    google.fail(BATCH_GET, Fault("302", lambda api: Reply(302, b"", elsewhere)), times=TRIES)
    with pytest.raises(GoogleError):
        _read(client, made)
    assert methods(google) == [BATCH_GET] * TRIES


def test_a_password_for_the_host_in_netrc_does_not_take_the_tokens_place(
    client: Client, google: GoogleServer, made: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = f"{tmp_path}/netrc"
    with open(netrc, "w") as file:  # noqa: PTH123
        file.write("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", netrc)
    assert _read(client, made) == {"Trang": [["x"]]}


def test_vietnamese_letters_go_out_as_they_are(client: Client, made: str) -> None:
    answer = client.request(
        "POST",
        f"https://sheets.googleapis.com/v4/spreadsheets/{made}/values:batchUpdate",
        json={"valueInputOption": "RAW", "data": [{"range": "'Trang'!A1", "values": [["Trường"]]}]},
    )
    body = answer.request.body
    assert isinstance(body, bytes)
    assert "Trường".encode() in body


def test_a_connection_that_stays_silent_is_left(hasty: Client, google: GoogleServer, made: str, time: Time) -> None:
    google.fail(BATCH_GET, STALL)
    assert _read(hasty, made) == {"Trang": [["x"]]}
    assert time.waits == [1.0]


def test_many_threads_may_edit_while_one_reads(client: Client, google: GoogleServer, made: str) -> None:
    done = threading.Event()

    def edit() -> None:
        number = 0
        while not done.is_set():
            google.edit(made, "Trang", "A1", number)
            google.edit(made, "Trang", "B1", number)
            number += 1

    editors = [threading.Thread(target=edit) for _ in range(4)]
    for each in editors:
        each.start()
    try:
        states = [sheets.read(client, made, ["Trang"])["Trang"] for _ in range(20)]
    finally:
        done.set()
        for each in editors:
            each.join()
    assert all(len(state) == 1 and len(state[0]) in {1, 2} for state in states)
