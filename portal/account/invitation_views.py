"""Accepting an invitation: of a company to a colleague, or of an administrator to a member of staff."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from core.errors import BadRequest, Invalid
from core.i18n import _
from core.transaction import reading, transaction
from core.web.pages import render
from core.web.policy import allow
from core.web.sessions import end_sessions
from crm.customers import colleagues
from crm.customers.models import Account
from crm.customers.queries import find_invitation
from crm.identity import services, tokens
from portal.account import links
from portal.account.blueprint import blueprint
from portal.account.forms import InvitationForm, NewPasswordForm


@dataclass(frozen=True)
class Offer:
    """What a live link offers. `company` is None for staff, whose name is known already."""

    email: str
    company: str | None


def _offer(session: Session, digest: str) -> Offer:
    invitation = find_invitation(session, digest)
    if invitation is not None:
        links.refuse_others(None)
        return Offer(invitation.email, session.get_one(Account, invitation.account_id).name)
    _token, user = tokens.get_live(session, "invite", digest)
    if user.password_hash is not None:
        raise BadRequest("token.dead")
    links.refuse_others(user.id)
    return Offer(user.email, None)


def _check(digest: str) -> None:
    with reading() as session:
        _offer(session, digest)


def _form(offer: Offer, **options: object) -> InvitationForm | NewPasswordForm:
    return InvitationForm(**options) if offer.company is not None else NewPasswordForm(**options)


@blueprint.get("/invitation")
@allow.public
def show_invitation() -> str | Response:
    if (away := links.taken("invite", _check)) is not None:
        return away
    with reading() as session:
        offer = _offer(session, links.held("invite"))
    return render("account/invitation.html", form=_form(offer, formdata=None), offer=offer)


@blueprint.post("/invitation")
@allow.public
def accept_invitation() -> str | Response | tuple[str, int]:
    digest = links.held("invite")
    with reading() as session:
        offer = _offer(session, digest)
    form = _form(offer)
    if form.validate():
        try:
            with transaction() as session:
                if offer.company is not None:
                    user = colleagues.accept(
                        session, digest, name=form.name.data, password=form.password.data
                    )
                else:
                    user = services.accept_staff_invitation(session, digest, form.password.data)
                end_sessions(session, user.id)
        except Invalid as error:
            form.add_error(error)
    if form.errors:
        return render("account/invitation.html", form=form, offer=offer), 422
    links.drop("invite")
    flash(_("Welcome! Please sign in with your new password."), "success")
    return redirect("/sign-in", code=303)
