"""What happens by itself: texts appear at the time that their editors chose."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from core.jobs import recurring
from knowledge_base.services import publish_due


@recurring("knowledge_base.publish_due", every=timedelta(minutes=1))
def show_what_is_due(session: Session) -> None:
    publish_due(session)
