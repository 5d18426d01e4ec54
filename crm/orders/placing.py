"""Placing an order: prices from the catalogue, stock taken, a number given, all in one transaction."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.actor import Actor
from core.db import storable
from core.errors import Conflict, Forbidden, Invalid, Unauthenticated
from core.i18n import pick
from core.jobs import enqueue
from core.money import Money
from core.search import fold
from crm.orders import carts, payments, stock
from crm.orders.delivery import clean_address, get_method, get_pickup_address
from crm.orders.ledger import note as write_event
from crm.orders.models import Order, OrderLine
from crm.orders.numbers import next_order_number, take_turn
from crm.orders.pricing import Quote, load_sellable, quote

MOST_NOTE = 1000


def place_order(
    session: Session,
    *,
    actor: Actor,
    key: str,
    delivery_method: str,
    payment_method: str,
    cart_id: uuid.UUID | None = None,
    lines: Mapping[uuid.UUID, int] | None = None,
    address: Mapping[str, Any] | None = None,
    pickup_point: uuid.UUID | None = None,
    billing_address: Mapping[str, Any] | None = None,
    payment_token: str | None = None,
    email: str | None = None,
    note: str = "",
    expected_total: Money | None = None,
    source: str = "portal",
) -> Order:
    """Orders what is in the cart, or `lines` (product id -> quantity). All of it or nothing.

    `key` names the person's intention: a second call with it returns the first call's order. With
    `expected_total` a price that changed in the meantime is a Conflict instead of a surprise. Raises Invalid,
    Forbidden, or Conflict (for example orders.out_of_stock, naming the product and what is left).
    """
    user_id, account_id = _buyer(actor)
    if not 1 <= len(key) <= 100:
        raise Invalid("orders.key", field="idempotency_key")
    take_turn(session, f"order:{user_id}:{key}")
    before = session.scalar(select(Order).where(Order.user_id == user_id, Order.idempotency_key == key))
    if before is not None:
        return before
    method = get_method(delivery_method)
    payments.check_method(session, actor, payment_method, payment_token)
    destination = (
        get_pickup_address(session, pickup_point) if method.is_pickup else clean_address(address or {})
    )
    billing = clean_address(billing_address) if billing_address else ({} if method.is_pickup else destination)
    wanted = carts.lock_lines(session, cart_id, user_id) if cart_id is not None else dict(lines or {})
    quoted = quote(load_sellable(session, wanted), method)
    if expected_total is not None and expected_total != quoted.total:
        raise Conflict("orders.total_changed")
    names = {line.product.id: pick(line.product.names) or line.product.sku for line in quoted.lines}
    stock.take(session, wanted, names)
    order = _write(
        session, quoted, actor, account_id,
        key=key, email=email or actor.email or None, payment_method=payment_method, delivery_method=method.code,
        destination=destination, billing=billing, note=storable(note.strip(), MOST_NOTE), source=source,
    )  # fmt: skip
    if cart_id is not None:
        carts.take_out(session, cart_id, wanted)
    write_event(session, order, "ordered", actor, total=str(order.total), currency=order.currency)
    if payment_method == "account":
        payments.mark_placed(session, order)
    else:
        payments.begin(session, order, payment_token or "")
        enqueue(
            session, payments.RELEASE, {"order_id": str(order.id)},
            key=str(order.id), run_at=clock.now() + payments.HOLD,
        )  # fmt: skip
    return order


def _buyer(actor: Actor) -> tuple[uuid.UUID, uuid.UUID]:
    """(user, account) if the actor may order. Raises Unauthenticated or Forbidden."""
    if actor.user_id is None:
        raise Unauthenticated
    if not actor.can("shop.order") or actor.account_id is None:
        raise Forbidden("orders.not_a_buyer")
    return actor.user_id, actor.account_id


def _write(
    session: Session,
    quoted: Quote,
    actor: Actor,
    account_id: uuid.UUID,
    *,
    key: str,
    email: str | None,
    payment_method: str,
    delivery_method: str,
    destination: dict[str, Any],
    billing: dict[str, Any],
    note: str,
    source: str,
) -> Order:
    number = next_order_number(session)
    order = Order(
        number=number,
        account_id=account_id,
        user_id=actor.user_id,
        email=email,
        state="awaiting_payment",
        payment_method=payment_method,
        payment_state="not_needed" if payment_method == "account" else "open",
        delivery_method=delivery_method,
        currency=quoted.currency,
        items_total=quoted.items_total.amount,
        delivery_total=quoted.delivery_total.amount,
        tax_total=quoted.tax_total.amount,
        total=quoted.total.amount,
        delivery_address=destination,
        billing_address=billing,
        customer_note=note,
        placed_at=clock.now(),
        promised_on=quoted.promised_on,
        locale=actor.locale,
        source=source,
        idempotency_key=key,
    )
    order.lines = [
        OrderLine(
            position=position,
            product_id=line.product.id,
            sku=line.product.sku,
            names=dict(line.product.names),
            quantity=line.quantity,
            unit_price=line.unit_price.amount,
            amount=line.amount.amount,
            tax_rate=line.product.tax_rate,
        )
        for position, line in enumerate(quoted.lines, start=1)
    ]
    words = [
        number,
        email or "",
        *(text for line in quoted.lines for text in [line.product.sku, *line.product.names.values()]),
    ]
    order.search_text = fold(" \n ".join(words))
    session.add(order)
    session.flush()
    return order


def find_placed(session: Session, actor: Actor, key: str) -> Order | None:
    """The order that the actor placed with this key, for a form that is sent again."""
    if actor.user_id is None:
        return None
    return session.scalar(
        select(Order).where(Order.user_id == actor.user_id, Order.idempotency_key == key[:100])
    )
