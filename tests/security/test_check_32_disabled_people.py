"""Check 32: who is deactivated is out with the next request: sessions, tokens and links."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core.transaction import reading, transaction
from crm.customers.actors import load_actor, load_token
from crm.customers.models import Account, Contact
from crm.identity import services
from crm.identity.models import User
from tests.factories.jobs import run_jobs
from tests.factories.mails import link_in, mails_to
from tests.factories.people import PASSWORD, make_account, make_customer, make_staff, make_user, sign_in
from tests.factories.web import post


def _token(user: User) -> str:
    with transaction() as session:
        actor = load_actor(session, user.id)
        assert actor is not None
        _row, plain = services.create_api_token(session, actor, name="Shop system", scopes=["orders:read"])
    return plain


def test_a_customer_deactivated_by_staff(flask_app: Flask, client: FlaskClient) -> None:
    with transaction() as session:
        user, admin = make_customer(session), make_staff(session, "supervisor")
        contact = session.scalar(select(Contact).where(Contact.user_id == user.id))
    assert contact is not None
    own, token = sign_in(flask_app.test_client(), user), _token(user)
    post(flask_app.test_client(), "/forgot", {"email": user.email})
    run_jobs()
    link = link_in(mails_to(user.email)[0])
    assert own.get("/account").status_code == 200
    assert load_token(token) is not None
    sign_in(client, admin)
    assert post(client, f"/staff/contacts/{contact.id}/deactivate").status_code == 303
    assert own.get("/account").status_code == 401
    assert load_token(token) is None
    assert flask_app.test_client().get(link).status_code == 400
    assert (
        post(flask_app.test_client(), "/sign-in", {"email": user.email, "password": PASSWORD}).status_code
        == 422
    )


def test_a_member_of_staff_deactivated_by_an_administrator(flask_app: Flask, client: FlaskClient) -> None:
    with transaction() as session:
        agent, admin = make_staff(session, "agent"), make_staff(session)
    own = sign_in(flask_app.test_client(), agent)
    assert own.get("/staff").status_code == 200
    sign_in(client, admin)
    assert post(client, f"/staff/users/{agent.id}/deactivate").status_code == 303
    assert own.get("/staff").status_code == 401
    assert post(client, f"/staff/users/{agent.id}/activate").status_code == 303
    assert own.get("/staff").status_code == 401, "an ended session does not come back"


def test_a_row_changed_behind_our_back_counts_at_once(flask_app: Flask) -> None:
    with transaction() as session:
        user = make_customer(session)
    own, token = sign_in(flask_app.test_client(), user), _token(user)
    with transaction() as session:
        session.get_one(User, user.id).is_active = False
    assert own.get("/account").status_code == 401
    assert load_token(token) is None


@pytest.mark.parametrize("partner", [False, True])
def test_everybody_of_a_closed_account(flask_app: Flask, partner: bool) -> None:
    with transaction() as session:
        account = make_account(session, is_partner=partner)
        kind, role = ("partner", "partner") if partner else ("customer", "customer")
        user = make_user(session, kind=kind, account=account, role=role)
    own, token = sign_in(flask_app.test_client(), user), _token(user)
    assert own.get("/account").status_code == 200
    with transaction() as session:
        session.get_one(Account, account.id).is_active = False
    assert own.get("/account").status_code == 401
    assert load_token(token) is None


def test_a_colleague_who_was_removed(flask_app: Flask, client: FlaskClient) -> None:
    with transaction() as session:
        account = make_account(session)
        admin = make_user(session, account=account, role="company_administrator", scope="company")
        user = make_user(session, account=account)
        contact = session.scalar(select(Contact).where(Contact.user_id == user.id))
    assert contact is not None
    own, token = sign_in(flask_app.test_client(), user), _token(user)
    sign_in(client, admin)
    assert post(client, f"/account/colleagues/{contact.id}/remove").status_code == 303
    assert own.get("/account").status_code == 401
    assert load_token(token) is None
    with reading() as session:
        assert session.get_one(User, user.id).is_active is False


def test_a_revoked_token(client: FlaskClient) -> None:
    with transaction() as session:
        user = make_customer(session)
    token = _token(user)
    found = load_token(token)
    assert found is not None and found.can("orders:read") and not found.can("orders:write")
    sign_in(client, user)
    page = client.get("/account/tokens").text
    address = page.split("/account/tokens/")[1].split("/revoke")[0]
    assert post(client, f"/account/tokens/{address}/revoke").status_code == 303
    assert load_token(token) is None
    assert post(client, f"/account/tokens/{address}/revoke").status_code == 404
