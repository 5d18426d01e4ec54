"""What the rest of the house tells the clickstream."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from clickstream import consent, visits
from clickstream.models import ClickEvent, ClickJoin, ClickQuarantine, ClickSession, ClickSubject
from clickstream.visits import SILENCE
from clickstream.vocabulary import ORDERED, REQUESTED
from core import clock
from core.db import is_sqlite
from core.ids import new_id

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
    if name == ORDERED:
        return {"has_order": True}
    return {"has_request": True} if name == REQUESTED else {}


def join(session: Session, visitor_id: uuid.UUID, person_id: uuid.UUID) -> bool:
    """The visitor of this browser has signed in as this person: their clicks become the person's. True if so.

    Only with the visitor's consent to clicks, and the person's; a person who has decided nothing yet takes the
    visitor's decisions over, because the same hand made them. A visitor joins one person, once, for ever.
    """
    theirs = consent.decisions(session, visitor_id=visitor_id)
    own = consent.decisions(session, person_id=person_id)
    if not theirs.get(consent.CLICKS) or not own.get(consent.CLICKS, True):
        return False
    if not _note_join(session, visitor_id, person_id):
        return False
    undecided = {purpose: granted for purpose, granted in theirs.items() if purpose not in own}
    consent.decide(session, undecided, person_id=person_id, source="sign_in")
    for table in (ClickEvent, ClickSession, ClickQuarantine):
        session.execute(
            update(table)
            .where(table.visitor_id == visitor_id, table.person_id.is_(None))
            .values(person_id=person_id)
        )
    _carry_visit_on(session, visitor_id, person_id)
    return True


def _note_join(session: Session, visitor_id: uuid.UUID, person_id: uuid.UUID) -> bool:
    # A batch of this visitor that is just being taken in holds this row: we wait for it, or it for us.
    visits.hold(session, visitor_id)
    insert = sqlite.insert(ClickJoin) if is_sqlite(session) else postgresql.insert(ClickJoin)
    session.execute(
        insert.values(
            visitor_id=visitor_id, person_id=person_id, joined_at=clock.now()
        ).on_conflict_do_nothing(index_elements=["visitor_id"])
    )
    row = session.get(ClickJoin, visitor_id, populate_existing=True)
    return row is not None and row.person_id == person_id and row.undone_at is None


def _carry_visit_on(session: Session, visitor_id: uuid.UUID, person_id: uuid.UUID) -> None:
    """The visit goes on under the person's name. One that they have elsewhere ends: this is where they are now."""
    before = session.get(ClickSubject, visitor_id, populate_existing=True)
    if before is None:
        return
    present = session.get(ClickSubject, person_id, populate_existing=True, with_for_update=True)
    if present is None:
        session.add(
            ClickSubject(
                id=person_id,
                session_id=before.session_id,
                last_at=before.last_at,
                window_start=before.window_start,
                window_count=before.window_count,
            )
        )
    elif present.last_at < before.last_at:
        present.session_id, present.last_at = before.session_id, before.last_at
    session.delete(before)
    session.flush()


def undo_join(session: Session, visitor_id: uuid.UUID, person_id: uuid.UUID) -> bool:
    """Takes a join back: what the visitor did before signing in is nobody's again. True if there was one."""
    row = session.get(ClickJoin, visitor_id, with_for_update=True, populate_existing=True)
    if row is None or row.person_id != person_id or row.undone_at is not None:
        return False
    row.undone_at = clock.now()
    of_visitor = ClickEvent.visitor_id == visitor_id
    touched = session.scalars(select(ClickEvent.session_id).where(of_visitor).distinct()).all()
    session.execute(update(ClickEvent).where(of_visitor).values(person_id=None))
    session.execute(
        update(ClickQuarantine).where(ClickQuarantine.visitor_id == visitor_id).values(person_id=None)
    )
    for visit in [found for found in touched if found is not None]:
        parted = new_id()
        session.execute(
            update(ClickEvent).where(of_visitor, ClickEvent.session_id == visit).values(session_id=parted)
        )
        visits.rebuild(session, [visit, parted])
    return True


def list_joins(session: Session, person_id: uuid.UUID) -> list[ClickJoin]:
    """The visitors that this person was, newest first, without those taken back."""
    return list(
        session.scalars(
            select(ClickJoin)
            .where(ClickJoin.person_id == person_id, ClickJoin.undone_at.is_(None))
            .order_by(ClickJoin.joined_at.desc())
        )
    )


def erase(
    session: Session, *, person_id: uuid.UUID | None = None, visitor_id: uuid.UUID | None = None
) -> int:
    """Deletes all clicks of a person, or of a visitor who belongs to nobody. Returns how many events there were.

    Their decisions about consent stay (see consent.erase): they prove what was agreed.
    """
    if (subject := person_id or visitor_id) is None:
        return 0
    # New batches of this subject wait until the old ones are gone.
    visits.hold(session, subject)
    for table in (ClickQuarantine, ClickSession):
        session.execute(delete(table).where(_of(table, person_id, visitor_id)))
    gone = session.execute(delete(ClickEvent).where(_of(ClickEvent, person_id, visitor_id)))
    session.execute(delete(ClickSubject).where(ClickSubject.id == subject))
    if person_id is not None:
        session.execute(delete(ClickJoin).where(ClickJoin.person_id == person_id))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _of(table: Any, person_id: uuid.UUID | None, visitor_id: uuid.UUID | None) -> ColumnElement[bool]:
    if person_id is not None:
        return cast("ColumnElement[bool]", table.person_id == person_id)
    return and_(table.visitor_id == visitor_id, table.person_id.is_(None))
