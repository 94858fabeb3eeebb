"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _facts()
    _parts_of_receipts()
    _files()


def _facts() -> None:
    op.create_table(
        "run",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counts", sa.Text, nullable=False),
    )
    op.create_table(
        "receipt",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sha256", sa.String(64), nullable=False, unique=True),
        sa.Column("size", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("suffix", "source", "path")),
        *(sa.Column(name, sa.Text) for name in ("school", "period", "plan", "template_version")),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        *(sa.Column(f"rows_{part}", sa.Integer, nullable=False) for part in ("read", "accepted", "rejected", "blank")),
        sa.Column("plan_digest", sa.Text, nullable=False),
        sa.Column("run_id", sa.Integer, sa.ForeignKey("run.id"), nullable=False),
        sa.CheckConstraint("status IN ('accepted', 'to_mend', 'refused')", name="receipt_status"),
    )
    op.create_index("ix_receipt_period", "receipt", ["period"])


def _parts_of_receipts() -> None:
    op.create_table(
        "finding",
        sa.Column("receipt_id", sa.Integer, sa.ForeignKey("receipt.id"), primary_key=True, autoincrement=False),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        *(sa.Column(name, sa.Text) for name in ("table", "sheet", "cell", "row", "column", "value")),
        sa.Column("params", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "entry",
        sa.Column("receipt_id", sa.Integer, sa.ForeignKey("receipt.id"), primary_key=True, autoincrement=False),
        sa.Column("table", sa.Text, primary_key=True),
        sa.Column("row", sa.Text, primary_key=True),
        sa.Column("sheet", sa.Text, nullable=False),
        sa.Column("cell", sa.Text, nullable=False),
        sa.Column("excel_row", sa.Integer, nullable=False),
        sa.Column("letters", sa.Text, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )


def _files() -> None:
    op.create_table(
        "source",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "sighting",
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("path", sa.Text, primary_key=True),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("mtime_ns", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.String(64), sa.ForeignKey("receipt.sha256"), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "output",
        sa.Column("path", sa.Text, primary_key=True),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("built_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True)),
    )
