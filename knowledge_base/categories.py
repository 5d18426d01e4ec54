"""The shelves of the help pages."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor
from core.errors import Conflict, Invalid, NotFound
from crm.catalogue.services import slugify
from knowledge_base.models import Article, ArticleCategory
from knowledge_base.services import may_write


def list_categories(session: Session) -> Sequence[ArticleCategory]:
    """All of them, for staff; readers get those with something for them from queries.list_shelves."""
    return session.scalars(
        select(ArticleCategory).order_by(ArticleCategory.position, ArticleCategory.slug)
    ).all()


def save_category(
    session: Session, *, actor: Actor, category_id: uuid.UUID | None, names: Mapping[str, str],
    summaries: Mapping[str, str], position: int,
) -> ArticleCategory:  # fmt: skip
    may_write(actor)
    if not names.get("en", "").strip():
        raise Invalid("article.category_name", field="name_en")
    category = session.get(ArticleCategory, category_id) if category_id else None
    if category_id and category is None:
        raise NotFound
    before = {"names": category.names, "position": category.position} if category else None
    if category is None:
        slug = slugify(names["en"]) or "category"
        while session.scalar(select(ArticleCategory.id).where(ArticleCategory.slug == slug)) is not None:
            slug = f"{slug[:70]}-2"
        category = ArticleCategory(slug=slug)
        session.add(category)
    category.names, category.summaries, category.position = dict(names), dict(summaries), position
    session.flush()
    after = {"names": category.names, "position": position}
    audit.record(
        session, actor, "article_category.saved", "article_category", category.id, before=before, after=after
    )
    return category


def delete_category(session: Session, *, actor: Actor, category_id: uuid.UUID) -> None:
    """Only an empty category can go. Raises Conflict otherwise."""
    may_write(actor)
    category = session.get(ArticleCategory, category_id)
    if category is None:
        raise NotFound
    used = select(func.count()).select_from(Article).where(Article.category_id == category_id)
    if count := session.scalar(used) or 0:
        raise Conflict("article.category_used", count=count)
    audit.record(
        session,
        actor,
        "article_category.deleted",
        "article_category",
        category_id,
        before={"names": category.names},
    )
    session.delete(category)
