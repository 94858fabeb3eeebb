"""The guard around an application that does as it is told, with a clock that a test turns."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sync import handing_out_keys, logs, office
from sync.errors import MendableError
from sync.serving.desk import Desk
from sync.serving.guard import Guard, Message, Receive, Send
from sync.serving.refusals import Refusal
from tests.fakes.addin_server import CHECK, SCHOOL, STANDING, office_in

ADDRESS = ("192.0.2.1", 4711)


@dataclass
class Door:
    """A guard, what is behind it, and the clock."""

    workspace: Path
    behind: Callable[[], None]
    now: float = 0.0
    calls: int = 0
    guard: Guard = field(init=False)

    def __post_init__(self) -> None:
        settings = office.open_office(self.workspace).settings.addin
        self.guard = Guard(self._inner, Desk(self.workspace), settings, lambda: self.now)

    async def _inner(self, scope: Message, receive: Receive, send: Send) -> None:
        await receive()
        self.behind()
        self.calls += 1
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    def key(self) -> str:
        (handed_out,) = handing_out_keys.issue(office.open_office(self.workspace), [SCHOOL], False, None)
        return handed_out.issued.text

    def call(
        self,
        path: str,
        key: str,
        body: bytes = b"",
        address: tuple[str, int] = ADDRESS,
        more: Sequence[tuple[bytes, bytes]] = (),
    ) -> tuple[int, Any]:
        """The status and the body of the answer; headers are in `headers`."""
        sent: list[Message] = []
        given: list[Message] = [{"type": "http.request", "body": body, "more_body": False}, {"type": "http.disconnect"}]

        async def receive() -> Message:
            return given.pop(0)

        async def send(message: Message) -> None:
            sent.append(message)

        headers = [(b"authorization", key.encode()), (b"content-type", b"application/json"), *more]
        scope = {"type": "http", "method": "POST" if path == CHECK else "GET", "path": path, "headers": headers}
        asyncio.run(self.guard({**scope, "client": address, "query_string": b""}, receive, send))
        self.headers = dict(sent[0]["headers"])
        return sent[0]["status"], json.loads(sent[1]["body"])


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return office_in(tmp_path_factory.mktemp("door"), key_per_minute=3, address_per_minute=5)


@pytest.fixture
def door(workspace: Path) -> Door:
    return Door(workspace, lambda: None)


def test_a_key_that_calls_too_often_waits_and_others_do_not(door: Door) -> None:
    first, other = door.key(), door.key()
    assert [door.call(STANDING, first)[0] for _each in range(4)] == [200, 200, 200, 429]
    assert door.headers[b"retry-after"] == b"60"
    assert door.call(STANDING, other)[0] == 200
    door.now += 60
    assert door.call(STANDING, first)[0] == 200


def test_an_address_that_calls_too_often_waits_whatever_keys_it_tries(door: Door) -> None:
    assert [door.call(STANDING, f"bc-{number}")[0] for number in range(6)] == [401] * 5 + [429]
    assert door.call(STANDING, door.key())[0] == 429
    assert door.call(STANDING, door.key(), address=("192.0.2.2", 1))[0] == 200


def test_a_network_of_ipv6_is_one_address_and_an_address_of_ipv4_in_ipv6_is_itself(door: Door) -> None:
    mine = [door.call(STANDING, "bc-x", address=(f"2001:db8:1:2::{number:x}", 1))[0] for number in range(6)]
    assert mine == [401] * 5 + [429]
    others = [("2001:db8:1:3::1", 1), *((f"::ffff:192.0.2.{number}", 1) for number in range(6))]
    assert {door.call(STANDING, "bc-x", address=other)[0] for other in others} == {401}


@pytest.mark.parametrize("name", [b"authorization", b"content-type", b"origin"])
def test_a_call_that_says_two_things_is_not_answered(name: bytes, door: Door) -> None:
    assert door.call(CHECK, door.key(), b"{}", more=[(name, b"0"), (name, b"1")])[0] == 400
    assert door.calls == 0


def test_blank_rows_without_end_are_told_to_be_removed(door: Door) -> None:
    rows = [[""] * 63] * 8000
    book = {"client": "Office.js", "version": "", "book": {"name": ""}, "sheets": [{"name": "a", "values": rows}]}
    code, told = door.call(CHECK, door.key(), json.dumps(book).encode())
    assert code == 413
    assert "dòng và cột trống" in told["detail"]


def test_one_key_has_two_places_and_all_keys_together_have_so_many(door: Door) -> None:
    guard = door.guard
    with guard.room("a"), guard.room("a"):
        with pytest.raises(Refusal), guard.room("a"):
            pass
        others = [guard.room(key) for key in "bbcc"]
        for other in others:
            other.__enter__()
        with pytest.raises(Refusal), guard.room("d"):
            pass
        for other in others:
            other.__exit__(None, None, None)
    with guard.room("a"):
        pass


def test_what_is_no_workbook_does_not_reach_the_application(door: Door) -> None:
    assert door.call(CHECK, door.key(), b"[[]]")[0] == 400
    assert door.call(CHECK, "nobody", b"{}")[0] == 401
    assert door.calls == 0


@pytest.mark.parametrize(("error", "status"), [(KeyError("Zebra"), 500), (MendableError("Zebra"), 503)])
def test_an_error_behind_it_is_answered_and_logged_without_what_it_says(
    error: Exception, status: int, workspace: Path
) -> None:
    def fail() -> None:
        raise error

    door, opened = Door(workspace, fail), office.open_office(workspace)
    with logs.open_log(opened.workspace, opened.settings, f"{status}.log"):
        code, told = door.call(STANDING, door.key())
    log = (workspace / ".baocao" / "log" / f"{status}.log").read_text(encoding="utf-8")
    assert (code, list(told)) == (status, ["detail"])
    assert "Zebra" not in log + str(told)
    assert [json.loads(line)["event"] for line in log.splitlines()][1:] == ["addin_call"]
    assert type(error).__name__ in log


def test_without_a_ledger_nobody_is_let_in_and_none_is_made(tmp_path: Path) -> None:
    bare = office_in(tmp_path)
    door = Door(bare, lambda: None)
    key = door.key()
    for file in (bare / ".baocao").glob("ledger.sqlite*"):
        file.unlink()
    code, told = door.call(STANDING, key)
    assert code == 503
    assert str(bare) not in told["detail"]
    assert not (bare / ".baocao" / "ledger.sqlite").exists()


def test_a_flood_without_keys_does_not_wash_the_log_away(workspace: Path) -> None:
    door, opened = Door(workspace, lambda: None), office.open_office(workspace)
    with logs.open_log(opened.workspace, opened.settings, "flood.log"):
        for _each in range(200):
            door.call("/nothing", "")
        door.call(STANDING, door.key())
    lines = (workspace / ".baocao" / "log" / "flood.log").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 61
    assert json.loads(lines[-1])["school"] == SCHOOL
