"""The mail ledger: one row per decision to send; its key makes the Message-ID."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import Base, BoundedText, Id, JSONMap, LongText

QUEUED, SENT, FAILED, SUPPRESSED = "queued", "sent", "failed", "suppressed"


class Mail(Base):
    """One mail to one person. `key` is unique: deciding twice is deciding once."""

    __tablename__ = "mail"

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(BoundedText(200), unique=True)
    message_id: Mapped[str] = mapped_column(BoundedText(200), unique=True)
    kind: Mapped[str] = mapped_column(BoundedText(60))
    person_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    recipient: Mapped[str] = mapped_column(BoundedText(254))
    locale: Mapped[str] = mapped_column(BoundedText(10))
    subject: Mapped[str] = mapped_column(BoundedText(300))
    text: Mapped[str] = mapped_column(LongText())
    html: Mapped[str | None] = mapped_column(LongText())
    headers: Mapped[JSONMap]
    sensitive: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(BoundedText(12), default=QUEUED)
    reason: Mapped[str | None] = mapped_column(BoundedText(300))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    sent_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("state IN ('queued', 'sent', 'failed', 'suppressed')", name="state"),
        Index("ix_mail_recipient_created_at", "recipient", "created_at"),
        Index("ix_mail_created_at", "created_at"),
    )


class Suppression(Base):
    """An address that mail must not go to any more, and why."""

    __tablename__ = "mail_suppression"

    address: Mapped[str] = mapped_column(BoundedText(254), primary_key=True)
    reason: Mapped[str] = mapped_column(BoundedText(300))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
