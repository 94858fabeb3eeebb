"""Keys of schools: what opens the server of the add-in, for one school each.

A key reads `bc-<id>-<secret>`. The id is public, and names the key in lists and logs. Of the secret, 32 random bytes in
base64url, the ledger has the SHA-256 alone: a secret that no dictionary can hold needs no slow hash.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from sync.errors import MendableError
from sync.i18n import gettext as _

if TYPE_CHECKING:
    from sync.schools import Schools

ID_LENGTH = 10
LONGEST = 128
"""Characters of a header that is looked at at all; a key has 57."""

_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # no l, o, 0, 1: ids are read out over the telephone
_KEY = re.compile(rf"bc-([{_LETTERS}]{{{ID_LENGTH}}})-([A-Za-z0-9_-]{{43}})")
_NOBODY = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class Key:
    """A key as the ledger knows it. digest: SHA-256 of the secret, in hex; moments are aware."""

    id: str
    school: str
    digest: str
    issued_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """A new key, and its text, which is nowhere else and cannot be had again."""

    key: Key
    text: str

    def __repr__(self) -> str:
        return f"Issued({self.key!r})"


class Book(Protocol):
    """Where keys are looked up: sync.ledger.keys.KeyBook."""

    def by_id(self, key_id: str) -> Key | None: ...


class KeyRefused(MendableError):
    """A key that opens nothing; the message, for the school, says why and nothing more."""

    status = 401
    """What a server answers with."""


class UnknownKey(MendableError):
    """Keys were named that the ledger does not have; the message names them."""


class NoSuchSchool(MendableError):
    """Keys were asked for schools that are not in the control workbook; the message names them."""


def make(school: str, now: datetime) -> Issued:
    """A new key of `school`, not recorded yet."""
    key_id = "".join(secrets.choice(_LETTERS) for _each in range(ID_LENGTH))
    secret = secrets.token_urlsafe(32)
    return Issued(Key(key_id, school, _digest(secret), now), f"bc-{key_id}-{secret}")


def check(text: str, book: Book) -> Key:
    """The key that `text`, the value of an Authorization header, is. Looks it up at every call.

    What does not exist takes as long as what does: a digest is always made and compared, in constant time. Raises
    KeyRefused where the key is missing, wrong or revoked, LedgerError where `book` does.
    """
    if not text.strip():
        raise KeyRefused(_("A key is needed. Enter the key that the office gave to the school."))
    parsed = _KEY.fullmatch(text.strip()) if len(text) <= LONGEST else None
    key_id, secret = parsed.groups() if parsed else ("", "")
    known = book.by_id(key_id)
    fits = hmac.compare_digest(_digest(secret), known.digest if known else _NOBODY)
    if parsed is None or known is None or not fits:
        raise KeyRefused(_("The key is wrong. Enter it once more exactly as the office gave it, or ask for a new one."))
    if known.revoked_at is not None:
        raise KeyRefused(_("This key was revoked. Ask the office for a new one."))
    return known


def schools_for(schools: Schools, codes: Iterable[str], keys: Iterable[Key], everyone: bool) -> list[str]:
    """The codes to issue keys to, in the order of the control workbook: `codes`, or all that have no working key.

    Raises NoSuchSchool.
    """
    asked = set(codes)
    if unknown := sorted(asked - set(schools.by_code)):
        raise NoSuchSchool(_("The control workbook has no school {codes}.").format(codes=", ".join(unknown)))
    served = {key.school for key in keys if key.revoked_at is None}
    return [s.code for s in schools if s.code in asked or (everyone and s.closed_on is None and s.code not in served)]


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
