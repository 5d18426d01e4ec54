"""Check 2 on orders, audit log and jobs: whoever is not staff calls every staff route."""

from __future__ import annotations

import uuid

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.transaction import transaction
from tests.factories.people import make_account, make_customer, make_user, sign_in
from tests.factories.web import csrf_token

BLUEPRINTS = {"admin_orders", "admin_audit", "admin_jobs"}


@pytest.mark.parametrize("who", ["nobody", "customer", "partner"])
def test_staff_routes_do_not_show_themselves(flask_app: Flask, client: FlaskClient, who: str) -> None:
    with transaction() as session:
        if who == "customer":
            sign_in(client, make_customer(session, role="company_administrator", scope="company"))
        elif who == "partner":
            account = make_account(session, is_partner=True)
            sign_in(
                client, make_user(session, kind="partner", roles=("partner_administrator",), account=account)
            )
    token = csrf_token(client)
    tried = 0
    for rule in flask_app.url_map.iter_rules():
        if rule.endpoint.partition(".")[0] not in BLUEPRINTS:
            continue
        values = {name: "SO-100001-9" if name == "number" else uuid.uuid4() for name in rule.arguments}
        with flask_app.test_request_context():
            url = flask_app.url_for(rule.endpoint, **values)
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            answer = client.open(url, method=method, data={"csrf_token": token} if method != "GET" else None)
            assert 400 <= answer.status_code < 500, (method, url, answer.status_code)
            if method in (rule.methods or set()):
                assert answer.status_code == (401 if who == "nobody" else 404), (method, url)
            tried += 1
    assert tried >= 60
