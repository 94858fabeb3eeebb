"""Letters over SMTP: one connection for many letters, and an exact outcome for every address.

A letter goes in steps, because what a broken connection means depends on the step: before the letter itself left, it
was surely not taken; from its first byte until the server's final word nobody knows (RFC 5321, 4.2.5 and 6.1).
"""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from sync.config import EMAIL, Mail
from sync.i18n import gettext as _
from sync.mail import rendering, tokens
from sync.mail.post import Outcome, PostUnavailable
from sync.mail.replies import Reply, refusal
from sync.mail.server import Server
from sync.mail.tokens import Tokens

if TYPE_CHECKING:
    from sync.office import OpenOffice

PATIENCE = 4
"""So many time-outs long the final word on a letter is waited for: giving up too early leaves its outcome unknown, and
servers that look for viruses are slow (RFC 5321, 4.5.3.2.6, wants ten minutes)."""
_CHUNK = 1 << 16
_NEEDS_LOGIN = (530, 535, 538)
"""Replies to RCPT that speak of our login and not of the address (RFC 4954)."""


class _Lost(Exception):
    """The connection broke, or the server's answer is none; it is closed already. The message can be shown."""


class Smtp:
    """A mail server as a Post."""

    def __init__(self, mail: Mail, tokens: Tokens | None = None) -> None:
        """`tokens` are for mail.login "google" and "microsoft". Nothing is connected here."""
        self._mail = mail
        self._server = Server(mail, tokens)
        self._connection: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None and kind is None:
            with suppress(OSError):
                self._connection.quit()
        self._close()

    def probe(self) -> None:
        """Connects, encrypts, logs in and takes its leave; sends nothing. Raises PostUnavailable."""
        with self:
            self._reopen()

    def send(
        self,
        message: EmailMessage,
        sender: str,
        addresses: Sequence[str],
        on_its_way: Callable[[Mapping[str, Outcome]], None],
    ) -> Mapping[str, Outcome]:
        """See Post.send. An address that is none is "permanent" and is not told to the server."""
        outcomes = {each: _no_address(each) for each in addresses if not EMAIL.fullmatch(each)}
        asked = [each for each in dict.fromkeys(addresses) if each not in outcomes]
        if asked:
            try:
                outcomes |= self._send(rendering.for_data(message), sender, asked, outcomes, on_its_way)
            except BaseException:
                # Whatever it was, the next letter must not begin in the middle of this one.
                self._close()
                raise
        return {each: outcomes[each] for each in addresses}

    def _send(
        self,
        content: bytes,
        sender: str,
        addresses: list[str],
        wrong: Mapping[str, Outcome],
        on_its_way: Callable[[Mapping[str, Outcome]], None],
    ) -> dict[str, Outcome]:
        begun = self._begin(sender, len(content))
        if not begun.is_good:
            return dict.fromkeys(addresses, Outcome("permanent", begun.code, begun.text))
        refused = self._offer(addresses)
        left = [each for each in addresses if each not in refused]
        if not left:
            self._reset()
            return refused
        on_its_way({**wrong, **refused})
        return refused | dict.fromkeys(left, self._deliver(content))

    def _begin(self, sender: str, size: int) -> Reply:
        """MAIL. The reply is good, or a refusal of this letter for its size. Raises PostUnavailable.

        A server may have closed the connection since the last letter, or want no more letters over it: then a new one
        is tried, once. Nothing is lost by that, because the letter is not named yet.
        """
        tries = (False, True) if self._connection is not None else (True,)
        for fresh in tries:
            if fresh:
                self._reopen()
            try:
                reply = self._ask(lambda connection: connection.mail(sender, _size_option(connection, size)))
            except _Lost as lost:
                if fresh:
                    raise self._unavailable(str(lost), temporary=True) from None
                continue
            if reply.is_good or reply.is_about_size:
                return reply
            if fresh or not reply.is_temporary:
                raise self._sender_refused(sender, reply)
        raise AssertionError("a fresh connection was not tried")

    def _offer(self, addresses: Sequence[str]) -> dict[str, Outcome]:
        """RCPT for each address; the outcomes of those that are refused, which are all where the connection breaks."""
        refused: dict[str, Outcome] = {}
        for address in addresses:
            try:
                reply = self._rcpt(address)
            except _Lost as lost:
                return dict.fromkeys(addresses, Outcome("temporary", None, str(lost))) | refused
            if reply.code in _NEEDS_LOGIN:
                raise self._unavailable(str(reply), temporary=False)
            if reply.code == 421:
                return dict.fromkeys(addresses, refusal(reply)) | refused
            if not reply.is_good:
                refused[address] = refusal(reply, of_address=True)
        return refused

    def _rcpt(self, address: str) -> Reply:
        return self._ask(lambda connection: connection.rcpt(address))

    def _deliver(self, content: bytes) -> Outcome:
        """DATA and the letter itself: the outcome of all addresses that are left."""
        try:
            reply = self._ask(lambda connection: connection.docmd("DATA"))
        except _Lost as lost:
            return Outcome("temporary", None, str(lost))
        if reply.code != 354:
            self._reset()
            return refusal(reply) if reply.code >= 400 else Outcome("temporary", reply.code, reply.text)
        try:
            reply = self._ask(lambda connection: self._hand_over(connection, content))
        except _Lost as lost:
            return Outcome("unknown", None, str(lost))
        if reply.is_good:
            return Outcome("sent", reply.code, reply.text)
        return refusal(reply) if reply.code >= 400 else Outcome("unknown", reply.code, reply.text)

    def _hand_over(self, connection: smtplib.SMTP, content: bytes) -> tuple[int, bytes]:
        # In pieces, because the time-out of sending is one for all that is sent at once, and lines are slow.
        for start in range(0, len(content), _CHUNK):
            connection.send(content[start : start + _CHUNK])
        self._wait_at_most(self._mail.timeout_seconds * PATIENCE)
        reply = connection.getreply()
        self._wait_at_most(self._mail.timeout_seconds)
        return reply

    def _wait_at_most(self, seconds: int) -> None:
        if self._connection is not None and self._connection.sock is not None:
            self._connection.sock.settimeout(seconds)

    def _ask(self, step: Callable[[smtplib.SMTP], tuple[int, bytes]]) -> Reply:
        """One step and the server's answer. Raises _Lost with the connection closed."""
        if self._connection is None:
            raise _Lost(_("the connection was lost"))
        try:
            code, words = step(self._connection)
        except OSError as error:
            self._close()
            raise _Lost(self._server.why(error)) from None
        if code < 200:
            self._close()
            raise _Lost(_("the server's answer is not SMTP"))
        if code == 421:
            self._close()  # The server does the same (RFC 5321, 3.8).
        return Reply(code, self._server.tell(words))

    def _reset(self) -> None:
        """Forgets the letter that was begun, so that the next one can begin."""
        try:
            reply = self._ask(lambda connection: connection.rset())
        except _Lost:
            return
        if not reply.is_good:
            self._close()

    def _reopen(self) -> None:
        self._close()
        self._connection = self._server.open()

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _sender_refused(self, sender: str, reply: Reply) -> PostUnavailable:
        if reply.is_temporary:
            return self._unavailable(str(reply), temporary=True)
        message = _(
            "The mail server {host} takes no letters from {sender}: {reply}. Check [mail] sender, user and login."
        )
        words = message.format(host=self._mail.host, sender=sender, reply=reply)
        return PostUnavailable(words, temporary=False)

    def _unavailable(self, reason: str, *, temporary: bool) -> PostUnavailable:
        message = _("The mail server {host} takes no letters now: {reason}")
        return PostUnavailable(message.format(host=self._mail.host, reason=reason), temporary=temporary)


def make(office: OpenOffice) -> Smtp:
    """The office's mail server; access tokens are kept in the workspace where that is needed."""
    return of_settings(office.settings.mail, office.workspace.state)


def of_settings(mail: Mail, state: Path) -> Smtp:
    """The mail server of [mail]; `state` is the folder in which a renewed refresh token is kept."""
    return Smtp(mail, tokens.make(mail, state))


def _no_address(address: str) -> Outcome:
    return Outcome("permanent", None, _("'{value}' is no e-mail address").format(value=ascii(address)[1:-1][:80]))


def _size_option(connection: smtplib.SMTP, size: int) -> list[str]:
    return [f"size={size}"] if connection.has_extn("size") else []
