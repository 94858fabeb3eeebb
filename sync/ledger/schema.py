"""The tables of the ledger, as they are at HEAD. `sync/migrations` makes them; a test holds the two together."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from sync.ledger.records import DELIVERY_STATUSES, STATUSES

HEAD = "0004"
"""The newest migration. Compared on opening, so that Alembic is only imported where there is something to migrate."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, stored and given back in UTC (SQLite has no time zones)."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without a time zone: {value}")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class SafeText(TypeDecorator[str]):
    """Text out of foreign files: NUL and lone surrogates, which no database takes, become replacement characters."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        if value is None:
            return None
        if "\x00" in value:
            value = value.replace("\x00", "\ufffd")
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")


metadata = sa.MetaData()

run = sa.Table(
    "run",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("as_of", UtcDateTime, nullable=False),
    sa.Column("counts", sa.Text, nullable=False),
)

source = sa.Table(
    "source",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("scanned_at", UtcDateTime, nullable=False),
)

receipt = sa.Table(
    "receipt",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("sha256", sa.String(64), nullable=False, unique=True),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("suffix", SafeText, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("school", SafeText),
    sa.Column("period", SafeText, index=True),
    sa.Column("plan", SafeText),
    sa.Column("template_version", SafeText),
    sa.Column("received_at", UtcDateTime, nullable=False),
    sa.Column("status", sa.Text, sa.CheckConstraint(f"status IN {STATUSES}", name="receipt_status"), nullable=False),
    sa.Column("rows_read", sa.Integer, nullable=False),
    sa.Column("rows_accepted", sa.Integer, nullable=False),
    sa.Column("rows_rejected", sa.Integer, nullable=False),
    sa.Column("rows_blank", sa.Integer, nullable=False),
    sa.Column("plan_digest", sa.Text, nullable=False),
    sa.Column("run_id", sa.Integer, sa.ForeignKey("run.id"), nullable=False),
)

sighting = sa.Table(
    "sighting",
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("path", sa.Text, primary_key=True),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("mtime_ns", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.String(64), sa.ForeignKey("receipt.sha256"), nullable=False),
    sqlite_with_rowid=False,
)

finding = sa.Table(
    "finding",
    metadata,
    sa.Column("receipt_id", sa.Integer, sa.ForeignKey("receipt.id"), primary_key=True, autoincrement=False),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("table", sa.Text),
    sa.Column("sheet", SafeText),
    sa.Column("cell", sa.Text),
    sa.Column("row", SafeText),
    sa.Column("column", sa.Text),
    sa.Column("value", SafeText),
    sa.Column("params", SafeText, nullable=False),
    sqlite_with_rowid=False,
)

entry = sa.Table(
    "entry",
    metadata,
    sa.Column("receipt_id", sa.Integer, sa.ForeignKey("receipt.id"), primary_key=True, autoincrement=False),
    sa.Column("table", sa.Text, primary_key=True),
    sa.Column("row", sa.Text, primary_key=True),
    sa.Column("sheet", SafeText, nullable=False),
    sa.Column("cell", sa.Text, nullable=False),
    sa.Column("excel_row", sa.Integer, nullable=False),
    sa.Column("letters", sa.Text, nullable=False),
    sa.Column("data", SafeText, nullable=False),
    sqlite_with_rowid=False,
)

output = sa.Table(
    "output",
    metadata,
    sa.Column("path", sa.Text, primary_key=True),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("built_at", UtcDateTime, nullable=False),
    sa.Column("valid_until", UtcDateTime),
)

letter = sa.Table(
    "letter",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    # In the order of claiming: clocks are set back, and a demo's stands still.
    sa.Column("seq", sa.Integer, nullable=False, unique=True),
    sa.Column("subject", SafeText, nullable=False),
    sa.Column("claimed_at", UtcDateTime, nullable=False),
    sa.Column("repeated", sa.Boolean, nullable=False),
)

notice = sa.Table(
    "notice",
    metadata,
    # The database itself forbids that a notice is told twice.
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False, index=True),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("school", sa.Text, nullable=False),
    sa.Column("period", sa.Text, nullable=False, index=True),
    sa.Column("due", UtcDateTime),
    sqlite_with_rowid=False,
)

# Which letters tell a notice: one to the school, and one to a chief who is told of several schools at once.
telling = sa.Table(
    "telling",
    metadata,
    sa.Column("letter_id", sa.String(32), sa.ForeignKey("letter.id"), primary_key=True),
    sa.Column("key", sa.Text, sa.ForeignKey("notice.key"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

delivery = sa.Table(
    "delivery",
    metadata,
    sa.Column("letter_id", sa.String(32), sa.ForeignKey("letter.id"), primary_key=True),
    sa.Column("address", sa.Text, primary_key=True),
    sa.Column("is_copy", sa.Boolean, nullable=False),
    sa.Column(
        "status",
        sa.Text,
        sa.CheckConstraint(f"status IN {DELIVERY_STATUSES}", name="delivery_status"),
        nullable=False,
        index=True,
    ),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("code", sa.Integer),
    sa.Column("reason", SafeText, nullable=False),
    sa.Column("changed_at", UtcDateTime, nullable=False, index=True),
    sa.Column("next_at", UtcDateTime),
    sqlite_with_rowid=False,
)

# What the officer typed into the marked columns of the consolidated workbook; nothing is ever changed or deleted here.
decision = sa.Table(
    "decision",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("period", sa.Text, nullable=False),
    sa.Column("school", SafeText, nullable=False),
    sa.Column("field", sa.Text, nullable=False),
    sa.Column("value", SafeText, nullable=False),
    sa.Column("base", SafeText),
    sa.Column("decided_at", UtcDateTime, nullable=False),
    sa.Column("read_at", UtcDateTime, nullable=False),
    sa.Column("place", SafeText, nullable=False),
    sa.Column("seen_run", sa.Integer),
)

# Contents of consolidated workbooks that were read for decisions, so that none is read twice.
workbook_read = sa.Table(
    "workbook_read",
    metadata,
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("place", SafeText, nullable=False),
    sa.Column("read_at", UtcDateTime, nullable=False),
    sqlite_with_rowid=False,
)

# What was sealed: number 0 is the seal of a period, from 1 on its addenda.
sealing = sa.Table(
    "sealing",
    metadata,
    sa.Column("period", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("sealed_at", UtcDateTime, nullable=False),
    sa.Column("folder", sa.Text, nullable=False),
    sa.Column("manifest_sha256", sa.String(64), nullable=False),
    sa.Column("last_receipt", sa.Integer, nullable=False),
    sa.Column("last_decision", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)

# The keys of schools that open the server of the add-in; of a key's secret its SHA-256 alone.
access_key = sa.Table(
    "access_key",
    metadata,
    sa.Column("id", sa.String(10), primary_key=True),
    sa.Column("school", sa.Text, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("issued_at", UtcDateTime, nullable=False),
    sa.Column("revoked_at", UtcDateTime),
    sqlite_with_rowid=False,
)
