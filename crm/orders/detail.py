"""Everything that one order page shows, in at most six statements, each built once."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Select, bindparam, func, select
from sqlalchemy.orm import Session

from crm.catalogue.models import Product
from crm.customers.models import Account
from crm.identity.models import User
from crm.orders.access import SeenOrder
from crm.orders.models import Order, OrderEvent, OrderLine, Shipment, ShipmentLine

LINES_SHOWN = 100  # imported invoices have up to 1,100 lines


class Line(NamedTuple):
    """A line as it was ordered."""

    id: uuid.UUID
    kind: str
    product_id: uuid.UUID | None
    sku: str
    names: dict[str, str]
    quantity: int
    cancelled_quantity: int
    returned_quantity: int
    unit_price: Decimal
    amount: Decimal
    tax_rate: int


class Goods(NamedTuple):
    """The catalogue's present entry of a line, for picture and link."""

    id: uuid.UUID
    sku: str
    slug: str
    names: dict[str, str]
    family: str
    picture: dict[str, Any]
    is_active: bool
    is_sellable: bool
    revision: int
    updated_at: datetime


class Parcel(NamedTuple):
    id: uuid.UUID
    carrier: str
    tracking_code: str
    state: str
    promised_on: date | None
    shipped_at: datetime | None
    delivered_at: datetime | None


class Happened(NamedTuple):
    """One entry of the order's ledger."""

    id: uuid.UUID
    at: datetime
    kind: str
    actor_id: uuid.UUID | None
    actor_name: str
    is_internal: bool
    data: dict[str, Any]


@dataclass(frozen=True)
class LineDetail:
    """`shipped`: units handed to a carrier; `packed`: units in shipments not yet gone; `open`: still to pack."""

    line: Line
    product: Goods | None
    shipped: int
    packed: int
    open: int

    @property
    def ordered(self) -> int:
        return self.line.quantity - self.line.cancelled_quantity


@dataclass(frozen=True)
class ShipmentDetail:
    shipment: Parcel
    lines: Sequence[tuple[Line, int]]

    @property
    def units(self) -> int:
        return sum(quantity for _, quantity in self.lines)


@dataclass(frozen=True)
class OrderDetail:
    """`account` is read for staff only."""

    order: Order | SeenOrder
    lines: Sequence[LineDetail]
    line_count: int
    shipments: Sequence[ShipmentDetail]
    events: Sequence[Happened]
    placed_by: str
    account: Account | None

    @property
    def open_units(self) -> int:
        return sum(line.open for line in self.lines)


_L, _P, _S, _I, _E, _U = (
    model.__table__.c for model in (OrderLine, Product, Shipment, ShipmentLine, OrderEvent, User)
)
_ORDER: BindParameter[uuid.UUID] = bindparam("order_id")
_ALL_LINES: Select[Any] = (
    select(*(_L[name] for name in Line._fields), *(_P[name] for name in Goods._fields))
    .select_from(OrderLine.__table__.outerjoin(Product.__table__, _P.id == _L.product_id))
    .where(_L.order_id == _ORDER)
    .order_by(_L.position, _L.id)
)
_FIRST_LINES = _ALL_LINES.limit(LINES_SHOWN)
_LINE_COUNT = select(func.count()).select_from(OrderLine.__table__).where(_L.order_id == _ORDER)
_SHIPMENTS: Select[Any] = (
    select(*(_S[name] for name in Parcel._fields)).where(_S.order_id == _ORDER).order_by(_S.created_at, _S.id)
)
_CONTENTS: Select[Any] = (
    select(_I.shipment_id, _I.order_line_id, _I.quantity)
    .join_from(ShipmentLine.__table__, Shipment.__table__, _S.id == _I.shipment_id)
    .join(OrderLine.__table__, _L.id == _I.order_line_id)
    .where(_S.order_id == _ORDER)
    .order_by(_L.position)
)
_ALL_EVENTS: Select[Any] = (
    select(*(_E[name] for name in Happened._fields)).where(_E.order_id == _ORDER).order_by(_E.at, _E.id)
)
_EVENTS = _ALL_EVENTS.where(_E.is_internal.is_(False))
_NAME = select(_U.name).where(_U.id == bindparam("user_id"))


def get_detail(
    session: Session, order: Order | SeenOrder, *, internal: bool = False, all_lines: bool = False
) -> OrderDetail:
    """Without `all_lines` the first LINES_SHOWN lines. `internal`: with what only staff see."""
    session.flush()  # statements over tables do not ask for it by themselves
    asked, of_order = session.connection().execute, {"order_id": order.id}
    split = len(Line._fields)
    lines: list[tuple[Line, Goods | None]] = [
        (Line._make(row[:split]), Goods._make(row[split:]) if row[split] is not None else None)
        for row in asked(_ALL_LINES if all_lines else _FIRST_LINES, of_order).all()
    ]
    seen = order if isinstance(order, SeenOrder) else None  # which brought along what would be asked for here
    count = seen.line_count if seen else len(lines)
    if seen is None and count == LINES_SHOWN and not all_lines:
        count = int(asked(_LINE_COUNT, of_order).scalar_one())
    has_parcels = seen is None or seen.has_parcels
    parcels = [Parcel._make(row) for row in asked(_SHIPMENTS, of_order).all()] if has_parcels else []
    contents: dict[uuid.UUID, list[tuple[uuid.UUID, int]]] = {}
    for shipment_id, line_id, quantity in asked(_CONTENTS, of_order).all() if parcels else ():
        contents.setdefault(shipment_id, []).append((line_id, quantity))
    by_id = {line.id: line for line, _goods in lines}
    packed: dict[uuid.UUID, int] = {}
    shipped: dict[uuid.UUID, int] = {}
    details: list[ShipmentDetail] = []
    for parcel in parcels:
        inside = contents.get(parcel.id, [])
        counted = packed if parcel.state == "packing" else shipped
        for line_id, quantity in inside:
            counted[line_id] = counted.get(line_id, 0) + quantity
        details.append(ShipmentDetail(parcel, [(by_id[key], units) for key, units in inside if key in by_id]))
    events = asked(_ALL_EVENTS if internal else _EVENTS, of_order).all()
    name = seen.placed_by if seen else None
    if seen is None and order.user_id:
        name = asked(_NAME, {"user_id": order.user_id}).scalar()
    return OrderDetail(
        order=order,
        lines=[_line(order, line, goods, shipped, packed) for line, goods in lines],
        line_count=count,
        shipments=details,
        events=[Happened._make(row) for row in events],
        placed_by=name or "",
        account=session.get(Account, order.account_id) if internal and order.account_id else None,
    )


def _line(
    order: Order | SeenOrder,
    line: Line,
    goods: Goods | None,
    shipped: dict[uuid.UUID, int],
    packed: dict[uuid.UUID, int],
) -> LineDetail:
    gone, waiting = shipped.get(line.id, 0), packed.get(line.id, 0)
    still = line.quantity - line.cancelled_quantity - gone - waiting
    if line.kind == "charge" or order.state in {"delivered", "cancelled"}:
        still = 0
    return LineDetail(line, goods, gone, waiting, max(still, 0))
