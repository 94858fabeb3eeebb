"""Access tokens of Microsoft 365: the refresh-token grant, and keeping the refresh token that each grant renews.

learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#refresh-the-access-token
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sync.config import Mail
from sync.i18n import gettext as _
from sync.mail.tokens import Token, refused, require, unreachable

SCOPE = "https://outlook.office.com/SMTP.Send offline_access"
TOKEN_URL = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"  # noqa: S105 (an address, no secret)
KEPT = "microsoft-refresh-token"
"""The file in the workspace's state that has the renewed refresh token."""
_BUSY = (408, 425, 429, 500, 502, 503, 504)
_LIFE = 3600
"""Seconds that a token lives where Microsoft does not say."""

log = logging.getLogger(__name__)


def fetch(mail: Mail, state: Path, now: datetime) -> Token:
    """A new token; a refresh token that comes with it is kept in `state`. Raises PostUnavailable."""
    require(mail, "user", "client_id", "refresh_token")
    answer = _ask(mail, _kept(mail, state / KEPT) or mail.refresh_token.get_secret_value())
    token, renewed = answer.get("access_token"), answer.get("refresh_token")
    if not isinstance(token, str) or not token:
        raise unreachable(_("the provider's answer is none that OAuth knows"))
    if isinstance(renewed, str) and renewed:
        _keep(mail, state / KEPT, renewed)
    return Token(token, now + timedelta(seconds=_seconds(answer.get("expires_in"))))


def _ask(mail: Mail, refresh_token: str) -> dict[str, Any]:
    import requests

    form = {"client_id": mail.client_id, "grant_type": "refresh_token", "refresh_token": refresh_token, "scope": SCOPE}
    if mail.client_secret.get_secret_value():
        form["client_secret"] = mail.client_secret.get_secret_value()
    url = mail.token_url or TOKEN_URL.format(tenant=mail.tenant)
    try:
        # A redirect would carry the secrets elsewhere.
        response = requests.post(url, data=form, timeout=mail.timeout_seconds, allow_redirects=False)
    except requests.RequestException as error:
        raise unreachable(type(error).__name__) from None
    return _answer(mail, response.status_code, response.content, refresh_token)


def _answer(mail: Mail, status: int, content: bytes, refresh_token: str) -> dict[str, Any]:
    if status in _BUSY:
        raise unreachable(_("the provider is busy"))
    try:
        answer = json.loads(content)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise unreachable(_("the provider's answer is none that OAuth knows"))
    if status != 200:
        # The description goes on for lines with ids of the request; its first line says it.
        first_line = str(answer.get("error_description", "")).partition("\r\n")[0]
        raise refused(mail, str(answer.get("error", status)), first_line, refresh_token)
    return answer


def _seconds(value: object) -> int:
    try:
        return int(str(value))
    except ValueError:
        return _LIFE


def _fingerprint(mail: Mail) -> str:
    """What a kept token belongs to: with another token in the settings, that one goes first."""
    configured = f"{mail.client_id}\0{mail.refresh_token.get_secret_value()}"
    return hashlib.sha256(configured.encode()).hexdigest()


def _kept(mail: Mail, file: Path) -> str:
    """The renewed refresh token, "" where there is none for these settings."""
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    if not isinstance(kept, dict) or kept.get("for") != _fingerprint(mail):
        return ""
    return str(kept.get("refresh_token", ""))


def _keep(mail: Mail, file: Path, renewed: str) -> None:
    """Puts the token there for this user alone, whole or not at all.

    A failure is told in the log only: the access token is good, and Microsoft does not withdraw the older one yet.
    """
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)  # mode 0600
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as opened:
                json.dump({"for": _fingerprint(mail), "refresh_token": renewed}, opened)
                opened.flush()
                os.fsync(opened.fileno())
            Path(temporary).replace(file)
        finally:
            Path(temporary).unlink(missing_ok=True)
    except OSError as error:
        log.warning("the renewed refresh token could not be kept: %s", error.strerror)
