"""Runs the revisions; alembic loads this file."""

from __future__ import annotations

from alembic import context

from config.database import Database

database: Database = context.config.attributes["database"]

with database.write_connection() as connection:
    context.configure(
        connection=connection,
        target_metadata=context.config.attributes["metadata"],
        render_as_batch=True,
        compare_type=True,
        user_module_prefix="database.",
    )
    with context.begin_transaction():
        context.run_migrations()
