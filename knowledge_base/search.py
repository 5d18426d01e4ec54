"""The search document of an article: one for all its languages, so that totals count articles, and a text found in
one script is shown in the reader's own."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, selectinload

from core.search import Document, FieldSpec, IndexSpec, SearchQuery, SearchResult, like_fallback, register
from knowledge_base.markdown import plain_text
from knowledge_base.models import Article, ArticleCategory, ArticleText

SUFFIX = {"en": "en", "zh-Hant": "hant", "zh-Hans": "hans"}
_BOOSTS = {"title": 4.0, "tags": 2.0, "summary": 2.0, "body": 1.0}

FIELDS = (
    *(
        FieldSpec(
            f"{part}_{suffix}",
            "text",
            boost=boost,
            locale="en" if locale == "en" else "zh",
            suggest=part == "title",
        )
        for part, boost in _BOOSTS.items()
        for locale, suffix in SUFFIX.items()
    ),
    FieldSpec("category", "keyword"),
    FieldSpec("kind", "keyword"),
    FieldSpec("audience", "keyword"),
    FieldSpec("published_at", "date"),
)


def build(session: Session, ids: Sequence[uuid.UUID]) -> Iterable[Document]:
    query = (
        select(Article)
        .where(Article.id.in_(ids), Article.is_live)
        .join(Article.category)
        .options(
            contains_eager(Article.category), selectinload(Article.texts).joinedload(ArticleText.published)
        )
        .execution_options(populate_existing=True)
    )
    for article in session.scalars(query):
        fields: dict[str, object] = {
            "category": article.category.slug,
            "kind": article.kind,
            "audience": article.audience,
            "published_at": max(text.published_at for text in article.texts if text.published_at),
        }
        for text in article.texts:
            if (shown := text.published) is not None:
                suffix = SUFFIX[text.locale]
                fields[f"title_{suffix}"] = shown.title
                fields[f"summary_{suffix}"] = shown.summary or None
                fields[f"tags_{suffix}"] = list(shown.tags)
                fields[f"body_{suffix}"] = plain_text(shown.body)
        yield Document(id=article.id, revision=article.revision, fields=fields)


def ids(session: Session, after: uuid.UUID | None, limit: int) -> Sequence[tuple[uuid.UUID, int]]:
    query = select(Article.id, Article.revision).where(Article.is_live).order_by(Article.id).limit(limit)
    if after is not None:
        query = query.where(Article.id > after)
    return [(row_id, revision) for row_id, revision in session.execute(query)]


def fallback(session: Session, query: SearchQuery) -> SearchResult:
    shelf = select(ArticleCategory.slug).where(ArticleCategory.id == Article.category_id).scalar_subquery()
    return like_fallback(
        session,
        query,
        id=Article.id,
        text=Article.search_text,
        base=Article.is_live.is_(True),
        filters={"category": shelf, "kind": Article.kind},
        audience=Article.audience.in_,
        facets={"category": shelf, "kind": Article.kind},
    )


def synonyms(_session: Session) -> Sequence[Sequence[str]]:
    """Words that people use for the same thing; both regions' Chinese is known to the ground already."""
    return [
        ["descale", "decalcify", "limescale"],
        ["refund", "money back"],
        ["return", "send back"],
        ["invoice", "bill", "receipt"],
        ["parcel", "package", "shipment"],
        ["warranty", "guarantee"],
        ["broken", "defective", "damaged"],
        ["leak", "drip"],
        ["除垢", "除水垢", "去水垢"],
        ["保固", "保修", "質保"],
        ["退款", "退錢"],
        ["包裹", "快遞"],
    ]


register(IndexSpec(kind="article", fields=FIELDS, build=build, ids=ids, fallback=fallback, synonyms=synonyms))
