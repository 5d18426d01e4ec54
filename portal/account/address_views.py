"""The addresses of a person and their account."""

from __future__ import annotations

import uuid

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from core.errors import Invalid
from core.i18n import _
from core.transaction import reading, transaction
from core.web import context
from core.web.basics import safe_target
from core.web.pages import render
from core.web.policy import allow
from crm.customers import services
from crm.customers.models import Address
from crm.customers.queries import get_address, list_addresses
from portal.account.blueprint import blueprint
from portal.account.forms import AddressForm, country_name

LIST = "/account/addresses"
FIELDS = (*services.ADDRESS_LINES, "country", "phone")


@blueprint.get("/account/addresses")
@allow.customer
def addresses() -> str:
    with reading() as session:
        return render(
            "account/addresses.html",
            addresses=list_addresses(session, context.actor()),
            country_name=country_name,
        )


def _page(form: AddressForm, address: Address | None) -> str:
    target = safe_target(request.values.get("next"), "")
    return render("account/address.html", form=form, address=address, target=target)


@blueprint.get("/account/addresses/new")
@allow.customer
def new_address() -> str:
    form = AddressForm(formdata=None)
    form.recipient.data = context.actor().name
    return _page(form, None)


@blueprint.get("/account/addresses/<uuid:address_id>")
@allow.customer
def edit_address(address_id: uuid.UUID) -> str:
    with reading() as session:
        address = get_address(session, context.actor(), address_id)
        return _page(AddressForm(formdata=None, obj=address), address)


@blueprint.post("/account/addresses/new")
@allow.customer
def add_address() -> Response | tuple[str, int]:
    return _save(None)


@blueprint.post("/account/addresses/<uuid:address_id>")
@allow.customer
def save_address(address_id: uuid.UUID) -> Response | tuple[str, int]:
    return _save(address_id)


def _save(address_id: uuid.UUID | None) -> Response | tuple[str, int]:
    """`next` leads back to where the address was needed, for example the checkout."""
    target = safe_target(request.form.get("next"), LIST)
    form = AddressForm()
    with reading() as session:
        address = get_address(session, context.actor(), address_id) if address_id else None
    if form.validate():
        try:
            with transaction() as session:
                services.save_address(
                    session,
                    context.actor(),
                    {field: form[field].data or "" for field in FIELDS},
                    address_id=address_id,
                    is_default=form.is_default.data,
                )
        except Invalid as error:
            form.add_error(error)
    if form.errors:
        return _page(form, address), 422
    flash(_("The address is saved."), "success")
    return redirect(target, code=303)


@blueprint.post("/account/addresses/<uuid:address_id>/default")
@allow.customer
def make_default(address_id: uuid.UUID) -> Response:
    with transaction() as session:
        services.make_default(session, context.actor(), address_id)
    flash(_("This is the default address from now on."), "success")
    return redirect(LIST, code=303)


@blueprint.post("/account/addresses/<uuid:address_id>/delete")
@allow.customer
def delete_address(address_id: uuid.UUID) -> Response:
    with transaction() as session:
        services.delete_address(session, context.actor(), address_id)
    flash(_("The address is deleted. Orders that went there keep it."), "success")
    return redirect(LIST, code=303)
