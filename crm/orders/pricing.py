"""What goods cost together: always reckoned from the catalogue, the same way for cart, review and order."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import Conflict, Invalid
from core.i18n import pick
from core.money import Money
from crm.catalogue.models import Product
from crm.orders.delivery import Method, find_price, promised_on

LARGEST_QUANTITY = 999
MOST_LINES = 100
DELIVERY_TAX = 1900


@dataclass(frozen=True)
class QuotedLine:
    product: Product
    quantity: int
    unit_price: Money
    amount: Money
    tax: Money


@dataclass(frozen=True)
class Quote:
    """Amounts include tax; `tax_total` is the part of `total` that is tax."""

    lines: tuple[QuotedLine, ...]
    currency: str
    weight_g: int
    items_total: Money
    delivery_total: Money
    tax_total: Money
    total: Money
    promised_on: date


def contained_tax(amount: Money, rate: int) -> Money:
    """The tax inside a price; `rate` in 1/100 of a percent: 1900 is 19 %."""
    return Money(amount.amount * rate / (10_000 + rate), amount.currency).rounded()


def unit_price(product: Product) -> Money:
    return product.money


def check_quantity(quantity: object) -> int:
    """The quantity, if it is a whole number from 1 to 999. Raises Invalid."""
    if type(quantity) is not int or not 1 <= quantity <= LARGEST_QUANTITY:
        raise Invalid("cart.quantity", field="quantity", limit=LARGEST_QUANTITY)
    return quantity


def load_sellable(session: Session, wanted: Mapping[uuid.UUID, int]) -> list[tuple[Product, int]]:
    """The products with their quantities, in the given order. Raises Invalid or Conflict."""
    if not wanted:
        raise Invalid("orders.empty", field="lines")
    if len(wanted) > MOST_LINES:
        raise Invalid("cart.too_many_lines", field="lines", limit=MOST_LINES)
    # Read afresh: the price must be the one in force inside this transaction.
    products = {
        product.id: product
        for product in session.scalars(
            select(Product).where(Product.id.in_(list(wanted))).execution_options(populate_existing=True)
        )
    }
    found: list[tuple[Product, int]] = []
    for product_id, quantity in wanted.items():
        product = products.get(product_id)
        if product is None:
            raise Invalid("orders.unknown_product", field="lines")
        if not (product.is_active and product.is_sellable):
            raise Conflict("orders.not_sold", field="lines", product=pick(product.names) or product.sku)
        found.append((product, check_quantity(quantity)))
    return found


def quote(goods: list[tuple[Product, int]], method: Method) -> Quote:
    """The order's amounts. Raises Conflict when currencies mix, Invalid when the method carries less."""
    currencies = {product.currency for product, _ in goods}
    if len(currencies) != 1:
        raise Conflict("orders.mixed_currencies", field="lines")
    currency = currencies.pop()
    zero = Money(Decimal(0), currency)
    lines: list[QuotedLine] = []
    items, tax, weight = zero, zero, 0
    for product, quantity in goods:
        price = unit_price(product)
        amount = (price * quantity).rounded()
        line = QuotedLine(product, quantity, price, amount, contained_tax(amount, product.tax_rate))
        lines.append(line)
        items, tax, weight = items + amount, tax + line.tax, weight + product.weight_g * quantity
    delivery = find_price(method, weight, items.amount)
    if delivery is None:
        raise Invalid("orders.too_heavy", field="delivery_method")
    carriage = Money(delivery, currency)
    return Quote(
        lines=tuple(lines),
        currency=currency,
        weight_g=weight,
        items_total=items,
        delivery_total=carriage,
        tax_total=tax + contained_tax(carriage, DELIVERY_TAX),
        total=items + carriage,
        promised_on=promised_on(method),
    )
