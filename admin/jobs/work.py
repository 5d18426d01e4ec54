"""What the machinery asks of administrators: work that failed, and search that falls behind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.orm import Session

from admin.home.item import WorkItem, WorkRow
from core.actor import Actor
from core.i18n import _, ngettext
from core.jobs.models import DEAD
from core.jobs.queries import get_lag_of, get_queue_state, list_jobs

PATIENCE = timedelta(minutes=1)
SEARCH_JOBS = "search."


def work(session: Session, who: Actor) -> Sequence[WorkItem]:
    if not who.can("jobs.manage"):
        return ()
    queue = get_queue_state(session)
    lag = get_lag_of(session, SEARCH_JOBS)
    failed = list_jobs(session, DEAD, limit=3) if queue.dead else []
    return [
        WorkItem(
            key="jobs-dead",
            title=_("Jobs that failed"),
            count=queue.dead,
            url="/staff/jobs",
            tone="error",
            icon="refresh",
            rows=[
                WorkRow(job.name, "/staff/jobs", (job.error or "")[:120], job.created_at) for job in failed
            ],
            hint=_("Nothing is lost: they can be tried again."),
        ),
        WorkItem(
            key="search-behind",
            title=_("Search is behind"),
            count=1 if lag > PATIENCE else 0,
            url="/staff/jobs?state=pending",
            tone="warning",
            icon="search",
            hint=ngettext(
                "The oldest change has waited for %(num)s minute.",
                "The oldest change has waited for %(num)s minutes.",
                int(lag.total_seconds() // 60),
            )
            if lag > PATIENCE
            else "",
        ),
        WorkItem(
            key="workers",
            title=_("No worker is running"),
            count=0 if queue.workers else 1,
            url="/staff/jobs",
            tone="error",
            icon="warning",
            hint=_("Mails and search wait until one is started."),
        ),
    ]
