"""Signing in and out."""

from __future__ import annotations

from flask import g, redirect, request
from werkzeug.wrappers import Response

from core import limits
from core.errors import Invalid
from core.transaction import reading, transaction
from core.web import context
from core.web.basics import safe_target
from core.web.errors import set_sign_in_page
from core.web.pages import render
from core.web.policy import allow
from crm.identity import services
from crm.identity.passwords import verify_password
from crm.identity.queries import find_credentials
from portal.account.blueprint import blueprint
from portal.account.forms import SignInForm
from portal.account.places import home, place

# Wrong passwords: for one account from one place, and from one place for any account. Nothing is counted per
# account alone, so that nobody can lock the owner out from elsewhere.
PER_ACCOUNT = "10 per 5 minutes"
PER_PLACE = "30 per 5 minutes"


def _page(form: SignInForm, *, needed: bool = False) -> str:
    g.signing_in = True  # the frame adds whom one can try the demo as
    return render("account/sign_in.html", form=form, needed=needed)


def sign_in_page() -> str:
    """The form in the place of a page that needs it; afterwards the page itself follows."""
    form = SignInForm(formdata=None)
    form.next.data = request.full_path if request.query_string else request.path
    return _page(form, needed=True)


set_sign_in_page(sign_in_page)


@blueprint.get("/sign-in")
@allow.public
def show_sign_in() -> str | Response:
    target = safe_target(request.args.get("next"), "")
    if context.actor().is_signed_in:
        return redirect(target or home(), code=303)
    form = SignInForm(formdata=None)
    form.next.data = target
    form.email.data = request.args.get("email", "")[
        :254
    ]  # a link may fill in the address, never the password
    return _page(form)


@blueprint.post("/sign-in")
@allow.public
def sign_in() -> str | Response | tuple[str, int]:
    target = safe_target(request.form.get("next"), "")
    form = SignInForm()
    if not form.validate():
        return _page(form), 422
    email, password = form.email.data.strip(), form.password.data
    subject = f"{email.lower()}|{place()}"
    limits.hit(PER_PLACE, "sign_in_place", place())
    limits.hit(PER_ACCOUNT, "sign_in", subject)
    with reading() as session:
        known = find_credentials(session, email)
    matches = verify_password(known.password_hash, password)
    with transaction() as session:
        if matches and known.user_id is not None:
            services.note_sign_in(session, user_id=known.user_id, password=password)
        else:
            services.note_wrong_password(session, user_id=known.user_id, email=email)
    if matches and known.user_id is not None:
        context.sign_in(known.user_id)
    if not context.actor().is_signed_in:
        form.add_error(Invalid("sign_in.failed"))
        return _page(form), 422
    limits.forget(PER_ACCOUNT, "sign_in", subject)
    limits.give_back(PER_PLACE, "sign_in_place", place())
    return redirect(target or home(), code=303)


@blueprint.post("/sign-out")
@allow.public
def sign_out() -> Response:
    if context.actor().is_signed_in:
        with transaction() as session:
            services.note_sign_out(session, context.actor())
        context.sign_out()
    return redirect("/sign-in", code=303)
