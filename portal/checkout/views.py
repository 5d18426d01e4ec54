"""From the cart to an order: delivery and payment, a last look, and what happens next."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from core import limits
from core.errors import AppError, Conflict, Invalid
from core.i18n import _, explain, pick
from core.money import Money
from core.transaction import reading, transaction
from core.web.context import actor
from core.web.pages import render
from core.web.policy import allow
from crm.catalogue.pictures.addresses import picture_of
from crm.customers.queries import get_address, list_addresses
from crm.customers.services import save_address
from crm.orders import carts, payments
from crm.orders.access import get_order
from crm.orders.carts import CartView
from crm.orders.delivery import address_of, clean_address, get_method, get_pickup_address, list_pickup_points
from crm.orders.models import Order
from crm.orders.placing import find_placed, place_order
from crm.orders.pricing import Quote, load_sellable, quote
from portal.account.forms import country_name
from portal.cart.owner import current_owner
from portal.checkout import choices
from portal.checkout.choices import Choices
from portal.checkout.forms import NEW, CheckoutForm, PayForm, PlaceForm
from portal.checkout.words import DELIVERY_NAMES, REASONS

blueprint = Blueprint("checkout", __name__, template_folder="templates")
ORDERS_PER_PERSON = "30 per 10 minutes"


def _steps() -> list[str]:
    return [_("Cart"), _("Delivery and payment"), _("Check and order"), _("Done")]


def _to_cart() -> Response:
    return redirect(url_for("cart.show"), code=303)


def _goods(session: Session) -> CartView | None:
    """The cart if all of it can be ordered now."""
    view = carts.view(session, current_owner())
    return None if not view.items or view.has_problem or view.total is None else view


def _prepare(session: Session, form: CheckoutForm, view: CartView) -> dict[str, Any]:
    """Gives the form its choices; returns what the template needs beside it."""
    who = actor()
    total = view.total
    assert total is not None
    saved = list_addresses(session, who)
    points = list_pickup_points(session)
    weight = sum(item.product.weight_g * item.quantity for item in view.items)
    form.address.choices = [(str(address.id), address.label or address.recipient) for address in saved]
    form.address.choices.append((NEW, _("Another address")))
    form.pickup.choices = [
        (str(account.id), f"{address.city}: {account.name}, {address.line1}") for account, address in points
    ]
    form.delivery.choices, delivery_hints = choices.delivery_options(weight, total, can_fetch=bool(points))
    form.payment.choices, payment_hints = choices.payment_options(
        on_account=payments.may_pay_on_account(session, who)
    )
    lines = {str(address.id): _one_line(address_of(address)) for address in saved}
    return {
        "steps": _steps(),
        "address_hints": lines,
        "delivery_hints": delivery_hints,
        "payment_hints": payment_hints,
        "has_addresses": bool(saved),
        "has_points": bool(points),
        "total": total,
        "default_address": next(
            (str(a.id) for a in saved if a.is_default), str(saved[0].id) if saved else NEW
        ),
    }


def _one_line(address: dict[str, Any]) -> str:
    parts = [address["recipient"], address["line1"], f"{address['postal_code']} {address['city']}".strip()]
    return ", ".join(part for part in [*parts, country_name(address["country"])] if part)


@blueprint.get("/checkout")
@allow.customer_with("shop.order")
def choose() -> str | Response:
    with reading() as session:
        view = _goods(session)
        if view is None:
            return _to_cart()
        form = CheckoutForm(formdata=None)
        more = _prepare(session, form, view)
        before = choices.find()
        form.address.data = more["default_address"]
        form.delivery.data = before.delivery if before else "standard"
        form.pickup.data = before.pickup if before else None
        form.payment.data = (
            before.payment if before else form.payment.choices[0][0] if form.payment.choices else None
        )
        form.note.data = before.note if before else ""
        form.recipient.data = actor().name
        return render("checkout/choose.html", form=form, **more)


@blueprint.post("/checkout")
@allow.customer_with("shop.order")
def choose_done() -> str | Response | tuple[str, int]:
    """Checks the choices and keeps them for the last look."""
    with reading() as session:
        view = _goods(session)
        if view is None:
            return _to_cart()
        form = CheckoutForm()
        more = _prepare(session, form, view)
        if not form.validate():
            return render("checkout/choose.html", form=form, **more), 422
    try:
        with transaction() as session:
            _keep(session, form)
    except AppError as error:
        form.add_error(error)
        with reading() as session:
            more = _prepare(session, form, view)
            return render("checkout/choose.html", form=form, **more), 422
    return redirect(url_for("checkout.review"), code=303)


def _keep(session: Session, form: CheckoutForm) -> None:
    who = actor()
    method = get_method(form.delivery.data)
    address, pickup = None, ""
    if method.is_pickup:
        pickup = form.pickup.data or ""
        get_pickup_address(session, _uuid(pickup))
    elif form.address.data == NEW:
        address = clean_address(form.typed_address())
        if form.save_address.data:
            save_address(session, who, {**address, "label": ""})
    else:
        address = clean_address(address_of(get_address(session, who, uuid.UUID(form.address.data))))
    choices.keep(address, method.code, pickup, form.payment.data, (form.note.data or "").strip())


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _review(session: Session, chosen: Choices, view: CartView) -> dict[str, Any]:
    quoted: Quote = quote(load_sellable(session, view.wanted), get_method(chosen.delivery))
    destination = chosen.address or get_pickup_address(session, chosen.pickup_point)
    return {
        "steps": _steps(),
        "chosen": chosen,
        "quoted": quoted,
        "destination": destination,
        "country": country_name(destination["country"]),
        "delivery_name": DELIVERY_NAMES[chosen.delivery],
        "payment_name": choices.payment_name(chosen.payment),
        "pictures": {item.product.id: picture_of(item.product) for item in view.items},
    }


@blueprint.get("/checkout/review")
@allow.customer_with("shop.order")
def review() -> str | Response:
    chosen = choices.find()
    with reading() as session:
        view = _goods(session)
        if view is None:
            return _to_cart()
        if chosen is None:
            return redirect(url_for("checkout.choose"), code=303)
        try:
            told = _review(session, chosen, view)
        except AppError as error:
            # For example a dealer that closed, or a parcel that grew too heavy: choose again.
            flash(explain(error), "warning")
            return redirect(url_for("checkout.choose"), code=303)
        form = PlaceForm(
            formdata=None, key=chosen.key, total=str(told["quoted"].total.amount), seen=chosen.digest
        )
        return render("checkout/review.html", form=form, **told)


@blueprint.post("/checkout/review")
@allow.customer_with("shop.order")
def place() -> Response:
    """Orders. Sent twice, it is one order."""
    form = PlaceForm()
    who = actor()
    with reading() as session:
        before = find_placed(session, who, form.key.data or "")
    if before is not None:
        choices.forget()
        return redirect(url_for("checkout.done", number=before.number), code=303)
    chosen = choices.find()
    if (
        not form.validate()
        or chosen is None
        or chosen.key != form.key.data
        or chosen.digest != form.seen.data
    ):
        flash(_("Something changed since you looked. Please check your order once more."), "warning")
        return redirect(url_for("checkout.review"), code=303)
    limits.hit(ORDERS_PER_PERSON, "place_order", str(who.user_id))
    try:
        with transaction() as session:
            order = _place(session, chosen, form.total.data)
            number = order.number
    except Conflict as error:
        flash(explain(error), "error")
        back = "checkout.review" if error.code == "orders.total_changed" else "cart.show"
        return redirect(url_for(back), code=303)
    except Invalid as error:
        flash(explain(error), "error")
        return redirect(url_for("checkout.choose"), code=303)
    choices.forget()
    return redirect(url_for("checkout.done", number=number), code=303)


def _place(session: Session, chosen: Choices, total: str) -> Order:
    view = carts.view(session, current_owner())
    if not view.items or view.total is None:
        raise Invalid("orders.empty")
    shown = quote(load_sellable(session, view.wanted), get_method(chosen.delivery)).total
    if total != str(shown.amount):
        raise Conflict("orders.total_changed")
    return place_order(
        session,
        actor=actor(),
        cart_id=view.id,
        key=chosen.key,
        address=chosen.address,
        delivery_method=chosen.delivery,
        pickup_point=chosen.pickup_point,
        payment_method=chosen.method,
        payment_token=chosen.token,
        note=chosen.note,
        expected_total=shown,
    )


def _outcome(session: Session, order: Order, form: PayForm) -> dict[str, Any]:
    """How the payment of an order stands, and what can be done about it."""
    last = payments.find_last(session, order)
    form.payment.choices, hints = choices.payment_options(
        on_account=payments.may_pay_on_account(session, actor())
    )
    waits = order.state == "awaiting_payment" and payments.find_open(session, order) is not None
    return {
        "order": order,
        "form": form,
        "waits": waits,
        "payment_hints": hints,
        "reason": REASONS.get(last.reason or "") if last is not None and last.state == "declined" else None,
    }


@blueprint.get("/checkout/done/<number>")
@allow.customer
def done(number: str) -> str:
    with reading() as session:
        order = get_order(session, actor(), number)
        return render(
            "checkout/done.html",
            steps=_steps(),
            total=Money(order.total, order.currency),
            delivery_name=DELIVERY_NAMES.get(order.delivery_method, order.delivery_method),
            country=country_name(order.delivery_address.get("country")),
            names=[(pick(line.names), line.quantity) for line in order.lines],
            **_outcome(session, order, PayForm(formdata=None)),
        )


@blueprint.get("/checkout/done/<number>/payment")
@allow.customer
def outcome(number: str) -> str | Response:
    """The part of the page that changes while the payment is under way."""
    if request.headers.get("HX-Request") != "true":
        return redirect(url_for("checkout.done", number=number), code=303)
    with reading() as session:
        order = get_order(session, actor(), number)
        return render("checkout/payment.html", **_outcome(session, order, PayForm(formdata=None)))


@blueprint.post("/checkout/done/<number>/payment")
@allow.customer_with("shop.order")
def pay(number: str) -> Response:
    """Another card after a refusal, or on account instead."""
    wanted = request.form.get("payment", "")[:100]
    limits.hit(ORDERS_PER_PERSON, "pay_order", str(actor().user_id))
    try:
        with transaction() as session:
            order = get_order(session, actor(), number)
            if wanted == "account":
                payments.switch_to_account(session, actor=actor(), order_id=order.id)
            else:
                payments.try_again(
                    session, actor=actor(), order_id=order.id, instrument=wanted.removeprefix(choices.CARD)
                )
    except (Conflict, Invalid) as error:
        flash(explain(error), "error")
    return redirect(url_for("checkout.done", number=number), code=303)
