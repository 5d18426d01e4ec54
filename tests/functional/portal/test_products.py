"""The list of what a customer has: delivered, registered, corrected, removed and taken back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.transaction import reading, transaction
from crm.catalogue.models import ProductLink
from crm.identity.models import User
from crm.ownership.models import OwnedProduct
from crm.ownership.units import follow_order
from tests.factories.goods import make_product
from tests.factories.orders import make_line, make_order
from tests.factories.owned import make_owned
from tests.factories.people import make_account, make_customer, make_user, sign_in
from tests.factories.statements import statements
from tests.factories.web import post


@pytest.fixture
def session() -> Iterator[Session]:
    """As everywhere, for pages that refuse: a browser's request is a transaction of its own, here it is nested."""
    with transaction() as found:
        yield found
        found.info.pop("half_done", None)
        found.flush()


def _customer(session: Session) -> tuple[User, object]:
    account = make_account(session)
    return make_user(session, account=account), account.id


def _owned(owned_id: object) -> OwnedProduct:
    with reading() as session:
        return session.scalars(
            select(OwnedProduct).where(OwnedProduct.id == owned_id).execution_options(populate_existing=True)
        ).one()


def test_empty_list_offers_the_first_step(client: FlaskClient, session: Session) -> None:
    page = sign_in(client, make_customer(session)).get("/products")
    assert page.status_code == 200
    assert "Your products will be here" in page.text
    assert 'href="/products/new"' in page.text


def test_visitors_are_asked_to_sign_in(client: FlaskClient) -> None:
    assert client.get("/products").status_code == 401


def test_delivered_unit_shows_warranty_order_and_parts(client: FlaskClient, session: Session) -> None:
    account = make_account(session)
    user = make_user(session, account=account)
    machine = make_product(session, is_serialised=True, warranty_months=24, names={"en": "Daybreak 120"})
    part = make_product(session, names={"en": "Filter set"}, consumable_days=90)
    session.add(ProductLink(product_id=part.id, other_id=machine.id, kind="fits"))
    arrived = clock.now() - timedelta(days=100)
    order = make_order(
        session,
        user=user,
        account=account,
        lines=[make_line(machine)],
        state="delivered",
        delivered_at=arrived,
    )
    follow_order(session, order.id)
    owned = session.scalars(select(OwnedProduct)).one()
    sign_in(client, user)
    listed = client.get("/products").text
    assert "Daybreak 120" in listed
    assert "Under warranty" in listed
    assert "Filter set is due" in listed
    page = client.get(f"/products/{owned.id}").text
    assert f'href="/orders/{order.number}"' in page
    assert "Parts and supplies that fit" in page
    assert f'value="{part.id}"' in page, "the part can be put in the cart"
    assert f'href="/requests/new?owned={owned.id}"' in page


def test_supply_counts_from_its_last_purchase(client: FlaskClient, session: Session) -> None:
    account = make_account(session)
    user = make_user(session, account=account)
    machine = make_product(session, is_serialised=True)
    part = make_product(session, names={"en": "Filter set"}, consumable_days=90)
    session.add(ProductLink(product_id=part.id, other_id=machine.id, kind="fits"))
    make_owned(session, user, account.id, product=machine, acquired_on=clock.today() - timedelta(days=300))
    make_order(
        session,
        user=user,
        account=account,
        lines=[make_line(part)],
        placed_at=clock.now() - timedelta(days=10),
    )
    page = sign_in(client, user).get("/products").text
    assert "Filter set: next about" in page
    assert "is due" not in page


def test_registering_by_search_and_by_name(client: FlaskClient, session: Session) -> None:
    user, _account = _customer(session)
    machine = make_product(session, is_serialised=True, warranty_months=12, names={"en": "Hearth 210"})
    sign_in(client, user)
    first = client.get("/products/new").text
    assert f"product={machine.id}" in first
    second = client.get(f"/products/new?product={machine.id}").text
    assert "Hearth 210" in second
    day = clock.today() - timedelta(days=30)
    sent = post(
        client, "/products/new",
        {"product": machine.id, "acquired_on": day.isoformat(), "serial_number": "ab 12345", "nickname": "Kitchen"},
    )  # fmt: skip
    assert sent.status_code == 303
    page = client.get(sent.location).text
    assert "AB-12345" in page and "Kitchen" in page and "Under warranty" in page
    free = client.get("/products/new?other=1&name=Old+grinder").text
    assert 'value="Old grinder"' in free
    sent = post(client, "/products/new", {"name": "Old grinder", "acquired_on": day.isoformat()})
    assert "Warranty not known" in client.get(sent.location).text


def test_wrong_form_keeps_what_was_typed(client: FlaskClient, session: Session) -> None:
    user, _account = _customer(session)
    sign_in(client, user)
    tomorrow = (clock.today() + timedelta(days=2)).isoformat()
    sent = post(
        client, "/products/new", {"name": "Grinder", "acquired_on": tomorrow, "serial_number": "AB-12345"}
    )
    assert sent.status_code == 422
    assert "still to come" in sent.text
    assert 'value="Grinder"' in sent.text and 'value="AB-12345"' in sent.text
    for data in (
        {"name": "Grinder", "acquired_on": "31.31.2026"},
        {"name": "", "acquired_on": "2026-01-01"},
        {"product": "not-an-id", "name": "", "acquired_on": "2026-01-01"},
        {"name": "Grinder", "acquired_on": "2026-01-01", "serial_number": "?!"},
        {"name": "G" * 200, "acquired_on": "2026-01-01"},
    ):
        assert post(client, "/products/new", data).status_code == 422, data
    with reading() as fresh:
        assert fresh.scalars(select(OwnedProduct)).all() == []


def test_serial_number_is_entered_and_the_twin_is_told(client: FlaskClient, session: Session) -> None:
    user, account = _customer(session)
    one = make_owned(session, user, account, serial_number="AB-12345")
    two = make_owned(session, user, account, name="Toaster")
    sign_in(client, user)
    sent = post(client, f"/products/{two.id}", {"serial_number": "ab 12345", "nickname": ""})
    assert sent.status_code == 422
    assert "You have this serial number already: Kettle." in sent.text
    assert (
        post(client, f"/products/{two.id}", {"serial_number": "AB-99999", "nickname": "Bar"}).status_code
        == 303
    )
    assert (_owned(two.id).serial_number, _owned(two.id).nickname) == ("AB-99999", "Bar")
    assert _owned(one.id).serial_number == "AB-12345"


def test_removing_can_be_undone(client: FlaskClient, session: Session) -> None:
    user, account = _customer(session)
    owned = make_owned(session, user, account)
    sign_in(client, user)
    gone = post(client, f"/products/{owned.id}/remove")
    assert gone.status_code == 303
    assert client.get(f"/products/{owned.id}").status_code == 404
    page = client.get(gone.location)
    assert "Kettle is off your list" in page.text
    assert post(client, f"/products/{owned.id}/take-back").status_code == 303
    assert client.get(f"/products/{owned.id}").status_code == 200
    assert client.get(f"/products/{owned.id}/removed").status_code == 404


def _statements(client: FlaskClient, url: str) -> int:
    with statements() as seen:
        assert client.get(url).status_code == 200
    return len(seen)


def test_list_reads_as_much_for_two_as_for_twenty(client: FlaskClient, session: Session) -> None:
    account = make_account(session)
    user = make_user(session, account=account, role="company_administrator", scope="company")
    machines = [make_product(session, is_serialised=True) for _ in range(3)]
    for machine in machines[:2]:
        make_owned(session, user, account.id, product=machine)
    sign_in(client, user)
    client.get("/products")
    few = _statements(client, "/products")
    for number in range(20):
        make_owned(session, user, account.id, product=machines[number % 3])
    assert _statements(client, "/products") == few


def test_long_list_goes_on(client: FlaskClient, session: Session) -> None:
    user, account = _customer(session)
    for number in range(30):
        make_owned(session, user, account, name=f"Thing {number:02}", acquired_on=date(2026, 1, 1))
    sign_in(client, user)
    first = client.get("/products").text
    found = re.search(r'href="(/products\?after=[0-9a-f-]+)"', first)
    assert found
    second = client.get(found[1]).text
    seen = set(re.findall(r"Thing \d\d", first)), set(re.findall(r"Thing \d\d", second))
    assert (len(seen[0]), len(seen[1]), len(seen[0] | seen[1])) == (24, 6, 30)
    assert client.get("/products?after=nonsense").status_code == 200
