"""Numbers of documents: a counter row per kind, and taking turns where two requests would be one."""

from __future__ import annotations

import hashlib

from sqlalchemy import text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from core.db import is_sqlite
from core.errors import Conflict
from core.ids import make_reference
from crm.orders.models import Sequence

FIRST = 100_001
TURNS = 7210  # the space of our advisory locks; 7200 and 7201 are migrations and the audit log


def next_number(session: Session, name: str, first: int = FIRST) -> int:
    """The next number of a counter. The row stays locked until the transaction ends: ask late."""
    insert = sqlite.insert(Sequence) if is_sqlite(session) else postgresql.insert(Sequence)
    statement = insert.values(name=name, last=first).on_conflict_do_update(
        index_elements=["name"], set_={"last": Sequence.last + 1}
    )
    return int(session.execute(statement.returning(Sequence.last)).scalar_one())


def next_order_number(session: Session) -> str:
    """'SO-100001-9'."""
    return make_reference("SO", next_number(session, "order"))


def take_turn(session: Session, subject: str) -> None:
    """Waits until no other transaction holds `subject`, and holds it until this one ends.

    SQLite has one writer at a time anyway. Raises Conflict when the other one takes too long.
    """
    if is_sqlite(session):
        return
    number = int.from_bytes(hashlib.sha256(subject.encode()).digest()[:4], "big", signed=True)
    try:
        session.execute(
            text("SELECT pg_advisory_xact_lock(:space, :number)"), {"space": TURNS, "number": number}
        )
    except OperationalError:
        raise Conflict("orders.in_progress") from None
