"""Signing up: asking, the mailed link, confirming. Nothing here tells whether an address is known."""

from __future__ import annotations

from flask import flash, redirect, session
from werkzeug.wrappers import Response

from clickstream import consent
from core import limits
from core.errors import AppError, BadRequest, RateLimited
from core.i18n import _, current_locale
from core.settings import get_settings
from core.transaction import reading, transaction
from core.web import context
from core.web.pages import render
from core.web.policy import allow
from crm.customers import services
from crm.customers.queries import find_sign_up
from crm.identity.passwords import hash_password
from portal.account import links
from portal.account.blueprint import blueprint
from portal.account.forms import EmptyForm, SignUpForm
from portal.account.places import home, place

PER_PLACE = "20 per hour"
PER_MAILBOX = "5 per day"
ASKED_FOR = "sign_up_email"


def may_mail(address: str) -> bool:
    """Whether another mail may go to this address today; who asks gets the same answer either way."""
    try:
        limits.hit(PER_MAILBOX, "account_mail", address)
    except RateLimited:
        return False
    return True


@blueprint.get("/sign-up")
@allow.public
def show_sign_up() -> str | Response:
    if context.actor().is_signed_in:
        return redirect(home(), code=303)
    return render("account/sign_up.html", form=SignUpForm(formdata=None))


@blueprint.post("/sign-up")
@allow.public
def sign_up() -> str | Response | tuple[str, int]:
    form = SignUpForm()
    valid = form.validate()
    company = (form.company.data or "") if form.kind.data == "company" else None
    if valid:
        try:
            address, name, firm = services.check_sign_up(
                email=form.email.data, name=form.name.data, company=company, password=form.password.data
            )
        except AppError as error:
            form.add_error(error)
            valid = False
    if not valid:
        return render("account/sign_up.html", form=form), 422
    limits.hit(PER_PLACE, "sign_up", place())
    password_hash = hash_password(form.password.data)
    if may_mail(address):
        with transaction() as db:
            services.ask_sign_up(
                db,
                email=address,
                name=name,
                company=firm,
                password_hash=password_hash,
                locale=current_locale(),
                timezone=get_settings().default_timezone,
                wants_offers=bool(form.offers.data),
            )
    session[ASKED_FOR] = address
    return redirect("/sign-up/sent", code=303)


@blueprint.get("/sign-up/sent")
@allow.public
def sign_up_sent() -> str | Response:
    if ASKED_FOR not in session:
        return redirect("/sign-up", code=303)
    return render("account/sign_up_sent.html", email=session[ASKED_FOR])


@blueprint.post("/sign-up/again")
@allow.public
def sign_up_again() -> Response:
    """A new link to the address that this browser signed up with."""
    address = session.get(ASKED_FOR)
    if not isinstance(address, str):
        raise BadRequest
    limits.hit(PER_PLACE, "sign_up", place())
    if may_mail(address):
        with transaction() as db:
            services.ask_sign_up_mail_again(db, address)
    flash(_("We have sent the mail again. Only the newest link works."), "success")
    return redirect("/sign-up/sent", code=303)


def _check(digest: str) -> None:
    links.refuse_others(None)
    with reading() as db:
        if find_sign_up(db, digest) is None:
            raise BadRequest("token.dead")


@blueprint.get("/verify")
@allow.public
def show_verify() -> str | Response:
    if (away := links.taken("verify", _check)) is not None:
        return away
    digest = links.held("verify")
    _check(digest)
    with reading() as db:
        waiting = find_sign_up(db, digest)
        return render(
            "account/verify.html", form=EmptyForm(formdata=None), email=waiting.email if waiting else ""
        )


@blueprint.post("/verify")
@allow.public
def verify() -> Response:
    digest = links.held("verify")
    links.refuse_others(None)
    with transaction() as db:
        waiting = find_sign_up(db, digest)
        wants_offers = waiting is not None and waiting.wants_offers
        user = services.confirm_sign_up(db, digest)
        if wants_offers:  # only now is it known that the address is theirs
            consent.record(db, consent.MARKETING, True, person_id=user.id, source="sign_up")
    links.drop("verify")
    session.pop(ASKED_FOR, None)
    flash(_("Your address is confirmed. Welcome! Please sign in."), "success")
    return redirect("/sign-in", code=303)
