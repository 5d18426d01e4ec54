"""The search document of a product."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from core.search import Document, FieldSpec, IndexSpec, SearchQuery, SearchResult, like_fallback, register
from crm.catalogue.models import Category, Product, Stock
from crm.catalogue.queries import AVAILABLE, FOR_SALE

FIELDS = (
    FieldSpec("sku", "code", boost=10),
    FieldSpec("name", "text", boost=4, locale="en", suggest=True),
    FieldSpec("name_zh", "text", boost=4, locale="zh", suggest=True),
    FieldSpec("category_name", "text", boost=1.5, locale="en"),
    FieldSpec("category_name_zh", "text", boost=1.5, locale="zh"),
    FieldSpec("tagline", "text", boost=1.5, locale="en"),
    FieldSpec("tagline_zh", "text", boost=1.5, locale="zh"),
    FieldSpec("body", "text", locale="en"),
    FieldSpec("body_zh", "text", locale="zh"),
    FieldSpec("category", "keyword"),
    FieldSpec("price", "number"),
    FieldSpec("in_stock", "bool"),
    FieldSpec("created_at", "date"),
)


def _chinese(texts: dict[str, str] | None) -> str:
    """Both scripts: they fold together, but words differ between the regions."""
    return "\n".join(text for locale, text in (texts or {}).items() if locale.startswith("zh") and text)


def build(session: Session, ids: Sequence[uuid.UUID]) -> Iterable[Document]:
    query = (
        select(Product)
        .where(Product.id.in_(ids), FOR_SALE)
        .options(joinedload(Product.stock), joinedload(Product.category))
    )
    for product in session.scalars(query):
        category = product.category
        yield Document(
            id=product.id,
            revision=product.revision,
            fields={
                "sku": product.sku,
                "name": product.names.get("en"),
                "name_zh": _chinese(product.names) or None,
                "category_name": category.names.get("en") if category else None,
                "category_name_zh": (_chinese(category.names) or None) if category else None,
                "tagline": product.taglines.get("en"),
                "tagline_zh": _chinese(product.taglines) or None,
                "body": product.descriptions.get("en"),
                "body_zh": _chinese(product.descriptions) or None,
                "category": category.slug if category else None,
                "price": product.price,
                "in_stock": product.stock_state != "out",
                "created_at": product.created_at,
            },
        )


def ids(session: Session, after: uuid.UUID | None, limit: int) -> Sequence[tuple[uuid.UUID, int]]:
    query = select(Product.id, Product.revision).where(FOR_SALE).order_by(Product.id).limit(limit)
    if after is not None:
        query = query.where(Product.id > after)
    return list(session.execute(query))


def fallback(session: Session, query: SearchQuery) -> SearchResult:
    slugs = select(Category.slug).where(Category.id == Product.category_id).scalar_subquery()
    available = select(Product.id).outerjoin(Stock).where(AVAILABLE)
    return like_fallback(
        session,
        query,
        id=Product.id,
        text=Product.search_text,
        first=[Product.sku],
        base=FOR_SALE,
        filters={
            "category": slugs,
            "price": Product.price,
            "in_stock": lambda wanted: (
                Product.id.in_(available) if wanted in (True, [True]) else Product.id.not_in(available)
            ),
        },
        sort={"price": Product.price, "created_at": Product.created_at},
        facets={"category": slugs},
    )


register(IndexSpec(kind="product", fields=FIELDS, build=build, ids=ids, fallback=fallback))
