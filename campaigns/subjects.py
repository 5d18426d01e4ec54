"""What a mail is about: the cart, the order or the person that set it off, read afresh at the moment of sending."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.db import JSONMap
from core.i18n import format_date, format_money, pick
from core.ids import make_reference
from core.money import Money
from crm.catalogue.models import Category, Product
from crm.catalogue.queries import list_popular
from crm.identity.models import User
from crm.orders import carts
from crm.orders.models import Order, OrderLine

BRAND = "Aurora Home"
MOST_ITEMS = 6


@dataclass(frozen=True)
class Item:
    product: Product
    quantity: int
    amount: Money
    can_be_had: bool = True


@dataclass(frozen=True)
class Subject:
    """`values` fill the placeholders; `gone`: the reason for which there is nothing to write about."""

    items: Sequence[Item] = ()
    total: Money | None = None
    values: dict[str, dict[str, object]] = field(default_factory=dict)
    gone: str | None = None
    facts: JSONMap = field(default_factory=dict)
    order: Order | None = None

    @property
    def product_ids(self) -> list[uuid.UUID]:
        return [item.product.id for item in self.items]


def find_subject(
    session: Session, kind: str, user: User, *, trigger_id: uuid.UUID | None, triggered_at: datetime | None
) -> Subject:
    """`triggered_at` None: for a preview, whatever state things are in. Call it inside `speaking(…)`."""
    common: dict[str, dict[str, object]] = {"customer": {"name": user.name}, "shop": {"name": BRAND}}
    if kind == "left_cart":
        return _cart(session, user, triggered_at, common)
    if kind == "after_delivery":
        return _order(session, trigger_id, common)
    return Subject(values=common)


def _cart(session: Session, user: User, triggered_at: datetime | None, common: dict[str, Any]) -> Subject:
    left = carts.find_left(session, user.id)
    if triggered_at is not None and (left is None or left.changed_at != triggered_at):
        number = session.scalar(
            select(Order.number)
            .where(Order.user_id == user.id, Order.placed_at >= triggered_at, Order.state != "cancelled")
            .order_by(Order.placed_at)
            .limit(1)
        )
        if number is not None:
            return Subject(gone="ordered", facts={"number": number})
        return Subject(gone="cart_emptied" if left is None else "cart_changed")
    if left is None:
        return Subject(gone="cart_emptied")
    view = carts.view(session, carts.Owner(user_id=user.id))
    items = [
        Item(entry.product, entry.quantity, entry.amount, entry.problem in {"", "too_few"})
        for entry in view.items
    ]
    buyable = [item for item in items if item.can_be_had]
    if not buyable:
        return Subject(items=items, gone="goods_gone")
    shown = sorted(buyable, key=lambda item: -item.amount.amount)
    return Subject(
        items=shown,
        total=view.total,
        values={
            **common,
            "cart": {
                "product": pick(shown[0].product.names),
                "count": sum(item.quantity for item in shown),
                "total": format_money(view.total),
            },
        },
    )


def _order(session: Session, order_id: uuid.UUID | None, common: dict[str, Any]) -> Subject:
    order = session.get(Order, order_id) if order_id else None
    if order is None or order.state == "cancelled":
        return Subject(gone="no_trigger")
    rows = session.execute(
        select(OrderLine, Product)
        .join(Product, Product.id == OrderLine.product_id)
        .where(OrderLine.order_id == order.id, OrderLine.kind == "product", OrderLine.quantity > OrderLine.cancelled_quantity)
        .order_by(OrderLine.amount.desc(), OrderLine.position)
        .limit(MOST_ITEMS)
    )  # fmt: skip
    items = [
        Item(product, line.quantity - line.cancelled_quantity, Money(line.amount, order.currency))
        for line, product in rows
    ]
    if not items:
        return Subject(gone="no_trigger")
    arrived = order.delivered_at or order.placed_at
    return Subject(
        items=items,
        total=order.total_money,
        order=order,
        values={
            **common,
            "order": {
                "number": order.number,
                "product": pick(items[0].product.names),
                "date": format_date(arrived.date()),
            },
        },
    )


def sample_subject(session: Session, kind: str, user: User) -> Subject:
    """Two popular products in the place of a cart or an order."""
    common: dict[str, dict[str, object]] = {"customer": {"name": user.name}, "shop": {"name": BRAND}}
    if kind == "welcome":
        return Subject(values=common)
    items = [Item(product, 1, product.money) for product in list_popular(session, 2)]
    if not items:
        return Subject(gone="goods_gone")
    total = sum((item.amount for item in items[1:]), items[0].amount)
    name = pick(items[0].product.names)
    values: dict[str, dict[str, object]] = {
        "cart": {"product": name, "count": len(items), "total": format_money(total)},
        "order": {
            "number": make_reference("SO", 100_042),
            "product": name,
            "date": format_date(clock.today()),
        },
    }
    return Subject(items=items, total=total, values={**common, **values})


def is_of_category(session: Session, items: Sequence[Item], slug: str) -> bool:
    """Whether one of the products is in the category or in one right below it."""
    category = session.scalar(select(Category.id).where(Category.slug == slug))
    if category is None:
        return False
    below = set(session.scalars(select(Category.id).where(Category.parent_id == category)))
    return any(item.product.category_id in {category, *below} for item in items)


def worth(subject: Subject) -> Decimal:
    return subject.total.amount if subject.total is not None else Decimal(0)
