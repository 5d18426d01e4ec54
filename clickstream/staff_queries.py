"""What analysts see: visits with their steps, what was not taken in, and what was dropped."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from clickstream.models import ClickDrop, ClickEvent, ClickQuarantine, ClickSession
from clickstream.vocabulary import PAGE_LEFT
from core import clock
from core.errors import BadRequest, NotFound

PAGE = 40
MOST_STEPS = 500


@dataclass(frozen=True)
class VisitFilter:
    """`who`: '' all, 'persons', 'visitors'. Days are those of `timezone`; `until` is included."""

    since: date | None = None
    until: date | None = None
    who: str = ""
    person_ids: tuple[uuid.UUID, ...] = ()
    entry: str = ""
    outcome: str = ""
    bots: bool = False
    timezone: str = "UTC"

    @property
    def is_empty(self) -> bool:
        return replace(self, timezone="UTC") == VisitFilter()


def last_days(days: int, timezone: str = "UTC") -> VisitFilter:
    return VisitFilter(since=clock.today(timezone) - timedelta(days=days - 1), timezone=timezone)


class VisitPage(NamedTuple):
    visits: Sequence[ClickSession]
    newer: str | None
    older: str | None


def _conditions(wanted: VisitFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.since and wanted.since > date.min + timedelta(days=2):
        found.append(ClickSession.started_at >= _start(wanted.since, wanted.timezone))
    if wanted.until and wanted.until < date.max - timedelta(days=2):
        found.append(ClickSession.started_at < _start(wanted.until + timedelta(days=1), wanted.timezone))
    if wanted.who == "persons":
        found.append(ClickSession.person_id.is_not(None))
    if wanted.who == "visitors":
        found.append(ClickSession.person_id.is_(None))
    if wanted.person_ids:
        found.append(ClickSession.person_id.in_(wanted.person_ids))
    if wanted.entry:
        found.append(ClickSession.entry_kind == wanted.entry)
    if wanted.outcome == "order":
        found.append(ClickSession.has_order)
    if wanted.outcome == "request":
        found.append(ClickSession.has_request)
    if not wanted.bots:
        found.append(ClickSession.is_bot.is_(False))
    return found


def _start(day: date, timezone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(timezone)).astimezone(UTC)


def encode_cursor(visit: ClickSession) -> str:
    return f"{visit.started_at.astimezone(UTC).strftime('%Y%m%dT%H%M%S.%f')}_{visit.id.hex}"


def decode_cursor(text: str) -> tuple[datetime, uuid.UUID]:
    """Raises BadRequest for what is no place in the list."""
    moment, _, name = text.partition("_")
    try:
        at = datetime.strptime(moment, "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC)
        return at, uuid.UUID(hex=name)
    except ValueError:
        raise BadRequest from None


def list_visits(session: Session, wanted: VisitFilter, *, before: str = "", after: str = "") -> VisitPage:
    """Newest first, by the place of a visit in the list."""
    query = select(ClickSession).where(*_conditions(wanted))
    if after:
        rows = session.scalars(
            query.where(_beside(after, newer=True))
            .order_by(ClickSession.started_at, ClickSession.id)
            .limit(PAGE + 1)
        ).all()
        visits = list(reversed(rows[:PAGE]))
        newer = encode_cursor(visits[0]) if len(rows) > PAGE else None
        return VisitPage(visits, newer, encode_cursor(visits[-1]) if visits else None)
    if before:
        query = query.where(_beside(before, newer=False))
    rows = session.scalars(
        query.order_by(ClickSession.started_at.desc(), ClickSession.id.desc()).limit(PAGE + 1)
    ).all()
    visits = list(rows[:PAGE])
    older = encode_cursor(visits[-1]) if len(rows) > PAGE else None
    return VisitPage(visits, encode_cursor(visits[0]) if before and visits else None, older)


def _beside(cursor: str, *, newer: bool) -> ColumnElement[bool]:
    at, visit_id = decode_cursor(cursor)
    same = ClickSession.started_at == at
    if newer:
        return or_(ClickSession.started_at > at, and_(same, ClickSession.id > visit_id))
    return or_(ClickSession.started_at < at, and_(same, ClickSession.id < visit_id))


class Figures(NamedTuple):
    """Of people's visits in some days. Dwell in milliseconds per visit."""

    visits: int
    persons: int
    with_order: int
    pages: float
    dwell_ms: int


def count_visits(session: Session, wanted: VisitFilter) -> Figures:
    one = case((ClickSession.has_order, 1), else_=0)
    row = session.execute(
        select(
            func.count(),
            func.count(func.distinct(func.coalesce(ClickSession.person_id, ClickSession.visitor_id))),
            func.coalesce(func.sum(one), 0),
            func.coalesce(func.sum(ClickSession.pages), 0),
            func.coalesce(func.sum(ClickSession.dwell_ms), 0),
        ).where(*_conditions(wanted))
    ).one()
    visits = int(row[0])
    return Figures(
        visits, int(row[1]), int(row[2]), int(row[3]) / max(visits, 1), int(row[4]) // max(visits, 1)
    )


def get_visit(session: Session, visit_id: uuid.UUID) -> ClickSession:
    found = session.get(ClickSession, visit_id)
    if found is None:
        raise NotFound
    return found


@dataclass
class VisitStep:
    """One event of a visit with the time that its page was in sight."""

    event: ClickEvent
    dwell_ms: int = 0


def list_steps(session: Session, visit_id: uuid.UUID) -> list[VisitStep]:
    """The steps of a visit in the order of time; how long pages were open is told at the page."""
    events = session.scalars(
        select(ClickEvent)
        .where(ClickEvent.session_id == visit_id)
        .order_by(ClickEvent.at, ClickEvent.id)
        .limit(MOST_STEPS)
    ).all()
    steps: list[VisitStep] = []
    pages: dict[tuple[str | None, str | None, str | None], VisitStep] = {}
    for event in events:
        key = (event.page_kind, event.page_id, event.path)
        if event.name == PAGE_LEFT:
            if key in pages:
                pages[key].dwell_ms += event.dwell_ms or 0
            continue
        step = VisitStep(event)
        steps.append(step)
        if event.name == "page":
            pages[key] = step
    return steps


def list_visits_of(
    session: Session, person_ids: Sequence[uuid.UUID], limit: int = 6
) -> Sequence[ClickSession]:
    """The latest visits of some persons."""
    if not person_ids:
        return ()
    return session.scalars(
        select(ClickSession)
        .where(ClickSession.person_id.in_(person_ids))
        .order_by(ClickSession.started_at.desc(), ClickSession.id.desc())
        .limit(limit)
    ).all()


class Reason(NamedTuple):
    reason: str
    count: int


def list_reasons(session: Session) -> list[Reason]:
    """What waits in quarantine, the most frequent reason first."""
    rows = session.execute(
        select(ClickQuarantine.reason, func.count())
        .group_by(ClickQuarantine.reason)
        .order_by(func.count().desc(), ClickQuarantine.reason)
    )
    return [Reason(*row) for row in rows]


def count_quarantined(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(ClickQuarantine)) or 0


def list_quarantined(
    session: Session, *, reason: str = "", before: uuid.UUID | None = None, limit: int = PAGE
) -> Sequence[ClickQuarantine]:
    """Newest first; `before` is the last row of the page before."""
    query = select(ClickQuarantine)
    if reason:
        query = query.where(ClickQuarantine.reason == reason)
    if before is not None:
        query = query.where(ClickQuarantine.id < before)
    return session.scalars(query.order_by(ClickQuarantine.id.desc()).limit(limit)).all()


def get_quarantined(session: Session, row_id: uuid.UUID) -> ClickQuarantine:
    found = session.get(ClickQuarantine, row_id)
    if found is None:
        raise NotFound
    return found


def list_drops(session: Session, days: int = 14) -> Sequence[ClickDrop]:
    """What was counted and not kept in the last days, newest first."""
    return session.scalars(
        select(ClickDrop)
        .where(ClickDrop.day > clock.today() - timedelta(days=days))
        .order_by(ClickDrop.day.desc(), ClickDrop.reason)
    ).all()
