"""Customers on the console: finding them, their page, and who may change what."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core.transaction import transaction
from crm.customers.models import Account, Contact
from tests.factories.jobs import run_jobs
from tests.factories.mails import link_in, mails_to
from tests.factories.people import make_account, make_address, make_customer, make_staff, make_user, sign_in
from tests.factories.statements import statements
from tests.factories.web import post


@pytest.fixture
def supervisor(client: FlaskClient) -> FlaskClient:
    with transaction() as session:
        user = make_staff(session, "supervisor")
    return sign_in(client, user)


@pytest.fixture
def cafe() -> Account:
    with transaction() as session:
        account = make_account(session, name="Café Süd", search_text="", country="AT")
        make_user(session, account=account, email="purchasing@sued.example", name="Einkauf")
        make_account(session, name="咖啡小店", kind="consumer")
        make_account(session, name="100% Arabica", kind="household")
        make_account(session, name="Roaster", is_partner=True)
    return account


def names(page: str) -> set[str]:
    return {name for name in ("Café Süd", "咖啡小店", "100% Arabica", "Roaster") if name in page}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=cafe+sud", {"Café Süd"}), ("q=SÜD", {"Café Süd"}), ("q=purchasing@sued", {"Café Süd"}), ("q=einkauf", {"Café Süd"}),
        ("q=咖啡", {"咖啡小店"}), ("q=%25", {"100% Arabica"}), ("q=_", set()), ("q=nothing+here", set()),
        ("kind=company", {"Café Süd"}), ("kind=partner", {"Roaster"}), ("kind=household", {"100% Arabica"}),
        ("kind=bogus", {"Café Süd", "咖啡小店", "100% Arabica", "Roaster"}),
    ],
)  # fmt: skip
def test_customers_are_found(supervisor: FlaskClient, cafe: Account, query: str, found: set[str]) -> None:
    page = supervisor.get(f"/staff/customers?{query}")
    assert page.status_code == 200
    assert names(page.text.split('id="results"')[1]) == found


def test_by_number(supervisor: FlaskClient, cafe: Account) -> None:
    assert names(supervisor.get(f"/staff/customers?q={cafe.number}").text.split('id="results"')[1]) == {
        "Café Süd"
    }


def test_the_list_asks_the_same_number_of_queries_however_long(
    supervisor: FlaskClient, cafe: Account
) -> None:
    def count() -> int:
        with statements() as seen:
            supervisor.get("/staff/customers")
        return len(seen)

    few = count()
    with transaction() as session:
        for n in range(60):
            make_customer(session, account=make_account(session, name=f"Firm {n}"))
    assert count() == few
    first = supervisor.get("/staff/customers").text
    after = first.split("after=")[1].split('"')[0]
    second = supervisor.get(f"/staff/customers?after={after}").text
    assert names(first) == set() and names(second) == {"Café Süd", "咖啡小店", "100% Arabica", "Roaster"}


def test_the_page_shows_people_addresses_and_facts(supervisor: FlaskClient, cafe: Account) -> None:
    with transaction() as session:
        make_address(session, cafe, city="Graz", country="AT")
    page = supervisor.get(f"/staff/customers/{cafe.id}").text
    for text in ("purchasing@sued.example", "Graz", "Austria", f"Customer number {cafe.number}"):
        assert text in page


def test_who_may_see_and_who_may_change(flask_app: Flask, cafe: Account) -> None:
    with transaction() as session:
        people = {role: make_staff(session, role) for role in ("agent", "editor", "analyst", "marketer")}
        customer = make_customer(session)
    seen = {
        role: sign_in(flask_app.test_client(), user).get(f"/staff/customers/{cafe.id}").status_code
        for role, user in people.items()
    }
    assert seen == {"agent": 200, "editor": 403, "analyst": 200, "marketer": 200}
    assert sign_in(flask_app.test_client(), customer).get(f"/staff/customers/{cafe.id}").status_code == 404
    agent = sign_in(flask_app.test_client(), people["agent"])
    invite = post(agent, f"/staff/customers/{cafe.id}/invite", {"email": "x@example.test", "access": "own"})
    assert invite.status_code == 403
    assert "/invite" not in agent.get(f"/staff/customers/{cafe.id}").text


def test_the_first_person_of_an_imported_account_is_invited(
    flask_app: Flask, supervisor: FlaskClient, cafe: Account
) -> None:
    with transaction() as session:
        imported = make_account(session, name="Imported firm", source="import", external_id="17850")
    url = f"/staff/customers/{imported.id}"
    assert (
        post(
            supervisor, f"{url}/invite", {"email": "first@example.test", "access": "administrator"}
        ).status_code
        == 303
    )
    run_jobs()
    guest = flask_app.test_client()
    guest.get(link_in(mails_to("first@example.test")[0]))
    assert post(guest, "/invitation", {"name": "First", "password": "a brand new one"}).status_code == 303
    assert "first@example.test" in supervisor.get(url).text
    with transaction() as session:
        contact = session.scalar(select(Contact).where(Contact.account_id == imported.id))
        assert contact is not None and contact.role == "company_administrator"


def test_an_unknown_customer_is_not_found(supervisor: FlaskClient) -> None:
    assert supervisor.get("/staff/customers/018f0000-0000-7000-8000-000000000000").status_code == 404
    assert supervisor.get("/staff/customers/1").status_code == 404
