"""Check 24, accounts and console: no form acts without its token, and reading changes nothing."""

from __future__ import annotations

import hashlib
import uuid

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from app.models import metadata
from core.ids import new_id
from core.transaction import reading, transaction
from core.web.policy import policy_of
from crm.customers.models import Address, Contact
from tests.factories.owned import make_owned
from tests.factories.people import PASSWORD, make_account, make_address, make_staff, make_user, sign_in
from tests.factories.web import csrf_token

ROOMS = ("account.", "staff_users.", "staff_customers.", "staff_home.")
# What changes by itself: when a session was last seen.
ALIVE = {"web_session", "rate_counter"}


def unsafe_rules(flask_app: Flask) -> list[str]:
    return sorted(
        str(rule)
        for rule in flask_app.url_map.iter_rules()
        if rule.endpoint.startswith(ROOMS) and "POST" in (rule.methods or ())
    )


def filled(rule: str, ids: dict[str, uuid.UUID]) -> str:
    for name, value in ids.items():
        rule = rule.replace(f"<uuid:{name}>", str(value))
    assert "<" not in rule, rule
    return rule


def digest() -> str:
    """Of every row of every table that only people change."""
    sums = hashlib.sha256()
    with reading() as session:
        for table in metadata.sorted_tables:
            if table.name not in ALIVE:
                for row in session.execute(text(f'SELECT * FROM "{table.name}" ORDER BY 1')):
                    sums.update(repr(tuple(row)).encode())
    return sums.hexdigest()


@pytest.fixture
def world(flask_app: Flask) -> tuple[FlaskClient, FlaskClient, dict[str, uuid.UUID]]:
    """A company administrator, an administrator of ours, and the ids that routes take."""
    with transaction() as session:
        account = make_account(session)
        customer = make_user(session, account=account, role="company_administrator", scope="company")
        colleague = make_user(session, account=account)
        address = make_address(session, account)
        admin, agent = make_staff(session), make_staff(session, "agent")
        owned = make_owned(session, customer, account.id)
        contact = session.scalar(select(Contact).where(Contact.user_id == colleague.id))
    assert contact is not None
    ids = {
        "address_id": address.id, "contact_id": contact.id, "user_id": agent.id, "account_id": account.id,
        "session_id": new_id(), "invitation_id": new_id(), "token_id": new_id(), "mail_id": new_id(),
        "owned_id": owned.id,
    }  # fmt: skip
    return sign_in(flask_app.test_client(), customer), sign_in(flask_app.test_client(), admin), ids


FORM = {
    "email": "x@example.test", "name": "X", "password": "a brand new password", "current": PASSWORD, "kind": "person",
    "access": "company", "roles": "administrator", "scopes": "orders:write", "recipient": "R", "line1": "L",
    "city": "C", "country": "DE", "locale": "en", "timezone": "UTC", "currency": "EUR", "preferred_channel": "email",
}  # fmt: skip


def test_every_form_refuses_without_a_token_of_its_own_session(
    flask_app: Flask, world: tuple[FlaskClient, FlaskClient, dict[str, uuid.UUID]]
) -> None:
    customer, admin, ids = world
    foreign = csrf_token(flask_app.test_client())
    before = digest()
    rules = unsafe_rules(flask_app)
    assert len(rules) >= 25
    for rule in rules:
        client = admin if rule.startswith("/staff") else customer
        url = filled(rule, ids)
        for extra in ({}, {"csrf_token": ""}, {"csrf_token": "null"}, {"csrf_token": foreign}):
            answer = client.post(url, data={**FORM, **extra}, headers={"Origin": "https://evil.example"})
            assert answer.status_code == 400, (url, extra)
        as_text = client.post(url, data='{"email": "x@example.test"}', content_type="text/plain")
        assert as_text.status_code in {400, 415}, url
        as_json = client.post(url, json=FORM)
        assert as_json.status_code in {400, 415}, url
    assert digest() == before


def test_a_token_in_the_address_does_not_count(
    world: tuple[FlaskClient, FlaskClient, dict[str, uuid.UUID]],
) -> None:
    customer, _admin, ids = world
    token = csrf_token(customer)
    url = f"/account/addresses/{ids['address_id']}/delete"
    assert customer.post(f"{url}?csrf_token={token}").status_code == 400
    assert customer.get(f"{url}?csrf_token={token}").status_code == 405
    with reading() as session:
        assert session.get(Address, ids["address_id"]) is not None


def test_reading_every_page_changes_nothing(
    flask_app: Flask, world: tuple[FlaskClient, FlaskClient, dict[str, uuid.UUID]]
) -> None:
    customer, admin, ids = world
    before = digest()
    read = 0
    for rule in flask_app.url_map.iter_rules():
        if not rule.endpoint.startswith(ROOMS) or "GET" not in (rule.methods or ()):
            continue
        assert policy_of(flask_app, rule.endpoint) is not None
        url = filled(str(rule), ids)
        for client in (customer, admin, flask_app.test_client()):
            assert client.get(url).status_code < 500
            assert client.head(url).status_code < 500
        read += 1
    assert read >= 20
    assert digest() == before
