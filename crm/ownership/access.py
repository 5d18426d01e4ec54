"""Who sees which units: the one place that says it. What is not visible is simply not found."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false, true

from core.actor import Actor
from crm.ownership.models import OwnedProduct


def owned_visible_to(actor: Actor) -> ColumnElement[bool]:
    """Staff who may read customers see all; people their own, or their whole company's."""
    if actor.kind == "system":
        return true()
    if actor.user_id is None:
        return false()
    if actor.scope == "all":
        return true() if actor.can("customers.read") else false()
    if actor.account_id is None:
        return false()
    mine = OwnedProduct.account_id == actor.account_id
    if sees_colleagues(actor):
        return mine
    # The account too: who moves to another company leaves the old one's things behind.
    return and_(mine, OwnedProduct.user_id == actor.user_id) if actor.scope == "own" else false()


def sees_colleagues(actor: Actor) -> bool:
    """Whether the actor's list holds things of several people of one company."""
    return actor.scope == "company" or "company_administrator" in actor.roles
