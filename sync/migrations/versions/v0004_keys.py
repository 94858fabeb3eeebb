"""The keys of schools: what opens the server of the add-in."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "access_key",
        sa.Column("id", sa.String(10), primary_key=True),
        sa.Column("school", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("issued_at", moment, nullable=False),
        sa.Column("revoked_at", moment),
        sqlite_with_rowid=False,
    )
