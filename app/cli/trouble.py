"""What the person at the command line is told when the database is away or not set up."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

from app import migrate
from core.db import get_engine
from core.settings import get_settings
from core.telemetry import scrub


def explain_database(error: Exception) -> str | None:
    """A sentence with what to do; None for everything else, which is a fault of ours and keeps its trace."""
    if not isinstance(error, DBAPIError):
        return None
    try:
        with get_engine().connect() as connection:
            waiting = migrate.pending(connection)
    except DBAPIError as cause:
        said = str(cause.orig).strip().partition("\n")[0]
        return f"The database {scrub(get_settings().database)} cannot be reached: {scrub(said)}"
    if waiting:
        return f"The database is not set up for this version (migrations to apply: {len(waiting)}): run rapport migrate."
    return None
