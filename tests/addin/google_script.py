"""Runs the Apps Script of macros/google in Node under the strict stub, against a server that answers real HTTP."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.fakes.libreoffice import skip_or_fail

SCRIPT = Path(__file__).parents[2] / "macros" / "google"
HERE = Path(__file__).parent / "google"
KEY = f"bc-{'A1' * 5}-{'x_-7' * 10}abc"
META = "/xlwings/custom-scripts-meta.json"
STANDING = "/baocao/standing"
CALL = "/xlwings/custom-scripts-call/"
OK = {"button": "OK"}
YES = {"button": "YES"}
NO = {"button": "NO"}


@cache
def node() -> str:
    """Where Node is, of at least version 18, which has fetch; without it the test is skipped, in CI it fails."""
    found = shutil.which("node")
    if found is None:
        skip_or_fail("Node is not installed (Debian: the package nodejs)")
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.removeprefix("v").split(".")[0]) < 18:
        skip_or_fail(f"Node is too old: {version.strip()}, wanted is 18 or newer")
    return found


def run(
    clicks: str | Sequence[str],
    book: Mapping[str, Any],
    server: str,
    *,
    folder: Path = SCRIPT,
    key: str | None = KEY,
    answers: Sequence[Mapping[str, str]] = (),
    before_answer: Sequence[Sequence[Any]] = (),
    busy: bool = False,
    is_set_up: bool = True,
    seconds: float = 20,
) -> dict[str, Any]:
    """Calls functions of the script; gives what happened: said, requests, sheets, formulas, active, properties, error …

    `book` is {"timeZone", "sheets": [{"name", "values", "hidden", "protected"}]}, `answers` those to dialogs in their
    order, `before_answer` cells that somebody edits meanwhile, as [sheet, row, column, value] counted from 1; [sheet]
    alone is deleted.
    """
    given = {
        "clicks": [clicks] if isinstance(clicks, str) else list(clicks),
        "book": book,
        "server": server,
        "folder": str(folder),
        "properties": {"baocao-key": key} if key else {},
        "answers": list(answers),
        "beforeAnswer": list(before_answer),
        "busy": busy,
        "isSetUp": is_set_up,
        "seconds": seconds,
    }
    return _runner[-1].ask(given)


class _Runner:
    """Node, for all runs of a module of tests."""

    def __init__(self) -> None:
        # The script's own clock stands elsewhere than the spreadsheet's.
        environment = {**os.environ, "TZ": "America/New_York"}
        command = [node(), str(HERE / "run.js")]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, encoding="utf-8", env=environment)

    def ask(self, given: Mapping[str, Any]) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(given) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "Node ended; its reason stands on stderr"
        happened: dict[str, Any] = json.loads(line)
        return happened

    def close(self) -> None:
        self._process.communicate(timeout=30)


_runner: list[_Runner] = []


@contextmanager
def started() -> Iterator[None]:
    """Keeps a Node running, which `run` needs."""
    _runner.append(_Runner())
    try:
        yield
    finally:
        _runner.pop().close()


def told(happened: Mapping[str, Any]) -> str:
    """The text of the last dialog, where nothing went wrong in the script itself."""
    assert happened["error"] is None, happened["error"]
    assert happened["unreleased"] == 0
    return str(happened["said"][-1]["text"])


@dataclass
class Answer:
    """What the stand-in says to one path."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    wait: threading.Event | None = None

    def content(self) -> bytes:
        """The body; what is no text is JSON."""
        text = self.body if isinstance(self.body, str) else json.dumps(self.body, ensure_ascii=False)
        return text.encode()


@dataclass
class StandIn:
    """A server that says what it was told to, for what the real one never says."""

    url: str
    answers: dict[str, Answer | Callable[[Any], Answer]]
    asked: list[tuple[str, str, dict[str, str], Any]] = field(default_factory=list)

    @property
    def payload(self) -> dict[str, Any]:
        """The JSON of the last call of a script."""
        payload: dict[str, Any] = [each for _method, path, _headers, each in self.asked if path.startswith(CALL)][-1]
        return payload


@contextmanager
def stand_in(include: Sequence[str], answers: Mapping[str, Answer | Callable[[Any], Answer]]) -> Iterator[StandIn]:
    """A stand-in on a free port; scripts `check` and `submit` want the sheets `include` and write nothing."""
    scripts = [{"function_name": name, "include": ",".join(include)} for name in ("check", "submit")]
    standing = {"name": "Trường Tiểu học Hoa Sen", "title": "Học kỳ I năm học 2024-2025", "standing_text": "chưa nộp"}
    known: dict[str, Answer | Callable[[Any], Answer]] = {
        META: Answer(body=scripts),
        STANDING: Answer(body={**standing, "due": "2025-01-22T23:59:59+07:00", "xlwings": "9.9.9"}),
        CALL + "check": Answer(body={"actions": []}),
        CALL + "submit": Answer(body={"actions": []}),
        **answers,
    }
    state = StandIn("", known)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(state))
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state
    finally:
        for answer in known.values():
            if isinstance(answer, Answer) and answer.wait:
                answer.wait.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(state: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(None)

        def do_POST(self) -> None:
            self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _answer(self, payload: Any) -> None:
            state.asked.append(
                (self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, payload)
            )
            found = state.answers.get(self.path, Answer(404, {"detail": "?"}))
            answer = found(payload) if callable(found) else found
            if answer.wait:
                answer.wait.wait(30)
                self.close_connection = True
                return
            content = answer.content()
            self.send_response(answer.status)
            for name, value in {**answer.headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_arguments: object) -> None:
            pass

    return Handler
