"""Access tokens of Google, through google-auth: for a service account that may send as somebody, or for a person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sync.config import Mail
from sync.i18n import gettext as _
from sync.mail.post import PostUnavailable
from sync.mail.tokens import Token, refused, require, unreachable

if TYPE_CHECKING:
    from google.oauth2 import credentials, service_account

SCOPE = "https://mail.google.com/"
"""What SMTP asks for (developers.google.com/gmail/imap/xoauth2-protocol)."""
TOKEN_URL = "https://oauth2.googleapis.com/token"  # noqa: S105 (an address, no secret)
_LIFE = timedelta(hours=1)
"""Where Google does not say how long a token lives."""


def fetch(mail: Mail, state: Path, now: datetime) -> Token:  # noqa: ARG001 (one signature for all providers)
    """A new token. google-auth itself asks again, twice, where Google is busy. Raises PostUnavailable."""
    import requests
    from google.auth.exceptions import GoogleAuthError, RefreshError
    from google.auth.transport.requests import Request

    login: Any = _service_account(mail) if mail.key_file else _person(mail)
    with requests.Session() as session:
        try:
            login.refresh(partial(Request(session), timeout=mail.timeout_seconds))
        except RefreshError as error:
            raise _refused(mail, error) from None
        except GoogleAuthError as error:
            raise unreachable(type(error.args[0] if error.args else error).__name__) from None
    ends_at = login.expiry.replace(tzinfo=UTC) if login.expiry else now + _LIFE
    return Token(str(login.token), ends_at)


def _service_account(mail: Mail) -> service_account.Credentials:
    from google.oauth2 import service_account

    require(mail, "user")
    try:
        read: Any = service_account.Credentials.from_service_account_file
        account = read(mail.key_file, scopes=[SCOPE], subject=mail.user)
    except (OSError, ValueError) as error:
        # The library's words may repeat what stands in the file.
        reason = getattr(error, "strerror", None) or _("it is no key of a service account")
        message = _("{file} ([mail] key_file) cannot be used: {reason}.").format(file=mail.key_file, reason=reason)
        raise PostUnavailable(message, temporary=False) from None
    chosen: service_account.Credentials = account.with_token_uri(mail.token_url) if mail.token_url else account
    return chosen


def _person(mail: Mail) -> credentials.Credentials:
    from google.oauth2 import credentials

    require(mail, "user", "client_id", "client_secret", "refresh_token")
    return credentials.Credentials(  # type: ignore[no-untyped-call]
        None,
        refresh_token=mail.refresh_token.get_secret_value(),
        client_id=mail.client_id,
        client_secret=mail.client_secret.get_secret_value(),
        token_uri=mail.token_url or TOKEN_URL,
    )


def _refused(mail: Mail, error: Any) -> PostUnavailable:
    if error.retryable:
        return unreachable(_("the provider is busy"))
    answer = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], dict) else {}
    if not answer:
        return unreachable(_("the provider's answer is none that OAuth knows"))
    return refused(mail, str(answer.get("error", "")), str(answer.get("error_description", "")))
