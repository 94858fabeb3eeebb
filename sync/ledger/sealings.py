"""What was sealed, in the ledger: added, never changed."""

from __future__ import annotations

from dataclasses import asdict

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from sync.ledger import schema
from sync.ledger.engine import transaction
from sync.ledger.records import Sealing


class SealBook:
    """The seals of one office's periods. Every method raises LedgerError where the database does not serve."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def all(self) -> list[Sealing]:
        """Every seal and addendum, by period and number."""
        table = schema.sealing
        query = sa.select(table).order_by(table.c.period, table.c.number)
        with transaction(self._engine) as connection:
            return [Sealing(*row) for row in connection.execute(query).all()]

    def last(self) -> dict[str, Sealing]:
        """The newest seal or addendum of each sealed period, by its key."""
        return {sealing.period: sealing for sealing in self.all()}

    def record(self, sealing: Sealing) -> None:
        """Adds one; the database refuses a number that a period has already."""
        with transaction(self._engine, writes=True) as connection:
            connection.execute(sa.insert(schema.sealing), asdict(sealing))
