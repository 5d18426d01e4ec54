"""Product cards: each drawn once per language for as long as its product, price and stock stay as they are."""

from __future__ import annotations

import uuid
from collections.abc import Hashable, Mapping, Sequence
from functools import partial
from typing import Any

from flask import current_app, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session

from core.i18n import current_locale, pick
from core.web.fragments import fill, marked, shelf
from crm.catalogue import queries
from crm.catalogue.listing import Listed
from crm.catalogue.models import Product
from crm.catalogue.pictures.addresses import picture_of


def card(product: Product, *, reason: str | None = None) -> dict[str, Any]:
    """The arguments of the product_card macro."""
    return {
        "name": pick(product.names),
        "url": url_for("shop.product", slug=product.slug),
        "price": product.money,
        "picture": picture_of(product),
        "stock": product.stock_state,
        "subtitle": pick(product.taglines) or None,
        "reason": reason,
        "add_url": url_for("cart.add"),
        "fields": {"product_id": product.id},
    }


def draw_cards(
    session: Session,
    listed: Sequence[Listed],
    *,
    level: int = 3,
    eager: int = 0,
    reasons: Mapping[uuid.UUID, str] | None = None,
) -> Markup:
    """The cards of a grid; the pictures of the first `eager` are loaded at once. `reasons`: product -> why it is
    offered to this person."""
    told = reasons or {}
    keys = [
        _key(item, level, position >= eager, told.get(item.product_id) if told else None)
        for position, item in enumerate(listed)
    ]
    drawn = [shelf.find(key) for key in keys]
    missing = [item.product_id for item, text in zip(listed, drawn, strict=True) if text is None]
    if missing:
        products = {product.id: product for product in queries.list_by_ids(session, missing)}
        for position, (item, key) in enumerate(zip(listed, keys, strict=True)):
            if drawn[position] is None and (product := products.get(item.product_id)) is not None:
                drawn[position] = marked(key, partial(_draw, key, item, product))
    return fill("".join(text for text in drawn if text is not None))


def card_key(item: Listed) -> tuple[Hashable, ...]:
    """What a card shows of the product. The stock only as far as the card says it, so that a card outlives a sale."""
    return item.key, item.revision, item.changed, item.units, item.currency, item.stock_state


def _key(item: Listed, level: int, lazy: bool, reason: str | None) -> tuple[Hashable, ...]:
    return ("card", current_locale(), *card_key(item), level, lazy, reason)


def _draw(key: tuple[Any, ...], item: Listed, product: Product) -> str:
    level, lazy, reason = key[-3:]
    # Price and stock of the list, as in the key: the product was read a moment later.
    values = {**card(product, reason=reason), "price": item.money, "stock": item.stock_state}
    macros = current_app.jinja_env.get_template("components/product_card.html").module
    return str(macros.product_card(level=level, lazy=lazy, **values))  # type: ignore[attr-defined]
