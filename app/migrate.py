"""Bringing the database to the newest schema; one process at a time."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from core.db import build_engine
from core.db.engine import WRITE
from core.i18n.catalogue import ROOT
from core.settings import get_settings

LOCK = 7200


def _config(connection: Connection) -> Config:
    config = Config(str(ROOT / "alembic.ini"))
    config.attributes["connection"] = connection
    return config


def upgrade(url: str | None = None) -> str:
    """Applies what is missing; returns the revision reached. Two at once take turns."""
    engine = build_engine(url or get_settings().database)
    try:
        with engine.execution_options(**{WRITE: True}).connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET statement_timeout = 0"))
                connection.execute(text("SET lock_timeout = '30s'"))
                connection.execute(text(f"SELECT pg_advisory_lock({LOCK})"))
                connection.rollback()
                connection.execute(text("SET lock_timeout = '2s'"))
                connection.rollback()
            command.upgrade(_config(connection), "head")
            reached = MigrationContext.configure(connection).get_current_revision()
            connection.rollback()
            return reached or "none"
    finally:
        engine.dispose()


def pending(connection: Connection) -> list[str]:
    """Revisions that are not applied yet."""
    script = ScriptDirectory.from_config(_config(connection))
    current = MigrationContext.configure(connection).get_current_revision()
    return [item.revision for item in script.iterate_revisions("head", current or "base")]
