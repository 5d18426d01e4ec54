"""Customers for staff: finding one, and everything about one on a page."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from flask import Blueprint, current_app, flash, redirect, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from admin.customers.forms import ACCESS_NAMES, KIND_NAMES, InviteForm
from admin.customers.panels import Chosen, Panel, list_panels
from core.actor import Actor
from core.errors import Invalid
from core.i18n import _, current_locale, explain
from core.i18n.locales import babel_locale
from core.money import Money
from core.transaction import reading, transaction
from core.web.context import actor
from core.web.pages import page_url, render
from core.web.policy import allow
from core.web.sessions import end_sessions
from crm.customers import colleagues
from crm.customers.queries import (
    PAGE,
    Person,
    count_contacts,
    get_account,
    list_accounts,
    list_addresses,
    list_invitations,
    list_people,
)
from crm.orders.desk import get_dealings, list_first_orders
from crm.ownership import services as ownership
from crm.ownership.queries import get_owned
from crm.service.queries import count_open_of_account

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
        firsts = list_first_orders(session, [account.id for account in accounts])
        return render(
            "admin_customers/index.html",
            accounts=accounts,
            counts=count_contacts(session, [account.id for account in accounts]),
            # An account that came with an import is younger than its first order.
            since={
                account.id: min(account.created_at, firsts.get(account.id, account.created_at))
                for account in accounts
            },
            text=text,
            kind=kind,
            kind_names=KIND_NAMES,
            country=_country,
            newest=page_url(after=None) if after is not None else None,
            older=page_url(after=accounts[-1].number) if len(found) > PAGE else None,
        )


def _draw(panel: Panel, who: Actor) -> Markup:
    """A part of the page by itself: what the frame of a page is made of is not gathered again for each."""
    template = current_app.jinja_env.get_template(panel.template)
    return Markup(template.render(**panel.context, actor=who, locale=current_locale()))  # noqa: S704 - escaped


def _person(people: Sequence[Person]) -> Person | None:
    """The person that ?person= names, if they are of this customer."""
    return next((each for each in people if str(each.user.id) == request.args.get("person")), None)


def _page(account_id: uuid.UUID, form: InviteForm) -> str:
    """Everything about one customer, or about one person of theirs, side by side."""
    who = actor()
    with reading() as session:
        account = get_account(session, who, account_id)
        people = list_people(session, account.id)
        person = _person(people)
        user_id = person.user.id if person else None
        dealings = get_dealings(session, account.id, user_id) if who.can("orders.read") else None
        # An account that came with an import is younger than its first order.
        known = [account.created_at, dealings.first_at if dealings else None]
        chosen = Chosen(account, [each.user.id for each in people], user_id)
        return render(
            "admin_customers/customer.html",
            account=account,
            people=people,
            person=person,
            panels=[(panel, _draw(panel, who)) for panel in list_panels(session, chosen, who)],
            dealings=dealings,
            since=min(moment for moment in known if moment),
            open_cases=count_open_of_account(session, account.id, user_id) if who.can("cases.work") else None,
            turnover=lambda amounts: [Money(amount, currency) for currency, amount in amounts],
            invitations=list_invitations(session, account.id),
            addresses=list_addresses(session, who, account_id=account.id),
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


@blueprint.post("/staff/owned/<uuid:owned_id>")
@allow.staff("orders.manage")
def enter_serial(owned_id: uuid.UUID) -> Response:
    """The serial number of something that a customer has, as they told it on the telephone."""
    with reading() as session:
        account_id = get_owned(session, actor(), owned_id).account_id
    try:
        with transaction() as session:
            ownership.change(
                session,
                actor=actor(),
                owned_id=owned_id,
                serial_number=request.form.get("serial_number", "")[:100],
            )
        flash(_("The serial number is kept."), "success")
    except Invalid as error:
        flash(explain(error), "error")
    return redirect(f"/staff/customers/{account_id}#owned", code=303)


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
