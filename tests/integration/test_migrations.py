"""The migrations make exactly the tables that the models describe, and running them again changes nothing."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from app import migrate
from app.models import metadata
from core.db.engine import get_engine
from core.i18n.catalogue import ROOT

pytestmark = pytest.mark.usefixtures("real_transactions")


def test_migrated_database_is_what_the_models_describe() -> None:
    with get_engine().connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert migrate.pending(connection) == []


def test_migrating_again_changes_nothing() -> None:
    def schema() -> list[str]:
        with get_engine().connect() as connection:
            return sorted(inspect(connection).get_table_names())

    before = schema()
    assert migrate.upgrade() == ScriptDirectory(str(ROOT / "migrations")).get_current_head()
    assert schema() == before


def test_there_is_one_line_of_migrations() -> None:
    script = ScriptDirectory(str(ROOT / "migrations"))
    assert len(script.get_heads()) == 1
    assert all(not isinstance(revision.down_revision, tuple) for revision in script.walk_revisions())


def test_partial_indexes_exist() -> None:
    """One pending job per name and key is a rule of the database, not only of the code."""
    with get_engine().connect() as connection:
        if connection.dialect.name == "postgresql":
            found = connection.execute(
                text("SELECT indexdef FROM pg_indexes WHERE indexname = 'uq_job_pending_name_key'")
            )
        else:
            found = connection.execute(
                text("SELECT sql FROM sqlite_master WHERE name = 'uq_job_pending_name_key'")
            )
        definition = found.scalar_one()
    assert "UNIQUE" in definition
    assert "pending" in definition
