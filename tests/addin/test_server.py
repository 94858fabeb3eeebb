"""The server over real HTTP: what it answers to schools, and what it does not answer to others."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
import requests

from sync import handing_out_keys, keys
from sync.ledger import Ledger
from sync.logs import ADDIN_FILE
from sync.serving.bodies import MOST_LISTS
from tests.fakes.addin_server import CHECK, HOSTNAME, NOW, OTHER, SCHOOL, SECONDS, STANDING, SUBMIT, Served, text_of
from tests.fakes.offices import FAULTY
from tests.fakes.remote_books import Written

EVIL = "https://evil.example.com"
MEGABYTE = 1 << 20
FORMULA = re.compile(r"\s*[=+@-](?![0-9]+$)")
MOST_MEMORY = 450 * MEGABYTE
"""Resident, pandas and all imported libraries included: about 180 MB before the attacks."""


@pytest.fixture(scope="module")
def payload(server: Served) -> dict[str, Any]:
    """The report of TH01 as Office.js sends it."""
    return server.payload()


@pytest.fixture(autouse=True)
def the_service_goes_on(server: Served) -> Iterator[None]:
    """Whatever a test did, the same process answers afterwards, and took no more memory than it may."""
    yield
    assert server.get(STANDING).status_code == 200
    assert psutil.Process(server.pid).memory_info().rss < MOST_MEMORY


def log_of(server: Served) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text_of(server.workspace / ".baocao" / "log" / ADDIN_FILE).splitlines()]


def refused(response: requests.Response) -> int:
    """The status of a refusal, which always has a sentence for the school."""
    assert response.json()["detail"]
    assert list(response.json()) == ["detail"]
    return response.status_code


# What schools get.


def test_the_standing_is_that_of_the_schools_own_key(server: Served) -> None:
    told = {key: server.get(STANDING, server.key_of(key)).json() for key in (SCHOOL, OTHER)}
    assert [told[school]["school"] for school in (SCHOOL, OTHER)] == [SCHOOL, OTHER]
    expected = {"period": "2024-2025/HK1", "due": "2025-01-22T23:59:59+07:00", "standing": "due_soon"}
    assert {name: told[OTHER][name] for name in expected} == expected
    assert {*expected, "name", "title", "standing_text", "received_at", "accepted_at"} <= set(told[OTHER])


def test_a_faulty_report_gets_its_findings_as_values_in_one_sheet_and_the_log_has_the_outcome_alone(
    server: Served, payload: dict[str, Any]
) -> None:
    faulty = server.payload(changes=FAULTY)
    answer = server.post(CHECK, faulty)
    assert answer.status_code == 200
    assert {action["func"] for action in answer.json()["actions"]} == {"setValues"}
    written = Written(faulty, answer.json())
    assert set(written.cells) == {"Kiểm tra"}
    assert "Phụ lục" in written.filled("Kiểm tra").values()
    assert server.get(STANDING).status_code == 200  # a call is logged after its answer: by now it is
    last = [entry for entry in log_of(server) if entry.get("kind") == "check"][-1]
    assert {name: last[name] for name in ("event", "school", "kind", "code", "status")} == {
        "event": "addin_call", "school": SCHOOL, "kind": "check", "code": 200, "status": "to_mend"
    }  # fmt: skip
    assert set(last) == {"event", "school", "kind", "code", "status", "time", "level", "seconds"}


def test_the_pages_are_for_everybody_and_carry_the_policy(server: Served) -> None:
    pages = [
        "/taskpane.html",
        "/manifest.xml",
        "/xlwings/custom-scripts-meta.json",
        "/static/images/icons/check-32.png",
    ]
    for page in pages:
        answer = requests.get(server.url + page, timeout=SECONDS)
        assert answer.status_code == 200, page
        policy = answer.headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy
        assert "unsafe-eval" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Server" not in answer.headers


def test_the_manifest_is_of_this_office_and_every_picture_in_it_is_there(server: Served) -> None:
    from lxml import etree

    answer = requests.get(server.url + "/manifest.xml", timeout=SECONDS)
    manifest = etree.fromstring(answer.content)
    addresses = [str(value) for value in manifest.xpath("//@DefaultValue") if str(value).startswith("http")]
    assert all(address.startswith(f"https://{HOSTNAME}/") for address in addresses)
    for address in set(addresses):
        assert requests.get(server.url + urlsplit(address).path, timeout=SECONDS).status_code == 200, address
    names = manifest.xpath("//*[local-name()='FunctionName']/text()")
    assert names == ["baocao-check", "baocao-submit"]
    resources = set(manifest.xpath("//*[local-name()='Resources']//@id"))
    assert set(manifest.xpath("//@resid")) == resources


# Keys.


def test_the_workbook_of_another_school_is_refused_and_not_handed_in(server: Served) -> None:
    before = server.handed_in()
    other = server.payload(OTHER)
    assert [refused(server.post(path, other)) for path in (CHECK, SUBMIT)] == [403, 403]
    assert server.handed_in() == before


def test_a_key_that_is_revoked_between_two_calls_opens_nothing_any_more(server: Served, payload: Any) -> None:
    key = server.key_of(SCHOOL)
    assert server.post(CHECK, payload, key).status_code == 200
    handing_out_keys.revoke(server.office(), [key])
    assert [refused(server.post(CHECK, payload, key)), refused(server.get(STANDING, key))] == [401, 401]


def test_what_is_no_key_opens_nothing(server: Served, payload: Any) -> None:
    key = server.key
    wrong = ["", "test-token", key[:-1], key + "x", key.upper(), f"Bearer {key}", "bc-' OR 1=1 --", "x" * 10_000]
    wrong.append(key[:-1] + ("A" if key[-1] != "A" else "B"))
    assert {refused(server.post(SUBMIT, payload, each)) for each in wrong} == {401}
    assert refused(requests.post(server.url + CHECK, json=payload, timeout=SECONDS)) == 401
    # A header beyond what the server reads at all: its connection ends.
    answer = requests.get(server.url + STANDING, headers={"Authorization": "x" * 100_000}, timeout=SECONDS)
    assert 400 <= answer.status_code < 500


def test_a_submission_that_is_sent_again_is_not_handed_in_twice(server: Served) -> None:
    mine = server.payload(changes={("statistics", "A.2", "total"): 301})
    assert server.post(SUBMIT, mine).status_code == 200
    first = server.handed_in()
    assert server.post(SUBMIT, mine).status_code < 500
    assert server.handed_in() == first
    assert all(path.name.startswith(SCHOOL) for path in first)


# Bodies.


@pytest.mark.parametrize("chunked", [False, True])
def test_fifty_megabytes_are_refused_however_they_come(chunked: bool, server: Served) -> None:
    def pieces() -> Iterator[bytes]:
        yield from (b"[" * MEGABYTE for _each in range(50))

    body: Any = pieces() if chunked else b"[" * 50 * MEGABYTE
    headers = {"Authorization": server.key, "Content-Type": "application/json"}
    process = psutil.Process(server.pid)
    before = process.memory_info().rss
    answer = requests.post(server.url + CHECK, data=body, headers=headers, timeout=SECONDS)
    assert refused(answer) == 413
    assert process.memory_info().rss - before < 24 * MEGABYTE


def test_a_body_without_a_key_is_not_even_read(server: Served) -> None:
    with _connected(server) as connection:
        connection.sendall(_head("POST", CHECK, "nobody", **{"Content-Length": str(50 * MEGABYTE)}))
        assert connection.recv(4096).startswith(b"HTTP/1.1 401")


def test_a_body_that_says_it_is_too_large_is_refused_before_it_comes(server: Served) -> None:
    with _connected(server) as connection:
        connection.sendall(_head("POST", CHECK, server.key, **{"Content-Length": str(50 * MEGABYTE)}))
        assert connection.recv(4096).startswith(b"HTTP/1.1 413")


def test_a_body_that_does_not_come_is_not_waited_for(server: Served) -> None:
    with _connected(server) as connection:
        connection.sendall(_head("POST", CHECK, server.key, **{"Content-Length": "1000"}) + b'{"client"')
        began = time.monotonic()
        assert connection.recv(4096).startswith(b"HTTP/1.1 408")
        assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b"\xff\xfe{}",
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
        b"[" + b"[]," * (7 * MEGABYTE // 3) + b"[]]",
        b'{"client":"Office.js","version":"","book":{"name":""},"sheets":[{"name":"a","values":[[NaN]]}]}',
        b'{"client":"Office.js","version":"","book":{"name":""},"sheets":[{"name":"a","values":[[1e999]]}]}',
        b'{"client":"Office.js","version":"","book":{"name":""},"sheets":[{"name":"a","values":[['
        + b"9" * 5000
        + b"]]}]}",
        b'{"client":"Office.js","version":"","book":{"name":""},"sheets":[{"name":"a","values":[[{}]]}]}',
        b'{"client":"Office.js","version":"","book":[],"sheets":[{}]}',
    ],
    ids=str,
)
def test_what_is_no_workbook_is_refused(body: bytes, server: Served) -> None:
    headers = {"Authorization": server.key, "Content-Type": "application/json; charset=utf-8"}
    answer = requests.post(server.url + CHECK, data=body, headers=headers, timeout=SECONDS)
    assert refused(answer) == (413 if body.count(b"[") > MOST_LISTS else 400)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "json"])
def test_other_content_types_are_refused(kind: str, server: Served, payload: Any) -> None:
    headers = {"Authorization": server.key, "Content-Type": kind}
    answer = requests.post(server.url + CHECK, data=json.dumps(payload), headers=headers, timeout=SECONDS)
    assert refused(answer) == 415


def test_names_and_texts_lead_nowhere_and_come_back_as_text(server: Served, payload: Any) -> None:
    before = {path for path in server.workspace.rglob("*") if path.suffix not in (".log", ".sqlite-wal", ".sqlite-shm")}
    evil = ["../../../tmp/x", '=HYPERLINK("http://evil")', "<script>{{ 7*7 }}</script>", "a\x00%2e%2e/b"]
    mine = server.payload(changes={("activities", "I.1", "evidence"): "MARK", ("activities", "I.1", "sessions"): -2})
    for text in evil:
        named = with_cell(mine, "MARK", text)
        named["book"]["name"] = text
        named["sheets"].append({**named["sheets"][0], "name": text})
        answer = server.post(CHECK, named)
        assert answer.status_code < 500, text
        assert not [value for value in _values(answer) if FORMULA.match(value)], text
    for meta in ("../../TH01", "TH01/../MN01", "TH01\u202e"):
        assert refused(server.post(SUBMIT, with_cell(payload, SCHOOL, meta))) == 403, meta
    after = {path for path in server.workspace.rglob("*") if path.suffix not in (".log", ".sqlite-wal", ".sqlite-shm")}
    assert {path.parent for path in after - before} <= {server.office().workspace.handed_in}


def with_cell(payload: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    """A copy of `payload` in which every cell `old` is `new`."""
    changed = [
        {**sheet, "values": [[new if value == old else value for value in row] for row in sheet["values"]]}
        for sheet in payload["sheets"]
    ]
    return {**payload, "book": dict(payload["book"]), "sheets": changed}


def _values(answer: requests.Response) -> list[str]:
    actions = answer.json().get("actions", [])
    return [value for action in actions for row in action["values"] or () for value in row if isinstance(value, str)]


# Other pages, other addresses.


@pytest.mark.parametrize("origin", [EVIL, "null", f"http://{HOSTNAME}", f"https://{HOSTNAME}.evil.example.com"])
def test_other_web_pages_are_not_answered(origin: str, server: Served, payload: Any) -> None:
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    preflight = requests.options(server.url + CHECK, headers=asked, timeout=SECONDS)
    simple = server.post(CHECK, payload, headers={"Origin": origin})
    question = server.get(STANDING, headers={"Origin": origin})
    assert {refused(each) for each in (preflight, simple, question)} == {403}
    assert not any("Access-Control-Allow-Origin" in each.headers for each in (preflight, simple, question))


def test_our_own_page_is_answered(server: Served) -> None:
    assert server.get(STANDING, headers={"Origin": f"https://{HOSTNAME}"}).status_code == 200
    assert server.get(STANDING, headers={"Origin": server.url}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/xlwings/custom-scripts-call/examples", 404),
        ("POST", "/xlwings/custom-scripts-call/__class__", 404),
        ("POST", "/xlwings/custom-scripts-call/check/", 404),
        ("POST", "/xlwings/custom-functions-call", 404),
        ("GET", "/socket.io/", 404),
        ("GET", "/docs", 404),
        ("GET", "/openapi.json", 404),
        ("GET", "/xlwings/alert?prompt=a&title=b&buttons=ok&mode=info&callback=", 404),
        ("GET", "/wasm/config.py", 404),
        ("GET", CHECK, 405),
        ("DELETE", STANDING, 405),
        ("OPTIONS", STANDING, 405),
        ("TRACE", "/", 405),
        ("GET", f"{STANDING}?{'x' * 5000}", 404),
        ("GET", "/static/no-such-file.js", 404),
    ],
)
def test_nothing_else_is_there(method: str, path: str, status: int, server: Served) -> None:
    headers = {"Authorization": server.key}
    assert refused(requests.request(method, server.url + path, headers=headers, timeout=SECONDS)) == status


@pytest.mark.parametrize(
    "path",
    [
        "/static/../auth/custom/__init__.py",
        "/static/%2e%2e/auth/custom/__init__.py",
        "/static/..%2fauth/custom/__init__.py",
        "/static/js/..%2f..%2f..%2fpyproject.toml",
        "/static/..%5cpyproject.toml",
        "/static//etc/passwd",
        "/static/%2fetc/passwd",
        "/static/C:%2fWindows/win.ini",
        "/static/%00",
        "/../pyproject.toml",
        "//etc/passwd",
    ],
)
def test_no_path_leads_out_of_the_pages(path: str, server: Served) -> None:
    with _connected(server) as connection:
        connection.sendall(_head("GET", path, server.key))
        answer = connection.recv(65536)
    assert answer.startswith((b"HTTP/1.1 404", b"HTTP/1.1 400")), answer[:100]
    assert b"validate_token" not in answer
    assert b"root:" not in answer


# Many.


def test_two_hundred_calls_at_the_same_time_are_answered_or_refused_at_once(server: Served, payload: Any) -> None:
    issued = [keys.make(SCHOOL, NOW) for _each in range(40)]
    with Ledger.open(server.office().ledger_url) as ledger:
        ledger.keys.record(each.key for each in issued)
    content = json.dumps(payload)

    def call(number: int) -> int:
        headers = {"Authorization": issued[number % len(issued)].text, "Content-Type": "application/json"}
        return requests.post(server.url + CHECK, data=content, headers=headers, timeout=SECONDS).status_code

    began = time.monotonic()
    with ThreadPoolExecutor(50) as pool:
        statuses = list(pool.map(call, range(200)))
    assert set(statuses) == {200, 429}
    assert statuses.count(200) >= 4
    assert time.monotonic() - began < SECONDS


def test_nothing_of_keys_or_workbooks_is_in_the_log(server: Served) -> None:
    changes = {("activities", "I.1", "evidence"): "Zebra-4711"}
    server.post(CHECK, server.payload(changes=changes))
    server.post(CHECK, server.payload(changes=changes), "Zebra-key")
    server.get("/Zebra-path")
    server.get(STANDING)
    log = text_of(server.workspace / ".baocao" / "log" / ADDIN_FILE)
    assert "Zebra" not in log
    assert server.key not in log
    assert server.key.rpartition("-")[2] not in log
    assert [entry for entry in log_of(server) if entry["event"] != "addin_call"] == []


def _connected(server: Served) -> socket.socket:
    where = urlsplit(server.url)
    assert where.hostname
    assert where.port
    return socket.create_connection((where.hostname, where.port), timeout=SECONDS)


def _head(method: str, path: str, key: str, **headers: str) -> bytes:
    given = {"Host": "127.0.0.1", "Authorization": key, "Content-Type": "application/json", **headers}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items())]
    return "\r\n".join([*lines, "", ""]).encode()
