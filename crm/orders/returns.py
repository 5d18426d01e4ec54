"""What came back, as staff note it. Goods that came back are looked at first: stock is not touched, and money
goes back by other ways."""

from __future__ import annotations

import uuid
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.actor import Actor
from core.errors import Conflict, Invalid, NotFound
from core.events import emit
from crm.orders.events import LineReturned
from crm.orders.ledger import note
from crm.orders.lifecycle import begin, record
from crm.orders.models import Order, OrderLine, Shipment, ShipmentLine

REASONS = ("changed_mind", "wrong_article", "damaged", "defective", "not_collected", "other")
LONGEST_NOTE = 300


class _Change(NamedTuple):
    order: Order
    before: int
    more: dict[str, Any]


def returnable(order: Order, line: Any, shipped: int) -> int:
    """How many more units of `line` can come back: those that left the house, less those that came back.
    Imported orders have no parcels; what was delivered is what was ordered."""
    if line.kind == "charge" or line.quantity <= 0:
        return 0
    kept = line.quantity - line.cancelled_quantity
    left = kept if order.state == "delivered" else min(shipped, kept)
    return int(max(left - line.returned_quantity, 0))


def check_line(session: Session, order_id: uuid.UUID, line_id: uuid.UUID) -> None:
    """Raises NotFound for a line of another order."""
    if session.scalar(select(OrderLine.order_id).where(OrderLine.id == line_id)) != order_id:
        raise NotFound


def mark_returned(
    session: Session,
    *,
    actor: Actor,
    line_id: uuid.UUID,
    quantity: int,
    reason: str,
    note_text: str = "",
    version: int | None = None,
) -> OrderLine:
    """`quantity` more units of the line came back, for one of REASONS. The customer reads how many, not why.

    Raises NotFound, Forbidden, Conflict (order not yet on its way, or changed), Invalid.
    """
    order, line = _locked(session, actor, line_id, version)
    if reason not in REASONS:
        raise Invalid("returns.reason", field="reason")
    if len(note_text) > LONGEST_NOTE:
        raise Invalid("text.too_long", field="note_text", limit=LONGEST_NOTE)
    limit = returnable(order, line, _shipped(session, line))
    if type(quantity) is not int or not 1 <= quantity <= limit:
        raise Invalid("returns.too_many", field="quantity", limit=limit)
    before = line.returned_quantity
    line.returned_quantity = before + quantity
    note(
        session, order, "returned", actor,
        line_id=str(line.id), quantity=quantity, names=dict(line.names), sku=line.sku,
    )  # fmt: skip
    note(session, order, "return_reason", actor, is_internal=True, reason=reason, text=note_text.strip())
    _tell(session, actor, "mark_returned", line, _Change(order, before, {"reason": reason}))
    return line


def undo_returned(
    session: Session, *, actor: Actor, line_id: uuid.UUID, version: int | None = None
) -> OrderLine:
    """Nothing of the line came back after all."""
    order, line = _locked(session, actor, line_id, version)
    before = line.returned_quantity
    if not before:
        raise Conflict("returns.nothing")
    line.returned_quantity = 0
    note(
        session, order, "return_undone", actor,
        line_id=str(line.id), quantity=before, names=dict(line.names), sku=line.sku,
    )  # fmt: skip
    _tell(session, actor, "undo_returned", line, _Change(order, before, {}))
    return line


def _locked(
    session: Session, actor: Actor, line_id: uuid.UUID, version: int | None
) -> tuple[Order, OrderLine]:
    order_id = session.scalar(select(OrderLine.order_id).where(OrderLine.id == line_id))
    if order_id is None:
        raise NotFound
    order = begin(session, actor, order_id, "mark_returned", version)
    line = session.scalar(
        select(OrderLine)
        .where(OrderLine.id == line_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if line is None:
        raise NotFound
    return order, line


def _shipped(session: Session, line: OrderLine) -> int:
    found = session.scalar(
        select(func.sum(ShipmentLine.quantity))
        .join(Shipment, Shipment.id == ShipmentLine.shipment_id)
        .where(ShipmentLine.order_line_id == line.id, Shipment.state != "packing")
    )
    return int(found or 0)


def _tell(session: Session, actor: Actor, action: str, line: OrderLine, change: _Change) -> None:
    was = {"line": line.id, "returned": change.before}
    record(session, actor, action, change.order, (was, {"returned": line.returned_quantity, **change.more}))
    emit(session, LineReturned(order_id=change.order.id, line_id=line.id))
