"""Writing jobs: in the caller's own transaction, so that a job exists exactly if its cause does."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core import clock
from core.db import JSONMap, is_sqlite
from core.errors import Conflict, NotFound
from core.ids import new_id
from core.jobs.broker import publish_soon
from core.jobs.models import DEAD, DONE, PENDING, Job
from core.jobs.registry import get_definition
from core.transaction import after_commit

KEEP_DONE = timedelta(days=3)


def enqueue(
    session: Session,
    name: str,
    payload: JSONMap | None = None,
    *,
    run_at: datetime | None = None,
    key: str | None = None,
) -> uuid.UUID | None:
    """Writes the job and, once the transaction is durable, hands its id to the broker (best effort).

    With `key`, a job of this name and key that is still pending is enough: returns None then. Payloads are
    JSON and hold ids, never secrets.
    """
    definition = get_definition(name)
    if definition is None:
        raise LookupError(f"no job is named {name}")
    moment = clock.now()
    job_id = new_id()
    due = run_at or moment
    values = {
        "id": job_id,
        "name": name,
        "key": key,
        "payload": payload or {},
        "state": PENDING,
        "attempts": 0,
        "max_attempts": definition.max_attempts,
        "run_at": due,
        "created_at": moment,
        "published_at": moment if due <= moment else None,
    }
    insert = sqlite.insert(Job) if is_sqlite(session) else postgresql.insert(Job)
    written = insert.values(values).on_conflict_do_nothing().returning(Job.id)
    while session.execute(written).scalar() is None:
        if is_sqlite(session):
            return None  # writers take turns there
        # A worker could take the waiting job and finish before our change is durable. Holding the row (others
        # may hold it as well) until then makes the worker leave it; and one taken just now waits no longer.
        same = select(Job).where(Job.name == name, Job.key == key, Job.state == PENDING)
        held = session.scalar(same.with_for_update(read=True).execution_options(populate_existing=True))
        if held is not None:
            if held.run_at <= moment:
                _publish_after(session, held.id)  # the worker that left it has thrown its message away
            return None
    if due <= moment:
        _publish_after(session, job_id)
    return job_id


def _publish_after(session: Session, job_id: uuid.UUID) -> None:
    waiting: list[uuid.UUID] = session.info.setdefault("jobs_to_publish", [])
    if not waiting:
        after_commit(session, partial(publish_soon, waiting))
    waiting.append(job_id)


def replay(session: Session, job_id: uuid.UUID) -> None:
    """Gives a dead job its attempts back. Raises NotFound, or Conflict when it is not dead."""
    found = session.get(Job, job_id, with_for_update=True)
    if found is None:
        raise NotFound
    if found.state != DEAD:
        raise Conflict("jobs.not_dead")
    same = select(Job.id).where(Job.name == found.name, Job.key == found.key, Job.state == PENDING)
    if found.key is not None and session.scalar(same) is not None:
        raise Conflict("jobs.same_pending")
    found.state, found.attempts, found.run_at, found.error = PENDING, 0, clock.now(), None
    found.finished_at = found.published_at = None
    after_commit(session, partial(publish_soon, [job_id]))


def discard(session: Session, job_id: uuid.UUID) -> None:
    """Takes a dead job off the list for good."""
    gone = session.execute(delete(Job).where(Job.id == job_id, Job.state == DEAD))
    if not gone.rowcount:  # type: ignore[attr-defined]
        raise NotFound


def prune(session: Session, *, most: int = 5000) -> int:
    """Deletes jobs finished long enough ago; dead ones stay until a person decides."""
    old = (
        select(Job.id)
        .where(Job.state == DONE, Job.finished_at < clock.now() - KEEP_DONE)
        .limit(most)
        .scalar_subquery()
    )
    return int(session.execute(delete(Job).where(Job.id.in_(old))).rowcount)  # type: ignore[attr-defined]


def mark_published(session: Session, ids: Sequence[uuid.UUID], moment: datetime | None) -> None:
    """Notes when these were handed to the broker; None: they were not."""
    session.execute(
        update(Job)
        .where(Job.id.in_(ids))
        .values(published_at=moment)
        .execution_options(synchronize_session=False)
    )
