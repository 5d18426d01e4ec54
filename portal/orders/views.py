"""The order list and the order page."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from core.i18n import _, format_date, pick
from core.money import Money
from core.transaction import reading, transaction
from core.web.context import actor
from core.web.pages import page_url, render
from core.web.policy import allow
from crm.catalogue.pictures.addresses import picture_of
from crm.orders import carts, words
from crm.orders.access import get_order, see_order, sees_colleagues
from crm.orders.carriers import carrier_name, tracking_url
from crm.orders.detail import OrderDetail
from crm.orders.lifecycle import cancel_order, is_allowed
from crm.orders.listing import ListedPage, list_page
from crm.orders.queries import (
    STATE_GROUPS,
    OrderFilter,
    list_colleagues,
)
from portal.orders import timeline
from portal.orders.forms import CancelForm
from portal.orders.rows import detail_of, draw_rows
from portal.recommendations import slots

blueprint = Blueprint("orders", __name__, template_folder="templates")


def day(name: str) -> date | None:
    """A day from the address; what is no day is no filter."""
    try:
        return date.fromisoformat(request.args.get(name, "")[:10])
    except ValueError:
        return None


def _wanted() -> OrderFilter:
    state, person = request.args.get("state", ""), None
    try:
        person = uuid.UUID(request.args.get("person", ""))
    except ValueError:
        person = None  # not chosen
    return OrderFilter(
        text=request.args.get("q", "")[:200],
        state=state if state in STATE_GROUPS else "",
        since=day("since"),
        until=day("until"),
        user_id=person if sees_colleagues(actor()) else None,
        timezone=actor().timezone,
    )


def groups() -> list[tuple[str, str]]:
    return [
        ("", _("All orders")),
        ("open", _("Under way")),
        ("shipped", _("On their way")),
        ("delivered", _("Delivered")),
        ("cancelled", _("Cancelled")),
    ]


def _chips(wanted: OrderFilter, colleagues: dict[str, str]) -> list[dict[str, str]]:
    told: list[tuple[str, str]] = []
    if wanted.state:
        told.append(("state", dict(groups())[wanted.state]))
    if wanted.since:
        told.append(("since", _("From %(day)s", day=format_date(wanted.since))))
    if wanted.until:
        told.append(("until", _("Until %(day)s", day=format_date(wanted.until))))
    if wanted.user_id and (name := colleagues.get(str(wanted.user_id))):
        told.append(("person", name))
    return [
        {"label": label, "remove_url": page_url(**{key: None, "after": None, "before": None})}
        for key, label in told
    ]


def fetch_page(wanted: OrderFilter, session: Session) -> ListedPage:
    """The page of the list that ?after= or ?before= names."""
    before = request.args.get("before")
    cursor = before or request.args.get("after") or None
    return list_page(session, actor(), wanted, cursor=cursor, direction="newer" if before else "older")


@blueprint.get("/orders")
@allow.customer
def index() -> str:
    who, wanted = actor(), _wanted()
    with reading() as session:
        page = fetch_page(wanted, session)
        colleagues = tuple((str(user_id), name) for user_id, name in list_colleagues(session, who))
        return render(
            "orders/list.html",
            page=page,
            rows=draw_rows(session, page, with_people=bool(colleagues)),
            wanted=wanted,
            groups=groups(),
            colleagues=colleagues,
            chips=_chips(wanted, dict(colleagues)),
            newer_url=page_url(before=page.newer, after=None) if page.newer else None,
            older_url=page_url(after=page.older, before=None) if page.older else None,
            words=words,
        )


@blueprint.get("/orders/<number>")
@allow.customer
def show(number: str) -> str:
    with reading() as session:
        return _page(session, number)


def _slot(session: Session, detail: OrderDetail) -> slots.Slot | None:
    """What goes well with what was ordered here and kept."""
    here = [
        item.line.product_id
        for item in detail.lines
        if item.line.product_id
        and item.line.kind == "product"
        and item.line.quantity > item.line.cancelled_quantity + item.line.returned_quantity
    ]
    found = slots.build(session, "order", here) if here else None
    return found if found and found.items else None


def _page(session: Session, number: str, form: CancelForm | None = None) -> str:
    who = actor()
    order = see_order(session, who, number)
    all_lines = request.args.get("lines") == "all"
    detail = detail_of(session, order, all_lines=all_lines)
    can_cancel = is_allowed("cancel", order.state, who)
    return render(
        "orders/show.html",
        slot=_slot(session, detail),
        order=order,
        detail=detail,
        drawn_from=(*order.stamp, all_lines),
        lines=lambda: [
            (line, pick(line.line.names) or line.line.sku, _picture(line.product)) for line in detail.lines
        ],
        steps=lambda: timeline.build(order, detail.events, [item.shipment for item in detail.shipments]),
        near=timeline.near(order, detail.events),
        can_cancel=can_cancel,
        can_reorder=who.can("shop.order")
        and any(
            item.product and item.product.is_sellable and item.line.quantity > 0 for item in detail.lines
        ),
        form=form or (CancelForm() if can_cancel else None),
        amounts=lambda amount: Money(amount, order.currency),
        words=words,
        carrier_name=carrier_name,
        tracking_url=tracking_url,
        sees_colleagues=sees_colleagues(who),
    )


def _picture(product: Any) -> dict[str, Any] | None:
    return picture_of(product) if product is not None else None


@blueprint.post("/orders/<number>/cancel")
@allow.customer
def cancel(number: str) -> Response | tuple[str, int]:
    """The customer changes their mind, as long as we have not confirmed."""
    form = CancelForm()
    if not form.validate_on_submit():
        with reading() as session:
            return _page(session, number, form), 422
    with transaction() as session:
        order = get_order(session, actor(), number)
        cancel_order(session, actor=actor(), order_id=order.id, reason=form.reason.data or "")
    flash(_("Order %(number)s is cancelled. You will get a mail about it.", number=number), "success")
    return redirect(url_for("orders.show", number=number), code=303)


@blueprint.post("/orders/<number>/reorder")
@allow.customer_with("shop.order")
def reorder(number: str) -> Response:
    """Puts the same things into the cart, as far as they are still sold."""
    who = actor()
    with transaction() as session:
        order = get_order(session, who, number)
        done = carts.reorder(session, carts.Owner(user_id=who.user_id), order)
    if done.missing:
        names = _(", ").join(pick(names) for names in done.missing[:5])
        flash(_("No longer for sale, so not in the cart: %(names)s", names=names), "warning")
    if not done.added:
        return redirect(url_for("orders.show", number=number), code=303)
    flash(_("The products of order %(number)s are in your cart.", number=number), "success")
    return redirect("/cart", code=303)
