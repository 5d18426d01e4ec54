"""The overview of an account, the profile, and changing the email address and the password."""

from __future__ import annotations

from flask import flash, redirect
from werkzeug.wrappers import Response

from core import limits
from core.errors import Invalid
from core.i18n import _, speaking
from core.transaction import reading, transaction
from core.web import context
from core.web.pages import render
from core.web.policy import allow
from core.web.sessions import end_sessions, list_sessions
from crm.customers.models import Account
from crm.customers.queries import list_addresses
from crm.identity import services, tokens
from crm.identity.queries import get_user
from crm.orders.queries import list_recent_orders
from portal.account import links
from portal.account.blueprint import blueprint
from portal.account.forms import ChangeEmailForm, ChangePasswordForm, EmptyForm, ProfileForm, country_name

TRIES = "10 per 15 minutes"


def _me() -> str:
    return str(context.actor().user_id)


@blueprint.get("/account")
@allow.signed_in
def overview() -> str:
    who = context.actor()
    assert who.user_id is not None
    with reading() as session:
        return render(
            "account/overview.html",
            user=get_user(session, who.user_id),
            account=session.get(Account, who.account_id) if who.account_id else None,
            addresses=list_addresses(session, who),
            session_count=len(list_sessions(session, who.user_id)),
            country_name=country_name,
            orders=list_recent_orders(session, who, limit=3) if who.account_id else [],
        )


@blueprint.get("/account/profile")
@allow.signed_in
def show_profile() -> str:
    who = context.actor()
    assert who.user_id is not None
    with reading() as session:
        user = get_user(session, who.user_id)
        form = ProfileForm(formdata=None, obj=user)
        return render("account/profile.html", form=form, user=user)


@blueprint.post("/account/profile")
@allow.signed_in
def save_profile() -> str | Response | tuple[str, int]:
    who = context.actor()
    assert who.user_id is not None
    form = ProfileForm()
    if form.validate():
        try:
            with transaction() as session:
                services.update_profile(
                    session,
                    who,
                    name=form.name.data,
                    phone=form.phone.data,
                    locale=form.locale.data,
                    timezone=form.timezone.data,
                    currency=form.currency.data,
                    preferred_channel=form.preferred_channel.data,
                )
        except Invalid as error:
            form.add_error(error)
    if form.errors:
        with reading() as session:
            return render("account/profile.html", form=form, user=get_user(session, who.user_id)), 422
    with speaking(form.locale.data, form.timezone.data):  # the next page is in the new language already
        flash(_("Your profile is saved."), "success")
    return redirect("/account/profile", code=303)


@blueprint.get("/account/security")
@allow.signed_in
def security() -> str:
    return _security(ChangeEmailForm(formdata=None), ChangePasswordForm(formdata=None))


def _security(email_form: ChangeEmailForm, password_form: ChangePasswordForm) -> str:
    return render("account/security.html", email_form=email_form, password_form=password_form)


@blueprint.post("/account/email")
@allow.signed_in
def change_email() -> str | Response | tuple[str, int]:
    """The answer is the same whether or not the new address is taken."""
    form = ChangeEmailForm()
    limits.hit(TRIES, "own_password", _me())
    if form.validate():
        try:
            with transaction() as session:
                services.ask_email_change(
                    session, context.actor(), password=form.current.data, email=form.email.data
                )
        except Invalid as error:
            form.add_error(error)
    if form.errors:
        return _security(form, ChangePasswordForm(formdata=None)), 422
    limits.forget(TRIES, "own_password", _me())
    flash(_("We have sent a link to the new address. Your address changes when you open it."), "success")
    return redirect("/account/security", code=303)


@blueprint.post("/account/password")
@allow.signed_in
def change_password() -> str | Response | tuple[str, int]:
    """Ends every other session; this browser goes on under a new session name."""
    form = ChangePasswordForm()
    limits.hit(TRIES, "own_password", _me())
    if form.validate():
        try:
            with transaction() as session:
                user = services.change_password(
                    session, context.actor(), current=form.current.data, new=form.password.data
                )
                end_sessions(session, user.id, keep=context.session_id())
        except Invalid as error:
            form.add_error(error)
    if form.errors:
        return _security(ChangeEmailForm(formdata=None), form), 422
    limits.forget(TRIES, "own_password", _me())
    who = context.actor()
    assert who.user_id is not None
    context.sign_in(who.user_id)
    flash(_("Your password is changed. All other devices were signed out."), "success")
    return redirect("/account/security", code=303)


def _check(digest: str) -> None:
    with reading() as session:
        _token, user = tokens.get_live(session, "change_email", digest)
        links.refuse_others(user.id)


@blueprint.get("/email/confirm")
@allow.public
def show_confirm_email() -> str | Response:
    if (away := links.taken("change_email", _check)) is not None:
        return away
    digest = links.held("change_email")
    _check(digest)
    with reading() as session:
        token, _user = tokens.get_live(session, "change_email", digest)
        return render("account/confirm_email.html", form=EmptyForm(formdata=None), email=token.data["email"])


@blueprint.post("/email/confirm")
@allow.public
def confirm_email() -> Response:
    digest = links.held("change_email")
    _check(digest)
    with transaction() as session:
        services.change_email(session, digest)
    links.drop("change_email")
    flash(_("Your email address is changed. Sign in with the new one from now on."), "success")
    return redirect("/account/security" if context.actor().is_signed_in else "/sign-in", code=303)
