"""The two Celery tasks there are: run a job by its id, and tick."""

from __future__ import annotations

import uuid

from celery import Celery

from core.jobs.broker import RUN_TASK, TICK_TASK
from core.jobs.runner import run_job
from core.jobs.tick import tick


def install(app: Celery) -> None:
    """Registers the tasks with the Celery application of a worker."""

    @app.task(name=RUN_TASK, ignore_result=True)  # type: ignore[untyped-decorator, unused-ignore]
    def run(job_id: str) -> None:
        run_job(uuid.UUID(job_id))

    @app.task(name=TICK_TASK, ignore_result=True)  # type: ignore[untyped-decorator, unused-ignore]
    def beat_tick() -> None:
        tick()
