"""Check 4: the session's name changes at sign-in and at other rights; the old one is dead."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.transaction import transaction
from core.web.sessions import cookie_name
from tests.factories.people import PASSWORD, make_customer, make_staff, sign_in
from tests.factories.web import post


def cookie(client: FlaskClient) -> str:
    found = client.get_cookie(cookie_name(), domain="localhost")
    assert found is not None
    return found.value


def browser(flask_app: Flask, value: str) -> FlaskClient:
    client = flask_app.test_client()
    client.set_cookie(cookie_name(), value, domain="localhost")
    return client


@pytest.mark.parametrize("planted", [None, "x" * 43, "A" * 64])
def test_signing_in_gives_a_new_name(flask_app: Flask, client: FlaskClient, planted: str | None) -> None:
    with transaction() as session:
        user = make_customer(session)
    if planted:
        client.set_cookie(cookie_name(), planted, domain="localhost")
    client.get("/sign-in")
    before = cookie(client)
    post(client, "/sign-in", {"email": user.email, "password": PASSWORD})
    after = cookie(client)
    assert after != before
    assert client.get("/account").status_code == 200
    assert browser(flask_app, before).get("/account").status_code == 401


def test_a_visitors_session_with_a_row_is_renamed_too(flask_app: Flask, client: FlaskClient) -> None:
    with transaction() as session:
        user = make_customer(session)
    post(
        client,
        "/sign-up",
        {"kind": "person", "name": "Visitor", "email": "v@example.test", "password": PASSWORD},
    )
    before = cookie(client)
    post(client, "/sign-in", {"email": user.email, "password": PASSWORD})
    assert cookie(client) != before
    assert browser(flask_app, before).get("/sign-up/sent").status_code == 303


def test_other_roles_end_the_sessions_that_began_with_the_old_ones(
    flask_app: Flask, client: FlaskClient
) -> None:
    with transaction() as session:
        admin, agent = make_staff(session), make_staff(session, "agent")
    worker = sign_in(flask_app.test_client(), agent)
    assert worker.get("/staff").status_code == 200
    sign_in(client, admin)
    response = post(client, f"/staff/users/{agent.id}/roles", {"roles": ["agent", "supervisor"]})
    assert response.status_code == 303
    assert worker.get("/staff").status_code == 401


def test_signing_out_gives_the_browser_another_name(client: FlaskClient) -> None:
    with transaction() as session:
        user = make_customer(session)
    sign_in(client, user)
    before = cookie(client)
    post(client, "/sign-out")
    assert cookie(client) != before
