"""One engine per process for the configured database, with the settings each of the two needs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from core.settings import get_settings

WRITE = "rapport_write"

_engine: Engine | None = None
_bind: Connection | None = None  # set by tests only: every session joins this connection


def build_engine(url: str, *, pool_size: int = 10) -> Engine:
    """An engine for `url`: WAL, foreign keys and explicit BEGIN on SQLite; time limits on PostgreSQL."""
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite(url, pool_size)
    return create_engine(
        url,
        hide_parameters=True,  # errors are logged and kept with jobs; values may be secrets
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=2,
        pool_pre_ping=True,  # a restarted server costs no request
        pool_recycle=1800,
        connect_args={
            "connect_timeout": 2,
            "options": "-c lock_timeout=1500 -c statement_timeout=15000 -c timezone=UTC"
            " -c idle_in_transaction_session_timeout=120000",
        },
    )


def _sqlite(url: str, pool_size: int) -> Engine:
    if database := make_url(url).database:
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=pool_size * 4,
        pool_timeout=15,
        connect_args={"timeout": 15, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "foreign_keys=ON",
            "synchronous=FULL",  # a promise given is on disk, also when the power goes
            "temp_store=MEMORY",
            "cache_size=-16000",
            "mmap_size=134217728",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        # A deferred BEGIN that turns into a write fails at once when another writer was faster, whatever
        # the time-out; BEGIN IMMEDIATE waits its turn.
        if connection.get_execution_options().get(WRITE):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:  # it takes no lock and cannot fail, so it goes straight to the driver: every page begins once
            driver = connection.connection.driver_connection
            assert driver is not None
            driver.execute("BEGIN")

    return engine


def get_engine() -> Engine:
    global _engine
    if _engine is None:
        settings = get_settings()
        _engine = build_engine(settings.database, pool_size=settings.database_pool_size)
    return _engine


def reset_engine() -> None:
    """Forget the engine: after a fork (connections must not be shared) and between tests."""
    global _engine
    if _engine is not None:
        _engine.dispose(close=False)
    _engine = None


def bind_for_tests(connection: Connection | None) -> None:
    """Makes every session a savepoint on `connection`."""
    global _bind
    _bind = connection


def is_bound_for_tests() -> bool:
    return _bind is not None


class ReadSession(Session):
    """Reads only: what was about to be written through it is refused."""


@event.listens_for(ReadSession, "before_flush")
def _refuse(_session: Session, *_args: object) -> None:
    raise RuntimeError("a reading session was about to write: use transaction()")


def new_session(*, write: bool) -> Session:
    """A session of its own. Only core.transaction calls this."""
    kind = Session if write else ReadSession
    if _bind is not None:
        return kind(_bind, join_transaction_mode="create_savepoint", expire_on_commit=False)
    engine = get_engine()
    if write:
        engine = engine.execution_options(**{WRITE: True})
    return kind(engine, expire_on_commit=False, autoflush=True)


def is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


os.register_at_fork(after_in_child=reset_engine)
