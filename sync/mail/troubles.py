"""Why a mail server cannot be used: errors of connecting and logging in → one clear line that says what to do."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Callable

from sync.config import Mail
from sync.i18n import gettext as _
from sync.mail.post import PostUnavailable
from sync.mail.replies import Reply

_NOT_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG")
"""What OpenSSL calls an answer that is no TLS."""
_HOST_MISMATCH = (62, 64)
"""OpenSSL's X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH."""


class LoginRefused(PostUnavailable):
    """The server refuses the login for good."""

    def __init__(self, message: str) -> None:
        super().__init__(message, temporary=False)


def login_refused(mail: Mail, reply: Reply) -> PostUnavailable:
    """The error for a login that the server refused with `reply`; LoginRefused where it is for good."""
    words = {"host": mail.host, "user": mail.user, "reply": reply}
    if reply.is_temporary:
        return PostUnavailable(_("The mail server {host} takes no login now: {reply}").format(**words))
    message = _("The mail server {host} refuses the login of {user}: {reply}. Check [mail] login, user and password.")
    return LoginRefused(message.format(**words))


def no_login(mail: Mail) -> PostUnavailable:
    """The error for a server that knows no login of the kind that the settings have."""
    message = _('The mail server {host} offers no login of the kind "{login}". Check [mail] login and security.')
    return PostUnavailable(message.format(host=mail.host, login=mail.login), temporary=False)


def explained(
    error: Exception, mail: Mail, tell: Callable[[bytes | str], str], why: Callable[[Exception], str]
) -> PostUnavailable:
    """The error for a connection that failed with `error`, an OSError or ValueError.

    `tell` makes words safe to show, `why` an error to a part of a sentence. A wrong setting is not temporary.
    """
    where = {"host": mail.host, "port": mail.port}
    if isinstance(error, ssl.SSLError):
        return _untrusted(error, mail, tell)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return _no_starttls(mail)
    if isinstance(error, smtplib.SMTPResponseException):
        reply = Reply(error.smtp_code, tell(error.smtp_error))
        message = _("The mail server {host} refuses to talk to us: {reply}")
        return PostUnavailable(message.format(**where, reply=reply), temporary=not 500 <= reply.code < 600)
    # A host name that cannot be one is a ValueError from its encoding.
    if isinstance(error, socket.gaierror) or not isinstance(error, OSError):
        message = _("The mail server {host} is not found. Check the internet connection and [mail] host.")
        return PostUnavailable(message.format(**where))
    message = _("The mail server {host} cannot be reached at port {port}: {reason}.")
    return PostUnavailable(message.format(**where, reason=why(error)))


def _no_starttls(mail: Mail) -> PostUnavailable:
    message = _(
        "The mail server {host} offers no encryption (STARTTLS) at port {port}, so nothing was sent. "
        "Check [mail] port and security."
    )
    return PostUnavailable(message.format(host=mail.host, port=mail.port), temporary=False)


def _untrusted(error: ssl.SSLError, mail: Mail, tell: Callable[[bytes | str], str]) -> PostUnavailable:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _wrong_certificate(error, mail, tell)
    if error.reason in _NOT_TLS:
        message = _(
            "The mail server {host} speaks no TLS at port {port}. "
            "Check [mail] port and security: 587 is starttls, 465 is tls."
        )
        return PostUnavailable(message.format(host=mail.host, port=mail.port), temporary=False)
    message = _("No encrypted connection with the mail server {host}: {reason}.")
    reason = tell(error.reason) if error.reason else _("the connection was lost")
    return PostUnavailable(message.format(host=mail.host, reason=reason))


def _wrong_certificate(
    error: ssl.SSLCertVerificationError, mail: Mail, tell: Callable[[bytes | str], str]
) -> PostUnavailable:
    if error.verify_code in _HOST_MISMATCH:
        message = _(
            "The certificate of the mail server is not for {host}. Write the server's own name into [mail] host."
        )
        return PostUnavailable(message.format(host=mail.host), temporary=False)
    message = _(
        "The certificate of the mail server {host} is not to be trusted: {reason}. "
        "Ask who runs the server; [mail] ca_file can name a certificate to trust."
    )
    return PostUnavailable(message.format(host=mail.host, reason=tell(error.verify_message)), temporary=False)
