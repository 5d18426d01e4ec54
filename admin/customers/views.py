"""Customers for staff: finding one, and everything about one on a page."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response

from admin.customers.forms import ACCESS_NAMES, KIND_NAMES, InviteForm
from core.errors import Invalid
from core.i18n import _, current_locale
from core.i18n.locales import babel_locale
from core.transaction import reading, transaction
from core.web.context import actor
from core.web.pages import page_url, render
from core.web.policy import allow
from core.web.sessions import end_sessions
from crm.customers import colleagues
from crm.customers.queries import (
    PAGE,
    count_contacts,
    get_account,
    list_accounts,
    list_addresses,
    list_invitations,
    list_people,
)
from crm.orders.queries import list_orders_of_account

blueprint = Blueprint("staff_customers", __name__, template_folder="templates")


def _country(code: str | None) -> str | None:
    """The name in the reader's language; imported accounts may carry a name already."""
    return babel_locale(current_locale()).territories.get(code, code) if code else None


@blueprint.get("/staff/customers")
@allow.staff("customers.read")
def index() -> str:
    text, kind = request.args.get("q", "")[:200], request.args.get("kind", "")
    given = request.args.get("after", "")
    after = int(given) if given.isdecimal() and len(given) < 10 else None
    kind = kind if kind in {*KIND_NAMES, "partner"} else ""
    with reading() as session:
        found = list_accounts(session, actor(), text=text, kind=kind, after=after, limit=PAGE + 1)
        accounts = found[:PAGE]
        return render(
            "admin_customers/index.html",
            accounts=accounts,
            counts=count_contacts(session, [account.id for account in accounts]),
            text=text,
            kind=kind,
            kind_names=KIND_NAMES,
            country=_country,
            newest=page_url(after=None) if after is not None else None,
            older=page_url(after=accounts[-1].number) if len(found) > PAGE else None,
        )


def _page(account_id: uuid.UUID, form: InviteForm) -> str:
    who = actor()
    with reading() as session:
        account = get_account(session, who, account_id)
        return render(
            "admin_customers/customer.html",
            account=account,
            people=list_people(session, account.id),
            invitations=list_invitations(session, account.id),
            addresses=list_addresses(session, who, account_id=account.id),
            orders=list_orders_of_account(session, account.id) if who.can("orders.read") else [],
            form=form,
            access_of=colleagues.access_of,
            access_names=ACCESS_NAMES,
            kind_names=KIND_NAMES,
            country=_country,
        )


@blueprint.get("/staff/customers/<uuid:account_id>")
@allow.staff("customers.read")
def show_customer(account_id: uuid.UUID) -> str:
    return _page(account_id, InviteForm(formdata=None))


@blueprint.post("/staff/customers/<uuid:account_id>/invite")
@allow.staff("customers.manage")
def invite_contact(account_id: uuid.UUID) -> Response | tuple[str, int]:
    """For example the first person of an account that was imported."""
    form = InviteForm()
    if form.validate():
        try:
            with transaction() as session:
                colleagues.invite(
                    session,
                    actor(),
                    email=form.email.data,
                    access=form.access.data,
                    locale=current_locale(),
                    account_id=account_id,
                )
        except Invalid as error:
            form.add_error(error)
    if form.errors:
        return _page(account_id, form), 422
    flash(_("The invitation is on its way."), "success")
    return redirect(f"/staff/customers/{account_id}", code=303)


def _set_active(contact_id: uuid.UUID, active: bool) -> uuid.UUID:
    with transaction() as session:
        contact = colleagues.set_active(session, actor(), contact_id, active)
        if not active:
            end_sessions(session, contact.user_id)
        return contact.account_id


@blueprint.post("/staff/contacts/<uuid:contact_id>/deactivate")
@allow.staff("customers.manage")
def deactivate_contact(contact_id: uuid.UUID) -> Response:
    account_id = _set_active(contact_id, False)
    flash(_("The person is deactivated and signed out everywhere."), "success")
    return redirect(f"/staff/customers/{account_id}", code=303)


@blueprint.post("/staff/contacts/<uuid:contact_id>/activate")
@allow.staff("customers.manage")
def activate_contact(contact_id: uuid.UUID) -> Response:
    account_id = _set_active(contact_id, True)
    flash(_("The person may sign in again."), "success")
    return redirect(f"/staff/customers/{account_id}", code=303)
