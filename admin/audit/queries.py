"""Reading the audit log in pages: entries are numbered without gaps, so a number is where a page begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Text, func, or_, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.audit import AuditEntry

PAGE = 50


@dataclass(frozen=True)
class AuditFilter:
    """`action` is a beginning (order. finds every action on orders); `who` a part of a name or address."""

    object_kind: str = ""
    object_id: str = ""
    action: str = ""
    who: str = ""
    since: date | None = None
    until: date | None = None
    timezone: str = "UTC"

    @property
    def is_empty(self) -> bool:
        return not (self.object_kind or self.object_id or self.action or self.who or self.since or self.until)


@dataclass(frozen=True)
class AuditPage:
    entries: Sequence[AuditEntry]
    newer: int | None
    older: int | None


def list_page(
    session: Session, wanted: AuditFilter, *, before: int | None = None, after: int | None = None
) -> AuditPage:
    """Newest first: the entries below `before`, or those directly above `after`."""
    query = select(AuditEntry)
    if wanted.object_kind:
        query = query.where(AuditEntry.object_kind == wanted.object_kind)
    if wanted.object_id:
        query = query.where(AuditEntry.object_id == wanted.object_id)
    if wanted.action:
        query = query.where(_text(AuditEntry.action).startswith(wanted.action, autoescape=True))
    if wanted.who:
        named = _text(func.lower(AuditEntry.actor_name)).contains(wanted.who.lower(), autoescape=True)
        query = query.where(or_(named, _text(AuditEntry.address) == wanted.who))
    if wanted.since and wanted.since > date.min + timedelta(days=2):
        query = query.where(AuditEntry.at >= _start(wanted.since, wanted.timezone))
    if wanted.until and wanted.until < date.max - timedelta(days=2):
        query = query.where(AuditEntry.at < _start(wanted.until + timedelta(days=1), wanted.timezone))
    if after is not None:
        found = list(
            session.scalars(query.where(AuditEntry.seq > after).order_by(AuditEntry.seq).limit(PAGE + 1))
        )
        has_newer, entries = len(found) > PAGE, found[:PAGE][::-1]
        return AuditPage(
            entries, entries[0].seq if entries and has_newer else None, entries[-1].seq if entries else None
        )
    if before is not None:
        query = query.where(AuditEntry.seq < before)
    found = list(session.scalars(query.order_by(AuditEntry.seq.desc()).limit(PAGE + 1)))
    entries = found[:PAGE]
    return AuditPage(
        entries,
        entries[0].seq if entries and before is not None else None,
        entries[-1].seq if entries and len(found) > PAGE else None,
    )


def _text(column: ColumnElement[Any] | InstrumentedAttribute[Any]) -> ColumnElement[str]:
    """The column as text of any length: what is looked for may be longer than what can be stored."""
    return type_coerce(column, Text())


def count_entries(session: Session) -> int:
    return int(session.scalar(select(func.max(AuditEntry.seq))) or 0)


def _start(day: date, timezone: str) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(timezone))
