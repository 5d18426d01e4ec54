"""What a request is about: an order, a line of it, a product, something owned — only what the person may see."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actor import Actor
from core.errors import NotFound
from crm.catalogue.models import Product
from crm.orders.access import orders_visible_to
from crm.orders.models import Order, OrderLine
from crm.ownership.models import OwnedProduct
from crm.ownership.queries import find_owned, list_owned


@dataclass(frozen=True)
class About:
    """`product_id` follows from the line or the owned product where none is named."""

    order: Order | None = None
    line: OrderLine | None = None
    product: Product | None = None
    owned: OwnedProduct | None = None

    @property
    def product_id(self) -> uuid.UUID | None:
        if self.product is not None:
            return self.product.id
        if self.line is not None:
            return self.line.product_id
        return self.owned.product_id if self.owned is not None else None

    @property
    def owned_id(self) -> uuid.UUID | None:
        return self.owned.id if self.owned is not None else None

    @property
    def is_empty(self) -> bool:
        return not (self.order or self.line or self.product or self.owned)


def find_about(
    session: Session,
    actor: Actor,
    *,
    order_id: uuid.UUID | None = None,
    line_id: uuid.UUID | None = None,
    product_id: uuid.UUID | None = None,
    owned_id: uuid.UUID | None = None,
) -> About:
    """The rows that the ids name. Raises NotFound for one that is not there for this actor, or does not belong to
    the others."""
    line = session.get(OrderLine, line_id) if line_id is not None else None
    if line_id is not None and (line is None or (order_id is not None and line.order_id != order_id)):
        raise NotFound("cases.unknown_line")
    wanted = line.order_id if line is not None else order_id
    order = None
    if wanted is not None:
        order = session.scalar(orders_visible_to(actor).where(Order.id == wanted))
        if order is None:
            raise NotFound("cases.unknown_order")
    owned = find_owned(session, actor, owned_id) if owned_id is not None else None
    if owned_id is not None and owned is None:
        raise NotFound("cases.unknown_owned")
    named = product_id or (line.product_id if line else None) or (owned.product_id if owned else None)
    product = session.scalar(select(Product).where(Product.id == named)) if named is not None else None
    if product_id is not None and (product is None or not product.is_active):
        raise NotFound("cases.unknown_product")
    return About(order, line, product, owned)


MOST_ORDERS, MOST_CHOICES = 8, 30


def list_units(session: Session, actor: Actor) -> Sequence[OwnedProduct]:
    """What the actor has at home, to choose from what a request is about."""
    return list_owned(session, actor, limit=MOST_CHOICES)


def list_choices(session: Session, actor: Actor) -> list[tuple[Order, Sequence[OrderLine]]]:
    """The actor's latest orders with their lines, to choose from what a request is about."""
    orders = session.scalars(
        orders_visible_to(actor).order_by(Order.placed_at.desc(), Order.id.desc()).limit(MOST_ORDERS)
    ).all()
    lines: dict[uuid.UUID, list[OrderLine]] = {order.id: [] for order in orders}
    if orders:
        found = session.scalars(
            select(OrderLine)
            .where(OrderLine.order_id.in_(lines), OrderLine.kind == "product")
            .order_by(OrderLine.order_id, OrderLine.position)
            .limit(MOST_ORDERS * MOST_CHOICES)
        )
        for line in found:
            lines[line.order_id].append(line)
    return [(order, lines[order.id][:MOST_CHOICES]) for order in orders]
