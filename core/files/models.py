"""What is known of a kept file; its bytes lie in the folder of files under their digest."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import Base, BoundedText, Id


class StoredFile(Base):
    """One file as somebody handed it in. Two rows may share their bytes: those are kept once per digest."""

    __tablename__ = "stored_file"

    id: Mapped[Id]
    digest: Mapped[str] = mapped_column(BoundedText(64), index=True)  # SHA-256 of the bytes, hexadecimal
    size: Mapped[int]  # bytes
    media_type: Mapped[str] = mapped_column(BoundedText(120))  # told from the content, never from the sender
    name: Mapped[str] = mapped_column(BoundedText(160))  # cleaned; for the person who downloads it
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
