"""Rows of the ledger as data that can be kept in a file, and back: what a consolidated workbook rests on.

Taken are passes that took something in or missed something and the last one, what was looked through, all receipts,
what is in sight, all decisions and what was sealed; findings and entries only of the receipts that are asked for.
Nothing of letters.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from sync.ledger import schema

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""By table, rows by column as JSON has them: moments are ISO 8601 in UTC."""

_TABLES = (
    *(schema.run, schema.source, schema.receipt, schema.sighting, schema.finding, schema.entry),
    *(schema.decision, schema.sealing),
)
"""Each after those that it refers to."""
TABLES: tuple[str, ...] = tuple(table.name for table in _TABLES)
_BATCH = 10_000


def read_rows(connection: Connection, parts_of: Collection[int]) -> Rows:
    """The rows as they are now, by primary key; findings and entries are those of the receipts `parts_of` (ids)."""
    found = {table.name: list(_read(connection, table, parts_of)) for table in _TABLES}
    taken = {row["run_id"] for row in found["receipt"]} | {row["seen_run"] for row in found["decision"]}
    last = max((row["id"] for row in found["run"]), default=0)
    # What a pass missed shows in the workbook: `lost`, see sync.recent.
    found["run"] = [row for row in found["run"] if row["id"] in taken or row["id"] == last or '"lost"' in row["counts"]]
    return found


def insert_rows(connection: Connection, rows: Rows) -> None:
    """Adds `rows`, as read_rows gives them, to tables that are empty."""
    for table in _TABLES:
        for batch in _batches(_typed(table, row) for row in rows[table.name]):
            connection.execute(sa.insert(table), batch)


def _read(connection: Connection, table: sa.Table, parts_of: Collection[int]) -> Iterator[dict[str, Any]]:
    query = sa.select(table).order_by(*table.primary_key)
    if table not in (schema.finding, schema.entry):
        yield from map(_plain, connection.execute(query))
        return
    for batch in _batches(sorted(parts_of)):
        yield from map(_plain, connection.execute(query.where(table.c.receipt_id.in_(batch))))


def _plain(row: sa.Row[Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row._mapping.items()}


def _typed(table: sa.Table, row: Mapping[str, Any]) -> dict[str, Any]:
    moments = {column.name for column in table.columns if isinstance(column.type, schema.UtcDateTime)}
    return {name: datetime.fromisoformat(row[name]) if name in moments else row[name] for name in row}


def _batches(items: Iterable[Any]) -> Iterator[list[Any]]:
    iterator = iter(items)
    while batch := list(islice(iterator, _BATCH)):
        yield batch
