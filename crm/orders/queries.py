"""Reading orders: lists that stay fast however many there are, and everything that one order page shows."""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, bindparam, func, literal, select, tuple_
from sqlalchemy.orm import Session, defer, load_only

from core import clock
from core.actor import Actor
from core.errors import BadRequest
from crm.customers.models import Account, Contact
from crm.identity.models import User
from crm.orders import desk
from crm.orders.access import orders_visible_to, sees_colleagues
from crm.orders.models import ORDER_STATES, Order, OrderLine, Payment
from crm.orders.search import matching

PAGE = 20
_USER, _CONTACT = User.__table__.c, Contact.__table__.c
_COLLEAGUES = (
    select(_USER.id, _USER.name)
    .join_from(User.__table__, Contact.__table__, _CONTACT.user_id == _USER.id)
    .where(_CONTACT.account_id == bindparam("account_id"))
    .order_by(_USER.name, _USER.id)
    .limit(200)
)
FEW_COLUMNS = load_only(
    OrderLine.order_id, OrderLine.position, OrderLine.product_id, OrderLine.sku, OrderLine.names
)
STATE_GROUPS: dict[str, tuple[str, ...]] = {
    "open": ("awaiting_payment", "placed", "confirmed", "packing"),
    "shipped": ("partly_shipped", "shipped"),
    "under_way": ("placed", "confirmed", "packing", "partly_shipped", "shipped"),
    "delivered": ("delivered",),
    "cancelled": ("cancelled",),
}


@dataclass(frozen=True)
class OrderFilter:
    """What a list is narrowed to. `state`: a group of STATE_GROUPS, a queue of the desk, or one state. Days are of
    `timezone`."""

    text: str = ""
    state: str = ""
    since: date | None = None
    until: date | None = None
    user_id: uuid.UUID | None = None
    account_id: uuid.UUID | None = None
    timezone: str = "UTC"

    @property
    def is_empty(self) -> bool:
        return not (self.text or self.state or self.since or self.until or self.user_id or self.account_id)


@dataclass
class OrderRow:
    """An order as a list shows it. `lines` are its first few."""

    order: Order
    line_count: int = 0
    units: int = 0
    lines: list[OrderLine] = field(default_factory=list)
    placed_by: str = ""
    account_name: str = ""


class Placed(Protocol):
    """What a cursor is made of."""

    @property
    def id(self) -> uuid.UUID: ...
    @property
    def placed_at(self) -> datetime: ...


@dataclass(frozen=True)
class OrderPage:
    rows: Sequence[OrderRow]
    newer: str | None
    older: str | None


def encode_cursor(order: Placed) -> str:
    raw = f"{order.placed_at.astimezone(UTC).isoformat()}|{order.id.hex}"
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def decode_cursor(text: str) -> tuple[datetime, uuid.UUID]:
    """Where a list goes on. Raises BadRequest for anything that encode_cursor did not make."""
    try:
        raw = base64.urlsafe_b64decode(text[:200].encode() + b"=" * (-len(text[:200]) % 4)).decode()
        moment, _, order_id = raw.partition("|")
        placed_at = datetime.fromisoformat(moment)
        if placed_at.tzinfo is None:
            raise ValueError("naive")
        return placed_at.astimezone(UTC), uuid.UUID(hex=order_id)
    except (ValueError, OverflowError, binascii.Error, UnicodeError):
        raise BadRequest from None


def _day_start(day: date, timezone: str) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(timezone))


def conditions(session: Session, actor: Actor, wanted: OrderFilter) -> list[ColumnElement[bool]]:
    """What an order must be to fit `wanted`; whether `actor` may see it is not among them."""
    found = plain_conditions(wanted, sees_all=actor.scope == "all")
    if wanted.state in desk.QUEUES:
        found.append(desk.condition(wanted.state, clock.today(wanted.timezone)))
    if (text := matching(session, actor, wanted.text)) is not None:
        found.append(text)
    return found


def plain_conditions(wanted: OrderFilter, *, sees_all: bool) -> list[ColumnElement[bool]]:
    """Those that follow from the filter alone: neither its text nor a queue of the day is among them."""
    found: list[ColumnElement[bool]] = []
    # Only staff lists may begin with the index of states: a customer's own orders are always fewer.
    state: ColumnElement[str] = Order.state.expression if sees_all else func.coalesce(Order.state, "")
    if wanted.state in STATE_GROUPS:
        found.append(state.in_(STATE_GROUPS[wanted.state]))
    elif wanted.state in ORDER_STATES:
        found.append(state == wanted.state)
    if wanted.since and wanted.since > date.min + timedelta(days=2):
        found.append(Order.placed_at >= _day_start(wanted.since, wanted.timezone))
    if wanted.until and wanted.until < date.max - timedelta(days=2):
        found.append(Order.placed_at < _day_start(wanted.until + timedelta(days=1), wanted.timezone))
    if wanted.user_id:
        found.append(Order.user_id == wanted.user_id)
    if wanted.account_id:
        found.append(Order.account_id == wanted.account_id)
    return found


def list_orders(
    session: Session,
    actor: Actor,
    wanted: OrderFilter,
    *,
    cursor: str | None = None,
    direction: Literal["older", "newer"] = "older",
    limit: int = PAGE,
) -> OrderPage:
    """One page of what `actor` sees, newest first. The number of queries does not depend on its length."""
    key = tuple_(Order.placed_at, Order.id)
    query = orders_visible_to(actor).where(*conditions(session, actor, wanted))
    query = query.options(
        defer(Order.delivery_address), defer(Order.billing_address), defer(Order.customer_note)
    )
    backwards = cursor is not None and direction == "newer"
    if cursor is not None:
        placed_at, order_id = decode_cursor(cursor)
        # With the columns' own types, so that both databases compare moments and ids, not texts.
        edge = tuple_(literal(placed_at, Order.placed_at.type), literal(order_id, Order.id.type))
        query = query.where(key > edge if backwards else key < edge)
    order_by = (Order.placed_at, Order.id) if backwards else (Order.placed_at.desc(), Order.id.desc())
    orders: list[Order] = list(session.scalars(query.order_by(*order_by).limit(limit + 1)))
    has_more = len(orders) > limit
    orders = orders[:limit]
    if backwards:
        orders.reverse()
    has_newer = has_more if backwards else cursor is not None
    has_older = cursor is not None if backwards else has_more
    return OrderPage(
        _summarise(session, orders),
        encode_cursor(orders[0]) if orders and has_newer else None,
        encode_cursor(orders[-1]) if orders and has_older else None,
    )


def _summarise(session: Session, orders: Sequence[Order]) -> list[OrderRow]:
    rows = {order.id: OrderRow(order) for order in orders}
    if not rows:
        return []
    counted = session.execute(
        select(OrderLine.order_id, func.count(), func.sum(OrderLine.quantity))
        .where(OrderLine.order_id.in_(rows), OrderLine.kind != "charge")
        .group_by(OrderLine.order_id)
    )
    for order_id, count, units in counted:
        rows[order_id].line_count, rows[order_id].units = count, int(units or 0)
    first = (
        select(OrderLine)
        .options(FEW_COLUMNS)
        .where(OrderLine.order_id.in_(rows), OrderLine.position <= 4, OrderLine.kind != "charge")
        .order_by(OrderLine.order_id, OrderLine.position)
    )
    for line in session.scalars(first):
        rows[line.order_id].lines.append(line)
    people = {order.user_id for order in orders if order.user_id}
    names: dict[uuid.UUID, str] = {}
    if people:  # imported orders have nobody who placed them
        found = session.execute(select(User.id, User.name).where(User.id.in_(people)))
        names = {row.id: row.name for row in found}
    accounts = {order.account_id for order in orders if order.account_id}
    called = {
        row.id: row.name
        for row in session.execute(select(Account.id, Account.name).where(Account.id.in_(accounts)))
    }
    for row in rows.values():
        row.placed_by = names.get(row.order.user_id, "") if row.order.user_id else ""
        row.account_name = called.get(row.order.account_id, "") if row.order.account_id else ""
    return list(rows.values())


def list_orders_of_account(
    session: Session, account_id: uuid.UUID, limit: int = 10, *, user_id: uuid.UUID | None = None
) -> Sequence[Order]:
    """The newest orders of a customer, for staff who may see the customer; of one person with `user_id`."""
    query = select(Order).options(defer(Order.search_text)).where(Order.account_id == account_id)
    if user_id is not None:
        query = query.where(Order.user_id == user_id)
    return session.scalars(query.order_by(Order.placed_at.desc(), Order.id.desc()).limit(limit)).all()


def list_recent_orders(session: Session, actor: Actor, limit: int = 5) -> Sequence[OrderRow]:
    """The newest orders that the actor sees."""
    return list_orders(session, actor, OrderFilter(), limit=limit).rows


def count_open_orders(session: Session, actor: Actor) -> int:
    """How many orders of the actor are still under way."""
    visible = orders_visible_to(actor).where(
        Order.state.in_((*STATE_GROUPS["open"], *STATE_GROUPS["shipped"]))
    )
    return int(
        session.scalar(select(func.count()).select_from(visible.with_only_columns(Order.id).subquery())) or 0
    )


def list_colleagues(session: Session, actor: Actor) -> Sequence[tuple[uuid.UUID, str]]:
    """The people of the actor's company, where the actor may see their orders."""
    if not sees_colleagues(actor) or actor.account_id is None:
        return []
    return [
        (row.id, row.name)
        for row in session.connection().execute(_COLLEAGUES, {"account_id": actor.account_id})
    ]


def list_payments(session: Session, order_id: uuid.UUID) -> Sequence[Payment]:
    """The attempts to pay an order, oldest first."""
    return session.scalars(select(Payment).where(Payment.order_id == order_id).order_by(Payment.id)).all()
