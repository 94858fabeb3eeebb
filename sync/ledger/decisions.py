"""The officer's decisions in the ledger: added one after the other, never changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, fields, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from sync.decisions import Decision
from sync.ledger import schema
from sync.ledger.engine import transaction

_COLUMNS = [schema.decision.c[each.name] for each in fields(Decision)]


class DecisionBook:
    """The decisions of one office. Every method raises LedgerError where the database does not serve."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def all(self) -> list[Decision]:
        """Every decision, in the order of recording."""
        with transaction(self._engine) as connection:
            rows = connection.execute(sa.select(*_COLUMNS).order_by(schema.decision.c.id)).all()
        return [Decision(**row._mapping) for row in rows]

    def record(self, decisions: Iterable[Decision], sha256: str, place: str, read_at: datetime) -> list[Decision]:
        """Adds the decisions that were found in the workbook of this content, all or none, and gives them numbered.

        A content that was recorded already adds nothing.
        """
        with transaction(self._engine, writes=True) as connection:
            table = schema.workbook_read
            if connection.scalar(sa.select(table.c.sha256).where(table.c.sha256 == sha256)) is not None:
                return []
            connection.execute(sa.insert(table), {"sha256": sha256, "place": place, "read_at": read_at})
            first = (connection.scalar(sa.select(sa.func.max(schema.decision.c.id))) or 0) + 1
            numbered = [replace(decision, id=number) for number, decision in enumerate(decisions, first)]
            if numbered:
                connection.execute(sa.insert(schema.decision), [asdict(decision) for decision in numbered])
        return numbered
