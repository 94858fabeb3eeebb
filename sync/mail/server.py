"""The mail server of [mail]: connecting, TLS with a verified certificate, logging in; its words made safe to show."""

from __future__ import annotations

import base64
import smtplib
import ssl
from collections.abc import Iterator
from typing import Any

from sync.config import Mail
from sync.i18n import gettext as _
from sync.mail import troubles
from sync.mail.post import PostUnavailable
from sync.mail.replies import Reply, one_line
from sync.mail.tokens import Tokens
from sync.mail.troubles import LoginRefused


class Server:
    """One server with one login. Nothing is connected before `open`."""

    def __init__(self, mail: Mail, tokens: Tokens | None = None) -> None:
        self._mail = mail
        self._tokens = tokens

    def open(self) -> smtplib.SMTP:
        """A connection that is encrypted, verified and logged in, as the settings have it. Raises PostUnavailable.

        An access token that the server refuses is fetched anew, once.
        """
        try:
            return self._open()
        except LoginRefused:
            if self._tokens is None:
                raise
            self._tokens.forget()
        return self._open()

    def tell(self, words: bytes | str) -> str:
        """The server's words as they can be shown: one line, without secrets."""
        return one_line(words, self._secrets())

    def why(self, error: Exception) -> str:
        """Why a conversation broke off, as a part of a sentence."""
        if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
            return _("no answer in time")
        if isinstance(error, smtplib.SMTPServerDisconnected):
            return _("the connection was lost")
        return self.tell(getattr(error, "strerror", None) or str(error))

    def _open(self) -> smtplib.SMTP:
        context = self._context()
        connection: smtplib.SMTP | None = None
        try:
            connection = self._dial(context)
            self._greet(connection, context)
            self._log_in(connection)
        except BaseException as error:
            if connection is not None:
                connection.close()
            # A host name that is none is a ValueError from its encoding.
            if isinstance(error, (OSError, ValueError)):
                raise troubles.explained(error, self._mail, self.tell, self.why) from None
            raise
        return connection

    def _context(self) -> ssl.SSLContext | None:
        if self._mail.security == "none":
            return None
        try:
            return ssl.create_default_context(cafile=self._mail.ca_file or None)
        except OSError as error:
            message = _("The certificates in {file} ([mail] ca_file) cannot be read: {reason}.")
            reason = self.tell(error.strerror or str(error))
            raise PostUnavailable(message.format(file=self._mail.ca_file, reason=reason), temporary=False) from None

    def _dial(self, context: ssl.SSLContext | None) -> smtplib.SMTP:
        mail = self._mail
        if mail.security == "tls":
            return smtplib.SMTP_SSL(mail.host, mail.port, self._own_name, timeout=mail.timeout_seconds, context=context)
        return smtplib.SMTP(mail.host, mail.port, self._own_name, timeout=mail.timeout_seconds)

    @property
    def _own_name(self) -> str:
        """What we call ourselves: the domain of our letters, which says nothing about this machine.

        Google's relay wants it to be the office's domain; other servers want it to look like one (RFC 5321, 4.1.1.1).
        """
        return (self._mail.sender or self._mail.user).rpartition("@")[2] or "[127.0.0.1]"

    def _greet(self, connection: smtplib.SMTP, context: ssl.SSLContext | None) -> None:
        connection.ehlo_or_helo_if_needed()
        if self._mail.security == "starttls":
            connection.starttls(context=context)
            connection.ehlo_or_helo_if_needed()

    def _log_in(self, connection: smtplib.SMTP) -> None:
        try:
            if self._tokens is not None:
                self._log_in_by_token(connection, self._tokens.get())
            elif self._mail.login == "password":
                self._log_in_by_password(connection)
        except smtplib.SMTPAuthenticationError as error:
            reply = Reply(error.smtp_code, self.tell(error.smtp_error))
            raise troubles.login_refused(self._mail, reply) from None
        except (smtplib.SMTPServerDisconnected, smtplib.SMTPResponseException):
            raise
        except (smtplib.SMTPException, ValueError):
            # No AUTH, no mechanism that both know, or challenges that are none. Their texts may repeat what was sent.
            raise troubles.no_login(self._mail) from None

    def _log_in_by_password(self, connection: smtplib.SMTP) -> None:
        user, password = self._mail.user, self._mail.password.get_secret_value()
        if not user or not password:
            raise LoginRefused(_('[mail] user and password must be given, or login = "none".'))
        if not (user + password).isascii():
            raise LoginRefused(_("[mail] user and password may only have letters without diacritics."))
        # One kind only, unlike smtplib's login: every wrong try more brings the account nearer to being locked.
        connection.user, connection.password = user, password
        ways: dict[str, Any] = {
            "PLAIN": connection.auth_plain,
            "LOGIN": connection.auth_login,
            "CRAM-MD5": connection.auth_cram_md5,
        }
        offered = _offered(connection)
        way = next((each for each in ways if each in offered), None)
        if way is None:
            raise smtplib.SMTPNotSupportedError
        connection.auth(way, ways[way])

    def _log_in_by_token(self, connection: smtplib.SMTP, token: str) -> None:
        if "XOAUTH2" not in _offered(connection):
            raise smtplib.SMTPNotSupportedError

        def answer(challenge: bytes | None = None) -> str:
            # A challenge is the server's complaint in JSON; the refusal itself follows an empty answer.
            return _xoauth2(self._mail.user, token) if challenge is None else ""

        connection.auth("XOAUTH2", answer)

    def _secrets(self) -> Iterator[str]:
        """Everything that a server might echo, also as it goes over the wire."""
        mail = self._mail
        plain = [each.get_secret_value() for each in (mail.password, mail.client_secret, mail.refresh_token)]
        plain = [secret for secret in plain if secret]
        wire = [f"\0{mail.user}\0{secret}" for secret in plain]
        if self._tokens is not None and self._tokens.current:
            plain.append(self._tokens.current)
            wire.append(_xoauth2(mail.user, self._tokens.current))
        yield from plain
        yield from (base64.b64encode(each.encode()).decode() for each in (*plain, *wire))


def _offered(connection: smtplib.SMTP) -> list[str]:
    return connection.esmtp_features.get("auth", "").upper().split()


def _xoauth2(user: str, token: str) -> str:
    """The login by access token; Microsoft's is Google's (developers.google.com/gmail/imap/xoauth2-protocol)."""
    return f"user={user}\1auth=Bearer {token}\1\1"
