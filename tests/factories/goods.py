"""Categories and products with stock, made through the session that a test gives."""

from __future__ import annotations

import itertools
from decimal import Decimal

from sqlalchemy.orm import Session

from crm.catalogue.models import Category, Product, Stock

_count = itertools.count(1)


def make_category(session: Session, **values: object) -> Category:
    number = next(_count)
    defaults: dict[str, object] = {
        "slug": f"category-{number}",
        "names": {"en": f"Category {number}", "zh-Hant": f"分類 {number}", "zh-Hans": f"分类 {number}"},
    }
    category = Category(**{**defaults, **values})
    session.add(category)
    session.flush()
    return category


def make_product(
    session: Session,
    *,
    on_hand: int = 100,
    low_below: int = 5,
    category: Category | None = None,
    **values: object,
) -> Product:
    """A product at 12.50 EUR that can be bought; `price` may be text, `on_hand` None is made to order."""
    number = next(_count)
    defaults: dict[str, object] = {
        "sku": f"AH-{number:05}",
        "slug": f"product-{number}",
        "names": {"en": f"Filter {number}", "zh-Hant": f"濾心 {number}", "zh-Hans": f"滤芯 {number}"},
        "price": Decimal("12.50"),
        "currency": "EUR",
        "taglines": {"en": "Clean water, cup after cup"},
        "weight_g": 400,
    }
    given = {**defaults, **values}
    given["price"] = Decimal(str(given["price"]))
    product = Product(category_id=category.id if category else None, **given)
    if on_hand is not None:
        product.stock = Stock(on_hand=on_hand, low_below=low_below)
    session.add(product)
    session.flush()
    return product
