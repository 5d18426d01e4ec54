"""Reading what customers have."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from core.actor import Actor
from core.errors import NotFound
from crm.catalogue.models import Product, ProductLink
from crm.identity.models import User
from crm.orders.access import visibility
from crm.orders.models import Order, OrderLine
from crm.ownership.access import owned_visible_to
from crm.ownership.models import OwnedProduct

PAGE = 24
MOST = 200


def _present() -> Select[Any]:
    """Units that nobody took away, with their product, the newest first."""
    return (
        select(OwnedProduct)
        .options(joinedload(OwnedProduct.product))
        .where(OwnedProduct.removed_at.is_(None))
        .order_by(OwnedProduct.id.desc())
    )


def list_owned(
    session: Session, actor: Actor, *, after: uuid.UUID | None = None, limit: int = MOST
) -> Sequence[OwnedProduct]:
    """What the actor has, newest first; `after` is the last one of the page before."""
    query = _present().where(owned_visible_to(actor)).limit(limit)
    if after is not None:
        query = query.where(OwnedProduct.id < after)
    return session.scalars(query).all()


def list_owned_of_account(
    session: Session, account_id: uuid.UUID, *, user_id: uuid.UUID | None = None, limit: int = MOST
) -> Sequence[OwnedProduct]:
    """What an account has, for staff who may see the customer; of one person with `user_id`."""
    query = _present().where(OwnedProduct.account_id == account_id).limit(limit)
    if user_id is not None:
        query = query.where(OwnedProduct.user_id == user_id)
    return session.scalars(query).all()


def count_owned_of_account(
    session: Session, account_id: uuid.UUID, *, user_id: uuid.UUID | None = None
) -> int:
    query = select(func.count()).where(
        OwnedProduct.account_id == account_id, OwnedProduct.removed_at.is_(None)
    )
    if user_id is not None:
        query = query.where(OwnedProduct.user_id == user_id)
    return int(session.scalar(query) or 0)


def find_owned(session: Session, actor: Actor, owned_id: uuid.UUID) -> OwnedProduct | None:
    """The unit, if the actor may see it and it is still there."""
    found: OwnedProduct | None = session.scalar(
        _present().where(OwnedProduct.id == owned_id, owned_visible_to(actor))
    )
    return found


def get_owned(session: Session, actor: Actor, owned_id: uuid.UUID) -> OwnedProduct:
    """Raises NotFound, also for what somebody else has."""
    found = find_owned(session, actor, owned_id)
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class Origin:
    """The order that a unit came with."""

    number: str
    position: int
    line_id: uuid.UUID


def find_origin(session: Session, actor: Actor, owned: OwnedProduct) -> Origin | None:
    """None also where the actor may not see that order."""
    if owned.order_line_id is None:
        return None
    row = session.execute(
        select(Order.number, OrderLine.position, OrderLine.id)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(OrderLine.id == owned.order_line_id, visibility(actor))
    ).one_or_none()
    return Origin(row[0], row[1], row[2]) if row else None


def last_bought(session: Session, actor: Actor, product_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, date]:
    """Product -> the day it last came into the actor's house, of what was neither cancelled nor returned."""
    if not product_ids:
        return {}
    rows = session.execute(
        select(OrderLine.product_id, func.max(Order.placed_at))
        .join(Order, Order.id == OrderLine.order_id)
        .where(
            visibility(actor),
            OrderLine.product_id.in_(product_ids),
            OrderLine.quantity > OrderLine.cancelled_quantity + OrderLine.returned_quantity,
        )
        .group_by(OrderLine.product_id)
    )
    return {row[0]: row[1].date() for row in rows if row[0] is not None}


def get_removed(session: Session, actor: Actor, owned_id: uuid.UUID) -> OwnedProduct:
    """Something that the actor took off the list. Raises NotFound."""
    found = session.scalar(
        select(OwnedProduct)
        .options(joinedload(OwnedProduct.product))
        .where(
            OwnedProduct.id == owned_id,
            owned_visible_to(actor),
            OwnedProduct.removed_at.is_not(None),
            OwnedProduct.removal_reason == "customer",
        )
    )
    if found is None:
        raise NotFound
    return found


def list_machines(session: Session, limit: int) -> Sequence[Product]:
    """What people register most likely: products with serial numbers, the popular first."""
    return session.scalars(
        select(Product)
        .where(Product.is_serialised.is_(True), Product.is_active.is_(True))
        .order_by(Product.popularity.desc(), Product.id)
        .limit(limit)
    ).all()


def list_parts_for(
    session: Session, product_ids: Sequence[uuid.UUID], *, per_product: int = 12
) -> dict[uuid.UUID, list[Product]]:
    """Product -> what fits it and can be bought, consumables first."""
    if not product_ids:
        return {}
    rows = session.execute(
        select(ProductLink.other_id, Product)
        .join(Product, Product.id == ProductLink.product_id)
        .options(joinedload(Product.stock))
        .where(
            ProductLink.kind == "fits",
            ProductLink.other_id.in_(set(product_ids)),
            Product.is_active.is_(True),
            Product.is_sellable.is_(True),
        )
        .order_by(Product.consumable_days.is_(None), Product.popularity.desc(), Product.id)
    )
    found: dict[uuid.UUID, list[Product]] = {}
    for machine_id, part in rows:
        parts = found.setdefault(machine_id, [])
        if len(parts) < per_product:
            parts.append(part)
    return found


def list_owner_names(session: Session, owned: Sequence[OwnedProduct]) -> dict[uuid.UUID, str]:
    """User id -> name, of the people who have these units."""
    wanted = {item.user_id for item in owned if item.user_id}
    if not wanted:
        return {}
    rows = session.execute(select(User.id, User.name).where(User.id.in_(wanted)))
    return {row[0]: row[1] for row in rows}
