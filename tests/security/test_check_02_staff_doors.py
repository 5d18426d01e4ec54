"""Check 2: nobody but staff with the right permission gets past a staff door, and nobody past a closed one."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from crm.identity.roles import STAFF_ROLES, permissions_of
from tests.factories.people import make_customer, make_staff, make_user, sign_in
from tests.factories.web import csrf_token
from tests.security.routes import Door, doors


def _knock(client: FlaskClient, door: Door, token: str) -> int:
    if door.method == "GET":
        return client.get(door.path).status_code
    return client.open(door.path, method=door.method, data={"csrf_token": token}).status_code


@pytest.mark.parametrize("who", ["visitor", "customer", "company_administrator", "partner"])
def test_staff_doors_are_closed_to_others(flask_app: Flask, session: Session, who: str) -> None:
    client = flask_app.test_client()
    if who == "customer":
        sign_in(client, make_customer(session))
    elif who == "company_administrator":
        sign_in(client, make_customer(session, role="company_administrator", scope="company"))
    elif who == "partner":
        sign_in(client, make_user(session, kind="partner", roles=("partner",)))
    session.flush()
    token = csrf_token(client)
    expected = 401 if who == "visitor" else 404
    answers = {
        (door.rule, door.method): _knock(client, door, token)
        for door in doors(flask_app)
        if door.policy.audience == "staff"
    }
    assert len(answers) > 20
    assert {key: status for key, status in answers.items() if status != expected} == {}


@pytest.mark.parametrize("role", sorted(STAFF_ROLES))
def test_staff_doors_ask_for_their_permission(flask_app: Flask, session: Session, role: str) -> None:
    client = flask_app.test_client()
    sign_in(client, make_staff(session, role))
    token = csrf_token(client)
    held = permissions_of(frozenset({role}))
    wrong = {}
    for door in doors(flask_app):
        if (
            door.policy.audience != "staff"
            or door.policy.permission is None
            or door.policy.permission in held
        ):
            continue
        status = _knock(client, door, token)
        if status != 403:
            wrong[door.rule, door.method] = status
    assert wrong == {}


def test_doors_for_people_who_signed_in_are_closed_to_visitors(flask_app: Flask) -> None:
    client = flask_app.test_client()
    token = csrf_token(client)
    wrong = {}
    for door in doors(flask_app):
        if door.policy.audience == "public":
            continue
        status = _knock(client, door, token)
        if status != 401:
            wrong[door.rule, door.method] = status
    assert wrong == {}


def test_staff_have_no_business_on_customers_doors(flask_app: Flask, session: Session) -> None:
    client = flask_app.test_client()
    sign_in(client, make_staff(session, "administrator"))
    token = csrf_token(client)
    wrong = {}
    for door in doors(flask_app):
        if door.policy.audience in {"customer", "partner", "token"}:
            status = _knock(client, door, token)
            if status not in {401, 403, 404}:
                wrong[door.rule, door.method] = status
    assert wrong == {}
