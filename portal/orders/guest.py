"""Without an account: the short page behind a mailed link, and asking for such a link."""

from __future__ import annotations

from flask import Response, flash, redirect, url_for
from werkzeug.wrappers import Response as BaseResponse

from core import limits
from core.errors import NotFound
from core.i18n import _
from core.jobs import enqueue
from core.transaction import reading, transaction
from core.web.context import address
from core.web.pages import render, under_a_key
from core.web.policy import allow
from crm.orders import words
from crm.orders.carriers import carrier_name, tracking_url
from crm.orders.detail import get_detail
from crm.orders.links import find_linked_order
from portal.orders import timeline
from portal.orders.forms import FindForm
from portal.orders.mails import LOOK_UP
from portal.orders.views import blueprint

RULE = "5 per 15 minutes"


@blueprint.get("/o/<token>")
@allow.public
def linked(token: str) -> Response:
    """State, course and parcels of one order: no address, no prices but the total, no names."""
    with reading() as session:
        order = find_linked_order(session, token)
        if order is None:
            raise NotFound("orders.dead_link")
        detail = get_detail(session, order)
        parcels = [item.shipment for item in detail.shipments]
        page = render(
            "orders/linked.html",
            order=order,
            detail=detail,
            steps=timeline.build(order, detail.events, parcels, brief=True),
            words=words,
            carrier_name=carrier_name,
            tracking_url=tracking_url,
        )
    return under_a_key(page)


@blueprint.get("/orders/find")
@allow.public
def find() -> str:
    return render("orders/find.html", form=FindForm())


@blueprint.post("/orders/find")
@allow.public
def find_submit() -> BaseResponse | tuple[str, int]:
    """Always the same answer: who knows number and address gets a mail, and nobody learns which orders exist."""
    limits.hit(RULE, "order_look_up", address())
    form = FindForm()
    if not form.validate_on_submit():
        return render("orders/find.html", form=form), 422
    with transaction() as session:
        # Looking for the order is the worker's work, so that the answer takes as long for a wrong pair.
        enqueue(session, LOOK_UP, {"number": form.number.data, "email": form.email.data})
    flash(
        _("If number and address belong together, a mail with a link to the order is on its way to you."),
        "success",
    )
    return redirect(url_for("orders.find"), code=303)
