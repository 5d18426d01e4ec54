"""Who sees which orders: the one place that says it. What is not visible is simply not found."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, select, true
from sqlalchemy.orm import Session, defer

from core.actor import Actor
from core.errors import NotFound
from crm.orders.models import Order


def visibility(actor: Actor) -> ColumnElement[bool]:
    """The condition on Order that `actor` may see it: own, the whole company's, or all; guests none."""
    if actor.kind == "system":
        return true()
    if actor.user_id is None:
        return false()
    if actor.scope == "all":
        return true() if actor.can("orders.read") or actor.can("orders:read") else false()
    if actor.account_id is None:
        return false()
    if actor.scope == "company" or "company_administrator" in actor.roles:
        return Order.account_id == actor.account_id
    if actor.scope == "own":
        # The account too: who moves to another company leaves the old one's orders behind.
        return and_(Order.user_id == actor.user_id, Order.account_id == actor.account_id)
    return false()


def orders_visible_to(actor: Actor) -> Select[Any]:
    """Every query of orders for somebody starts here."""
    return select(Order).options(defer(Order.search_text)).where(visibility(actor))


def find_order(session: Session, actor: Actor, number: str) -> Order | None:
    found: Order | None = session.scalar(orders_visible_to(actor).where(Order.number == number[:40]))
    return found


def get_order(session: Session, actor: Actor, number: str) -> Order:
    """The order with this number. Raises NotFound, also for an order of somebody else."""
    found = find_order(session, actor, number)
    if found is None:
        raise NotFound
    return found


def lock_order(session: Session, actor: Actor, order_id: uuid.UUID) -> Order:
    """The order as it stands now, locked until the transaction ends. Raises NotFound."""
    found: Order | None = session.scalar(
        orders_visible_to(actor)
        .where(Order.id == order_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def sees_colleagues(actor: Actor) -> bool:
    """Whether the actor's list holds orders of several people of one company."""
    return actor.scope == "company" or "company_administrator" in actor.roles
