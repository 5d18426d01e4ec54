"""The job table: what must not be lost is a row in it."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import Base, BoundedText, Id, JSONMap

PENDING, RUNNING, DONE, DEAD = "pending", "running", "done", "dead"


class Job(Base):
    """One piece of work to be done once. `key` names it: of one (name, key) at most one is pending."""

    __tablename__ = "job"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(BoundedText(80))
    key: Mapped[str | None] = mapped_column(BoundedText(200))
    payload: Mapped[JSONMap]
    state: Mapped[str] = mapped_column(BoundedText(10), default=PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int] = mapped_column(default=8)
    run_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    published_at: Mapped[datetime | None]
    lease_token: Mapped[uuid.UUID | None]
    lease_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(BoundedText(2000))

    __table_args__ = (
        CheckConstraint("state IN ('pending', 'running', 'done', 'dead')", name="state"),
        Index(
            "uq_job_pending_name_key",
            "name",
            "key",
            unique=True,
            sqlite_where=text("state = 'pending' AND key IS NOT NULL"),
            postgresql_where=text("state = 'pending' AND key IS NOT NULL"),
        ),
        Index(
            "ix_job_open",
            "state",
            "run_at",
            sqlite_where=text("state IN ('pending', 'running')"),
            postgresql_where=text("state IN ('pending', 'running')"),
        ),
        Index("ix_job_state_finished_at", "state", "finished_at"),
    )


class Recurrence(Base):
    """The last slot that each recurring piece of work was started for; a slot is started once."""

    __tablename__ = "job_recurrence"

    name: Mapped[str] = mapped_column(BoundedText(80), primary_key=True)
    slot: Mapped[int]


class WorkerBeat(Base):
    """A worker proves that it works by doing a canary job; an alive process is no proof."""

    __tablename__ = "job_worker_beat"

    name: Mapped[str] = mapped_column(BoundedText(120), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(default=clock.now)
