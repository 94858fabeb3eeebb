"""Alembic's migrations of the ledger; the tables they lead to stand in sync.ledger.schema."""
