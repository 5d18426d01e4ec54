"""Check 5: a captured cookie is worth nothing after sign-out or a changed password."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.transaction import transaction
from crm.identity.models import User
from tests.factories.jobs import run_jobs
from tests.factories.mails import link_in, mails_to
from tests.factories.people import PASSWORD, make_customer, sign_in
from tests.factories.web import csrf_token, post
from tests.security.test_check_04_session_fixation import browser, cookie


@pytest.fixture
def user() -> User:
    with transaction() as session:
        return make_customer(session)


def test_after_signing_out(flask_app: Flask, client: FlaskClient, user: User) -> None:
    sign_in(client, user)
    captured, token = cookie(client), csrf_token(client)
    post(client, "/sign-out")
    thief = browser(flask_app, captured)
    assert thief.get("/account").status_code == 401
    assert thief.post("/account/profile", data={"csrf_token": token, "name": "Thief"}).status_code == 401


def test_changing_the_password_ends_the_other_sessions_and_renames_this_one(
    flask_app: Flask, client: FlaskClient, user: User
) -> None:
    sign_in(client, user)
    captured = cookie(client)
    elsewhere = sign_in(flask_app.test_client(), user)
    new = "another good password"
    assert post(client, "/account/password", {"current": PASSWORD, "password": new}).status_code == 303
    assert client.get("/account").status_code == 200
    assert cookie(client) != captured
    assert browser(flask_app, captured).get("/account").status_code == 401
    assert elsewhere.get("/account").status_code == 401


def test_resetting_the_password_ends_every_session(flask_app: Flask, client: FlaskClient, user: User) -> None:
    elsewhere = sign_in(flask_app.test_client(), user)
    post(client, "/forgot", {"email": user.email})
    run_jobs()
    client.get(link_in(mails_to(user.email)[0]))
    assert post(client, "/reset", {"password": "another good password"}).location == "/sign-in"
    assert elsewhere.get("/account").status_code == 401
    assert client.get("/account").status_code == 401


def test_no_cookie_outlives_the_session(client: FlaskClient, user: User) -> None:
    """There is no remember-me cookie that could sign anybody in again."""
    post(client, "/sign-in", {"email": user.email, "password": PASSWORD})
    client.delete_cookie("rapport_session", domain="localhost")
    assert client.get("/account").status_code == 401
