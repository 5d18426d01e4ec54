"""How orders move: which action is allowed in which state and to whom, and the actions without parcels.

Every action locks the order, looks whether it still is as the person saw it (`version`), and leaves one entry in
the audit log and one in the order's own history. Parcels are in `shipments`.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit, clock
from core.actor import Actor
from core.errors import Conflict, Forbidden, Invalid
from core.events import emit
from core.jobs import enqueue
from crm.orders import payments, stock
from crm.orders.access import lock_order
from crm.orders.events import OrderCancelled
from crm.orders.ledger import note
from crm.orders.models import LEGAL_TRANSITIONS, ORDER_STATES, Order, OrderEvent, OrderLine, Payment, Shipment

LONGEST_NOTE = 2_000
LONGEST_REASON = 300


@dataclass(frozen=True)
class Action:
    """Allowed while the order is in one of `states`, to these sides: customer, staff, system."""

    states: frozenset[str]
    who: frozenset[str]


def _sources(target: str, side: str) -> frozenset[str]:
    return frozenset(move.source for move in LEGAL_TRANSITIONS if move.target == target and side in move.who)


_STAFF = frozenset({"staff"})
ACTIONS: dict[str, Action] = {
    "confirm": Action(_sources("confirmed", "staff"), _STAFF),
    "start_packing": Action(_sources("packing", "staff"), _STAFF),
    "cancel": Action(_sources("cancelled", "staff"), frozenset({"staff", "system", "customer"})),
    "create_shipment": Action(frozenset({"confirmed", "packing", "partly_shipped"}), _STAFF),
    "remove_shipment": Action(frozenset({"packing", "partly_shipped"}), _STAFF),
    "set_tracking": Action(frozenset({"packing", "partly_shipped", "shipped"}), _STAFF),
    "mark_shipped": Action(frozenset({"packing", "partly_shipped"}), _STAFF),
    "mark_delivered": Action(frozenset({"partly_shipped", "shipped"}), _STAFF),
    "mark_returned": Action(frozenset({"partly_shipped", "shipped", "delivered"}), _STAFF),
    "add_note": Action(frozenset(ORDER_STATES), _STAFF),
}


def side_of(actor: Actor) -> str:
    """Programs act for their owners, so they are on the customers' side unless the owner is staff."""
    if actor.kind == "system":
        return "system"
    return "staff" if actor.scope == "all" else "customer"


def is_allowed(action: str, state: str, actor: Actor) -> bool:
    """Whether `actor` could do `action` to a visible order in `state`: what buttons are drawn by."""
    rule, side = ACTIONS[action], side_of(actor)
    if side not in rule.who or not _has_permission(actor, side):
        return False
    return state in (_sources("cancelled", side) if action == "cancel" else rule.states)


def _has_permission(actor: Actor, side: str) -> bool:
    return side == "system" or actor.can("orders.manage" if side == "staff" else "shop.order")


def begin(session: Session, actor: Actor, order_id: uuid.UUID, action: str, version: int | None) -> Order:
    """The locked order, if `actor` may do `action` to it now.

    Raises NotFound, Forbidden, or Conflict when it is in another state or has changed since `version`.
    """
    order = lock_order(session, actor, order_id)
    side = side_of(actor)
    if side not in ACTIONS[action].who or not _has_permission(actor, side):
        raise Forbidden
    if version is not None and order.version != version:
        raise Conflict("orders.changed")
    if not is_allowed(action, order.state, actor):
        raise Conflict("orders.not_now")
    # Also where only parcels or notes change: whoever looked before must look again.
    order.updated_at = clock.now()
    return order


def move(order: Order, target: str, side: str) -> None:
    """Puts the order into `target`. Raises Conflict where no legal transition leads there."""
    if not any(m.source == order.state and m.target == target and side in m.who for m in LEGAL_TRANSITIONS):
        raise Conflict("orders.not_now")
    order.state = target


def record(
    session: Session,
    actor: Actor,
    action: str,
    order: Order,
    change: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    """The one entry of this action in the audit log; `change`: what was and what is."""
    audit.record(
        session,
        actor,
        f"order.{action}",
        "order",
        order.id,
        before=change[0],
        after={"number": order.number, **change[1]},
    )


def confirm(session: Session, *, actor: Actor, order_id: uuid.UUID, version: int | None = None) -> Order:
    """Staff have looked at the order and will deliver it."""
    return _advance(session, actor, order_id, "confirm", target="confirmed", version=version)


def start_packing(
    session: Session, *, actor: Actor, order_id: uuid.UUID, version: int | None = None
) -> Order:
    """The warehouse begins; from here on the customer cannot cancel by themselves."""
    return _advance(session, actor, order_id, "start_packing", target="packing", version=version)


def _advance(
    session: Session, actor: Actor, order_id: uuid.UUID, action: str, *, target: str, version: int | None
) -> Order:
    order = begin(session, actor, order_id, action, version)
    before = order.state
    move(order, target, side_of(actor))
    note(session, order, target, actor)
    record(session, actor, action, order, ({"state": before}, {"state": target}))
    return order


def cancel_order(
    session: Session, *, actor: Actor, order_id: uuid.UUID, reason: str = "", version: int | None = None
) -> Order:
    """Cancels the whole order: its goods are back in stock once, parcels not yet gone are dissolved.

    Customers may until we confirm, staff until the first parcel has left.
    """
    reason = reason.strip()
    if len(reason) > LONGEST_REASON:
        raise Invalid("text.too_long", field="reason", limit=LONGEST_REASON)
    order = begin(session, actor, order_id, "cancel", version)
    before, by = order.state, side_of(actor)
    if before == "awaiting_payment":
        payments.release(session, order, reason=by, actor=actor)
    else:
        move(order, "cancelled", by)
        for parcel in session.scalars(
            select(Shipment).where(Shipment.order_id == order.id, Shipment.state == "packing")
        ):
            session.delete(parcel)
        stock.give_back(session, _take_out(session, order))
        _void_payments(session, order)
        note(session, order, "cancelled", actor, by=by, reason=reason)
        emit(session, OrderCancelled(order_id=order.id, by=by))
    record(session, actor, "cancel", order, ({"state": before}, {"state": "cancelled", "reason": reason}))
    return order


def _take_out(session: Session, order: Order) -> dict[uuid.UUID, int]:
    """Marks every line as cancelled and returns the units that go back to stock."""
    back: dict[uuid.UUID, int] = {}
    lines = session.scalars(
        select(OrderLine).where(OrderLine.order_id == order.id, OrderLine.kind != "charge")
    )
    for line in lines:
        units = line.quantity - line.cancelled_quantity
        if units <= 0:
            continue
        line.cancelled_quantity = line.quantity
        # Bulk loads took nothing from stock, so nothing of theirs goes back.
        if line.product_id and order.payment_method != "imported":
            back[line.product_id] = back.get(line.product_id, 0) + units
    return back


def _void_payments(session: Session, order: Order) -> None:
    paid = list(
        session.scalars(select(Payment.id).where(Payment.order_id == order.id, Payment.state == "authorised"))
    )
    for payment_id in paid:
        enqueue(session, payments.VOID, {"payment_id": str(payment_id)}, key=str(payment_id))
    if paid:
        order.payment_state = "voided"


def add_note(
    session: Session, *, actor: Actor, order_id: uuid.UUID, text: str, version: int | None = None
) -> OrderEvent:
    """A note that only staff see."""
    text = text.strip()
    if not text:
        raise Invalid("orders.note_empty", field="text")
    if len(text) > LONGEST_NOTE:
        raise Invalid("text.too_long", field="text", limit=LONGEST_NOTE)
    order = begin(session, actor, order_id, "add_note", version)
    event = note(session, order, "note", actor, is_internal=True, text=text)
    record(session, actor, "add_note", order, ({}, {"note": text}))
    return event


def allowed_actions(order: Order, actor: Actor) -> Sequence[str]:
    """What `actor` can do to the order as it stands."""
    return [action for action in ACTIONS if is_allowed(action, order.state, actor)]
