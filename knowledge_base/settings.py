"""What holds for an article in all its languages: where it stands, whom it is for, what it is about."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import Invalid
from crm.catalogue.models import Category, Product
from crm.catalogue.services import slugify
from knowledge_base.models import AUDIENCES, KINDS, Article, ArticleCategory, ArticleProduct

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_TAKEN = {"search", "suggestions"}  # addresses of the help pages themselves


@dataclass(frozen=True)
class Settings:
    """What holds for all languages. `skus` and `product_categories` (slugs) say what the article is about."""

    category_id: uuid.UUID
    kind: str = "article"
    audience: str = "public"
    skus: Sequence[str] = ()
    product_categories: Sequence[str] = ()
    related: Sequence[str] = ()
    review_after_days: int = 365


def free_slug(session: Session, wanted: str, title: str) -> str:
    """The address for a new article: as wanted, else made of the title. Raises Invalid."""
    if wanted:
        if not _SLUG.fullmatch(wanted) or len(wanted) > 120 or wanted in _TAKEN:
            raise Invalid("article.slug", field="slug")
        if session.scalar(select(Article.id).where(Article.slug == wanted)) is not None:
            raise Invalid("article.slug_taken", field="slug")
        return wanted
    base = slugify(title) or "article"
    taken = set(session.scalars(select(Article.slug).where(Article.slug.like(f"{base}%")))) | _TAKEN
    slug, number = base, 1
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug


def apply_settings(session: Session, article: Article, settings: Settings) -> None:
    """Writes the settings on the article. Raises Invalid."""
    if session.get(ArticleCategory, settings.category_id) is None:
        raise Invalid("article.category", field="category_id")
    if settings.kind not in KINDS:
        raise Invalid("article.choice", field="kind")
    if settings.audience not in AUDIENCES:
        raise Invalid("article.choice", field="audience")
    article.category_id, article.kind, article.audience = (
        settings.category_id,
        settings.kind,
        settings.audience,
    )
    article.review_after_days = settings.review_after_days
    wanted = list(dict.fromkeys(slug for slug in settings.related if slug != article.slug))[:8]
    known = set(session.scalars(select(Article.slug).where(Article.slug.in_(wanted))))
    for slug in wanted:
        if slug not in known:
            raise Invalid("article.related", field="related", slug=slug[:120])
    article.related = wanted
    _link_products(session, article, settings)


def _link_products(session: Session, article: Article, settings: Settings) -> None:
    skus = list(dict.fromkeys(settings.skus))[:40]
    rows = session.execute(select(Product.sku, Product.id).where(Product.sku.in_(skus)))
    found = {row.sku: row.id for row in rows}
    for sku in skus:
        if sku not in found:
            raise Invalid("article.product", field="skus", sku=sku[:60])
    slugs = list(dict.fromkeys(settings.product_categories))[:40]
    categories = list(session.scalars(select(Category.id).where(Category.slug.in_(slugs))))
    if len(categories) != len(slugs):
        raise Invalid("article.choice", field="product_categories")
    wanted = {("product", key) for key in found.values()} | {("category", key) for key in categories}
    kept = {
        ("product", row.product_id) if row.product_id else ("category", row.category_id): row
        for row in article.products
    }
    article.products = [
        kept.get((kind, key)) or ArticleProduct(**{f"{kind}_id": key}) for kind, key in sorted(wanted)
    ]


def told(article: Article) -> dict[str, Any]:
    """The settings as the audit log keeps them."""
    return {
        "category_id": str(article.category_id),
        "kind": article.kind,
        "audience": article.audience,
        "related": list(article.related),
        "review_after_days": article.review_after_days,
        "products": sorted(str(row.product_id or row.category_id) for row in article.products),
    }
