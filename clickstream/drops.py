"""What is not kept is counted: by day and reason, without saying whose it was."""

from __future__ import annotations

from datetime import date

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from clickstream.models import ClickDrop
from core import clock
from core.db import is_sqlite

FLOOD = "flood"  # more than a person can do
ADDRESS = "address"  # more than one place may send
QUARANTINE_FULL = "quarantine_full"
DUPLICATE = "duplicate"


def count_drop(session: Session, reason: str, count: int, day: date | None = None) -> None:
    """Adds `count` to the day's number of `reason`."""
    if count <= 0:
        return
    insert = sqlite.insert(ClickDrop) if is_sqlite(session) else postgresql.insert(ClickDrop)
    statement = insert.values(day=day or clock.today(), reason=reason, count=count)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["day", "reason"],
            set_={"count": ClickDrop.__table__.c.count + statement.excluded.count},
        )
    )
