"""Units that come with orders: made when everything has arrived, taken away when they go back.

Each call looks at the order as it is now, so it may run twice, late, or in any order.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from crm.catalogue.models import Product
from crm.orders.events import LineReturned, OrderCancelled, OrderDelivered
from crm.orders.models import Order, OrderLine
from crm.ownership.models import OwnedProduct
from crm.ownership.warranty import warranty_end

WENT_BACK = frozenset({"cancelled", "returned"})


def on_order_delivered(session: Session, event: OrderDelivered) -> None:
    follow_order(session, event.order_id)


def on_order_cancelled(session: Session, event: OrderCancelled) -> None:
    follow_order(session, event.order_id)


def on_line_returned(session: Session, event: LineReturned) -> None:
    follow_order(session, event.order_id)


def follow_order(session: Session, order_id: uuid.UUID) -> None:
    """Makes the customer's units be what the order says. Imported orders and guests have none: what was bought
    years ago through other systems came without its serial numbers, and may be long gone."""
    order = session.scalar(select(Order).where(Order.id == order_id).with_for_update())
    if order is None or order.account_id is None or order.payment_method == "imported":
        return
    lines = session.execute(
        select(OrderLine, Product)
        .join(Product, Product.id == OrderLine.product_id)
        .where(OrderLine.order_id == order.id, OrderLine.kind != "charge", Product.is_serialised.is_(True))
        .order_by(OrderLine.position)
    ).all()
    known: dict[uuid.UUID, list[OwnedProduct]] = {}
    for unit in session.scalars(
        select(OwnedProduct)
        .where(OwnedProduct.order_line_id.in_([line.id for line, _ in lines]))
        .order_by(OwnedProduct.unit)
    ):
        if unit.order_line_id is not None:
            known.setdefault(unit.order_line_id, []).append(unit)
    for line, product in lines:
        units = known.get(line.id, [])
        if not units and order.state == "delivered":
            units = [OwnedProduct(**values) for values in units_of(order, line, product)]
            session.add_all(units)
        _take_away(units, line)


def units_of(order: Order, line: Any, product: Any) -> list[dict[str, Any]]:
    """One row for each unit of a delivered line, also those that came back since."""
    day = (order.delivered_at or order.placed_at).date()
    return [
        {
            "account_id": order.account_id,
            "user_id": order.user_id,
            "product_id": product.id,
            "order_line_id": line.id,
            "unit": number,
            "acquired_on": day,
            "warranty_until": warranty_end(day, product.warranty_months),
            "source": "order",
        }
        for number in range(1, line.quantity + 1)
    ]


def _take_away(units: Sequence[OwnedProduct], line: OrderLine) -> None:
    """As many units are away as were cancelled or came back: first those without a serial number, the last first."""
    for reason, wanted in (("cancelled", line.cancelled_quantity), ("returned", line.returned_quantity)):
        away = [unit for unit in units if unit.removal_reason == reason]
        for unit in away[wanted:]:
            unit.removed_at, unit.removal_reason = None, None
        present = [unit for unit in units if unit.removal_reason not in WENT_BACK]
        present.sort(
            key=lambda unit: (unit.removed_at is not None, bool(unit.serial_number), -(unit.unit or 0))
        )
        for unit in present[: max(wanted - len(away), 0)]:
            unit.removed_at, unit.removal_reason = clock.now(), reason
