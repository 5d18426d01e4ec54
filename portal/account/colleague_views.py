"""The people of a company, for its administrators."""

from __future__ import annotations

import uuid

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from core import limits
from core.errors import Invalid, NotFound
from core.i18n import _, current_locale
from core.transaction import reading, transaction
from core.web import context
from core.web.pages import render
from core.web.policy import allow
from core.web.sessions import end_sessions
from crm.customers import colleagues
from crm.customers.models import Account
from crm.customers.queries import list_invitations, list_people
from portal.account.blueprint import blueprint
from portal.account.forms import ACCESS_HINTS, ACCESS_NAMES, InviteForm

INVITATIONS = "30 per day"


def _page(form: InviteForm) -> str:
    who = context.actor()
    with reading() as session:
        account = session.get(Account, who.account_id) if who.account_id else None
        if account is None:
            raise NotFound
        return render(
            "account/colleagues.html",
            form=form,
            account=account,
            people=list_people(session, account.id),
            invitations=list_invitations(session, account.id),
            access_of=colleagues.access_of,
            access_names=ACCESS_NAMES,
            access_hints=ACCESS_HINTS,
        )


@blueprint.get("/account/colleagues")
@allow.customer_with("colleagues.manage")
def show_colleagues() -> str:
    return _page(InviteForm(formdata=None))


@blueprint.post("/account/colleagues/invite")
@allow.customer_with("colleagues.manage")
def invite_colleague() -> Response | tuple[str, int]:
    form = InviteForm()
    limits.hit(INVITATIONS, "invite", str(context.actor().account_id))
    if form.validate():
        try:
            with transaction() as session:
                colleagues.invite(
                    session,
                    context.actor(),
                    email=form.email.data,
                    access=form.access.data,
                    locale=current_locale(),
                )
        except Invalid as error:
            form.add_error(error)
    if form.errors:
        return _page(form), 422
    flash(_("The invitation is on its way. Its link works for 72 hours."), "success")
    return redirect("/account/colleagues", code=303)


@blueprint.post("/account/colleagues/invitations/<uuid:invitation_id>/withdraw")
@allow.customer_with("colleagues.manage")
def withdraw_invitation(invitation_id: uuid.UUID) -> Response:
    with transaction() as session:
        colleagues.withdraw(session, context.actor(), invitation_id)
    flash(_("The invitation is withdrawn. Its link no longer works."), "success")
    return redirect("/account/colleagues", code=303)


@blueprint.post("/account/colleagues/<uuid:contact_id>/access")
@allow.customer_with("colleagues.manage")
def change_access(contact_id: uuid.UUID) -> Response:
    with transaction() as session:
        colleagues.change_access(session, context.actor(), contact_id, request.form.get("access", ""))
    flash(_("The access is changed."), "success")
    return redirect("/account/colleagues", code=303)


@blueprint.post("/account/colleagues/<uuid:contact_id>/remove")
@allow.customer_with("colleagues.manage")
def remove_colleague(contact_id: uuid.UUID) -> Response:
    with transaction() as session:
        user = colleagues.remove(session, context.actor(), contact_id)
        end_sessions(session, user.id)
    flash(
        _("%(name)s can no longer sign in. Their orders stay with your company.", name=user.name), "success"
    )
    return redirect("/account/colleagues", code=303)
