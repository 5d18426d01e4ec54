"""What happened to an order, written where it happens."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from core import clock
from core.actor import Actor
from crm.orders.models import Order, OrderEvent


def note(
    session: Session, order: Order, kind: str, actor: Actor, *, is_internal: bool = False, **data: Any
) -> OrderEvent:
    """Adds an entry to the order's history; `data` are plain values that the page of the order words. The order
    itself changes with it, so that whoever keeps what was drawn of it draws it again."""
    order.updated_at = clock.now()
    entry = OrderEvent(
        order_id=order.id,
        kind=kind,
        actor_id=actor.user_id,
        actor_name=actor.name[:120],
        is_internal=is_internal,
        data=data,
    )
    session.add(entry)
    return entry
