"""What people bought, put in carts and looked at, written out as the data that models learn from.

Rows go straight into tab-separated files, so that reading a large history takes no memory here.
"""

from __future__ import annotations

import gzip
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TextIO

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clickstream.queries import list_product_signals_for_training
from core import clock
from crm.catalogue.models import Product
from crm.customers.models import Contact
from crm.orders.models import Cart, CartLine, Order, OrderLine
from recommender.evidence import CART_WEIGHT, CLICK_WEIGHTS, as_product_id

ROWS_AT_A_TIME = 20_000
PAST = timedelta(days=45)  # an import whose newest order is older than that counts from its own end
CLICKS_TAUGHT = timedelta(days=180)
VISIT_GAP = 30 * 60  # seconds of silence that end a visit
HEADER = "user\titem\tweight\ttime\n"


@dataclass(frozen=True)
class SignalCounts:
    """How many signals of each kind were written."""

    orders: int = 0
    carts: int = 0
    clicks: int = 0
    visits: int = 0

    @property
    def total(self) -> int:
        return self.orders + self.carts + self.clicks

    def to_json(self) -> dict[str, int]:
        return asdict(self)


@dataclass(frozen=True)
class Purchase:
    """One order line: an account (as text), a product (as text), and when, in Unix seconds."""

    account: str
    product: str
    at: float
    source: str = "portal"


def list_purchases(session: Session) -> Iterator[Purchase]:
    """Lines of orders that stand: of known customers, of products still sold; nothing cancelled or returned."""
    query = (
        select(Order.account_id, OrderLine.product_id, Order.placed_at, Order.source)
        .join(Order, Order.id == OrderLine.order_id)
        .join(Product, Product.id == OrderLine.product_id)
        .where(
            Order.account_id.is_not(None),
            Order.state.not_in(("cancelled", "awaiting_payment")),
            OrderLine.kind == "product",
            OrderLine.quantity > OrderLine.cancelled_quantity,
            OrderLine.returned_quantity == 0,
            Product.is_active,
            Product.is_sellable,
        )
        .execution_options(yield_per=ROWS_AT_A_TIME)
    )
    for account_id, product_id, placed_at, source in session.execute(query):
        yield Purchase(str(account_id), str(product_id), placed_at.timestamp(), source)


def find_pasts(session: Session) -> dict[str, float]:
    """Sources of orders that ended long before the newest order of all, with the moment of their own newest.

    An imported past counts from its own end: beside this year's orders its trends and gaps would all be "long
    ago", and nothing could be learned for its customers.
    """
    newest = {
        source: at.timestamp()
        for source, at in session.execute(
            select(Order.source, func.max(Order.placed_at))
            .where(Order.state.not_in(("cancelled", "awaiting_payment")))
            .group_by(Order.source)
        )
    }
    end = max(newest.values(), default=0.0)
    return {source: at for source, at in newest.items() if end - at > PAST.total_seconds()}


def write_signals(
    session: Session, signals: Path, visits: Path, pasts: Mapping[str, float] | None = None
) -> SignalCounts:
    """Orders, carts and clicks with their weights into `signals`, clicks by visit into `visits` (both .tsv.gz).

    The newest order is "now" for all of them: a click after it counts as just happened, so that looking around
    in a shop whose orders were imported from long ago does not make every order old. `pasts`: of find_pasts;
    their orders are moved up to now.
    """
    end = session.scalar(
        select(func.max(Order.placed_at)).where(Order.state.not_in(("cancelled", "awaiting_payment")))
    )
    newest = end.timestamp() if end else 0.0
    moved = {source: newest - at for source, at in (pasts or {}).items()}
    orders = carts = 0
    with gzip.open(signals, "wt", encoding="utf-8", compresslevel=1) as file:
        file.write(HEADER)
        for bought in list_purchases(session):
            at = bought.at + moved.get(bought.source, 0.0)
            file.write(_row(bought.account, bought.product, 1.0, at))
            orders += 1
        for account, product, at in _list_carts(session):
            file.write(_row(account, product, CART_WEIGHT, min(at, newest) if orders else at))
            carts += 1
        clicks, seen = _write_clicks(session, file, visits, newest if orders else None)
    return SignalCounts(orders, carts, clicks, seen)


def _write_clicks(session: Session, signals: TextIO, visits: Path, newest: float | None) -> tuple[int, int]:
    """Returns how many clicks and visits there are."""
    accounts = _accounts_of_people(session)
    sellable = _sellable(session)
    last: dict[str, tuple[int, float]] = {}  # subject -> number and last moment of the present visit
    clicks = seen = 0
    with gzip.open(visits, "wt", encoding="utf-8", compresslevel=1) as file:
        file.write(HEADER)
        since = clock.now() - CLICKS_TAUGHT
        for click in list_product_signals_for_training(session, since):
            product_id, weight = as_product_id(click.product_id), CLICK_WEIGHTS.get(click.kind)
            if product_id not in sellable or weight is None:
                continue
            at = click.at.timestamp()
            number, before = last.get(click.subject, (0, float("-inf")))
            if at - before > VISIT_GAP:
                seen += 1
                number = seen
            last[click.subject] = (number, at)
            who = accounts.get(click.subject, click.subject)
            signals.write(_row(who, str(product_id), weight, at if newest is None else min(at, newest)))
            file.write(_row(str(number), str(product_id), 1.0, at))
            clicks += 1
    return clicks, seen


def count_new(session: Session, since: datetime) -> int:
    """Order lines written after `since`: what a model of that time has not learned from."""
    query = (
        select(func.count())
        .select_from(OrderLine)
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.created_at > since, OrderLine.kind == "product")
    )
    return session.scalar(query) or 0


def _row(user: str, item: str, weight: float, at: float) -> str:
    return f"{user}\t{item}\t{weight:g}\t{at:.3f}\n"


def _list_carts(session: Session) -> Iterator[tuple[str, str, float]]:
    query = (
        select(Contact.account_id, CartLine.product_id, CartLine.added_at)
        .join(Cart, Cart.id == CartLine.cart_id)
        .join(Contact, Contact.user_id == Cart.user_id)
        .join(Product, Product.id == CartLine.product_id)
        .where(Product.is_active, Product.is_sellable)
        .execution_options(yield_per=ROWS_AT_A_TIME)
    )
    for account_id, product_id, added_at in session.execute(query):
        yield str(account_id), str(product_id), added_at.timestamp()


def _accounts_of_people(session: Session) -> dict[str, str]:
    """A person's clicks and their company's orders are one customer's."""
    return {
        str(user_id): str(account_id)
        for user_id, account_id in session.execute(select(Contact.user_id, Contact.account_id))
    }


def _sellable(session: Session) -> set[uuid.UUID | None]:
    return set(session.scalars(select(Product.id).where(Product.is_active, Product.is_sellable)))
