"""Check 26: guessing passwords is stopped, and the owner is not locked out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from core import clock
from core.transaction import transaction
from crm.identity.models import User
from tests.factories.people import PASSWORD, make_customer
from tests.factories.web import csrf_token


@pytest.fixture
def user() -> User:
    with transaction() as session:
        return make_customer(session)


def attempt(
    client: FlaskClient, email: str, password: str, address: str = "203.0.113.7", **headers: str
) -> TestResponse:
    environ = {"REMOTE_ADDR": address}
    token = csrf_token(client)
    form = {"csrf_token": token, "email": email, "password": password}
    return client.post("/sign-in", data=form, environ_overrides=environ, headers=headers)


def test_the_eleventh_wrong_password_in_five_minutes_waits(client: FlaskClient, user: User) -> None:
    answers = [attempt(client, user.email, f"wrong password {n}") for n in range(11)]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 300


def test_while_waiting_even_the_right_password_waits(client: FlaskClient, user: User) -> None:
    for n in range(10):
        attempt(client, user.email, f"wrong password {n}")
    assert attempt(client, user.email, PASSWORD).status_code == 429
    with clock.frozen(clock.now() + timedelta(minutes=5, seconds=5)):
        assert attempt(client, user.email, PASSWORD).status_code == 303


def test_the_window_begins_with_the_first_guess_wherever_the_clock_stands(
    client: FlaskClient, user: User
) -> None:
    start = clock.now()
    codes = []
    for n in range(11):
        with clock.frozen(start + timedelta(seconds=29 * n)):
            codes.append(attempt(client, user.email, f"wrong password {n}").status_code)
    assert codes == [422] * 10 + [429]


def test_claimed_addresses_change_nothing(client: FlaskClient, user: User) -> None:
    codes = [
        attempt(
            client, user.email, f"wrong password {n}",
            **{"X-Forwarded-For": f"198.51.100.{n}", "X-Real-IP": f"198.51.100.{n}", "Forwarded": f"for=198.51.100.{n}"},
        ).status_code
        for n in range(11)
    ]  # fmt: skip
    assert codes[-1] == 429


def test_ipv6_neighbours_are_one_place(client: FlaskClient, user: User) -> None:
    codes = [
        attempt(client, user.email, f"wrong password {n}", f"2001:db8:1:2::{n:x}").status_code
        for n in range(11)
    ]
    assert codes[-1] == 429
    assert attempt(client, user.email, PASSWORD, "2001:db8:1:3::1").status_code == 303


def test_case_and_spaces_of_the_address_are_the_same_account(client: FlaskClient, user: User) -> None:
    spellings = [user.email, user.email.upper(), f" {user.email}", user.email.title()]
    codes = [attempt(client, spellings[n % 4], f"wrong password {n}").status_code for n in range(11)]
    assert codes[-1] == 429


def test_one_password_for_fifty_accounts_from_one_place(flask_app: Flask, user: User) -> None:
    codes = [
        attempt(flask_app.test_client(), f"person-{n}@example.test", "summer of 2026").status_code
        for n in range(50)
    ]
    assert codes[0] == 422
    assert codes[-1] == 429
    assert codes.count(429) >= 15
    assert attempt(flask_app.test_client(), user.email, PASSWORD, "192.0.2.44").status_code == 303


def test_the_owner_comes_in_from_elsewhere_while_somebody_guesses(flask_app: Flask, user: User) -> None:
    guesser = flask_app.test_client()
    for n in range(12):
        attempt(guesser, user.email, f"wrong password {n}")
    assert attempt(flask_app.test_client(), user.email, PASSWORD, "192.0.2.44").status_code == 303


def test_many_right_sign_ins_from_one_office_are_no_attack(flask_app: Flask, user: User) -> None:
    codes = {attempt(flask_app.test_client(), user.email, PASSWORD).status_code for _ in range(40)}
    assert codes == {303}


def test_the_present_password_cannot_be_guessed_either(client: FlaskClient, user: User) -> None:
    assert attempt(client, user.email, PASSWORD).status_code == 303
    token = csrf_token(client)
    codes = [
        client.post(
            "/account/password",
            data={"csrf_token": token, "current": f"guess number {n}", "password": "a brand new one"},
        ).status_code
        for n in range(11)
    ]
    assert codes == [422] * 10 + [429]
