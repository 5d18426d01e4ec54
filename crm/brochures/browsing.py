"""Finding material: by words with their typing mistakes, by kind, language and product."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from core import clock
from core.actor import Actor
from core.search import Range, SearchQuery, search
from crm.brochures.search import reader
from crm.catalogue.models import Category, Product
from crm.partners.models import Material, MaterialLink, MaterialVersion
from crm.partners.queries import list_by_ids, materials_visible_to

PAGE = 24


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for; empty means any. `about` is the slug of a category or a product."""

    text: str = ""
    kind: str = ""
    language: str = ""
    about: str = ""
    page: int = 1
    locale: str = "en"

    @property
    def is_empty(self) -> bool:
        return not (self.text.strip() or self.kind or self.language or self.about)


@dataclass(frozen=True)
class Found:
    """One page of material."""

    materials: Sequence[Material]
    total: int
    suggestion: str | None = None
    is_degraded: bool = False
    pages: int = field(default=1)


@dataclass(frozen=True)
class Subject:
    """A category or a product that some material is about."""

    slug: str
    names: dict[str, str]
    is_category: bool


def browse(session: Session, actor: Actor, wanted: Wanted) -> Found:
    """What exists for the actor and fits, newest first, or best first when words are given."""
    conditions = [materials_visible_to(actor), *_conditions(session, wanted)]
    newest = (
        select(func.max(MaterialVersion.published_at))
        .where(MaterialVersion.material_id == Material.id)
        .scalar_subquery()
    )
    ids = list(session.scalars(select(Material.id).where(*conditions).order_by(newest.desc(), Material.id)))
    suggestion, is_degraded = None, False
    if wanted.text.strip():
        moment = clock.now()
        result = search(
            session,
            SearchQuery(
                kind="material",
                text=wanted.text[:200],
                audience=reader(actor.account_id),
                filters={"published_at": Range(lte=moment), "expires_at": Range(gt=moment)},
                limit=100,
                locale=wanted.locale,
                only_ids=True,
            ),
        )
        fitting = set(ids)
        ids = [hit.id for hit in result.hits if hit.id in fitting]
        suggestion, is_degraded = result.suggestion if ids else None, result.degraded
    at = (wanted.page - 1) * PAGE
    return Found(
        list_by_ids(session, ids[at : at + PAGE]),
        len(ids),
        suggestion,
        is_degraded,
        max(1, -(-len(ids) // PAGE)),
    )


def list_subjects(session: Session, actor: Actor) -> list[Subject]:
    """What the material that exists for the actor is about: categories first, then products by name."""
    linked = select(MaterialLink).join(Material).where(materials_visible_to(actor)).subquery()
    categories = session.execute(
        select(Category.slug, Category.names)
        .where(Category.id.in_(select(linked.c.category_id)))
        .order_by(Category.position, Category.slug)
    )
    products = session.execute(
        select(Product.slug, Product.names)
        .where(Product.id.in_(select(linked.c.product_id)), Product.is_active)
        .order_by(Product.sku)
    )
    return [Subject(slug, names, True) for slug, names in categories] + [
        Subject(slug, names, False) for slug, names in products
    ]


def list_about_product(
    session: Session, actor: Actor, product_id: uuid.UUID, limit: int = 4
) -> list[Material]:
    """Material that names a product, for its page."""
    ids = session.scalars(
        select(Material.id)
        .join(MaterialLink)
        .where(MaterialLink.product_id == product_id, materials_visible_to(actor))
        .order_by(Material.published_at.desc())
        .limit(limit)
    ).all()
    return list_by_ids(session, ids)


def _conditions(session: Session, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.kind:
        conditions.append(Material.kind == wanted.kind)
    if wanted.language:
        conditions.append(
            Material.versions.any(
                and_(
                    MaterialVersion.language == wanted.language,
                    MaterialVersion.published_at <= clock.now(),
                )
            )
        )
    if wanted.about:
        conditions.append(_is_about(session, wanted.about))
    return conditions


def _is_about(session: Session, slug: str) -> ColumnElement[bool]:
    """A category: what names it or one of its products. A product: what names it; where only its category is named
    (a price list), that counts too."""
    category_id = session.scalar(select(Category.id).where(Category.slug == slug))
    if category_id is not None:
        of_category = select(Product.id).where(Product.category_id == category_id)
        either = or_(MaterialLink.category_id == category_id, MaterialLink.product_id.in_(of_category))
        return Material.links.any(either)
    product = session.execute(select(Product.id, Product.category_id).where(Product.slug == slug)).first()
    product_id, its_category = (product.id, product.category_id) if product is not None else (None, None)
    names_it = Material.links.any(MaterialLink.product_id == product_id)
    names_products = Material.links.any(MaterialLink.product_id.is_not(None))
    names_category = Material.links.any(MaterialLink.category_id == its_category)
    return or_(names_it, names_category & ~names_products)
