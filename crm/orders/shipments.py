"""Parcels of an order: packing part of it, tracking, leaving the house, arriving."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.actor import Actor
from core.errors import Conflict, Invalid, NotFound
from core.events import emit
from crm.orders.carriers import CARRIERS
from crm.orders.events import OrderDelivered, OrderShipped
from crm.orders.ledger import note
from crm.orders.lifecycle import begin, move, record, side_of
from crm.orders.models import Order, OrderLine, Shipment, ShipmentLine

_TRACKING = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./-]{0,59}")


def open_quantities(session: Session, order: Order) -> dict[uuid.UUID, int]:
    """Line -> units that are in no shipment yet. Charges are not goods."""
    rows = session.execute(
        select(ShipmentLine.order_line_id, func.sum(ShipmentLine.quantity))
        .join(Shipment, Shipment.id == ShipmentLine.shipment_id)
        .where(Shipment.order_id == order.id)
        .group_by(ShipmentLine.order_line_id)
    )
    packed: dict[uuid.UUID, int] = {line_id: int(units) for line_id, units in rows}
    lines = session.execute(
        select(OrderLine.id, OrderLine.quantity, OrderLine.cancelled_quantity).where(
            OrderLine.order_id == order.id, OrderLine.kind != "charge"
        )
    )
    return {line_id: quantity - gone - packed.get(line_id, 0) for line_id, quantity, gone in lines}


def create_shipment(
    session: Session,
    *,
    actor: Actor,
    order_id: uuid.UUID,
    lines: Mapping[uuid.UUID, int],
    carrier: str,
    tracking_code: str = "",
    version: int | None = None,
) -> Shipment:
    """Packs `lines` (order line -> units) into a parcel, never more than is ordered and not yet packed."""
    order = begin(session, actor, order_id, "create_shipment", version)
    carrier, tracking_code = _checked(carrier, tracking_code)
    wanted = {line_id: quantity for line_id, quantity in lines.items() if quantity}
    if not wanted:
        raise Invalid("shipments.empty", field="lines")
    still = open_quantities(session, order)
    for line_id, quantity in wanted.items():
        if line_id not in still:
            raise Invalid("shipments.unknown_line", field="lines")
        if type(quantity) is not int or quantity < 1 or quantity > still[line_id]:
            raise Invalid("shipments.too_many", field=f"line-{line_id}", limit=max(still[line_id], 0))
    before = order.state
    if order.state == "confirmed":
        move(order, "packing", side_of(actor))
        note(session, order, "packing", actor)
    shipment = Shipment(
        order_id=order.id,
        carrier=carrier,
        tracking_code=tracking_code,
        state="packing",
        promised_on=order.promised_on,
    )
    session.add(shipment)
    session.flush()
    session.add_all(
        ShipmentLine(shipment_id=shipment.id, order_line_id=line_id, quantity=quantity)
        for line_id, quantity in wanted.items()
    )
    note(
        session, order, "packed", actor, is_internal=True,
        shipment_id=str(shipment.id), units=sum(wanted.values()), carrier=carrier,
    )  # fmt: skip
    record(
        session, actor, "create_shipment", order,
        ({"state": before},
         {"state": order.state, "shipment": shipment.id, "carrier": carrier, "tracking_code": tracking_code,
          "lines": {str(line_id): quantity for line_id, quantity in wanted.items()}}),
    )  # fmt: skip
    return shipment


def remove_shipment(
    session: Session, *, actor: Actor, order_id: uuid.UUID, shipment_id: uuid.UUID, version: int | None = None
) -> None:
    """Unpacks a parcel that has not left: its units are open again."""
    order = begin(session, actor, order_id, "remove_shipment", version)
    shipment = _shipment(session, order, shipment_id, "packing")
    before = {"shipment": shipment.id, "carrier": shipment.carrier, "tracking_code": shipment.tracking_code}
    session.delete(shipment)
    note(session, order, "unpacked", actor, is_internal=True, shipment_id=str(shipment_id))
    record(session, actor, "remove_shipment", order, (before, {}))


def set_tracking(
    session: Session,
    *,
    actor: Actor,
    order_id: uuid.UUID,
    shipment_id: uuid.UUID,
    carrier: str,
    tracking_code: str,
    version: int | None = None,
) -> Shipment:
    """Corrects who carries a parcel and the number to follow it by, until it has arrived."""
    order = begin(session, actor, order_id, "set_tracking", version)
    shipment = _shipment(session, order, shipment_id, "packing", "shipped")
    carrier, tracking_code = _checked(carrier, tracking_code)
    before = {"carrier": shipment.carrier, "tracking_code": shipment.tracking_code}
    shipment.carrier, shipment.tracking_code = carrier, tracking_code
    after = {"carrier": carrier, "tracking_code": tracking_code}
    note(session, order, "tracking", actor, is_internal=True, shipment_id=str(shipment.id), **after)
    record(session, actor, "set_tracking", order, (before, {"shipment": shipment.id, **after}))
    return shipment


def mark_shipped(
    session: Session, *, actor: Actor, order_id: uuid.UUID, shipment_id: uuid.UUID, version: int | None = None
) -> Shipment:
    """The parcel has left. The order is shipped with its last unit, until then partly."""
    order = begin(session, actor, order_id, "mark_shipped", version)
    shipment = _shipment(session, order, shipment_id, "packing")
    before = order.state
    shipment.state, shipment.shipped_at = "shipped", clock.now()
    session.flush()
    waiting = session.scalar(
        select(Shipment.id).where(Shipment.order_id == order.id, Shipment.state == "packing").limit(1)
    )
    is_whole = waiting is None and all(units <= 0 for units in open_quantities(session, order).values())
    target = "shipped" if is_whole else "partly_shipped"
    if order.state != target:
        move(order, target, side_of(actor))
    note(
        session,
        order,
        "shipped",
        actor,
        shipment_id=str(shipment.id),
        carrier=shipment.carrier,
        is_last=is_whole,
    )
    after = {"state": order.state, "shipment": shipment.id}
    record(session, actor, "mark_shipped", order, ({"state": before}, after))
    emit(session, OrderShipped(order_id=order.id, shipment_id=shipment.id))
    return shipment


def mark_delivered(
    session: Session, *, actor: Actor, order_id: uuid.UUID, shipment_id: uuid.UUID, version: int | None = None
) -> Shipment:
    """The parcel has arrived. The order is delivered with its last parcel."""
    order = begin(session, actor, order_id, "mark_delivered", version)
    shipment = _shipment(session, order, shipment_id, "shipped")
    before, moment = order.state, clock.now()
    shipment.state, shipment.delivered_at = "delivered", moment
    session.flush()
    under_way = session.scalar(
        select(Shipment.id).where(Shipment.order_id == order.id, Shipment.state != "delivered").limit(1)
    )
    is_last = order.state == "shipped" and under_way is None
    if is_last:
        move(order, "delivered", side_of(actor))
        order.delivered_at = moment
    kind = "delivered" if is_last else "parcel_delivered"
    note(session, order, kind, actor, shipment_id=str(shipment.id), carrier=shipment.carrier)
    after = {"state": order.state, "shipment": shipment.id}
    record(session, actor, "mark_delivered", order, ({"state": before}, after))
    if is_last:
        emit(session, OrderDelivered(order_id=order.id))
    return shipment


def _shipment(session: Session, order: Order, shipment_id: uuid.UUID, *states: str) -> Shipment:
    found = session.scalar(
        select(Shipment)
        .where(Shipment.id == shipment_id, Shipment.order_id == order.id)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    if found.state not in states:
        raise Conflict("orders.not_now")
    return found


def _checked(carrier: str, tracking_code: str) -> tuple[str, str]:
    if carrier not in CARRIERS:
        raise Invalid("shipments.carrier", field="carrier")
    tracking_code = tracking_code.strip()
    if tracking_code and not _TRACKING.fullmatch(tracking_code):
        raise Invalid("shipments.tracking_code", field="tracking_code")
    return carrier, tracking_code
