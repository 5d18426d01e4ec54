"""Home, catalogue, product and search pages."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any
from urllib.parse import quote, urlencode

from flask import Blueprint, jsonify, redirect, request, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from core.i18n import _, current_locale, format_money, is_distant, pick
from core.money import Money
from core.settings import get_settings
from core.transaction import reading
from core.web.context import actor
from core.web.pages import page_url, render, when
from core.web.policy import allow
from crm.catalogue.listing import list_categories, list_popular
from crm.catalogue.pictures.addresses import picture_of, picture_of_category
from crm.catalogue.queries import (
    SORTS,
    Browse,
    Found,
    browse,
    get_category,
    get_product,
    list_related,
    suggest,
)
from crm.orders import words
from crm.orders.listing import list_newest
from crm.partners.queries import list_news
from knowledge_base.queries import Found as Articles
from knowledge_base.queries import browse as browse_articles
from knowledge_base.queries import list_for_product
from portal.help import words as help_words
from portal.recommendations import slots
from portal.shop.cards import card, draw_cards

blueprint = Blueprint("shop", __name__, template_folder="templates")
MOST_PAGES, MOST_POPULAR = 200, 8


def _popular(session: Session, slot: slots.Slot) -> Markup:
    """What sells most, without what is recommended above and what this person is not to be offered."""
    listed = list_popular(session, MOST_POPULAR + min(len(slot.barred) + len(slot.items), 60))
    shown = (item for item in listed if not slot.is_hidden(item.product_id))
    return draw_cards(session, list(islice(shown, MOST_POPULAR)))


@blueprint.get("/")
@allow.public
def home() -> str | Response:
    """What is going on with the customer's things, and what the shop has."""
    who = actor()
    if who.kind == "staff":
        return redirect(url_for("staff_home.home"))
    with reading() as session:
        tiles = tuple((item.slug, pick(item.names)) for item in list_categories(session))
        slot = slots.build(session, "home", fill=False)
        newest, open_orders = list_newest(session, who) if who.is_signed_in else ([], 0)
        orders = tuple(newest)
        return render(
            "shop/home.html",
            tiles=tiles,
            picture_of_category=picture_of_category,
            popular=_popular(session, slot),
            slot=slot,
            partner_news=list_news(session, who) if who.kind == "partner" else [],
            orders=orders,
            # "Three hours ago" is soon another: how a moment that is near reads is part of what is drawn.
            near=tuple(None if is_distant(order.placed_at) else when(order.placed_at) for order in orders),
            open_orders=open_orders,
            words=words,
        )


def _amount(name: str) -> Decimal | None:
    """A price bound from the address; what is no amount is no bound."""
    try:
        value = Decimal(request.args.get(name, "").strip().replace(",", "."))
    except InvalidOperation:
        return None
    return value if value.is_finite() and 0 <= value <= 1_000_000 else None


def _page() -> int:
    text = request.args.get("page", "1")
    return min(max(int(text), 1), MOST_PAGES) if text.isascii() and text.isdigit() and len(text) < 5 else 1


def _wanted(category: str = "") -> Browse:
    sort = request.args.get("sort", "")
    return Browse(
        text=request.args.get("q", "")[:200],
        category=category or request.args.get("category", "")[:80],
        in_stock=request.args.get("stock") == "1",
        price_from=_amount("from"),
        price_to=_amount("to"),
        sort=sort if sort in SORTS else "",
        page=_page(),
        locale=current_locale(),
    )


def _sorts(has_text: bool) -> list[tuple[str, str]]:
    first = ("", _("Best match")) if has_text else ("", _("Most popular"))
    return [
        first,
        ("price", _("Price, low to high")),
        ("-price", _("Price, high to low")),
        ("newest", _("Newest")),
        ("name", _("Name")),
    ]


def _chips(wanted: Browse) -> list[dict[str, str]]:
    """The filters in force, each with the address without it."""
    chips = []
    currency = get_settings().default_currency
    if wanted.in_stock:
        chips.append({"label": _("In stock"), "remove_url": page_url(stock=None, page=None)})
    for name, value, text in (
        ("from", wanted.price_from, _("From %(price)s")),
        ("to", wanted.price_to, _("Up to %(price)s")),
    ):
        if value is not None:
            label = text % {"price": format_money(Money(value, currency))}
            chips.append({"label": label, "remove_url": page_url(**{name: None, "page": None})})
    return chips


def _list(wanted: Browse, *, with_help: bool = False, **more: Any) -> str:
    with reading() as session:
        categories = list_categories(session)
        found = browse(session, wanted, categories)
        if with_help:
            more["articles"] = _articles_beside(session, wanted, found)
        return render(
            "shop/list.html",
            wanted=wanted,
            found=found,
            cards=draw_cards(session, found.products, level=2, eager=4),
            categories=categories,
            sorts=_sorts(bool(wanted.text)),
            chips=_chips(wanted),
            narrow_url=_narrow_url(wanted),
            **more,
        )


def _narrow_url(wanted: Browse) -> Callable[..., str]:
    """The address of the present words, or of the catalogue: in one category, or without one in all."""
    if not wanted.text:
        return lambda slug="": f"/shop/{quote(slug)}" if slug else "/shop"
    begin = f"/search?{urlencode({'q': wanted.text})}"  # once, not for each category
    return lambda slug="": f"{begin}&category={quote(slug)}" if slug else begin


def _articles_beside(session: Session, wanted: Browse, found: Found) -> Articles | None:
    """The help's own hits. Words that name products are not mistyped, however few articles have them."""
    if not wanted.text.strip() or wanted.page > 1 or wanted.category:
        return None
    return browse_articles(
        session,
        actor=actor(),
        locale=current_locale(),
        text=wanted.text,
        limit=3,
        with_counts=False,
        forgives=not found.total or found.suggestion is not None,
    )


@blueprint.get("/shop")
@allow.public
def catalogue() -> str:
    return _list(_wanted(), category=None)


@blueprint.get("/shop/<slug>")
@allow.public
def category(slug: str) -> str:
    with reading() as session:
        found = get_category(session, slug)
        return _list(_wanted(slug), category=found)


@blueprint.get("/product/<slug>")
@allow.public
def product(slug: str) -> str:
    """One product: what it is, what it costs, when it comes, what belongs to it."""
    with reading() as session:
        found = get_product(session, slug)
        related = list_related(session, found.id)
        return render(
            "shop/product.html",
            product=found,
            picture=picture_of(found, described=True),
            specs=[(pick(row["label"]), pick(row["value"])) for row in found.specs],
            slot=slots.build(session, "product", [found.id]),
            related={kind: [card(other) for other in others[:8]] for kind, others in related.items()},
            guides=list_for_product(session, actor=actor(), product=found, locale=current_locale()),
            help_words=help_words,
        )


@blueprint.get("/search")
@allow.public
def search() -> str:
    """The whole site: help articles above, products below."""
    return _list(_wanted(), with_help=True, category=None, is_search=True, help_words=help_words)


@blueprint.get("/search/suggest")
@allow.public
def suggestions() -> Response:
    """Products for the words typed so far, as JSON."""
    text = request.args.get("q", "").strip()[:200]
    with reading() as session:
        found = suggest(session, text, current_locale()) if len(text) >= 2 else []
        return jsonify(
            [
                {"label": pick(item.names), "url": url_for("shop.product", slug=item.slug), "kind": "product"}
                for item in found
            ]
        )
