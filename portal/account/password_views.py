"""A forgotten password: asking for the mail, and setting a new one from its link."""

from __future__ import annotations

from flask import flash, redirect
from werkzeug.wrappers import Response

from core import limits
from core.errors import Invalid
from core.i18n import _
from core.mail import clean_address
from core.transaction import reading, transaction
from core.web import context
from core.web.pages import render
from core.web.policy import allow
from core.web.sessions import end_sessions
from crm.identity import services, tokens
from portal.account import links
from portal.account.blueprint import blueprint
from portal.account.forms import EmailForm, NewPasswordForm
from portal.account.places import place
from portal.account.sign_up_views import PER_PLACE, may_mail


@blueprint.get("/forgot")
@allow.public
def show_forgot() -> str:
    return render("account/forgot.html", form=EmailForm(formdata=None))


@blueprint.post("/forgot")
@allow.public
def forgot() -> str | Response | tuple[str, int]:
    form = EmailForm()
    address = ""
    valid = form.validate()
    if valid:
        try:
            address = clean_address(form.email.data)
        except Invalid as error:
            form.add_error(error)
            valid = False
    if not valid:
        return render("account/forgot.html", form=form), 422
    limits.hit(PER_PLACE, "forgot", place())
    if may_mail(address):
        with transaction() as session:
            services.ask_password_reset(session, address)
    return redirect("/forgot/sent", code=303)


@blueprint.get("/forgot/sent")
@allow.public
def forgot_sent() -> str:
    return render("account/forgot_sent.html")


def _check(digest: str) -> None:
    with reading() as session:
        _token, user = tokens.get_live(session, "reset", digest)
        links.refuse_others(user.id)


@blueprint.get("/reset")
@allow.public
def show_reset() -> str | Response:
    if (away := links.taken("reset", _check)) is not None:
        return away
    _check(links.held("reset"))
    return render("account/reset.html", form=NewPasswordForm(formdata=None))


@blueprint.post("/reset")
@allow.public
def reset() -> str | Response | tuple[str, int]:
    """Sets the password and ends every session; the person signs in with it, nobody is let in by a link."""
    digest = links.held("reset")
    _check(digest)
    form = NewPasswordForm()
    if form.validate():
        try:
            with transaction() as session:
                user = services.reset_password(session, digest, form.password.data)
                end_sessions(session, user.id)
        except Invalid as error:
            form.add_error(error)
    if form.errors:
        return render("account/reset.html", form=form), 422
    links.drop("reset")
    if context.actor().is_signed_in:
        context.sign_out()
    flash(_("Your password is changed. Please sign in with the new one."), "success")
    return redirect("/sign-in", code=303)
