"""Check 9, accounts: fields that no form offers change nothing."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from core.transaction import reading, transaction
from crm.customers.models import Account, Address, Contact, Invitation
from crm.identity.models import ApiToken, User
from tests.factories.jobs import run_jobs
from tests.factories.mails import link_in, mails_to
from tests.factories.people import PASSWORD, make_account, make_address, make_staff, make_user, sign_in
from tests.factories.web import post

EXTRA = {
    "role": "administrator", "roles": "administrator", "kind": "staff", "is_staff": "true", "is_active": "",
    "is_demo": "true", "verified": "true", "email_verified_at": "2020-01-01", "email": "taken-over@example.test",
    "customer_id": "1", "account_id": "018f0000-0000-7000-8000-000000000000", "user_id": "018f0000-0000-7000-8000-000000000000",
    "id": "018f0000-0000-7000-8000-000000000000", "scope": "all", "permissions": "users.manage", "password_hash": "x",
    "price": "0", "balance": "99999", "pays_on_account": "true", "status": "gold", "created_at": "2001-01-01",
    "number": "1", "is_partner": "true", "last_sign_in_at": "2001-01-01", "digest": "0" * 64, "scopes": "users.manage",
}  # fmt: skip


def columns(row: Any, *, but: tuple[str, ...] = ()) -> dict[str, Any]:
    return {c.key: getattr(row, c.key) for c in row.__table__.columns if c.key not in {*but, "updated_at"}}


@pytest.fixture
def people() -> dict[str, Any]:
    with transaction() as session:
        account = make_account(session)
        return {
            "account": account,
            "admin": make_user(session, account=account, role="company_administrator", scope="company"),
            "colleague": make_user(session, account=account),
            "address": make_address(session, account),
        }


def test_profile(client: FlaskClient, people: dict[str, Any]) -> None:
    user = people["colleague"]
    form = {
        "name": "New name", "phone": "", "locale": "en", "timezone": "Europe/Berlin", "currency": "EUR",
        "preferred_channel": "email",
    }  # fmt: skip
    response = post(sign_in(client, user), "/account/profile", {**EXTRA, **form})
    assert response.status_code == 303
    with reading() as session:
        after = session.get_one(User, user.id)
        assert after.name == "New name"
        assert columns(after, but=("name",)) == columns(user, but=("name",))
        assert after.roles == []
        contact = session.scalar(select(Contact).where(Contact.user_id == user.id))
        assert contact is not None and (contact.role, contact.scope) == ("customer", "own")
        assert columns(session.get_one(Account, people["account"].id)) == columns(people["account"])


def test_address(client: FlaskClient, people: dict[str, Any]) -> None:
    form = {"recipient": "R", "line1": "L", "city": "C", "country": "DE"}
    own = sign_in(client, people["colleague"])
    assert post(own, "/account/addresses/new", {**EXTRA, **form}).status_code == 303
    assert post(own, f"/account/addresses/{people['address'].id}", {**EXTRA, **form}).status_code == 303
    with reading() as session:
        rows = session.scalars(select(Address).order_by(Address.created_at)).all()
        assert [row.account_id for row in rows] == [people["account"].id] * 2
        assert [row.user_id for row in rows] == [None, people["colleague"].id]
        assert str(rows[1].id) != EXTRA["id"]
        assert {row.created_at.year for row in rows} != {2001}


def test_sign_up(client: FlaskClient) -> None:
    form = {
        "kind": "company",
        "company": "Firm",
        "name": "N",
        "email": "n@example.test",
        "password": PASSWORD,
    }
    assert post(client, "/sign-up", {**EXTRA, **form}).status_code == 303
    run_jobs()
    client.get(link_in(mails_to("n@example.test")[0]))
    assert post(client, "/verify", EXTRA).status_code == 303
    with reading() as session:
        user = session.scalar(select(User).where(User.email == "n@example.test"))
        assert user is not None
        contact = session.scalar(select(Contact).where(Contact.user_id == user.id))
        assert contact is not None
        account = session.get_one(Account, contact.account_id)
    assert (user.kind, user.is_demo, user.roles, contact.role) == (
        "customer",
        False,
        [],
        "company_administrator",
    )
    assert (account.is_partner, account.pays_on_account, account.kind) == (False, False, "company")
    assert account.number > 1


def test_sign_up_as_a_person_makes_no_company(client: FlaskClient) -> None:
    form = {"kind": "staff", "name": "N", "email": "n@example.test", "password": PASSWORD}
    assert post(client, "/sign-up", form).status_code == 422


def test_invitation(client: FlaskClient, people: dict[str, Any]) -> None:
    extra = {key: value for key, value in EXTRA.items() if key != "email"}
    own = sign_in(client, people["admin"])
    response = post(own, "/account/colleagues/invite", {**extra, "email": "i@example.test", "access": "own"})
    assert response.status_code == 303
    with reading() as session:
        row = session.scalar(select(Invitation))
        assert row is not None
        assert (row.account_id, row.role, row.scope) == (people["account"].id, "customer", "own")
    run_jobs()
    guest = client.application.test_client()
    guest.get(link_in(mails_to("i@example.test")[0]))
    assert post(guest, "/invitation", {**EXTRA, "name": "I", "password": PASSWORD}).status_code == 303
    with reading() as session:
        user = session.scalar(select(User).where(User.email == "i@example.test"))
        assert user is not None and (user.kind, user.roles) == ("customer", [])


@pytest.mark.parametrize("access", ["staff", "administrator ", "all", "", "agent"])
def test_access_that_is_not_offered(client: FlaskClient, people: dict[str, Any], access: str) -> None:
    own = sign_in(client, people["admin"])
    with reading() as session:
        contact = session.scalar(select(Contact).where(Contact.user_id == people["colleague"].id))
    assert contact is not None
    assert post(own, f"/account/colleagues/{contact.id}/access", {"access": access}).status_code == 422


def test_api_token(client: FlaskClient, people: dict[str, Any]) -> None:
    own = sign_in(client, people["colleague"])
    assert post(own, "/account/tokens", {**EXTRA, "name": "Shop system"}).status_code == 422
    fields = {**EXTRA, "name": "Shop system", "scopes": ["orders:read"]}
    assert post(own, "/account/tokens", fields).status_code == 200
    with reading() as session:
        row = session.scalars(select(ApiToken)).one()
    assert (row.user_id, row.scopes, row.revoked_at) == (people["colleague"].id, ["orders:read"], None)
    assert row.digest != EXTRA["digest"]


def test_staff(client: FlaskClient) -> None:
    with transaction() as session:
        admin = make_staff(session)
    sign_in(client, admin)
    form = {"name": "Agent", "email": "a@example.test", "locale": "en", "roles": ["agent"]}
    assert post(client, "/staff/users/new", {**EXTRA, **form}).status_code == 303
    with reading() as session:
        user = session.scalar(select(User).where(User.email == "a@example.test"))
    assert user is not None
    assert ([role.role for role in user.roles], user.kind, user.password_hash) == (["agent"], "staff", None)
    assert (user.is_demo, user.email_verified_at) == (False, None)


@pytest.mark.parametrize("roles", [["root"], ["agent", "system"], ["company_administrator"], []])
def test_roles_that_do_not_exist(client: FlaskClient, roles: list[str]) -> None:
    with transaction() as session:
        admin, agent = make_staff(session), make_staff(session, "agent")
    response = post(sign_in(client, admin), f"/staff/users/{agent.id}/roles", {"roles": roles})
    assert response.status_code == 422
    with reading() as session:
        assert [role.role for role in session.get_one(User, agent.id).roles] == ["agent"]
