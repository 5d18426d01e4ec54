"""The course of a request as its customer reads it: what happened, where it stands, what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core import clock
from core.i18n import _, format_datetime
from crm.service import words
from crm.service.brief import BriefCase, BriefEntry

PROBLEMS = {"rejected"}


@dataclass
class Step:
    """What the timeline macro reads."""

    title: str
    when: datetime | str | None = None
    detail: str | None = None
    state: str = "done"
    url: str | None = None
    url_label: str | None = None
    who: str | None = None


def build(case: BriefCase, entries: Sequence[BriefEntry]) -> list[Step]:
    """The steps, oldest first. What repeats at once (two messages in a row) is one step."""
    steps: list[Step] = []
    for entry in entries:
        title = words.entry_title(entry)
        if title is None:
            continue
        state = "problem" if entry.kind in PROBLEMS else "done"
        if steps and steps[-1].title == title:
            steps[-1].when = entry.at
            continue
        steps.append(Step(title, entry.at, state=state))
    return [*steps, *_ahead(case)]


def _ahead(case: BriefCase) -> list[Step]:
    """The present step and those still to come."""
    solution, done = (
        Step(_("We propose a solution"), state="upcoming"),
        Step(_("You accept it"), state="upcoming"),
    )
    match case.state:
        case "closed":
            return []
        case "solved":
            return [Step(_("You tell us whether it helps"), state="current")]
        case "waiting_customer":
            return [Step(_("We wait for your answer"), state="current"), solution, done]
    promised = case.promised_at
    return [Step(_("We reply"), promise_text(promised), state="current"), solution, done]


def promise_text(promised: datetime | None) -> str | None:
    """'by 26 May 2026, 14:00'; nothing where the moment has gone by: the page says so in a sentence."""
    if promised is None or promised < clock.now():
        return None
    return _("by %(time)s", time=format_datetime(promised))
