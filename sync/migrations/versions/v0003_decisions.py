"""What the officer decided in the consolidated workbook, the workbooks that were read for it, and what was sealed."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "decision",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("period", "school", "field", "value")),
        sa.Column("base", sa.Text),
        sa.Column("decided_at", moment, nullable=False),
        sa.Column("read_at", moment, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("seen_run", sa.Integer),
    )
    op.create_table(
        "workbook_read",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("read_at", moment, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sealing",
        sa.Column("period", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sealed_at", moment, nullable=False),
        sa.Column("folder", sa.Text, nullable=False),
        sa.Column("manifest_sha256", sa.String(64), nullable=False),
        sa.Column("last_receipt", sa.Integer, nullable=False),
        sa.Column("last_decision", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
