"""Clicks, the visits they make up, who has agreed to what, and what could not be taken in.

Persons, visitors, products and pages are opaque here: ids that somebody else understands.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, Index, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import Base, BoundedText, Id, JSONMap, LongText


def _where(column: str) -> dict[str, Any]:
    """Rows without that subject need no entry: each event is written into one of the two indexes."""
    return {f"{dialect}_where": text(f"{column} IS NOT NULL") for dialect in ("sqlite", "postgresql")}


class ConsentRecord(Base):
    """One decision about one purpose. Rows are only added: the newest one counts, the others are its history."""

    __tablename__ = "consent_record"

    id: Mapped[Id]
    person_id: Mapped[uuid.UUID | None]
    visitor_id: Mapped[uuid.UUID | None]
    purpose: Mapped[str] = mapped_column(BoundedText(24))
    granted: Mapped[bool]
    version: Mapped[str] = mapped_column(BoundedText(24))
    source: Mapped[str] = mapped_column(BoundedText(40))
    at: Mapped[datetime] = mapped_column(default=clock.now)

    __table_args__ = (
        CheckConstraint("(person_id IS NULL) <> (visitor_id IS NULL)", name="one_subject"),
        Index("ix_consent_record_person_id_purpose", "person_id", "purpose", "at"),
        Index("ix_consent_record_visitor_id_purpose", "visitor_id", "purpose", "at"),
    )


class ClickEvent(Base):
    """One thing that somebody did. `at` is this house's time; `signal` says what it tells about a product.

    A visitor's events keep their visitor_id when they join a person, so that the join can be taken back.
    """

    __tablename__ = "click_event"

    id: Mapped[Id]
    message_id: Mapped[str] = mapped_column(BoundedText(120), unique=True)
    name: Mapped[str] = mapped_column(BoundedText(40))
    at: Mapped[datetime]
    received_at: Mapped[datetime]
    person_id: Mapped[uuid.UUID | None]
    visitor_id: Mapped[uuid.UUID | None]
    session_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    page_kind: Mapped[str | None] = mapped_column(BoundedText(24))
    page_id: Mapped[str | None] = mapped_column(BoundedText(80))
    path: Mapped[str | None] = mapped_column(BoundedText(300))
    product_id: Mapped[str | None] = mapped_column(BoundedText(64))
    signal: Mapped[str | None] = mapped_column(BoundedText(8))
    dwell_ms: Mapped[int | None]
    is_bot: Mapped[bool] = mapped_column(default=False)
    is_server: Mapped[bool] = mapped_column(default=False)
    properties: Mapped[JSONMap]

    __table_args__ = (
        Index("ix_click_event_person_id_at", "person_id", "at", **_where("person_id")),
        Index("ix_click_event_visitor_id_at", "visitor_id", "at", **_where("visitor_id")),
        Index("ix_click_event_at", "at"),
    )


class ClickSession(Base):
    """One visit: what one subject did without half an hour of silence in between."""

    __tablename__ = "click_session"

    id: Mapped[Id]
    person_id: Mapped[uuid.UUID | None]
    visitor_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    started_at: Mapped[datetime] = mapped_column(index=True)
    last_at: Mapped[datetime]
    entry_kind: Mapped[str | None] = mapped_column(BoundedText(24))
    entry_id: Mapped[str | None] = mapped_column(BoundedText(80))
    entry_path: Mapped[str | None] = mapped_column(BoundedText(300))
    referrer: Mapped[str | None] = mapped_column(BoundedText(120))
    pages: Mapped[int] = mapped_column(default=0)
    events: Mapped[int] = mapped_column(default=0)
    dwell_ms: Mapped[int] = mapped_column(default=0)
    has_order: Mapped[bool] = mapped_column(default=False)
    has_request: Mapped[bool] = mapped_column(default=False)
    is_bot: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (Index("ix_click_session_person_id_started_at", "person_id", "started_at"),)


class ClickSubject(Base):
    """Where a person or visitor (`id`) is just now: their visit, and how much they have sent in this window."""

    __tablename__ = "click_subject"

    id: Mapped[uuid.UUID] = mapped_column(Uuid(), primary_key=True)
    session_id: Mapped[uuid.UUID]
    last_at: Mapped[datetime] = mapped_column(index=True)
    window_start: Mapped[datetime]
    window_count: Mapped[int]


class ClickJoin(Base):
    """A visitor who turned out to be a person. A visitor belongs to one person at most, for ever."""

    __tablename__ = "click_join"

    visitor_id: Mapped[uuid.UUID] = mapped_column(Uuid(), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(index=True)
    joined_at: Mapped[datetime] = mapped_column(default=clock.now)
    undone_at: Mapped[datetime | None]


class ClickQuarantine(Base):
    """An event that could not be taken in, with the reason, until somebody corrects it or it is too old."""

    __tablename__ = "click_quarantine"

    id: Mapped[Id]
    person_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    visitor_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    received_at: Mapped[datetime] = mapped_column(index=True)
    reason: Mapped[str] = mapped_column(BoundedText(40))
    field: Mapped[str] = mapped_column(BoundedText(80), default="")
    body: Mapped[str] = mapped_column(LongText())
    is_bot: Mapped[bool] = mapped_column(default=False)


class ClickDrop(Base):
    """How many events of a day were not kept, by reason: counted, never stored."""

    __tablename__ = "click_drop"

    day: Mapped[date] = mapped_column(Date(), primary_key=True)
    reason: Mapped[str] = mapped_column(BoundedText(40), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
