"""50 people order the last one at the same moment: one gets it, the others are told."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, select

from core.errors import AppError
from core.transaction import reading, transaction
from crm.catalogue.models import Stock
from crm.customers.actors import load_actor
from crm.orders.models import Order
from crm.orders.placing import place_order
from tests.factories.goods import make_product
from tests.factories.people import make_account, make_user

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
