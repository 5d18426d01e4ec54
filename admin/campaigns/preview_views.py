"""Looking at a mail as a customer would get it, confirming it, and sending it to oneself."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, make_response, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from admin.campaigns import words
from admin.campaigns.views import blueprint, wanted_locale
from campaigns import reasons, services
from campaigns.models import Campaign
from campaigns.queries import search_people
from campaigns.rules import Person, find_person
from core import limits
from core.errors import BadRequest, Conflict, Invalid, NotFound
from core.i18n import LOCALES, NAMES, _, explain
from core.transaction import reading, transaction
from core.web.context import actor
from core.web.pages import render
from core.web.policy import allow
from core.web.security import page_policy

SAMPLE = "sample"
WIDTHS = ("desktop", "phone")
# As a mailbox would show it: its own styles, no script, no forms, nothing from elsewhere.
MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


def _person(session: Session, campaign: Campaign) -> tuple[Person, str]:
    """Who was chosen, or the first whom it concerns, or (as `sample`) oneself with two popular products."""
    given = request.values.get("person", "")
    if given and given != SAMPLE:
        try:
            chosen = find_person(session, uuid.UUID(given))
        except ValueError:
            raise BadRequest from None
        if chosen is None or chosen.account is None:
            raise NotFound
        return chosen, given
    if not given and (found := search_people(session, campaign.kind, "", limit=1)):
        return found[0], str(found[0].user.id)
    user_id = actor().user_id
    own = find_person(session, user_id) if user_id else None
    if own is None:
        raise NotFound
    return own, SAMPLE


@blueprint.get("/<key>/preview")
@allow.staff("campaigns.manage")
def preview(key: str) -> Response:
    with reading() as session:
        campaign = services.get_campaign(session, key)
        return _page(session, campaign)


def _page(session: Session, campaign: Campaign, problem: str = "", status: int = 200) -> Response:
    version = services.latest_version(session, campaign)
    person, chosen = _person(session, campaign)
    locale = wanted_locale() if "language" in request.values else _first_open(version.approved)
    width = request.values.get("width", "")
    text = request.args.get("q", "")[:200]
    context: dict[str, Any] = {}
    try:
        subject, written = services.preview(
            session, campaign, version, person, locale=locale, sample=chosen == SAMPLE
        )
        if subject.gone:
            context["nothing"] = reasons.label(subject.gone)
        elif written is not None:
            context["written"] = written
    except Invalid as error:
        problem = problem or explain(error)
    page = render(
        "admin_campaigns/preview.html",
        campaign=campaign,
        version=version,
        person=person,
        chosen=chosen,
        people=search_people(session, campaign.kind, text),
        text=text,
        language=locale,
        languages=[(code, NAMES[code]) for code in LOCALES],
        width=width if width in WIDTHS else WIDTHS[0],
        incomplete=services.incomplete_locales(campaign, version),
        problem=problem,
        words=words,
        **context,
    )
    response = make_response(page, status)
    response.headers["Content-Security-Policy"] = f"{page_policy()}; frame-src 'self'"
    return response


def _first_open(approved: dict[str, Any]) -> str:
    return next((locale for locale in LOCALES if locale not in approved), LOCALES[0])


@blueprint.get("/<key>/preview/mail")
@allow.staff("campaigns.manage")
def preview_mail(key: str) -> Response:
    """The mail alone, for the frame of the preview."""
    with reading() as session:
        campaign = services.get_campaign(session, key)
        person, chosen = _person(session, campaign)
        version = services.latest_version(session, campaign)
        _subject, written = services.preview(
            session, campaign, version, person, locale=wanted_locale(), sample=chosen == SAMPLE
        )
    if written is None:
        raise NotFound
    response = make_response(written.html.replace("<head>", '<head><base target="_blank">', 1))
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


def _back(key: str, **values: str) -> Response:
    kept = {name: request.form.get(name, "")[:60] for name in ("person", "width")}
    wanted = {name: value for name, value in {**kept, **values}.items() if value}
    return redirect(url_for("admin_campaigns.preview", key=key, **wanted), code=303)


@blueprint.post("/<key>/approve")
@allow.staff("campaigns.manage")
def approve(key: str) -> Response:
    """The mail in this language is right as it was just seen."""
    given = request.form.get("revision", "")
    revision = int(given) if given.isdecimal() and len(given) < 9 else -1
    try:
        with transaction() as session:
            services.approve(session, actor(), key, wanted_locale(), revision=revision)
    except (Conflict, Invalid) as error:
        with reading() as session:
            return _page(session, services.get_campaign(session, key), explain(error), error.status)
    with reading() as session:
        version = services.latest_version(session, services.get_campaign(session, key))
    if services.unseen_locales(version):
        flash(_("Noted. Now the next language."), "success")
        return _back(key, language=_first_open(version.approved))
    flash(_("All three languages are confirmed. The campaign can be switched on."), "success")
    return redirect(url_for("admin_campaigns.show", key=key), code=303)


@blueprint.post("/<key>/test")
@allow.staff("campaigns.manage")
def send_test(key: str) -> Response:
    """To one's own address, never to another."""
    limits.hit("20 per hour", "campaign_test", str(actor().user_id))
    try:
        with transaction() as session:
            campaign = services.get_campaign(session, key)
            person, chosen = _person(session, campaign)
            services.send_test(session, actor(), key, person, locale=wanted_locale(), sample=chosen == SAMPLE)
    except Invalid as error:
        with reading() as session:
            return _page(session, services.get_campaign(session, key), explain(error), error.status)
    flash(_("The mail is on its way to %(email)s.", email=actor().email), "success")
    return _back(key, language=wanted_locale())
