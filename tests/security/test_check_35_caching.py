"""What belongs to a person is kept by no cache on the way."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from core.transaction import transaction
from crm.orders.carts import Owner, add
from tests.factories.goods import make_product
from tests.factories.people import make_account, make_user, sign_in
from tests.factories.programs import ORDERS, bearer, make_token, order_body, post_order


@pytest.mark.parametrize(
    "path", ["/", "/shop", "/cart", "/checkout", "/checkout/review", "/orders", "/account", "/no-such"]
)
def test_pages_of_a_signed_in_person(client: FlaskClient, path: str) -> None:
    with transaction() as session:
        user = make_user(session, account=make_account(session, pays_on_account=True))
        add(session, Owner(user_id=user.id), make_product(session).id, 1)
    sign_in(client, user)
    answer = client.get(path)
    assert answer.status_code in {200, 303, 404}
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Cookie" in answer.vary


def test_answers_to_a_program(client: FlaskClient, session: Session) -> None:
    token = make_token(session, make_user(session, account=make_account(session, pays_on_account=True)))
    made = post_order(client, token, order_body(make_product(session).sku))
    one = client.get(f"{ORDERS}/{made.json['number']}", headers=bearer(token))  # type: ignore[index]
    refused = post_order(client, token, order_body("NO-SUCH"))
    for answer in (made, one, refused, client.get(ORDERS, headers=bearer(token))):
        assert answer.headers["Cache-Control"] == "no-store"
    assert [made.status_code, one.status_code, refused.status_code] == [201, 200, 422]


def test_the_sign_in_form_in_place_of_a_page(client: FlaskClient) -> None:
    answer = client.get("/checkout")
    assert answer.status_code == 401
    assert answer.headers["Cache-Control"] in {"no-store", "private, no-cache"}
    assert "Cookie" in answer.vary
