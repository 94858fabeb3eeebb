"""The keys of schools in the ledger: issued, revoked, never deleted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from sync.keys import Key
from sync.ledger import schema
from sync.ledger.engine import transaction


class KeyBook:
    """The keys of one office's schools. Every method raises LedgerError where the database does not serve."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def all(self) -> list[Key]:
        """Every key, by school, moment and id."""
        table = schema.access_key
        query = sa.select(table).order_by(table.c.school, table.c.issued_at, table.c.id)
        with transaction(self._engine) as connection:
            return [Key(*row) for row in connection.execute(query).all()]

    def by_id(self, key_id: str) -> Key | None:
        """The key of this id, revoked or not."""
        table = schema.access_key
        with transaction(self._engine) as connection:
            row = connection.execute(sa.select(table).where(table.c.id == key_id)).first()
        return Key(*row) if row else None

    def record(self, keys: Iterable[Key]) -> None:
        """Adds keys, all or none."""
        rows = [asdict(key) for key in keys]
        with transaction(self._engine, writes=True) as connection:
            if rows:
                connection.execute(sa.insert(schema.access_key), rows)

    def revoke(self, ids: Iterable[str], now: datetime) -> list[Key]:
        """Revokes the keys of these ids from `now` on, for ever; those revoked before keep their moment.

        Gives the keys of `ids` as they are afterwards, in the order of all(); unknown ids are left out.
        """
        chosen, table = set(ids), schema.access_key
        update = sa.update(table).where(table.c.id.in_(chosen), table.c.revoked_at.is_(None)).values(revoked_at=now)
        with transaction(self._engine, writes=True) as connection:
            connection.execute(update)
        return [key for key in self.all() if key.id in chosen]
