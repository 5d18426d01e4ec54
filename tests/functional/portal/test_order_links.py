"""Orders without an account: the mailed link, asking for one, and the mails that carry it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.events import emit
from core.jobs.models import Job
from core.mail import Mail
from crm.orders.events import (
    OrderCancelled,
    OrderDelivered,
    OrderPlaced,
    OrderReleased,
    OrderShipped,
    PaymentDeclined,
)
from crm.orders.links import mint_link
from crm.orders.models import Order, OrderLink
from tests.factories.jobs import run_jobs
from tests.factories.orders import make_order, make_shipment
from tests.factories.people import make_account, make_user
from tests.factories.web import csrf_token, post

LINK = re.compile(r"/o/([A-Za-z0-9_-]{43})")


def _order(session: Session, locale: str = "en", **values: object) -> Order:
    account = make_account(session)
    user = make_user(session, account=account, locale=locale, email="buyer@example.test")
    return make_order(session, user=user, account=account, **values)  # type: ignore[arg-type]


def _mails(session: Session) -> list[Mail]:
    return list(session.scalars(select(Mail).order_by(Mail.created_at)))


def test_link_shows_state_course_and_parcels_but_no_address_lines_or_names(
    client: FlaskClient, session: Session
) -> None:
    order = _order(session, state="shipped")
    make_shipment(session, order, [1], tracking_code="PL77")
    page = client.get(f"/o/{mint_link(session, order.id)}")
    assert page.status_code == 200
    for part in (order.number, "On its way", "PL77", "https://track.postline.example/parcels/PL77", "€10.00"):
        assert part in page.text, part
    for secret in ("Hafenstrasse", "Hamburg", "Old kettle", "buyer@example.test", "Purchasing"):
        assert secret not in page.text, secret
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "A" * 5000, "ä" * 43])
def test_unknown_link_is_not_found(client: FlaskClient, token: str) -> None:
    assert client.get(f"/o/{token}").status_code == 404


def test_link_ends_after_sixty_days_and_with_the_person(client: FlaskClient, session: Session) -> None:
    order = _order(session)
    token = mint_link(session, order.id)
    session.flush()
    with clock.frozen(clock.now() + timedelta(days=59)):
        assert client.get(f"/o/{token}").status_code == 200
    with clock.frozen(clock.now() + timedelta(days=61)):
        assert client.get(f"/o/{token}").status_code == 404
    assert client.get(f"/o/{token[:-1]}{'A' if token[-1] != 'A' else 'B'}").status_code == 404
    user = session.get_one(Order, order.id).user_id
    session.execute(
        Order.metadata.tables["app_user"]
        .update()
        .where(Order.metadata.tables["app_user"].c.id == user)
        .values(is_active=False)
    )
    assert client.get(f"/o/{token}").status_code == 404


def test_only_the_digest_of_a_link_is_kept(session: Session) -> None:
    order = _order(session)
    token = mint_link(session, order.id)
    session.flush()
    assert len(token) == 43  # 256 bits
    assert token not in str(session.execute(select(OrderLink)).all()[0][0].digest)


def test_look_up_answers_alike_and_mails_only_the_right_pair(client: FlaskClient, session: Session) -> None:
    order = _order(session)
    right = post(
        client,
        "/orders/find",
        {"number": order.number.lower().replace("-", " "), "email": "Buyer@Example.test"},
    )
    wrong = post(client, "/orders/find", {"number": order.number, "email": "somebody@example.test"})
    assert (right.status_code, right.location) == (wrong.status_code, wrong.location) == (303, "/orders/find")
    assert "is on its way to you" in client.get("/orders/find").text
    assert order.number not in client.get("/orders/find").text
    run_jobs()
    (mail,) = _mails(session)
    assert (mail.kind, mail.recipient, mail.sensitive) == ("order-link", "buyer@example.test", True)
    found = LINK.search(mail.text)
    assert found is not None
    assert order.number in client.get(f"/o/{found[1]}").text


def test_sixth_look_up_in_a_row_is_refused(client: FlaskClient, session: Session) -> None:
    token = csrf_token(client)
    data = {"csrf_token": token, "number": "SO-100042", "email": "a@example.test"}
    assert [client.post("/orders/find", data=data).status_code for _ in range(5)] == [303] * 5
    sixth = client.post("/orders/find", data=data)
    assert sixth.status_code == 429
    assert int(sixth.headers["Retry-After"]) > 0


def test_one_address_gets_at_most_five_links_a_day(client: FlaskClient, session: Session) -> None:
    order = _order(session)
    for number in range(7):
        post(
            client,
            "/orders/find",
            {"number": order.number, "email": "buyer@example.test"},
            environ_base={"REMOTE_ADDR": f"10.0.0.{number}"},
        )
    run_jobs()
    assert len(_mails(session)) == 5


def test_look_up_form_keeps_what_was_typed(client: FlaskClient) -> None:
    answer = post(client, "/orders/find", {"number": "SO-1", "email": "no address"})
    assert answer.status_code == 422
    assert 'value="SO-1"' in answer.text and 'value="no address"' in answer.text


SUBJECTS = {
    "en": ["Your order", "declined", "is cancelled", "is on its way", "has arrived"],
    "zh-Hant": ["您的訂單", "付款", "已取消", "包裹", "送達"],
    "zh-Hans": ["您的订单", "付款", "已取消", "包裹", "送达"],
}


@pytest.mark.parametrize("locale", SUBJECTS)
def test_every_step_is_mailed_once_in_the_customers_language(session: Session, locale: str) -> None:
    order = _order(session, locale, state="shipped")
    parcel = make_shipment(session, order, [1])
    events = [
        OrderPlaced(order.id),
        PaymentDeclined(order.id, order.id),
        OrderReleased(order.id),
        OrderShipped(order.id, parcel.id),
        OrderDelivered(order.id),
    ]
    for told in events:
        emit(session, told)
        emit(session, told)
    emit(session, OrderCancelled(order.id, "staff"))  # the released order told it already
    session.flush()
    run_jobs()
    mails = _mails(session)
    assert sorted(mail.key.partition(":")[0] for mail in mails) == [
        "order-cancelled", "order-confirmation", "order-delivered", "order-shipped", "payment-declined",
    ]  # fmt: skip
    for mail, part in zip(sorted(mails, key=lambda mail: mail.created_at), SUBJECTS[locale], strict=True):
        assert part in mail.subject
        assert order.number in mail.subject
        assert mail.html is not None and order.number in mail.html
        assert mail.locale == locale
    shipped = next(mail for mail in mails if mail.kind == "order-shipped")
    assert "https://track.postline.example/parcels/PL%2012%2F34" in shipped.text
    assert "https://track.postline.example/parcels/PL%2012%2F34" in (shipped.html or "")
    confirmation = next(mail for mail in mails if mail.kind == "order-confirmation")
    assert "10.00" in confirmation.text and LINK.search(confirmation.text)


def test_the_jobs_hold_no_token(session: Session) -> None:
    order = _order(session)
    emit(session, OrderPlaced(order.id))
    session.flush()
    run_jobs()
    (mail,) = _mails(session)
    found = LINK.search(mail.text)
    assert found is not None
    assert all(found[1] not in str(payload) for payload in session.scalars(select(Job.payload)))
