"""Reading articles as readers may: every query is cut to the actor's audiences, whoever answers it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from markupsafe import Markup, escape
from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from core.actor import Actor
from core.i18n.locales import picked_locale
from core.search import SearchQuery, search
from crm.catalogue.models import Category, Product
from knowledge_base.audience import articles_visible_to, audiences_of
from knowledge_base.models import Article, ArticleCategory, ArticleProduct, ArticleText, ArticleVersion
from knowledge_base.search import SUFFIX

PAGE = 10
KINDS_SHOWN = ("article", "faq")
MOST_TEXT = 200


@dataclass(frozen=True)
class Card:
    """An article in a list, in the language `locale`, which is another than the reader's where theirs is missing.
    `title` and `excerpt` may carry marks around the words that were looked for."""

    id: uuid.UUID
    slug: str
    kind: str
    locale: str
    title: Markup
    excerpt: Markup
    category_id: uuid.UUID

    @property
    def url(self) -> str:
        return f"/help/{self.slug}"


@dataclass(frozen=True)
class Reading:
    """One article as a reader sees it. `languages` are those it can be read in."""

    article: Article
    version: ArticleVersion
    locale: str
    published_at: datetime
    languages: Sequence[str]
    products: Sequence[Product]
    shop_categories: Sequence[Category]


@dataclass(frozen=True)
class Shelf:
    """A category with what is in it for this reader."""

    category: ArticleCategory
    count: int


@dataclass(frozen=True)
class Found:
    """One page of a search. `counts`: articles per category slug, without the category filter."""

    cards: Sequence[Card]
    total: int
    counts: Mapping[str, int] = field(default_factory=dict)
    suggestion: str | None = None
    is_degraded: bool = False


def find_article(session: Session, *, actor: Actor, slug: str, locale: str) -> Reading | None:
    """The article as the actor reads it in `locale`, else in the nearest language; None when it is not theirs to
    read, or nothing of it is published."""
    article = session.scalar(
        select(Article)
        .where(Article.slug == slug, articles_visible_to(actor))
        .options(
            joinedload(Article.category),
            selectinload(Article.texts).joinedload(ArticleText.published),
            selectinload(Article.products).options(
                joinedload(ArticleProduct.product), joinedload(ArticleProduct.category)
            ),
        )
    )
    if article is None:
        return None
    shown = {text.locale: text for text in article.texts if text.published is not None}
    chosen = picked_locale(dict.fromkeys(shown, "x"), locale)
    if chosen is None:
        return None
    text = shown[chosen]
    assert text.published is not None
    assert text.published_at is not None
    products = [
        row.product
        for row in article.products
        if row.product and row.product.is_active and row.product.is_sellable
    ]
    return Reading(
        article, text.published, chosen, text.published_at, sorted(shown), products,
        [row.category for row in article.products if row.category],
    )  # fmt: skip


def list_shelves(session: Session, *, actor: Actor) -> list[Shelf]:
    """The categories that hold something for this reader, with how much."""
    rows = session.execute(
        select(ArticleCategory, func.count(Article.id))
        .join(Article, Article.category_id == ArticleCategory.id)
        .where(articles_visible_to(actor))
        .group_by(ArticleCategory.id)
        .order_by(ArticleCategory.position, ArticleCategory.slug)
    )
    return [Shelf(category, int(count)) for category, count in rows]


def list_most_helpful(session: Session, *, actor: Actor, locale: str, limit: int = 6) -> list[Card]:
    """What helped most readers. One added doubtful answer keeps an article with a single yes behind the proven."""
    answers = Article.helpful_count + Article.unhelpful_count
    share = (Article.helpful_count * 1000) / (answers + 8)
    return _list(
        session,
        actor,
        locale,
        where=[Article.kind == "article"],
        order=[share.desc(), Article.slug],
        limit=limit,
    )


def list_questions(session: Session, *, actor: Actor, locale: str, limit: int = 8) -> list[Card]:
    """Frequently asked questions, those that helped most first."""
    order = [(Article.helpful_count - Article.unhelpful_count).desc(), Article.slug]
    return _list(session, actor, locale, where=[Article.kind == "faq"], order=order, limit=limit)


def list_related(
    session: Session, *, actor: Actor, article: Article, locale: str, limit: int = 5
) -> list[Card]:
    """The editor's choice first, then others of the category, of what this reader may see."""
    chosen = [str(slug) for slug in article.related]
    place = (
        case({slug: at for at, slug in enumerate(chosen)}, value=Article.slug, else_=99)
        if chosen
        else Article.slug
    )
    near = or_(Article.slug.in_(chosen), Article.category_id == article.category_id)
    order = [place, (Article.helpful_count - Article.unhelpful_count).desc(), Article.slug]
    return _list(session, actor, locale, where=[near, Article.id != article.id], order=order, limit=limit)


def list_for_product(
    session: Session, *, actor: Actor, product: Product, locale: str, limit: int = 4
) -> list[Card]:
    """Articles about this product first, then about its category."""
    own = select(ArticleProduct.article_id).where(ArticleProduct.product_id == product.id)
    kind = select(ArticleProduct.article_id).where(
        ArticleProduct.category_id == product.category_id, ArticleProduct.category_id.is_not(None)
    )
    order = [
        case((Article.id.in_(own), 0), else_=1),
        (Article.helpful_count - Article.unhelpful_count).desc(),
        Article.slug,
    ]
    return _list(
        session,
        actor,
        locale,
        where=[or_(Article.id.in_(own), Article.id.in_(kind))],
        order=order,
        limit=limit,
    )


def browse(
    session: Session, *, actor: Actor, locale: str, text: str = "", category: str = "", kind: str = "", page: int = 1,
    limit: int = PAGE, is_typing: bool = False, with_counts: bool = True, forgives: bool = True,
) -> Found:  # fmt: skip
    """Articles with these words, from the engine or, while it is away, from the database; without words all of
    them, what helped most first. The rows are read with the actor's scope again, as the index may be some seconds behind."""
    if not text.strip():
        return _listed(session, actor, locale, category=category, kind=kind, page=page, limit=limit)
    filters = {name: value for name, value in (("category", category), ("kind", kind)) if value}
    answer = search(
        session,
        SearchQuery(
            kind="article",
            text=text[:MOST_TEXT],
            filters=filters,
            audience=audiences_of(actor),
            limit=limit,
            offset=(page - 1) * limit,
            facets=["category"] if with_counts else [],
            locale=locale,
            prefix=is_typing,
            highlight_fields=_marked_fields(locale),
            forgives=forgives,
        ),
    )
    cards = list_cards(session, actor=actor, ids=[hit.id for hit in answer.hits], locale=locale)
    marks = {hit.id: hit.highlights for hit in answer.hits}
    return Found(
        [_marked(card, marks[card.id]) for card in cards],
        # Where all is on one page the rows have the last word, not an index that may be some seconds behind.
        len(cards) if answer.total <= limit and page == 1 else answer.total,
        {str(value): count for value, count in answer.facets.get("category", [])},
        answer.suggestion,
        answer.degraded,
    )


def _listed(
    session: Session, actor: Actor, locale: str, *, category: str, kind: str, page: int, limit: int
) -> Found:
    by_kind = [Article.kind == kind] if kind else []
    shelf = [ArticleCategory.slug == category] if category else []
    found = (
        select(Article.id)
        .join(Article.category)
        .where(articles_visible_to(actor), *by_kind, *shelf)
        .order_by((Article.helpful_count - Article.unhelpful_count).desc(), Article.slug)
    )
    counts = {
        slug: int(count)
        for slug, count in session.execute(
            select(ArticleCategory.slug, func.count(Article.id))
            .join(Article.category)
            .where(articles_visible_to(actor), *by_kind)
            .group_by(ArticleCategory.slug)
        )
    }
    total = counts.get(category, 0) if category else sum(counts.values())
    ids = session.scalars(found.limit(limit).offset((page - 1) * limit)).all()
    return Found(list_cards(session, actor=actor, ids=ids, locale=locale), total, counts)


def list_cards(session: Session, *, actor: Actor, ids: Sequence[uuid.UUID], locale: str) -> list[Card]:
    """In the order of `ids`, without those that the actor may not read."""
    if not ids:
        return []
    rows = {card.id: card for card in _cards(session, actor, locale, [Article.id.in_(ids)])}
    return [rows[key] for key in ids if key in rows]


def count_articles(session: Session, *, actor: Actor) -> int:
    return session.scalar(select(func.count()).select_from(Article).where(articles_visible_to(actor))) or 0


def _list(
    session: Session, actor: Actor, locale: str, *, where: Iterable[ColumnElement[bool]],
    order: Sequence[Any], limit: int,
) -> list[Card]:  # fmt: skip
    ids = session.scalars(
        select(Article.id).where(articles_visible_to(actor), *where).order_by(*order).limit(limit)
    ).all()
    return list_cards(session, actor=actor, ids=ids, locale=locale)


def _cards(
    session: Session, actor: Actor, locale: str, where: Iterable[ColumnElement[bool]]
) -> Iterable[Card]:
    rows = session.execute(
        select(
            Article.id, Article.slug, Article.kind, Article.category_id, ArticleText.locale,
            ArticleVersion.title, ArticleVersion.summary,
        )
        .join(ArticleText, ArticleText.article_id == Article.id)
        .join(ArticleVersion, and_(ArticleVersion.id == ArticleText.published_id))
        .where(articles_visible_to(actor), *where)
    )  # fmt: skip
    by_article: dict[uuid.UUID, dict[str, tuple[str, str, str, uuid.UUID, str]]] = {}
    for row_id, slug, kind, category_id, language, title, summary in rows:
        by_article.setdefault(row_id, {})[language] = (slug, kind, title, category_id, summary)
    for row_id, texts in by_article.items():
        chosen = picked_locale(dict.fromkeys(texts, "x"), locale)
        if chosen is not None:
            slug, kind, title, category_id, summary = texts[chosen]
            yield Card(row_id, slug, kind, chosen, escape(title), escape(summary), category_id)


def _marked_fields(locale: str) -> list[str]:
    """What a list of results shows of an article: all of the reader's language, the titles of the others."""
    own = SUFFIX.get(locale, "en")
    return [
        *(f"{part}_{own}" for part in ("summary", "body")),
        *(f"title_{suffix}" for suffix in SUFFIX.values()),
    ]


def _marked(card: Card, marks: Mapping[str, Markup]) -> Card:
    suffix = SUFFIX[card.locale]
    title = marks.get(f"title_{suffix}", card.title)
    excerpt = marks.get(f"summary_{suffix}") or marks.get(f"body_{suffix}") or card.excerpt
    return Card(card.id, card.slug, card.kind, card.locale, title, excerpt, card.category_id)
