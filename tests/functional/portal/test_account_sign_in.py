"""Signing in and out, and where people land."""

from __future__ import annotations

from flask.testing import FlaskClient

from core.transaction import transaction
from tests.factories.people import PASSWORD, make_customer, make_staff, sign_in
from tests.factories.web import post


def test_a_customer_signs_in_with_the_password_and_lands_where_they_wanted(client: FlaskClient) -> None:
    with transaction() as session:
        user = make_customer(session)
    response = post(
        client, "/sign-in", {"email": user.email.upper(), "password": PASSWORD, "next": "/account/profile"}
    )
    assert (response.status_code, response.location) == (303, "/account/profile")
    assert client.get("/sign-in").location == "/account"


def test_a_wrong_password_gives_the_form_back_with_what_was_typed_and_no_password(
    client: FlaskClient,
) -> None:
    with transaction() as session:
        user = make_customer(session)
    response = post(client, "/sign-in", {"email": user.email, "password": "not the password"})
    assert response.status_code == 422
    assert user.email in response.text
    assert "not the password" not in response.text
    assert "The email address or the password is wrong." in response.text


def test_staff_start_at_the_console(client: FlaskClient) -> None:
    with transaction() as session:
        user = make_staff(session, "agent")
    response = post(client, "/sign-in", {"email": user.email, "password": PASSWORD})
    assert response.location == "/staff"


def test_after_signing_out_the_browser_is_a_visitor_again(client: FlaskClient) -> None:
    with transaction() as session:
        user = make_customer(session)
    sign_in(client, user)
    assert client.get("/sign-in").status_code == 303
    assert post(client, "/sign-out").location == "/sign-in"
    assert client.get("/sign-in").status_code == 200


def test_an_empty_form_says_what_is_missing_in_the_visitors_language(client: FlaskClient) -> None:
    client.set_cookie("rapport_lang", "zh-Hant", domain="localhost")
    response = post(client, "/sign-up", {"kind": "company"})
    assert response.status_code == 422
    assert (
        response.text.count("請填寫此欄位。") == 6
    )  # three fields, each in the summary and beside the field
    assert response.text.count("請填寫公司名稱。") == 2
