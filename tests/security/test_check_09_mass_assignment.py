"""Fields that nobody may set are refused by the API and without effect in forms."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.orders.carts import Owner, view
from crm.orders.models import CartLine, Order
from tests.factories.goods import make_product
from tests.factories.people import make_account, make_user, sign_in
from tests.factories.programs import ADDRESS, make_token, order_body, post_order
from tests.factories.web import post

EXTRA = {
    "role": "administrator", "is_staff": True, "verified": True, "customer_id": 1, "account_id": "x", "user_id": "x",
    "price": "0.01", "unit_price": "0.01", "total": "0.01", "status": "delivered", "state": "delivered", "id": 1,
    "number": "SO-1", "balance": 100, "created_at": "2020-01-01", "payment_state": "authorised", "source": "portal",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(EXTRA))
def test_the_api_refuses_each_field_that_is_not_its_own(
    client: FlaskClient, session: Session, name: str
) -> None:
    token = make_token(session, make_user(session, account=make_account(session, pays_on_account=True)))
    sku = make_product(session).sku
    at_top = post_order(client, token, order_body(sku, **{name: EXTRA[name]}))
    in_line = post_order(
        client,
        token,
        {"lines": [{"sku": sku, "quantity": 1, name: EXTRA[name]}], "delivery_address": ADDRESS},
    )
    in_address = post_order(client, token, order_body(sku, delivery_address={**ADDRESS, name: EXTRA[name]}))
    for answer, field in (
        (at_top, name),
        (in_line, f"lines.0.{name}"),
        (in_address, f"delivery_address.{name}"),
    ):
        assert answer.status_code == 422
        assert [error["field"] for error in answer.json["errors"]] == [field]  # type: ignore[index]
    assert session.scalar(select(func.count()).select_from(Order)) == 0


def test_forms_of_cart_and_checkout_ignore_them(client: FlaskClient, session: Session) -> None:
    account = make_account(session, pays_on_account=True)
    user = make_user(session, account=account)
    product = make_product(session, price="60.00")
    sign_in(client, user)
    post(client, "/cart/items", {"product_id": product.id, "quantity": 2, **EXTRA})
    line = session.scalars(select(CartLine)).one()
    assert (line.quantity, line.seen_price) == (2, Decimal(60))
    chosen = {"address": "new", **ADDRESS, "delivery": "standard", "payment": "account"}
    assert post(client, "/checkout", {**chosen, **EXTRA}).status_code == 303
    page = client.get("/checkout/review").text
    hidden = {
        name: page.split(f'name="{name}" type="hidden" value="')[1].split('"')[0] for name in ("key", "seen")
    }
    placed = post(client, "/checkout/review", {**EXTRA, **hidden, "total": "120.0000"})
    order = session.scalars(select(Order)).one_or_none()
    if order is None:  # the total is compared as it was shown
        total = page.split('name="total" type="hidden" value="')[1].split('"')[0]
        placed = post(client, "/checkout/review", {**EXTRA, **hidden, "total": total})
        order = session.scalars(select(Order)).one()
    assert placed.status_code == 303
    assert (order.total, order.state, order.user_id, order.account_id) == (
        Decimal(120),
        "placed",
        user.id,
        account.id,
    )
    assert order.payment_state == "not_needed"
    assert view(session, Owner(user_id=user.id)).items == ()
