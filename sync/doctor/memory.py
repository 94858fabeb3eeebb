"""What is remembered: the ledger, the archive, the last pass; and whether the clock goes on from there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sync.doctor.case import Case, NotKnown
from sync.doctor.catalogue import Symptom, symptom

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

OLD = timedelta(days=1)
"""The age at which a pass is old: more than a night, so that a machine that is off then is not blamed every morning."""


def ledger(case: Case) -> Iterator[Symptom]:
    """Whether the ledger opens and is of this version. It is neither made nor migrated."""
    import sqlalchemy as sa

    from sync.ledger import LedgerError, schema

    try:
        with _reading(case) as connection:
            version = connection and _version(connection)
            if connection is None or version is None:
                yield symptom("ledger-none")
            elif version == schema.HEAD:
                count = connection.scalar(sa.select(sa.func.count()).select_from(schema.receipt))
                yield symptom("ledger-fine", count=count)
            else:
                yield symptom("ledger-old" if version in _known_versions() else "ledger-newer")
    except LedgerError as error:
        yield symptom("ledger-broken", problem=error)


def archive(case: Case) -> Iterator[Symptom]:
    """Whether the archive has what the ledger names. Only names are looked at: fast, and silent about bytes."""
    import sqlalchemy as sa

    from sync.ledger import schema

    receipt = schema.receipt.c
    # What is over the limit was recognised, and never kept.
    kept = sa.select(receipt.sha256).where(receipt.size <= case.office.limits.max_bytes).order_by(receipt.id)
    with _current(case) as connection:
        expected = connection.scalars(kept).all()
    folder = case.workspace.archive
    names = {file.name.partition(".")[0] for file in folder.glob("*/*") if file.suffix != ".part"}
    missing = [sha256 for sha256 in expected if sha256 not in names]
    if missing:
        yield symptom("archive-incomplete", count=len(missing), first=missing[0], folder=folder)
    else:
        yield symptom("archive-fine")


def last_pass(case: Case) -> Iterator[Symptom]:
    """When the last pass was, and whether the clock is before it."""
    import sqlalchemy as sa

    from sync.ledger import schema

    run = schema.run.c
    with _current(case) as connection:
        at = connection.scalar(sa.select(run.as_of).order_by(run.id.desc()).limit(1))
    if at is None:
        yield symptom("no-pass-yet")
        return
    now, shown = case.office.now, case.shown(at)
    if now < at:
        yield symptom("clock-behind", now=case.shown(now), at=shown)
    else:
        yield symptom("last-pass-old" if now - at > OLD else "last-pass", at=shown)
        yield symptom("clock-fine", now=case.shown(now))


def keys(case: Case) -> Iterator[Symptom]:
    """Whether any school can use the server of the add-in; nothing where the office has none."""
    import sqlalchemy as sa

    from sync.ledger import schema

    if not case.settings.addin.is_used:
        return
    key = schema.access_key.c
    with _current(case) as connection:
        works = connection.scalar(sa.select(key.id).where(key.revoked_at.is_(None)).limit(1))
    if works is None:
        yield symptom("addin-no-keys")


@contextmanager
def _current(case: Case) -> Iterator[Connection]:
    """A connection to a ledger of this version. Raises NotKnown where there is none."""
    from sync.ledger import LedgerError, schema

    try:
        with _reading(case) as connection:
            if connection is None or _version(connection) != schema.HEAD:
                raise NotKnown
            yield connection
    except LedgerError as error:
        raise NotKnown from error


@contextmanager
def _reading(case: Case) -> Iterator[Connection | None]:
    """A connection to the ledger as it is; None where an SQLite file would have to be made. Raises LedgerError."""
    from sync.ledger.engine import checked_url, make_engine, transaction

    url = checked_url(case.office.ledger_url)
    if url.drivername == "sqlite" and not (url.database and Path(url.database).exists()):
        yield None
        return
    engine = make_engine(url)
    try:
        with transaction(engine) as connection:
            yield connection
    finally:
        engine.dispose()


def _version(connection: Connection) -> str | None:
    import sqlalchemy as sa

    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()


def _known_versions() -> set[str]:
    from alembic.script import ScriptDirectory

    from sync.ledger.engine import alembic_config

    return {script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()}
