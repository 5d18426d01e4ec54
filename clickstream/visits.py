"""Visits: whose events belong together, kept up to date by single statements, so that no two batches race."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Boolean, Insert, and_, bindparam, case, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from clickstream.models import ClickEvent, ClickSession, ClickSubject
from clickstream.vocabulary import ORDERED, PAGE, REQUESTED
from core import clock
from core.db import UTCDateTime, is_sqlite
from core.ids import new_id

SILENCE = timedelta(minutes=30)  # that much without a click ends a visit
WINDOW = timedelta(minutes=10)
MOST_PER_WINDOW = 1_000  # events of one subject; a person makes a few dozen


class Place(NamedTuple):
    """The visit that a batch belongs to, and how many of its events may be kept."""

    session_id: uuid.UUID
    allowed: int


@cache
def _place_statement(on_sqlite: bool) -> Insert:
    """Built once: building it costs more than running it."""
    table = ClickSubject.__table__
    statement = (sqlite.insert if on_sqlite else postgresql.insert)(table)
    new, held = statement.excluded, table.c
    is_silent = and_(
        held.last_at < bindparam("silent_before", type_=UTCDateTime()), bindparam("opens", type_=Boolean())
    )
    is_over = held.window_start < bindparam("over_before", type_=UTCDateTime())
    return statement.on_conflict_do_update(
        index_elements=["id"],
        set_={
            "session_id": case((is_silent, new.session_id), else_=held.session_id),
            "last_at": case((held.last_at < new.last_at, new.last_at), else_=held.last_at),
            "window_start": case((is_over, new.window_start), else_=held.window_start),
            "window_count": case((is_over, new.window_count), else_=held.window_count + new.window_count),
        },
    ).returning(held.session_id, held.window_count)


def find_place(session: Session, subject_id: uuid.UUID, *, at: datetime, count: int, opens: bool) -> Place:
    """Notes that `subject_id` sent `count` events. `opens`: whether they may begin a visit: leaving a page does not."""
    row = session.connection().execute(
        _place_statement(is_sqlite(session)),
        {
            "id": subject_id, "session_id": new_id(), "last_at": at, "window_start": at, "window_count": count,
            "silent_before": at - SILENCE, "over_before": at - WINDOW, "opens": opens,
        },
    ).one()  # fmt: skip
    return Place(row.session_id, max(count - max(row.window_count - MOST_PER_WINDOW, 0), 0))


def hold(session: Session, subject_id: uuid.UUID) -> None:
    """Until the transaction ends, no batch of this subject is taken in."""
    insert = sqlite.insert(ClickSubject) if is_sqlite(session) else postgresql.insert(ClickSubject)
    moment = clock.now()
    statement = insert.values(
        id=subject_id, session_id=new_id(), last_at=moment - SILENCE * 2, window_start=moment, window_count=0
    )
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["id"], set_={"last_at": ClickSubject.__table__.c.last_at}
        )
    )


def count_in(
    session: Session,
    session_id: uuid.UUID,
    rows: Sequence[Mapping[str, Any]],
    *,
    person_id: uuid.UUID | None,
    visitor_id: uuid.UUID | None,
    is_bot: bool,
) -> None:
    """Adds stored events (rows of click_event, in the order of time) to their visit."""
    if not rows:
        return
    pages = [row for row in rows if row["name"] == PAGE]
    first = pages[0] if pages else None
    referrers = [row["referrer"] for row in rows if row.get("referrer")]
    session.connection().execute(
        _count_statement(is_sqlite(session)),
        {
            "id": session_id,
            "person_id": person_id,
            "visitor_id": visitor_id,
            "started_at": rows[0]["at"],
            "last_at": rows[-1]["at"],
            "entry_kind": first["page_kind"] if first else None,
            "entry_id": first["page_id"] if first else None,
            "entry_path": first["path"] if first else None,
            "referrer": referrers[0] if referrers else None,
            "pages": len(pages),
            "events": len(rows),
            "dwell_ms": sum(row["dwell_ms"] or 0 for row in rows),
            "has_order": any(row["name"] == ORDERED for row in rows),
            "has_request": any(row["name"] == REQUESTED for row in rows),
            "is_bot": is_bot,
        },
    )


@cache
def _count_statement(on_sqlite: bool) -> Insert:
    table = ClickSession.__table__
    statement = (sqlite.insert if on_sqlite else postgresql.insert)(table)
    new, held = statement.excluded, table.c
    has_entry = or_(held.entry_path.is_not(None), held.entry_kind.is_not(None))
    return statement.on_conflict_do_update(
        index_elements=["id"],
        set_={
            "person_id": func.coalesce(held.person_id, new.person_id),
            "started_at": case((new.started_at < held.started_at, new.started_at), else_=held.started_at),
            "last_at": case((held.last_at < new.last_at, new.last_at), else_=held.last_at),
            "entry_kind": case((has_entry, held.entry_kind), else_=new.entry_kind),
            "entry_id": case((has_entry, held.entry_id), else_=new.entry_id),
            "entry_path": case((has_entry, held.entry_path), else_=new.entry_path),
            "referrer": func.coalesce(held.referrer, new.referrer),
            "pages": held.pages + new.pages,
            "events": held.events + new.events,
            "dwell_ms": held.dwell_ms + new.dwell_ms,
            "has_order": or_(held.has_order, new.has_order),
            "has_request": or_(held.has_request, new.has_request),
            "is_bot": or_(held.is_bot, new.is_bot),
        },
    )


def rebuild(session: Session, session_ids: Sequence[uuid.UUID]) -> None:
    """Writes visits again from the events that are in them; one without events is gone."""
    for session_id in session_ids:
        kept = session.scalar(select(ClickSession.referrer).where(ClickSession.id == session_id))
        session.execute(delete(ClickSession).where(ClickSession.id == session_id))
        columns = ClickEvent.__table__.c
        rows = [
            dict(row)
            for row in session.execute(
                select(
                    columns.name, columns.at, columns.page_kind, columns.page_id, columns.path, columns.dwell_ms,
                    columns.person_id, columns.visitor_id, columns.is_bot,
                )
                .where(columns.session_id == session_id)
                .order_by(columns.at, columns.id)
            ).mappings()
        ]  # fmt: skip
        if rows:
            rows[0]["referrer"] = kept
        count_in(
            session,
            session_id,
            rows,
            person_id=next((row["person_id"] for row in rows if row["person_id"]), None),
            visitor_id=next((row["visitor_id"] for row in rows if row["visitor_id"]), None),
            is_bot=any(row["is_bot"] for row in rows),
        )


__all__ = ["MOST_PER_WINDOW", "SILENCE", "Place", "count_in", "find_place", "hold", "rebuild"]
