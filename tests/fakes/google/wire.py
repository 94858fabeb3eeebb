"""The wire: connections in threads, and the ways in which an answer does not arrive."""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.fakes.google.answers import Reply
from tests.fakes.google.service import Raw, Service

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Server(ThreadingHTTPServer):
    """Threads are joined at the end, so connections that clients keep open are cut before."""

    daemon_threads = False
    request_queue_size = 256
    service: Service

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        linger = request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, len(_RESET_ON_CLOSE))
        if linger == _RESET_ON_CLOSE:
            request.close()  # Without the orderly end, so that the client's connection is reset.
        else:
            super().shutdown_request(request)

    def cut_all(self) -> None:
        """Ends the connections that are still open."""
        self.stopping.set()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing is printed: clients that go away are what the server is for, and other errors are ours."""
        error = sys.exception()
        if error is not None and not isinstance(error, OSError):
            self.service.errors.append(f"the stand-in itself: {type(error).__name__}: {error}")


class Handler(BaseHTTPRequestHandler):
    """One connection, which clients may keep for several requests."""

    protocol_version = "HTTP/1.1"
    server_version = "ESF"
    sys_version = ""
    wbufsize = -1
    server: Server

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        raw = Raw(self.command, self.path, self.headers, self.rfile.read(length))
        reply, fault = self.server.service.answer(raw)
        way = fault.way if fault else "whole"
        if way == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            self.close_connection = True
        elif way == "stall":
            self._stall()
        elif reply is not None:
            self._send(reply, way)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 (the names are http.server's)

    def _send(self, reply: Reply, way: str) -> None:
        sent = reply.body if way == "whole" else reply.body[: len(reply.body) // 2]
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body if way == "cut" else sent)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(sent)
        self.close_connection = self.close_connection or way == "cut"

    def _stall(self) -> None:
        """Waits until the client gives up."""
        self.close_connection = True
        while not self.server.stopping.is_set():
            readable, _, _ = select.select([self.connection], [], [], 0.02)
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                return

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is printed."""
