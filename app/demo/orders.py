"""Two years of orders that look lived in: states follow from age, parcels from orders, history from both."""

from __future__ import annotations

import random
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from app.demo.companies import SOURCE, Buyer
from app.demo.parcels import Journey, plan_journey
from core import clock
from core.ids import make_reference, new_id
from core.money import Money
from core.search import fold
from crm.catalogue.models import Product
from crm.orders.delivery import METHODS, WAREHOUSE, find_price, promised_on
from crm.orders.gateways import APPROVES
from crm.orders.models import Order, OrderEvent, OrderLine, Payment, Sequence, Shipment, ShipmentLine
from crm.orders.numbers import next_number
from crm.orders.pricing import DELIVERY_TAX, contained_tax

POPULAR_DAYS = 90
OLD_PRICES = Decimal("0.97")  # a year ago everything was a little cheaper
Rows = dict[type[Any], list[dict[str, Any]]]


@dataclass(frozen=True)
class Draft:
    """An order before it has a number."""

    buyer: Buyer
    placed_at: datetime
    basket: dict[str, int]
    wish: str = ""  # asks for a certain fate; see parcels.plan_journey
    person: tuple[uuid.UUID, str, str] | None = None  # of the buyer's people; None lets dice decide


def has_orders(session: Session) -> bool:
    return session.scalar(select(Order.id).where(Order.source == SOURCE).limit(1)) is not None


def order_time(dice: random.Random, days_ago: int, segment: str) -> datetime:
    """A moment of that day at which such customers order; companies do not on Sundays."""
    day = clock.now().astimezone(WAREHOUSE).date() - timedelta(days=days_ago)
    if segment != "household" and day.weekday() == 6:
        day -= timedelta(days=1)
    hour = dice.choice(
        (7, 8, 12, 18, 19, 20, 20, 21, 22) if segment == "household" else (8, 9, 9, 10, 11, 13, 14, 15, 16)
    )
    at = time(hour, dice.randrange(60), dice.randrange(60))
    return datetime.combine(day, at, WAREHOUSE).astimezone(UTC)


def write_orders(session: Session, drafts: Iterable[Draft], dice: random.Random) -> int:
    """Writes all drafts with numbers in the order of time, as a bulk load: no events, no mail, no stock."""
    now = clock.now()
    wanted = sorted((draft for draft in drafts if draft.placed_at < now), key=lambda draft: draft.placed_at)
    if not wanted:
        return 0
    products = {
        product.sku: product for product in session.scalars(select(Product).where(Product.source == "demo"))
    }
    first = next_number(session, "order")
    session.execute(update(Sequence).where(Sequence.name == "order").values(last=first + len(wanted) - 1))
    rows: Rows = {Order: [], OrderLine: [], Payment: [], Shipment: [], ShipmentLine: [], OrderEvent: []}
    for number, draft in enumerate(wanted, start=first):
        _add_order(dice, rows, draft, number=make_reference("SO", number), products=products, now=now)
    for model, values in rows.items():
        for at in range(0, len(values), 2000):
            session.execute(insert(model), values[at : at + 2000])
    return len(wanted)


def _add_order(
    dice: random.Random, rows: Rows, draft: Draft, *, number: str, products: dict[str, Product], now: datetime
) -> None:
    buyer = draft.buyer
    user_id, email, locale = draft.person or dice.choice(buyer.people)
    order_id = new_id()
    lines, tax = _lines(order_id, draft, products, now)
    items = sum((line["amount"] for line in lines), Decimal(0))
    weight = sum(products[line["sku"]].weight_g * line["quantity"] for line in lines)
    method = METHODS["express" if dice.random() < 0.08 and weight <= 31_500 else "standard"]
    delivery = find_price(method, weight, items) or Decimal(0)
    total = items + delivery
    promised = promised_on(method, draft.placed_at)
    journey = plan_journey(
        dice, draft.placed_at, promised, [(line["id"], line["quantity"]) for line in lines],
        now=now, wish=draft.wish, is_heavy=weight > 20_000,
    )  # fmt: skip
    is_cancelled = journey.state == "cancelled"
    for line in lines:
        line["cancelled_quantity"] = line["quantity"] if is_cancelled else 0
    changed_at = max(entry.at for entry in journey.history)
    rows[Order].append(
        {
            "id": order_id,
            "number": number,
            "account_id": buyer.account_id,
            "user_id": user_id,
            "email": email,
            "state": journey.state,
            "payment_method": "account" if buyer.on_account else "card",
            "payment_state": "not_needed" if buyer.on_account else "voided" if is_cancelled else "authorised",
            "delivery_method": method.code,
            "currency": "EUR",
            "items_total": items,
            "delivery_total": delivery,
            "tax_total": tax + contained_tax(Money(delivery, "EUR"), DELIVERY_TAX).amount,
            "total": total,
            "delivery_address": buyer.address,
            "billing_address": buyer.address,
            "placed_at": draft.placed_at,
            "promised_on": promised,
            "delivered_at": journey.delivered_at,
            "locale": locale,
            "source": SOURCE,
            "version": 1,
            "search_text": _search_text(number, email, lines),
            "created_at": draft.placed_at,
            "updated_at": changed_at,
        }
    )
    rows[OrderLine].extend(lines)
    if not buyer.on_account:
        rows[Payment].append(_payment(order_id, total, draft.placed_at, is_voided=is_cancelled))
    _add_parcels(rows, order_id, journey)
    _add_history(rows, order_id, journey, user_id, total)


def _lines(
    order_id: uuid.UUID, draft: Draft, products: dict[str, Product], now: datetime
) -> tuple[list[dict[str, Any]], Decimal]:
    found: list[dict[str, Any]] = []
    tax = Decimal(0)
    for position, (sku, quantity) in enumerate(draft.basket.items(), start=1):
        product = products[sku]
        is_old = now - draft.placed_at > timedelta(days=365)
        price = (product.price * OLD_PRICES).quantize(Decimal("0.1")) if is_old else product.price
        amount = price * quantity
        tax += contained_tax(Money(amount, "EUR"), product.tax_rate).amount
        found.append(
            {
                "id": new_id(),
                "order_id": order_id,
                "position": position,
                "kind": "product",
                "product_id": product.id,
                "sku": sku,
                "names": product.names,
                "quantity": quantity,
                "unit_price": price,
                "amount": amount,
                "tax_rate": product.tax_rate,
            }
        )
    return found, tax


def _search_text(number: str, email: str, lines: list[dict[str, Any]]) -> str:
    words = [number, email, *(text for line in lines for text in (line["sku"], *line["names"].values()))]
    return fold(" \n ".join(words))


def _payment(order_id: uuid.UUID, total: Decimal, at: datetime, *, is_voided: bool) -> dict[str, Any]:
    key = f"{order_id}-1"
    return {
        "id": new_id(),
        "order_id": order_id,
        "key": key,
        "gateway": "demo",
        "instrument": APPROVES,
        "attempts": 1,
        "amount": total,
        "currency": "EUR",
        "state": "voided" if is_voided else "authorised",
        "reference": f"demo-{key}",
        "created_at": at,
        "updated_at": at,
    }


def _add_parcels(rows: Rows, order_id: uuid.UUID, journey: Journey) -> None:
    for parcel in journey.parcels:
        rows[Shipment].append(
            {
                "id": parcel.id,
                "order_id": order_id,
                "carrier": parcel.carrier,
                "tracking_code": parcel.tracking_code,
                "state": parcel.state,
                "promised_on": parcel.promised_on,
                "shipped_at": parcel.shipped_at,
                "delivered_at": parcel.delivered_at,
                "created_at": parcel.packed_at,
                "updated_at": parcel.delivered_at or parcel.shipped_at or parcel.packed_at,
            }
        )
        rows[ShipmentLine].extend(
            {"shipment_id": parcel.id, "order_line_id": line_id, "quantity": quantity}
            for line_id, quantity in parcel.lines
        )


def _add_history(
    rows: Rows, order_id: uuid.UUID, journey: Journey, user_id: uuid.UUID, total: Decimal
) -> None:
    for entry in journey.history:
        by_customer = entry.kind == "ordered" or entry.data.get("by") == "customer"
        data = {"total": str(total), "currency": "EUR"} if entry.kind == "ordered" else entry.data
        rows[OrderEvent].append(
            {
                "id": new_id(),
                "order_id": order_id,
                "at": entry.at,
                "kind": entry.kind,
                "actor_id": user_id if by_customer else None,
                "actor_name": "" if by_customer else entry.who,
                "is_internal": entry.is_internal,
                "data": data,
            }
        )


def count_popularity(session: Session) -> None:
    """Units of the demo's products in the last days, for the default sort of the catalogue."""
    sold = session.execute(
        select(OrderLine.product_id, func.sum(OrderLine.quantity - OrderLine.cancelled_quantity))
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.source == SOURCE, Order.placed_at > clock.now() - timedelta(days=POPULAR_DAYS))
        .group_by(OrderLine.product_id)
    )
    units: dict[uuid.UUID, int] = defaultdict(int)
    for row_id, count in sold:
        if row_id is not None:
            units[row_id] = int(count or 0)
    if units:
        session.execute(
            update(Product), [{"id": row_id, "popularity": count} for row_id, count in units.items()]
        )
