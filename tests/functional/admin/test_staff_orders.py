"""Staff find orders, move them on and pack parcels; every step is in the audit log once."""

from __future__ import annotations

import re
from datetime import date
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.audit import AuditEntry
from core.mail import Mail
from core.transaction import reading, transaction
from crm.catalogue.models import Stock
from crm.customers.models import Account
from crm.orders.models import Order, OrderEvent, Shipment, ShipmentLine
from tests.factories.goods import make_product
from tests.factories.jobs import run_jobs
from tests.factories.orders import make_line, make_order
from tests.factories.people import make_account, make_customer, make_staff, make_user, sign_in
from tests.factories.web import post


def _order(session: Session, quantities: tuple[int, ...] = (2, 5), **values: object) -> Order:
    account = make_account(session, name="Harbour Café")
    user = make_user(session, account=account)
    lines = [make_line(make_product(session, on_hand=10), quantity) for quantity in quantities]
    return make_order(session, user=user, account=account, lines=lines, **values)  # type: ignore[arg-type]


def _now(order_id: UUID) -> Order:
    with reading() as session:
        return session.scalars(
            select(Order).where(Order.id == order_id).execution_options(populate_existing=True)
        ).one()


def _step(client: FlaskClient, order: Order, path: str, **data: object) -> int:
    data.setdefault("version", _now(order.id).version)
    return post(client, f"/staff/orders/{order.number}/{path}", data).status_code


def _parcels(order: Order) -> list[Shipment]:
    with reading() as session:
        return list(
            session.scalars(
                select(Shipment).where(Shipment.order_id == order.id).order_by(Shipment.created_at)
            )
        )


def test_list_is_found_by_number_customer_address_and_state(client: FlaskClient, session: Session) -> None:
    wanted = _order(session, state="confirmed", email="desk@harbour.example")
    other = make_order(
        session, user=make_customer(session), account=make_account(session, name="Quiet Office")
    )
    sign_in(client, make_staff(session, "agent"))
    session.execute(
        Account.__table__.update()
        .where(Account.id == wanted.account_id)
        .values(search_text="harbour cafe 10001")
    )
    for query in (
        wanted.number.lower().replace("-", ""),
        "harbour",
        "desk@harbour.example",
        wanted.lines[0].sku,
    ):
        text = client.get("/staff/orders", query_string={"q": query}).text
        assert wanted.number in text and other.number not in text, query
    text = client.get("/staff/orders?state=confirmed").text
    assert wanted.number in text and other.number not in text
    assert other.number in client.get("/staff/orders?state=open").text
    assert other.number not in client.get(f"/staff/orders?customer={wanted.account_id}").text


def test_split_shipment_from_confirm_to_delivered(client: FlaskClient) -> None:
    with transaction() as session:
        order = _order(session)
        sign_in(client, make_staff(session, "agent"))
    first, second = (line.id for line in order.lines)
    assert _step(client, order, "confirm") == 303
    assert (
        _step(
            client, order, "parcels", **{f"line-{first}": "2", f"line-{second}": "2", "carrier": "postline"}
        )
        == 303
    )
    assert _now(order.id).state == "packing"
    (one,) = _parcels(order)
    assert (
        _step(client, order, f"parcels/{one.id}/tracking", carrier="swiftparcel", tracking_code="SP1") == 303
    )
    assert _step(client, order, f"parcels/{one.id}/shipped") == 303
    assert _now(order.id).state == "partly_shipped"
    assert _step(client, order, f"parcels/{one.id}/delivered") == 303
    assert _now(order.id).state == "partly_shipped"
    assert (
        _step(
            client,
            order,
            "parcels",
            **{f"line-{second}": "3", "carrier": "nordfreight", "tracking_code": "NF 9"},
        )
        == 303
    )
    two = _parcels(order)[1]
    assert _step(client, order, f"parcels/{two.id}/shipped") == 303
    assert _now(order.id).state == "shipped"
    assert _step(client, order, f"parcels/{two.id}/delivered") == 303
    done = _now(order.id)
    assert done.state == "delivered" and done.delivered_at is not None
    with reading() as session:
        entries = session.scalars(
            select(AuditEntry).where(AuditEntry.object_id == str(order.id)).order_by(AuditEntry.seq)
        ).all()
        kinds = session.scalars(
            select(OrderEvent.kind)
            .where(OrderEvent.order_id == order.id)
            .order_by(OrderEvent.at, OrderEvent.id)
        ).all()
    assert [entry.action.removeprefix("order.") for entry in entries] == [
        "confirm", "create_shipment", "set_tracking", "mark_shipped", "mark_delivered", "create_shipment",
        "mark_shipped", "mark_delivered",
    ]  # fmt: skip
    assert [((entry.before or {}).get("state"), (entry.after or {}).get("state")) for entry in entries] == [
        ("placed", "confirmed"), ("confirmed", "packing"), (None, None), ("packing", "partly_shipped"),
        ("partly_shipped", "partly_shipped"), ("partly_shipped", "partly_shipped"), ("partly_shipped", "shipped"),
        ("shipped", "delivered"),
    ]  # fmt: skip
    assert entries[2].before == {"carrier": "postline", "tracking_code": ""}
    assert list(kinds) == [
        "confirmed", "packing", "packed", "tracking", "shipped", "parcel_delivered", "packed", "shipped", "delivered",
    ]  # fmt: skip
    run_jobs()
    with reading() as session:
        sent = session.scalars(select(Mail.kind).order_by(Mail.created_at)).all()
    assert list(sent) == ["order-shipped", "order-shipped", "order-delivered"]


@pytest.mark.parametrize("typed", ["6", "-1", "1.5", "x", "0", "٣", "99999999"])
def test_no_more_than_is_open_can_be_packed(client: FlaskClient, typed: str) -> None:
    with transaction() as session:
        order = _order(session, (5,), state="packing")
        sign_in(client, make_staff(session, "agent"))
    answer = post(
        client, f"/staff/orders/{order.number}/parcels",
        {"version": order.version, f"line-{order.lines[0].id}": typed, "carrier": "postline", "tracking_code": "T1"},
    )  # fmt: skip
    assert answer.status_code == 422
    assert f'value="{typed}"' in answer.text and 'value="T1"' in answer.text
    assert _parcels(order) == []


def test_two_parcels_together_hold_at_most_what_is_ordered(client: FlaskClient) -> None:
    with transaction() as session:
        order = _order(session, (5,), state="packing")
        sign_in(client, make_staff(session, "agent"))
    line = f"line-{order.lines[0].id}"
    assert _step(client, order, "parcels", **{line: "3", "carrier": "postline"}) == 303
    assert _step(client, order, "parcels", **{line: "3", "carrier": "postline"}) == 422
    (parcel,) = _parcels(order)
    assert _step(client, order, f"parcels/{parcel.id}/remove") == 303
    assert _step(client, order, "parcels", **{line: "5", "carrier": "postline"}) == 303
    with reading() as session:
        assert session.scalars(select(ShipmentLine.quantity)).all() == [5]


def test_another_orders_parcel_or_line_is_not_found(client: FlaskClient) -> None:
    with transaction() as session:
        order, other = _order(session, state="packing"), _order(session, state="packing")
        sign_in(client, make_staff(session, "agent"))
    assert _step(client, other, "parcels", **{f"line-{other.lines[0].id}": "1", "carrier": "postline"}) == 303
    (parcel,) = _parcels(other)
    for path, status in (("shipped", 404), ("remove", 404), ("delivered", 409)):  # 409: nothing has left yet
        assert _step(client, order, f"parcels/{parcel.id}/{path}") == status
    assert _step(client, order, f"parcels/{parcel.id}/tracking", carrier="postline", tracking_code="x") == 404
    assert _step(client, order, "parcels", **{f"line-{other.lines[0].id}": "1", "carrier": "postline"}) == 422
    assert _parcels(order) == []


def test_wrong_carrier_and_tracking_number_are_refused_with_what_was_typed(client: FlaskClient) -> None:
    with transaction() as session:
        order = _order(session, state="packing")
        sign_in(client, make_staff(session, "agent"))
    assert _step(client, order, "parcels", **{f"line-{order.lines[0].id}": "1", "carrier": "pigeon"}) == 422
    assert _step(client, order, "parcels", **{f"line-{order.lines[0].id}": "1", "carrier": "postline"}) == 303
    (parcel,) = _parcels(order)
    answer = post(
        client, f"/staff/orders/{order.number}/parcels/{parcel.id}/tracking",
        {"version": _now(order.id).version, "carrier": "postline", "tracking_code": "<script>"},
    )  # fmt: skip
    assert answer.status_code == 422
    assert 'value="&lt;script&gt;"' in answer.text


def test_staff_cancel_gives_goods_back_and_dissolves_waiting_parcels(client: FlaskClient) -> None:
    with transaction() as session:
        order = _order(session, (2, 5), state="packing")
        products = [line.product_id for line in order.lines]
        sign_in(client, make_staff(session, "supervisor"))
    assert _step(client, order, "parcels", **{f"line-{order.lines[0].id}": "1", "carrier": "postline"}) == 303
    assert _step(client, order, "cancel", reason="Customer called") == 303
    assert _parcels(order) == []
    with reading() as session:
        stock = dict(session.execute(select(Stock.product_id, Stock.on_hand)).all())  # type: ignore[arg-type]
        assert [stock[product_id] for product_id in products] == [12, 15]
    assert _step(client, order, "cancel") == 409
    run_jobs()
    with reading() as session:
        assert session.scalars(select(Mail.kind)).all() == ["order-cancelled"]


def test_note_is_for_colleagues_only(client: FlaskClient, session: Session) -> None:
    order = _order(session)
    sign_in(client, make_staff(session, "agent"))
    assert _step(client, order, "notes", text="Ring before delivery") == 303
    assert "Ring before delivery" in client.get(f"/staff/orders/{order.number}").text
    assert _step(client, order, "notes", text=" ") == 422
    owner = session.get_one(Order, order.id).user_id
    customer = client.application.test_client()
    sign_in(customer, session.get_one(type(make_customer(session)), owner))
    assert "Ring before delivery" not in customer.get(f"/orders/{order.number}").text


def test_analyst_reads_but_cannot_act(client: FlaskClient, session: Session) -> None:
    order = _order(session)
    sign_in(client, make_staff(session, "analyst"))
    page = client.get(f"/staff/orders/{order.number}")
    assert page.status_code == 200
    assert "/confirm" not in page.text and "/notes" not in page.text
    assert _step(client, order, "confirm") == 403
    assert _now(order.id).state == "placed"


def test_page_for_a_step_without_version_is_refused(client: FlaskClient, session: Session) -> None:
    order = _order(session)
    sign_in(client, make_staff(session, "agent"))
    for version in ("", "x", "0"):
        assert _step(client, order, "confirm", version=version) == 400
    assert _now(order.id).state == "placed"


def test_pickup_orders_are_offered_as_pickup(client: FlaskClient, session: Session) -> None:
    order = _order(session, state="packing", delivery_method="pickup", promised_on=date(2030, 1, 7))
    sign_in(client, make_staff(session, "agent"))
    text = client.get(f"/staff/orders/{order.number}").text
    assert re.search(r'<option selected value="pickup">', text)


def test_imported_order_of_a_guest_can_be_read(client: FlaskClient, session: Session) -> None:
    make_order(
        session,
        number="C536379",
        state="cancelled",
        payment_method="imported",
        delivery_method="imported",
        delivery_address={},
    )
    sign_in(client, make_staff(session, "agent"))
    assert "C536379" in client.get("/staff/orders?q=c536379").text
    text = client.get("/staff/orders/C536379").text
    assert "Guest, without an account" in text
    with reading() as reader:
        assert (
            reader.scalar(
                select(func.count()).select_from(AuditEntry).where(AuditEntry.object_kind == "order")
            )
            == 0
        )
