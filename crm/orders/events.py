"""What orders tell the rest of the house."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from core.events import Event


@dataclass(frozen=True)
class OrderPlaced(Event):
    """The order stands: it is paid, or it is on account. Not sent while a payment is awaited."""

    name: ClassVar[str] = "order.placed"
    order_id: UUID


@dataclass(frozen=True)
class PaymentAuthorised(Event):
    name: ClassVar[str] = "payment.authorised"
    order_id: UUID
    payment_id: UUID


@dataclass(frozen=True)
class PaymentDeclined(Event):
    """The card was refused; the order waits for another try or another way to pay."""

    name: ClassVar[str] = "payment.declined"
    order_id: UUID
    payment_id: UUID


@dataclass(frozen=True)
class OrderReleased(Event):
    """No payment came: the order is cancelled and its goods are back in stock. The customer must be told."""

    name: ClassVar[str] = "order.released"
    order_id: UUID


@dataclass(frozen=True)
class OrderShipped(Event):
    """A parcel of the order has left."""

    name: ClassVar[str] = "order.shipped"
    order_id: UUID
    shipment_id: UUID


@dataclass(frozen=True)
class OrderDelivered(Event):
    """The last parcel has arrived."""

    name: ClassVar[str] = "order.delivered"
    order_id: UUID


@dataclass(frozen=True)
class OrderCancelled(Event):
    """An order that stood was cancelled by `by`: customer, staff or system. Its goods are back in stock."""

    name: ClassVar[str] = "order.cancelled"
    order_id: UUID
    by: str


@dataclass(frozen=True)
class LineReturned(Event):
    """Staff noted that units of a line came back, or undid that: the line says how many are returned now."""

    name: ClassVar[str] = "order.line_returned"
    order_id: UUID
    line_id: UUID
