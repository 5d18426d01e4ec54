"""Events out of quarantine: corrected by hand, or fit by now because we know more words."""

from __future__ import annotations

import json
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from clickstream import consent
from clickstream.collecting import Sender, store
from clickstream.models import ClickQuarantine, ClickSession
from clickstream.schemas import BadEvent, Event, read_event
from clickstream.visits import SILENCE
from core.errors import Invalid
from core.ids import new_id

MOST_AT_ONCE = 500
Outcome = Literal["stored", "duplicate", "gone"]


def corrected(raw: Any) -> Event:
    """The corrected event. Raises Invalid when it still does not fit."""
    item = read_event(raw)
    if isinstance(item, BadEvent):
        raise Invalid("clicks.still_wrong", field="body", reason=item.reason, part=item.field)
    return item


def replay(session: Session, row: ClickQuarantine, event: Event) -> Outcome:
    """Takes the corrected event in at the time when it first came. The row leaves quarantine.

    'gone': whoever sent it does not agree to clicks any more.
    """
    return _take(session, row, event)


def replay_all(session: Session) -> dict[Outcome | Literal["left"], int]:
    """Tries the newest in quarantine again as they are. Counts what became of them."""
    told: dict[Outcome | Literal["left"], int] = {"stored": 0, "duplicate": 0, "gone": 0, "left": 0}
    rows = session.scalars(
        select(ClickQuarantine).order_by(ClickQuarantine.id.desc()).limit(MOST_AT_ONCE)
    ).all()
    for row in rows:
        item = read_event(_parsed(row.body))
        told["left" if isinstance(item, BadEvent) else _take(session, row, item)] += 1
    return told


def _parsed(body: str) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None  # too long to have been kept whole


def _take(session: Session, row: ClickQuarantine, event: Event) -> Outcome:
    session.delete(row)
    session.flush()
    if not consent.has(session, consent.CLICKS, person_id=row.person_id, visitor_id=row.visitor_id):
        return "gone"
    whose = (
        ClickSession.person_id == row.person_id
        if row.person_id
        else ClickSession.visitor_id == row.visitor_id
    )
    visit = session.scalar(
        select(ClickSession.id)
        .where(
            whose,
            ClickSession.started_at <= row.received_at + SILENCE,
            ClickSession.last_at >= row.received_at - SILENCE,
        )
        .order_by(ClickSession.started_at.desc())
        .limit(1)
    )
    sender = Sender(row.person_id, row.visitor_id, row.is_bot)
    return "stored" if store(session, sender, [event], visit or new_id(), row.received_at) else "duplicate"
