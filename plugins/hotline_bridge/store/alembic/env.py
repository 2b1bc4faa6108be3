"""Alembic's environment: runs on the connection that `store.migrate` hands over, one transaction a migration."""

from __future__ import annotations

from alembic import context

handed_over = context.config.attributes
context.configure(
    connection=handed_over["connection"],
    version_table_schema=handed_over["schema"],
    transaction_per_migration=True,
    on_version_apply=handed_over["on_step"],
)
with context.begin_transaction():
    context.run_migrations()
