"""What people bought, as the data that models learn from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.catalogue.models import Product
from crm.orders.models import Order, OrderLine
from recommender.interactions import Interactions

ROWS_AT_A_TIME = 20_000


@dataclass(frozen=True)
class Purchase:
    """One order line: an account (as text), a product (as text), and when, in Unix seconds."""

    account: str
    product: str
    at: float


def list_purchases(session: Session) -> Iterator[Purchase]:
    """Lines of orders that stand: of known customers, of products still in the catalogue, not cancelled."""
    query = (
        select(Order.account_id, OrderLine.product_id, Order.placed_at)
        .join(Order, Order.id == OrderLine.order_id)
        .join(Product, Product.id == OrderLine.product_id)
        .where(
            Order.account_id.is_not(None),
            Order.state.not_in(("cancelled", "awaiting_payment")),
            OrderLine.kind == "product",
            OrderLine.quantity > OrderLine.cancelled_quantity,
            Product.is_active,
            Product.is_sellable,
        )
        .execution_options(yield_per=ROWS_AT_A_TIME)
    )
    for account_id, product_id, placed_at in session.execute(query):
        yield Purchase(str(account_id), str(product_id), placed_at.timestamp())


def gather(session: Session) -> Interactions | None:
    """The purchases as training data; None when there are none yet."""
    users: list[str] = []
    items: list[str] = []
    times: list[float] = []
    for purchase in list_purchases(session):
        users.append(purchase.account)
        items.append(purchase.product)
        times.append(purchase.at)
    return Interactions.of(users, items, None, times) if users else None
