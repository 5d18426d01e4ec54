"""What waits for a member of staff: each room tells its own in one line of WORK, by what the person may do."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from admin.articles import work as articles
from admin.campaigns import panels as campaigns
from admin.cases import panels as cases
from admin.clicks import panels as clicks
from admin.home.item import WorkItem, WorkRow
from admin.materials import work as materials
from admin.recommender import panels as recommender
from core.actor import Actor

Work = Callable[[Session, Actor], Sequence[WorkItem]]
WORK: list[Work] = [
    cases.work,
    articles.work,
    clicks.work,
    recommender.work,
    campaigns.work,
    materials.work,
]


def list_work(session: Session, who: Actor) -> list[WorkItem]:
    """Everything that waits for `who`, the urgent first."""
    order = {"error": 0, "warning": 1, "info": 2, "neutral": 3}
    found = [item for tell in WORK for item in tell(session, who)]
    return sorted(found, key=lambda item: (item.count == 0, order.get(item.tone, 4)))


__all__ = ["WORK", "Work", "WorkItem", "WorkRow", "list_work"]
