"""Filing a request: choosing the kind, the form with what is known already, articles that may answer it, sending."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from flask import Blueprint, flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from core import limits
from core.actor import Actor
from core.errors import Invalid, NotFound
from core.i18n import _, current_locale, pick
from core.transaction import reading, transaction
from core.web.context import actor
from core.web.forms import Form
from core.web.pages import page_url, render
from core.web.policy import allow
from crm.catalogue.pictures.addresses import picture_of
from crm.service import words
from crm.service.about import About
from crm.service.kinds import KIND, Kind
from crm.service.services import LONGEST_SUBJECT, open_request
from knowledge_base.queries import find_article
from knowledge_base.suggestions import Offer, suggest
from portal.requests import prefill
from portal.requests.forms import ACCEPTED, form_of
from portal.requests.uploads import Uploads, take_uploads, tell

blueprint = Blueprint("requests", __name__, template_folder="templates", url_prefix="/requests")
RULE = "30 per hour"
OFFERS = 3


@dataclass
class Answers:
    """Articles beside the form: those offered, and the slugs that the person says they have read."""

    offers: list[Offer] = field(default_factory=list)
    read: set[str] = field(default_factory=set)


def _answers(session: Session, who: Actor, text: str) -> Answers:
    """What may answer `text`. What was marked as read stays in the list, whatever is typed afterwards."""
    read = {slug[:120] for slug in request.values.getlist("read")[:12]}
    if first := request.args.get("article", "")[:120]:
        read.add(first)
    offers = suggest(session, actor=who, text=text, locale=current_locale(), limit=OFFERS)
    for slug in sorted(read - {offer.slug for offer in offers}):
        found = find_article(session, actor=who, slug=slug, locale=current_locale())
        if found is not None:
            offers.append(
                Offer(
                    found.article.id,
                    slug,
                    found.version.title,
                    found.version.summary,
                    f"/help/{slug}",
                    found.locale,
                )
            )
    return Answers(offers, read)


@blueprint.get("/new")
@allow.customer
def new() -> str:
    """Without ?kind= the kinds to choose from, with it the form. ?order= ?line= ?product= ?owned= fill it in."""
    who = actor()
    code = request.args.get("kind", "")
    with reading() as session:
        ids = prefill.read_ids(session, who, request.args)
        about = prefill.find(session, who, ids)
        if code not in KIND:
            return render(
                "requests/kinds.html", kinds=list(KIND.values()), words=words, about=about, kind_url=_kind_url,
                picture=_picture(about), name=_name(about),
            )  # fmt: skip
        form = form_of(KIND[code])
        form.subject.data = request.args.get("subject", "")[:LONGEST_SUBJECT]
        form.key.data = uuid4().hex
        _know(form, KIND[code], about)
        return _page(
            session,
            who,
            form,
            about=about,
            uploads=Uploads(),
            known=_answers(session, who, form.subject.data),
        )


def _kind_url(code: str) -> str:
    return page_url(kind=code)


def _know(form: Form, kind: Kind, about: About) -> None:
    """Fills in what we know: the serial number, the order's number, how many."""
    names = {asked.name for asked in kind.fields}
    if "document" in names and about.order is not None:
        form._fields["document"].data = about.order.number
    if "serial_number" in names and about.owned is not None:
        form._fields["serial_number"].data = about.owned.serial_number or ""
    if "quantity" in names and about.line is not None:
        form._fields["quantity"].data = str(about.line.quantity)


def _name(about: About) -> str:
    if about.line is not None:
        return prefill.name_of(about.line)
    if about.owned is not None:
        return prefill.name_of_unit(about.owned)
    return pick(about.product.names) if about.product is not None else ""


def _picture(about: About) -> dict[str, Any] | None:
    return picture_of(about.product) if about.product is not None else None


def _page(
    session: Session,
    who: Actor,
    form: Any,
    *,
    about: About,
    uploads: Uploads,
    known: Answers,
    is_asking: bool = False,
) -> str:
    return render(
        "requests/new.html",
        form=form,
        kind=form.kind,
        about=about,
        name=_name(about),
        picture=_picture(about),
        choices=prefill.choices(session, who) if about.is_empty else [],
        uploads=uploads,
        answers=known,
        is_asking=is_asking,
        words=words,
        accepted=ACCEPTED,
    )


@blueprint.post("/suggestions")
@allow.customer
def suggestions() -> str:
    """The part of the form with articles that may help, while somebody types."""
    text = f"{request.form.get('subject', '')[:200]} {request.form.get('text', '')[:400]}"
    with reading() as session:
        return render("requests/answers.html", answers=_answers(session, actor(), text))


@blueprint.post("/new")
@allow.customer
def create() -> Response | str | tuple[str, int]:
    """Sends the request. Without a script, articles that may help are shown once before it goes."""
    who = actor()
    kind = KIND.get(request.form.get("kind", ""))
    if kind is None:
        raise NotFound
    form, uploads = form_of(kind), take_uploads()
    is_valid = form.validate_on_submit() and not uploads.wrong
    tell(form, uploads)
    with reading() as session:
        ids = prefill.read_ids(session, who, request.form) or prefill.read_choice(form.about.data or "")
        about = prefill.find(session, who, ids)
        known = _answers(session, who, f"{form.subject.data or ''} {(form.text.data or '')[:400]}")
        named = {key: value for key, value in ids.items() if key in request.form}
        shown = about if named else About()
        if not is_valid:
            return _page(session, who, form, about=shown, uploads=uploads, known=known), 422
        if known.offers and not known.read and "offered" not in request.form:
            return _page(session, who, form, about=shown, uploads=uploads, known=known, is_asking=True)
    limits.hit(RULE, "request_open", str(who.user_id))
    try:
        with transaction() as session:
            case = open_request(
                session, actor=who, kind=kind.code, subject=form.subject.data or "", text=form.text.data or "",
                fields=form.answers(), order_id=ids.get("order"), line_id=ids.get("line"), product_id=ids.get("product"),
                owned_id=ids.get("owned"), files=uploads.kept, context=_context(known), key=_key(form),
            )  # fmt: skip
            reference = case.reference
    except Invalid as error:
        form.add_error(error)
        with reading() as session:
            return _page(session, who, form, about=shown, uploads=uploads, known=known), 422
    flash(_("Thank you, we have your request. Its number is %(reference)s.", reference=reference), "success")
    return redirect(url_for("requests.show", reference=reference), code=303)


def _key(form: Any) -> str:
    """The key of this intention: without one from our page, every sending is a request of its own."""
    given = str(form.key.data or "")
    return given if 16 <= len(given) <= 64 and given.isalnum() else uuid4().hex


def _context(known: Answers) -> list[tuple[str, str, str]]:
    """What was read, and what was offered and left: opaque to the service."""
    return [
        ("article" if offer.slug in known.read else "offered", str(offer.article_id), offer.title)
        for offer in known.offers
    ]


def as_id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None  # not chosen
