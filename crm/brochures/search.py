"""The search document of a material: its titles and summaries, and the products and categories it is about."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, selectinload

from core.search import Document, FieldSpec, IndexSpec, SearchQuery, SearchResult, like_fallback, register
from crm.catalogue.models import Category, Product
from crm.partners.models import Material, MaterialPartner, MaterialVersion

NEVER = datetime(9000, 1, 1, tzinfo=UTC)
FIELDS = (
    FieldSpec("title", "text", boost=4, locale="en", suggest=True),
    FieldSpec("title_zh", "text", boost=4, locale="zh", suggest=True),
    FieldSpec("about", "text", boost=2, locale="en"),
    FieldSpec("about_zh", "text", boost=2, locale="zh"),
    FieldSpec("sku", "code", boost=3),
    FieldSpec("summary", "text", locale="en"),
    FieldSpec("summary_zh", "text", locale="zh"),
    FieldSpec("audience", "keywords"),
    FieldSpec("published_at", "date"),
    FieldSpec("expires_at", "date"),
)
# Whether it is out at the moment of a search is asked by its dates; what has no published version is not there.
_OUT = and_(
    Material.published_at.is_not(None),
    Material.versions.any(MaterialVersion.published_at.is_not(None)),
)


def reader(account_id: uuid.UUID | None) -> list[str]:
    """The audiences of a partner account."""
    return ["all", f"partner:{account_id}"]


def _english(texts: Iterable[Mapping[str, str]]) -> str | None:
    return "\n".join(one["en"] for one in texts if one.get("en")) or None


def _chinese(texts: Iterable[Mapping[str, str]]) -> str | None:
    return (
        "\n".join(text for one in texts for locale, text in one.items() if locale.startswith("zh") and text)
        or None
    )


def build(session: Session, ids: Sequence[uuid.UUID]) -> Iterable[Document]:
    found = session.scalars(
        select(Material)
        .where(Material.id.in_(ids), _OUT)
        .options(selectinload(Material.links), selectinload(Material.chosen))
    ).all()
    names, skus = _names(session, found)
    for material in found:
        about = [
            names[key] for link in material.links if (key := link.product_id or link.category_id) in names
        ]
        yield Document(
            id=material.id,
            revision=material.revision,
            fields={
                "title": _english([material.titles]),
                "title_zh": _chinese([material.titles]),
                "about": _english(about),
                "about_zh": _chinese(about),
                "sku": [skus[link.product_id] for link in material.links if link.product_id in skus] or None,
                "summary": _english([material.summaries]),
                "summary_zh": _chinese([material.summaries]),
                "audience": ["all"]
                if material.audience == "all"
                else [f"partner:{one.account_id}" for one in material.chosen] or ["nobody"],
                "published_at": material.published_at,
                "expires_at": material.expires_at or NEVER,
            },
        )


def _names(session: Session, materials: Sequence[Material]) -> tuple[dict[Any, Any], dict[Any, str]]:
    links = [link for material in materials for link in material.links]
    products = session.execute(
        select(Product.id, Product.names, Product.sku).where(
            Product.id.in_([one.product_id for one in links])
        )
    ).all()
    categories = session.execute(
        select(Category.id, Category.names).where(Category.id.in_([one.category_id for one in links]))
    ).all()
    names = {row.id: row.names for row in products} | {row.id: row.names for row in categories}
    return names, {row.id: row.sku for row in products}


def ids(session: Session, after: uuid.UUID | None, limit: int) -> Sequence[tuple[uuid.UUID, int]]:
    query = select(Material.id, Material.revision).where(_OUT).order_by(Material.id).limit(limit)
    if after is not None:
        query = query.where(Material.id > after)
    return [(row_id, revision) for row_id, revision in session.execute(query)]


def _audience(allowed: Sequence[str]) -> ColumnElement[bool]:
    accounts = [uuid.UUID(one.removeprefix("partner:")) for one in allowed if one.startswith("partner:")]
    chosen = Material.chosen.any(MaterialPartner.account_id.in_(accounts))
    return or_(Material.audience == "all", chosen) if "all" in allowed else chosen


def fallback(session: Session, query: SearchQuery) -> SearchResult:
    return like_fallback(
        session,
        query,
        id=Material.id,
        text=Material.search_text,
        base=_OUT,
        filters={"published_at": Material.published_at, "expires_at": _expires},
        audience=_audience,
    )


def _expires(wanted: Any) -> ColumnElement[bool]:
    return or_(Material.expires_at.is_(None), Material.expires_at > wanted.gt)


register(IndexSpec(kind="material", fields=FIELDS, build=build, ids=ids, fallback=fallback))
