"""Signing in at Google through google-auth: a service account's key file, or the machine's default credentials."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from http.client import OK
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from sync.config_model import LOOPBACK
from sync.google.problems import GoogleError
from sync.i18n import gettext as _

_AUTH = "https://www.googleapis.com/auth/"
PASS_SCOPES = (f"{_AUTH}spreadsheets", f"{_AUTH}drive.metadata.readonly")
"""What a pass needs: cells of spreadsheets, and of all else in Drive only what it is called and when it changed.

drive.file would not do: it is for files that this program made or was handed by Google's picker, and schools share
theirs as people do.
"""
SETUP_SCOPES = (f"{_AUTH}drive",)
"""What setting up needs: making spreadsheets in a folder, and sharing them.

files.create and permissions.create take drive or drive.file and nothing else (Google's discovery document of Drive
v3). With drive.file, a folder that people made does not exist. All of Sheets takes drive as well. A service account
sees what is shared with it, so that "all of Drive" is little.
"""
BUSY = (429, 500, 502, 503, 504)
"""Statuses after which the same may be asked again."""


class Keys(Protocol):
    """Where credentials come from, and whom they are shown to."""

    @property
    def key_file(self) -> str:
        """Path of a service account's key; empty for the machine's default credentials."""

    @property
    def endpoint(self) -> str:
        """Base address of a stand-in; empty for Google."""

    @property
    def timeout_seconds(self) -> float:
        """How long to wait for an answer."""


class Access:
    """The access tokens of one account: fetched when first needed, kept in memory until shortly before they expire."""

    def __init__(self, credentials: Any, timeout_seconds: float) -> None:
        self._credentials = credentials
        self._timeout = timeout_seconds
        self._request: Any = None

    @property
    def account(self) -> str:
        """The e-mail address that spreadsheets are shared with; "" where it is not known."""
        address = str(getattr(self._credentials, "service_account_email", None) or "")
        return address if "@" in address else ""

    def token(self) -> str:
        """A token that is good now. Raises google.auth.exceptions.GoogleAuthError; nothing is asked twice here."""
        from google.auth.credentials import TokenState

        if self._credentials.token_state != TokenState.FRESH:
            # Not before_request, which looks up regional boundaries of the account in a thread, elsewhere at Google.
            self._credentials.refresh(partial(_ask, self._transport(), self._timeout))
        return str(self._credentials.token)

    def forget(self) -> None:
        """The next `token` is a new one: Google refused this one."""
        self._credentials.token = None

    def close(self) -> None:
        """Lets go of connections; the access can be used again."""
        request, self._request = self._request, None
        if request is not None:
            request.session.close()

    def _transport(self) -> Any:
        from google.auth.transport.requests import Request

        if self._request is None:
            self._request = Request()
        return self._request


def make(keys: Keys, scopes: Sequence[str]) -> Access:
    """The access that `keys` name, good for `scopes`. Raises GoogleError of the kind "key"."""
    _check_address(keys.endpoint, _("[google] endpoint must begin with https://."))
    credentials = _of_file(keys.key_file, scopes) if keys.key_file else _of_machine(scopes)
    if keys.endpoint and hasattr(credentials, "with_token_uri"):
        # Not even the signing in goes to Google where a stand-in is meant.
        credentials = credentials.with_token_uri(f"{keys.endpoint.rstrip('/')}/token")
    return Access(credentials, keys.timeout_seconds)


def _of_file(file: str, scopes: Sequence[str]) -> Any:
    from google.oauth2 import service_account

    try:
        key = json.loads(Path(file).read_text(encoding="utf-8-sig"))
        _check_address(str(key["token_uri"]), _("token_uri must begin with https://"))
        read: Any = service_account.Credentials.from_service_account_info
        return read(key, scopes=list(scopes))
    except (OSError, ValueError, AttributeError, TypeError, KeyError, GoogleError) as error:
        raise _no_key(file, error) from None


def _no_key(file: str, error: Exception) -> GoogleError:
    """The library's words are not shown, because they may repeat what stands in the file."""
    reason = getattr(error, "strerror", None) or _("it is no key of a service account")
    if isinstance(error, GoogleError):
        reason = str(error)
    message = _("{file} ([google] key_file) cannot be used: {reason}. Make a new key of the service account as JSON.")
    return GoogleError("key", message.format(file=Path(file), reason=reason))


def _of_machine(scopes: Sequence[str]) -> Any:
    import google.auth
    from google.auth.exceptions import GoogleAuthError

    try:
        find: Any = google.auth.default
        credentials, _project = find(scopes=list(scopes))
    except (GoogleAuthError, OSError, ValueError):
        message = _(
            "This machine has no credentials for Google. Give [google] key_file, the JSON key of a service account."
        )
        raise GoogleError("key", message) from None
    return credentials


def _check_address(url: str, message: str) -> None:
    """Raises GoogleError with `message` where tokens would travel in clear text."""
    parts = urlsplit(url)
    if url and not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)):
        raise GoogleError("key", message)


def _ask(request: Any, timeout: float, url: str, method: str = "GET", **more: Any) -> Any:
    """One request of google-auth's, which would sleep and try again after some answers: those are errors at once."""
    from google.auth.exceptions import TransportError

    answer = request(url=url, method=method, **{**more, "timeout": timeout})
    if answer.status in BUSY or (answer.status == OK and not _is_object(answer.data)):
        raise TransportError(f"status {answer.status}")  # type: ignore[no-untyped-call]
    return answer


def _is_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except ValueError:
        return False
