"""What customers have at home: units that we delivered, and others that they told us of."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, BoundedText, Id, Timestamped
from crm.catalogue.models import Product


class OwnedProduct(Base, Timestamped):
    """One unit. From an order, (line, unit) names it, so that it is made once however often it is tried.

    `removed_at` takes it off the lists; `removal_reason`: customer (can be undone), cancelled, returned.
    """

    __tablename__ = "owned_product"

    id: Mapped[Id]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    user_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("app_user.id", ondelete="SET NULL"), index=True
    )
    product_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("product.id"), index=True)
    name: Mapped[str] = mapped_column(BoundedText(160), default="")  # of what is not in the catalogue
    nickname: Mapped[str] = mapped_column(BoundedText(60), default="")
    serial_number: Mapped[str] = mapped_column(BoundedText(40), default="")  # "": not entered yet
    order_line_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("order_line.id", ondelete="SET NULL"))
    unit: Mapped[int | None]  # 1, 2, … of the order line
    acquired_on: Mapped[date] = mapped_column(Date())
    warranty_until: Mapped[date | None] = mapped_column(Date())
    source: Mapped[str] = mapped_column(BoundedText(12))
    removed_at: Mapped[datetime | None]
    removal_reason: Mapped[str | None] = mapped_column(BoundedText(12))

    product: Mapped[Product | None] = relationship()

    __table_args__ = (
        CheckConstraint("source IN ('order', 'registered')", name="source"),
        UniqueConstraint("order_line_id", "unit"),
        Index("ix_owned_product_account_id", "account_id", "id"),
    )

    def is_under_warranty(self, day: date) -> bool:
        return self.warranty_until is not None and self.warranty_until >= day
