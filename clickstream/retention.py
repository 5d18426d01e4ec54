"""How long each kind of click is kept, and the work that holds to it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.orm import Session

from clickstream.models import (
    ClickDrop,
    ClickEvent,
    ClickQuarantine,
    ClickSession,
    ClickSubject,
    ConsentRecord,
)
from core import clock
from core.jobs import recurring

OF_PERSONS = timedelta(days=395)  # thirteen months: one year can be laid beside the next
OF_VISITORS = timedelta(days=90)
OF_PROGRAMS = timedelta(days=7)
QUARANTINED = timedelta(days=14)
COUNTS = timedelta(days=395)
VISITORS_CONSENT = timedelta(days=395)  # a visitor's name is dead after half a year; the proof outlives it
PLACES = timedelta(days=1)
AT_A_TIME = 20_000


@recurring("clickstream.keep_no_longer", every=timedelta(hours=1))
def keep_no_longer(session: Session) -> None:
    """Deletes what is older than its class may be, a bounded number of rows each time."""
    moment = clock.now()
    for table, at in ((ClickEvent, ClickEvent.at), (ClickSession, ClickSession.started_at)):
        for wanted in (
            at < moment - OF_PERSONS,
            and_(at < moment - OF_VISITORS, table.person_id.is_(None)),
            and_(at < moment - OF_PROGRAMS, table.is_bot),
        ):
            _delete(session, table, wanted)
    _delete(session, ClickQuarantine, ClickQuarantine.received_at < moment - QUARANTINED)
    _delete(session, ClickSubject, ClickSubject.last_at < moment - PLACES)
    _delete(
        session,
        ConsentRecord,
        and_(ConsentRecord.visitor_id.is_not(None), ConsentRecord.at < moment - VISITORS_CONSENT),
    )
    session.execute(delete(ClickDrop).where(ClickDrop.day < (moment - COUNTS).date()))


def _delete(session: Session, table: Any, wanted: ColumnElement[bool]) -> None:
    session.execute(delete(table).where(table.id.in_(select(table.id).where(wanted).limit(AT_A_TIME))))
