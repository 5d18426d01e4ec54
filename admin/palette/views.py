"""One search box for everything that staff work on, within what the person may see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, g, jsonify, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from admin.campaigns import words as campaign_words
from campaigns.queries import list_campaigns
from core.actor import Actor
from core.i18n import _, current_locale, pick
from core.transaction import reading
from core.web.context import actor
from core.web.pages import render
from core.web.policy import allow
from crm.brochures import desk as brochures_desk
from crm.catalogue.staff_queries import StaffFilter, list_products_for_staff
from crm.customers.queries import list_accounts
from crm.orders.queries import OrderFilter, list_orders
from crm.partners import words as partner_words
from crm.service.queries import CaseFilter, list_cases
from knowledge_base import desk as articles_desk

blueprint = Blueprint("palette", __name__, template_folder="templates")
MOST = 8


@dataclass(frozen=True)
class Entry:
    """Somewhere to go: a page or a record."""

    label: str
    url: str
    kind: str
    hint: str = ""


def _pages(text: str) -> list[Entry]:
    """The pages of the side navigation whose name holds the text."""
    items = g.get("staff_navigation") or []
    wanted = text.casefold()
    return [Entry(item.label, item.url, _("Page")) for item in items if wanted in item.label.casefold()]


def _customers(session: Session, who: Actor, text: str, limit: int) -> list[Entry]:
    accounts = list_accounts(session, who, text=text, limit=limit)
    return [
        Entry(
            account.name,
            url_for("staff_customers.show_customer", account_id=account.id),
            _("Customer"),
            str(account.number),
        )
        for account in accounts
    ]


def _cases(session: Session, who: Actor, text: str, limit: int) -> list[Entry]:
    return [
        Entry(
            f"{row.case.reference} {row.case.subject}",
            url_for("admin_cases.show", reference=row.case.reference),
            _("Case"),
            row.account_name,
        )
        for row in list_cases(session, who, CaseFilter(text=text), limit=limit).rows
    ]


def _orders(session: Session, who: Actor, text: str, limit: int) -> list[Entry]:
    return [
        Entry(
            row.order.number,
            url_for("admin_orders.show", number=row.order.number),
            _("Order"),
            row.account_name or row.order.email or "",
        )
        for row in list_orders(session, who, OrderFilter(text=text), limit=limit).rows
    ]


def _articles(session: Session, _who: Actor, text: str, limit: int) -> list[Entry]:
    articles, _total, _pages = articles_desk.list_for_desk(session, articles_desk.DeskFilter(text=text))
    return [
        Entry(
            pick({one.locale: one.latest.title for one in article.texts}),
            url_for("admin_articles.article", article_id=article.id),
            _("Article"),
            pick(article.category.names) if article.category else "",
        )
        for article in articles[:limit]
    ]


def _campaigns(session: Session, _who: Actor, text: str, limit: int) -> list[Entry]:
    wanted = text.casefold()
    return [
        Entry(
            campaign_words.name(campaign),
            url_for("admin_campaigns.show", key=campaign.key),
            _("Campaign"),
            campaign_words.state(campaign),
        )
        for campaign, _figures in list_campaigns(session)
        if wanted in campaign_words.name(campaign).casefold() or wanted in campaign.key
    ][:limit]


def _materials(session: Session, who: Actor, text: str, limit: int) -> list[Entry]:
    materials, _total = brochures_desk.list_for_staff(session, who, brochures_desk.DeskFilter(text=text))
    return [
        Entry(
            pick(material.titles),
            url_for("admin_materials.show", material_id=material.id),
            _("Material"),
            partner_words.kind(material),
        )
        for material in materials[:limit]
    ]


def _products(session: Session, _who: Actor, text: str, limit: int) -> list[Entry]:
    products, _total, _pages = list_products_for_staff(session, StaffFilter(text=text), current_locale())
    return [
        Entry(
            pick(product.names),
            url_for("admin_catalogue.product", product_id=product.id),
            _("Product"),
            product.sku,
        )
        for product in products[:limit]
    ]


# The permission that each kind of record asks for, in the order in which they are listed.
FINDERS: tuple[tuple[str, Callable[[Session, Actor, str, int], list[Entry]]], ...] = (
    ("customers.read", _customers),
    ("cases.work", _cases),
    ("orders.read", _orders),
    ("articles.read", _articles),
    ("campaigns.manage", _campaigns),
    ("materials.manage", _materials),
    ("catalogue.read", _products),
)


def find_anything(session: Session, who: Actor, text: str, limit: int = MOST) -> list[Entry]:
    """Whatever holds the text, as far as `who` may see it; at most `limit` of each kind."""
    return [entry for needed, find in FINDERS if who.can(needed) for entry in find(session, who, text, limit)]


@blueprint.get("/staff/palette")
@allow.staff()
def palette() -> Response:
    """Results for the palette, as JSON."""
    text = request.args.get("q", "").strip()[:200]
    with reading() as session:
        entries = _pages(text)[:MOST] if text else _pages("")
        if len(text) >= 2:
            found = find_anything(session, actor(), text, 4)
            # What is called so comes before what only mentions it.
            entries += sorted(found, key=lambda entry: text.casefold() not in entry.label.casefold())
        return jsonify(
            [
                {
                    "label": f"{entry.label} · {entry.hint}" if entry.hint else entry.label,
                    "url": entry.url,
                    "kind": entry.kind,
                }
                for entry in entries
            ]
        )


@blueprint.get("/staff/search")
@allow.staff()
def search() -> str:
    """The same as a page, grouped by kind."""
    text = request.args.get("q", "").strip()[:200]
    with reading() as session:
        found = find_anything(session, actor(), text, 20) if text else []
        groups: dict[str, list[Entry]] = {}
        for entry in found:
            groups.setdefault(entry.kind, []).append(entry)
        return render("admin_palette/search.html", text=text, groups=groups)
