"""One call of a method, as the operations get it, and the table's entry that says what of it is modelled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.google.answers import NotModelled
from tests.fakes.google.state import State


@dataclass(frozen=True, slots=True)
class Call:
    """A request that fits its method. `parameters` have types and defaults; `given` are the names that were sent."""

    method: str
    state: State
    account: str
    owned_only: bool
    """The token's scopes allow only files that this account made."""
    path: Mapping[str, str]
    parameters: Mapping[str, Any]
    given: frozenset[str]
    body: Mapping[str, Any]
    content: bytes | None = None
    content_type: str = ""
    mails: list[str] = field(default_factory=list)
    """Addresses that Google writes to because of this call."""

    def only(self, names: Iterable[str], body: Mapping[str, Any] | None = None, where: str = "") -> None:
        """Raises NotModelled where the body, or a part of it, has other fields than `names`."""
        others = sorted(set(self.body if body is None else body) - set(names))
        if others:
            raise NotModelled(f"{self.method} with {where}{', '.join(others)}")


@dataclass(frozen=True, slots=True)
class Operation:
    """What answers a method. `parameters`: those that are modelled, beside those in the path. `quota`: Read, Write, or
    "" where no quota is counted."""

    run: Callable[[Call], dict[str, Any]]
    parameters: frozenset[str] = frozenset()
    quota: str = ""
    default_fields: str = ""
