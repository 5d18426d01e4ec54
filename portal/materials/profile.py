"""The partner's own page: the terms, and how they appear in print; and what dealers get, for everybody."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from core import limits
from core.errors import AppError, Conflict, Forbidden, Invalid, NotFound
from core.files import Kept
from core.i18n import _
from core.transaction import reading, transaction
from core.web.context import actor
from core.web.downloads import send_stored
from core.web.pages import render
from core.web.policy import allow
from crm.customers.queries import get_account
from crm.partners.logos import keep_logo
from crm.partners.models import TERMS_VERSION, PartnerProfile
from crm.partners.queries import find_profile, list_news
from crm.partners.services import ProfileValues, accept_terms, save_profile
from portal.materials.forms import ProfileForm, TermsForm
from portal.materials.views import card, must_read_terms

blueprint = Blueprint("partner_profile", __name__, template_folder="templates")


@blueprint.get("/partners")
@allow.public
def partners() -> str:
    """What a dealer gets and how one becomes one; for dealers the way to their pages."""
    return render("materials/partners.html")


@blueprint.get("/materials/terms")
@allow.partner
def terms() -> str:
    return _terms(TermsForm(formdata=None, version=TERMS_VERSION))


def _terms(form: TermsForm) -> str:
    with reading() as session:
        return render(
            "materials/terms.html",
            form=form,
            profile=find_profile(session, actor().account_id),
            version=TERMS_VERSION,
        )


@blueprint.post("/materials/terms")
@allow.partner
def agree() -> AnyResponse | tuple[str, int]:
    form = TermsForm()
    if not form.validate_on_submit():
        return _terms(form), 422
    try:
        with transaction() as session:
            accept_terms(session, actor(), form.version.data or "")
    except Conflict as error:
        form.add_error(error)
        form.version.data = TERMS_VERSION
        return _terms(form), error.status
    flash(_("Thank you. Everything for dealers is open to you now."), "success")
    return redirect(url_for("materials.index"), code=303)


@blueprint.get("/materials/profile")
@allow.partner
def edit() -> str | AnyResponse:
    with reading() as session:
        if first := must_read_terms(session, actor()):
            return first
        profile = find_profile(session, actor().account_id)
        assert profile is not None
        return _edit(session, _filled(profile), profile)


def _filled(profile: PartnerProfile) -> ProfileForm:
    return ProfileForm(
        formdata=None,
        data={
            "public_name": profile.public_name or _account_name(profile),
            "address": profile.address,
            "phone": profile.phone,
            "email": profile.email,
            "web": profile.web,
            "languages": profile.languages,
        },
    )


def _account_name(profile: PartnerProfile) -> str:
    with reading() as session:
        return get_account(session, actor(), profile.account_id).name


def _edit(session: Session, form: ProfileForm, profile: PartnerProfile) -> str:
    news = [item for item in list_news(session, actor(), 12) if item.version.template is not None]
    news.sort(key=lambda item: item.material.kind != "brochure")  # one shows more of the band than a list
    sample = card(news[0].material) if news else None
    return render("materials/profile.html", form=form, profile=profile, sample=sample)


@blueprint.post("/materials/profile")
@allow.partner
def save() -> AnyResponse | tuple[str, int]:
    who, form = actor(), ProfileForm()
    limits.hit("30 per hour", "partner_profile", str(who.user_id))
    valid = form.validate_on_submit()
    logo: Kept | None = None
    if form.logo.data and form.logo.data.filename:
        try:
            logo = keep_logo(form.logo.data.stream)
        except AppError as error:
            form.add_error(error)
            valid = False
    if valid:
        try:
            with transaction() as session:
                save_profile(
                    session, who, _values(form), logo=logo, without_logo=bool(form.without_logo.data)
                )
        except Invalid as error:
            form.add_error(error)
        else:
            flash(_("Saved. From now on this is how we print it."), "success")
            return redirect(url_for("partner_profile.edit"), code=303)
    with reading() as session:
        profile = find_profile(session, who.account_id)
        if profile is None or not profile.has_accepted_terms:
            raise Forbidden("partner.terms_first")
        return _edit(session, form, profile), 422


def _values(form: ProfileForm) -> ProfileValues:
    return ProfileValues(
        public_name=form.public_name.data or "",
        address=form.address.data or "",
        phone=form.phone.data or "",
        email=form.email.data or "",
        web=form.web.data or "",
        languages=form.languages.data or (),
    )


@blueprint.get("/materials/profile/logo.png")
@allow.partner
def logo() -> Response:
    """The own logo, as we keep it."""
    with reading() as session:
        profile = find_profile(session, actor().account_id)
        if profile is None or profile.logo is None:
            raise NotFound
        file = profile.logo
    return send_stored(file, inline=True)
