"""A row of recommendations on a page: drawn products, each with its sentence and the way to what proves it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from flask import request, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session

from clickstream.endpoints import current_visitor
from core.i18n import _
from core.web.context import actor
from portal.recommendations import visitors
from portal.shop.cards import draw_cards
from recommender.evidence import Asker
from recommender.suggestions import Offer, answer
from recommender.words import why

MOST_CONTEXT = 20  # products that a slot belongs to


@dataclass(frozen=True)
class Item:
    card: Markup
    product_id: uuid.UUID
    sentence: str
    why_url: str


@dataclass(frozen=True)
class Slot:
    """`hidden`: what a list of popular products beside this one leaves out for this person."""

    name: str
    title: str
    items: tuple[Item, ...]
    context: str
    next: str
    is_popular: bool
    hidden: frozenset[uuid.UUID]


def current_asker() -> Asker:
    """Whoever looks at the page; members of staff look as if nobody was known."""
    who = actor()
    if who.kind in {"customer", "partner"}:
        return Asker(who.account_id, who.user_id)
    if who.is_signed_in:
        return Asker()
    return Asker(visitor_id=current_visitor(), disliked=frozenset(visitors.list_disliked()))


def build(
    session: Session,
    name: str,
    context: Sequence[uuid.UUID] = (),
    *,
    limit: int = 4,
    fill: bool = True,
    back: str | None = None,
) -> Slot:
    """The slot `name` for whoever looks. `fill`: with popular products where nothing is known. `back`: the page
    to come back to, unless it is this one."""
    here = list(dict.fromkeys(context))[:MOST_CONTEXT]
    found = answer(session, current_asker(), slot=name, context_product_ids=here, limit=limit, fill=fill)
    shown = found.shown
    items = tuple(
        Item(draw_cards(session, [offer.listed]), offer.product_id, why(offer), why_url(offer))
        for offer in shown
    )
    is_popular = all(offer.reason.kind == "popular" for offer in shown)
    hidden = frozenset(found.evidence.barred)
    if not is_popular:
        hidden |= {offer.product_id for offer in shown}
    return Slot(
        name, _title(name, is_popular), items, ",".join(map(str, here)), back or _here(), is_popular, hidden
    )


def why_url(offer: Offer) -> str:
    """Where the reason can be looked up: the line of the order, else the page that explains."""
    reason = offer.reason
    if reason.kind == "order" and reason.order_number is not None:
        anchor = f"line-{reason.line_id}"
        return url_for("orders.show", number=reason.order_number, lines="all", _anchor=anchor)
    return url_for("recommendations.index", _anchor="how")


def _title(name: str, is_popular: bool) -> str:
    if is_popular:
        return _("Popular right now")
    return {
        "home": _("Recommended for you"),
        "product": _("Often bought by the same customers"),
        "cart": _("Goes well with your cart"),
        "order": _("Goes well with this order"),
    }.get(name, _("Recommended for you"))


def _here() -> str:
    return request.full_path.rstrip("?") if request.method == "GET" else request.path
