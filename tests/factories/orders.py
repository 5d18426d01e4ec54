"""Orders as they are in the database, made directly: no stock is taken and no event told."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from core import clock
from core.ids import make_reference
from crm.catalogue.models import Product
from crm.customers.models import Account
from crm.identity.models import User
from crm.orders.models import Order, OrderLine, Shipment, ShipmentLine
from crm.orders.search import searchable_text

_count = itertools.count(700_001)


def make_line(product: Product | None = None, quantity: int = 1, **values: Any) -> OrderLine:
    """A line of an order; without a product one of the past."""
    price = values.pop("unit_price", product.price if product else Decimal("10.00"))
    defaults: dict[str, Any] = {
        "product_id": product.id if product else None,
        "sku": product.sku if product else "OLD-1",
        "names": dict(product.names) if product else {"en": "Old kettle"},
        "quantity": quantity,
        "unit_price": price,
        "amount": price * quantity,
    }
    return OrderLine(**{**defaults, **values})


def make_order(
    session: Session,
    *,
    user: User | None = None,
    account: Account | None = None,
    lines: Sequence[OrderLine] | None = None,
    state: str = "placed",
    placed_at: datetime | None = None,
    **values: Any,
) -> Order:
    """An order of `user` in `account`, of one line unless `lines` are given."""
    lines = [make_line()] if lines is None else list(lines)
    total = sum((line.amount for line in lines), Decimal(0))
    defaults: dict[str, Any] = {
        "number": make_reference("SO", next(_count)),
        "account_id": account.id if account else None,
        "user_id": user.id if user else None,
        "email": user.email if user else None,
        "payment_method": "account",
        "payment_state": "not_needed",
        "delivery_method": "standard",
        "currency": "EUR",
        "items_total": total,
        "total": total,
        "delivery_address": {
            "recipient": "Purchasing", "line1": "Hafenstrasse 1", "postal_code": "20457", "city": "Hamburg", "country": "DE",
        },
        "promised_on": date(2030, 1, 7),
        "locale": user.locale if user else "en",
    }  # fmt: skip
    order = Order(
        state=state, placed_at=placed_at or clock.now() - timedelta(hours=1), **{**defaults, **values}
    )
    for position, line in enumerate(lines, start=1):
        line.position = position
    order.lines = lines
    order.search_text = searchable_text(order.number, [(line.sku, line.names) for line in lines])
    session.add(order)
    session.flush()
    return order


def make_shipment(
    session: Session, order: Order, quantities: Sequence[int], *, state: str = "shipped", **values: Any
) -> Shipment:
    """A parcel with so many units of the order's first, second… line."""
    defaults: dict[str, Any] = {
        "carrier": "postline",
        "tracking_code": "PL 12/34",
        "promised_on": order.promised_on,
    }
    if state != "packing":
        defaults["shipped_at"] = clock.now() - timedelta(minutes=30)
    if state == "delivered":
        defaults["delivered_at"] = clock.now()
    shipment = Shipment(order_id=order.id, state=state, **{**defaults, **values})
    session.add(shipment)
    session.flush()
    for line, quantity in zip(order.lines, quantities, strict=False):
        if quantity:
            session.add(ShipmentLine(shipment_id=shipment.id, order_line_id=line.id, quantity=quantity))
    session.flush()
    return shipment
