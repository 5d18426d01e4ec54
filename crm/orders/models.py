"""Carts, orders with their lines, shipments, payments, and the ledger of what happened to an order."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core import clock
from core.db import Base, BoundedText, Id, JSONMap, LongText, Timestamped
from core.money import Money

ORDER_STATES = (
    "awaiting_payment", "placed", "confirmed", "packing", "partly_shipped", "shipped", "delivered", "cancelled",
)  # fmt: skip


class Transition(NamedTuple):
    """An order may go from `source` to `target`, moved by one of `who`: customer, staff, system."""

    source: str
    target: str
    who: frozenset[str]


ANYBODY, STAFF, SYSTEM = (
    frozenset({"customer", "staff", "system"}),
    frozenset({"staff"}),
    frozenset({"system"}),
)
LEGAL_TRANSITIONS = (
    Transition("awaiting_payment", "placed", SYSTEM),
    Transition("awaiting_payment", "cancelled", ANYBODY),
    Transition("placed", "confirmed", STAFF),
    Transition("placed", "cancelled", ANYBODY),
    Transition("confirmed", "packing", STAFF),
    Transition("confirmed", "cancelled", STAFF),
    Transition("packing", "partly_shipped", STAFF),
    Transition("packing", "shipped", STAFF),
    Transition("packing", "cancelled", STAFF),
    Transition("partly_shipped", "shipped", STAFF),
    Transition("shipped", "delivered", STAFF),
)
# state -> states that may follow
TRANSITIONS: dict[str, frozenset[str]] = {
    state: frozenset(move.target for move in LEGAL_TRANSITIONS if move.source == state)
    for state in ORDER_STATES
}


class Cart(Base, Timestamped):
    """What somebody is about to order: a user's (on every device), or a visitor's until they sign in."""

    __tablename__ = "cart"

    id: Mapped[Id]
    user_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("app_user.id", ondelete="CASCADE"), unique=True
    )
    visitor_key: Mapped[str | None] = mapped_column(BoundedText(64), unique=True)
    lines: Mapped[list[CartLine]] = relationship(cascade="all, delete-orphan", order_by="CartLine.added_at")

    __table_args__ = (Index("ix_cart_updated_at", "updated_at"),)


class CartLine(Base):
    __tablename__ = "cart_line"

    cart_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cart.id", ondelete="CASCADE"), primary_key=True)
    product_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("product.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    quantity: Mapped[int]
    seen_price: Mapped[Decimal | None]  # what the person was last shown, so that a change can be told
    added_at: Mapped[datetime] = mapped_column(default=clock.now)

    __table_args__ = (CheckConstraint("quantity BETWEEN 1 AND 999", name="quantity"),)


class Order(Base, Timestamped):
    """An order. Amounts include tax; addresses are copies, so that later edits change no history."""

    __tablename__ = "sales_order"

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(
        BoundedText(40), unique=True
    )  # SO-100042-5, or the imported invoice number
    account_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("account.id")
    )  # None: a guest of an import
    user_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("app_user.id", ondelete="SET NULL"))
    email: Mapped[str | None] = mapped_column(BoundedText(254))
    state: Mapped[str] = mapped_column(BoundedText(20))
    payment_method: Mapped[str] = mapped_column(BoundedText(20))  # account, card, imported
    payment_state: Mapped[str] = mapped_column(
        BoundedText(20), default="open"
    )  # open, authorised, failed, not_needed
    delivery_method: Mapped[str] = mapped_column(BoundedText(20))
    currency: Mapped[str] = mapped_column(BoundedText(3))
    items_total: Mapped[Decimal]
    delivery_total: Mapped[Decimal] = mapped_column(default=Decimal(0))
    tax_total: Mapped[Decimal] = mapped_column(default=Decimal(0))  # contained in the total
    total: Mapped[Decimal]
    delivery_address: Mapped[JSONMap] = mapped_column(default=dict)
    billing_address: Mapped[JSONMap] = mapped_column(default=dict)
    customer_note: Mapped[str] = mapped_column(BoundedText(1000), default="")
    placed_at: Mapped[datetime] = mapped_column(default=clock.now)
    promised_on: Mapped[date | None] = mapped_column(Date())
    delivered_at: Mapped[datetime | None]
    locale: Mapped[str] = mapped_column(BoundedText(10), default="en")
    source: Mapped[str] = mapped_column(BoundedText(40), default="portal")
    idempotency_key: Mapped[str | None] = mapped_column(BoundedText(100))
    version: Mapped[int] = mapped_column(default=1)
    search_text: Mapped[str] = mapped_column(LongText(), default="")

    lines: Mapped[list[OrderLine]] = relationship(
        back_populates="order", cascade="all, delete-orphan", order_by="OrderLine.position"
    )
    shipments: Mapped[list[Shipment]] = relationship(
        back_populates="order", cascade="all, delete-orphan", order_by="Shipment.created_at"
    )
    events: Mapped[list[OrderEvent]] = relationship(cascade="all, delete-orphan", order_by="OrderEvent.at")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - two people at once: one is told

    __table_args__ = (
        UniqueConstraint("user_id", "idempotency_key"),
        Index("ix_sales_order_account_id_placed_at", "account_id", "placed_at", "id"),
        Index("ix_sales_order_user_id_placed_at", "user_id", "placed_at", "id"),
        Index("ix_sales_order_placed_at", "placed_at", "id"),
        Index("ix_sales_order_state_placed_at", "state", "placed_at", "id"),
        Index("ix_sales_order_email", "email"),
    )

    @property
    def total_money(self) -> Money:
        return Money(self.total, self.currency)


class OrderLine(Base):
    """A product, a charge (postage, discount, fee) or a gift, with name and price as they were."""

    __tablename__ = "order_line"

    id: Mapped[Id]
    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sales_order.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(BoundedText(10), default="product")  # product, charge, gift
    product_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("product.id"), index=True)
    sku: Mapped[str] = mapped_column(BoundedText(60))
    names: Mapped[JSONMap]
    quantity: Mapped[int]
    cancelled_quantity: Mapped[int] = mapped_column(default=0)
    returned_quantity: Mapped[int] = mapped_column(default=0, server_default="0")  # came back, as staff noted
    unit_price: Mapped[Decimal]
    amount: Mapped[Decimal]
    tax_rate: Mapped[int] = mapped_column(default=0)

    order: Mapped[Order] = relationship(back_populates="lines")


class Shipment(Base, Timestamped):
    __tablename__ = "shipment"

    id: Mapped[Id]
    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sales_order.id", ondelete="CASCADE"), index=True)
    carrier: Mapped[str] = mapped_column(BoundedText(40))
    tracking_code: Mapped[str] = mapped_column(BoundedText(60), default="")
    state: Mapped[str] = mapped_column(BoundedText(20), default="packing")  # packing, shipped, delivered
    promised_on: Mapped[date | None] = mapped_column(Date())
    shipped_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]

    order: Mapped[Order] = relationship(back_populates="shipments")
    lines: Mapped[list[ShipmentLine]] = relationship(cascade="all, delete-orphan")


class ShipmentLine(Base):
    __tablename__ = "shipment_line"

    shipment_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("shipment.id", ondelete="CASCADE"), primary_key=True
    )
    order_line_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("order_line.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    quantity: Mapped[int]


class OrderEvent(Base):
    """One thing that happened, written once and shown to the customer in brief and to staff in full."""

    __tablename__ = "order_event"

    id: Mapped[Id]
    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sales_order.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(default=clock.now)
    kind: Mapped[str] = mapped_column(BoundedText(40))
    actor_id: Mapped[uuid.UUID | None]
    actor_name: Mapped[str] = mapped_column(BoundedText(120), default="")
    is_internal: Mapped[bool] = mapped_column(default=False)
    data: Mapped[JSONMap] = mapped_column(default=dict)


class OrderLink(Base):
    """A mailed address that opens a short page of one order without a sign-in. Only the digest is kept."""

    __tablename__ = "order_link"

    id: Mapped[Id]
    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sales_order.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(BoundedText(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Payment(Base, Timestamped):
    """One attempt to be paid; `key` is what the gateway sees, so that a repeat is the same payment."""

    __tablename__ = "payment"

    id: Mapped[Id]
    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sales_order.id", ondelete="CASCADE"), index=True)
    key: Mapped[str] = mapped_column(BoundedText(100), unique=True)
    gateway: Mapped[str] = mapped_column(BoundedText(20))
    instrument: Mapped[str] = mapped_column(
        BoundedText(80), default=""
    )  # the gateway's token, never a card number
    attempts: Mapped[int] = mapped_column(default=0)
    amount: Mapped[Decimal]
    currency: Mapped[str] = mapped_column(BoundedText(3))
    state: Mapped[str] = mapped_column(
        BoundedText(20), default="started"
    )  # started, authorised, declined, unknown, voided
    reference: Mapped[str | None] = mapped_column(BoundedText(80))
    reason: Mapped[str | None] = mapped_column(BoundedText(200))


class DemoCharge(Base):
    """What the demo gateway remembers, as a real provider would: one row per key, however often it is asked."""

    __tablename__ = "demo_charge"

    key: Mapped[str] = mapped_column(BoundedText(100), primary_key=True)
    instrument: Mapped[str] = mapped_column(BoundedText(80))
    amount: Mapped[Decimal]
    currency: Mapped[str] = mapped_column(BoundedText(3))
    calls: Mapped[int] = mapped_column(default=1)
    outcome: Mapped[str] = mapped_column(BoundedText(20))  # authorised, declined, voided


class StockAdjustment(Base):
    """An imported correction that is no order: negative stock lines, bad-debt entries."""

    __tablename__ = "stock_adjustment"

    id: Mapped[Id]
    source: Mapped[str] = mapped_column(BoundedText(40))
    document: Mapped[str] = mapped_column(BoundedText(40), index=True)
    product_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("product.id"))
    sku: Mapped[str] = mapped_column(BoundedText(60))
    text: Mapped[str] = mapped_column(BoundedText(255), default="")
    quantity: Mapped[int]
    amount: Mapped[Decimal]
    currency: Mapped[str] = mapped_column(BoundedText(3))
    at: Mapped[datetime]


class Sequence(Base):
    """Counters of document numbers, one row each; see numbers.py."""

    __tablename__ = "number_sequence"

    name: Mapped[str] = mapped_column(BoundedText(40), primary_key=True)
    last: Mapped[int]
