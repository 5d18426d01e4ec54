"""What may be another at each page, asked in one statement: wishes, cart, complaints, clicks, and a stamp of the orders.

The stamp tells whether the past that is kept still holds: whatever happens to an order or its lines touches the order.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    Text,
    Uuid,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session
from sqlalchemy.types import NULLTYPE

from clickstream.queries import signals_of_person, signals_of_visitor
from core import clock
from core.db import UTCDateTime
from core.db.prepared import Prepared
from crm.customers.models import Contact
from crm.orders.models import Cart, CartLine, Order
from crm.ownership.models import OwnedProduct
from crm.service.queries import complained_products
from recommender.evidence import Asker
from recommender.models import Dislike

MOST_CLICKS = 100
CLICKS_COUNT = timedelta(days=30)

_ORDER, _CART, _CART_LINE = Order.__table__.c, Cart.__table__.c, CartLine.__table__.c
_OWNED, _DISLIKE, _CONTACT = OwnedProduct.__table__.c, Dislike.__table__.c, Contact.__table__.c
_ACCOUNT: BindParameter[uuid.UUID] = bindparam("account", type_=Uuid())
_PERSON: BindParameter[uuid.UUID] = bindparam("person", type_=Uuid())
_SINCE: BindParameter[datetime] = bindparam("since", type_=UTCDateTime())


class Fact(NamedTuple):
    """One row, as the driver gives it, so that telling whether anything is new costs no reading. `what`:
    orders, sees, not_interested, cart, owned, complaint or click."""

    what: str
    product: str | None
    at: Any
    count: int | None
    versions: int | None
    event: str | None
    word: str | None

    @property
    def moment(self) -> datetime:
        at = datetime.fromisoformat(self.at) if isinstance(self.at, str) else self.at
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)  # type: ignore[no-any-return]


class Facts(NamedTuple):
    """`orders`: equal as long as the orders, and what the person may see of them, are the same."""

    orders: tuple[Fact, ...] = ()
    rows: tuple[Fact, ...] = ()


def _row(what: str, product: Any = None, at: Any = None, **more: Any) -> Select[Any]:
    def typed(value: Any, kind: Any) -> ColumnElement[Any]:
        return cast(null() if value is None else value, kind)

    moment = cast(null(), UTCDateTime()) if at is None else at
    return select(
        literal(what, Text).label("what"),
        typed(product, Text).label("product"),
        type_coerce(moment, NULLTYPE).label("at"),
        typed(more.get("count"), BigInteger).label("count"),
        typed(more.get("versions"), BigInteger).label("versions"),
        typed(more.get("event"), Text).label("event"),
        typed(more.get("word"), Text).label("word"),
    )


def _clicks(query: Select[Any]) -> Select[Any]:
    clicks = query.limit(MOST_CLICKS).subquery()
    return _row("click", clicks.c.product_id, clicks.c.at, event=clicks.c.id, word=clicks.c.signal)


def _complaints() -> Select[Any]:
    found = complained_products(_ACCOUNT).subquery()
    return _row("complaint", found.c.product_id, found.c.opened_at)


# A colleague's order may speak for a product only to those who may see that order.
_SEES_COMPANY = exists(
    select(literal(1)).where(
        _CONTACT.user_id == _PERSON,
        _CONTACT.account_id == _ACCOUNT,
        or_(_CONTACT.scope == "company", _CONTACT.role == "company_administrator"),
    )
)
_OF_CUSTOMER = Prepared(union_all(
    _row(
        "orders", None, func.max(_ORDER.updated_at), count=func.count(), versions=func.sum(_ORDER.version),
        event=func.sum(case((_ORDER.user_id == _PERSON, 1), else_=0)),
    ).where(_ORDER.account_id == _ACCOUNT),
    _row("sees", count=cast(_SEES_COMPANY, Integer)),
    _row("not_interested", _DISLIKE.product_id, _DISLIKE.created_at).where(
        _DISLIKE.person_id == _PERSON, _DISLIKE.account_id == _ACCOUNT
    ),
    _row("cart", _CART_LINE.product_id, _CART_LINE.added_at)
    .join_from(CartLine.__table__, Cart.__table__, _CART.id == _CART_LINE.cart_id)
    .where(_CART.user_id == _PERSON),
    _row("owned", _OWNED.product_id, _OWNED.created_at).where(
        _OWNED.account_id == _ACCOUNT,
        _OWNED.source == "registered",
        _OWNED.product_id.is_not(None),
        _OWNED.removed_at.is_(None),
    ),
    _complaints(),
    _clicks(signals_of_person(_PERSON, _SINCE)),
))  # fmt: skip
_OF_VISITOR = Prepared(_clicks(signals_of_visitor(bindparam("visitor", type_=Uuid()), _SINCE)))
_OF_ORDERS = frozenset({"orders", "sees"})


def read_facts(session: Session, asker: Asker) -> Facts:
    """Everything that is new at each page; nothing is asked about somebody unknown."""
    since = clock.now() - CLICKS_COUNT
    rows: list[Fact] = []
    if asker.account_id is not None or asker.person_id is not None:
        values = {"account": asker.account_id, "person": asker.person_id, "since": since}
        rows += map(Fact._make, _OF_CUSTOMER.all(session, values))
    if asker.person_id is None and asker.visitor_id is not None:
        values = {"visitor": asker.visitor_id, "since": since}
        rows += map(Fact._make, _OF_VISITOR.all(session, values))
    return Facts(
        tuple(row for row in rows if row.what in _OF_ORDERS),
        tuple(row for row in rows if row.what not in _OF_ORDERS),
    )
