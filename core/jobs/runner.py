"""Doing a job: claim it with a lease, run it, record the end. A crash anywhere leaves a row that runs again."""

from __future__ import annotations

import random
import threading
import traceback
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from core import clock
from core.db import JSONMap
from core.errors import Unavailable
from core.jobs.models import DEAD, DONE, PENDING, RUNNING, Job
from core.jobs.registry import Definition, GiveUp, Retry, get_definition
from core.transaction import reading, transaction

log = structlog.get_logger()

LEASE = timedelta(seconds=30)
RENEW_SECONDS = 10.0


class LeaseLostError(RuntimeError):
    """Somebody else took the job over: nothing of this run may become durable."""


@dataclass(frozen=True)
class Claim:
    job_id: uuid.UUID
    token: uuid.UUID
    name: str
    payload: JSONMap
    attempts: int
    max_attempts: int


def claim(job_id: uuid.UUID) -> Claim | None:
    """Takes the job if it is due and nobody holds it. Counts the attempt first, so that a job that kills
    its process ends as dead instead of killing for ever."""
    moment = clock.now()
    takeable = or_(
        and_(Job.state == PENDING, Job.run_at <= moment), and_(Job.state == RUNNING, Job.lease_until < moment)
    )
    # A look before the leap: most second deliveries end here without taking the write lock.
    with reading() as session:
        if session.scalar(select(Job.id).where(Job.id == job_id, takeable)) is None:
            return None
    with transaction() as session:
        job = session.scalar(select(Job).where(Job.id == job_id, takeable).with_for_update(skip_locked=True))
        if job is None:
            return None
        if job.attempts >= job.max_attempts:
            _bury(job, job.error or "the worker died at each attempt")
            return None
        job.attempts += 1
        job.state = RUNNING
        job.lease_token = uuid.uuid4()
        job.lease_until = moment + LEASE
        return Claim(job.id, job.lease_token, job.name, dict(job.payload), job.attempts, job.max_attempts)


def run_job(job_id: uuid.UUID) -> str | None:
    """Claims and runs one job. Returns its state afterwards, or None when there was nothing to do."""
    held = claim(job_id)
    if held is None:
        return None
    definition = get_definition(held.name)
    if definition is None:
        return _fail(held, None, GiveUp(f"no code for job {held.name}"))
    with structlog.contextvars.bound_contextvars(job=held.name, job_id=str(held.job_id)):
        try:
            if definition.handler is not None:
                with transaction() as session:
                    _hold(session, held)
                    definition.handler(session, held.payload)
                    _finish(session, held)
            elif definition.turn is None:
                _run_effect(definition, held)
            else:
                with _renewing(held), definition.turn:
                    _run_effect(definition, held)
        except LeaseLostError:
            log.warning("lease_lost")
            return None
        except Exception as error:
            return _fail(held, definition, error)
    return DONE


def _run_effect(definition: Definition, held: Claim) -> None:
    steps = definition.effect
    assert steps is not None
    with transaction() as session:
        _hold(session, held)
        state = steps.prepare(session, held.payload)
        if state is None:
            _finish(session, held)
            return
    with _renewing(held):
        result = steps.effect(state)
    with transaction() as session:
        _hold(session, held)
        steps.record(session, held.payload, result)
        _finish(session, held)


def _hold(session: Session, held: Claim) -> None:
    """Locks the job's row and makes sure that the lease is still ours."""
    mine = session.scalar(
        select(Job.id)
        .where(Job.id == held.job_id, Job.state == RUNNING, Job.lease_token == held.token)
        .with_for_update()
    )
    if mine is None:
        raise LeaseLostError


def _finish(session: Session, held: Claim) -> None:
    done = session.execute(
        update(Job)
        .where(Job.id == held.job_id, Job.lease_token == held.token, Job.state == RUNNING)
        .values(state=DONE, finished_at=clock.now(), lease_until=None, error=None)
        .execution_options(synchronize_session=False)
    )
    if done.rowcount != 1:  # type: ignore[attr-defined]
        raise LeaseLostError


def _fail(held: Claim, definition: Definition | None, error: Exception) -> str:
    """Puts the job back for later, or buries it when its attempts are used up."""
    told = f"{type(error).__name__}: {error}"[:400]
    trace = "".join(traceback.format_exception(error)[-6:])
    final = isinstance(error, GiveUp) or held.attempts >= held.max_attempts
    with transaction() as session:
        job = session.get(Job, held.job_id, with_for_update=True)
        if job is None or job.lease_token != held.token or job.state != RUNNING:
            return RUNNING
        job.lease_until = job.lease_token = None
        if final:
            _bury(job, f"{told}\n{trace}"[:1900])
        else:
            same = select(Job.id).where(Job.name == job.name, Job.key == job.key, Job.state == PENDING)
            if job.key is not None and session.scalar(same) is not None:
                # A newer job of the same key waits already: it does this one's work.
                job.state, job.finished_at = DONE, clock.now()
            else:
                job.state = PENDING
                job.run_at = clock.now() + _delay(held, definition, error)
                job.published_at = None
                job.error = f"{told}\n{trace}"[:1900]
    expected = isinstance(error, (Retry, Unavailable))
    log.log(
        20 if expected else 40,
        "job_dead" if final else "job_failed",
        job=held.name,
        error=told,
        attempt=held.attempts,
    )
    return DEAD if final else PENDING


def _bury(job: Job, reason: str) -> None:
    job.state, job.finished_at, job.error = DEAD, clock.now(), reason[:2000]
    job.lease_until = job.lease_token = None
    log.error("job_dead", job=job.name, job_id=str(job.id))


def _delay(held: Claim, definition: Definition | None, error: Exception) -> timedelta:
    if isinstance(error, Retry) and error.delay is not None:
        return error.delay
    if definition is None:
        return timedelta(minutes=1)
    grown: timedelta = definition.backoff * (1 << min(held.attempts - 1, 20))
    return min(grown, definition.longest_backoff) * random.uniform(0.8, 1.2)


@contextmanager
def _renewing(held: Claim) -> Iterator[None]:
    """Renews the lease while an effect goes on. (Work inside a transaction holds the job's row by its lock.)"""
    stop = threading.Event()

    def renew() -> None:
        while not stop.wait(RENEW_SECONDS):
            try:
                with transaction() as session:
                    session.execute(
                        update(Job)
                        .where(Job.id == held.job_id, Job.lease_token == held.token, Job.state == RUNNING)
                        .values(lease_until=clock.now() + LEASE)
                        .execution_options(synchronize_session=False)
                    )
            except Exception:
                # The lease simply runs out; the end of the work notices whether somebody took it.
                log.warning("lease_not_renewed", exc_info=True)

    thread = threading.Thread(target=renew, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
