"""Taking a batch in: each message once, in the order of time, no more than a person can do."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Insert, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from clickstream import drops, visits
from clickstream.models import ClickEvent, ClickJoin, ClickQuarantine, ClickSubject
from clickstream.schemas import BadEvent, Event
from clickstream.vocabulary import PAGE_LEFT
from core.db import is_sqlite
from core.ids import new_id

MOST_QUARANTINED = 5_000
MOST_QUARANTINED_OF_ONE = 100


class Sender(NamedTuple):
    """Who sends, as this house knows it: a signed-in person, or else a visitor by the name that we gave them.

    Both only when a visitor's batch arrives after the visitor joined the person.
    """

    person_id: uuid.UUID | None
    visitor_id: uuid.UUID | None
    is_bot: bool = False

    @property
    def subject_id(self) -> uuid.UUID:
        found = self.person_id or self.visitor_id
        assert found is not None
        return found


class Taken(NamedTuple):
    """What became of a batch."""

    accepted: int = 0
    duplicates: int = 0
    quarantined: int = 0
    dropped: int = 0


def take(
    session: Session, sender: Sender, items: Sequence[Event | BadEvent], *, received_at: datetime
) -> Taken:
    """Stores a batch of one sender who agreed to it. What is over the limits is counted, not stored."""
    good = [item for item in items if isinstance(item, Event)]
    opens = any(event.name != PAGE_LEFT for event in good)
    sender = _whose_now(session, sender)
    place = visits.find_place(session, sender.subject_id, at=received_at, count=len(items), opens=opens)
    if (now := _whose_now(session, sender)) != sender:
        # They signed in while this waited for them to: it goes on in the person's visit.
        session.execute(delete(ClickSubject).where(ClickSubject.id == sender.subject_id))
        sender = now
        place = visits.find_place(session, sender.subject_id, at=received_at, count=len(items), opens=opens)
    kept = good[: place.allowed]
    bad = [item for item in items if isinstance(item, BadEvent)][: place.allowed - len(kept)]
    stored = store(session, sender, kept, place.session_id, received_at)
    quarantined = _quarantine(session, sender, bad, received_at)
    over = len(items) - len(kept) - len(bad)
    duplicates = len(kept) - stored
    drops.count_drop(session, drops.FLOOD, over)
    drops.count_drop(session, drops.QUARANTINE_FULL, len(bad) - quarantined)
    drops.count_drop(session, drops.DUPLICATE, duplicates)
    return Taken(stored, duplicates, quarantined, over + len(bad) - quarantined)


def _whose_now(session: Session, sender: Sender) -> Sender:
    """A visitor who signed in while this batch was under way is the person already."""
    if sender.person_id is not None or sender.visitor_id is None:
        return sender
    joined = session.scalar(
        select(ClickJoin.person_id).where(
            ClickJoin.visitor_id == sender.visitor_id, ClickJoin.undone_at.is_(None)
        )
    )
    return sender._replace(person_id=joined) if joined else sender


def store(
    session: Session, sender: Sender, events: Sequence[Event], session_id: uuid.UUID, received_at: datetime
) -> int:
    """How many of the events are new. They get our time, less what they waited in the browser."""
    rows: list[dict[str, Any]] = []
    for event in sorted(events, key=lambda event: event.waited or timedelta(0), reverse=True):
        rows.append(
            {
                "id": new_id(),
                "message_id": event.message_id,
                "name": event.name,
                "at": received_at - (event.waited or timedelta(0)),
                "received_at": received_at,
                "person_id": sender.person_id,
                "visitor_id": sender.visitor_id,
                "session_id": session_id,
                "page_kind": event.page_kind,
                "page_id": event.page_id,
                "path": event.path,
                "product_id": event.product_id,
                "signal": event.signal,
                "dwell_ms": event.dwell_ms,
                "is_bot": sender.is_bot,
                "is_server": False,
                "properties": event.properties,
            }
        )
    if not rows:
        return 0
    # In the order of their names, so that two batches that share messages wait for each other one way round.
    in_order = sorted({row["message_id"]: row for row in reversed(rows)}.values(), key=_message_id)
    new = set(session.connection().execute(_insert_statement(is_sqlite(session)), in_order).scalars())
    referrers = {event.message_id: event.referrer for event in events}
    visits.count_in(
        session,
        session_id,
        [{**row, "referrer": referrers[row["message_id"]]} for row in rows if row["id"] in new],
        person_id=sender.person_id,
        visitor_id=sender.visitor_id,
        is_bot=sender.is_bot,
    )
    return len(new)


@cache
def _insert_statement(on_sqlite: bool) -> Insert:
    statement = (sqlite.insert if on_sqlite else postgresql.insert)(ClickEvent.__table__)
    return statement.on_conflict_do_nothing(index_elements=["message_id"]).returning(
        ClickEvent.__table__.c.id
    )


def _message_id(row: dict[str, Any]) -> str:
    found: str = row["message_id"]
    return found


def _quarantine(session: Session, sender: Sender, bad: Sequence[BadEvent], received_at: datetime) -> int:
    """Keeps bad events for whoever mends them, within bounds for one sender and for all."""
    if not bad:
        return 0
    whose = (
        ClickQuarantine.person_id == sender.person_id
        if sender.person_id
        else ClickQuarantine.visitor_id == sender.visitor_id
    )
    of_one = session.scalar(select(func.count()).select_from(ClickQuarantine).where(whose)) or 0
    of_all = session.scalar(select(func.count()).select_from(ClickQuarantine)) or 0
    room = max(min(MOST_QUARANTINED_OF_ONE - of_one, MOST_QUARANTINED - of_all), 0)
    session.add_all(
        ClickQuarantine(
            person_id=sender.person_id,
            visitor_id=sender.visitor_id,
            received_at=received_at,
            reason=item.reason,
            field=item.field,
            body=item.body,
            is_bot=sender.is_bot,
        )
        for item in bad[:room]
    )
    session.flush()
    return min(room, len(bad))
