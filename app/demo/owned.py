"""What the demo's customers have at home: the units of delivered orders, some that came back, and a few things
that people registered themselves. A bulk load: rows only, no events, no mail."""

from __future__ import annotations

import random
import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from app.demo.companies import SOURCE
from core import clock
from core.ids import new_id
from crm.catalogue.models import Product
from crm.customers.models import Contact
from crm.identity.models import User
from crm.orders.models import Order, OrderEvent, OrderLine
from crm.ownership.models import OwnedProduct
from crm.ownership.units import units_of
from crm.ownership.warranty import warranty_end

SEED = 41_077
CAME_BACK = 0.02
READ_OFF = 0.75  # of the units have a serial number
RETURN_REASONS = ("changed_mind", "damaged", "defective")
# What people have besides: days ago, their own name for it, and its name where we do not sell it.
ELSEWHERE = ((420, "Counter", "Espresso grinder, 64 mm"), (900, "", "Water kettle, steel"))
Rows = list[dict[str, Any]]


def lacks_owned(session: Session) -> bool:
    return session.scalar(select(OwnedProduct.id).limit(1)) is None


def write_owned(session: Session) -> int:
    """Units of every delivered order of the demo, oldest first, so that the newest is the first of a list."""
    dice, now = random.Random(SEED), clock.now()
    units: Rows = _registered(session, dice)
    returned: Rows = []
    told: Rows = []
    found = session.execute(
        select(Order, OrderLine, Product)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .join(Product, Product.id == OrderLine.product_id)
        .where(Order.source == SOURCE, Order.state == "delivered", Product.is_serialised.is_(True))
        .order_by(Order.delivered_at, Order.id, OrderLine.position)
    )
    for order, line, product in found:
        back_at = (order.delivered_at or order.placed_at) + timedelta(days=dice.randint(3, 12))
        is_back = dice.random() < CAME_BACK and back_at < now
        rows = [
            {**_blank(), **values, "serial_number": _serial(dice, product.sku, order.placed_at)}
            for values in units_of(order, line, product)
        ]
        if is_back:
            rows[-1].update(removed_at=back_at, removal_reason="returned", serial_number="")
            returned.append({"line": line.id})
            told.extend(_return(order.id, line, back_at, dice.choice(RETURN_REASONS)))
        units.extend(rows)
    for at in range(0, len(units), 2000):
        session.execute(insert(OwnedProduct), units[at : at + 2000])
    if returned:
        lines = OrderLine.__table__
        session.connection().execute(
            update(lines).where(lines.c.id == bindparam("line")).values(returned_quantity=1), returned
        )
        session.execute(insert(OrderEvent), told)
    return len(units)


def _blank() -> dict[str, Any]:
    return {
        "id": new_id(),
        "name": "",
        "nickname": "",
        "serial_number": "",
        "removed_at": None,
        "removal_reason": None,
    }


def _serial(dice: random.Random, sku: str, made_at: datetime) -> str:
    """As our plates are printed: the model, year and week, a running number. Some nobody has read off yet."""
    running = dice.randrange(10_000, 99_999)
    if dice.random() > READ_OFF:
        return ""
    year, week, _ = made_at.isocalendar()
    return f"{sku}-{year % 100:02d}{week:02d}-{running}"


def _return(order_id: uuid.UUID, line: OrderLine, at: datetime, reason: str) -> Rows:
    common = {"order_id": order_id, "at": at, "actor_id": None, "actor_name": "Customer service"}
    data = {"line_id": str(line.id), "quantity": 1, "names": line.names, "sku": line.sku}
    return [
        {"id": new_id(), "kind": "returned", "is_internal": False, "data": data, **common},
        {
            "id": new_id(),
            "kind": "return_reason",
            "is_internal": True,
            "data": {"reason": reason, "text": ""},
            **common,
        },
    ]


def _registered(session: Session, dice: random.Random) -> Rows:
    """Each person one can sign in as has told us of one of our products from a shop; one of each account also of
    two things of other makers."""
    today = clock.today()
    ours = session.scalars(
        select(Product)
        .where(Product.source == "demo", Product.is_serialised.is_(True), Product.warranty_months > 0)
        .order_by(Product.sku)
    ).all()
    people = session.execute(
        select(Contact.account_id, Contact.user_id)
        .join(User, User.id == Contact.user_id)
        .where(User.is_demo.is_(True), User.kind == "customer")
        .order_by(User.email)
    ).all()
    rows: Rows = []
    seen: set[uuid.UUID] = set()
    for account_id, user_id in people if ours else ():
        elsewhere = () if account_id in seen else ELSEWHERE
        seen.add(account_id)
        product = dice.choice(ours)
        # Close to the end of its warranty, so that the badge of that is seen.
        day = today - timedelta(days=max(product.warranty_months * 30 - dice.randint(15, 40), 30))
        common = {"account_id": account_id, "user_id": user_id, "order_line_id": None, "unit": None}
        rows.extend(
            {
                **_blank(), **common, "product_id": None, "name": name, "nickname": nickname,
                "acquired_on": today - timedelta(days=ago), "warranty_until": None, "source": "registered",
            }
            for ago, nickname, name in elsewhere
        )  # fmt: skip
        rows.append(
            {
                **_blank(), **common, "product_id": product.id, "acquired_on": day, "source": "registered",
                "serial_number": _serial(dice, product.sku, clock.now() - timedelta(days=700)),
                "warranty_until": warranty_end(day, product.warranty_months),
            }
        )  # fmt: skip
    return rows
