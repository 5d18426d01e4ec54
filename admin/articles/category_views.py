"""The shelves of the help pages, as editors arrange them."""

from __future__ import annotations

import uuid

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from admin.articles.forms import CategoryForm
from admin.articles.views import blueprint, told
from core.errors import Conflict, Invalid, NotFound
from core.i18n import LOCALES, _
from core.transaction import reading, transaction
from core.web.context import actor
from core.web.pages import render
from core.web.policy import allow
from knowledge_base.categories import delete_category, list_categories, save_category
from knowledge_base.models import ArticleCategory

SUFFIX = {"en": "en", "zh-Hant": "zh_hant", "zh-Hans": "zh_hans"}


def _texts(form: CategoryForm, name: str) -> dict[str, str]:
    found = {locale: (form[f"{name}_{SUFFIX[locale]}"].data or "").strip() for locale in LOCALES}
    return {locale: text for locale, text in found.items() if text}


@blueprint.get("/categories")
@allow.staff("articles.read")
def categories() -> str:
    with reading() as session:
        return render("admin_articles/categories.html", categories=list_categories(session))


@blueprint.get("/categories/new")
@allow.staff("articles.manage")
def new_category() -> str:
    form = CategoryForm()
    form.position.data = 200
    return render("admin_articles/category.html", form=form, category=None)


@blueprint.get("/categories/<uuid:category_id>")
@allow.staff("articles.manage")
def category(category_id: uuid.UUID) -> str:
    with reading() as session:
        found = session.get(ArticleCategory, category_id)
        if found is None:
            raise NotFound
        form = CategoryForm()
        for name, texts in (("name", found.names), ("summary", found.summaries)):
            for locale, suffix in SUFFIX.items():
                form[f"{name}_{suffix}"].data = texts.get(locale, "")
        form.position.data = found.position
        return render("admin_articles/category.html", form=form, category=found)


@blueprint.post("/categories/new")
@allow.staff("articles.manage")
def create_category() -> Response | tuple[str, int]:
    return _save(None)


@blueprint.post("/categories/<uuid:category_id>")
@allow.staff("articles.manage")
def change_category(category_id: uuid.UUID) -> Response | tuple[str, int]:
    return _save(category_id)


def _save(category_id: uuid.UUID | None) -> Response | tuple[str, int]:
    form = CategoryForm()
    if form.validate_on_submit():
        try:
            with transaction() as session:
                save_category(
                    session, actor=actor(), category_id=category_id, names=_texts(form, "name"),
                    summaries=_texts(form, "summary"), position=form.position.data,
                )  # fmt: skip
        except Invalid as error:
            form.add_error(error)
        else:
            flash(_("The category is saved."), "success")
            return redirect(url_for("admin_articles.categories"), code=303)
    with reading() as session:
        found = session.get(ArticleCategory, category_id) if category_id else None
        return render("admin_articles/category.html", form=form, category=found), 422


@blueprint.post("/categories/<uuid:category_id>/delete")
@allow.staff("articles.manage")
def remove_category(category_id: uuid.UUID) -> Response:
    try:
        with transaction() as session:
            delete_category(session, actor=actor(), category_id=category_id)
    except Conflict as error:
        told(error)
    else:
        flash(_("The category is gone."), "success")
    return redirect(url_for("admin_articles.categories"), code=303)
