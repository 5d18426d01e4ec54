"""50 people order the last one at the same moment: one gets it, the others are told."""

from __future__ import annotations

import threading

import pytest
from flask import Flask
from sqlalchemy import func, select

from core.errors import AppError
from core.transaction import reading, transaction
from crm.catalogue.models import Stock
from crm.customers.actors import load_actor
from crm.orders.models import Order
from crm.orders.placing import place_order
from tests.factories.goods import make_product
from tests.factories.people import make_account, make_user
from tests.factories.programs import make_token, order_body, post_order

ADDRESS = {
    "recipient": "Purchasing",
    "line1": "Hafenstrasse 1",
    "postal_code": "20457",
    "city": "Hamburg",
    "country": "DE",
}


@pytest.mark.usefixtures("real_transactions")
def test_orders_with_the_same_products_in_any_order_never_lock_each_other_out() -> None:
    with transaction() as session:
        products = [make_product(session, on_hand=30).id for _ in range(4)]
        account = make_account(session, pays_on_account=True)
        buyers = [load_actor(session, make_user(session, account=account).id) for _ in range(16)]
    outcomes: list[str] = []
    barrier = threading.Barrier(len(buyers))

    def buy(number: int) -> None:
        actor = buyers[number]
        assert actor is not None
        wanted = dict.fromkeys(products if number % 2 else reversed(products), 2)
        barrier.wait()
        try:
            with transaction() as session:
                place_order(
                    session, actor=actor, lines=wanted, key="race", delivery_method="standard",
                    payment_method="account", address=ADDRESS,
                )  # fmt: skip
            outcomes.append("placed")
        except AppError as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=buy, args=(number,)) for number in range(len(buyers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["orders.sold_out"] + ["placed"] * 15
    with reading() as session:
        assert set(session.scalars(select(Stock.on_hand).where(Stock.product_id.in_(products)))) == {0}
        assert session.scalar(select(func.count(func.distinct(Order.number)))) == 15


@pytest.mark.usefixtures("real_transactions")
def test_fifty_buyers_of_the_last_one_through_the_api(flask_app: Flask) -> None:
    with transaction() as session:
        product = make_product(session, on_hand=1)
        sku, product_id = product.sku, product.id
        account = make_account(session, pays_on_account=True)
        tokens = [make_token(session, make_user(session, account=account, password=None)) for _ in range(50)]
    statuses: list[int] = []
    barrier = threading.Barrier(len(tokens))

    def buy(token: str) -> None:
        client = flask_app.test_client()
        barrier.wait()
        statuses.append(post_order(client, token, order_body(sku)).status_code)

    threads = [threading.Thread(target=buy, args=(token,)) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201] + [409] * 49
    with reading() as session:
        assert session.scalar(select(Stock.on_hand).where(Stock.product_id == product_id)) == 0
        assert session.scalar(select(func.count()).select_from(Order)) == 1
