"""The order list and the order page, as customers use them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.audit import AuditEntry
from core.ids import make_reference
from core.transaction import reading, transaction
from crm.catalogue.models import Stock
from crm.customers.actors import load_actor
from crm.orders.models import CartLine, Order, OrderEvent
from crm.orders.returns import mark_returned
from crm.orders.shipments import mark_shipped, set_tracking
from portal.orders import rows
from tests.factories.goods import make_product
from tests.factories.orders import make_line, make_order, make_shipment
from tests.factories.people import make_account, make_customer, make_staff, make_user, sign_in
from tests.factories.statements import statements
from tests.factories.web import post

NUMBER = re.compile(r"SO-\d+-[\dX]")


def _numbers(text: str) -> list[str]:
    """The orders of a list page in their order."""
    return list(dict.fromkeys(NUMBER.findall(text[text.index('id="results"') :])))


def test_empty_list_offers_the_first_step(client: FlaskClient, session: Session) -> None:
    page = sign_in(client, make_customer(session)).get("/orders")
    assert page.status_code == 200
    assert "Your orders will be here" in page.text
    assert 'href="/shop"' in page.text


def test_visitors_are_asked_to_sign_in(client: FlaskClient) -> None:
    assert client.get("/orders").status_code == 401


def test_company_scope_sees_the_company_and_a_colleague_only_the_own(
    client: FlaskClient, session: Session
) -> None:
    account = make_account(session)
    lead = make_user(session, account=account, role="company_administrator", name="Office lead")
    colleague = make_user(session, account=account, name="Warehouse")
    mine = make_order(session, user=lead, account=account)
    theirs = make_order(session, user=colleague, account=account)
    other = make_order(session, user=make_customer(session), account=make_account(session))
    whole = sign_in(client, lead).get("/orders").text
    assert set(_numbers(whole)) == {mine.number, theirs.number}
    assert "Warehouse" in whole
    assert _numbers(client.get(f"/orders?person={colleague.id}").text) == [theirs.number]
    own = sign_in(client, colleague)
    assert _numbers(own.get("/orders").text) == [theirs.number]
    assert own.get(f"/orders/{theirs.number}").status_code == 200
    assert own.get(f"/orders/{mine.number}").status_code == 404
    assert own.get(f"/orders/{other.number}").status_code == 404


def test_who_changed_company_no_longer_sees_the_old_ones_orders(
    client: FlaskClient, session: Session
) -> None:
    before, now = make_account(session), make_account(session)
    user = make_user(session, account=now)
    make_order(session, user=user, account=before)
    assert "Your orders will be here" in sign_in(client, user).get("/orders").text


def test_state_and_day_filters(client: FlaskClient, session: Session) -> None:
    account = make_account(session)
    user = make_user(session, account=account, timezone="Asia/Taipei")
    moment = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)  # already the 2nd in Taipei
    by_state = {
        state: make_order(
            session, user=user, account=account, state=state, placed_at=moment - timedelta(days=10 + n)
        )
        for n, state in enumerate(["placed", "partly_shipped", "delivered", "cancelled"])
    }
    late = make_order(session, user=user, account=account, state="packing", placed_at=moment)
    sign_in(client, user)
    assert _numbers(client.get("/orders?state=open").text) == [late.number, by_state["placed"].number]
    assert _numbers(client.get("/orders?state=shipped").text) == [by_state["partly_shipped"].number]
    assert _numbers(client.get("/orders?state=cancelled").text) == [by_state["cancelled"].number]
    assert _numbers(client.get("/orders?since=2026-03-02&until=2026-03-02").text) == [late.number]
    assert _numbers(client.get("/orders?until=2026-03-01").text)[0] == by_state["placed"].number
    assert (
        len(_numbers(client.get("/orders?state=nonsense&since=0001-01-01&until=9999-12-31&person=x").text))
        == 5
    )


@pytest.mark.parametrize(
    "typed",
    [
        "SO-123456-{d}",
        "so 123456 {d}",
        "so123456{d}",
        "123456{d}",
        "123456",
        "SO-123456",
        "ＳＯ－123456－{d}",
        " so_123456_{d} ",
    ],
)
def test_a_number_is_found_however_it_is_typed(client: FlaskClient, session: Session, typed: str) -> None:
    account = make_account(session)
    user = make_user(session, account=account)
    order = make_order(session, user=user, account=account, number=make_reference("SO", 123456))
    make_order(session, user=user, account=account)
    page = sign_in(client, user).get("/orders", query_string={"q": typed.format(d=order.number[-1])})
    assert _numbers(page.text) == [order.number]


def test_search_finds_products_and_codes_of_the_order(client: FlaskClient, session: Session) -> None:
    account = make_account(session)
    user = make_user(session, account=account)
    line = make_line(sku="AH-9-X", names={"en": "Crème filter", "zh-Hant": "濾水網", "zh-Hans": "滤水网"})
    order = make_order(session, user=user, account=account, lines=[line])
    make_order(session, user=user, account=account)
    sign_in(client, user)
    for text in ("creme", "FILTER creme", "ah-9-x", "滤水", "濾水網"):
        assert _numbers(client.get("/orders", query_string={"q": text}).text) == [order.number], text
    assert "No order matches" in client.get("/orders?q=teapot").text


def test_pages_hold_every_order_once_also_at_equal_times(client: FlaskClient, session: Session) -> None:
    account = make_account(session)
    user = make_user(session, account=account)
    moment = clock.now() - timedelta(days=1)
    expected = {make_order(session, user=user, account=account, placed_at=moment).number for _ in range(45)}
    sign_in(client, user)
    pages = [client.get("/orders").text]
    while older := re.search(r'rel="next" href="([^"]+)"', pages[-1]):
        pages.append(client.get(older[1].replace("&amp;", "&")).text)
    seen = [number for page in pages for number in _numbers(page)]
    assert [len(_numbers(page)) for page in pages] == [20, 20, 5]
    assert len(seen) == len(set(seen)) and set(seen) == expected
    back = re.search(r'rel="prev" href="([^"]+)"', pages[2])
    assert back is not None
    assert _numbers(client.get(back[1].replace("&amp;", "&")).text) == _numbers(pages[1])


def test_a_broken_cursor_is_a_bad_request(client: FlaskClient, session: Session) -> None:
    sign_in(client, make_customer(session))
    for cursor in ("x", "%00", "AAAA", "MjAyNi0wMS0wMXxhYg", "9" * 300):
        assert client.get(f"/orders?after={cursor}").status_code == 400, cursor


def test_the_list_asks_as_many_queries_for_twenty_orders_as_for_one(
    client: FlaskClient, session: Session
) -> None:
    account = make_account(session)
    user = make_user(session, account=account)
    product = make_product(session)
    make_order(session, user=user, account=account, lines=[make_line(product)])
    sign_in(client, user)
    assert client.get("/orders").status_code == 200  # pictures are known from now on
    counts = []
    for _ in range(2):
        rows._rows.clear()  # each time as if nobody had looked yet
        with statements() as asked:
            assert client.get("/orders").status_code == 200
        counts.append(len([statement for statement in asked if statement.startswith("SELECT")]))
        for _more in range(19):
            make_order(session, user=user, account=account, lines=[make_line(product), make_line()])
    assert counts[0] == counts[1]
    assert counts[0] <= 12


def test_order_page_shows_parcels_lines_money_and_course(client: FlaskClient, session: Session) -> None:
    account = make_account(session)
    user = make_user(session, account=account)
    grinder, filters = (
        make_product(session, names={"en": "Grinder"}),
        make_product(session, names={"en": "Filters"}),
    )
    order = make_order(
        session, user=user, account=account, state="partly_shipped",
        lines=[make_line(grinder, 1, unit_price=Decimal("199.00")), make_line(filters, 5, unit_price=Decimal("4.50"))],
        delivery_total=Decimal("4.90"), tax_total=Decimal("36.16"), total=Decimal("226.40"),
    )  # fmt: skip
    make_shipment(session, order, [1], carrier="swiftparcel", tracking_code="SP 77/1")
    make_shipment(session, order, [0, 2], state="packing", tracking_code="")
    session.add(OrderEvent(order_id=order.id, kind="ordered", actor_name="x", data={}))
    session.add(
        OrderEvent(
            order_id=order.id, kind="note", actor_name="x", is_internal=True, data={"text": "SECRETNOTE"}
        )
    )
    session.flush()
    text = sign_in(client, user).get(f"/orders/{order.number}").text
    for part in (
        "Grinder",
        "Filters",
        "€226.40",
        "€36.16",
        "Hafenstrasse 1",
        "2 parcels",
        "Partly on its way",
    ):
        assert part in text, part
    assert "https://swiftparcel.example/follow?code=SP%2077%2F1" in text
    assert "Sent: 0 · still to come: 5" in text
    assert "7 Jan 2030" in text
    assert "SECRETNOTE" not in text


def test_a_page_that_is_kept_shows_each_change_at_once(client: FlaskClient, session: Session) -> None:
    account = make_account(session)
    user = make_user(session, account=account, role="company_administrator", name="Bar manager")
    product = make_product(session, names={"en": "Grinder"})
    order = make_order(session, user=user, account=account, state="packing", lines=[make_line(product, 3)])
    parcel = make_shipment(session, order, [2], state="packing", tracking_code="OLD1")
    session.flush()
    staff = load_actor(session, make_staff(session, "agent").id)
    assert staff is not None
    sign_in(client, user)
    address = f"/orders/{order.number}"

    def page() -> str:
        session.flush()
        return client.get(address).text

    assert "OLD1" in page() and f'href="/product/{product.slug}"' in page()
    with statements() as asked:
        page()
    assert not [
        statement for statement in asked if "order_event" in statement or "shipment.carrier" in statement
    ]

    own = {"actor": staff, "order_id": order.id}
    set_tracking(session, **own, shipment_id=parcel.id, carrier="swiftparcel", tracking_code="NEW2")
    assert "NEW2" in page() and "OLD1" not in page()
    mark_shipped(session, **own, shipment_id=parcel.id)
    assert "Sent: 2 · still to come: 1" in page()
    mark_returned(session, actor=staff, line_id=order.lines[0].id, quantity=1, reason="damaged")
    assert "Returned: 1" in page()
    product.is_active = False
    assert f'href="/product/{product.slug}"' not in page()
    user.name = "Bar management"
    assert "Bar management" in page() and "Bar manager<" not in page()


def test_imported_order_shows_charges_gifts_and_cancelled_units(
    client: FlaskClient, session: Session
) -> None:
    account = make_account(session, currency="GBP")
    user = make_user(session, account=account, scope="company")
    order = make_order(
        session, account=account, number="536365", state="delivered", currency="GBP", promised_on=None,
        payment_method="imported", delivery_method="imported", delivery_address={"country": "United Kingdom"},
        lines=[
            make_line(names={"en": "WHITE LANTERN"}, quantity=6, cancelled_quantity=2),
            make_line(kind="charge", sku="POST", names={"en": "POSTAGE"}, unit_price=Decimal("18.00")),
            make_line(kind="gift", sku="22139", names={"en": "RETRO TIN"}, unit_price=Decimal(0)),
        ],
    )  # fmt: skip
    text = sign_in(client, user).get("/orders/536365").text
    for part in ("WHITE LANTERN", "Cancelled: 2", "POSTAGE", "Charge", "RETRO TIN", "Gift", "Free", "£78.00"):
        assert part in text, part
    assert order.number in client.get("/orders?q=536365").text


def test_long_orders_show_a_hundred_lines_and_the_rest_on_demand(
    client: FlaskClient, session: Session
) -> None:
    account = make_account(session)
    user = make_user(session, account=account)
    lines = [make_line(sku=f"L{n:03d}") for n in range(130)]
    order = make_order(session, user=user, account=account, lines=lines)
    sign_in(client, user)
    text = client.get(f"/orders/{order.number}").text
    assert "L099" in text and "L100" not in text and "Show all 130 lines" in text
    assert "L129" in client.get(f"/orders/{order.number}?lines=all").text


def test_customer_cancels_once_and_the_goods_are_back(client: FlaskClient) -> None:
    with transaction() as session:
        account = make_account(session)
        user = make_user(session, account=account)
        product = make_product(session, on_hand=7)
        order = make_order(session, user=user, account=account, lines=[make_line(product, 3)])
    sign_in(client, user)
    assert "Cancel this order" in client.get(f"/orders/{order.number}").text
    answer = post(client, f"/orders/{order.number}/cancel", {"reason": "Ordered twice"})
    assert answer.status_code == 303
    again = post(client, f"/orders/{order.number}/cancel", {"reason": ""})
    assert again.status_code == 409
    with reading() as session:
        assert session.scalar(select(Order.state).where(Order.id == order.id)) == "cancelled"
        assert session.scalar(select(Stock.on_hand).where(Stock.product_id == product.id)) == 10
        entries = session.scalars(select(AuditEntry).where(AuditEntry.object_id == str(order.id))).all()
    after = {"number": order.number, "state": "cancelled", "reason": "Ordered twice"}
    assert [(entry.action, entry.before, entry.after) for entry in entries] == [
        ("order.cancel", {"state": "placed"}, after)
    ]
    text = client.get(f"/orders/{order.number}").text
    assert "Order cancelled" in text and "Ordered twice" in text and "Cancel this order" not in text


@pytest.mark.parametrize(
    "state", ["confirmed", "packing", "partly_shipped", "shipped", "delivered", "cancelled"]
)
def test_customer_cannot_cancel_later(client: FlaskClient, state: str) -> None:
    with transaction() as session:
        account = make_account(session)
        user = make_user(session, account=account)
        order = make_order(session, user=user, account=account, state=state)
    sign_in(client, user)
    assert post(client, f"/orders/{order.number}/cancel").status_code == 409
    with reading() as session:
        assert session.scalar(select(Order.state).where(Order.id == order.id)) == state


def test_lists_are_newest_first(client: FlaskClient, session: Session) -> None:
    account = make_account(session)
    user = make_user(session, account=account)
    made = [
        make_order(session, user=user, account=account, placed_at=clock.now() - timedelta(days=n))
        for n in range(3)
    ]
    numbers = _numbers(sign_in(client, user).get("/orders").text)
    assert numbers == [order.number for order in made]
    assert all(a.placed_at > b.placed_at for a, b in pairwise(made))


def test_order_again_puts_what_is_still_sold_into_the_cart(client: FlaskClient, session: Session) -> None:
    account = make_account(session)
    user = make_user(session, account=account)
    sold, gone = (
        make_product(session, names={"en": "Beans"}),
        make_product(session, names={"en": "Teapot"}, is_sellable=False),
    )
    order = make_order(
        session, user=user, account=account, state="delivered", lines=[make_line(sold, 3), make_line(gone, 1)]
    )
    sign_in(client, user)
    answer = post(client, f"/orders/{order.number}/reorder")
    assert (answer.status_code, answer.location) == (303, "/cart")
    cart = client.get("/cart").text
    assert "Beans" in cart and "No longer for sale, so not in the cart: Teapot" in cart
    lines = session.execute(select(CartLine.product_id, CartLine.quantity)).all()
    assert [tuple(line) for line in lines] == [(sold.id, 3)]


def test_course_of_an_imported_order_ends_with_its_state(client: FlaskClient, session: Session) -> None:
    account = make_account(session)
    user = make_user(session, account=account, scope="company")
    order = make_order(
        session, account=account, state="delivered", payment_method="imported", delivery_method="imported"
    )
    session.add(OrderEvent(order_id=order.id, kind="ordered", actor_name="", data={}))
    session.flush()
    text = sign_in(client, user).get(f"/orders/{order.number}").text
    course = text[text.index('class="course"') : text.index("</ol>", text.index('class="course"'))]
    assert re.findall(r'course-title"><span[^>]*>[^<]*</span>([^<]+)<', course) == [
        "Order received",
        "Delivered",
    ]


@pytest.mark.parametrize(("days", "told"), [(-3, "later than we promised"), (3, "We promised delivery by")])
def test_a_missed_promise_is_admitted(client: FlaskClient, session: Session, days: int, told: str) -> None:
    account = make_account(session)
    customer = make_customer(session, account=account)
    promised = clock.today() + timedelta(days=days)
    order = make_order(session, user=customer, account=account, state="shipped", promised_on=promised)
    page = sign_in(client, customer).get(f"/orders/{order.number}")
    assert told in page.text
