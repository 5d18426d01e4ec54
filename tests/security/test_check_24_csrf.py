"""Nothing changes unless the person's own page asked for it; reading changes nothing at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.models import metadata
from core.transaction import reading, transaction
from crm.identity.models import User
from crm.orders.carts import Owner, add
from tests.factories.goods import make_product
from tests.factories.people import make_account, make_user, sign_in
from tests.factories.programs import ADDRESS, ORDERS, make_token, order_body
from tests.factories.web import csrf_token, post

MEANWHILE = {"rate_counter", "web_session"}  # counted uses and last visits are meant to change


def digest() -> str:
    """Of every row that means something."""
    told = hashlib.sha256()
    with reading() as session:
        for table in metadata.sorted_tables:
            if table.name in MEANWHILE:
                continue
            for row in sorted(repr(tuple(row)) for row in session.execute(select(table))):
                told.update(f"{table.name}{row}".encode())
    return told.hexdigest()


class Shopper:
    def __init__(self, app: Flask) -> None:
        with transaction() as session:
            account = make_account(session, pays_on_account=True)
            self.user: User = make_user(session, account=account)
            self.product_id = make_product(session).id
            add(session, Owner(user_id=self.user.id), self.product_id, 2)
        self.client = sign_in(app.test_client(), self.user)

    def requests(self) -> Iterator[tuple[str, dict[str, str]]]:
        """Every changing form of cart and checkout, filled in as it would be."""
        product = str(self.product_id)
        yield "/cart/items", {"product_id": product, "quantity": "1"}
        yield f"/cart/items/{product}", {"quantity": "5"}
        yield f"/cart/items/{product}/remove", {}
        yield "/cart/prices", {}
        yield (
            "/checkout",
            {"address": "new", **ADDRESS, "delivery": "standard", "payment": "account", "save_address": "y"},
        )
        yield "/checkout/review", {"key": "k", "total": "25", "seen": "x"}
        yield "/checkout/done/SO-100001-9/payment", {"payment": "account"}


@pytest.fixture
def shopper(flask_app: Flask) -> Shopper:
    return Shopper(flask_app)


def test_every_changing_form_of_cart_and_checkout_is_in_the_list(flask_app: Flask, shopper: Shopper) -> None:
    changing = {
        rule.endpoint
        for rule in flask_app.url_map.iter_rules()
        if rule.endpoint.split(".")[0] in {"cart", "checkout"} and "POST" in (rule.methods or ())
    }
    adapter = flask_app.url_map.bind("localhost")
    assert {adapter.match(path, method="POST")[0] for path, _ in shopper.requests()} == changing


def test_without_a_token_with_a_foreign_one_and_from_elsewhere_nothing_happens(
    flask_app: Flask, shopper: Shopper
) -> None:
    stranger = csrf_token(flask_app.test_client())
    before = digest()
    for path, data in shopper.requests():
        for fields, headers in (
            (data, {}),
            ({**data, "csrf_token": ""}, {}),
            ({**data, "csrf_token": stranger}, {}),
            (data, {"X-CSRFToken": stranger}),
            (data, {"Origin": "https://evil.example", "Referer": "https://evil.example/form"}),
            (data, {"HX-Request": "true"}),
        ):
            assert shopper.client.post(path, data=fields, headers=headers).status_code == 400, path
        as_text = shopper.client.post(path, data=json.dumps(data), content_type="text/plain")
        assert as_text.status_code == 400
    assert digest() == before


def test_the_api_takes_no_cookie_and_no_form(shopper: Shopper) -> None:
    body = order_body("X")
    assert shopper.client.post(ORDERS, json=body, headers={"Idempotency-Key": "k"}).status_code == 401
    with transaction() as session:
        token = make_token(session, shopper.user)
    key = {"Authorization": f"Bearer {token}", "Idempotency-Key": "k"}
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        answer = shopper.client.post(ORDERS, data=json.dumps(body), content_type=kind, headers=key)
        assert answer.status_code in {400, 415}, kind
    with reading() as session:
        assert session.execute(select(metadata.tables["sales_order"])).all() == []


def test_reading_changes_nothing(client: FlaskClient, shopper: Shopper) -> None:
    post(shopper.client, "/checkout", dict(list(shopper.requests())[4][1]))
    before = digest()
    for path in (
        "/cart",
        "/cart?removed=x&units=9",
        "/checkout",
        "/checkout/review",
        "/checkout/done/SO-1",
        "/shop",
    ):
        for reader in (client, shopper.client):
            for method in ("GET", "HEAD", "OPTIONS"):
                reader.open(path, method=method)
    assert digest() == before
