"""The catalogue as staff see it: everything, with what is hidden or runs out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload

from core.search import fold
from crm.catalogue.models import Category, Product, Stock

PAGE = 50
STATES = ("active", "hidden", "low", "out")


@dataclass(frozen=True)
class StaffFilter:
    text: str = ""
    state: str = ""
    category: str = ""
    sort: str = ""
    page: int = 1


def list_products_for_staff(
    session: Session, wanted: StaffFilter, locale: str
) -> tuple[Sequence[Product], int, int]:
    """One page of products, how many there are, and how many pages."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.text.strip():
        for word in fold(wanted.text).split():
            conditions.append(
                or_(Product.search_text.contains(word, autoescape=True), Product.sku == wanted.text.strip())
            )
    if wanted.category:
        conditions.append(
            Product.category_id.in_(select(Category.id).where(Category.slug == wanted.category))
        )
    states: dict[str, Any] = {
        "active": Product.is_active,
        "hidden": Product.is_active.is_(False),
        "low": (Stock.on_hand < Stock.low_below) & (Stock.on_hand > 0),
        "out": Stock.on_hand == 0,
    }
    if wanted.state in states:
        conditions.append(states[wanted.state])
    total = (
        session.scalar(select(func.count()).select_from(Product).outerjoin(Product.stock).where(*conditions))
        or 0
    )
    name = func.lower(func.coalesce(Product.names[locale].as_string(), Product.names["en"].as_string()))
    columns: dict[str, Any] = {
        "name": name, "price": Product.price, "stock": Stock.on_hand, "sku": Product.sku,
    }  # fmt: skip
    key = columns.get(wanted.sort.removeprefix("-"), Product.sku)
    order = key.desc() if wanted.sort.startswith("-") else key.asc()
    query = (
        select(Product)
        .outerjoin(Product.stock)
        .where(*conditions)
        .order_by(order, Product.id)
        .offset((wanted.page - 1) * PAGE)
        .limit(PAGE)
        .options(joinedload(Product.stock), joinedload(Product.category))
    )
    return session.scalars(query).unique().all(), total, max(1, -(-total // PAGE))


@dataclass(frozen=True)
class Shelf:
    """Products that are for sale, and those of them that run low or are sold out."""

    sold: int
    low: int
    out: int


def count_shelf(session: Session) -> Shelf:
    for_sale = (Product.is_active.is_(True), Product.is_sellable.is_(True))
    row = session.execute(
        select(
            func.count(),
            func.count().filter((Stock.on_hand < Stock.low_below) & (Stock.on_hand > 0)),
            func.count().filter(Stock.on_hand == 0),
        )
        .select_from(Product)
        .outerjoin(Product.stock)
        .where(*for_sale)
    ).one()
    return Shelf(*row)


def list_sold_out(session: Session, limit: int = 4) -> Sequence[Product]:
    """What people ask for most among what is sold out."""
    return session.scalars(
        select(Product)
        .join(Product.stock)
        .where(Product.is_active.is_(True), Product.is_sellable.is_(True), Stock.on_hand == 0)
        .order_by(Product.popularity.desc(), Product.id)
        .limit(limit)
    ).all()
