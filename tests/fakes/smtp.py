"""A real SMTP server on loopback, in a thread of its own, that misbehaves as a script says.

It is aiosmtpd with faults put between the commands, and it keeps what it took: `delivered`. What a client said is in
`said`, so that a test can tell connections and commands.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import pytest
import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from sync.config import Mail

Step = Literal["greeting", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "body", "reply", "after", "QUIT", "RSET"]
"""Where a fault comes. DATA: before 354. body: while the letter is coming. reply: the letter is taken, and before the
server says so. after: when it has said so."""
SENDER = "so-lieu@phong.example.vn"
DROP = "drop"
STALL = "stall"
_BACKLOG = 512


@dataclass(frozen=True, slots=True)
class Fault:
    """At a step: DROP (the connection is cut), STALL (no answer ever), or the text of another reply, which may have
    several lines. `times`: how often, None for always. `address`: for this address only, at RCPT."""

    at: Step
    what: str
    times: int | None = None
    address: str = ""

    def __post_init__(self) -> None:
        if self.at == "body" and self.what not in {DROP, STALL}:
            raise ValueError("a server has nothing to say while a letter is coming")


@dataclass(frozen=True, slots=True)
class Script:
    """How a server behaves. Without anything it takes every letter, in clear text, without a login.

    passwords: of users; tokens: access tokens that are good for XOAUTH2. Either makes a login necessary. echo: a login
    that is refused is repeated in the reply. greylist: each address is refused with 451 at first. size: of the largest
    letter in bytes. certificate: makes the server offer TLS, at once (`tls`) or by STARTTLS.
    """

    faults: Sequence[Fault] = ()
    passwords: Mapping[str, str] = field(default_factory=dict)
    tokens: Sequence[str] = ()
    mechanisms: Sequence[str] = ("LOGIN", "PLAIN")
    echo: bool = False
    greylist: bool = False
    size: int = 50_000_000
    certificate: trustme.LeafCert | None = None
    tls: bool = False


@dataclass(frozen=True, slots=True)
class Delivered:
    """A letter that the server took."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        parsed = message_from_bytes(self.content, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])


class SmtpServer:
    """The server, at `host` and `port` while the context is open. `script` may be changed between two letters."""

    host = "127.0.0.1"

    def __init__(self, script: Script = Script()) -> None:
        self.script = script
        self.port = 0
        self.delivered: list[Delivered] = []
        self.said: list[tuple[str, str]] = []
        """Commands and their arguments, those of AUTH without."""
        self.connections = 0
        self.errors: list[BaseException] = []
        """What went wrong in the server itself."""
        self._done: list[tuple[Script, Fault]] = []
        self._known: set[str] = set()
        self._loop = asyncio.new_event_loop()
        self._sessions: set[_Session] = set()
        self._listening: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._run, name="smtp", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.listen()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wait_for(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        if self.errors and kind is None:
            raise self.errors[0]

    def listen(self) -> None:
        """Takes connections, at the same port as before."""
        self._wait_for(self._listen())

    def refuse(self) -> None:
        """Refuses connections from now on, and cuts those that there are."""
        self._wait_for(self._stop())

    def commands(self, *names: str) -> list[str]:
        """The commands that were said, in their order; only those of `names` where some are given."""
        return [command for command, _argument in self.said if not names or command in names]

    def settings(self, **changes: Any) -> Mail:
        """[mail] for this server: one second of time-out, no login, no encryption."""
        given = {"host": self.host, "port": self.port, "security": "none", "login": "none"}
        return Mail.model_validate({**given, "sender": SENDER, "timeout_seconds": 1, **changes})

    def fault(self, at: Step, address: str = "") -> str:
        """What goes wrong at a step now, "" for nothing."""
        for each in self.script.faults:
            if each.at != at or each.address not in {"", address}:
                continue
            done = sum(script is self.script and fault is each for script, fault in self._done)
            if each.times is None or done < each.times:
                self._done.append((self.script, each))
                return each.what
        return ""

    def is_new(self, address: str) -> bool:
        """Whether an address is seen for the first time; then it is no more."""
        if address in self._known:
            return False
        self._known.add(address)
        return True

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.set_exception_handler(self._went_wrong)
        self._loop.run_forever()

    def _went_wrong(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        # Clients that are killed or cut are what the server is for.
        error = context.get("exception")
        if isinstance(error, BaseException) and not isinstance(error, OSError):
            self.errors.append(error)

    def _wait_for(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> None:
        script = self.script
        context = tls_context(script.certificate) if script.certificate and script.tls else None
        self._listening = await self._loop.create_server(
            self._session, self.host, self.port, ssl=context, backlog=_BACKLOG, reuse_address=True
        )
        self.port = self._listening.sockets[0].getsockname()[1]

    async def _stop(self) -> None:
        if self._listening is not None:
            self._listening.close()
            self._listening = None
        for session in tuple(self._sessions):
            session.cut()
        mine = asyncio.current_task()
        tasks = [task for task in asyncio.all_tasks(self._loop) if task is not mine]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _session(self) -> _Session:
        session = _Session(self, self._loop)
        self._sessions.add(session)
        return session

    def ended(self, session: _Session) -> None:
        """A connection is over."""
        self._sessions.discard(session)


class _Handler:
    """Takes the letters of one connection."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server

    async def handle_EHLO(  # noqa: N802 (aiosmtpd's name)
        self, smtp: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        script = self._server.script
        offered = ["XOAUTH2"] if script.tokens else [*script.mechanisms] if script.passwords else []
        kept = [line for line in responses if not line.startswith("250-AUTH")]
        has_auth = len(kept) < len(responses) and bool(offered)
        return [*kept[:-1], *([f"250-AUTH {' '.join(offered)}"] if has_auth else []), kept[-1]]

    async def handle_DATA(self, smtp: _Session, session: Session, envelope: Envelope) -> str:  # noqa: N802
        what = self._server.fault("reply")
        if what not in {"", DROP, STALL}:
            return what
        content = envelope.original_content or b""
        self._server.delivered.append(Delivered(str(envelope.mail_from), tuple(envelope.rcpt_tos), content))
        await smtp.break_off(what)
        return "250 2.0.0 OK: queued as 12345"


class _Session(SMTP):
    """One connection."""

    def __init__(self, server: SmtpServer, loop: asyncio.AbstractEventLoop) -> None:
        script = server.script
        by_command = script.certificate is not None and not script.tls
        super().__init__(
            _Handler(server),
            hostname="mail.example.vn",
            ident="ESMTP",
            data_size_limit=script.size,
            enable_SMTPUTF8=True,
            tls_context=tls_context(script.certificate) if script.certificate and by_command else None,
            auth_require_tls=by_command,
            authenticator=self._is_known,
            loop=loop,
        )
        self._server = server
        self._greeted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not self._greeted:
            self._server.connections += 1
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._server.ended(self)
        super().connection_lost(error)

    def cut(self) -> None:
        """The connection breaks, as if the cable did."""
        transport = self.transport
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()

    async def goes_on(self, at: Step, address: str = "") -> bool:
        """Whether nothing goes wrong here; what goes wrong is done."""
        what = self._server.fault(at, address)
        await self.break_off(what)
        if what:
            await super().push(what)
            if what.startswith("421"):
                self._writer.close()
        return not what

    async def break_off(self, what: str) -> None:
        """Does what DROP and STALL say, and does not come back from it."""
        if what == DROP:
            self.cut()
            raise asyncio.CancelledError
        if what == STALL:
            await asyncio.Event().wait()

    async def push(self, status: Any) -> None:
        if not self._greeted:
            self._greeted = True
            if not await self.goes_on("greeting"):
                raise asyncio.CancelledError
        await super().push(status)

    async def _on(self, command: Step, argument: str | None, address: str = "") -> bool:
        self._server.said.append((command, "" if command == "AUTH" else argument or ""))
        return await self.goes_on(command, address)

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802
        if await self._on("EHLO", hostname):
            await super().smtp_EHLO(hostname)

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802
        if await self._on("STARTTLS", arg):
            await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802
        if await self._on("AUTH", arg):
            await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        script, session = self._server.script, self.session
        if not await self._on("MAIL", arg):
            return
        if (script.passwords or script.tokens) and not (session and session.authenticated):
            await self.push("530 5.7.0 Authentication required")
        else:
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        address = (arg or "").partition("<")[2].partition(">")[0]
        if not await self._on("RCPT", arg, address):
            return
        if self._server.script.greylist and self._server.is_new(address):
            await self.push("451 4.7.1 Greylisted, please try again later")
        else:
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        if not await self._on("DATA", arg):
            return
        what = self._server.fault("body")
        if what:
            await self._break_the_body(what)
            return
        await super().smtp_DATA(arg)
        await self.goes_on("after")

    async def _break_the_body(self, what: str) -> None:
        await super().push("354 go on")
        await self._reader.readline()
        await self.break_off(what)

    async def smtp_RSET(self, arg: str) -> None:  # noqa: N802
        if await self._on("RSET", arg):
            await super().smtp_RSET(arg)

    async def smtp_QUIT(self, arg: str) -> None:  # noqa: N802
        if await self._on("QUIT", arg):
            await super().smtp_QUIT(arg)

    async def auth_XOAUTH2(self, _server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        """Google's and Microsoft's: `user=…^Aauth=Bearer …^A^A`; a refusal is JSON first, 535 after an empty answer."""
        said = base64.b64decode(args[1]).decode() if len(args) > 1 else ""
        token = said.partition("auth=Bearer ")[2].rstrip("\1")
        if said.startswith("user=") and said.endswith("\1\1") and token in self._server.script.tokens:
            return AuthResult(success=True, auth_data=LoginPassword(b"", b""))
        await self.challenge_auth('{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}')
        return AuthResult(success=False, handled=False, message=self._refusal(token))

    def _is_known(self, _server: SMTP, _session: Session, _envelope: Envelope, _way: str, given: Any) -> AuthResult:
        user, password = given.login.decode(), given.password.decode()
        if self._server.script.passwords.get(user) == password:
            return AuthResult(success=True, auth_data=given)
        return AuthResult(success=False, handled=False, message=self._refusal(password))

    def _refusal(self, secret: str) -> str:
        echoed = f" ({secret}, {base64.b64encode(secret.encode()).decode()})" if self._server.script.echo else ""
        return f"535 5.7.8 Username and password not accepted{echoed}"


def tls_context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    """A server's TLS with `certificate`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def write_authority(authority: trustme.CA, folder: Path) -> str:
    """The path of a file for [mail] ca_file that makes `authority` trusted."""
    file = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(file))
    return str(file)


@pytest.fixture
def smtp_server() -> Iterator[SmtpServer]:
    """A server that takes every letter; `script` may be changed."""
    with SmtpServer() as server:
        yield server
