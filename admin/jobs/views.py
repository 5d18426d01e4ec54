"""Jobs for administrators: what waits, what runs, what failed for good."""

from __future__ import annotations

import json
import uuid

from flask import Blueprint, flash, redirect, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from core import audit
from core.errors import NotFound
from core.i18n import _
from core.jobs import discard, replay
from core.jobs.models import DEAD, PENDING, RUNNING, Job
from core.jobs.queries import get_queue_state, list_jobs
from core.jobs.registry import list_recurring
from core.transaction import reading, transaction
from core.web.context import actor
from core.web.pages import page_url, render
from core.web.policy import allow

blueprint = Blueprint("admin_jobs", __name__, template_folder="templates", url_prefix="/staff/jobs")

STATES = (DEAD, PENDING, RUNNING)
PAGE = 25
MOST_PAGES = 400


@blueprint.get("")
@allow.staff("jobs.manage")
def index() -> str:
    state = request.args.get("state", DEAD)
    state = state if state in STATES else DEAD
    text = request.args.get("page", "1")
    number = min(max(int(text), 1), MOST_PAGES) if text.isascii() and text.isdigit() and len(text) < 5 else 1
    with reading() as session:
        queue = get_queue_state(session)
        found = list_jobs(session, state, offset=(number - 1) * PAGE, limit=PAGE + 1)
        return render(
            "admin_jobs/index.html",
            queue=queue,
            state=state,
            counts={DEAD: queue.dead, PENDING: queue.pending, RUNNING: queue.running},
            jobs=[(job, json.dumps(job.payload, ensure_ascii=False)) for job in found[:PAGE]],
            recurring=sorted(list_recurring().items()),
            newer_url=page_url(page=number - 1) if number > 1 else None,
            older_url=page_url(page=number + 1) if len(found) > PAGE else None,
        )


@blueprint.post("/<uuid:job_id>/replay")
@allow.staff("jobs.manage")
def replay_job(job_id: uuid.UUID) -> Response:
    """Gives a dead job its attempts back."""
    with transaction() as session:
        replay(session, job_id)
        audit.record(
            session, actor(), "job.replay", "job", job_id, before={"state": DEAD}, after={"state": PENDING}
        )
    flash(_("The job will be tried again."), "success")
    return redirect(url_for("admin_jobs.index"), code=303)


@blueprint.post("/<uuid:job_id>/discard")
@allow.staff("jobs.manage")
def discard_job(job_id: uuid.UUID) -> Response:
    """Takes a dead job off the list for good; what it was to do is kept in the audit log."""
    with transaction() as session:
        job = session.scalar(select(Job).where(Job.id == job_id))
        if job is None:
            raise NotFound
        before = {"name": job.name, "payload": dict(job.payload), "error": (job.error or "")[:400]}
        discard(session, job_id)
        audit.record(session, actor(), "job.discard", "job", job_id, before=before, after={})
    flash(_("The job is discarded."), "success")
    return redirect(url_for("admin_jobs.index"), code=303)
