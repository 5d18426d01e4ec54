"""What waits for a member of staff: each room tells its own in one line of WORK, by what the person may do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from core.actor import Actor


@dataclass(frozen=True)
class WorkRow:
    """One thing that waits, as a line with a link straight to it. `when`: since or until when."""

    title: str
    url: str
    detail: str = ""
    when: datetime | None = None
    badge: str = ""
    tone: str = "neutral"  # kind of the badge: info success warning error neutral progress


@dataclass(frozen=True)
class WorkItem:
    """One kind of work: how many wait, the page with all of them, and the first few.

    `tone`: error (do it now), warning (do it today), info (when there is time), neutral (only a number to
    know). With count 0 it is shown as done. `key` is stable, for tests and for the order on the page.
    """

    key: str
    title: str
    count: int
    url: str
    tone: str = "info"
    icon: str = "list"
    rows: Sequence[WorkRow] = ()
    hint: str = ""
    action_label: str = ""


Work = Callable[[Session, Actor], Sequence[WorkItem]]
WORK: list[Work] = []


def list_work(session: Session, who: Actor) -> list[WorkItem]:
    """Everything that waits for `who`, the urgent first."""
    order = {"error": 0, "warning": 1, "info": 2, "neutral": 3}
    found = [item for tell in WORK for item in tell(session, who)]
    return sorted(found, key=lambda item: (item.count == 0, order.get(item.tone, 4)))
