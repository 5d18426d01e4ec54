"""Check 56: nothing before a yes, everything ends with a no, and the ledger tells which text was agreed to where."""

from __future__ import annotations

import uuid

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clickstream import consent
from clickstream.models import ClickEvent, ClickSession, ClickSubject, ConsentRecord
from core.web.sessions import cookie_name
from tests.factories.clicks import agree, make_visitor, page, send
from tests.factories.people import PASSWORD, make_customer, make_staff, sign_in
from tests.factories.web import post

NEEDED = {cookie_name(), "rapport_lang", "rapport_choice"}
SCRIPT = "/static/clicks.js"


def _cookies(client: FlaskClient) -> set[str]:
    return {cookie.key for cookie in client._cookies.values()}


def _count(session: Session, table: type = ClickEvent) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def _pages(client: FlaskClient) -> list[str]:
    return [
        client.get(path).text for path in ("/", "/shop", "/cart", "/search?q=filter", "/privacy", "/sign-in")
    ]


def test_before_a_choice_there_is_no_script_no_name_and_no_row(session: Session, client: FlaskClient) -> None:
    assert not any(SCRIPT in text for text in _pages(client))
    assert _cookies(client) <= NEEDED - {"rapport_choice"}
    assert [_count(session, table) for table in (ClickEvent, ClickSession, ClickSubject, ConsentRecord)] == [
        0
    ] * 4


def test_the_question_offers_yes_and_no_alike(client: FlaskClient) -> None:
    text = client.get("/shop").text
    for answer in ("accept", "decline"):
        assert f'<button type="submit" class="btn btn-outline" name="choice" value="{answer}">' in text
    assert 'class="btn btn-outline" href="/privacy?next=' in text


def test_a_yes_gives_a_random_name_and_is_written_down(session: Session, client: FlaskClient) -> None:
    answer = post(client, "/privacy/choice", {"choice": "accept", "next": "/shop"})
    assert (answer.status_code, answer.location) == (303, "/shop")
    name = client.get_cookie("rapport_visitor", domain="localhost")
    assert name is not None and name.http_only and name.same_site == "Lax"
    visitor_id = uuid.UUID(name.value)
    assert visitor_id.version == 4
    rows = session.scalars(select(ConsentRecord)).all()
    assert {(row.purpose, row.granted, row.visitor_id, row.source, row.version) for row in rows} == {
        ("clicks", True, visitor_id, "banner", consent.VERSION),
        ("personalisation", True, visitor_id, "banner", consent.VERSION),
    }
    text = client.get("/shop").text
    assert SCRIPT in text and "consent-bar" not in text
    assert send(client, page()).json["accepted"] == 1


def test_a_no_leaves_nothing_but_itself(session: Session, client: FlaskClient) -> None:
    post(client, "/privacy/choice", {"choice": "decline"})
    assert _cookies(client) == {cookie_name(), "rapport_choice"}
    choice = client.get_cookie("rapport_choice", domain="localhost")
    assert choice is not None and choice.value == "1-00"
    assert _count(session, ConsentRecord) == 0
    text = client.get("/shop").text
    assert SCRIPT not in text and "consent-bar" not in text
    assert send(client, page()).json["accepted"] == 0
    assert _count(session) == 0


@pytest.mark.parametrize("header", ["Sec-GPC", "DNT"])
def test_a_browser_that_says_no_is_not_asked_and_gets_no_name(
    session: Session, client: FlaskClient, header: str
) -> None:
    says_no = {header: "1"}
    for path in ("/", "/shop", "/privacy"):
        text = client.get(path, headers=says_no).text
        assert "consent-bar" not in text and SCRIPT not in text
    post(client, "/privacy/choice", {"choice": "accept"}, headers=says_no)
    post(client, "/privacy", {"clicks": "1", "personalisation": "1"}, headers=says_no)
    assert "rapport_visitor" not in _cookies(client)
    assert send(client, page(), headers=says_no).json["accepted"] == 0
    assert [_count(session, table) for table in (ClickEvent, ConsentRecord)] == [0, 0]


def test_a_visitors_withdrawal_holds_at_once_and_takes_the_name_away(
    session: Session, client: FlaskClient
) -> None:
    post(client, "/privacy/choice", {"choice": "accept"})
    name = client.get_cookie("rapport_visitor", domain="localhost")
    assert name is not None
    send(client, page())
    post(client, "/privacy", {})
    assert "rapport_visitor" not in _cookies(client)
    assert not consent.has(session, "clicks", visitor_id=uuid.UUID(name.value))
    client.set_cookie("rapport_visitor", name.value, domain="localhost")  # another tab that still knows it
    assert send(client, page()).json["reason"] == "no_consent"
    assert _count(session) == 1


def test_a_persons_withdrawal_on_one_device_holds_on_the_other(
    session: Session, client: FlaskClient, flask_app
) -> None:
    user = make_customer(session)
    other = sign_in(flask_app.test_client(), user)
    sign_in(client, user)
    post(client, "/privacy/choice", {"choice": "accept"})
    assert send(other, page()).json["accepted"] == 1
    post(client, "/privacy", {"personalisation": "1"})
    assert send(other, page()).json["accepted"] == 0
    assert _count(session) == 1
    told = [(row.purpose, row.granted, row.source) for row in consent.history(session, user.id)]
    assert ("clicks", False, "privacy") in told and ("clicks", True, "banner") in told
    assert consent.decisions(session, person_id=user.id) == {
        "clicks": False, "personalisation": True, "marketing": False,
    }  # fmt: skip


def test_the_page_shows_what_was_decided_and_deletes_what_is_recorded(
    session: Session, client: FlaskClient
) -> None:
    user = make_customer(session)
    sign_in(client, user)
    post(client, "/privacy", {"clicks": "1"})
    send(client, page("product", "p-1"), page("cart"))
    text = client.get("/privacy").text
    assert "Record what I look at" in text and "On this page" in text and "2 steps" in text
    answer = post(client, "/privacy/clicks/delete", follow_redirects=True)
    assert "2 recorded steps are deleted." in answer.text
    assert [_count(session, table) for table in (ClickEvent, ClickSession, ClickSubject)] == [0, 0, 0]
    assert consent.has(session, "clicks", person_id=user.id)


def test_marketing_is_never_part_of_the_question(session: Session, client: FlaskClient) -> None:
    user = make_customer(session)
    sign_in(client, user)
    post(client, "/privacy/choice", {"choice": "accept"})
    assert consent.find_decision(session, "marketing", person_id=user.id) is None


def test_a_visitor_joins_at_sign_in_and_the_next_person_does_not(
    session: Session, client: FlaskClient
) -> None:
    first, second = make_customer(session), make_customer(session)
    visitor_id = make_visitor(session, client)
    send(client, page("product", "p-1"))

    def sign_in_as(user: object) -> None:
        post(client, "/sign-in", {"email": user.email, "password": PASSWORD})  # type: ignore[attr-defined]

    sign_in_as(first)
    assert "rapport_visitor" not in _cookies(client)
    session.expire_all()
    assert session.scalars(select(ClickEvent.person_id)).all() == [first.id]
    assert consent.decisions(session, person_id=first.id) == {"clicks": True, "personalisation": True}
    send(client, page("cart"))
    post(client, "/sign-out")
    send(client, page("home"))
    renewed = client.get_cookie("rapport_visitor", domain="localhost")
    assert renewed is not None and renewed.value != str(visitor_id)
    sign_in_as(second)
    session.expire_all()
    seen = {
        (row.page_kind, row.person_id) for row in session.scalars(select(ClickEvent).order_by(ClickEvent.at))
    }
    assert seen == {("product", first.id), ("cart", first.id), ("home", second.id)}


def test_a_person_who_said_no_is_not_joined(session: Session, client: FlaskClient) -> None:
    user = make_customer(session)
    agree(session, person_id=user.id, clicks=False)
    make_visitor(session, client)
    send(client, page())
    post(client, "/sign-in", {"email": user.email, "password": PASSWORD})
    session.expire_all()
    assert session.scalars(select(ClickEvent.person_id)).all() == [None]
    assert "rapport_visitor" not in _cookies(client)


def test_a_join_is_taken_back_by_the_person_alone(session: Session, client: FlaskClient, flask_app) -> None:
    user, stranger = make_customer(session), make_customer(session)
    visitor_id = make_visitor(session, client)
    send(client, page("home"))
    post(client, "/sign-in", {"email": user.email, "password": PASSWORD})
    send(client, page("cart"))
    assert _count(session, ClickSession) == 1
    path = f"/privacy/visits/{visitor_id}/part"
    assert post(sign_in(flask_app.test_client(), stranger), path).status_code == 404
    assert "This was not me" in client.get("/privacy").text
    assert post(client, path).status_code == 303
    session.expire_all()
    rows = session.scalars(select(ClickEvent).order_by(ClickEvent.at)).all()
    assert [(row.page_kind, row.person_id) for row in rows] == [("home", None), ("cart", user.id)]
    visits = session.scalars(select(ClickSession).order_by(ClickSession.started_at)).all()
    assert [(row.person_id, row.visitor_id, row.pages) for row in visits] == [
        (None, visitor_id, 1), (user.id, None, 1),
    ]  # fmt: skip
    assert post(client, path).status_code == 404


def test_staff_are_neither_asked_nor_recorded(session: Session, client: FlaskClient) -> None:
    sign_in(client, make_staff(session))
    text = client.get("/shop").text
    assert "consent-bar" not in text and SCRIPT not in text
    assert post(client, "/privacy/choice", {"choice": "accept"}).status_code == 400
    assert send(client, page()).json["accepted"] == 0


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_the_way_back_stays_on_this_site(client: FlaskClient, target: str) -> None:
    assert post(client, "/privacy/choice", {"choice": "decline", "next": target}).status_code == 400
    assert client.get("/privacy", query_string={"next": target}).status_code == 400
