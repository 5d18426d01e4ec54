"""Whose cart a request means: the signed-in person's, or that of the visitor's browser."""

from __future__ import annotations

import hashlib
from typing import Any, cast

from flask import Flask, session
from flask_login import user_logged_in

from core.transaction import count_of_writes, reading, transaction
from core.web.context import SignedIn, actor
from core.web.sessions import ServerSession
from crm.orders import carts
from crm.orders.carts import Owner

MARK = "cart"  # in the session of a visitor who has one, so that others cost no query


def _held() -> ServerSession:
    return cast(ServerSession, session._get_current_object())  # type: ignore[attr-defined]


def _visitor_key(held: ServerSession) -> str:
    """Follows from the session's name: two first additions at once mean the same cart."""
    return hashlib.sha256(f"cart:{held.name}".encode()).hexdigest()


def current_owner() -> Owner:
    """The owner of the cart that this request may see; nobody for a visitor without one."""
    who = actor()
    if who.is_signed_in:
        return Owner(user_id=who.user_id)
    held = _held()
    return Owner(visitor_key=_visitor_key(held)) if held.get(MARK) else Owner()


def owner_for_adding() -> Owner:
    """As current_owner; from now on the visitor has a cart."""
    if not actor().is_signed_in and not _held().get(MARK):
        _held()[MARK] = True
    return current_owner()


def frame() -> dict[str, Any]:
    """What the frame of every page shows: units in the cart."""
    owner = current_owner()
    if not owner.is_somebody or actor().kind == "staff":
        return {"cart_count": 0}
    arrival = _held().arrival if owner.user_id is not None else None
    if arrival and arrival.held.user_id == owner.user_id and arrival.writes == count_of_writes():
        return {"cart_count": arrival.cart_units}
    with reading() as db:
        return {"cart_count": carts.count(db, owner)}


def merge_at_sign_in(_sender: Flask, user: SignedIn, **_more: Any) -> None:
    """What a visitor collected comes along when they sign in."""
    held = _held()
    who = user.actor
    if not held.get(MARK) or who.kind not in {"customer", "partner"} or who.user_id is None:
        return
    with transaction() as db:
        carts.merge(db, _visitor_key(held), who.user_id)
    held.pop(MARK)


user_logged_in.connect(merge_at_sign_in)
