"""Run by Alembic: migrates on the connection, and in the transaction, that sync.ledger.engine hands over."""

from alembic import context

from sync.ledger import schema

context.configure(connection=context.config.attributes["connection"], target_metadata=schema.metadata)
with context.begin_transaction():
    context.run_migrations()
