"""What administrators and `doctor` see of the queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.jobs.models import DEAD, PENDING, RUNNING, Job, WorkerBeat


@dataclass(frozen=True)
class QueueState:
    pending: int
    running: int
    dead: int
    oldest_due_at: datetime | None
    workers: int

    @property
    def lag(self) -> timedelta:
        """How long the oldest due job has waited."""
        return clock.now() - self.oldest_due_at if self.oldest_due_at else timedelta(0)


def get_queue_state(session: Session) -> QueueState:
    by_state = select(Job.state, func.count()).where(Job.state.in_((PENDING, RUNNING, DEAD)))
    counts = {state: count for state, count in session.execute(by_state.group_by(Job.state))}  # noqa: C416
    oldest = session.scalar(
        select(func.min(Job.run_at)).where(Job.state == PENDING, Job.run_at <= clock.now())
    )
    alive = session.scalar(
        select(func.count())
        .select_from(WorkerBeat)
        .where(WorkerBeat.seen_at > clock.now() - timedelta(minutes=1))
    )
    return QueueState(counts.get(PENDING, 0), counts.get(RUNNING, 0), counts.get(DEAD, 0), oldest, alive or 0)


def get_lag_of(session: Session, prefix: str) -> timedelta:
    """How long the oldest due job whose name begins with `prefix` has waited."""
    oldest = session.scalar(
        select(func.min(Job.run_at)).where(
            Job.state == PENDING, Job.run_at <= clock.now(), Job.name.startswith(prefix, autoescape=True)
        )
    )
    return clock.now() - oldest if oldest else timedelta(0)


def list_jobs(session: Session, state: str, *, offset: int = 0, limit: int = 50) -> Sequence[Job]:
    return session.scalars(
        select(Job)
        .where(Job.state == state)
        .order_by(Job.created_at.desc(), Job.id)
        .offset(offset)
        .limit(limit)
    ).all()
