"""A row of recommendations on a page: drawn products, each with its sentence and the way to what proves it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import current_app, request, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session

from clickstream.endpoints import current_visitor
from core.i18n import _, current_locale, pick
from core.web.context import actor
from core.web.fragments import fill, marked, own_shelf
from crm.catalogue.queries import list_by_ids
from portal.recommendations import visitors
from portal.shop.cards import card_key, draw_cards
from recommender.evidence import Asker
from recommender.suggestions import Offer, answer
from recommender.words import why

MOST_CONTEXT = 20  # products that a slot belongs to


@dataclass(frozen=True)
class Item:
    offer: Offer
    sentence: str
    why_url: str

    @property
    def product_id(self) -> uuid.UUID:
        return self.offer.product_id

    @property
    def key(self) -> tuple[Hashable, ...]:
        """What the item is drawn from."""
        return (*card_key(self.offer.listed), self.sentence, self.why_url)


@dataclass(frozen=True)
class Slot:
    """`barred`: what this person is not to be offered elsewhere on the page either."""

    name: str
    title: str
    items: tuple[Item, ...]
    context: str
    next: str
    is_popular: bool
    barred: Mapping[uuid.UUID, str]
    draw: Callable[[Slot], Markup]

    def is_hidden(self, product_id: uuid.UUID) -> bool:
        """Whether a list of popular products beside this one leaves the product out."""
        if product_id in self.barred:
            return True
        return not self.is_popular and any(item.product_id == product_id for item in self.items)


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
    items = tuple(Item(offer, why(offer), why_url(offer)) for offer in shown)
    is_popular = all(offer.reason.kind == "popular" for offer in shown)
    return Slot(
        name,
        _title(name, is_popular),
        items,
        ",".join(map(str, here)),
        back or _here(),
        is_popular,
        found.evidence.barred,
        partial(_draw, session),
    )


def _draw(session: Session, slot: Slot) -> Markup:
    """The products of a slot, drawn once for as long as neither they nor the reasons change."""
    key = (
        "offers", current_locale(), slot.name, slot.context, slot.next, tuple(item.key for item in slot.items),
    )  # fmt: skip
    return fill(marked(key, partial(_draw_items, session, slot), on=own_shelf))


def _draw_items(session: Session, slot: Slot) -> str:
    products = list_by_ids(session, [item.product_id for item in slot.items], for_sale=False)
    names = {product.id: pick(product.names) for product in products}
    cards = [
        (item, names.get(item.product_id, ""), draw_cards(session, [item.offer.listed]))
        for item in slot.items
    ]
    macros: Any = current_app.jinja_env.get_template("recommendations/slot.html").module
    return str(macros.offers(slot, cards))


def why_url(offer: Offer) -> str:
    """Where the reason can be looked up: the line of the order, else the page that explains."""
    reason = offer.reason
    if reason.kind == "order" and reason.order_number is not None:
        anchor = f"line-{reason.line_id}"
        return url_for("orders.show", number=reason.order_number, lines="all", _anchor=anchor)
    return "/recommendations#how"


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
