"""Taking back, calling off, and going back to what stood there before."""

from __future__ import annotations

import difflib
import uuid
from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from admin.articles.views import blueprint, told
from core.errors import Conflict, Invalid, NotFound
from core.i18n import LOCALES, NAMES, _
from core.transaction import reading, transaction
from core.web.context import actor
from core.web.pages import render
from core.web.policy import allow
from knowledge_base.desk import get_for_desk, get_version
from knowledge_base.markdown import render as render_markdown
from knowledge_base.models import ArticleVersion
from knowledge_base.services import call_off, restore, unpublish


def _change(article_id: uuid.UUID, locale: str, change: Callable[[Session], Any], done: str) -> Response:
    try:
        with transaction() as session:
            change(session)
    except (Conflict, Invalid) as error:
        told(error)
    else:
        flash(done, "success")
    return redirect(url_for("admin_articles.article", article_id=article_id, lang=locale), code=303)


def _locale() -> str:
    locale = request.form.get("locale", "")
    if locale not in LOCALES:
        raise NotFound
    return locale


def _number(name: str) -> int:
    text = request.form.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise Invalid("article.version")
    return int(text)


@blueprint.post("/<uuid:article_id>/unpublish")
@allow.staff("articles.manage")
def take_back(article_id: uuid.UUID) -> Response:
    locale = _locale()
    return _change(
        article_id, locale,
        lambda session: unpublish(session, actor=actor(), article_id=article_id, locale=locale),
        _("Readers do not see this language any more. All versions are kept."),
    )  # fmt: skip


@blueprint.post("/<uuid:article_id>/call-off")
@allow.staff("articles.manage")
def call_off_publication(article_id: uuid.UUID) -> Response:
    locale = _locale()
    return _change(
        article_id, locale,
        lambda session: call_off(session, actor=actor(), article_id=article_id, locale=locale),
        _("The planned publication is called off."),
    )  # fmt: skip


@blueprint.post("/<uuid:article_id>/restore")
@allow.staff("articles.manage")
def restore_version(article_id: uuid.UUID) -> Response:
    locale = _locale()
    try:
        number, base = _number("number"), _number("base")
    except Invalid as error:
        told(error)
        return redirect(url_for("admin_articles.article", article_id=article_id, lang=locale), code=303)
    return _change(
        article_id, locale,
        lambda session: restore(
            session, actor=actor(), article_id=article_id, locale=locale, number=number, base=base
        ),
        _("Version %(number)s is the latest draft again. Publish it when it is right.", number=number),
    )  # fmt: skip


@blueprint.get("/<uuid:article_id>/versions/<locale>/<int:number>")
@allow.staff("articles.read")
def version(article_id: uuid.UUID, locale: str, number: int) -> str:
    """One version as readers would see it, and how it differs from the latest (the latest from the one before)."""
    if locale not in LOCALES or number > 1_000_000:
        raise NotFound
    with reading() as session:
        article = get_for_desk(session, article_id)
        found = get_version(session, article_id, locale, number)
        text = next(text for text in article.texts if text.locale == locale)
        other = text.latest
        if found.id == other.id and found.number > 1:
            other = get_version(session, article_id, locale, found.number - 1)
        older, newer = sorted([found, other], key=lambda each: each.number)
        return render(
            "admin_articles/version.html",
            article=article,
            version=found,
            text=text,
            lang=locale,
            names=NAMES,
            older=older,
            newer=newer,
            lines=_differences(older, newer) if older.id != newer.id else [],
            rendered=render_markdown(found.body).html,
        )


def _lines(version: ArticleVersion) -> list[str]:
    return [version.title, version.summary, ", ".join(map(str, version.tags)), "", *version.body.splitlines()]


def _differences(older: ArticleVersion, newer: ArticleVersion) -> list[tuple[str, str]]:
    """(sign, line): '-' only in the older, '+' only in the newer, ' ' in both near a change, '…' lines left out."""
    out: list[tuple[str, str]] = []
    for line in difflib.unified_diff(_lines(older), _lines(newer), lineterm="", n=2):
        if line.startswith(("---", "+++")) and not out:
            continue
        out.append(("…", "") if line.startswith("@@") else (line[:1], line[1:]))
    return out
