"""From a request to its answer: who asks, what for, whether it fits Google's documents, and what comes of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from tests.fakes.google import discovery, drive, fields, sheets
from tests.fakes.google.answers import JSON, NotModelled, Refusal, Reply, dump, invalid, scope_missing
from tests.fakes.google.calls import Call, Operation
from tests.fakes.google.discovery import Method
from tests.fakes.google.faults import Fault, Faults, Request
from tests.fakes.google.quotas import Quotas
from tests.fakes.google.state import State
from tests.fakes.google.tokens import METHOD as TOKEN
from tests.fakes.google.tokens import Token, Tokens

OPERATIONS: Mapping[str, Operation] = {**sheets.OPERATIONS, **drive.OPERATIONS}
_ALWAYS = frozenset({"fields", "prettyPrint", "alt"})


class Logged(NamedTuple):
    """A request that came. `method` is Google's name for it, "" where there is none; `status` 0 is no answer."""

    method: str
    path: str
    account: str
    status: int


@dataclass(frozen=True, slots=True)
class Raw:
    """A request as it came over the wire; `target` has path and query."""

    verb: str
    target: str
    headers: Message
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def parameters(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.target).query, keep_blank_values=True)


class Service:
    """Answers requests, several at a time; what reads or changes `state` has the lock."""

    def __init__(self, state: State, tokens: Tokens, quotas: Quotas) -> None:
        self.state, self.tokens, self.quotas, self.faults = state, tokens, quotas, Faults()
        self.lock = threading.RLock()
        self.log: list[Logged] = []
        self.refused: list[str] = []
        self.errors: list[str] = []
        self.mails: list[str] = []

    def answer(self, raw: Raw) -> tuple[Reply | None, Fault | None]:
        """The answer, None where none is to be sent, and what goes wrong with it."""
        found = discovery.find(raw.verb, raw.path)
        method_id = TOKEN if (raw.verb, raw.path) == ("POST", "/token") else found[0].id if found else ""
        account = self._account(raw)
        request = Request(method_id, raw.verb, raw.path, raw.parameters, raw.body, account)
        fault = self.faults.take(request)
        reply = self._reply(raw, found, method_id, fault)
        with self.lock:
            silent = fault is not None and fault.way in {"reset", "stall"}
            status = 0 if silent or reply is None else reply.status
            self.log.append(Logged(method_id, raw.path, account, status))
        return reply, fault

    def _reply(
        self, raw: Raw, found: tuple[Method, dict[str, str]] | None, method_id: str, fault: Fault | None
    ) -> Reply | None:
        api = method_id.partition(".")[0]
        reply = self._real(raw, found, method_id) if fault is None or fault.commits else None
        if fault is not None and fault.reply is not None:
            reply = fault.reply(api)
            if found and reply.status == 200:
                self._remember(found[0].wrong_response(json.loads(reply.body)))
        return reply

    def _real(self, raw: Raw, found: tuple[Method, dict[str, str]] | None, method_id: str) -> Reply:
        if method_id == TOKEN:
            with self.lock:
                return self.tokens.answer(raw.body)[1]
        api = found[0].api if found else "sheets"
        try:
            if found is None:
                raise NotModelled(f"{raw.verb} {raw.path}")
            return self._call(raw, *found)
        except Refusal as refusal:
            return refusal.reply(api)
        except NotModelled as missing:
            return self._refuse(str(missing))

    def _call(self, raw: Raw, method: Method, path: dict[str, str]) -> Reply:
        token = self.tokens.account_of(raw.headers.get("Authorization", ""))
        if not token.scopes & method.scopes:
            raise scope_missing(method.api, method.id)
        operation = OPERATIONS.get(method.id)
        if operation is None:
            raise NotModelled(method.id)
        self._check_parameters(method, operation, raw.parameters)
        body, content, content_type = _parts(raw, method)
        self._check_request(method, body)
        parameters = method.typed(raw.parameters)
        given = frozenset(raw.parameters)
        only = token.scopes & method.scopes <= {"https://www.googleapis.com/auth/drive.file"}
        with self.lock:
            self.quotas.count(method.api, token.account, operation.quota)
            call = Call(
                method.id, self.state, token.account, only, path, parameters, given, body or {}, content, content_type
            )
            return self._done(method, operation, call)

    def _done(self, method: Method, operation: Operation, call: Call) -> Reply:
        mask = fields.parse(call.parameters.get("fields") or operation.default_fields or "*")
        if "fields" in call.given:
            fields.check(method.api, method.response, mask)
        answer = fields.applied(mask, operation.run(call))
        self._remember(method.wrong_response(answer))
        self.mails.extend(call.mails)
        return Reply(200, dump(answer))

    def _check_parameters(self, method: Method, operation: Operation, given: dict[str, list[str]]) -> None:
        if found := self._remember(method.wrong_parameters(given)):
            raise invalid(found[0])
        missing = sorted(set(given) - operation.parameters - _ALWAYS)
        if missing:
            raise NotModelled(f"{method.id} with the parameter {', '.join(missing)}")
        if given.get("alt", ["json"]) != ["json"]:
            raise NotModelled(f"{method.id} with alt={given['alt'][0]}")

    def _check_request(self, method: Method, body: dict[str, Any] | None) -> None:
        if found := self._remember(method.wrong_request(body)):
            raise invalid(f"Invalid JSON payload received. {found[0]}")

    def _account(self, raw: Raw) -> str:
        try:
            token: Token = self.tokens.account_of(raw.headers.get("Authorization", ""))
        except Refusal:
            return ""
        return token.account

    def _remember(self, errors: Any) -> list[str]:
        found = list(errors)
        with self.lock:
            self.errors.extend(found)
        return found

    def _refuse(self, what: str) -> Reply:
        with self.lock:
            self.refused.append(what)
        error = {"code": 501, "message": f"The stand-in does not model {what}.", "status": "UNIMPLEMENTED"}
        return Reply(501, dump({"error": error}))


def _parts(raw: Raw, method: Method) -> tuple[dict[str, Any] | None, bytes | None, str]:
    """The body's JSON, and the content that came with it. Raises NotModelled for other ways of upload."""
    kind = raw.headers.get("Content-Type", "")
    if method.upload:
        if raw.parameters.get("uploadType") != ["multipart"] or not kind.startswith("multipart/related"):
            raise NotModelled(f"{method.id} by uploadType {raw.parameters.get('uploadType')}, {kind}")
        (about_type, about), (content_type, content) = _multipart(raw.body, kind)
        return _json(about, about_type), content, content_type
    return (_json(raw.body, kind) if raw.body else None), None, ""


def _json(body: bytes, kind: str) -> dict[str, Any]:
    if not kind.lower().startswith(JSON.partition(";")[0]):
        raise NotModelled(f"a body of {kind or 'no type'}")
    try:
        parsed: dict[str, Any] = _set(json.loads(body))  # What is no object is found out by its schema.
    except ValueError:
        raise invalid("Invalid JSON payload received. Unexpected token.") from None
    return parsed


def _set(value: Any) -> Any:
    """Without fields that are null: to Google those are not set (https://protobuf.dev/programming-guides/json)."""
    if isinstance(value, dict):
        return {name: _set(item) for name, item in value.items() if item is not None}
    return [_set(item) for item in value] if isinstance(value, list) else value


def _multipart(body: bytes, kind: str) -> list[tuple[str, bytes]]:
    """The two parts of multipart/related (RFC 2387), each with its type."""
    boundary = kind.partition("boundary=")[2].partition(";")[0].strip('" ').encode()
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary) if boundary else []
    if len(pieces) != 4 or not pieces[3].startswith(b"--"):
        raise invalid("Malformed multipart body.")
    return [_part(piece) for piece in pieces[1:3]]


def _part(piece: bytes) -> tuple[str, bytes]:
    head, _, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    lines = [line.partition(":") for line in head.decode("latin-1").split("\r\n")]
    headers = {name.strip().lower(): value.strip() for name, _, value in lines}
    if headers.get("content-transfer-encoding", "binary") != "binary":
        raise NotModelled(f"a part with Content-Transfer-Encoding {headers['content-transfer-encoding']}")
    return headers.get("content-type", ""), content
