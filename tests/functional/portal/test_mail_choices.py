"""“Why am I receiving this?”: what was sent, what was not and why, and the person's own switches."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from campaigns import choices
from campaigns.catalogue import KINDS
from campaigns.triggers import look_for_left_carts
from clickstream import consent
from core import clock
from core.mail import queue_mail
from crm.identity.models import User
from crm.service.models import Case
from tests.factories.campaigns import agree, leave_cart, make_campaign, sends_to, set_aside
from tests.factories.goods import make_product
from tests.factories.jobs import run_jobs
from tests.factories.people import make_account, make_customer, make_staff, sign_in
from tests.factories.web import post


@pytest.fixture
def customer(session: Session, client: FlaskClient) -> User:
    user = make_customer(session)
    sign_in(client, user)
    return user


def _decide(session: Session, user: User) -> None:
    leave_cart(session, user, make_product(session))
    look_for_left_carts(session)
    session.flush()
    run_jobs()


def test_promotion_is_off_until_the_person_switches_it_on(
    session: Session, client: FlaskClient, customer: User
) -> None:
    assert "Switch promotion mail on" in client.get("/account/mail").text
    assert post(client, "/account/mail/consent", {"granted": "yes"}).status_code == 303
    assert "Switch promotion mail off" in client.get("/account/mail").text
    rows = consent.history(session, customer.id)
    assert [(row.purpose, row.granted, row.source, row.version) for row in rows] == [
        ("marketing", True, "account_mail", consent.VERSION)
    ]
    assert post(client, "/account/mail/consent", {"granted": "no"}).status_code == 303
    assert not consent.has(session, consent.MARKETING, person_id=customer.id)
    for odd in ({}, {"granted": "perhaps"}):
        assert post(client, "/account/mail/consent", odd).status_code == 400


def test_each_mail_tells_its_reason(session: Session, client: FlaskClient, customer: User) -> None:
    make_campaign(session)
    agree(session, customer)
    _decide(session, customer)
    (send,) = sends_to(customer)
    page = client.get("/account/mail").text
    assert "Because you left products in your cart and agreed to promotion mail." in page
    assert f"/account/mail/{send.id}" in page
    why = client.get(f"/account/mail/{send.id}").text
    assert "Why did I get this mail?" in why
    assert "You agreed to promotion mail" in why
    assert "Why these recommendations?" not in why or "Popular" in why


def test_a_mail_that_was_held_back_names_the_request(session: Session, client: FlaskClient) -> None:
    account = make_account(session)
    user = make_customer(session, account=account)
    sign_in(client, user)
    make_campaign(session)
    agree(session, user)
    session.add(
        Case(
            reference="SR-100042-9", kind="complaint", subject="Leaks", user_id=user.id, account_id=account.id
        )
    )
    _decide(session, user)
    (send,) = sends_to(user)
    assert "Your request SR-100042-9 is still open" in client.get("/account/mail").text
    why = client.get(f"/account/mail/{send.id}").text
    assert "Why did this mail not come?" in why
    assert "/requests/SR-100042-9" in why


def test_other_mails_are_listed_too_with_their_cause(
    session: Session, client: FlaskClient, customer: User
) -> None:
    for kind in ("order-confirmation", "account.password_changed", "something-else"):
        queue_mail(
            session,
            key=kind,
            to=customer.email,
            subject=f"About {kind}",
            text="x",
            kind=kind,
            person_id=customer.id,
        )
    page = client.get("/account/mail").text
    assert "Because of an order of yours." in page
    assert "Because something about your account was asked for or changed." in page
    assert "Because of something you did or asked for with us." in page


def test_a_kind_is_objected_to_and_wanted_again(
    session: Session, client: FlaskClient, customer: User
) -> None:
    make_campaign(session)
    agree(session, customer)
    assert post(client, "/account/mail/kinds", {"kind": ["welcome", "after_delivery"]}).status_code == 303
    assert choices.list_objections(session, customer.id) == {"left_cart"}
    _decide(session, customer)
    assert sends_to(customer)[0].reason == "objected"
    assert post(client, "/account/mail/kinds", {"kind": list(KINDS)}).status_code == 303
    assert choices.list_objections(session, customer.id) == set()
    assert post(client, "/account/mail/kinds", {"kind": ["odd"]}).status_code == 400


def test_somebody_elses_mail_is_not_found(session: Session, client: FlaskClient, customer: User) -> None:
    other = make_customer(session, email="other-person@example.test")
    make_campaign(session)
    agree(session, other)
    _decide(session, other)
    (send,) = sends_to(other)
    assert client.get(f"/account/mail/{send.id}").status_code == 404
    assert "Still thinking" not in client.get("/account/mail").text
    sign_in(client, make_staff(session, "administrator"))
    assert client.get("/account/mail").status_code == 403


def test_signed_out_people_are_asked_to_sign_in(client: FlaskClient) -> None:
    assert client.get("/account/mail").status_code == 401


def test_agreeing_again_after_unsubscribing_counts(
    session: Session, client: FlaskClient, customer: User
) -> None:
    make_campaign(session)
    agree(session, customer)
    _decide(session, customer)
    post(client, "/account/mail/consent", {"granted": "no"})
    post(client, "/account/mail/consent", {"granted": "yes"})
    set_aside(session, customer, clock.now() - timedelta(hours=2))
    look_for_left_carts(session)
    run_jobs()
    assert [send.outcome for send in sends_to(customer)] == ["sent", "sent"]


def test_long_histories_have_pages(session: Session, client: FlaskClient, customer: User) -> None:
    for number in range(60):
        with clock.frozen(clock.now() - timedelta(hours=number)):
            queue_mail(
                session, key=f"n{number}", to=customer.email, subject=f"Letter number {number};", text="x",
                kind="order-x", person_id=customer.id,
            )  # fmt: skip
    page, seen = "/account/mail", []
    for _ in range(3):
        text = client.get(page).text
        seen += [number for number in range(60) if f"Letter number {number};" in text]
        if "before=" not in text:
            break
        page = text.partition('href="/account/mail?before=')[2].partition('"')[0].replace("&amp;", "&")
        page = f"/account/mail?before={page}"
    assert seen == list(range(60))
    for odd in ("x", "2030-01-01", "9" * 60):
        assert client.get(f"/account/mail?before={odd}").status_code == 400
