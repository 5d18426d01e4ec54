"""The demo's catalogue in the database: categories, products, stock, and what fits what."""

from __future__ import annotations

import random
import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.demo.catalogue import DemoCatalogue, DemoProduct
from core import clock
from core.search import fold
from crm.catalogue.models import Category, Product, ProductLink, Stock

SOURCE = "demo"
SEED = 20_240_611
_NAMES = uuid.UUID("6f1d3c52-51c2-4b9e-9a0c-0b8a4f3f7a10")
NEW_PRODUCTS = 12  # successors that came lately, so that "newest" has something to show


def product_id(sku: str) -> uuid.UUID:
    """The same in every demo, so that a second load finds the first."""
    return uuid.uuid5(_NAMES, f"product:{sku}")


def launch_days(catalogue: DemoCatalogue) -> dict[str, int]:
    """How many days ago each product came into the catalogue."""
    dice = random.Random(SEED)
    successors = [product.sku for product in catalogue.products if product.predecessors]
    fresh = set(dice.sample(successors, min(NEW_PRODUCTS, len(successors))))
    return {
        product.sku: dice.randint(20, 160) if product.sku in fresh else dice.randint(760, 1400)
        for product in catalogue.products
    }


def ensure_goods(session: Session, catalogue: DemoCatalogue) -> int:
    """Writes the products that are not there yet; returns how many."""
    known = set(session.scalars(select(Product.sku)))
    missing = [product for product in catalogue.products if product.sku not in known]
    if not missing:
        return 0
    categories = _ensure_categories(session, catalogue)
    slugs = set(session.scalars(select(Product.slug)))
    dice = random.Random(SEED + 1)
    days, now = launch_days(catalogue), clock.now()
    rows = [
        _product(product, categories, slugs, now - timedelta(days=days[product.sku])) for product in missing
    ]
    session.execute(insert(Product), rows)
    stock = [
        {
            "product_id": product_id(product.sku),
            "on_hand": dice.randint(*product.stock_range),
            "low_below": 10,
        }
        for product in missing
        if product.stock_class != "to_order"
    ]
    session.execute(insert(Stock), stock)
    _link(session, catalogue)
    return len(rows)


def _ensure_categories(session: Session, catalogue: DemoCatalogue) -> dict[str, uuid.UUID]:
    found = dict(session.execute(select(Category.slug, Category.id)).all())
    rows: list[dict[str, Any]] = [
        {
            "id": uuid.uuid5(_NAMES, f"category:{category.slug}"),
            "slug": category.slug,
            "names": dict(category.names),
            "descriptions": dict(category.descriptions),
            "position": category.position,
        }
        for category in catalogue.categories
        if category.slug not in found
    ]
    if rows:
        session.execute(insert(Category), rows)
    return found | {row["slug"]: row["id"] for row in rows}


def _slug(product: DemoProduct, taken: set[str]) -> str:
    words = "".join(
        char if char.isascii() and char.isalnum() else " " for char in product.names["en"].lower()
    )
    slug = "-".join(words.split())
    if slug in taken:
        slug = f"{slug}-{product.sku.lower()}"
    taken.add(slug)
    return slug


def _product(
    product: DemoProduct, categories: dict[str, uuid.UUID], slugs: set[str], created_at: datetime
) -> dict[str, Any]:
    texts = [product.sku, *product.names.values(), *product.taglines.values()]
    return {
        "id": product_id(product.sku),
        "sku": product.sku,
        "slug": _slug(product, slugs),
        "category_id": categories[product.category],
        "names": dict(product.names),
        "taglines": dict(product.taglines),
        "descriptions": dict(product.descriptions),
        "specs": [{"label": dict(row.label), "value": dict(row.value)} for row in product.specs],
        "family": product.family,
        "picture": dict(product.picture),
        "price": product.price,
        "currency": "EUR",
        "tax_rate": product.tax_rate,
        "weight_g": product.weight_g,
        "warranty_months": product.warranty_months,
        "consumable_days": product.consumable_days,
        "is_serialised": product.is_serialised,
        "source": SOURCE,
        "search_text": fold(" \n ".join(texts)),
        "created_at": created_at,
        "updated_at": created_at,
    }


def _link(session: Session, catalogue: DemoCatalogue) -> None:
    wanted: set[tuple[str, str, str]] = set()
    for product in catalogue.products:
        wanted |= {(product.sku, machine, "fits") for machine in product.fits}
        wanted |= {(product.sku, other, "goes_with") for other in product.goes_with}
        if product.successor:
            wanted.add((product.successor, product.sku, "succeeds"))
    ids = dict(session.execute(select(Product.sku, Product.id)).all())
    there = set(session.execute(select(ProductLink.product_id, ProductLink.other_id, ProductLink.kind)))
    rows = [
        {"product_id": ids[sku], "other_id": ids[other], "kind": kind}
        for sku, other, kind in sorted(wanted)
        if (ids[sku], ids[other], kind) not in there
    ]
    if rows:
        session.execute(insert(ProductLink), rows)
