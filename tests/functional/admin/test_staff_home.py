"""Each role finds its own work on the staff's home page, and the customer's page shows what the role may see."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.audit import AuditEntry
from core.jobs.models import Job
from core.transaction import reading, transaction
from crm.identity.models import User
from crm.orders.models import Order, OrderLine
from crm.ownership.models import OwnedProduct
from tests.factories.cases import make_case
from tests.factories.goods import make_product
from tests.factories.jobs import run_jobs
from tests.factories.orders import make_line, make_order
from tests.factories.owned import make_owned
from tests.factories.people import make_account, make_staff, make_user, sign_in
from tests.factories.statements import statements
from tests.factories.web import post

ROLES = ("agent", "supervisor", "editor", "marketer", "partner_manager", "analyst", "administrator")
PANELS = {"orders", "cases", "owned", "recommendations", "visits", "consent", "mails"}


@pytest.fixture
def session() -> Iterator[Session]:
    """As everywhere, for pages that refuse: a browser's request is a transaction of its own, here it is nested."""
    with transaction() as found:
        yield found
        found.info.pop("half_done", None)
        found.flush()


def _work(text: str) -> list[str]:
    return re.findall(r'data-work="([a-z_-]+)"', text)


@pytest.mark.parametrize("role", ROLES)
def test_every_role_has_a_home_even_when_nothing_is_there(
    client: FlaskClient, session: Session, role: str
) -> None:
    user = make_staff(session, role)
    page = sign_in(client, user).get("/staff")
    assert page.status_code == 200
    assert f"Hello, {user.name}" in page.text
    assert _work(page.text)


def test_agent_sees_late_unpaid_and_waiting_orders(client: FlaskClient, session: Session) -> None:
    yesterday = clock.today() - timedelta(days=3)
    late = make_order(session, state="shipped", promised_on=yesterday)
    unpaid = make_order(session, state="awaiting_payment", payment_method="card", payment_state="failed")
    fresh = make_order(session, state="placed")
    packing = make_order(session, state="packing")
    make_order(session, state="delivered", promised_on=yesterday)
    make_order(session, state="cancelled", promised_on=yesterday)
    page = sign_in(client, make_staff(session, "agent")).get("/staff").text
    assert _work(page)[:4] == ["orders-late", "orders-unpaid", "orders-to_confirm", "orders-to_pack"]
    for order, queue in ((late, "late"), (unpaid, "unpaid"), (fresh, "to_confirm"), (packing, "to_pack")):
        part = page[page.index(f'data-work="orders-{queue}"') :]
        assert order.number in part[: part.index("</section>")]
        listed = client.get(f"/staff/orders?state={queue}").text
        assert re.findall(r'href="/staff/orders/(SO-[^"]+)"', listed)[0] == order.number


def test_roles_see_only_their_work(client: FlaskClient, session: Session) -> None:
    make_order(session, state="placed")
    make_product(session, on_hand=0)
    session.add(Job(name="mail.deliver", payload={}, state="dead", error="boom"))
    make_user(session, kind="staff", roles=("agent",), password=None, name="Newcomer")
    session.flush()
    seen: dict[str, set[str]] = {}
    for role in ROLES:
        seen[role] = set(_work(sign_in(client, make_staff(session, role)).get("/staff").text))
        post(client, "/sign-out")
    for role in ROLES:
        assert ("orders-to_confirm" in seen[role]) == (role in {"agent", "supervisor", "administrator"}), role
        assert ("catalogue-out" in seen[role]) == (role in {"editor", "administrator"}), role
        assert ("jobs-dead" in seen[role]) == (role == "administrator"), role
        assert ("users-invited" in seen[role]) == (role == "administrator"), role


def test_orders_today_are_compared_with_the_same_weekday(client: FlaskClient, session: Session) -> None:
    for weeks in (1, 2):
        for _number in range(4):
            make_order(session, placed_at=clock.now() - timedelta(weeks=weeks, seconds=1))
    make_order(session, placed_at=clock.now())
    page = sign_in(client, make_staff(session, "agent")).get("/staff").text
    assert "usually 1 by this time of this weekday" in page


def _statements(client: FlaskClient, url: str) -> int:
    with statements() as seen:
        assert client.get(url).status_code == 200
    return len(seen)


def _customer(session: Session) -> tuple[User, Order]:
    account = make_account(session, name="Harbour Café")
    user = make_user(session, account=account)
    machine = make_product(session, is_serialised=True, names={"en": "Daybreak 120"})
    order = make_order(
        session, user=user, account=account, lines=[make_line(machine, 2)], state="delivered",
        delivered_at=clock.now() - timedelta(days=3),
    )  # fmt: skip
    return user, order


def _busy(session: Session, user: User, order: Order, times: int) -> None:
    account = order.account_id
    for number in range(times):
        make_order(session, state="placed", user=user, account=None).account_id = account
        make_order(
            session, state="packing", promised_on=clock.today() - timedelta(days=9)
        ).account_id = account
        make_case(session, user=user, subject=f"Question {number}").account_id = account
        make_owned(session, user, account)
        make_user(session, kind="staff", roles=("agent",), password=None)
    session.flush()


def test_home_and_customer_page_read_the_same_however_much_there_is(
    client: FlaskClient, session: Session
) -> None:
    user, order = _customer(session)
    _busy(session, user, order, 1)
    sign_in(client, make_staff(session, "administrator"))
    pages = ("/staff", f"/staff/customers/{order.account_id}")

    def read_again() -> list[int]:
        """What the second look costs: the first one after a change draws anew what is kept."""
        for page in pages:
            client.get(page)
        return [_statements(client, page) for page in pages]

    few = read_again()
    _busy(session, user, order, 12)
    assert read_again() == few


def test_customer_page_has_a_panel_per_room_and_a_switch_of_persons(
    client: FlaskClient, session: Session
) -> None:
    user, order = _customer(session)
    colleague = make_user(session, name="Second floor")
    from_colleague = make_owned(session, colleague, order.account_id, name="Toaster")
    session.execute(
        Order.metadata.tables["contact"]
        .insert()
        .values(
            id=from_colleague.id,
            account_id=order.account_id,
            user_id=colleague.id,
            role="customer",
            scope="own",
        )
    )
    sign_in(client, make_staff(session, "administrator"))
    url = f"/staff/customers/{order.account_id}"
    page = client.get(url).text
    panels = set(re.findall(r'<section class="panel" id="([a-z]+)" aria-labelledby="panel-', page))
    assert panels >= PANELS
    assert order.number in page and "Toaster" in page
    assert f"{url}?person={colleague.id}" in page
    alone = client.get(f"{url}?person={colleague.id}").text
    assert "Toaster" in alone and order.number not in alone
    assert order.number in client.get(f"{url}?person={user.id}").text
    assert order.number in client.get(f"{url}?person=somebody").text, "nobody chosen: everybody"


def test_partner_manager_sees_no_orders_and_no_cases(client: FlaskClient, session: Session) -> None:
    user, order = _customer(session)
    make_case(session, user=user, subject="Secret complaint").account_id = order.account_id
    session.flush()
    page = (
        sign_in(client, make_staff(session, "partner_manager"))
        .get(f"/staff/customers/{order.account_id}")
        .text
    )
    assert order.number not in page
    assert "Secret complaint" not in page
    assert 'id="owned"' in page


def test_staff_enter_a_serial_number(client: FlaskClient, session: Session) -> None:
    user, order = _customer(session)
    owned = make_owned(session, user, order.account_id)
    sign_in(client, make_staff(session, "agent"))
    assert post(client, f"/staff/owned/{owned.id}", {"serial_number": "ab 12345"}).status_code == 303
    post(client, f"/staff/owned/{owned.id}", {"serial_number": "<b>"})
    assert "A serial number has 5 to 40" in client.get(f"/staff/customers/{order.account_id}").text
    session.refresh(owned)
    assert owned.serial_number == "AB-12345"


def _version(order: Order) -> int:
    with reading() as fresh:
        return fresh.scalars(select(Order.version).where(Order.id == order.id)).one()


def test_marked_as_returned_is_told_taken_away_and_undone(client: FlaskClient, session: Session) -> None:
    user, order = _customer(session)
    line = order.lines[0]
    sign_in(client, make_staff(session, "agent"))
    page = client.get(f"/staff/orders/{order.number}").text
    assert "Mark as returned" in page
    base = f"/staff/orders/{order.number}/lines/{line.id}"
    data = {"version": order.version, "quantity": "1", "reason": "defective", "note_text": "Loud pump"}
    for wrong in ({"quantity": "3"}, {"quantity": "0"}, {"quantity": "x"}, {"reason": "whatever"}):
        assert post(client, f"{base}/returned", {**data, **wrong}).status_code == 422, wrong
    assert post(client, f"{base}/returned", {**data, "version": order.version + 1}).status_code == 409
    data["version"] = _version(order)
    assert post(client, f"{base}/returned", data).status_code == 303
    run_jobs()
    with reading() as fresh:
        units = fresh.scalars(select(OwnedProduct).where(OwnedProduct.order_line_id == line.id)).all()
        assert sorted(unit.removal_reason or "" for unit in units) == ["", "returned"]
        assert fresh.scalar(select(OrderLine.returned_quantity).where(OrderLine.id == line.id)) == 1
        assert (
            len(fresh.scalars(select(AuditEntry).where(AuditEntry.action == "order.mark_returned")).all())
            == 1
        )
    staff_page = client.get(f"/staff/orders/{order.number}").text
    assert "Does not work · Loud pump" in staff_page
    version = re.search(r'name="version" value="(\d+)"', staff_page)
    assert version
    post(client, "/sign-out")
    mine = sign_in(client, user).get(f"/orders/{order.number}").text
    assert "Came back to us: 1 × Daybreak 120" in mine and "Returned: 1" in mine
    assert "Loud pump" not in mine and "Does not work" not in mine
    post(client, "/sign-out")
    sign_in(client, make_staff(session, "agent"))
    assert post(client, f"{base}/return-undone", {"version": version[1]}).status_code == 303
    run_jobs()
    with reading() as fresh:
        present = fresh.scalars(select(OwnedProduct).where(OwnedProduct.removed_at.is_(None))).all()
        assert len(present) == 2


def test_line_of_another_order_is_not_found(client: FlaskClient, session: Session) -> None:
    _user, order = _customer(session)
    _other, second = _customer(session)
    sign_in(client, make_staff(session, "agent"))
    sent = post(
        client, f"/staff/orders/{order.number}/lines/{second.lines[0].id}/returned",
        {"version": order.version, "quantity": "1", "reason": "other"},
    )  # fmt: skip
    assert sent.status_code == 404
    assert second.lines[0].returned_quantity == 0
