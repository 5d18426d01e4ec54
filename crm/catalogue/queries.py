"""Reading the catalogue: what is for sale, by category, filter, sort and page."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload, load_only

from core.errors import NotFound
from core.search import Range, SearchQuery, SearchResult, search
from crm.catalogue.listing import Listed, ListedCategory, Shape, count_by_category, list_page
from crm.catalogue.listing import list_by_ids as list_listed
from crm.catalogue.models import Category, Product, ProductLink, Stock

PAGE = 24
FOR_SALE = and_(Product.is_active, Product.is_sellable)
AVAILABLE = or_(Stock.product_id.is_(None), Stock.on_hand > 0)
SORTS = ("popular", "price", "-price", "newest", "name")
POPULAR = (Product.popularity.desc(), Product.id.desc())  # as the indexes lie, so that nothing is sorted
# What lists and cards show; texts and data sheets stay where they are unless somebody asks for them.
CARD = load_only(
    Product.id, Product.sku, Product.slug, Product.category_id, Product.names, Product.taglines, Product.family,
    Product.picture, Product.price, Product.currency, Product.is_active, Product.is_sellable, Product.revision,
)  # fmt: skip
# Asked for by id alone: with FOR_SALE, SQLite walks the whole index of what is for sale instead.
_BY_IDS = select(Product).options(CARD, joinedload(Product.stock))
_CATEGORIES = select(Category).order_by(Category.position, Category.slug)
_POPULAR_IDS = select(Product.id).outerjoin(Product.stock).where(FOR_SALE, AVAILABLE).order_by(*POPULAR)


@dataclass(frozen=True)
class Browse:
    """What a visitor asked for. Prices are in the catalogue's currency."""

    text: str = ""
    category: str = ""
    in_stock: bool = False
    price_from: Decimal | None = None
    price_to: Decimal | None = None
    sort: str = ""
    page: int = 1
    locale: str = "en"


@dataclass(frozen=True)
class Found:
    """One page of products; `counts` are products per category slug under the other filters."""

    products: Sequence[Listed]
    total: int
    counts: Mapping[str, int] = field(default_factory=dict)
    suggestion: str | None = None
    is_degraded: bool = False

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


def list_categories(session: Session) -> Sequence[Category]:
    return session.scalars(_CATEGORIES).all()


def get_category(session: Session, slug: str) -> Category:
    found = session.scalar(select(Category).where(Category.slug == slug))
    if found is None:
        raise NotFound
    return found


def get_product(session: Session, slug: str) -> Product:
    """An active product by the name in its address. Raises NotFound."""
    found = session.scalar(
        select(Product)
        .where(Product.slug == slug, Product.is_active)
        .options(joinedload(Product.category), joinedload(Product.stock))
    )
    if found is None:
        raise NotFound
    return found


def find_by_sku(session: Session, sku: str) -> Product | None:
    return session.scalar(select(Product).where(Product.sku == sku).options(joinedload(Product.stock)))


def list_by_ids(session: Session, ids: Sequence[uuid.UUID], *, for_sale: bool = True) -> list[Product]:
    """Products in the order of `ids`, as cards show them; those gone or no longer for sale are left out."""
    rows = {product.id: product for product in session.scalars(_BY_IDS.where(Product.id.in_(ids)))}
    found = [rows[key] for key in ids if key in rows]
    return [product for product in found if product.is_active and product.is_sellable] if for_sale else found


def list_popular(
    session: Session, limit: int = 8, *, category_id: uuid.UUID | None = None
) -> Sequence[Product]:
    """What sells most at the moment and can be had. Pages that only show cards take listing.list_popular."""
    query = select(Product).options(CARD, contains_eager(Product.stock)).outerjoin(Product.stock)
    query = query.where(FOR_SALE, AVAILABLE).order_by(*POPULAR).limit(limit)
    if category_id is not None:
        query = query.where(Product.category_id == category_id)
    return session.scalars(query).all()


def list_popular_ids(session: Session, limit: int) -> Sequence[uuid.UUID]:
    """What sells most at the moment and can be had, for those who pick from many and load a few."""
    return session.scalars(_POPULAR_IDS.limit(limit)).all()


def list_related(session: Session, product_id: uuid.UUID) -> dict[str, list[Product]]:
    """Products tied to this one: `fits` (machines that it fits), `parts` (what fits it), `goes_with`,
    `newer` (its successor)."""
    links = session.execute(
        select(ProductLink.product_id, ProductLink.other_id, ProductLink.kind).where(
            or_(ProductLink.product_id == product_id, ProductLink.other_id == product_id)
        )
    ).all()
    wanted = {link.other_id if link.product_id == product_id else link.product_id for link in links}
    rows = {
        product.id: product
        for product in session.scalars(_BY_IDS.where(Product.id.in_(wanted)).order_by(*POPULAR))
        if product.is_active and product.is_sellable
    }
    related: dict[str, list[Product]] = {"fits": [], "parts": [], "goes_with": [], "newer": []}
    for key, product in rows.items():
        kinds = {
            (link.kind, link.product_id == product_id)
            for link in links
            if key in (link.product_id, link.other_id)
        }
        if ("fits", True) in kinds:
            related["fits"].append(product)
        elif ("fits", False) in kinds:
            related["parts"].append(product)
        elif ("goes_with", True) in kinds or ("goes_with", False) in kinds:
            related["goes_with"].append(product)
        elif ("succeeds", False) in kinds:
            related["newer"].append(product)
    return related


def browse(session: Session, wanted: Browse, categories: Sequence[ListedCategory]) -> Found:
    """One page of the catalogue: from the search engine when there is a text, else from the database.

    `categories`: those of listing.list_categories.
    """
    return _searched(session, wanted) if wanted.text.strip() else _listed(session, wanted, categories)


def _listed(session: Session, wanted: Browse, categories: Sequence[ListedCategory]) -> Found:
    shape = Shape(
        by_category=bool(wanted.category),
        in_stock=wanted.in_stock,
        has_from=wanted.price_from is not None,
        has_to=wanted.price_to is not None,
        sort=wanted.sort,
        locale=wanted.locale if wanted.sort == "name" else "en",
    )
    bounds = {"price_from": wanted.price_from, "price_to": wanted.price_to}
    values: dict[str, Any] = {name: bound for name, bound in bounds.items() if bound is not None}
    by_id = count_by_category(session, shape, **values)
    counts = {category.slug: by_id.get(category.id, 0) for category in categories}
    total = sum(by_id.values())
    if wanted.category:
        chosen = next((category for category in categories if category.slug == wanted.category), None)
        if chosen is None:
            raise NotFound
        total = counts[chosen.slug]
        values["category_id"] = chosen.id
    page = list_page(session, shape, limit=PAGE, skip=(wanted.page - 1) * PAGE, **values)
    return Found(page, total, counts)


def _searched(session: Session, wanted: Browse) -> Found:
    filters: dict[str, object] = {}
    if wanted.category:
        filters["category"] = wanted.category
    if wanted.in_stock:
        filters["in_stock"] = True
    if wanted.price_from is not None or wanted.price_to is not None:
        filters["price"] = Range(gte=wanted.price_from, lte=wanted.price_to)
    sort = {"price": "price", "-price": "-price", "newest": "-created_at"}.get(wanted.sort)
    answer = search(
        session,
        SearchQuery(
            kind="product",
            text=wanted.text,
            filters=filters,
            sort=sort,
            limit=PAGE,
            offset=(wanted.page - 1) * PAGE,
            facets=["category"],
            locale=wanted.locale,
            only_ids=True,
        ),
    )
    return Found(
        list_listed(session, [hit.id for hit in answer.hits]),
        answer.total,
        {str(value): count for value, count in answer.facets.get("category", [])},
        answer.suggestion,
        answer.degraded,
    )


def suggest(session: Session, text: str, locale: str, limit: int = 6) -> list[Product]:
    """Products for the words typed so far."""
    answer: SearchResult = search(
        session,
        SearchQuery(kind="product", text=text, limit=limit, locale=locale, prefix=True, only_ids=True),
    )
    return list_by_ids(session, [hit.id for hit in answer.hits])
