"""What staff must see of all orders at a glance: what is late, unpaid or waits for somebody, and how today goes."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from core import clock
from core.actor import Actor
from crm.customers.models import Account
from crm.orders.access import orders_visible_to, visibility
from crm.orders.models import Order

ALIVE = ("awaiting_payment", "placed", "confirmed", "packing", "partly_shipped", "shipped")
WEEKS = 8
QUEUES = ("late", "unpaid", "to_confirm", "to_pack")


def condition(queue: str, today: date) -> ColumnElement[bool]:
    """What puts an order into one of QUEUES."""
    match queue:
        case "late":
            return and_(Order.promised_on < today, Order.state.in_(ALIVE[1:]))
        case "unpaid":
            return or_(
                Order.state == "awaiting_payment",
                and_(Order.state.in_(ALIVE), Order.payment_state == "failed"),
            )
        case "to_confirm":
            return Order.state == "placed"
    return Order.state.in_(("confirmed", "packing"))


def count_queues(session: Session, actor: Actor, today: date) -> dict[str, int]:
    """How many orders are in each of QUEUES, in one statement."""
    columns = [func.count().filter(condition(queue, today)).label(queue) for queue in QUEUES]
    row = session.execute(select(*columns).where(visibility(actor), Order.state.in_(ALIVE))).one()
    return dict(row._mapping)


class Waiting(NamedTuple):
    """An order of a queue, as a line of the home page shows it."""

    number: str
    state: str
    payment_state: str
    placed_at: datetime
    promised_on: date | None
    account_name: str | None


def list_queue(session: Session, actor: Actor, queue: str, today: date, limit: int = 4) -> Sequence[Waiting]:
    """The orders that have waited longest."""
    first: Any = Order.promised_on if queue == "late" else Order.placed_at
    rows = session.execute(
        orders_visible_to(actor)
        .outerjoin(Account, Account.id == Order.account_id)
        .with_only_columns(
            Order.number, Order.state, Order.payment_state, Order.placed_at, Order.promised_on, Account.name
        )
        .where(condition(queue, today))
        .order_by(first, Order.id)
        .limit(limit)
    )
    return [Waiting(*row) for row in rows]


@dataclass(frozen=True)
class Pace:
    """Orders since midnight, and what the same hours of this weekday had on average in the weeks before; None
    where there were no such orders to compare with."""

    today: int
    usual: float | None


def get_pace(session: Session, actor: Actor, timezone: str) -> Pace:
    """In one statement that reads the nine spans alone."""
    zone = ZoneInfo(timezone)
    now = clock.now().astimezone(zone)
    midnight = datetime.combine(now.date(), time.min, zone)
    spans = [
        (
            datetime.combine(now.date() - timedelta(weeks=back), time.min, zone),
            datetime.combine(now.date() - timedelta(weeks=back), now.timetz().replace(tzinfo=None), zone),
        )
        for back in range(1, WEEKS + 1)
    ]
    counts = [_count(actor, midnight, now), *(_count(actor, start, end) for start, end in spans)]
    today, *before = session.execute(select(*counts)).one()
    return Pace(int(today), sum(before) / WEEKS if sum(before) else None)


def _count(actor: Actor, start: datetime, end: datetime) -> Any:
    return (
        select(func.count())
        .select_from(Order)
        .where(visibility(actor), Order.placed_at >= start, Order.placed_at <= end)
        .scalar_subquery()
    )


@dataclass(frozen=True)
class Dealings:
    """What a customer has ordered: everything that was not cancelled, by currency."""

    count: int
    open: int
    turnover: Sequence[tuple[str, Any]]
    first_at: datetime | None
    last_at: datetime | None


def list_first_orders(session: Session, account_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, datetime]:
    """When each of some customers ordered for the first time."""
    rows = session.execute(
        select(Order.account_id, func.min(Order.placed_at))
        .where(Order.account_id.in_(account_ids))
        .group_by(Order.account_id)
    )
    return {account_id: first for account_id, first in rows if account_id is not None}


def get_dealings(session: Session, account_id: uuid.UUID, user_id: uuid.UUID | None = None) -> Dealings:
    wanted = [Order.account_id == account_id]
    if user_id is not None:
        wanted.append(Order.user_id == user_id)
    rows = session.execute(
        select(
            Order.currency,
            func.count(),
            func.sum(Order.total),
            func.max(Order.placed_at),
            func.count().filter(Order.state.in_(ALIVE)),
            func.min(Order.placed_at),
        )
        .where(*wanted, Order.state.not_in(("cancelled", "awaiting_payment")))
        .group_by(Order.currency)
        .order_by(func.count().desc())
    ).all()
    return Dealings(
        count=sum(row[1] for row in rows),
        open=sum(row[4] for row in rows),
        turnover=[(row[0], row[2]) for row in rows],
        first_at=min((row[5] for row in rows), default=None),
        last_at=max((row[3] for row in rows), default=None),
    )
