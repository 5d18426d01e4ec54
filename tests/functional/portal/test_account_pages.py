"""Every page of the account answers those it is for, and no other."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from core.transaction import transaction
from tests.factories.people import make_account, make_address, make_customer, make_staff, make_user, sign_in

PUBLIC = ["/sign-in", "/sign-up", "/forgot", "/forgot/sent", "/mailbox"]
OWN = ["/account", "/account/profile", "/account/security", "/account/sessions"]
CUSTOMER = [*OWN, "/account/addresses", "/account/addresses/new", "/account/tokens"]


@pytest.mark.parametrize("path", PUBLIC)
def test_visitors_see_the_public_pages(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", [*CUSTOMER, "/account/colleagues"])
def test_a_visitor_gets_the_sign_in_form_that_leads_back(client: FlaskClient, path: str) -> None:
    response = client.get(f"{path}?a=1")
    assert response.status_code == 401
    assert f'name="next" type="hidden" value="{path}?a=1"' in response.text
    assert 'action="/sign-in"' in response.text


@pytest.mark.parametrize("path", CUSTOMER)
@pytest.mark.parametrize("locale", ["en", "zh-Hant", "zh-Hans"])
def test_a_customer_sees_their_pages_in_their_language(client: FlaskClient, path: str, locale: str) -> None:
    with transaction() as session:
        user = make_customer(session, locale=locale)
    response = sign_in(client, user).get(path)
    assert response.status_code == 200
    assert f'<html lang="{locale}"' in response.text


@pytest.mark.parametrize("path", OWN)
def test_staff_see_their_account_inside_the_console(client: FlaskClient, path: str) -> None:
    with transaction() as session:
        user = make_staff(session, "agent")
    response = sign_in(client, user).get(path)
    assert response.status_code == 200
    assert "data-staff" in response.text


def test_colleagues_are_for_company_administrators(client: FlaskClient) -> None:
    with transaction() as session:
        account = make_account(session)
        admin = make_user(session, account=account, role="company_administrator", scope="company")
        other = make_user(session, account=account)
    assert sign_in(client, other).get("/account/colleagues").status_code == 403
    page = sign_in(client, admin).get("/account/colleagues")
    assert page.status_code == 200
    assert other.email in page.text


def test_an_address_of_another_account_is_not_found(client: FlaskClient) -> None:
    with transaction() as session:
        mine, theirs = make_account(session), make_account(session)
        user = make_customer(session, account=mine)
        foreign = make_address(session, theirs)
        own = make_address(session, mine)
    sign_in(client, user)
    assert client.get(f"/account/addresses/{own.id}").status_code == 200
    assert client.get(f"/account/addresses/{foreign.id}").status_code == 404
