"""What the rest of the house tells the clickstream."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from clickstream import consent
from clickstream.models import ClickEvent, ClickSession
from core import clock
from core.db import is_sqlite
from core.ids import new_id

SILENCE = timedelta(minutes=30)  # that much without a click ends a visit
SERVER_MARK = "server:"  # no browser's message id holds a colon, so none can stand in the way of these


def record_server_event(
    session: Session,
    *,
    message_id: str,
    name: str,
    person_id: uuid.UUID | None,
    at: datetime,
    properties: Mapping[str, Any],
) -> bool:
    """Writes what the house itself knows (an order, a case) into the person's path. True if a row was written.

    Nothing is written without the person's consent to clicks, nor twice for one message id, nor for nobody.
    `page_kind` and `page_id` in `properties` say what it is about. The visit under way then has it too.
    """
    if person_id is None or not consent.has(session, consent.CLICKS, person_id=person_id):
        return False
    visit = session.scalar(
        select(ClickSession.id)
        .where(
            ClickSession.person_id == person_id,
            ClickSession.started_at <= at,
            ClickSession.last_at >= at - SILENCE,
        )
        .order_by(ClickSession.started_at.desc())
        .limit(1)
    )
    told = dict(properties)
    insert = sqlite.insert(ClickEvent) if is_sqlite(session) else postgresql.insert(ClickEvent)
    written = session.scalar(
        insert.values(
            id=new_id(),
            message_id=f"{SERVER_MARK}{message_id}"[:120],
            name=name,
            at=at,
            received_at=clock.now(),
            person_id=person_id,
            session_id=visit,
            page_kind=told.pop("page_kind", None),
            page_id=told.pop("page_id", None),
            is_bot=False,
            is_server=True,
            properties=told,
        )
        .on_conflict_do_nothing(index_elements=["message_id"])
        .returning(ClickEvent.id)
    )
    if written is None:
        return False
    if visit is not None:
        session.execute(
            update(ClickSession)
            .where(ClickSession.id == visit)
            .values(events=ClickSession.events + 1, **_outcome(name))
        )
    return True


def _outcome(name: str) -> dict[str, bool]:
    if name == "Order Completed":
        return {"has_order": True}
    return {"has_request": True} if name == "Request Opened" else {}
