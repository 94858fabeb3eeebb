"""Accounts, their key files, and the endpoint that gives them access tokens.

https://developers.google.com/identity/protocols/oauth2/service-account#httprest
"""

from __future__ import annotations

import functools
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from tests.fakes.google.answers import Reply, dump, unauthenticated
from tests.fakes.google.discovery import APIS, document

AUDIENCE = "https://oauth2.googleapis.com/token"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
METHOD = "oauth2.token"
_LIFETIME = timedelta(seconds=3599)


@functools.cache
def private_key(account: str) -> tuple[str, str]:
    """An account's private and public key in PEM; made once in a process, since that takes long."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


@dataclass(frozen=True, slots=True, repr=False)
class Token:
    """What an access token is good for, until a moment of the real clock."""

    account: str
    scopes: frozenset[str]
    until: datetime


@dataclass(slots=True, repr=False)
class Tokens:
    """The endpoint: it knows accounts and the tokens that it gave out. The clock is the real one, as it is
    for who signs what is checked here."""

    url: str
    accounts: set[str]
    given: dict[str, Token] = field(default_factory=dict)

    def write_key(self, folder: Path, account: str) -> Path:
        """A service account's key file."""
        self.accounts.add(account)
        private, _public = private_key(account)
        key = {
            "type": "service_account",
            "project_id": "truong-hoc",
            "private_key_id": _key_id(account),
            "private_key": private,
            "client_email": account,
            "client_id": "100000000000000000001",
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": self.url,
            "auth_provider_x509_cert_url": "https://www.googleapis.com/oauth2/v1/certs",
            "universe_domain": "googleapis.com",
        }
        file = folder / f"{account.partition('@')[0]}.json"
        file.write_text(json.dumps(key, indent=2), encoding="utf-8")
        return file

    def answer(self, body: bytes) -> tuple[str, Reply]:
        """The account that asks, "" where it is not known, and the answer."""
        form = {name: values[0] for name, values in parse_qs(body.decode(errors="replace")).items()}
        if form.get("grant_type") != GRANT:
            return "", _no("unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type', '')}")
        account = _claimed(form.get("assertion", ""))
        if account not in self.accounts:
            return "", _no("invalid_grant", "Invalid grant: account not found")
        return account, self._give(account, form["assertion"])

    def account_of(self, authorization: str) -> Token:
        """Whose token a header has. Raises Refusal for none, an unknown or an old one."""
        scheme, _, text = authorization.partition(" ")
        token = self.given.get(text) if scheme == "Bearer" else None
        if token is None or token.until <= datetime.now(UTC):
            raise unauthenticated()
        return token

    def expire(self) -> None:
        """All tokens that were given out are no longer good."""
        self.given.clear()

    def _give(self, account: str, assertion: str) -> Reply:
        from google.auth import exceptions

        try:
            claims = _decode(
                assertion, certs=private_key(account)[1], audience=[AUDIENCE, self.url], clock_skew_in_seconds=10
            )
        except (ValueError, exceptions.GoogleAuthError) as error:
            return _no("invalid_grant", f"Invalid JWT: {error}")
        if _header(assertion).get("alg") != "RS256":
            return _no("invalid_grant", "Invalid JWT: not signed with RS256")
        scopes = frozenset(str(claims.get("scope", "")).split())
        if not scopes or scopes - known_scopes():
            return _no("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        token = "ya29.c." + secrets.token_urlsafe(96)
        self.given[token] = Token(account, scopes, datetime.now(UTC) + _LIFETIME)
        answer = {"access_token": token, "expires_in": int(_LIFETIME.total_seconds()), "token_type": "Bearer"}
        return Reply(200, dump(answer))


@functools.cache
def known_scopes() -> frozenset[str]:
    """The scopes of both APIs."""
    return frozenset(scope for api in APIS for scope in document(api)["auth"]["oauth2"]["scopes"])


def _key_id(account: str) -> str:
    return hashlib.sha1(account.encode(), usedforsecurity=False).hexdigest()


def _claimed(assertion: str) -> str:
    """Whom an assertion says it is from; "" where it is none."""
    from google.auth import exceptions

    try:
        claims = _decode(assertion, verify=False)
    except (ValueError, exceptions.GoogleAuthError):
        return ""
    return str(claims.get("iss", ""))


def _no(error: str, description: str) -> Reply:
    return Reply(400, dump({"error": error, "error_description": description}))


def _decode(assertion: str, **how: Any) -> Mapping[str, Any]:
    from google.auth import jwt

    claims: Mapping[str, Any] = jwt.decode(assertion, **how)  # type: ignore[no-untyped-call]  # It has few types.
    return claims


def _header(assertion: str) -> Mapping[str, Any]:
    from google.auth import jwt

    header: Mapping[str, Any] = jwt.decode_header(assertion)  # type: ignore[no-untyped-call]  # It has few types.
    return header
