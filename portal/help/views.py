"""The help pages. Everything is cut to what the reader may see, by the queries of the knowledge base."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, request, url_for
from flask import session as browser_session
from werkzeug.wrappers import Response

from core import limits
from core.errors import Invalid, NotFound
from core.i18n import _, current_locale, pick
from core.transaction import reading, transaction
from core.web.context import actor, address
from core.web.pages import render
from core.web.policy import allow
from crm.catalogue.pictures.addresses import picture_of
from knowledge_base.feedback import find_feedback, give_feedback
from knowledge_base.markdown import render as render_markdown
from knowledge_base.queries import (
    KINDS_SHOWN,
    MOST_TEXT,
    PAGE,
    Reading,
    browse,
    find_article,
    list_most_helpful,
    list_questions,
    list_related,
    list_shelves,
)
from portal.help import words
from portal.help.forms import FeedbackForm

blueprint = Blueprint("help", __name__, template_folder="templates", url_prefix="/help")
FEEDBACK_RULE = "30 per 10 minutes"
_READER = "help_reader"
MOST_PAGES = 100


def ask_url(**about: Any) -> str:
    """Where to file a request, with what is known already."""
    known = {key: str(value) for key, value in about.items() if value}
    return f"/requests/new?{urlencode({'kind': 'question', **known})}"


@blueprint.get("")
@allow.public
def home() -> str:
    """Search, the shelves, and what helped others."""
    who, locale = actor(), current_locale()
    with reading() as session:
        return render(
            "help/home.html",
            shelves=list_shelves(session, actor=who),
            helpful=list_most_helpful(session, actor=who, locale=locale),
            questions=list_questions(session, actor=who, locale=locale),
            words=words,
            ask_url=ask_url(),
        )


def _page() -> int:
    text = request.args.get("page", "1")
    return min(max(int(text), 1), MOST_PAGES) if text.isascii() and text.isdigit() and len(text) < 4 else 1


@blueprint.get("/search")
@allow.public
def search() -> str:
    """Articles with the words, in a category or all of them."""
    who, locale = actor(), current_locale()
    text = request.args.get("q", "").strip()[:MOST_TEXT]
    kind = request.args.get("kind", "")
    page = _page()
    with reading() as session:
        shelves = list_shelves(session, actor=who)
        wanted = request.args.get("category", "")
        shelf = next((shelf for shelf in shelves if shelf.category.slug == wanted), None)
        found = browse(
            session, actor=who, locale=locale, text=text, category=wanted[:80], page=page,
            kind=kind if kind in KINDS_SHOWN else "",
        )  # fmt: skip
        names = {shelf.category.id: shelf.category.names for shelf in shelves}
        return render(
            "help/search.html",
            text=text,
            kind=kind if kind in KINDS_SHOWN else "",
            wanted=wanted,
            shelf=shelf,
            shelves=shelves,
            found=found,
            names=names,
            topics=[(shelf.category.slug, pick(shelf.category.names)) for shelf in shelves],
            page=page,
            pages=max(1, -(-found.total // PAGE)),
            words=words,
            ask_url=ask_url(subject=text[:120]),
        )


@blueprint.get("/suggestions")
@allow.public
def suggestions() -> str:
    """A part of the home page: the first articles for the words typed so far."""
    text = request.args.get("q", "").strip()[:MOST_TEXT]
    who = actor()
    with reading() as session:
        found = (
            browse(session, actor=who, locale=current_locale(), text=text, limit=6, is_typing=True)
            if len(text) > 1 or not text.isascii()
            else None
        )
        return render("help/suggestions.html", text=text, found=found, ask_url=ask_url(subject=text[:120]))


def _article(slug: str) -> Reading:
    with reading() as session:
        found = find_article(
            session,
            actor=actor(),
            slug=slug[:120],
            locale=request.args.get("lang", "")[:10] or current_locale(),
        )
    if found is None:
        raise NotFound
    return found


def _show(found: Reading, form: FeedbackForm | None = None) -> str:
    who, article = actor(), found.article
    with reading() as session:
        answer = find_feedback(
            session, actor=who, browser=browser_session.get(_READER), article_id=article.id
        )
        if form is None:
            form = FeedbackForm(formdata=None)
            if answer is not None:
                form.reason.data, form.comment.data = answer.reason, answer.comment
        is_helpful = form.helpful.data == "yes" if form.helpful.data else bool(answer and answer.is_helpful)
        form.offer(is_helpful=is_helpful)
        return render(
            "help/article.html",
            found=found,
            article=article,
            version=found.version,
            rendered=render_markdown(found.version.body),
            products=[(product, picture_of(product)) for product in found.products],
            related=list_related(session, actor=who, article=article, locale=current_locale()),
            answer=answer,
            is_helpful=is_helpful,
            form=form,
            words=words,
            ask_url=ask_url(
                article=article.slug, product=found.products[0].id if len(found.products) == 1 else None
            ),
        )


@blueprint.get("/<slug>")
@allow.public
def article(slug: str) -> str:
    return _show(_article(slug))


@blueprint.post("/<slug>/feedback")
@allow.public
def feedback(slug: str) -> Response | tuple[str, int]:
    """Whether it helped; sent again with a reason, or with the other answer, it replaces what was said before."""
    limits.hit(FEEDBACK_RULE, "help_feedback", str(actor().user_id or address()))
    form = FeedbackForm()
    form.offer(is_helpful=form.helpful.data == "yes")
    if not form.validate_on_submit():
        return _show(_article(slug), form), 422
    browser = browser_session.get(_READER)
    if browser is None and not actor().is_signed_in:
        browser = browser_session[_READER] = secrets.token_urlsafe(18)
    found = _article(slug)
    try:
        with transaction() as session:
            give_feedback(
                session, actor=actor(), browser=browser, slug=slug, locale=found.locale,
                is_helpful=form.helpful.data == "yes", reason=form.reason.data or "", comment=form.comment.data or "",
            )  # fmt: skip
    except Invalid as error:
        form.add_error(error)
        return _show(found, form), 422
    if form.told.data:
        flash(_("Thank you. Editors read every answer."), "success")
    return redirect(
        url_for("help.article", slug=slug, lang=request.args.get("lang") or None, _anchor="feedback"),
        code=303,
    )
