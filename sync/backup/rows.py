"""The ledger's rows on their way into a backup and out of it. One SQLite file serves both kinds of database."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from sync.i18n import gettext as _
from sync.ledger import LedgerError, schema
from sync.ledger.engine import checked_url, make_engine, migrate, shown, transaction

_BATCH = 10_000
_DIGESTS = 2**256


def snapshot(url: str | Path, file: Path) -> None:
    """Writes the ledger at `url`, as it is at one moment, into the new SQLite file `file`; others may write meanwhile.

    Raises LedgerError.
    """
    with _opened(url) as source:
        migrate(source)
        if source.dialect.name == "sqlite":
            _vacuum(source, file)
        else:
            with _opened(file) as target:
                migrate(target)
                # One moment for all tables; PostgreSQL's own level is a moment for each query.
                _copy(source.execution_options(isolation_level="REPEATABLE READ"), target)
    make_whole(file)


def make_whole(file: Path) -> None:
    """Sees to it that all of a SQLite ledger that nobody else uses is in the one file."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


def carry(file: Path, url: str) -> None:
    """Puts the rows of the SQLite ledger `file` (at HEAD) into the empty ledger at `url`: all or none.

    Raises LedgerError.
    """
    with _opened(file) as source, _opened(url) as target:
        migrate(target)
        _copy(source, target)


def is_empty(url: str) -> bool:
    """Whether the database at `url` has no row of a ledger. Raises LedgerError."""
    with _opened(url) as engine, transaction(engine) as connection:
        there = set(sa.inspect(connection).get_table_names())
        tables = [table for table in schema.metadata.sorted_tables if table.name in there]
        return not any(connection.execute(sa.select(sa.literal(1)).select_from(each).limit(1)).all() for each in tables)


def are_equal(one: str | Path, other: str | Path) -> bool:
    """Whether two ledgers at HEAD have the same rows, in whatever order. Raises LedgerError."""
    with _opened(one) as first, _opened(other) as second:
        return _digests(first) == _digests(second)


def shown_url(url: str) -> str:
    """`url` without its password. Raises LedgerError where it is none."""
    return shown(checked_url(url))


@contextmanager
def _opened(url: str | Path) -> Iterator[Engine]:
    engine = make_engine(checked_url(url))
    try:
        yield engine
    finally:
        engine.dispose()


def _vacuum(source: Engine, file: Path) -> None:
    raw = source.raw_connection()  # VACUUM must not stand in a transaction, and every other way begins one
    try:
        raw.cursor().execute("VACUUM INTO ?", (str(file),))
    except sqlite3.DatabaseError as error:
        message = _("The ledger {ledger} cannot be used: {reason}")
        raise LedgerError(message.format(ledger=shown(source.url), reason=error)) from error
    finally:
        raw.close()


def _copy(source: Engine, target: Engine) -> None:
    with transaction(source) as reading, transaction(target, writes=True) as writing:
        for table in schema.metadata.sorted_tables:
            for batch in _batches(reading, table):
                writing.execute(sa.insert(table), [dict(row._mapping) for row in batch])


def _batches(connection: Connection, table: sa.Table) -> Iterator[list[sa.Row[tuple[object, ...]]]]:
    query = sa.select(table).order_by(*table.primary_key)
    rows = connection.execute(query, execution_options={"yield_per": _BATCH})
    for batch in rows.partitions():
        yield list(batch)


def _digests(engine: Engine) -> dict[str, int]:
    """A digest of each table's rows that does not depend on their order: databases sort texts differently."""
    with transaction(engine) as connection:
        return {table.name: _digest(connection, table) for table in schema.metadata.sorted_tables}


def _digest(connection: Connection, table: sa.Table) -> int:
    rows = (row for batch in _batches(connection, table) for row in batch)
    each = (hashlib.sha256(repr(tuple(row)).encode()).digest() for row in rows)
    return sum(map(int.from_bytes, each)) % _DIGESTS
