"""Changing the catalogue: products, prices, stock and categories; every change is in the audit log."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.search import touch
from crm.catalogue.models import Category, Product, Stock

HIGHEST_PRICE = Decimal(1_000_000)


@dataclass(frozen=True)
class ProductValues:
    """What staff enter. `texts` by field (names, taglines, descriptions), each a map of locale -> text."""

    sku: str
    texts: Mapping[str, Mapping[str, str]]
    price: Decimal
    category_id: uuid.UUID | None = None
    tax_rate: int = 1900
    weight_g: int = 0
    warranty_months: int = 0
    consumable_days: int | None = None
    is_serialised: bool = False
    is_active: bool = True
    is_sellable: bool = True
    specs: Sequence[Mapping[str, Any]] = field(default_factory=tuple)


def slugify(text: str) -> str:
    """'Café Crema 1 kg' -> 'cafe-crema-1-kg'."""
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", folded.lower()).strip("-")[:100]


def save_product(
    session: Session,
    *,
    actor: Actor,
    product_id: uuid.UUID | None,
    values: ProductValues,
    version: int | None = None,
) -> Product:
    """Creates or changes a product. `version`: the revision that was shown, so that two people do not overwrite
    each other. Raises Invalid, Conflict or NotFound."""
    _may_manage(actor)
    _check(values)
    product = _locked(session, product_id) if product_id else None
    if product is not None and version is not None and product.revision != version:
        raise Conflict
    taken = select(Product.id).where(Product.sku == values.sku)
    if (other := session.scalar(taken)) is not None and other != product_id:
        raise Invalid("catalogue.sku_taken", field="sku")
    before = _told(product) if product else None
    if product is None:
        product = Product(
            sku=values.sku,
            slug=_free_slug(session, values),
            currency=_currency(session),
            stock=Stock(on_hand=0),
        )
        session.add(product)
    product.sku = values.sku
    product.names = dict(values.texts["names"])
    product.taglines = dict(values.texts.get("taglines", {}))
    product.descriptions = dict(values.texts.get("descriptions", {}))
    product.price = values.price
    product.category_id = values.category_id
    product.tax_rate = values.tax_rate
    product.weight_g = values.weight_g
    product.warranty_months = values.warranty_months
    product.consumable_days = values.consumable_days
    product.is_serialised = values.is_serialised
    product.is_active = values.is_active
    product.is_sellable = values.is_sellable
    session.flush()
    after = _told(product)
    if before != after:
        changed = {key for key in after if before is None or before.get(key) != after[key]}
        audit.record(
            session, actor, "product.changed" if before else "product.created", "product", product.id,
            before={key: before[key] for key in changed} if before else None,
            after={key: after[key] for key in changed},
        )  # fmt: skip
    return product


def set_stock(
    session: Session, *, actor: Actor, product_id: uuid.UUID, change: int, low_below: int | None = None
) -> Stock:
    """Adds `change` units (negative takes away). Never below zero: raises Invalid."""
    _may_manage(actor)
    product = session.get(Product, product_id)
    if product is None:
        raise NotFound
    stock = session.get(Stock, product_id, with_for_update=True)
    if stock is None:
        stock = Stock(product_id=product_id, on_hand=0)
        session.add(stock)
        session.flush()
    before = {"on_hand": stock.on_hand, "low_below": stock.low_below}
    if stock.on_hand + change < 0 or stock.on_hand + change > 1_000_000:
        raise Invalid("catalogue.stock_negative", field="change", on_hand=stock.on_hand)
    stock.on_hand += change
    if low_below is not None:
        stock.low_below = low_below
    session.flush()
    after = {"on_hand": stock.on_hand, "low_below": stock.low_below}
    if before != after:
        audit.record(session, actor, "stock.changed", "product", product_id, before=before, after=after)
        if (before["on_hand"] > 0) != (stock.on_hand > 0):
            touch(session, "product", [product_id])
    return stock


def save_category(
    session: Session, *, actor: Actor, category_id: uuid.UUID | None, names: Mapping[str, str],
    descriptions: Mapping[str, str], position: int,
) -> Category:  # fmt: skip
    _may_manage(actor)
    if not names.get("en", "").strip():
        raise Invalid("catalogue.name_needed", field="name_en")
    category = session.get(Category, category_id) if category_id else None
    if category_id and category is None:
        raise NotFound
    before = {"names": category.names, "position": category.position} if category else None
    if category is None:
        slug = slugify(names["en"]) or "category"
        while session.scalar(select(Category.id).where(Category.slug == slug)) is not None:
            slug += "-2"
        category = Category(slug=slug)
        session.add(category)
    category.names, category.descriptions, category.position = dict(names), dict(descriptions), position
    session.flush()
    used = session.scalars(select(Product.id).where(Product.category_id == category.id)).all()
    if before is not None and before["names"] != category.names:
        touch(session, "product", list(used))
    audit.record(
        session, actor, "category.saved", "category", category.id,
        before=before, after={"names": category.names, "position": position},
    )  # fmt: skip
    return category


def delete_category(session: Session, *, actor: Actor, category_id: uuid.UUID) -> None:
    """Only an empty category can go. Raises Conflict otherwise."""
    _may_manage(actor)
    category = session.get(Category, category_id)
    if category is None:
        raise NotFound
    count = (
        session.scalar(select(func.count()).select_from(Product).where(Product.category_id == category_id))
        or 0
    )
    if count:
        raise Conflict("catalogue.category_used", count=count)
    audit.record(
        session, actor, "category.deleted", "category", category_id, before={"names": category.names}
    )
    session.delete(category)


def _may_manage(actor: Actor) -> None:
    if not actor.can("catalogue.manage"):
        raise Forbidden


def _locked(session: Session, product_id: uuid.UUID) -> Product:
    product = session.get(Product, product_id, with_for_update=True)
    if product is None:
        raise NotFound
    return product


def _check(values: ProductValues) -> None:
    if not values.texts.get("names", {}).get("en", "").strip():
        raise Invalid("catalogue.name_needed", field="name_en")
    price = values.price
    if not price.is_finite() or not 0 <= price <= HIGHEST_PRICE or price != price.quantize(Decimal("0.01")):
        raise Invalid("catalogue.price", field="price")


def _free_slug(session: Session, values: ProductValues) -> str:
    wanted = slugify(values.texts["names"]["en"]) or slugify(values.sku) or "product"
    if session.scalar(select(Product.id).where(Product.slug == wanted)) is None:
        return wanted
    return f"{wanted[:80]}-{slugify(values.sku)[:30]}"[:120]


def _currency(session: Session) -> str:
    """The currency that most of the catalogue is priced in."""
    used = session.execute(
        select(Product.currency, func.count())
        .group_by(Product.currency)
        .order_by(func.count().desc())
        .limit(1)
    ).first()
    return used[0] if used else "EUR"


def _told(product: Product) -> dict[str, Any]:
    return {
        "sku": product.sku,
        "names": product.names,
        "taglines": product.taglines,
        "descriptions": product.descriptions,
        "price": str(product.price),
        "category_id": str(product.category_id) if product.category_id else None,
        "tax_rate": product.tax_rate,
        "weight_g": product.weight_g,
        "warranty_months": product.warranty_months,
        "consumable_days": product.consumable_days,
        "is_serialised": product.is_serialised,
        "is_active": product.is_active,
        "is_sellable": product.is_sellable,
    }
