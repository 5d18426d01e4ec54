"""Check 25: nobody learns from an answer whether an address has an account. (Time: benchmarks/timing_enumeration.py.)"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from core.transaction import transaction
from crm.identity.models import User
from tests.factories.jobs import run_jobs
from tests.factories.mails import mails_to
from tests.factories.people import PASSWORD, make_account, make_customer, make_user, sign_in
from tests.factories.statements import statements
from tests.factories.web import csrf_token, post

KNOWN, UNKNOWN = "known-person@example.test", "nobody-here@example.test"
Probe = Callable[[FlaskClient, str], TestResponse]


def shape(response: TestResponse, address: str) -> tuple[int, dict[str, str], str]:
    """Status, headers and body without what differs between any two answers: nonce, token, the typed address."""
    headers = {
        name: re.sub(r"nonce-[\w-]+|rapport_session=[^;]+|expires=[^;]+", "", value, flags=re.I)
        for name, value in response.headers
    }
    body = (
        re.sub(r'nonce="[^"]+"|[\w.-]{64,}', "", response.text)
        .replace(address, "")
        .replace(quote(address), "")
    )
    headers.pop("Content-Length", None)
    return response.status_code, headers, body


def wrong_password(client: FlaskClient, address: str) -> TestResponse:
    return post(client, "/sign-in", {"email": address, "password": "not the password"})


def forgot(client: FlaskClient, address: str) -> TestResponse:
    response = post(client, "/forgot", {"email": address})
    assert response.status_code == 303
    return client.get(response.location) if response.location else response


def sign_up(client: FlaskClient, address: str) -> TestResponse:
    form = {"kind": "person", "name": "Person", "email": address, "password": PASSWORD}
    response = post(client, "/sign-up", form)
    assert response.status_code == 303
    return client.get(response.location)


def sign_up_again(client: FlaskClient, address: str) -> TestResponse:
    sign_up(client, address)
    response = post(client, "/sign-up/again")
    assert response.status_code == 303
    return client.get(response.location)


@pytest.fixture
def known() -> User:
    with transaction() as session:
        return make_customer(session, email=KNOWN)


@pytest.mark.parametrize("probe", [wrong_password, forgot, sign_up, sign_up_again])
def test_the_answer_is_the_same(flask_app: Flask, known: User, probe: Probe) -> None:
    one = shape(probe(flask_app.test_client(), KNOWN), KNOWN)
    other = shape(probe(flask_app.test_client(), UNKNOWN), UNKNOWN)
    assert one == other


def test_also_for_who_has_no_password_yet_and_for_who_is_deactivated(flask_app: Flask) -> None:
    with transaction() as session:
        make_customer(session, email="invited@example.test", password=None)
        make_customer(session, email="gone@example.test", is_active=False)
    answers = {
        shape(wrong_password(flask_app.test_client(), address), address)[2]
        for address in ("invited@example.test", "gone@example.test", UNKNOWN)
    }
    assert len(answers) == 1
    right = post(flask_app.test_client(), "/sign-in", {"email": "gone@example.test", "password": PASSWORD})
    assert shape(right, "gone@example.test")[2] in answers


def test_an_administrator_who_invites_learns_nothing(flask_app: Flask, known: User) -> None:
    with transaction() as session:
        account = make_account(session)
        admin = make_user(session, account=account, role="company_administrator", scope="company")
    pages = []
    for address in (KNOWN, UNKNOWN):
        own = sign_in(flask_app.test_client(), admin)
        assert post(own, "/account/colleagues/invite", {"email": address, "access": "own"}).status_code == 303
        run_jobs()
        page = own.get("/account/colleagues").text
        row = re.search(rf"<li[^>]*>(?:(?!</li>).)*{address}.*?</li>", page, re.S)
        assert row
        pages.append(
            re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|[\w.-]{64,}|<time.*?</time>", "", row[0]).replace(address, "")
        )
    assert pages[0] == pages[1]
    assert "token=" not in mails_to(KNOWN)[0].text


def test_changing_to_an_address_that_is_taken_is_answered_alike(flask_app: Flask, known: User) -> None:
    with transaction() as session:
        user = make_customer(session)
    answers = []
    for address in (KNOWN, UNKNOWN):
        own = sign_in(flask_app.test_client(), user)
        response = post(own, "/account/email", {"email": address, "current": PASSWORD})
        answers.append(shape(response, address))
    run_jobs()
    assert answers[0] == answers[1]
    assert mails_to(KNOWN) == []
    assert len(mails_to(UNKNOWN)) == 1


@pytest.mark.parametrize("path", ["/sign-in", "/forgot", "/sign-up"])
def test_the_work_is_the_same(flask_app: Flask, known: User, path: str) -> None:
    """The same statements in the same order: what follows from the difference is done by a job."""

    def work(address: str) -> list[str]:
        client = flask_app.test_client()
        token = csrf_token(client)
        form = {"kind": "person", "name": "Person", "email": address, "password": "not the password"}
        with statements() as seen:
            client.post(path, data={**form, "csrf_token": token})
        return [re.sub(r"sa_savepoint_\d+", "", statement) for statement in seen]

    known_work, unknown_work = work(KNOWN), work(UNKNOWN)
    assert len(known_work) > 3
    assert known_work == unknown_work


def test_the_owner_of_a_known_address_is_told_by_mail(client: FlaskClient, known: User) -> None:
    sign_up(client, KNOWN)
    run_jobs()
    mails = mails_to(KNOWN)
    assert [mail.kind for mail in mails] == ["account.known"]
    assert "token=" not in mails[0].text
