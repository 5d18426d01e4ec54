"""Orders for staff: the list, one order with its whole history, and what can be done to it."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from admin.orders.course import build
from admin.orders.forms import (
    CancelForm,
    NoteForm,
    ReturnForm,
    ShipmentForm,
    StepForm,
    TrackingForm,
    carrier_choices,
    read_quantities,
)
from core.errors import AppError, BadRequest, Invalid
from core.i18n import _, explain, pick
from core.money import Money
from core.transaction import reading, transaction
from core.web.context import actor
from core.web.forms import choices
from core.web.pages import page_url, render
from core.web.policy import allow
from crm.catalogue.pictures.addresses import picture_of
from crm.orders import lifecycle, returns, shipments, words
from crm.orders.access import get_order
from crm.orders.carriers import carrier_name, tracking_url
from crm.orders.desk import QUEUES
from crm.orders.detail import get_detail
from crm.orders.models import ORDER_STATES, Order
from crm.orders.queries import STATE_GROUPS, OrderFilter, list_orders, list_payments

blueprint = Blueprint("admin_orders", __name__, template_folder="templates", url_prefix="/staff/orders")


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, "")[:10])
    except ValueError:
        return None  # no day, no filter


def _states() -> list[tuple[str, str]]:
    groups = [
        ("", _("All")),
        ("open", _("Open: all that must be done")),
        ("under_way", _("Under way: placed, not arrived")),
        ("shipped", _("On their way, all")),
        ("late", _("Later than promised")),
        ("unpaid", _("Payment hangs")),
        ("to_confirm", _("To confirm")),
        ("to_pack", _("To pack and send")),
    ]
    return groups + [(state, words.order_state(state)) for state in ORDER_STATES]


@blueprint.get("")
@allow.staff("orders.read")
def index() -> str:
    """Every order, newest first: by number, customer, address, product, state or day."""
    state = request.args.get("state", "")
    wanted = OrderFilter(
        text=request.args.get("q", "")[:200],
        state=state if state in {*STATE_GROUPS, *QUEUES, *ORDER_STATES} else "",
        since=_day("since"),
        until=_day("until"),
        account_id=_uuid(request.args.get("customer", "")),
        timezone=actor().timezone,
    )
    before = request.args.get("before")
    with reading() as session:
        page = list_orders(
            session, actor(), wanted, cursor=before or request.args.get("after") or None,
            direction="newer" if before else "older", limit=30,
        )  # fmt: skip
        return render(
            "admin_orders/index.html",
            page=page,
            wanted=wanted,
            whose=page.rows[0].account_name if wanted.account_id and page.rows else None,
            states=_states(),
            words=words,
            newer_url=page_url(before=page.newer, after=None) if page.newer else None,
            older_url=page_url(after=page.older, before=None) if page.older else None,
        )


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None  # not chosen


@blueprint.get("/<number>")
@allow.staff("orders.read")
def show(number: str) -> str:
    with reading() as session:
        return _page(session, number)


def _page(session: Session, number: str, **forms: Any) -> str:
    """The order's page; `forms` are those to show again with what was typed."""
    who = actor()
    order = get_order(session, who, number)
    # Orders that can still be packed have few lines; imported ones with a thousand are history.
    is_open = order.state not in {"delivered", "cancelled"}
    detail = get_detail(
        session, order, internal=True, all_lines=is_open or request.args.get("lines") == "all"
    )
    shown = {
        "cancel_form": CancelForm(formdata=None),
        "note_form": NoteForm(formdata=None),
        "return_form": ReturnForm(formdata=None),
        "return_of": None,
        "typed": {},
        "wrong": {},
        **forms,
    }
    shipment_form = shown.setdefault("shipment_form", ShipmentForm(formdata=None))
    tracking_form = shown.setdefault("tracking_form", TrackingForm(formdata=None))
    carriers = carrier_choices(_("Pick-up at a dealer"), _("Our own van"))
    shipment_form.carrier.choices = tracking_form.carrier.choices = choices(carriers)
    if order.delivery_method == "pickup" and not shipment_form.is_submitted():
        shipment_form.carrier.data = "pickup"
    return render(
        "admin_orders/show.html",
        order=order,
        detail=detail,
        returnable={item.line.id: returns.returnable(order, item.line, item.shipped) for item in detail.lines}
        if lifecycle.is_allowed("mark_returned", order.state, who)
        else {},
        return_reasons=[(code, words.return_reason(code)) for code in returns.REASONS],
        lines=[
            (item, pick(item.line.names) or item.line.sku, picture_of(item.product) if item.product else None)
            for item in detail.lines
        ],
        steps=build(detail.events),
        payments=list_payments(session, order.id),
        allowed=frozenset(lifecycle.allowed_actions(order, who)),
        choices=carriers,
        amounts=lambda amount: Money(amount, order.currency),
        words=words,
        carrier_name=carrier_name,
        tracking_url=tracking_url,
        **shown,
    )


def target(session: Session, number: str) -> uuid.UUID:
    order: Order = get_order(session, actor(), number)
    return order.id


def version_of(form: StepForm) -> int:
    """The version the page was opened with. A form without it was not made by our page."""
    if not form.version.data:
        raise BadRequest
    return int(form.version.data)


def back(number: str, text: str) -> Response:
    flash(text, "success")
    return redirect(url_for("admin_orders.show", number=number), code=303)


def again(number: str, error: AppError | None = None, **forms: Any) -> tuple[str, int]:
    if error is not None:
        flash(explain(error), "error")
    with reading() as session:
        return _page(session, number, **forms), 422


@blueprint.post("/<number>/confirm")
@allow.staff("orders.manage")
def confirm(number: str) -> Response:
    version = version_of(StepForm())
    with transaction() as session:
        lifecycle.confirm(session, actor=actor(), order_id=target(session, number), version=version)
    return back(number, _("The order is confirmed."))


@blueprint.post("/<number>/packing")
@allow.staff("orders.manage")
def start_packing(number: str) -> Response:
    version = version_of(StepForm())
    with transaction() as session:
        lifecycle.start_packing(session, actor=actor(), order_id=target(session, number), version=version)
    return back(number, _("Packing has begun."))


@blueprint.post("/<number>/cancel")
@allow.staff("orders.manage")
def cancel(number: str) -> Response | tuple[str, int]:
    form = CancelForm()
    version = version_of(form)
    if not form.validate_on_submit():
        return again(number, cancel_form=form)
    with transaction() as session:
        lifecycle.cancel_order(
            session,
            actor=actor(),
            order_id=target(session, number),
            reason=form.reason.data or "",
            version=version,
        )
    return back(number, _("The order is cancelled, and its goods are back in stock."))


@blueprint.post("/<number>/notes")
@allow.staff("orders.manage")
def add_note(number: str) -> Response | tuple[str, int]:
    form = NoteForm()
    if not form.validate_on_submit():
        return again(number, note_form=form)
    with transaction() as session:
        lifecycle.add_note(session, actor=actor(), order_id=target(session, number), text=form.text.data)
    return back(number, _("The note is kept."))


@blueprint.post("/<number>/parcels")
@allow.staff("orders.manage")
def create_shipment(number: str) -> Response | tuple[str, int]:
    """Packs a parcel: all that is open, or a part of it."""
    form = ShipmentForm()
    version = version_of(form)
    with reading() as session:
        order = get_order(session, actor(), number)
        line_ids = [line.line.id for line in get_detail(session, order, all_lines=True).lines]
    quantities, wrong = read_quantities(request.form, line_ids)
    if not form.validate_on_submit() or wrong:
        told = dict.fromkeys(wrong, _("Please give a whole number."))
        return again(number, shipment_form=form, typed=request.form, wrong=told)
    try:
        with transaction() as session:
            shipments.create_shipment(
                session, actor=actor(), order_id=order.id, lines=quantities, carrier=form.carrier.data,
                tracking_code=form.tracking_code.data or "", version=version,
            )  # fmt: skip
    except Invalid as error:
        form.add_error(error)
        shown = {error.field: explain(error)} if error.field and error.field.startswith("line-") else {}
        return again(number, error, shipment_form=form, typed=request.form, wrong=shown)
    return back(number, _("The parcel is packed."))


@blueprint.post("/<number>/parcels/<uuid:shipment_id>/tracking")
@allow.staff("orders.manage")
def set_tracking(number: str, shipment_id: uuid.UUID) -> Response | tuple[str, int]:
    form = TrackingForm()
    version = version_of(form)
    if not form.validate_on_submit():
        return again(number, tracking_form=form, tracking_of=shipment_id)
    try:
        with transaction() as session:
            shipments.set_tracking(
                session, actor=actor(), order_id=target(session, number), shipment_id=shipment_id,
                carrier=form.carrier.data, tracking_code=form.tracking_code.data or "", version=version,
            )  # fmt: skip
    except Invalid as error:
        form.add_error(error)
        return again(number, tracking_form=form, tracking_of=shipment_id)
    return back(number, _("The tracking number is kept."))


@blueprint.post("/<number>/parcels/<uuid:shipment_id>/shipped")
@allow.staff("orders.manage")
def mark_shipped(number: str, shipment_id: uuid.UUID) -> Response:
    version = version_of(StepForm())
    with transaction() as session:
        shipments.mark_shipped(
            session,
            actor=actor(),
            order_id=target(session, number),
            shipment_id=shipment_id,
            version=version,
        )
    return back(number, _("The parcel has left. The customer gets a mail."))


@blueprint.post("/<number>/parcels/<uuid:shipment_id>/delivered")
@allow.staff("orders.manage")
def mark_delivered(number: str, shipment_id: uuid.UUID) -> Response:
    version = version_of(StepForm())
    with transaction() as session:
        shipments.mark_delivered(
            session,
            actor=actor(),
            order_id=target(session, number),
            shipment_id=shipment_id,
            version=version,
        )
    return back(number, _("The parcel has arrived."))


@blueprint.post("/<number>/parcels/<uuid:shipment_id>/remove")
@allow.staff("orders.manage")
def remove_shipment(number: str, shipment_id: uuid.UUID) -> Response:
    version = version_of(StepForm())
    with transaction() as session:
        shipments.remove_shipment(
            session,
            actor=actor(),
            order_id=target(session, number),
            shipment_id=shipment_id,
            version=version,
        )
    return back(number, _("The parcel is unpacked; its units are open again."))
