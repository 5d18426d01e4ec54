"""Alembic's entry: the configured database, batch mode on SQLite, short lock waits on PostgreSQL."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from app.models import metadata
from core.db import build_engine
from core.db.engine import WRITE
from core.settings import get_settings


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        transaction_per_migration=True,
        user_module_prefix="core.db.types.",
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    engine = build_engine(get_settings().database)
    with engine.execution_options(**{WRITE: True}).connect() as own:
        run(own)
    engine.dispose()
