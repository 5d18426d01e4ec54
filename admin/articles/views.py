"""The list of articles, and the desk on which one is written, looked at and published."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from admin.articles import words
from admin.articles.forms import NewArticleForm, SettingsForm, TextForm, split
from core.errors import AppError, Conflict, Invalid
from core.i18n import LOCALES, NAMES, _, current_locale, explain, pick
from core.i18n.locales import current_timezone
from core.transaction import reading, transaction
from core.web.context import actor
from core.web.forms import choices
from core.web.pages import render
from core.web.policy import allow
from crm.catalogue.queries import list_categories as list_product_categories
from knowledge_base.categories import list_categories
from knowledge_base.desk import STATES, DeskFilter, get_for_desk, list_for_desk, list_versions
from knowledge_base.feedback import count_reasons, list_feedback
from knowledge_base.markdown import render as render_markdown
from knowledge_base.models import AUDIENCES, KINDS, Article, ArticleText
from knowledge_base.services import Settings, create_article, publish, save_draft, save_settings

blueprint = Blueprint("admin_articles", __name__, template_folder="templates", url_prefix="/staff/articles")


def _page() -> int:
    text = request.args.get("page", "1")
    return min(max(int(text), 1), 2000) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def _known(name: str, values: tuple[str, ...]) -> str:
    given = request.args.get(name, "")
    return given if given in values else ""


@blueprint.get("")
@allow.staff("articles.read")
def index() -> str:
    wanted = DeskFilter(
        text=request.args.get("q", "")[:200],
        state=_known("state", STATES),
        missing=_known("missing", LOCALES),
        category=request.args.get("category", "")[:80],
        audience=_known("audience", AUDIENCES),
        sort=request.args.get("sort", "")[:20],
        page=_page(),
    )
    with reading() as session:
        articles, total, pages = list_for_desk(session, wanted)
        return render(
            "admin_articles/index.html",
            wanted=wanted,
            articles=[(article, _titles(article), states_of(article)) for article in articles],
            total=total,
            pages=pages,
            categories=[(item.slug, pick(item.names)) for item in list_categories(session)],
            states=[(code, words.filter_name(code)) for code in STATES],
            audiences=[(code, words.audience(code)) for code in AUDIENCES],
            names=NAMES,
            words=words,
        )


def _titles(article: Article) -> dict[str, str]:
    return {text.locale: text.latest.title for text in article.texts}


def states_of(article: Article) -> dict[str, str]:
    """The state of each of our languages."""
    found = {text.locale: "waiting" if text.waiting_id else text.state for text in article.texts}
    return {locale: found.get(locale, "missing") for locale in LOCALES}


def _text_of(article: Article, locale: str) -> ArticleText | None:
    return next((text for text in article.texts if text.locale == locale), None)


def chosen_locale(article: Article) -> str:
    """The language asked for, else the reader's own where the article has it, else the first it has."""
    asked = request.values.get("lang", "") or request.values.get("locale", "")
    if asked in LOCALES:
        return asked
    held = [text.locale for text in article.texts]
    return (
        current_locale()
        if current_locale() in held
        else next((code for code in LOCALES if code in held), "en")
    )


def _offer(session: Any, form: SettingsForm | NewArticleForm) -> None:
    form.category_id.choices = choices((str(item.id), pick(item.names)) for item in list_categories(session))
    form.kind.choices = choices((code, words.kind(code)) for code in KINDS)
    form.audience.choices = choices((code, words.audience(code)) for code in AUDIENCES)
    if isinstance(form, SettingsForm):
        form.product_categories.choices = choices(
            (item.slug, pick(item.names)) for item in list_product_categories(session)
        )


def _text_form(article: Article, locale: str) -> TextForm:
    form = TextForm(formdata=None)
    text = _text_of(article, locale)
    form.locale.data, form.base.data = locale, text.latest.number if text else 0
    if text is not None:
        latest = text.latest
        form.title.data, form.summary.data, form.body.data = latest.title, latest.summary, latest.body
        form.tags.data = ", ".join(str(tag) for tag in latest.tags)
        if text.publish_at is not None:
            form.publish_at.data = text.publish_at.astimezone(current_timezone()).replace(tzinfo=None)
    return form


def _settings_form(article: Article) -> SettingsForm:
    form = SettingsForm(formdata=None)
    form.version.data = article.settings_version
    form.category_id.data, form.kind.data, form.audience.data = (
        str(article.category_id),
        article.kind,
        article.audience,
    )
    form.skus.data = ", ".join(row.product.sku for row in article.products if row.product)
    form.product_categories.data = [row.category.slug for row in article.products if row.category]
    form.related.data = ", ".join(str(slug) for slug in article.related)
    form.review_after_days.data = article.review_after_days
    return form


def show(
    article_id: uuid.UUID,
    *,
    locale: str = "",
    text_form: TextForm | None = None,
    settings_form: SettingsForm | None = None,
) -> str:
    """The desk with one article and one of its languages."""
    with reading() as session:
        article = get_for_desk(session, article_id)
        locale = locale or chosen_locale(article)
        form = text_form or _text_form(article, locale)
        settings = settings_form or _settings_form(article)
        _offer(session, settings)
        return render(
            "admin_articles/article.html",
            article=article,
            text=_text_of(article, locale),
            lang=locale,
            names=NAMES,
            states=states_of(article),
            form=form,
            settings_form=settings,
            preview=render_markdown(form.body.data or "").html,
            versions=list_versions(session, article.id, locale),
            answers=[answer for answer in list_feedback(session, article.id) if answer.comment],
            reasons=count_reasons(session, article.id),
            words=words,
        )


@blueprint.get("/new")
@allow.staff("articles.manage")
def new() -> str:
    form = NewArticleForm()
    form.locale.data = form.locale.data or current_locale()
    with reading() as session:
        _offer(session, form)
        return render("admin_articles/new.html", form=form, preview=render_markdown("").html)


@blueprint.post("/new")
@allow.staff("articles.manage")
def create() -> Response | tuple[str, int] | str:
    form = NewArticleForm()
    with reading() as session:
        _offer(session, form)
    preview = render_markdown((form.body.data or "")[:100_000]).html
    if request.form.get("action") == "preview":
        return render("admin_articles/new.html", form=form, preview=preview)
    if form.validate_on_submit():
        settings = Settings(
            uuid.UUID(form.category_id.data), kind=form.kind.data, audience=form.audience.data
        )
        try:
            with transaction() as session:
                made = create_article(
                    session, actor=actor(), settings=settings, locale=form.locale.data, words=form.words(),
                    slug=form.slug.data or "",
                )  # fmt: skip
                article_id = made.id
        except Invalid as error:
            form.add_error(error)
        else:
            flash(_("The draft is saved. Readers do not see it yet."), "success")
            return redirect(
                url_for("admin_articles.article", article_id=article_id, lang=form.locale.data), code=303
            )
    return render("admin_articles/new.html", form=form, preview=preview), 422


@blueprint.get("/<uuid:article_id>")
@allow.staff("articles.read")
def article(article_id: uuid.UUID) -> str:
    return show(article_id)


@blueprint.post("/preview")
@allow.staff("articles.manage")
def preview() -> str:
    """A part of the desk: the text that is being written, as readers will see it."""
    return render(
        "admin_articles/preview.html", preview=render_markdown(request.form.get("body", "")[:100_000]).html
    )


@blueprint.post("/<uuid:article_id>/text")
@allow.staff("articles.manage")
def save_text(article_id: uuid.UUID) -> Response | tuple[str, int] | str:
    """Saves a draft, publishes it at once or at a time, or only shows what it will look like."""
    form = TextForm()
    locale = form.locale.data if form.locale.data in LOCALES else "en"
    action = request.form.get("action", "save")
    if action == "preview":
        return show(article_id, locale=locale, text_form=form)
    if not form.validate_on_submit():
        return show(article_id, locale=locale, text_form=form), 422
    at = form.moment()
    try:
        with transaction() as session:
            version = save_draft(
                session,
                actor=actor(),
                article_id=article_id,
                locale=locale,
                words=form.words(),
                base=form.base.data or 0,
            )
            if action == "publish":
                publish(
                    session, actor=actor(), article_id=article_id, locale=locale, base=version.number, at=at
                )
    except (Invalid, Conflict) as error:
        return _refused(article_id, locale, form, error)
    if action != "publish":
        flash(_("The draft is saved. Readers do not see it yet."), "success")
    elif at is None:
        flash(_("Published. Readers see this version now."), "success")
    else:
        flash(_("Readers will see this version at the time you chose."), "success")
    return redirect(url_for("admin_articles.article", article_id=article_id, lang=locale), code=303)


def _refused(
    article_id: uuid.UUID, locale: str, form: TextForm, error: Invalid | Conflict
) -> tuple[str, int]:
    """What was typed stays. After a conflict the form builds on what the other editor saved: whoever saves again has
    been told."""
    form.add_error(error)
    if isinstance(error, Conflict):
        with reading() as session:
            text = _text_of(get_for_desk(session, article_id), locale)
            form.base.data = text.latest.number if text else 0
    return show(article_id, locale=locale, text_form=form), error.status


@blueprint.post("/<uuid:article_id>/settings")
@allow.staff("articles.manage")
def change_settings(article_id: uuid.UUID) -> Response | tuple[str, int]:
    form = SettingsForm()
    with reading() as session:
        _offer(session, form)
    if not form.validate_on_submit():
        return show(article_id, settings_form=form), 422
    settings = Settings(
        category_id=uuid.UUID(form.category_id.data),
        kind=form.kind.data,
        audience=form.audience.data,
        skus=split(form.skus.data),
        product_categories=form.product_categories.data or [],
        related=split(form.related.data),
        review_after_days=form.review_after_days.data,
    )
    try:
        with transaction() as session:
            save_settings(
                session,
                actor=actor(),
                article_id=article_id,
                settings=settings,
                version=form.version.data or 0,
            )
    except Invalid as error:
        form.add_error(error)
        return show(article_id, settings_form=form), 422
    except Conflict as error:
        form.add_error(error)
        with reading() as session:
            form.version.data = get_for_desk(session, article_id).settings_version
        return show(article_id, settings_form=form), 409
    flash(_("The settings are saved."), "success")
    return redirect(
        url_for("admin_articles.article", article_id=article_id, lang=request.args.get("lang") or None),
        code=303,
    )


def told(error: AppError) -> None:
    """A refusal that leads back to the desk."""
    flash(explain(error), "error")
