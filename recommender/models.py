"""What recommendations heed beside orders and clicks, and the history of trained models."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import Base, BoundedText, Id, JSONMap

CAUSES = ("first", "schedule", "signals", "staff", "command")


class Dislike(Base):
    """Not interested: this person, acting for this account, is not offered the product again.

    A visitor's wishes wait in their server session and become rows when they sign in.
    """

    __tablename__ = "recommendation_dislike"

    person_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("app_user.id", ondelete="CASCADE"), primary_key=True
    )
    account_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    product_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("product.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class TrainingRun(Base):
    """One training: the card of the model that it made, or why it made none."""

    __tablename__ = "recommender_training"

    id: Mapped[Id]
    ended_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
    cause: Mapped[str] = mapped_column(BoundedText(12))
    started_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("app_user.id", ondelete="SET NULL"))
    version: Mapped[str | None] = mapped_column(BoundedText(64), index=True)  # of the arrays; None: it failed
    card: Mapped[JSONMap] = mapped_column(default=dict)
    signals: Mapped[JSONMap] = mapped_column(default=dict)  # how many of each kind it learned from
    error: Mapped[str] = mapped_column(BoundedText(500), default="")

    __table_args__ = (
        CheckConstraint("cause IN ('first', 'schedule', 'signals', 'staff', 'command')", name="cause"),
    )
