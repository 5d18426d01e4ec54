"""The order list as the customer sees it: only what its rows show, in two statements at most, whatever its length."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Select, Text, bindparam, cast, func, select, tuple_, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.types import NULLTYPE

from core.actor import Actor
from core.money import Money
from crm.catalogue.models import Product
from crm.identity.models import User
from crm.orders.access import VISIBLE, Sight, seen_as, sight
from crm.orders.desk import QUEUES
from crm.orders.models import Order, OrderLine
from crm.orders.queries import (
    PAGE,
    STATE_GROUPS,
    OrderFilter,
    conditions,
    decode_cursor,
    encode_cursor,
    plain_conditions,
)

FIRST_LINES = 4
_O, _L, _P, _U = (model.__table__.c for model in (Order, OrderLine, Product, User))


class ListedOrder(NamedTuple):
    """An order in a list. `placed_by`: None for an imported one. `version` and `changed`, which is as stored: equal
    as long as nothing happened to the order or its lines."""

    id: uuid.UUID
    number: str
    state: str
    placed_at: datetime
    total: Decimal
    currency: str
    placed_by: str | None
    line_count: int
    version: int
    changed: Any

    @property
    def total_money(self) -> Money:
        return Money(self.total, self.currency)


class FirstLine(NamedTuple):
    """One of the first lines. `product`, `revision` and `changed` are as stored: equal as long as the product is
    the same; all None where there is none. `names` is the stored JSON."""

    order_id: Any
    product: Any
    revision: int | None
    changed: Any
    sku: str
    names: str

    @property
    def product_id(self) -> uuid.UUID:
        return _uuid(self.product)


@dataclass(frozen=True)
class ListedPage:
    rows: Sequence[ListedOrder]
    newer: str | None
    older: str | None


def _as_stored(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return type_coerce(column, NULLTYPE)


def _uuid(value: Any) -> uuid.UUID:
    return value if isinstance(value, uuid.UUID) else uuid.UUID(value)


_LINE_COUNT = (
    select(func.count())
    .where(_L.order_id == _O.id, _L.kind != "charge")
    .correlate(Order.__table__)
    .scalar_subquery()
)
_LISTED: Select[Any] = select(
    _O.id,
    _O.number,
    _O.state,
    _O.placed_at,
    _O.total,
    _O.currency,
    _U.name,
    _LINE_COUNT,
    _O.version,
    _as_stored(_O.updated_at),
).select_from(Order.__table__.outerjoin(User.__table__, _U.id == _O.user_id))
_LINES: Select[Any] = (
    select(
        _as_stored(_L.order_id), _as_stored(_L.product_id), _P.revision, _as_stored(_P.updated_at), _L.sku,
        cast(_L.names, Text),
    )
    .select_from(OrderLine.__table__.outerjoin(Product.__table__, _P.id == _L.product_id))
    .where(
        _L.order_id.in_(bindparam("ids", expanding=True)), _L.position <= FIRST_LINES, _L.kind != "charge"
    )
    .order_by(_L.order_id, _L.position)
)  # fmt: skip


@lru_cache(32)
def _page(seen: Sight, direction: str) -> Select[Any]:
    """`direction`: older or newer than the cursor; first: without one."""
    query = _LISTED.where(VISIBLE[seen]).limit(bindparam("most"))
    key = tuple_(_O.placed_at, _O.id)
    edge = tuple_(bindparam("edge_at", type_=_O.placed_at.type), bindparam("edge_id", type_=_O.id.type))
    if direction == "newer":
        return query.where(key > edge).order_by(_O.placed_at, _O.id)
    if direction == "older":
        query = query.where(key < edge)
    return query.order_by(_O.placed_at.desc(), _O.id.desc())


@lru_cache(512)
def _narrowed(seen: Sight, direction: str, wanted: OrderFilter, sees_all: bool) -> Select[Any]:
    """With a filter that says the same tomorrow: built once, as building costs as much as asking."""
    return _page(seen, direction).where(*plain_conditions(wanted, sees_all=sees_all))


@lru_cache(8)
def _newest(seen: Sight) -> Select[Any]:
    """As the first page, and beside each order how many are still under way."""
    under_way = (*STATE_GROUPS["open"], *STATE_GROUPS["shipped"])
    # Not from the index of states, which holds everybody's: a customer's own orders are always fewer.
    count = (
        select(func.count())
        .select_from(Order.__table__)
        .where(VISIBLE[seen], func.coalesce(_O.state, "").in_(under_way))
        .correlate(None)
        .scalar_subquery()
    )
    return _page(seen, "first").add_columns(count)


def list_page(
    session: Session,
    actor: Actor,
    wanted: OrderFilter,
    *,
    cursor: str | None = None,
    direction: Literal["older", "newer"] = "older",
    limit: int = PAGE,
) -> ListedPage:
    """As queries.list_orders, for the customer's own list."""
    backwards = cursor is not None and direction == "newer"
    seen, way = sight(actor), direction if cursor is not None else "first"
    if wanted.is_empty:
        query = _page(seen, way)
    elif not wanted.text and wanted.state not in QUEUES:
        query = _narrowed(seen, way, wanted, actor.scope == "all")
    else:
        query = _page(seen, way).where(*conditions(session, actor, wanted))
    values: dict[str, Any] = {**seen_as(actor), "most": limit + 1}
    if cursor is not None:
        values["edge_at"], values["edge_id"] = decode_cursor(cursor)
    rows = [ListedOrder._make(row) for row in session.connection().execute(query, values).all()]
    has_more, rows = len(rows) > limit, rows[:limit]
    if backwards:
        rows.reverse()
    has_newer = has_more if backwards else cursor is not None
    has_older = cursor is not None if backwards else has_more
    return ListedPage(
        rows,
        encode_cursor(rows[0]) if rows and has_newer else None,
        encode_cursor(rows[-1]) if rows and has_older else None,
    )


def list_first_lines(
    session: Session, order_ids: Sequence[uuid.UUID]
) -> Mapping[uuid.UUID, Sequence[FirstLine]]:
    """The first few lines of each order, by its id."""
    if not order_ids:
        return {}
    found: dict[Any, list[FirstLine]] = {}
    for row in session.connection().execute(_LINES, {"ids": list(order_ids)}).all():
        line = FirstLine._make(row)
        found.setdefault(line.order_id, []).append(line)
    return {_uuid(order_id): lines for order_id, lines in found.items()}


def list_newest(session: Session, actor: Actor, limit: int = 5) -> tuple[list[ListedOrder], int]:
    """The newest orders that the actor sees, without their lines, and how many are still under way."""
    query = _newest(sight(actor))
    found = session.connection().execute(query, {**seen_as(actor), "most": limit}).all()
    return [ListedOrder._make(row[:-1]) for row in found], int(found[0][-1]) if found else 0
