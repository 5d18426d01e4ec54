"""The titles of articles that somebody read."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.actor import Actor
from core.i18n import pick
from core.titles import Title, as_ids
from knowledge_base.audience import articles_visible_to
from knowledge_base.models import Article, ArticleText, ArticleVersion


def articles(session: Session, values: set[str], who: Actor) -> dict[str, Title]:
    """As the reader reads them. Staff learn the title also of what was taken back since."""
    is_staff = who.kind == "staff"
    shown = func.coalesce(ArticleText.published_id, ArticleText.latest_id)
    query = (
        select(Article.id, Article.slug, ArticleText.locale, ArticleVersion.title)
        .join(ArticleText, ArticleText.article_id == Article.id)
        .join(ArticleVersion, ArticleVersion.id == (shown if is_staff else ArticleText.published_id))
        .where(Article.id.in_(as_ids(values)))
    )
    rows: Any = session.execute(query if is_staff else query.where(articles_visible_to(who)))
    titles: dict[uuid.UUID, dict[str, str]] = {}
    slugs: dict[uuid.UUID, str] = {}
    for row in rows:
        slugs[row.id] = row.slug
        titles.setdefault(row.id, {})[row.locale] = row.title
    return {str(key): Title(pick(texts), f"/help/{slugs[key]}") for key, texts in titles.items()}
