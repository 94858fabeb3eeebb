"""The guard: an ASGI application around another one, which sees nothing that was not looked at here first."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sync import i18n, logs
from sync.config_model import LOOPBACK
from sync.errors import MendableError
from sync.serving import bodies, headers, outcomes, routes
from sync.serving.rates import Rates, caller
from sync.serving.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync.addin_config import Addin
    from sync.serving.desk import Desk

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

LOGGED_PER_MINUTE = 60
"""Refused calls that are logged, so that a flood does not wash everything else out of the log."""
CALLS_OF_ONE_KEY = 2
"""Calls of one key at the same time: a school has few hands."""

SAID_ONCE = (b"authorization", b"content-type", b"content-length", b"origin")
"""Headers that what is guarded might read another value of than the guard did."""


class Guard:
    """Lets calls through to `inner` that are allowed, each with its whole body; answers all others itself.

    `desk` knows the office, `clock` gives seconds that never go back.
    """

    def __init__(
        self, inner: Application, desk: Desk, settings: Addin, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._inner, self._desk, self._settings, self._clock = inner, desk, settings, clock
        self._of_address = Rates(settings.address_per_minute)
        self._of_key = Rates(settings.key_per_minute)
        self._logged = Rates(LOGGED_PER_MINUTE)
        self._inside: dict[str, int] = {}
        self._judging = asyncio.Semaphore(settings.calls_at_once)
        self._origins = {f"https://{settings.hostname}", *settings.origins}

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """The ASGI interface."""
        if scope["type"] == "lifespan":
            await self._inner(scope, receive, send)
        elif scope["type"] == "http":
            with i18n.using("vi"):
                await _Call(self, scope, receive, send).answer()
        # A web socket is closed by its server where nobody accepts it.

    # What one call asks; all of it is synchronous, so no other call comes between a question and its answer.

    def admit_address(self, address: str) -> None:
        """Raises Refusal where `address` calls too often. Nobody guesses 32 random bytes, but each try costs a look."""
        if not self._of_address.takes(caller(address), self._clock()):
            raise Refusal(429)

    def admit_key(self, key_id: str) -> None:
        """Raises Refusal where the key of this id calls too often."""
        if not self._of_key.takes(key_id, self._clock()):
            raise Refusal(429)

    @contextmanager
    def room(self, key_id: str) -> Iterator[None]:
        """A place for one workbook while it comes in and is judged. Raises Refusal where there is none."""
        most = self._settings.calls_at_once + self._settings.waiting
        if sum(self._inside.values()) >= most or self._inside.get(key_id, 0) >= CALLS_OF_ONE_KEY:
            raise Refusal(429)
        self._inside[key_id] = self._inside.get(key_id, 0) + 1
        try:
            yield
        finally:
            self._inside[key_id] -= 1
            if not self._inside[key_id]:
                del self._inside[key_id]

    def log(self, school: str | None, call: str, code: int, status: str | None, began: float) -> None:
        """Logs who called for what, and what came of it; nothing of what was sent."""
        if school is None and not self._logged.takes("", self._clock()):
            return
        known: dict[str, Any] = {name: value for name, value in (("school", school), ("status", status)) if value}
        logs.event("addin_call", kind=call, code=code, seconds=self._clock() - began, **known)

    def is_foreign(self, origin: str, host: str) -> bool:
        """Whether a browser calls from a page that is neither ours nor in the settings.

        `host` is whom it believes to call: on this machine itself our pages have another name.
        """
        here = f"http://{host}" if host.rpartition(":")[0] in LOOPBACK else ""
        return bool(origin) and origin not in {*self._origins, here}

    def now(self) -> float:
        """The clock's seconds."""
        return self._clock()

    @property
    def judging(self) -> asyncio.Semaphore:
        """Held while a workbook is judged."""
        return self._judging

    @property
    def inner(self) -> Application:
        """What is guarded."""
        return self._inner

    @property
    def desk(self) -> Desk:
        """Who knows the office."""
        return self._desk

    @property
    def settings(self) -> Addin:
        """The limits."""
        return self._settings


class _Call:
    """One call of HTTP."""

    def __init__(self, guard: Guard, scope: Message, receive: Receive, send: Send) -> None:
        self._guard, self._scope, self._receive, self._send = guard, scope, receive, send
        self._began = guard.now()
        self._headers: dict[bytes, bytes] = dict(scope["headers"])
        self._address = (scope.get("client") or ("",))[0]
        self._kind = routes.kind_of(scope["path"])
        self._school: str | None = None
        self._code = 0
        self._outcome: list[str] = []

    async def answer(self) -> None:
        """Answers it, come what may."""
        try:
            with outcomes.collecting() as self._outcome:
                await self._attempt()
        except bodies.Gone:
            self._code = 499
        except Refusal as refusal:
            await self._say(refusal)
        except MendableError as error:
            await self._say(self._told(error))
        except Exception as error:  # the caller is told, and the log has the place and nothing of the workbook
            logs.failure("addin_broke", error)
            await self._say(Refusal(500))
        if self._kind in ("question", "script") or self._code >= 400:
            status = next(iter(self._outcome), None)
            self._guard.log(self._school, self._call(), self._code, status, self._began)

    def _told(self, error: MendableError) -> Refusal:
        """Errors that are for the school have a status, and words for it; the others are the office's."""
        status = getattr(error, "status", None)
        if status is not None:
            return Refusal(status, str(error))
        logs.failure("addin_unready", error)
        return Refusal(503)

    async def _attempt(self) -> None:
        kind = self._allowed_kind()
        if kind == "page" or self._scope["method"] == "OPTIONS":
            await self._pass_on(self._receive)
            return
        self._guard.admit_address(self._address)
        key_id = await self._known_key()
        if kind == "question":
            await self._pass_on(self._receive)
            return
        self._check_type()
        with self._guard.room(key_id):
            body = [await self._body()]
            # What waits here is bytes; as objects, which are many times larger, there are never more than so many.
            async with self._guard.judging:
                await asyncio.to_thread(bodies.look_at, body[0])
                await self._pass_on(_once(body.pop(), self._receive))

    def _call(self) -> str:
        """What was asked for, in one word that is ours."""
        return (
            self._scope["path"].rpartition("/")[2] if self._kind in ("question", "script") else self._kind or "nothing"
        )

    def _allowed_kind(self) -> routes.Kind:
        if any(sum(name == each for name, _value in self._scope["headers"]) > 1 for each in SAID_ONCE):
            raise Refusal(400)
        method = self._scope["method"]
        preflight = method == "OPTIONS" and b"access-control-request-method" in self._headers
        if self._kind is None or len(self._scope.get("query_string", b"")) > routes.LONGEST_QUERY:
            raise Refusal(404)
        if not preflight and method not in routes.methods_of(self._kind):
            raise Refusal(405)
        if self._guard.is_foreign(self._header(b"origin"), self._header(b"host")):
            raise Refusal(403)
        return self._kind

    async def _known_key(self) -> str:
        """The id of the caller's key; its school is remembered. Raises KeyRefused, Refusal (429), LedgerError."""
        key = await asyncio.to_thread(self._guard.desk.key, self._header(b"authorization"))
        self._school = key.school
        self._guard.admit_key(key.id)
        return key.id

    def _check_type(self) -> None:
        if self._header(b"content-type").split(";")[0].strip().lower() != "application/json":
            raise Refusal(415)
        if self._header(b"content-encoding"):
            raise Refusal(415)

    async def _body(self) -> bytes:
        length = self._header(b"content-length")
        announced = int(length) if length.isdecimal() else None
        settings = self._guard.settings
        return await bodies.read(self._receive, settings.max_body_mb, settings.body_seconds, announced)

    def _header(self, name: bytes) -> str:
        return self._headers.get(name, b"").decode("latin-1")

    async def _pass_on(self, receive: Receive) -> None:
        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._code = message["status"]
                message = {**message, "headers": headers.with_ours(message.get("headers", ()))}
            await self._send(message)

        await self._guard.inner(self._scope, receive, send)

    async def _say(self, refusal: Refusal) -> None:
        if self._code:
            return  # the answer has begun; its connection ends without the rest
        self._code = refusal.status
        body = json.dumps({"detail": refusal.message}, ensure_ascii=False).encode()
        start = {"type": "http.response.start", "status": refusal.status, "headers": self._of(refusal, len(body))}
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})

    def _of(self, refusal: Refusal, length: int) -> Iterable[tuple[bytes, bytes]]:
        given = [
            (b"content-type", b"application/json; charset=utf-8"),
            (b"content-length", str(length).encode()),
            (b"cache-control", b"no-store"),
        ]
        if refusal.status == 429:
            given.append((b"retry-after", b"60"))
        if self._kind == "script" and refusal.status != 401:
            given.append((b"connection", b"close"))  # there may be more of a body that nobody reads
        return headers.with_ours(given)


def _once(body: bytes, receive: Receive) -> Receive:
    """A receive that gives `body`, and lets go of it, and then what the server says: that the caller hung up."""
    left = [body]

    async def replay() -> Message:
        return {"type": "http.request", "body": left.pop(), "more_body": False} if left else await receive()

    return replay
