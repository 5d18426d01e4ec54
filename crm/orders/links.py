"""Mailed links to a short page of one order: 256 random bits, of which only the digest is kept."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from datetime import timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session, defer

from core import clock
from core.jobs import recurring
from crm.identity.models import User
from crm.orders.models import Order, OrderLink

LIFETIME = timedelta(days=60)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def mint_link(session: Session, order_id: uuid.UUID) -> str:
    """A new token for the order. It exists in the mail alone."""
    token = secrets.token_urlsafe(32)
    session.add(OrderLink(order_id=order_id, digest=_digest(token), expires_at=clock.now() + LIFETIME))
    return token


def find_linked_order(session: Session, token: str) -> Order | None:
    """The order that a token opens; None when it is unknown, too old, or its person was disabled."""
    if not 40 <= len(token) <= 60:
        return None
    return session.scalar(
        select(Order)
        .options(defer(Order.search_text))
        .join(OrderLink, OrderLink.order_id == Order.id)
        .outerjoin(User, User.id == Order.user_id)
        .where(
            OrderLink.digest == _digest(token),
            OrderLink.expires_at > clock.now(),
            or_(User.id.is_(None), User.is_active.is_(True)),
        )
    )


@recurring("orders.prune_links", every=timedelta(hours=6))
def prune_links(session: Session) -> None:
    session.execute(delete(OrderLink).where(OrderLink.expires_at < clock.now()))
