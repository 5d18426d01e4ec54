"""Help articles, written and published as editors do it."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actor import Actor
from knowledge_base.models import Article, ArticleCategory
from knowledge_base.services import Words, create_article, publish, save_draft
from knowledge_base.settings import Settings

_count = itertools.count(1)
EDITOR = Actor(
    kind="staff",
    user_id=uuid.UUID(int=7),
    name="Content editor",
    permissions=frozenset({"articles.read", "articles.manage"}),
)
READERS = {
    "public": Actor(kind="anonymous"),
    "customers": Actor(kind="customer", user_id=uuid.UUID(int=8)),
    "partners": Actor(kind="partner", user_id=uuid.UUID(int=9)),
    "staff": Actor(kind="staff", user_id=uuid.UUID(int=10)),
}


def make_shelf(session: Session, slug: str = "cleaning", **values: object) -> ArticleCategory:
    """The category of that name, made when it is not there."""
    found = session.scalar(select(ArticleCategory).where(ArticleCategory.slug == slug))
    if found is None:
        names = {"en": slug.capitalize(), "zh-Hant": "清潔", "zh-Hans": "清洁"}
        found = ArticleCategory(**{"slug": slug, "names": names, "position": 10, **values})
        session.add(found)
        session.flush()
    return found


def make_article(
    session: Session,
    title: str = "Descale your machine",
    *,
    body: str = "Pour the descaler into the tank.",
    summary: str = "What you need and what to do.",
    tags: tuple[str, ...] = (),
    locale: str = "en",
    others: Mapping[str, tuple[str, str]] | None = None,
    is_published: bool = True,
    shelf: str = "cleaning",
    slug: str = "",
    **settings: object,
) -> Article:
    """An article in one language; `others`: locale -> (title, body) in more. `settings` as in Settings."""
    article = create_article(
        session,
        actor=EDITOR,
        settings=Settings(make_shelf(session, shelf).id, **settings),  # type: ignore[arg-type]
        locale=locale,
        words=Words(title, summary, body, tags),
        slug=slug or f"article-{next(_count)}",
    )
    for other, (its_title, its_body) in (others or {}).items():
        save_draft(
            session,
            actor=EDITOR,
            article_id=article.id,
            locale=other,
            words=Words(its_title, "", its_body),
            base=0,
        )
    if is_published:
        for each in (locale, *(others or {})):
            publish(session, actor=EDITOR, article_id=article.id, locale=each, base=1)
    session.flush()
    return article
