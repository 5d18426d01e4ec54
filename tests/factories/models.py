"""A small shop whose purchases have a pattern, and a model that has learned it."""

from __future__ import annotations

import shutil
from datetime import timedelta

from sqlalchemy.orm import Session

from clickstream.models import ClickEvent
from core import clock
from crm.catalogue.models import Product
from crm.customers.models import Account
from crm.identity.models import User
from crm.orders.models import Order
from recommender import own_data
from recommender.model import forget_model, model_folder
from tests.factories.clicks import message_id
from tests.factories.goods import make_product
from tests.factories.orders import make_line, make_order
from tests.factories.people import make_account

PAIRS = (("Machine", "Filter"), ("Mug", "Tea"), ("Lamp", "Bulb"))


def forget_everything() -> None:
    """As before the first training."""
    shutil.rmtree(model_folder(), ignore_errors=True)
    forget_model()


def buy(
    session: Session,
    account: Account,
    *products: Product,
    days: float = 10,
    user: User | None = None,
    state: str = "delivered",
    quantity: int = 1,
) -> Order:
    lines = [make_line(product, quantity) for product in products]
    placed_at = clock.now() - timedelta(days=days)
    return make_order(session, account=account, user=user, lines=lines, state=state, placed_at=placed_at)


def make_goods(session: Session) -> dict[str, Product]:
    """Each pair was bought together by eight customers."""
    goods = {name: make_product(session, names={"en": name}, on_hand=50) for pair in PAIRS for name in pair}
    for _number in range(8):
        for first, second in PAIRS:
            buy(session, make_account(session, name="Others"), goods[first], goods[second])
    return goods


def train(session: Session) -> None:
    session.flush()
    own_data.fit(algorithm="item_item_jaccard")
    forget_model()


def look_at(session: Session, product: Product, *, minutes: float = 1, **subject: object) -> ClickEvent:
    """A stored click on a product, of person_id or visitor_id."""
    moment = clock.now() - timedelta(minutes=minutes)
    click = ClickEvent(
        message_id=message_id(), name="Product Clicked", at=moment, received_at=moment, product_id=str(product.id),
        signal="click", page_kind="product", page_id=str(product.id), properties={}, **subject,
    )  # fmt: skip
    session.add(click)
    session.flush()
    return click
