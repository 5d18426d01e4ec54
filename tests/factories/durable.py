"""Jobs for tests of jobs: registered for one test, forgotten after it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import select, update

from core import clock, events
from core.jobs import registry
from core.jobs.models import Job
from core.transaction import reading, transaction


@contextmanager
def own_jobs() -> Iterator[None]:
    """What is registered inside is forgotten afterwards."""
    jobs, recurring, subscribers = dict(registry._jobs), dict(registry._recurring), dict(events._subscribers)
    try:
        yield
    finally:
        for held, before in (
            (registry._jobs, jobs), (registry._recurring, recurring), (events._subscribers, subscribers),
        ):  # fmt: skip
            held.clear()  # type: ignore[attr-defined]
            held.update(before)  # type: ignore[attr-defined]


def get_job(job_id: uuid.UUID) -> Job:
    with reading() as session:
        return session.scalars(
            select(Job).where(Job.id == job_id).execution_options(populate_existing=True)
        ).one()


def list_jobs(name: str) -> list[Job]:
    with reading() as session:
        query = select(Job).where(Job.name == name).order_by(Job.id)
        return list(session.scalars(query.execution_options(populate_existing=True)))


def make_due(job_id: uuid.UUID) -> None:
    """As if the waiting time were over."""
    with transaction() as session:
        session.execute(update(Job).where(Job.id == job_id).values(run_at=clock.now()))


def lapse(job_id: uuid.UUID) -> None:
    """As if the worker that holds the lease had died long enough ago."""
    gone = clock.now() - timedelta(seconds=1)
    with transaction() as session:
        session.execute(update(Job).where(Job.id == job_id).values(lease_until=gone))
