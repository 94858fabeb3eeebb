"""What a sealed period says in figures, and how far two of them differ."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from sync.office import OpenOffice
from sync.periods import Period
from sync.sealing.manifest import json_bytes

if TYPE_CHECKING:
    from sync.ledger import Ledger

Number = int | float


@dataclass(frozen=True)
class State:
    """The figures of a period.

    standings: where each school stands, by code. counted: the SHA-256 of the receipt that counts, by code. decisions:
    what the officer decided and still holds, by "code/column". figures: by table, row code and what is counted, with
    slashes between.
    """

    standings: Mapping[str, str] = field(default_factory=dict)
    counted: Mapping[str, str] = field(default_factory=dict)
    decisions: Mapping[str, str] = field(default_factory=dict)
    figures: Mapping[str, Number] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """One thing that differs; None where it was not there."""

    key: str
    before: str | Number | None
    after: str | Number | None


@dataclass(frozen=True)
class Difference:
    """What differs between two states, in the order of keys; see State."""

    standings: tuple[Change, ...] = ()
    counted: tuple[Change, ...] = ()
    decisions: tuple[Change, ...] = ()
    figures: tuple[Change, ...] = ()

    @property
    def is_new(self) -> bool:
        """Whether there is something to seal; where schools stand also changes while time goes by."""
        return bool(self.counted or self.decisions or self.figures)

    def as_bytes(self) -> bytes:
        """As JSON."""
        return json_bytes(asdict(self))


def state_of(office: OpenOffice, ledger: Ledger, period: Period) -> State:
    """The figures of a schools' period as `office` and `ledger` have them now."""
    from sync import comparing, facts

    consolidated = facts.figures_of(office, ledger, period)
    progress = consolidated.progress
    counted = progress[progress["counted"]]
    decided = office.decisions.typed(period.key)
    tables = comparing.figures_from(consolidated).tables
    return State(
        standings=dict(zip(progress["code"], progress["standing"], strict=True)),
        counted=dict(zip(counted["code"], counted["sha256"], strict=True)),
        decisions={f"{school}/{column}": each.value for (school, column), each in decided.items()},
        figures=dict(_numbers({name: asdict(each) for name, each in tables.items()})),
    )


def as_bytes(state: State) -> bytes:
    """A state as JSON."""
    return json_bytes(asdict(state))


def from_bytes(content: bytes) -> State:
    """The state out of JSON. Raises ValueError and TypeError."""
    return State(**json.loads(content))


def difference(before: State, after: State) -> Difference:
    """What differs between two states."""
    pairs = ((getattr(before, name), getattr(after, name)) for name in ("standings", "counted", "decisions", "figures"))
    return Difference(*(tuple(_changes(*pair)) for pair in pairs))


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for key in sorted({*before, *after}):
        if before.get(key) != after.get(key):
            yield Change(key, before.get(key), after.get(key))


def _numbers(values: Any, path: str = "") -> Iterator[tuple[str, Number]]:
    """Every number in nested mappings, by the names that lead to it; zeros are left out."""
    if isinstance(values, Mapping):
        for name, value in values.items():
            yield from _numbers(value, f"{path}/{name}" if path else str(name))
    elif values:
        yield path, values
