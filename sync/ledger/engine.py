"""Opening the database of the ledger: its URL, its connections, its migrations."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, IntegrityError, ProgrammingError
from sqlalchemy.pool import NullPool

from sync.i18n import gettext as _
from sync.ledger.records import LedgerBusy, LedgerError
from sync.ledger.schema import HEAD

BUSY_SECONDS = 30
_DRIVERS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
_WRITES = "baocao_writes"


def checked_url(url: str | Path) -> URL:
    """The URL of a ledger: a path is a SQLite file. Raises LedgerError, which does not repeat what it refuses."""
    if isinstance(url, Path):
        return URL.create("sqlite", database=str(url))
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise LedgerError(_("The address of the ledger is not a database URL.")) from None
    if parsed.drivername not in _DRIVERS:
        raise LedgerError(
            _("The ledger is kept in SQLite or PostgreSQL; '{driver}' is neither.").format(driver=parsed.drivername)
        )
    if "@" in (parsed.host or ""):
        raise LedgerError(
            _("The password in the address of the ledger has an @; write %40 in its place (and %2F for /, %3A for :).")
        )
    return parsed.set(drivername=_DRIVERS[parsed.drivername])


def shown(url: URL) -> str:
    """`url` as it may be shown: no password, and no query, which may hold one too."""
    return url.set(query={}).render_as_string(hide_password=True)


def make_engine(url: URL) -> Engine:
    """An engine whose connections live for one transaction only.

    Child processes are forked during a pass, and an open connection must not be there to be inherited.
    """
    try:
        engine = sa.create_engine(url, poolclass=NullPool, hide_parameters=True)
    except ModuleNotFoundError as error:
        message = _("The ledger is in PostgreSQL, and its driver is missing; install it with: {command}")
        raise LedgerError(message.format(command="pip install 'baocao[postgres]'")) from error
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own transactions do not cover CREATE TABLE, so BEGIN is sent by _begin_sqlite.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    # The mode stays with the file, and asking is much cheaper than setting it.
    if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    # A write that begins as a read fails at once, without waiting, where somebody wrote in between.
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def transaction(engine: Engine, writes: bool = False) -> Iterator[Connection]:
    """One transaction on a connection of its own. Raises LedgerError where the database does not serve."""
    try:
        with engine.execution_options(**{_WRITES: writes}).begin() as connection:
            yield connection
    except (IntegrityError, ProgrammingError):
        raise  # ours to mend
    except DatabaseError as error:
        raise _unusable(engine, error) from error


@contextmanager
def held(engine: Engine, work: str) -> Iterator[None]:
    """Holds the lock of `work` for all machines that use this ledger; it ends with the connection, however that ends.

    Only PostgreSQL is used by several machines; an SQLite ledger lies in the workspace, whose own lock is enough.
    Raises LedgerBusy at once where another machine holds it, LedgerError where the database does not serve.
    """
    if engine.dialect.name != "postgresql":
        yield
        return
    key = int.from_bytes(hashlib.sha256(f"baocao {work}".encode()).digest()[:8], signed=True)
    query = sa.select(sa.func.pg_try_advisory_lock(key))
    try:
        # Without a transaction of its own, so that the database has nothing to keep for it meanwhile.
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        taken = connection.scalar(query)
    except DatabaseError as error:
        raise _unusable(engine, error) from error
    with connection:
        if not taken:
            message = _("Another machine is at work with the ledger {ledger}.")
            raise LedgerBusy(message.format(ledger=shown(engine.url)))
        yield


def _unusable(engine: Engine, error: DatabaseError) -> LedgerError:
    reason = " ".join(str(error.orig).split())
    message = _("The ledger {ledger} cannot be used: {reason}")
    return LedgerError(message.format(ledger=shown(engine.url), reason=reason))


def migrate(engine: Engine) -> None:
    """Brings the schema to HEAD in one transaction. Raises LedgerError where a newer version has been at it."""
    with transaction(engine) as connection:
        at = _version(connection)
    if at == HEAD:
        return
    from alembic import command
    from alembic.script import ScriptDirectory

    config = alembic_config()
    if at is not None and at not in {
        script.revision for script in ScriptDirectory.from_config(config).walk_revisions()
    }:
        message = _("The ledger {ledger} was written by a newer version of baocao; install that one.")
        raise LedgerError(message.format(ledger=shown(engine.url)))
    with transaction(engine, writes=True) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _version(connection: Connection) -> str | None:
    """The migration that the database is at, None where there was none yet."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()


def alembic_config() -> Any:
    """What Alembic must know of the migrations."""
    from alembic.config import Config

    config = Config()
    folder = str(resources.files("sync") / "migrations")
    config.set_main_option("script_location", folder.replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
