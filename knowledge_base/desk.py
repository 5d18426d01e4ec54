"""The articles as editors see them: everything, with what is missing, waiting or doubted."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from core import clock
from core.errors import NotFound
from core.i18n import LOCALES
from core.search import fold
from knowledge_base.models import (
    AUDIENCES,
    Article,
    ArticleCategory,
    ArticleProduct,
    ArticleText,
    ArticleVersion,
)

PAGE = 25
STATES = ("published", "draft", "changed", "waiting", "review", "doubted")
FEWEST_ANSWERS = 5  # below this nothing is said about an article


@dataclass(frozen=True)
class DeskFilter:
    """`missing` is a language that is not published yet."""

    text: str = ""
    state: str = ""
    missing: str = ""
    category: str = ""
    audience: str = ""
    sort: str = ""
    page: int = 1


def doubted() -> ColumnElement[bool]:
    """Readers say more often no than yes."""
    return and_(
        Article.is_live.is_(True),
        Article.unhelpful_count > Article.helpful_count,
        Article.helpful_count + Article.unhelpful_count >= FEWEST_ANSWERS,
    )


def _has_text(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(ArticleText.article_id == Article.id, *conditions)


def _unpublished() -> ColumnElement[bool]:
    """A text whose latest version readers do not see, and that nobody has given a date."""
    return and_(
        or_(ArticleText.published_id.is_(None), ArticleText.published_id != ArticleText.latest_id),
        ArticleText.waiting_id.is_(None),
    )


def _states() -> dict[str, ColumnElement[bool]]:
    return {
        "published": Article.is_live.is_(True),
        "draft": Article.is_live.is_(False),
        "changed": and_(Article.is_live.is_(True), _has_text(_unpublished())),
        "waiting": _has_text(ArticleText.waiting_id.is_not(None)),
        "review": and_(Article.is_live.is_(True), Article.review_due_at < clock.now()),
        "doubted": doubted(),
    }


def list_for_desk(session: Session, wanted: DeskFilter) -> tuple[Sequence[Article], int, int]:
    """One page of articles, how many there are, and how many pages."""
    conditions: list[ColumnElement[bool]] = []
    for word in fold(wanted.text[:200]).split()[:8]:
        in_draft = exists().where(
            ArticleText.article_id == Article.id,
            ArticleVersion.id == ArticleText.latest_id,
            func.lower(ArticleVersion.title).contains(word, autoescape=True),
        )
        conditions.append(
            or_(
                Article.search_text.contains(word, autoescape=True),
                Article.slug.contains(word, autoescape=True),
                in_draft,
            )
        )
    if wanted.state in STATES:
        conditions.append(_states()[wanted.state])
    if wanted.missing in LOCALES:
        conditions.append(
            ~_has_text(ArticleText.locale == wanted.missing, ArticleText.published_id.is_not(None))
        )
    if wanted.category:
        conditions.append(
            Article.category_id.in_(select(ArticleCategory.id).where(ArticleCategory.slug == wanted.category))
        )
    if wanted.audience in AUDIENCES:
        conditions.append(Article.audience == wanted.audience)
    total = session.scalar(select(func.count()).select_from(Article).where(*conditions)) or 0
    columns: dict[str, Any] = {
        "changed": Article.updated_at,
        "helpful": Article.helpful_count - Article.unhelpful_count,
        "review": func.coalesce(Article.review_due_at, clock.now()),
        "slug": Article.slug,
    }
    key = columns.get(wanted.sort.removeprefix("-"), Article.updated_at)
    is_descending = wanted.sort.startswith("-") or wanted.sort.removeprefix("-") not in columns
    found = session.scalars(
        select(Article)
        .where(*conditions)
        .order_by(key.desc() if is_descending else key.asc(), Article.id)
        .offset((wanted.page - 1) * PAGE)
        .limit(PAGE)
        .options(
            joinedload(Article.category),
            selectinload(Article.texts).joinedload(ArticleText.latest).defer(ArticleVersion.body),
        )
    )
    return found.all(), total, max(1, -(-total // PAGE))


def get_for_desk(session: Session, article_id: uuid.UUID) -> Article:
    """The whole article. Raises NotFound."""
    article = session.scalar(
        select(Article)
        .where(Article.id == article_id)
        .options(
            joinedload(Article.category),
            selectinload(Article.texts).options(
                joinedload(ArticleText.latest),
                joinedload(ArticleText.published),
                joinedload(ArticleText.waiting),
            ),
            selectinload(Article.products).options(
                joinedload(ArticleProduct.product), joinedload(ArticleProduct.category)
            ),
        )
    )
    if article is None:
        raise NotFound
    return article


def list_versions(
    session: Session, article_id: uuid.UUID, locale: str, limit: int = 30
) -> Sequence[ArticleVersion]:
    """The latest first."""
    return session.scalars(
        select(ArticleVersion)
        .where(ArticleVersion.article_id == article_id, ArticleVersion.locale == locale)
        .order_by(ArticleVersion.number.desc())
        .limit(limit)
    ).all()


def get_version(session: Session, article_id: uuid.UUID, locale: str, number: int) -> ArticleVersion:
    """Raises NotFound."""
    found = session.scalar(
        select(ArticleVersion).where(
            ArticleVersion.article_id == article_id,
            ArticleVersion.locale == locale,
            ArticleVersion.number == number,
        )
    )
    if found is None:
        raise NotFound
    return found


def count_by_state(session: Session) -> dict[str, int]:
    """How many articles are in each state; an article may be in several."""
    return {
        name: session.scalar(select(func.count()).select_from(Article).where(condition)) or 0
        for name, condition in _states().items()
    }


def list_in_state(session: Session, state: str, limit: int = 5) -> Sequence[Article]:
    """The latest changed articles of a state, for the editors' home page."""
    return list_for_desk(session, DeskFilter(state=state))[0][:limit]
