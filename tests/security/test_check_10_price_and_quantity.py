"""Prices come from the catalogue; quantities are whole numbers from 1 to 999, as numbers."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.orders.models import CartLine, Order
from tests.factories.goods import make_product
from tests.factories.people import make_account, make_user, sign_in
from tests.factories.programs import ADDRESS, make_token, order_body, post_order
from tests.factories.web import post


@pytest.fixture
def token(session: Session) -> str:
    return make_token(session, make_user(session, account=make_account(session, pays_on_account=True)))


@pytest.mark.parametrize(
    "quantity", ["-1", "0", "1e9", "1000", "1.5", "1.0", '"1"', "true", "null", "[1]", "1e400"]
)
def test_quantities_that_are_none_are_a_422(
    client: FlaskClient, session: Session, token: str, quantity: str
) -> None:
    sku = make_product(session).sku
    text = json.dumps(order_body(sku, 7)).replace('"quantity": 7', f'"quantity": {quantity}')
    answer = post_order(client, token, text)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json["errors"]] == ["lines.0.quantity"]  # type: ignore[index]
    assert session.scalar(select(func.count()).select_from(Order)) == 0


@pytest.mark.parametrize("quantity", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_json_does_not_have_are_refused(
    client: FlaskClient, session: Session, token: str, quantity: str
) -> None:
    text = json.dumps(order_body(make_product(session).sku, 7)).replace(
        '"quantity": 7', f'"quantity": {quantity}'
    )
    answer = post_order(client, token, text)
    assert (answer.status_code, answer.json["code"]) == (400, "error.json_number")  # type: ignore[index]


@pytest.mark.parametrize("name", ["unit_price", "price", "amount", "total"])
def test_a_price_of_the_buyers_own_is_refused(
    client: FlaskClient, session: Session, token: str, name: str
) -> None:
    sku = make_product(session).sku
    body = {"lines": [{"sku": sku, "quantity": 1, name: 0.01}], "delivery_address": ADDRESS}
    assert post_order(client, token, body).status_code == 422


def test_the_total_is_the_catalogues(client: FlaskClient, session: Session, token: str) -> None:
    product = make_product(session, price="19.99")
    answer = post_order(client, token, order_body(product.sku, 3))
    assert answer.json["total"] == "59.97"  # type: ignore[index]
    assert session.scalars(select(Order.total)).one() == Decimal("59.97")


@pytest.mark.parametrize(
    "quantity", ["-1", "0", "1e9", "1000", "1.5", "", " ", "NaN", "true", "٣", "9" * 5000]
)
def test_the_cart_refuses_them_too(client: FlaskClient, session: Session, quantity: str) -> None:
    product = make_product(session)
    sign_in(client, make_user(session, account=make_account(session)))
    assert post(client, "/cart/items", {"product_id": product.id, "quantity": quantity}).status_code == 422
    assert session.scalar(select(func.count()).select_from(CartLine)) == 0
