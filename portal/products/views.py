"""What the customer has: the list, registering more, and one thing with all that belongs to it."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from core import clock
from core.errors import Invalid
from core.i18n import _, current_locale, pick
from core.transaction import reading, transaction
from core.web.context import actor
from core.web.pages import page_url, render
from core.web.policy import allow
from crm.catalogue.models import Product
from crm.catalogue.pictures.addresses import picture_of
from crm.catalogue.queries import list_by_ids, suggest
from crm.ownership import queries, services
from crm.ownership.access import sees_colleagues
from crm.ownership.models import OwnedProduct
from crm.service import words as case_words
from crm.service.queries import list_cases_of_owned
from knowledge_base.queries import list_for_product
from portal.help import words as help_words
from portal.products.cards import draw, name_of, next_due, product_name, warranty_line, warranty_of
from portal.products.forms import RegisterForm, UnitForm
from portal.shop.cards import card

blueprint = Blueprint("products", __name__, template_folder="templates", url_prefix="/products")


def as_id(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None  # nothing chosen


def _parts(session: Session, owned: list[OwnedProduct]) -> tuple[dict[uuid.UUID, list[Product]], Any]:
    """(product -> what fits it, part -> when these people last bought it)."""
    parts = queries.list_parts_for(session, [item.product_id for item in owned if item.product_id])
    supplies = {part.id for found in parts.values() for part in found if part.consumable_days}
    return parts, queries.last_bought(session, actor(), supplies)


@blueprint.get("")
@allow.customer
def index() -> str:
    who = actor()
    with reading() as session:
        found = list(
            queries.list_owned(session, who, after=as_id(request.args.get("after")), limit=queries.PAGE + 1)
        )
        page = found[: queries.PAGE]
        parts, bought = _parts(session, page)
        owners = queries.list_owner_names(session, page) if sees_colleagues(who) else {}
        return render(
            "products/list.html",
            cards=[
                draw(
                    item,
                    parts.get(item.product_id, []) if item.product_id else [],
                    bought,
                    owners,
                    who.timezone,
                )
                for item in page
            ],
            newest=page_url(after=None) if request.args.get("after") else None,
            older=page_url(after=page[-1].id) if len(found) > queries.PAGE else None,
            sees_colleagues=sees_colleagues(who),
        )


@blueprint.get("/new")
@allow.customer
def new() -> str:
    """First the product, by search or by its name, then what we need to know about it."""
    form = RegisterForm(formdata=None)
    product_id = as_id(request.args.get("product"))
    with reading() as session:
        form.product.data = str(product_id) if product_id else ""
        form.name.data = request.args.get("name", "")[:160]
        return _new(session, form, is_free=request.args.get("other") == "1")


def _new(session: Session, form: RegisterForm, *, is_free: bool) -> str:
    text = request.args.get("q", "").strip()[:100]
    product_id = as_id(form.product.data)
    chosen = (
        next((item for item in list_by_ids(session, [product_id]) if item.is_active), None)
        if product_id
        else None
    )
    found: list[Product] = []
    if chosen is None and not is_free:
        found = (
            suggest(session, text, current_locale(), limit=12) if text else queries.list_machines(session, 12)
        )
    return render(
        "products/new.html",
        form=form,
        text=text,
        chosen=chosen,
        is_free=is_free and chosen is None,
        picture_of=picture_of,
        found=[(item, pick(item.names) or item.sku) for item in found],
        today=clock.today(actor().timezone),
    )


@blueprint.post("/new")
@allow.customer
def register() -> Response | tuple[str, int]:
    form = RegisterForm()
    product_id = as_id(form.product.data)
    if form.validate_on_submit():
        try:
            with transaction() as session:
                owned = services.register(
                    session,
                    actor=actor(),
                    product_id=product_id,
                    name=form.name.data or "",
                    serial_number=form.serial_number.data or "",
                    acquired_on=form.acquired_on.data,
                    nickname=form.nickname.data or "",
                )
            flash(_("The product is on your list now."), "success")
            return redirect(url_for("products.show", owned_id=owned.id), code=303)
        except Invalid as error:
            if error.field == "product":
                error.field = "name"
            form.add_error(error)
    with reading() as session:
        return _new(session, form, is_free=product_id is None), 422


@blueprint.get("/<uuid:owned_id>")
@allow.customer
def show(owned_id: uuid.UUID) -> str:
    with reading() as session:
        return _page(session, owned_id)


def _page(session: Session, owned_id: uuid.UUID, form: UnitForm | None = None) -> str:
    who = actor()
    owned = queries.get_owned(session, who, owned_id)
    parts, bought = _parts(session, [owned])
    fitting = parts.get(owned.product_id, []) if owned.product_id else []
    today = clock.today(who.timezone)
    warranty = warranty_of(owned, today)
    if form is None:
        form = UnitForm(formdata=None, serial_number=owned.serial_number, nickname=owned.nickname)
    owners = queries.list_owner_names(session, [owned]) if sees_colleagues(who) else {}
    return render(
        "products/show.html",
        owned=owned,
        name=name_of(owned),
        product_name=product_name(owned),
        picture=picture_of(owned.product, described=True) if owned.product else None,
        warranty=warranty,
        warranty_line=warranty_line(warranty, today),
        due=next_due(owned, fitting, bought, today),
        origin=queries.find_origin(session, who, owned),
        owner=owners.get(owned.user_id) if owned.user_id else None,
        parts=[card(part) for part in fitting[:8]],
        guides=list_for_product(session, actor=who, product=owned.product, locale=current_locale())
        if owned.product
        else [],
        help_words=help_words,
        cases=list_cases_of_owned(session, who, owned.id),
        case_words=case_words,
        form=form,
    )


@blueprint.post("/<uuid:owned_id>")
@allow.customer
def change(owned_id: uuid.UUID) -> Response | tuple[str, int]:
    form = UnitForm()
    if form.validate_on_submit():
        try:
            with transaction() as session:
                services.change(
                    session,
                    actor=actor(),
                    owned_id=owned_id,
                    serial_number=form.serial_number.data or "",
                    nickname=form.nickname.data or "",
                )
            flash(_("Your changes are kept."), "success")
            return redirect(url_for("products.show", owned_id=owned_id), code=303)
        except Invalid as error:
            form.add_error(error)
    with reading() as session:
        return _page(session, owned_id, form), 422


@blueprint.post("/<uuid:owned_id>/remove")
@allow.customer
def remove(owned_id: uuid.UUID) -> Response:
    with transaction() as session:
        services.remove(session, actor=actor(), owned_id=owned_id)
    return redirect(url_for("products.removed", owned_id=owned_id), code=303)


@blueprint.get("/<uuid:owned_id>/removed")
@allow.customer
def removed(owned_id: uuid.UUID) -> str:
    """What was just taken off the list, with the way back."""
    with reading() as session:
        owned = queries.get_removed(session, actor(), owned_id)
        return render("products/removed.html", owned=owned, name=name_of(owned))


@blueprint.post("/<uuid:owned_id>/take-back")
@allow.customer
def take_back(owned_id: uuid.UUID) -> Response:
    with transaction() as session:
        services.take_back(session, actor=actor(), owned_id=owned_id)
    flash(_("The product is back on your list."), "success")
    return redirect(url_for("products.show", owned_id=owned_id), code=303)
