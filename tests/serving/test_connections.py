"""Slow callers get their whole answer; silent ones do not hold their connection for ever."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from sync.serving.guard import Message, Receive, Send
from tests.fakes.addin_server import require_server

BODY = b"x" * 200_000
SILENT = 0.3
PIECE = 4096


async def _page(scope: Message, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(BODY))]})
    for start in range(0, len(BODY), PIECE):
        left = start + PIECE < len(BODY)
        await send({"type": "http.response.body", "body": BODY[start : start + PIECE], "more_body": left})


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    """Where a server listens that has little room for what was not taken yet, as on a slow network."""
    require_server()
    import uvicorn

    from sync.serving.connections import PatientH11

    class Impatient(PatientH11):
        silent_seconds = SILENT

    config = uvicorn.Config(_page, http=Impatient, ws="none", lifespan="off", log_level="critical")
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, PIECE)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield listener.getsockname()
        server.should_exit = True
        thread.join()


def _asked(address: tuple[str, int]) -> socket.socket:
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, PIECE)
    connection.settimeout(20)
    connection.connect(address)
    connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    return connection


def _taken(connection: socket.socket, pause: float) -> int:
    """How many bytes come until the connection ends or the whole body is there."""
    taken = 0
    with connection:
        while taken < len(BODY) and (part := connection.recv(PIECE)):
            taken += len(part)
            time.sleep(pause)
    return taken


def test_a_slow_caller_gets_the_whole_answer(address: tuple[str, int]) -> None:
    began = time.monotonic()
    assert _taken(_asked(address), 4 * SILENT * PIECE / len(BODY)) >= len(BODY)
    assert time.monotonic() - began > 2 * SILENT


def test_who_does_not_take_the_answer_loses_the_connection(address: tuple[str, int]) -> None:
    connection = _asked(address)
    time.sleep(4 * SILENT)
    assert _taken(connection, 0) < len(BODY)


def test_who_brings_no_call_loses_the_connection(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=20) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost")
        assert connection.recv(PIECE) == b""
