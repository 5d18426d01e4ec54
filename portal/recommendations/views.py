"""Not interested and its way back, and the page that says why recommendations are what they are."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from core.errors import BadRequest, Invalid, NotFound
from core.i18n import _, pick
from core.transaction import reading, transaction
from core.web.basics import safe_target
from core.web.context import actor
from core.web.pages import render
from core.web.policy import allow
from crm.catalogue.models import Product
from crm.catalogue.pictures.addresses import picture_of
from crm.catalogue.queries import list_by_ids
from portal.recommendations import slots, visitors
from recommender import dislikes
from recommender.suggestions import SLOTS

blueprint = Blueprint("recommendations", __name__, template_folder="templates")


def _is_customer() -> bool:
    return actor().kind in {"customer", "partner"} and actor().account_id is not None


def _product_id() -> uuid.UUID:
    try:
        return uuid.UUID(request.form.get("product_id", ""))
    except ValueError:
        raise Invalid("recommender.unknown_product", field="product_id") from None


def _context() -> list[uuid.UUID]:
    """The products that the slot belongs to; what is no id is left out."""
    found = []
    for text in request.form.get("context", "")[:1_000].split(","):
        try:
            found.append(uuid.UUID(text))
        except ValueError:
            continue  # an altered form; the slot is only shown without it
    return found[: slots.MOST_CONTEXT]


def _back() -> str:
    try:
        return safe_target(request.form.get("next") or "", url_for("recommendations.index"))
    except BadRequest:
        return url_for("recommendations.index")


def _part(session: Session, notice: dict[str, Any] | None) -> str:
    name = request.form.get("slot", "")
    slot = slots.build(session, name if name in SLOTS else "home", _context(), back=_back())
    return render("recommendations/part.html", slot=slot, notice=notice)


@blueprint.post("/recommendations/not-interested")
@allow.public
def hide() -> Response | str:
    """This product is not offered again, from now on."""
    product_id = _product_id()
    if _is_customer():
        with transaction() as session:
            product = dislikes.dislike(session, actor=actor(), product_id=product_id)
    else:
        with reading() as session:
            product = dislikes.check_product(session, product_id)
        visitors.dislike(product_id)
    name = pick(product.names)
    if request.headers.get("HX-Request") == "true":
        with reading() as session:
            return _part(session, {"id": product_id, "name": name})
    flash(
        _("We do not recommend %(product)s to you any more. You can change that under “Your recommendations”.", product=name),
        "success",
    )  # fmt: skip
    return redirect(_back(), code=303)


@blueprint.post("/recommendations/not-interested/undo")
@allow.public
def show_again() -> Response | str:
    product_id = _product_id()
    if _is_customer():
        with transaction() as session:
            dislikes.take_back(session, actor=actor(), product_id=product_id)
    else:
        visitors.take_back(product_id)
    with reading() as session:
        product = session.get(Product, product_id)
        if product is None:
            raise NotFound
        if request.headers.get("HX-Request") == "true":
            return _part(session, None)
        flash(_("%(product)s may be recommended to you again.", product=pick(product.names)), "success")
    return redirect(_back(), code=303)


@blueprint.get("/recommendations")
@allow.public
def index() -> str:
    """What is recommended and why, what is left out because the person said so, and what all this is made of."""
    with reading() as session:
        hidden = dislikes.list_disliked(session, actor()) if _is_customer() else visitors.list_disliked()
        products = list_by_ids(session, hidden[:100], for_sale=False)
        return render(
            "recommendations/index.html",
            slot=slots.build(session, "home", limit=8),
            hidden=[(product, pick(product.names), picture_of(product)) for product in products],
            is_customer=_is_customer(),
        )
