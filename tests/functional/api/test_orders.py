"""Orders through the API."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.identity.models import User
from crm.orders import stock
from crm.orders.models import Order
from tests.factories.goods import make_product
from tests.factories.people import make_account, make_user
from tests.factories.programs import ADDRESS, ORDERS, bearer, make_token, order_body, post_order


@pytest.fixture
def buyer(session: Session) -> User:
    return make_user(session, account=make_account(session, pays_on_account=True))


@pytest.fixture
def token(session: Session, buyer: User) -> str:
    return make_token(session, buyer)


def test_an_order_is_answered_with_its_number_and_amounts(
    client: FlaskClient, session: Session, token: str
) -> None:
    product = make_product(session, price="30.00", on_hand=4)
    answer = post_order(client, token, order_body(product.sku, 2, note="Back door, please"))
    assert answer.status_code == 201
    made = answer.json
    assert made is not None
    assert (made["state"], made["items_total"], made["delivery_total"], made["total"]) == (
        "placed",
        "60.00",
        "0.00",
        "60.00",
    )
    assert made["lines"] == [
        {"position": 1, "kind": "product", "sku": product.sku, "name": product.names["en"], "quantity": 2,
         "unit_price": "30.00", "amount": "60.00"}
    ]  # fmt: skip
    order = session.scalars(select(Order).where(Order.number == made["number"])).one()
    assert (order.source, order.customer_note, order.total) == ("api", "Back door, please", Decimal(60))
    assert stock.on_hand(session, [product.id]) == {product.id: 2}


def test_too_little_stock_is_a_409_that_names_the_product(
    client: FlaskClient, session: Session, token: str
) -> None:
    product = make_product(session, on_hand=1, names={"en": "Grinder"})
    answer = post_order(client, token, order_body(product.sku, 2))
    assert (answer.status_code, answer.mimetype) == (409, "application/problem+json")
    assert answer.json == {
        "type": "about:blank", "status": 409, "code": "orders.out_of_stock", "field": "lines",
        "title": "Of Grinder only 1 are left.",
    }  # fmt: skip


def test_unknown_and_doubled_products_name_their_lines(
    client: FlaskClient, session: Session, token: str
) -> None:
    sku = make_product(session).sku
    body = {
        "lines": [
            {"sku": sku, "quantity": 1},
            {"sku": "NO-SUCH", "quantity": 1},
            {"sku": sku, "quantity": 1},
        ],
        "delivery_address": ADDRESS,
    }
    answer = post_order(client, token, body)
    assert answer.status_code == 422
    assert [(error["field"], error["code"]) for error in answer.json["errors"]] == [  # type: ignore[index]
        ("lines.1.sku", "orders.unknown_product"), ("lines.2.sku", "orders.product_twice"),
    ]  # fmt: skip


def test_the_scope_decides(client: FlaskClient, session: Session, buyer: User) -> None:
    sku = make_product(session).sku
    reader, writer = make_token(session, buyer, "orders:read"), make_token(session, buyer, "orders:write")
    assert post_order(client, reader, order_body(sku)).status_code == 403
    assert post_order(client, writer, order_body(sku)).status_code == 201
    assert client.get(ORDERS, headers=bearer(writer)).status_code == 403
    assert client.get(ORDERS, headers=bearer(reader)).status_code == 200
    assert client.get(ORDERS).status_code == 401
    assert client.get(ORDERS, headers=bearer("x" * 40)).headers["WWW-Authenticate"] == 'Bearer realm="api"'


def test_a_cookie_is_no_token(client: FlaskClient, session: Session, buyer: User) -> None:
    from_browser = client.get(ORDERS, headers={"Cookie": "rapport_session=" + "x" * 43})
    assert from_browser.status_code == 401


def test_the_key_is_needed(client: FlaskClient, session: Session, token: str) -> None:
    body = order_body(make_product(session).sku)
    for headers in ({}, {"Idempotency-Key": ""}, {"Idempotency-Key": "x" * 81}, {"Idempotency-Key": "a b"}):
        answer = client.post(ORDERS, json=body, headers={**bearer(token), **headers})
        assert (answer.status_code, answer.json["code"]) == (400, "api.idempotency_key")  # type: ignore[index]
    assert session.scalar(select(func.count()).select_from(Order)) == 0


def test_the_list_goes_on_by_key_and_shows_only_what_the_owner_may_see(
    client: FlaskClient, session: Session, buyer: User, token: str
) -> None:
    sku = make_product(session).sku
    mine = [post_order(client, token, order_body(sku)).json["number"] for _ in range(5)]  # type: ignore[index]
    stranger = make_user(session, account=make_account(session, pays_on_account=True))
    theirs = post_order(client, make_token(session, stranger), order_body(sku)).json["number"]  # type: ignore[index]
    seen: list[str] = []
    after: str | None = None
    for _ in range(3):
        answer = client.get(
            ORDERS, query_string={"limit": 2, **({"after": after} if after else {})}, headers=bearer(token)
        )
        assert answer.json is not None
        seen += [order["number"] for order in answer.json["orders"]]
        after = answer.json["next"]
    assert seen == list(reversed(mine))
    assert after is None
    assert client.get(f"{ORDERS}/{mine[0]}", headers=bearer(token)).json["number"] == mine[0]  # type: ignore[index]
    assert client.get(f"{ORDERS}/{theirs}", headers=bearer(token)).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=1000000",
        "limit=x",
        "limit=1e1",
        "limit=1&limit=2",
        "offset=3",
        "state=lost",
    ],
)
def test_parameters_that_mean_nothing_are_a_422(client: FlaskClient, token: str, query: str) -> None:
    assert client.get(f"{ORDERS}?{query}", headers=bearer(token)).status_code == 422


@pytest.mark.parametrize("after", ["x", "%", "e30", "A" * 200])
def test_a_cursor_of_nobody_is_a_400(client: FlaskClient, token: str, after: str) -> None:
    assert client.get(ORDERS, query_string={"after": after}, headers=bearer(token)).status_code == 400


def test_each_token_has_its_own_rate(
    client: FlaskClient, session: Session, buyer: User, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.orders.RATE", "2 per 1 minute")
    assert [client.get(ORDERS, headers=bearer(token)).status_code for _ in range(3)] == [200, 200, 429]
    assert client.get(ORDERS, headers=bearer(make_token(session, buyer))).status_code == 200


def test_the_document_describes_what_there_is(client: FlaskClient) -> None:
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    described = answer.json
    assert described is not None
    assert {path: sorted(item) for path, item in described["paths"].items()} == {
        "/api/v1/orders": ["get", "post"],
        "/api/v1/orders/{number}": ["get"],
    }
    schemas = described["components"]["schemas"]
    assert schemas["OrderIn"]["additionalProperties"] is False
    assert schemas["LineIn"]["properties"]["quantity"] == {
        "maximum": 999,
        "minimum": 1,
        "title": "Quantity",
        "type": "integer",
    }
    assert set(described["paths"]["/api/v1/orders"]["post"]["responses"]) == {
        "201", "400", "401", "403", "409", "413", "415", "422", "429",
    }  # fmt: skip
