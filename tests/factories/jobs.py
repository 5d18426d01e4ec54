"""Doing what a worker would do."""

from __future__ import annotations

from sqlalchemy import select

from core import clock
from core.jobs.models import PENDING, Job
from core.jobs.runner import run_job
from core.transaction import reading


def run_jobs(*, rounds: int = 5) -> int:
    """Runs every job that is due, and those that follow from it. Returns how many ran; a failed one is an error."""
    count = 0
    for _ in range(rounds):
        with reading() as session:
            due = list(
                session.scalars(
                    select(Job.id)
                    .where(Job.state == PENDING, Job.run_at <= clock.now())
                    .order_by(Job.run_at, Job.id)
                )
            )
        if not due:
            break
        for job_id in due:
            state = run_job(job_id)
            if state is None:
                with reading() as session:  # an earlier job of this round did it along with its own
                    state = session.scalar(select(Job.state).where(Job.id == job_id))
            assert state == "done", f"the job ended as {state}"
            count += 1
    return count
