"""Notices, the letters that tell them, and what became of each letter at each address."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "letter",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("seq", sa.Integer, nullable=False, unique=True),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("repeated", sa.Boolean, nullable=False),
    )
    op.create_table(
        "notice",
        sa.Column("key", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("kind", "stage", "school", "period")),
        sa.Column("due", sa.DateTime(timezone=True)),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_notice_kind", "notice", ["kind"])
    op.create_index("ix_notice_period", "notice", ["period"])
    op.create_table(
        "telling",
        sa.Column("letter_id", sa.String(32), sa.ForeignKey("letter.id"), primary_key=True),
        sa.Column("key", sa.Text, sa.ForeignKey("notice.key"), primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_telling_key", "telling", ["key"])
    op.create_table(
        "delivery",
        sa.Column("letter_id", sa.String(32), sa.ForeignKey("letter.id"), primary_key=True),
        sa.Column("address", sa.Text, primary_key=True),
        sa.Column("is_copy", sa.Boolean, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("code", sa.Integer),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "status IN ('pending', 'sending', 'sent', 'written', 'permanent', 'exhausted', 'unknown', 'withdrawn')",
            name="delivery_status",
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_delivery_status", "delivery", ["status"])
    op.create_index("ix_delivery_changed_at", "delivery", ["changed_at"])
