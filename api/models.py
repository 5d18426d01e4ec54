"""What a program asked for and what it was answered, so that a repeated request changes nothing."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import Base, BoundedText, LongText


class ApiIdempotency(Base):
    """One answered request per person and key. `digest` is of the request, `body` the answer byte for byte."""

    __tablename__ = "api_idempotency"

    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("app_user.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(BoundedText(80), primary_key=True)
    digest: Mapped[str] = mapped_column(BoundedText(64))
    status: Mapped[int]
    body: Mapped[str] = mapped_column(LongText())
    created_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
