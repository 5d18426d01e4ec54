"""Fixtures: an isolated home and database for the run, savepoint sessions, a client, real services by name."""

from __future__ import annotations

import gc
import logging
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

_HOME = Path(tempfile.mkdtemp(prefix="rapport-test-"))
_DATABASE = os.environ.get("RAPPORT_TEST_DATABASE_URL", "") or f"sqlite:///{_HOME / 'test.db'}"
for _name in [
    name for name in os.environ if name.startswith("RAPPORT_") and not name.startswith("RAPPORT_TEST_")
]:
    del os.environ[_name]
os.environ.update(
    RAPPORT_HOME=str(_HOME),
    RAPPORT_MODE="demo",
    RAPPORT_SECRET_KEY=secrets.token_urlsafe(40),
    RAPPORT_DATABASE_URL=_DATABASE,
    RAPPORT_LOG_LEVEL="WARNING",
)

from flask import Flask  # noqa: E402
from flask.testing import FlaskClient  # noqa: E402
from sqlalchemy import create_engine, text  # noqa: E402
from sqlalchemy.engine import make_url  # noqa: E402
from sqlalchemy.orm import Session  # noqa: E402

import app.jobs  # noqa: E402
from app import migrate  # noqa: E402
from app.factory import create_app  # noqa: E402
from core.db.engine import WRITE, bind_for_tests, get_engine, reset_engine  # noqa: E402
from core.settings import Settings, get_settings  # noqa: E402
from core.telemetry import configure_logging  # noqa: E402
from core.transaction import transaction  # noqa: E402

configure_logging("WARNING", json_lines=True)

SERVICES = {
    "postgres": "RAPPORT_TEST_POSTGRES_URL",
    "rabbitmq": "RAPPORT_TEST_RABBITMQ_URL",
    "redis": "RAPPORT_TEST_REDIS_URL",
    "elasticsearch": "RAPPORT_TEST_ELASTICSEARCH_URL",
    "chromium": "RAPPORT_TEST_CHROMIUM",
}


def service_url(name: str) -> str:
    """The address of a real service of this run; skips by name without it, fails with CI=true."""
    url = os.environ.get(SERVICES[name], "")
    if not url:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{name} is absent ({SERVICES[name]} is not set)")
        pytest.skip(f"{name} is absent ({SERVICES[name]} is not set)")
    return url


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the collector, which some tests call, need not look through it each time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _service_mark(request: pytest.FixtureRequest) -> None:
    for mark in request.node.iter_markers("service"):
        service_url(mark.args[0])


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """Commands set up logging for the stream of their own test; what comes after must not write there."""
    configured, root = structlog.get_config(), logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    structlog.configure(**configured)
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(scope="session")
def settings() -> Settings:
    return get_settings()


@pytest.fixture(scope="session", autouse=True)
def _database() -> Iterator[None]:
    """A fresh, migrated database for the whole run."""
    url = make_url(_DATABASE)
    if url.get_backend_name() == "postgresql":
        admin = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{url.database}" WITH (FORCE)'))
            connection.execute(text(f'CREATE DATABASE "{url.database}"'))
        admin.dispose()
    migrate.upgrade()
    yield
    get_engine().dispose()
    reset_engine()
    shutil.rmtree(_HOME, ignore_errors=True)


@pytest.fixture(autouse=True)
def _isolated(request: pytest.FixtureRequest) -> Iterator[None]:
    """Each test is a savepoint that is undone; tests marked by the fixture `real_transactions` are not."""
    if "real_transactions" in request.fixturenames or request.node.get_closest_marker("no_database"):
        yield
        return
    with get_engine().execution_options(**{WRITE: True}).connect() as connection:
        outer = connection.begin()
        bind_for_tests(connection)
        try:
            yield
        finally:
            bind_for_tests(None)
            outer.rollback()


@pytest.fixture
def real_transactions() -> Iterator[None]:
    """Real transactions on the run's database, for tests of concurrency; every table is emptied afterwards."""
    yield
    empty_database()


def empty_database() -> None:
    from_models = app.jobs.models.metadata
    with get_engine().execution_options(**{WRITE: True}).connect() as connection:
        if connection.dialect.name == "postgresql":
            names = ", ".join(f'"{table.name}"' for table in from_models.sorted_tables)
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text(f"TRUNCATE {names} CASCADE"))
        else:
            triggers = connection.execute(
                text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit%'")
            ).all()
            for name, _sql in triggers:
                connection.execute(text(f"DROP TRIGGER {name}"))
            for table in reversed(from_models.sorted_tables):
                connection.execute(table.delete())
            for _name, sql in triggers:
                connection.execute(text(sql))
        connection.commit()


@pytest.fixture
def session() -> Iterator[Session]:
    """A writing session; what it holds is undone after the test."""
    with transaction() as found:
        yield found
        found.flush()


@pytest.fixture(scope="session")
def flask_app() -> Flask:
    made = create_app()
    made.testing = True
    made.config["PROPAGATE_FAULTS"] = True
    return made


@pytest.fixture
def client(flask_app: Flask) -> FlaskClient:
    return flask_app.test_client()
