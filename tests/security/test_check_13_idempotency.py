"""The same Idempotency-Key never makes two orders, and gives the same answer byte for byte."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.idempotency import prune_idempotency
from core import clock
from core.transaction import reading, transaction
from crm.catalogue.models import Stock
from crm.identity.models import User
from crm.orders.models import Order
from tests.factories.goods import make_product
from tests.factories.people import make_account, make_user
from tests.factories.programs import make_token, order_body, post_order


@pytest.fixture
def buyer(session: Session) -> User:
    return make_user(session, account=make_account(session, pays_on_account=True))


@pytest.mark.usefixtures("real_transactions")
def test_twenty_at_once_are_one_order(flask_app: Flask) -> None:
    with transaction() as session:
        product = make_product(session, on_hand=100)
        sku, product_id = product.sku, product.id
        token = make_token(session, make_user(session, account=make_account(session, pays_on_account=True)))
    answers: list[tuple[int, bytes]] = []
    barrier = threading.Barrier(20)

    def buy() -> None:
        client = flask_app.test_client()
        barrier.wait()
        answer = post_order(client, token, order_body(sku, 3), key="twenty")
        answers.append((answer.status_code, answer.data))

    threads = [threading.Thread(target=buy) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 20
    assert {status for status, _ in answers} <= {201, 409}
    assert len({body for status, body in answers if status == 201}) == 1
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Order)) == 1
        assert session.scalar(select(Stock.on_hand).where(Stock.product_id == product_id)) == 97


def test_a_repeat_is_answered_alike_and_says_so(client: FlaskClient, session: Session, buyer: User) -> None:
    token, sku = make_token(session, buyer), make_product(session).sku
    first = post_order(client, token, order_body(sku), key="k")
    again = post_order(client, token, order_body(sku), key="k")
    assert (again.status_code, again.data) == (201, first.data)
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"


def test_spelling_does_not_make_another_request(client: FlaskClient, session: Session, buyer: User) -> None:
    token, product = make_token(session, buyer), make_product(session)
    first = post_order(client, token, order_body(product.sku), key="k")
    body = order_body(product.sku, note="", payment_method="account")
    assert post_order(client, token, dict(reversed(body.items())), key="k").data == first.data


def test_another_body_under_the_key_is_a_422(client: FlaskClient, session: Session, buyer: User) -> None:
    token, sku = make_token(session, buyer), make_product(session).sku
    assert post_order(client, token, order_body(sku, 1), key="k").status_code == 201
    other = post_order(client, token, order_body(sku, 2), key="k")
    assert (other.status_code, other.json["code"]) == (422, "api.key_reused")  # type: ignore[index]
    assert session.scalar(select(func.count()).select_from(Order)) == 1


def test_somebody_elses_key_is_another_key(client: FlaskClient, session: Session, buyer: User) -> None:
    sku = make_product(session).sku
    stranger = make_user(session, account=make_account(session, pays_on_account=True))
    mine = post_order(client, make_token(session, buyer), order_body(sku), key="k")
    theirs = post_order(client, make_token(session, stranger), order_body(sku), key="k")
    assert (mine.status_code, theirs.status_code) == (201, 201)
    assert mine.json["number"] != theirs.json["number"]  # type: ignore[index]


def test_it_holds_for_a_day_and_is_forgotten_in_the_end(
    client: FlaskClient, session: Session, buyer: User
) -> None:
    token, sku = make_token(session, buyer), make_product(session).sku
    moment = clock.now()
    with clock.frozen(moment):
        first = post_order(client, token, order_body(sku), key="k")
    with clock.frozen(moment + timedelta(hours=23, minutes=59)):
        prune_idempotency(session)
        assert post_order(client, token, order_body(sku), key="k").data == first.data
    with clock.frozen(moment + timedelta(hours=49)):
        prune_idempotency(session)
        # Even then the key is no second order: the order itself remembers it.
        late = post_order(client, token, order_body(sku), key="k")
        assert late.json["number"] == first.json["number"]  # type: ignore[index]
    assert session.scalar(select(func.count()).select_from(Order)) == 1


def test_a_refusal_is_not_kept(client: FlaskClient, session: Session, buyer: User) -> None:
    token, product = make_token(session, buyer), make_product(session, on_hand=0)
    assert post_order(client, token, order_body(product.sku), key="k").status_code == 409
    session.get_one(Stock, product.id).on_hand = 5
    session.flush()
    assert post_order(client, token, order_body(product.sku), key="k").status_code == 201
