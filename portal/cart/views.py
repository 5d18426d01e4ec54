"""The cart: adding, changing, removing with a way back, and what it costs at this moment."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from core.errors import BadRequest, Invalid
from core.i18n import _, ngettext, pick
from core.money import Money
from core.transaction import reading, transaction
from core.web.basics import safe_target
from core.web.context import actor
from core.web.pages import render
from core.web.policy import allow
from crm.catalogue.models import Product
from crm.catalogue.pictures.addresses import picture_of
from crm.orders import carts
from crm.orders.carts import CartItem, CartView
from crm.orders.delivery import METHODS, find_price
from crm.orders.pricing import LARGEST_QUANTITY, MOST_LINES
from portal.cart.owner import current_owner, owner_for_adding
from portal.recommendations import slots

blueprint = Blueprint("cart", __name__, template_folder="templates")


def _quantity() -> int:
    """The quantity of the form. Raises Invalid for anything but a whole number that we sell."""
    text = request.form.get("quantity", "1").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= LARGEST_QUANTITY):
        raise Invalid("cart.quantity", field="quantity", limit=LARGEST_QUANTITY)
    return int(text)


def _product_id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Invalid("orders.unknown_product", field="product_id") from None


def _back() -> str:
    """The page that the person was on, so that they go on looking where they were."""
    if target := request.form.get("next"):
        return safe_target(target, url_for("cart.show"))
    came_from = urlsplit(request.referrer or "")
    if came_from.netloc != request.host:
        return url_for("cart.show")
    path = came_from.path + (f"?{came_from.query}" if came_from.query else "")
    try:
        return safe_target(path, url_for("cart.show"))
    except BadRequest:
        return url_for("cart.show")


def _trouble(item: CartItem) -> str:
    """Why this line cannot be ordered as it stands, in words."""
    if item.problem == "gone":
        return _("We do not sell this any more. Please remove it.")
    if item.problem == "sold_out":
        return _("Sold out at the moment. Please remove it, or come back later.")
    if item.problem == "too_few":
        left = item.on_hand or 0
        return ngettext("Only %(n)s is left.", "Only %(n)s are left.", left)
    return ""


def _delivery(view: CartView) -> Money | None:
    """What standard delivery would cost; None when it cannot be said yet."""
    total = view.total
    if total is None:
        return None
    weight = sum(item.product.weight_g * item.quantity for item in view.items)
    price = find_price(METHODS["standard"], weight, total.amount)
    return None if price is None else Money(price, total.currency)


def _removed(session: Session) -> dict[str, Any] | None:
    """What was just taken out, so that the page can offer the way back."""
    try:
        product = session.get(Product, uuid.UUID(request.values.get("removed", "")))
    except ValueError:
        return None
    units = request.values.get("units", "1")
    units = units if units.isascii() and units.isdigit() and len(units) <= 3 and int(units) else "1"
    return {"id": product.id, "name": pick(product.names), "units": units} if product else None


def _content(session: Session, **more: Any) -> dict[str, Any]:
    view = carts.view(session, current_owner())
    delivery = _delivery(view)
    return {
        "view": view,
        "pictures": {item.product.id: picture_of(item.product) for item in view.items},
        "troubles": {item.product.id: _trouble(item) for item in view.items},
        "delivery": delivery,
        "sum": view.total + delivery if view.total is not None and delivery is not None else view.total,
        "free_from": Money(METHODS["standard"].free_from, view.total.currency)
        if view.total is not None and METHODS["standard"].free_from is not None
        else None,
        "is_visitor": not actor().is_signed_in,
        "cart_count": sum(item.quantity for item in view.items),
        **more,
    }


def _changed(status: int = 200, **more: Any) -> Response | tuple[str, int]:
    """The cart's part of the page for htmx, else the whole page again."""
    if request.headers.get("HX-Request") == "true":
        with reading() as session:
            return render("cart/part.html", swapped=True, **_content(session, **more)), status
    return redirect(url_for("cart.show"), code=303)


@blueprint.get("/cart")
@allow.public
def show() -> str:
    with reading() as session:
        content = _content(session, removed=_removed(session))
        here = [item.product.id for item in content["view"].items]
        slot = slots.build(session, "cart", here) if here else None
        return render("cart/show.html", most_lines=MOST_LINES, slot=slot, **content)


@blueprint.post("/cart/items")
@allow.public
def add() -> Response:
    """Puts a product in the cart; the person stays where they were."""
    quantity = _quantity()
    product_id = _product_id(request.form.get("product_id", ""))
    with transaction() as session:
        product = carts.add(session, owner_for_adding(), product_id, quantity)
    flash(_("%(product)s is in your cart.", product=pick(product.names)), "success")
    return redirect(_back(), code=303)


@blueprint.post("/cart/items/<uuid:product_id>")
@allow.public
def change(product_id: uuid.UUID) -> Response | tuple[str, int]:
    try:
        quantity = _quantity()
    except Invalid as error:
        if request.headers.get("HX-Request") != "true":
            raise
        return _changed(422, error=error)
    with transaction() as session:
        carts.set_quantity(session, current_owner(), product_id, quantity)
    return _changed()


@blueprint.post("/cart/items/<uuid:product_id>/remove")
@allow.public
def remove(product_id: uuid.UUID) -> Response | tuple[str, int]:
    with transaction() as session:
        units = carts.remove(session, current_owner(), product_id)
    if request.headers.get("HX-Request") == "true":
        with reading() as session:
            product = session.get(Product, product_id)
            told = (
                {"id": product_id, "name": pick(product.names), "units": units} if product and units else None
            )
            return _changed(removed=told)
    gone = {"removed": product_id, "units": units} if units else {}
    return redirect(url_for("cart.show", **gone), code=303)


@blueprint.post("/cart/prices")
@allow.public
def accept_prices() -> Response | tuple[str, int]:
    """The person has seen which prices changed."""
    with transaction() as session:
        carts.accept_prices(session, current_owner())
    return _changed()
