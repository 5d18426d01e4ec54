"""Check 1 on orders: every route with an order in it, every method, every principal that is not the owner."""

from __future__ import annotations

import uuid

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.transaction import reading, transaction
from crm.orders.models import Order, OrderLine
from tests.factories.orders import make_line, make_order, make_shipment
from tests.factories.people import make_account, make_user
from tests.factories.web import csrf_token
from tests.security.principals import PRINCIPALS, Become

MARKER = "ZEBRAMARKER"
BLUEPRINTS = {"orders", "admin_orders", "checkout"}


def _victim() -> tuple[Order, uuid.UUID, uuid.UUID]:
    """An order whose texts all carry the marker; its parcel; its account."""
    with transaction() as session:
        account = make_account(session, name=MARKER)
        user = make_user(session, account=account, name=MARKER, email="zebramarker@example.test")
        order = make_order(
            session, user=user, account=account, state="placed", lines=[make_line(names={"en": MARKER}, sku=MARKER)],
            customer_note=MARKER, delivery_address={"recipient": MARKER, "city": MARKER},
        )  # fmt: skip
        parcel = make_shipment(session, order, [1], tracking_code=MARKER, state="packing")
        return order, parcel.id, account.id


@pytest.mark.parametrize("become", PRINCIPALS)
def test_nobody_reaches_an_order_of_somebody_else(
    flask_app: Flask, client: FlaskClient, become: Become
) -> None:
    order, parcel_id, account_id = _victim()
    become(client, account_id)
    token = csrf_token(client)
    with reading() as session:
        line = session.query(OrderLine).filter_by(order_id=order.id).one().id
    tried = 0
    for rule in flask_app.url_map.iter_rules():
        if rule.endpoint.partition(".")[0] not in BLUEPRINTS or not rule.arguments & {"number", "order_id"}:
            continue
        ids = {"number": order.number, "order_id": order.id, "shipment_id": parcel_id, "line_id": line}
        with flask_app.test_request_context():
            url = flask_app.url_for(
                rule.endpoint, **{name: ids[name] for name in rule.arguments if name in ids}
            )
        for method in (rule.methods or set()) - {"OPTIONS", "HEAD"}:
            data = {
                "csrf_token": token, "version": order.version, "reason": "x", "text": "x", "carrier": "postline",
                "tracking_code": "T", f"line-{line}": "1", "quantity": "1", "payment_token": "demo_approves", "payment_method": "card",
            }  # fmt: skip
            answer = client.open(
                url, method=method, data=data if method != "GET" else None, follow_redirects=method == "GET"
            )
            assert answer.status_code in {401, 403, 404}, (method, url, answer.status_code)
            assert MARKER.lower() not in answer.text.lower(), (method, url)
            assert MARKER.lower() not in str(answer.headers).lower(), (method, url)
            tried += 1
    assert tried >= 14
    with reading() as session:
        found = session.get_one(Order, order.id, populate_existing=True)
        assert (found.state, found.version) == ("placed", order.version)
        assert session.get_one(OrderLine, line, populate_existing=True).returned_quantity == 0


@pytest.mark.parametrize("become", PRINCIPALS[:5])
def test_lists_and_searches_hold_nothing_of_somebody_else(client: FlaskClient, become: Become) -> None:
    order, _parcel, account_id = _victim()
    become(client, account_id)
    with reading() as session:
        owner = session.get_one(Order, order.id).user_id
    for query in (
        "",
        f"?q={order.number}",
        f"?q={MARKER}",
        f"?person={owner}",
        "?state=open",
        f"?customer={account_id}",
    ):
        for path in ("/orders", "/staff/orders"):
            answer = client.get(path + query)
            results = answer.text.partition('id="results"')[2].partition("</main>")[0]
            assert answer.status_code in {200, 401, 403, 404}
            assert MARKER not in results and order.number not in results, path + query


def test_a_mailed_link_opens_one_order_and_no_route_of_it(client: FlaskClient) -> None:
    order, _parcel, _account = _victim()
    for path in (f"/o/{order.id}", f"/o/{order.number}", f"/o/{'A' * 43}"):
        assert client.get(path).status_code == 404
    assert client.get(f"/orders/{order.number}").status_code == 401
