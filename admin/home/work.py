"""What waits for a member of staff: each room tells its own in one line of WORK, by what the person may do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from admin.articles import work as articles
from admin.campaigns import panels as campaigns
from admin.cases import panels as cases
from admin.catalogue import work as catalogue
from admin.clicks import panels as clicks
from admin.home.item import WorkItem, WorkRow
from admin.jobs import work as jobs
from admin.materials import work as materials
from admin.orders import work as orders
from admin.recommender import panels as recommender
from admin.users import work as users
from core.actor import Actor

Work = Callable[[Session, Actor], Sequence[WorkItem]]
WORK: list[Work] = [
    cases.work,
    orders.work,
    articles.work,
    clicks.work,
    recommender.work,
    campaigns.work,
    materials.work,
    catalogue.work,
    users.work,
    jobs.work,
]


@dataclass(frozen=True)
class Board:
    """`waiting`: what must be done, the urgent first; `done`: kinds of work of which nothing is left; `known`:
    numbers that ask for nothing."""

    waiting: Sequence[WorkItem]
    done: Sequence[WorkItem]
    known: Sequence[WorkItem]


def list_work(session: Session, who: Actor) -> Board:
    found = [item for tell in WORK for item in tell(session, who)]
    order = {"error": 0, "warning": 1, "info": 2}
    asking = [item for item in found if item.tone in order]
    return Board(
        waiting=sorted((item for item in asking if item.count), key=lambda item: order[item.tone]),
        done=[item for item in asking if not item.count],
        known=[item for item in found if item.tone not in order],
    )


__all__ = ["WORK", "Board", "Work", "WorkItem", "WorkRow", "list_work"]
