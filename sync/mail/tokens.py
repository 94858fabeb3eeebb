"""Access tokens for XOAUTH2: fetched when first needed, kept in memory until shortly before they expire."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from sync.config import Mail
from sync.config_model import LOOPBACK
from sync.i18n import gettext as _
from sync.mail.post import PostUnavailable
from sync.mail.replies import one_line

PROVIDERS = {"google": "sync.mail.google", "microsoft": "sync.mail.microsoft"}
"""Login → module, imported when a token is fetched by what the module's `fetcher` gives."""
MARGIN = timedelta(minutes=5)
"""So long before its end a token is not used any more: letters and clocks take their time."""
NEW_SIGN_IN = ("invalid_grant", "interaction_required", "consent_required")
"""OAuth errors that only somebody's signing in again mends (RFC 6749, 5.2; Microsoft has two more)."""

Clock = Callable[[], datetime]
"""The moment, aware."""


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and the moment at which it ends."""

    value: str = field(repr=False)
    ends_at: datetime


Fetch = Callable[[datetime], Token]
"""A new token as of a moment. Raises PostUnavailable."""


class Tokens:
    """The access tokens of one login."""

    def __init__(self, fetch: Fetch, clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._token: Token | None = None

    def get(self) -> str:
        """A token that holds for MARGIN at least, unless it was born shorter. Raises PostUnavailable."""
        now = self._clock()
        if self._token is None or now >= self._token.ends_at - MARGIN:
            self._token = self._fetch(now)
        return self._token.value

    def forget(self) -> None:
        """The next `get` fetches a new token: the server refused this one."""
        self._token = None

    @property
    def current(self) -> str:
        """The token in memory, "" for none: what must not be repeated."""
        return self._token.value if self._token else ""


def _now() -> datetime:
    return datetime.now(UTC)


def make(mail: Mail, state: Path, clock: Clock = _now) -> Tokens | None:
    """The access tokens of [mail]; None where its login needs none. `state`: the folder for a renewed refresh token."""
    if mail.login not in PROVIDERS:
        return None

    def fetch(now: datetime) -> Token:
        _check_address(mail.token_url)
        provider = import_module(PROVIDERS[mail.login])
        return cast("Token", provider.fetch(mail, state, now))

    return Tokens(fetch, clock)


def require(mail: Mail, *keys: str) -> None:
    """Raises PostUnavailable where one of the [mail] `keys` is empty."""
    empty = [key for key in keys if not str(getattr(mail, key) or "")]
    if empty:
        message = _('For login = "{login}", [mail] must have: {keys}. See docs/running.md.')
        raise PostUnavailable(message.format(login=mail.login, keys=", ".join(empty)), temporary=False)


def unreachable(reason: object) -> PostUnavailable:
    """The error for an address of tokens that does not answer as it should; another try may help."""
    return PostUnavailable(_("No access token for sending mail now: {reason}.").format(reason=one_line(str(reason))))


def refused(mail: Mail, error: str, description: str, *secrets: str) -> PostUnavailable:
    """The error for a login that is refused: `error` is OAuth's word, `description` the provider's.

    Of both, the secrets of [mail] and `secrets` are masked.
    """
    if error in NEW_SIGN_IN:
        message = _(
            "The sign-in for sending mail has ended or was withdrawn ({error}). Sign in again, see docs/running.md."
        )
        return PostUnavailable(message.format(error=error), temporary=False)
    hidden = (mail.client_secret.get_secret_value(), mail.refresh_token.get_secret_value(), *secrets)
    reason = one_line(f"{error}: {description}".strip(": "), hidden)
    message = _("No access token for sending mail: {reason}. Check [mail] client_id, client_secret, tenant and user.")
    return PostUnavailable(message.format(reason=reason), temporary=False)


def _check_address(url: str) -> None:
    """Raises PostUnavailable where the secrets would travel in clear text."""
    parts = urlsplit(url)
    if url and not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)):
        raise PostUnavailable(_("[mail] token_url must begin with https://."), temporary=False)
