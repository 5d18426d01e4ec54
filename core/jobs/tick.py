"""The beat tick: what is due and not under way is handed to the broker again; recurring work is started."""

from __future__ import annotations

import os
import socket
import uuid
from datetime import timedelta

import structlog
from sqlalchemy import and_, delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core import clock
from core.db import is_sqlite
from core.jobs.broker import publish
from core.jobs.models import PENDING, RUNNING, Job, Recurrence, WorkerBeat
from core.jobs.registry import list_recurring, recurring
from core.jobs.services import enqueue, mark_published, prune
from core.transaction import transaction

log = structlog.get_logger()

MOST = 500  # a long filesystem queue is slow to fetch from
QUIET = timedelta(seconds=30)  # none that was published this recently


def due_ids(session: Session, most: int = MOST) -> list[uuid.UUID]:
    """Jobs that should be at a worker and are not, oldest first."""
    moment = clock.now()
    waiting = and_(Job.state == PENDING, Job.run_at <= moment)
    abandoned = and_(Job.state == RUNNING, Job.lease_until < moment)
    is_quiet = or_(Job.published_at.is_(None), Job.published_at < moment - QUIET)
    query = select(Job.id).where(or_(waiting, abandoned), is_quiet).order_by(Job.run_at).limit(most)
    return list(session.scalars(query.with_for_update(skip_locked=True)))


def tick() -> int:
    """One beat. Returns how many jobs were handed to the broker."""
    with transaction() as session:
        ids = due_ids(session)
        mark_published(session, ids, clock.now())
        start_recurring(session)
        _beat(session)
    sent = publish(ids)
    if sent < len(ids):
        with transaction() as session:
            mark_published(session, ids[sent:], None)  # the next tick tries again
    return sent


def start_recurring(session: Session) -> list[str]:
    """Starts each recurring work whose slot has come; a slot is started once, however many beats run."""
    started = []
    seconds = int(clock.now().timestamp())
    for name, every in list_recurring().items():
        slot = seconds // max(int(every.total_seconds()), 1)
        insert = sqlite.insert(Recurrence) if is_sqlite(session) else postgresql.insert(Recurrence)
        statement = insert.values(name=name, slot=slot)
        statement = statement.on_conflict_do_update(
            index_elements=["name"], set_={"slot": slot}, where=Recurrence.slot < slot
        )
        if session.execute(statement.returning(Recurrence.slot)).scalar() is not None:
            enqueue(session, name, key=f"slot:{name}")
            started.append(name)
    return started


def _beat(session: Session) -> None:
    name = f"{socket.gethostname()[:80]}:{os.getpid()}"
    insert = sqlite.insert(WorkerBeat) if is_sqlite(session) else postgresql.insert(WorkerBeat)
    moment = clock.now()
    session.execute(
        insert.values(name=name, seen_at=moment).on_conflict_do_update(
            index_elements=["name"], set_={"seen_at": moment}
        )
    )


@recurring("core.prune_jobs", every=timedelta(minutes=15))
def prune_jobs(session: Session) -> None:
    prune(session)
    session.execute(delete(WorkerBeat).where(WorkerBeat.seen_at < clock.now() - timedelta(days=1)))
