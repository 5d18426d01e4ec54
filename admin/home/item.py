"""One kind of work on the staff's home page, for the rooms that contribute one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


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


@dataclass(frozen=True)
class Figure:
    """One number to know, with what it is compared with."""

    label: str
    value: str
    url: str
    icon: str
    hint: str = ""
    tone: str | None = None
