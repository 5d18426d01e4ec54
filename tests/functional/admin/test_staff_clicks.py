"""Visits for analysts: who may look, what the list and a visit tell, and mending what did not fit."""

from __future__ import annotations

import json
import uuid

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clickstream import consent
from clickstream.models import ClickEvent, ClickQuarantine, ClickSession
from tests.factories.clicks import agree, make_visitor, message_id, page, send, track
from tests.factories.goods import make_product
from tests.factories.people import make_account, make_customer, make_staff, sign_in
from tests.factories.statements import statements
from tests.factories.web import post


@pytest.fixture
def analyst(session: Session, flask_app) -> FlaskClient:  # type: ignore[no-untyped-def]
    return sign_in(flask_app.test_client(), make_staff(session, "analyst"))


def test_only_those_who_may_see_clicks_see_them(session: Session, flask_app) -> None:  # type: ignore[no-untyped-def]
    for role, status in (("analyst", 200), ("administrator", 200), ("agent", 403), ("marketer", 403)):
        browser = sign_in(flask_app.test_client(), make_staff(session, role))
        assert browser.get("/staff/clicks").status_code == status, role
    assert sign_in(flask_app.test_client(), make_customer(session)).get("/staff/clicks").status_code == 404


def test_a_visit_is_told_step_by_step(session: Session, client: FlaskClient, analyst: FlaskClient) -> None:
    user = make_customer(session, account=make_account(session, name="Teashop"), name="Counter")
    agree(session, person_id=user.id)
    product = make_product(session)
    sign_in(client, user)
    send(
        client,
        page("search"),
        track("Products Searched", query="green kettle", results=3),
        page("product", str(product.id)),
        track("Page Left", dwell_ms=65_000, kind="product", id=str(product.id), path="/product"),
        track("Product Added", product_id=str(product.id), quantity=4),
    )
    listed = analyst.get("/staff/clicks").text
    assert "Counter" in listed and "Teashop" in listed
    visit = session.scalars(select(ClickSession)).one()
    text = analyst.get(f"/staff/clicks/visits/{visit.id}").text
    for words in (
        "“green kettle”",
        "3 results",
        product.names["en"],
        "1 min 5 s",
        "Quantity 4",
        "Put into the cart",
    ):
        assert words in text, words
    assert analyst.get(f"/staff/clicks/visits/{uuid.uuid4()}").status_code == 404
    customer = analyst.get(f"/staff/customers/{user.id}")
    assert customer.status_code == 404


def test_filters_narrow_the_list(session: Session, client: FlaskClient, analyst: FlaskClient) -> None:
    user = make_customer(session, name="Counter")
    agree(session, person_id=user.id)
    sign_in(client, user)
    send(client, page("cart"))
    visitor = client.application.test_client()
    make_visitor(session, visitor)
    send(visitor, page("home"))
    robot = client.application.test_client()
    make_visitor(session, robot)
    send(robot, page("article"), headers={"User-Agent": "Mozilla/5.0 (compatible; SomeBot/1.0)"})

    def rows(query: str) -> int:
        return analyst.get(f"/staff/clicks?{query}").text.count("<tr data-row")

    assert rows("") == 2
    assert rows("bots=1") == 3
    assert rows("who=persons") == 1
    assert rows("who=visitors") == 1
    assert rows("entry=cart") == 1
    assert rows("outcome=order") == 0
    assert rows(f"person={user.id}") == 1
    assert rows("since=2999-01-01") == 0
    assert rows("who=nobody&entry=x&outcome=y&person=z") == 2
    assert analyst.get("/staff/clicks?since=0001-01-01&until=9999-12-31").status_code == 200
    assert analyst.get("/staff/clicks?since=9999-12-31&until=0001-01-01").status_code == 200
    assert analyst.get("/staff/clicks?before=nonsense").status_code == 400


def test_pages_of_the_list_follow_each_other(
    session: Session, client: FlaskClient, analyst: FlaskClient
) -> None:
    for _ in range(45):
        make_visitor(session, client)
        send(client, page("home"))
    first = analyst.get("/staff/clicks").text
    assert first.count("<tr data-row") == 40
    older = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    second = analyst.get(older).text
    assert second.count("<tr data-row") == 5
    newer = second.partition('rel="prev" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert analyst.get(newer).text.count("<tr data-row") == 40


def test_the_list_asks_as_often_whatever_its_length(
    session: Session, client: FlaskClient, analyst: FlaskClient
) -> None:
    def count() -> int:
        with statements() as asked:
            assert analyst.get("/staff/clicks").status_code == 200
        return len([statement for statement in asked if statement.lstrip().upper().startswith("SELECT")])

    def visit() -> None:
        user = make_customer(session)
        agree(session, person_id=user.id)
        browser = sign_in(client.application.test_client(), user)
        send(browser, page("product", str(uuid.uuid4())))

    visit()
    count()
    few = count()
    for _ in range(6):
        visit()
    assert count() == few


def _bad(session: Session, client: FlaskClient) -> ClickQuarantine:
    make_visitor(session, client)
    assert send(client, track("Kettle Boiled")).json["quarantined"] == 1
    return session.scalars(select(ClickQuarantine)).one()


def test_an_event_is_mended_and_joins_its_visit(
    session: Session, client: FlaskClient, analyst: FlaskClient
) -> None:
    row = _bad(session, client)
    send(client, page("home"))
    path = f"/staff/clicks/quarantine/{row.id}"
    assert "Kettle Boiled" in analyst.get(path).text
    refused = post(analyst, path, {"body": row.body, "action": "take"})
    assert refused.status_code == 422 and "An event that we do not know (event)" in refused.text
    refused = post(analyst, path, {"body": "{", "action": "take"})
    assert refused.status_code == 422 and "This is not an event written as JSON." in refused.text
    mended = row.body.replace("Kettle Boiled", "Cart Viewed")
    visitor_id, received_at = row.visitor_id, row.received_at
    assert post(analyst, path, {"body": mended, "action": "take"}).status_code == 303
    session.expire_all()
    assert session.scalar(select(func.count()).select_from(ClickQuarantine)) == 0
    stored = session.scalars(select(ClickEvent).where(ClickEvent.name == "Cart Viewed")).one()
    visit = session.scalars(select(ClickSession)).one()
    assert (stored.visitor_id, stored.at, stored.session_id) == (visitor_id, received_at, visit.id)
    assert visit.events == 2


def test_whoever_withdrew_is_not_mended(session: Session, client: FlaskClient, analyst: FlaskClient) -> None:
    row = _bad(session, client)
    body = row.body.replace("Kettle Boiled", "Cart Viewed")
    consent.record(session, "clicks", False, visitor_id=row.visitor_id, source="test")
    answer = post(
        analyst, f"/staff/clicks/quarantine/{row.id}", {"body": body, "action": "take"}, follow_redirects=True
    )
    assert "no longer agrees" in answer.text
    assert session.scalar(select(func.count()).select_from(ClickEvent)) == 0
    assert session.scalar(select(func.count()).select_from(ClickQuarantine)) == 0


def test_all_are_tried_again_and_one_is_thrown_away(
    session: Session, client: FlaskClient, analyst: FlaskClient
) -> None:
    row = _bad(session, client)
    # Since it came, the word of this one has been learnt.
    fits = {"type": "track", "event": "Cart Viewed", "messageId": message_id(), "properties": {}}
    session.add(
        ClickQuarantine(
            visitor_id=row.visitor_id, received_at=row.received_at, reason="event", field="event", body=json.dumps(fits)
        )
    )  # fmt: skip
    session.flush()
    answer = post(analyst, "/staff/clicks/quarantine/replay", follow_redirects=True)
    assert "1 taken in, 1 still do not fit, 0 deleted." in answer.text
    assert post(analyst, f"/staff/clicks/quarantine/{row.id}", {"action": "delete"}).status_code == 303
    session.expire_all()
    assert session.scalar(select(func.count()).select_from(ClickQuarantine)) == 0
    assert session.scalars(select(ClickEvent.name)).all() == ["Cart Viewed"]
