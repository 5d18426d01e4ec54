"""Carts that nobody comes back to."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from core import clock
from core.jobs import recurring
from crm.orders.models import Cart

VISITOR_CARTS_KEPT = timedelta(days=60)  # a visitor's cookie lives for half of that


@recurring("orders.prune_carts", every=timedelta(hours=12))
def prune_carts(session: Session) -> None:
    """Deletes visitors' carts whose cookie must be gone; people's own carts stay."""
    session.execute(
        delete(Cart)
        .where(Cart.visitor_key.is_not(None), Cart.created_at < clock.now() - VISITOR_CARTS_KEPT)
        .execution_options(synchronize_session=False)
    )
