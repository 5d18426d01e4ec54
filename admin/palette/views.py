"""One search box for customers, orders and products, within what the person may see."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, g, jsonify, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from core.actor import Actor
from core.i18n import _, current_locale, pick
from core.transaction import reading
from core.web.context import actor
from core.web.pages import render
from core.web.policy import allow
from crm.catalogue.staff_queries import StaffFilter, list_products_for_staff
from crm.customers.queries import list_accounts
from crm.orders.queries import OrderFilter, list_orders
from crm.service.queries import CaseFilter, list_cases

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


def find_anything(session: Session, who: Actor, text: str, limit: int = MOST) -> list[Entry]:
    """Orders, customers and products for a text, as far as `who` may see them."""
    found: list[Entry] = []
    if who.can("orders.read"):
        rows = list_orders(session, who, OrderFilter(text=text), limit=limit).rows
        found += [
            Entry(
                row.order.number,
                url_for("admin_orders.show", number=row.order.number),
                _("Order"),
                row.account_name or row.order.email or "",
            )
            for row in rows
        ]
    if who.can("cases.work"):
        found += [
            Entry(
                f"{row.case.reference} {row.case.subject}",
                url_for("admin_cases.show", reference=row.case.reference),
                _("Case"),
                row.account_name,
            )
            for row in list_cases(session, who, CaseFilter(text=text), limit=limit).rows
        ]
    if who.can("customers.read"):
        accounts = list_accounts(session, who, text=text, limit=limit)
        found += [
            Entry(
                account.name,
                url_for("staff_customers.show_customer", account_id=account.id),
                _("Customer"),
                str(account.number),
            )
            for account in accounts
        ]
    if who.can("catalogue.read"):
        products, _total, _page_count = list_products_for_staff(
            session, StaffFilter(text=text), current_locale()
        )
        found += [
            Entry(
                pick(product.names),
                url_for("admin_catalogue.product", product_id=product.id),
                _("Product"),
                product.sku,
            )
            for product in products[:limit]
        ]
    return found


@blueprint.get("/staff/palette")
@allow.staff()
def palette() -> Response:
    """Results for the palette, as JSON."""
    text = request.args.get("q", "").strip()[:200]
    with reading() as session:
        entries = _pages(text)[:MOST] if text else _pages("")
        if len(text) >= 2:
            entries += find_anything(session, actor(), text, 5)
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
