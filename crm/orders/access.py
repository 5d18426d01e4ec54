"""Who sees which orders: the one place that says it. What is not visible is simply not found."""

from __future__ import annotations

import uuid
from collections.abc import Hashable
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Literal, NamedTuple, get_args

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, false, func, select, true, type_coerce
from sqlalchemy.orm import Session, defer
from sqlalchemy.types import NULLTYPE

from core.actor import Actor
from core.db import JSONMap
from core.db.prepared import Prepared
from core.errors import NotFound
from core.money import Money
from crm.catalogue.models import Product
from crm.identity.models import User
from crm.orders.models import Order, OrderLine, Shipment

Sight = Literal["all", "company", "own", "none"]


def sight(actor: Actor) -> Sight:
    """How far `actor` sees: own orders, the whole company's, or all; guests none."""
    if actor.kind == "system":
        return "all"
    if actor.user_id is None:
        return "none"
    if actor.scope == "all":
        return "all" if actor.can("orders.read") or actor.can("orders:read") else "none"
    if actor.account_id is None:
        return "none"
    if actor.scope == "company" or "company_administrator" in actor.roles:
        return "company"
    return "own" if actor.scope == "own" else "none"


def _condition(seen: Sight, account: Any, user: Any) -> ColumnElement[bool]:
    """`account` and `user`: values, or parameters that are filled in later."""
    match seen:
        case "all":
            return true()
        case "company":
            return and_(Order.account_id == account)
        case "own":
            # The account too: who moves to another company leaves the old one's orders behind.
            return and_(Order.user_id == user, Order.account_id == account)
    return false()


# For statements that are built once; whose orders they are about comes with seen_as().
VISIBLE: dict[Sight, ColumnElement[bool]] = {
    seen: _condition(seen, bindparam("seen_account"), bindparam("seen_user")) for seen in get_args(Sight)
}


def seen_as(actor: Actor) -> dict[str, uuid.UUID | None]:
    """The values for a statement with VISIBLE."""
    match sight(actor):
        case "company":
            return {"seen_account": actor.account_id}
        case "own":
            return {"seen_account": actor.account_id, "seen_user": actor.user_id}
    return {}


def visibility(actor: Actor) -> ColumnElement[bool]:
    """The condition on Order that `actor` may see it."""
    return _condition(sight(actor), actor.account_id, actor.user_id)


def orders_visible_to(actor: Actor) -> Select[Any]:
    """Every query of orders for somebody starts here."""
    return select(Order).options(defer(Order.search_text)).where(visibility(actor))


@cache
def _by_number(seen: Sight) -> Select[Any]:
    query = select(Order).options(defer(Order.search_text)).where(VISIBLE[seen])
    return query.where(Order.number == bindparam("number"))


def find_order(session: Session, actor: Actor, number: str) -> Order | None:
    found: Order | None = session.scalar(_by_number(sight(actor)), {**seen_as(actor), "number": number[:40]})
    return found


class SeenOrder(NamedTuple):
    """An order as its page shows it: to read, not to change."""

    id: uuid.UUID
    number: str
    account_id: uuid.UUID | None
    user_id: uuid.UUID | None
    state: str
    payment_method: str
    payment_state: str
    delivery_method: str
    currency: str
    items_total: Decimal
    delivery_total: Decimal
    tax_total: Decimal
    total: Decimal
    delivery_address: JSONMap
    billing_address: JSONMap
    customer_note: str
    placed_at: datetime
    promised_on: date | None
    delivered_at: datetime | None
    version: int
    updated_at: datetime
    has_parcels: bool
    placed_by: str | None
    line_count: int
    goods_revision: int | None
    goods_changed_at: Any  # as the driver gives it: it is compared, never read

    @property
    def stamp(self) -> tuple[Hashable, ...]:
        """Equal as long as all that the page shows of the order, its lines, parcels and goods is the same:
        whatever happens to an order touches its row."""
        return (
            self.id, self.version, self.updated_at, self.placed_by,
            self.line_count, self.goods_revision, self.goods_changed_at,
        )  # fmt: skip

    @property
    def total_money(self) -> Money:
        return Money(self.total, self.currency)


@cache
def _seen_by_number(seen: Sight) -> Prepared:
    orders, lines, goods = (model.__table__ for model in (Order, OrderLine, Product))
    columns = orders.c
    added = (
        exists().where(Shipment.order_id == columns.id),
        select(User.name).where(User.id == columns.user_id).scalar_subquery(),
        func.count(lines.c.id),
        func.sum(goods.c.revision),
        type_coerce(func.max(goods.c.updated_at), NULLTYPE),
    )
    query = select(*(columns[field] for field in SeenOrder._fields[: -len(added)]), *added)
    return Prepared(
        query.select_from(
            orders.outerjoin(lines, lines.c.order_id == columns.id).outerjoin(
                goods, goods.c.id == lines.c.product_id
            )
        )
        .where(VISIBLE[seen], columns.number == bindparam("number"))
        .group_by(columns.id)
    )


def see_order(session: Session, actor: Actor, number: str) -> SeenOrder:
    """The order with this number, for a page that shows it. Raises NotFound, also for an order of somebody else."""
    session.flush()  # statements over tables do not ask for it by themselves
    values = {**seen_as(actor), "number": number[:40]}
    rows = _seen_by_number(sight(actor)).all(session, values)
    if not rows:
        raise NotFound
    return SeenOrder._make(rows[0])


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
