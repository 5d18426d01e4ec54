"""A proposed solution that nobody answers is taken as right after a while."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.jobs import recurring
from crm.service.models import Case
from crm.service.work import close_silent

PATIENCE = timedelta(days=14)
AT_ONCE = 200


@recurring("cases.close_silent", every=timedelta(hours=1))
def close_unanswered(session: Session) -> None:
    """Closes what was proposed as solved longer ago than PATIENCE."""
    waiting = session.scalars(
        select(Case)
        .where(Case.state == "solved", Case.solved_at < clock.now() - PATIENCE)
        .order_by(Case.solved_at)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    for case in waiting:
        close_silent(session, case)
