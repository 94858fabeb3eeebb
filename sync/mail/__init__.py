"""How letters leave: the table of ways, and which of them an office has."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, cast

from sync.mail.post import Outcome, Post, PostUnavailable, Status

if TYPE_CHECKING:
    from sync.office import OpenOffice

__all__ = ["KINDS", "Outcome", "Post", "PostUnavailable", "Status", "kind_of", "make"]

KINDS: Mapping[str, str] = {
    "smtp": "sync.mail.smtp",
    "outbox": "sync.mail.outbox",
}
"""Kind → module, imported when a post of the kind is made by the module's `make`."""


def kind_of(office: OpenOffice) -> str:
    """Which of KINDS the office has: "smtp" where [mail] host is set, else "outbox"."""
    return "smtp" if office.settings.mail.host else "outbox"


def make(office: OpenOffice) -> Post:
    """The way in which the office's letters leave. Nothing is connected or written before the first letter."""
    return cast("Post", import_module(KINDS[kind_of(office)]).make(office))
