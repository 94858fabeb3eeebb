"""What was told to whom: notices are claimed before they are sent, and every address has its own outcome.

A letter's way: claimed with all its notices in one transaction (their keys are unique, so nobody else can claim them);
`sending` is put down before the first byte leaves; then the outcome. A program that is ended before `sending` simply
sends later; one that is ended after it leaves a letter that may have arrived, which is repeated once, as itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError

from sync.ledger import schema
from sync.ledger.engine import transaction
from sync.ledger.records import DeliveryStatus

_LETTER, _NOTICE, _TELLING, _DELIVERY = schema.letter.c, schema.notice.c, schema.telling.c, schema.delivery.c

_DELIVERED = schema.telling.join(schema.delivery, _DELIVERY.letter_id == _TELLING.letter_id)
_BATCH = 10_000
"""Keys of one IN: below the number of parameters that every database takes."""


class NoticeRow(NamedTuple):
    """A notice as the ledger knows it."""

    key: str
    kind: str
    stage: str
    school: str
    period: str
    due: datetime | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A letter that is to be sent: its notices and its addresses, those of copies apart.

    `known` are the keys of notices that other letters tell already, to other addresses.
    """

    letter_id: str
    notices: Sequence[NoticeRow]
    to: Sequence[str]
    cc: Sequence[str] = ()
    known: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a letter at one address. Moments in UTC."""

    letter_id: str
    address: str
    is_copy: bool
    status: DeliveryStatus
    tries: int
    code: int | None
    reason: str
    changed_at: datetime
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenLetter:
    """A claimed letter with addresses that wait for it: its notices' keys, its pending deliveries."""

    letter_id: str
    keys: Sequence[str]
    deliveries: Sequence[Delivery]


@dataclass(frozen=True, slots=True)
class Trace:
    """A letter that did not simply arrive: a delivery with what the digest needs of its letter."""

    delivery: Delivery
    subject: str
    repeated: bool
    schools: Sequence[str]


class NoticeBook:
    """The part of the ledger that remembers notices. Every method raises LedgerError where the database fails."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # What was told. A letter that still waits is not told: what it says is looked at anew before it leaves.

    def keys(self, periods: Iterable[str]) -> set[str]:
        """The keys of the notices that were told, of these periods and of none."""
        query = sa.select(_NOTICE.key).where(_NOTICE.period.in_(["", *periods]), ~_waits())
        with transaction(self._engine) as connection:
            return set(connection.scalars(query))

    def told(self, periods: Iterable[str]) -> dict[tuple[str, str], datetime]:
        """The due moment (UTC) that each school was told last, by school and period."""
        query = (
            sa.select(_NOTICE.school, _NOTICE.period, _NOTICE.due)
            .select_from(schema.notice.join(schema.telling).join(schema.letter))
            .where(_NOTICE.period.in_(list(periods)), _NOTICE.school != "", _NOTICE.due.is_not(None), ~_waits())
            .order_by(_LETTER.seq, _NOTICE.key)
        )
        with transaction(self._engine) as connection:
            return {(school, period): due for school, period, due in connection.execute(query)}

    def last(self, kind: str) -> datetime | None:
        """When the last letter with a notice of this kind was claimed (UTC)."""
        query = sa.select(sa.func.max(_LETTER.claimed_at))
        query = query.select_from(schema.notice.join(schema.telling).join(schema.letter))
        with transaction(self._engine) as connection:
            last: datetime | None = connection.scalar(query.where(_NOTICE.kind == kind, ~_waits()))
        return last

    # The way of a letter.

    def claimed(self, keys: Iterable[str]) -> dict[str, set[str]]:
        """Which of these notices are claimed, whether they left or not, each with the addresses it is claimed for."""
        asked = sorted(keys)
        found: dict[str, set[str]] = {}
        query = sa.select(_TELLING.key, _DELIVERY.address).select_from(_DELIVERED)
        with transaction(self._engine) as connection:
            for first in range(0, len(asked), _BATCH):
                batch = _TELLING.key.in_(asked[first : first + _BATCH])
                for key, address in connection.execute(query.where(batch)):
                    found.setdefault(key, set()).add(address)
        return found

    def claim(self, claims: Sequence[Claim], now: datetime) -> bool:
        """Claims letters with all their notices and addresses at once; False where another program was before us.

        A notice that is claimed already, for other addresses, is told by one letter more.
        """
        try:
            with transaction(self._engine, writes=True) as connection:
                _insert(connection, claims, now)
        except IntegrityError:
            return False
        return True

    def open(self) -> list[OpenLetter]:
        """The letters that wait to be sent (again), oldest first."""
        query = (
            sa.select(schema.delivery)
            .join(schema.letter, _LETTER.id == _DELIVERY.letter_id)
            .where(_DELIVERY.status == "pending")
            .order_by(_LETTER.seq, _DELIVERY.address)
        )
        with transaction(self._engine) as connection:
            waiting: dict[str, list[Delivery]] = {}
            for row in connection.execute(query):
                waiting.setdefault(row.letter_id, []).append(Delivery(*row))
            keys = _keys_of(connection, list(waiting))
        return [OpenLetter(letter_id, keys.get(letter_id, []), found) for letter_id, found in waiting.items()]

    def on_its_way(self, letter_id: str, subject: str, addresses: Collection[str], now: datetime) -> bool:
        """Puts down that the letter leaves for these addresses now; False where another program took it first."""
        name = sa.update(schema.letter).where(_LETTER.id == letter_id).values(subject=subject)
        change = (
            sa.update(schema.delivery)
            .where(_DELIVERY.letter_id == letter_id, _DELIVERY.address.in_(list(addresses)))
            .where(_DELIVERY.status == "pending")
            .values(status="sending", tries=_DELIVERY.tries + 1, changed_at=now, next_at=None)
        )
        with transaction(self._engine, writes=True) as connection:
            taken = connection.execute(change).rowcount == len(addresses)
            if taken:
                connection.execute(name)
            else:
                connection.rollback()
        return taken

    def settle(self, outcomes: Iterable[Delivery]) -> None:
        """Puts down what became of letters at their addresses; `tries` are taken as given."""
        rows = [
            {
                "key_letter": each.letter_id,
                "key_address": each.address,
                "status": each.status,
                "tries": each.tries,
                "code": each.code,
                "reason": each.reason,
                "changed_at": each.changed_at,
                "next_at": each.next_at,
            }
            for each in outcomes
        ]
        if not rows:
            return
        names = ("status", "tries", "code", "reason", "changed_at", "next_at")
        change = (
            sa.update(schema.delivery)
            .where(_DELIVERY.letter_id == sa.bindparam("key_letter"))
            .where(_DELIVERY.address == sa.bindparam("key_address"))
            .values({name: sa.bindparam(name) for name in names})
        )
        with transaction(self._engine, writes=True) as connection:
            connection.execute(change, rows)

    def recover(self, now: datetime, reason: str) -> list[str]:
        """Deals with letters that were on their way when a program was ended; gives their ids.

        Each is repeated once, under its own Message-ID; one that was repeated already stays unknown. Only to be called
        by whoever holds the lock of posting, so that nothing is really on its way.
        """
        query = sa.select(_DELIVERY.letter_id, _LETTER.repeated).join(schema.letter).distinct()
        with transaction(self._engine, writes=True) as connection:
            left = connection.execute(query.where(_DELIVERY.status == "sending")).all()
            for letter_id, repeated in left:
                status = "unknown" if repeated else "pending"
                at_letter = (_DELIVERY.letter_id == letter_id) & (_DELIVERY.status == "sending")
                values = {"status": status, "changed_at": now, "reason": reason, "next_at": None}
                connection.execute(sa.update(schema.delivery).where(at_letter).values(values))
                connection.execute(sa.update(schema.letter).where(_LETTER.id == letter_id).values(repeated=True))
        return [letter_id for letter_id, _repeated in left]

    def withdraw(self, letter_id: str, now: datetime) -> None:
        """Takes back a letter that is no longer true where it still waits.

        One that left for no address is forgotten with its notices, so that they can be told if they become true again.
        One that a crash may have sent is not sent again, and stays unknown.
        """
        at_letter = _DELIVERY.letter_id == letter_id
        with transaction(self._engine, writes=True) as connection:
            may_have_left = connection.scalar(sa.select(_LETTER.repeated).where(_LETTER.id == letter_id))
            status = "unknown" if may_have_left else "withdrawn"
            waits = at_letter & (_DELIVERY.status == "pending")
            connection.execute(sa.update(schema.delivery).where(waits).values(status=status, changed_at=now))
            if set(connection.scalars(sa.select(_DELIVERY.status).where(at_letter))) == {"withdrawn"}:
                _forget(connection, letter_id)

    # What the officer is shown.

    def used_since(self, moment: datetime) -> int:
        """How many addresses letters left for since `moment`, or may have."""
        query = sa.select(sa.func.count()).where(_DELIVERY.changed_at >= moment)
        with transaction(self._engine) as connection:
            return connection.scalar(query.where(_DELIVERY.status.in_(["sent", "sending", "unknown"]))) or 0

    def told_since(self, moment: datetime | None) -> dict[str, int]:
        """How many notices left since `moment`, by kind."""
        left = sa.select(_TELLING.key).select_from(_DELIVERED)
        left = left.where(_DELIVERY.status.in_(["sent", "written"]))
        if moment is not None:
            left = left.where(_DELIVERY.changed_at >= moment)
        query = sa.select(_NOTICE.kind, sa.func.count()).where(_NOTICE.key.in_(left)).group_by(_NOTICE.kind)
        with transaction(self._engine) as connection:
            return {row.kind: row[1] for row in connection.execute(query)}

    def troubled_since(self, moment: datetime | None) -> list[Trace]:
        """Deliveries since `moment` that failed, were repeated or have no known outcome; and those failing still."""
        bad = _DELIVERY.status.in_(["permanent", "exhausted", "unknown"]) | (
            _LETTER.repeated & _DELIVERY.status.in_(["sent", "written"])
        )
        if moment is not None:
            bad &= _DELIVERY.changed_at >= moment
        waits = (_DELIVERY.status == "pending") & (_DELIVERY.reason != "")
        query = (
            sa.select(schema.delivery, _LETTER.subject, _LETTER.repeated)
            .join(schema.letter, _LETTER.id == _DELIVERY.letter_id)
            .where(bad | waits)
            .order_by(_DELIVERY.changed_at, _DELIVERY.letter_id, _DELIVERY.address)
        )
        with transaction(self._engine) as connection:
            rows = connection.execute(query).all()
            schools = _schools_of(connection, sorted({row.letter_id for row in rows}))
        return [Trace(Delivery(*row[:9]), row.subject, row.repeated, schools.get(row.letter_id, [])) for row in rows]

    def deliveries(self) -> list[Delivery]:
        """Every address of every letter, in order of letters."""
        query = sa.select(schema.delivery).order_by(_DELIVERY.letter_id, _DELIVERY.address)
        with transaction(self._engine) as connection:
            return [Delivery(*row) for row in connection.execute(query)]


def _waits() -> sa.ColumnElement[bool]:
    """Whether a letter that tells the notice still waits for some address."""
    waiting = sa.select(_TELLING.key).select_from(_DELIVERED)
    return _NOTICE.key.in_(waiting.where(_DELIVERY.status == "pending"))


def _insert(connection: Connection, claims: Sequence[Claim], now: datetime) -> None:
    first = (connection.scalar(sa.select(sa.func.max(_LETTER.seq))) or 0) + 1
    blank = {"subject": "", "claimed_at": now, "repeated": False}
    letters = [{"id": claim.letter_id, "seq": seq, **blank} for seq, claim in enumerate(claims, first)]
    new = ((claim, notice) for claim in claims for notice in claim.notices)
    notices = {notice.key: notice._asdict() for claim, notice in new if notice.key not in claim.known}
    tellings = [{"letter_id": claim.letter_id, "key": notice.key} for claim in claims for notice in claim.notices]
    waiting = {"status": "pending", "tries": 0, "code": None, "reason": "", "changed_at": now, "next_at": None}
    deliveries = [
        {"letter_id": claim.letter_id, "address": address, "is_copy": address in claim.cc, **waiting}
        for claim in claims
        for address in (*claim.to, *claim.cc)
    ]
    rows: list[tuple[sa.Table, list[dict[str, Any]]]] = [
        (schema.letter, letters),
        (schema.notice, list(notices.values())),
        (schema.telling, tellings),
        (schema.delivery, deliveries),
    ]
    for table, values in rows:
        if values:
            connection.execute(sa.insert(table), values)


def _forget(connection: Connection, letter_id: str) -> None:
    """Removes a letter that left for nobody, and its notices where no other letter tells them."""
    keys = list(connection.scalars(sa.select(_TELLING.key).where(_TELLING.letter_id == letter_id)))
    connection.execute(sa.delete(schema.delivery).where(_DELIVERY.letter_id == letter_id))
    connection.execute(sa.delete(schema.telling).where(_TELLING.letter_id == letter_id))
    told = sa.select(_TELLING.key)
    connection.execute(sa.delete(schema.notice).where(_NOTICE.key.in_(keys), _NOTICE.key.not_in(told)))
    connection.execute(sa.delete(schema.letter).where(_LETTER.id == letter_id))


def _keys_of(connection: Connection, letters: Sequence[str]) -> Mapping[str, list[str]]:
    return _grouped(connection, sa.select(_TELLING.letter_id, _TELLING.key), letters)


def _schools_of(connection: Connection, letters: Sequence[str]) -> Mapping[str, list[str]]:
    asked = sa.select(_TELLING.letter_id, _NOTICE.school).select_from(schema.telling.join(schema.notice))
    return _grouped(connection, asked.where(_NOTICE.school != "").distinct(), letters)


def _grouped(connection: Connection, query: sa.Select[Any], letters: Sequence[str]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for first in range(0, len(letters), _BATCH):
        batch = query.where(_TELLING.letter_id.in_(letters[first : first + _BATCH]))
        for letter_id, value in connection.execute(batch.order_by(*query.selected_columns)):
            found.setdefault(letter_id, []).append(value)
    return found
