"""Check 49: at most five mails a day reach one address, whoever asks how often for whatever."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient

from core import clock
from core.transaction import transaction
from tests.factories.jobs import run_jobs
from tests.factories.mails import mails_to
from tests.factories.people import PASSWORD, make_account, make_customer, make_user, sign_in
from tests.factories.web import csrf_token, post


def forgot(flask_app: Flask, address: str, n: int) -> int:
    client = flask_app.test_client()
    token = csrf_token(client)
    return client.post(
        "/forgot",
        data={"csrf_token": token, "email": address},
        environ_overrides={"REMOTE_ADDR": f"198.51.100.{n}"},
    ).status_code


def sign_up(flask_app: Flask, address: str, n: int) -> int:
    client = flask_app.test_client()
    token = csrf_token(client)
    form = {"csrf_token": token, "kind": "person", "name": "N", "email": address, "password": PASSWORD}
    return client.post(
        "/sign-up", data=form, environ_overrides={"REMOTE_ADDR": f"198.51.100.{n}"}
    ).status_code


def test_thirty_forgotten_passwords_are_five_mails_and_thirty_equal_answers(flask_app: Flask) -> None:
    with transaction() as session:
        user = make_customer(session)
    codes = []
    for n in range(30):
        codes.append(forgot(flask_app, user.email, n))
        run_jobs()
    assert codes == [303] * 30
    assert len(mails_to(user.email)) == 5


def test_thirty_sign_ups_for_an_address_that_is_free_and_one_that_is_taken(flask_app: Flask) -> None:
    with transaction() as session:
        taken = make_customer(session).email
    for address in ("free@example.test", taken):
        codes = []
        for n in range(30):
            codes.append(sign_up(flask_app, address, n))
            run_jobs()
        assert codes == [303] * 30
        assert len(mails_to(address)) == 5


def test_kinds_add_up(flask_app: Flask, client: FlaskClient) -> None:
    with transaction() as session:
        account = make_account(session)
        admin = make_user(session, account=account, role="company_administrator", scope="company")
        target = make_customer(session).email
    sign_in(client, admin)
    for n in range(10):
        forgot(flask_app, target, n)
        sign_up(flask_app, target, n)
        post(client, "/account/colleagues/invite", {"email": target, "access": "own"})
        post(client, "/account/email", {"email": target, "current": PASSWORD})
        run_jobs()
    assert len(mails_to(target)) == 5


def test_thirty_invitations_to_one_address(client: FlaskClient) -> None:
    with transaction() as session:
        account = make_account(session)
        admin = make_user(session, account=account, role="company_administrator", scope="company")
    sign_in(client, admin)
    for _ in range(30):
        post(client, "/account/colleagues/invite", {"email": "bombed@example.test", "access": "own"})
        run_jobs()
    assert len(mails_to("bombed@example.test")) == 5


def test_the_day_after_mail_goes_out_again(flask_app: Flask) -> None:
    with transaction() as session:
        user = make_customer(session)
    for n in range(6):
        forgot(flask_app, user.email, n)
        run_jobs()
    with clock.frozen(clock.now() + timedelta(days=1, minutes=1)):
        forgot(flask_app, user.email, 7)
        run_jobs()
    assert len(mails_to(user.email)) == 6


def test_one_place_cannot_ask_for_many_addresses(flask_app: Flask) -> None:
    codes = []
    for n in range(25):
        client = flask_app.test_client()
        codes.append(post(client, "/forgot", {"email": f"person{n}@example.test"}).status_code)
    assert codes == [303] * 20 + [429] * 5
