"""Whose key it is. Asked at every call, and never remembered: a key that was revoked opens nothing from then on."""

from __future__ import annotations

from anyio import to_thread
from xlwings_server.models import User

from sync.serving import desk


async def validate_token(token_string: str) -> User:
    """The school of the key, as xlwings Server's user. Raises KeyRefused and LedgerError."""
    key = await to_thread.run_sync(desk.of_environment().key, token_string)
    return User(id=key.school, name=key.school)
