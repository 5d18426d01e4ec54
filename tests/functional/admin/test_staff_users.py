"""Members of staff on the console: inviting, roles, shutting out, and the rules that keep an administrator."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core.audit import AuditEntry
from core.transaction import reading, transaction
from crm.identity.models import User
from tests.factories.jobs import run_jobs
from tests.factories.mails import link_in, mails_to
from tests.factories.people import make_customer, make_staff, sign_in
from tests.factories.web import post


@pytest.fixture
def admin(client: FlaskClient) -> User:
    with transaction() as session:
        user = make_staff(session, name="First administrator")
    sign_in(client, user)
    return user


def roles_of(user: User) -> list[str]:
    with reading() as session:
        return sorted(role.role for role in session.get_one(User, user.id).roles)


def test_an_invited_member_chooses_a_password_and_works(
    flask_app: Flask, client: FlaskClient, admin: User
) -> None:
    form = {
        "name": "New agent",
        "email": "agent@example.test",
        "locale": "zh-Hant",
        "roles": ["agent", "editor"],
    }
    response = post(client, "/staff/users/new", form)
    assert response.status_code == 303
    assert "Invited" in client.get(response.location).text
    run_jobs()
    (mail,) = mails_to("agent@example.test")
    assert mail.subject == "您的 Aurora Home 工作台權限"
    guest = flask_app.test_client()
    guest.get(link_in(mail))
    assert post(guest, "/invitation", {"password": "a brand new one"}).status_code == 303
    assert (
        post(guest, "/sign-in", {"email": "agent@example.test", "password": "a brand new one"}).location
        == "/staff"
    )
    page = guest.get("/staff").text
    assert "/staff/customers" in page and "/staff/users" not in page
    with reading() as session:
        actions = list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.seq)))
    assert actions == ["staff.created", "invitation.accepted", "sign_in.succeeded"]


@pytest.mark.parametrize("path", ["/staff/users", "/staff/users/new"])
@pytest.mark.parametrize("role", ["agent", "supervisor", "editor", "marketer", "partner_manager", "analyst"])
def test_only_administrators_see_staff(client: FlaskClient, path: str, role: str) -> None:
    with transaction() as session:
        user = make_staff(session, role)
    assert sign_in(client, user).get(path).status_code == 403


def test_the_list_is_searched_and_filtered(client: FlaskClient, admin: User) -> None:
    with transaction() as session:
        make_staff(session, "agent", name="Night agent", email="night@example.test")
        make_staff(session, "editor", name="100% editor")
        make_staff(session, "agent", name="Gone agent", is_active=False)
        make_customer(session, name="Night customer")
    assert "Night agent" in client.get("/staff/users?q=NIGHT").text
    assert "Night customer" not in client.get("/staff/users?q=night").text
    assert "100% editor" in client.get("/staff/users?q=%25").text
    assert "Night agent" not in client.get("/staff/users?q=%25").text
    by_role = client.get("/staff/users?role=agent&state=active").text
    assert "Night agent" in by_role and "Gone agent" not in by_role and "100% editor" not in by_role
    assert "Nobody fits" in client.get("/staff/users?page=99").text
    assert client.get("/staff/users?page=99999999999999999999").status_code == 200


def test_nobody_changes_their_own_roles_or_shuts_themselves_out(client: FlaskClient, admin: User) -> None:
    assert (
        post(client, f"/staff/users/{admin.id}/roles", {"roles": ["administrator", "agent"]}).status_code
        == 403
    )
    assert post(client, f"/staff/users/{admin.id}/deactivate").status_code == 403
    assert roles_of(admin) == ["administrator"]


def test_the_last_administrator_stays_one(client: FlaskClient, admin: User) -> None:
    """Also when a second one who did the asking has gone meanwhile."""
    with transaction() as session:
        second = make_staff(session)
    assert post(client, f"/staff/users/{second.id}/roles", {"roles": ["agent"]}).status_code == 303
    with transaction() as session:
        session.get_one(User, second.id).roles[0].role = "administrator"
        session.get_one(User, admin.id).password_hash = None
    assert post(client, f"/staff/users/{second.id}/roles", {"roles": ["agent"]}).status_code == 409
    assert post(client, f"/staff/users/{second.id}/deactivate").status_code == 409
    assert roles_of(second) == ["administrator"]


def test_an_address_that_is_taken_is_said_to_an_administrator(client: FlaskClient, admin: User) -> None:
    form = {"name": "X", "email": admin.email.upper(), "locale": "en", "roles": ["agent"]}
    response = post(client, "/staff/users/new", form)
    assert response.status_code == 422
    assert "There is an account with this email address already." in response.text


def test_customers_are_not_staff(client: FlaskClient, admin: User) -> None:
    with transaction() as session:
        customer = make_customer(session)
    assert client.get(f"/staff/users/{customer.id}").status_code == 404
    assert post(client, f"/staff/users/{customer.id}/roles", {"roles": ["administrator"]}).status_code == 404
    assert post(client, f"/staff/users/{customer.id}/deactivate").status_code == 404


def test_somebody_with_a_password_is_not_invited_again(client: FlaskClient, admin: User) -> None:
    with transaction() as session:
        agent = make_staff(session, "agent")
    assert post(client, f"/staff/users/{agent.id}/invite").status_code == 409
