"""The schema's history, as alembic revisions that run on SQLite and PostgreSQL."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData

from config.database import Database


def _config(database: Database, metadata: MetaData | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes.update(database=database, metadata=metadata)
    return config


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the schema to `revision`; each revision is one transaction."""
    if database.path is not None:
        database.path.parent.mkdir(parents=True, exist_ok=True)
    command.upgrade(_config(database), revision)


def downgrade(database: Database, revision: str) -> None:
    """Take the schema back to `revision`."""
    command.downgrade(_config(database), revision)


def new_revision(database: Database, metadata: MetaData, message: str) -> None:
    """Write a revision file with the difference between the database and the models."""
    command.revision(_config(database, metadata), message=message, autogenerate=True)


def head() -> str | None:
    """Return the newest revision that this version of the code knows."""
    return ScriptDirectory(str(Path(__file__).parent)).get_current_head()


def current(database: Database) -> str | None:
    """Return the revision that the database is at, None for an empty one."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def differences(database: Database, metadata: MetaData) -> list[object]:
    """Return what the models have that the database has not, and the other way round."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))
