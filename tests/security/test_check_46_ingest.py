"""Check 46: the collector believes nobody's name or clock, keeps within bounds, and stores nothing without consent."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clickstream import drops, visits
from clickstream.collecting import MOST_QUARANTINED_OF_ONE
from clickstream.endpoints import budget
from clickstream.models import (
    ClickDrop,
    ClickEvent,
    ClickQuarantine,
    ClickSession,
    ClickSubject,
    ConsentRecord,
)
from core import clock
from tests.factories.clicks import BROWSER, agree, make_visitor, page, send, track
from tests.factories.people import make_customer, sign_in

STORED = (ClickEvent, ClickSession, ClickSubject, ClickQuarantine, ClickDrop, ConsentRecord)


@pytest.fixture(autouse=True)
def _fresh_budget() -> Iterator[None]:
    budget.forget()
    yield
    budget.forget()


def _rows(session: Session) -> list[int]:
    return [session.scalar(select(func.count()).select_from(table)) or 0 for table in STORED]


def _count(session: Session, table: type = ClickEvent) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_who_the_client_says_it_is_is_ignored(session: Session, client: FlaskClient) -> None:
    other = make_customer(session)
    agree(session, person_id=other.id)
    visitor_id = make_visitor(session, client)
    claimed = {"userId": str(other.id), "anonymousId": str(uuid.uuid4())}
    identify = {"type": "identify", "messageId": "i" * 20, "traits": {"email": other.email}, **claimed}
    answer = send(client, page(**claimed), identify, userId=str(other.id), anonymousId=str(other.id))
    assert (answer.status_code, answer.json["accepted"]) == (202, 2)
    for row in session.scalars(select(ClickEvent)):
        assert (row.person_id, row.visitor_id, row.properties) == (None, visitor_id, {})


def test_the_signed_in_person_is_the_one_of_the_session(session: Session, client: FlaskClient) -> None:
    user = make_customer(session)
    agree(session, person_id=user.id)
    sign_in(client, user)
    assert send(client, page(userId=str(uuid.uuid4()))).json["accepted"] == 1
    row = session.scalars(select(ClickEvent)).one()
    assert (row.person_id, row.visitor_id) == (user.id, None)


@pytest.mark.parametrize("said", ["2001-01-01T00:00:00Z", "2999-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_the_clients_clock_is_not_believed(session: Session, client: FlaskClient, said: str) -> None:
    make_visitor(session, client)
    before = clock.now()
    send(client, page(timestamp=said), sentAt="2026-01-01T00:00:00Z")
    row = session.scalars(select(ClickEvent)).one()
    assert before <= row.at <= clock.now()
    assert row.at == row.received_at


def test_within_a_batch_the_clients_clock_tells_the_order(session: Session, client: FlaskClient) -> None:
    make_visitor(session, client)
    send(
        client,
        page("cart", timestamp="2031-05-05T10:00:09Z"),
        page("home", timestamp="2031-05-05T10:00:01Z"),
        sentAt="2031-05-05T10:00:10Z",
    )
    rows = session.scalars(select(ClickEvent).order_by(ClickEvent.at, ClickEvent.id)).all()
    assert [row.page_kind for row in rows] == ["home", "cart"]
    assert rows[1].at - rows[0].at == timedelta(seconds=8)


def test_a_body_over_64_kb_is_refused(session: Session, client: FlaskClient) -> None:
    make_visitor(session, client)
    before = _rows(session)
    answer = send(client, *[page(context={"junk": "x" * 900}) for _ in range(80)])
    assert answer.status_code == 413
    assert _rows(session) == before


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400), (b"{", 400), (b"[]", 422), (b"{}", 422), (b'{"batch": []}', 422), (b'{"batch": 5}', 422),
        (b'{"batch": [NaN]}', 400), (b'{"batch": ["\\u0000"]}', 400), (b'{"batch": ["\\ud800"]}', 400),
        (b'{"batch": [1], "batch": [2]}', 400), (b"\xff\xfe", 400), (b"[" * 60_000, 400),
        (json.dumps({"batch": [1] * 101}).encode(), 422),
        (b'{"batch": [' + b"9" * 5000 + b"]}", 400),
    ],
)  # fmt: skip
def test_what_is_no_batch_is_refused(session: Session, client: FlaskClient, body: bytes, status: int) -> None:
    make_visitor(session, client)
    before = _rows(session)
    answer = client.post("/api/v1/events/batch", data=body, headers=BROWSER, content_type="application/json")
    assert answer.status_code == status
    assert _rows(session) == before


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "", "text/plain;charset=UTF-8"]
)
def test_what_another_site_could_send_is_refused(session: Session, client: FlaskClient, kind: str) -> None:
    make_visitor(session, client)
    body = json.dumps({"batch": [page()]})
    answer = client.post("/api/v1/events/batch", data=body, content_type=kind, headers=BROWSER)
    assert answer.status_code == 415
    assert _count(session) == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_other_origins_are_refused(session: Session, client: FlaskClient, headers: dict[str, str]) -> None:
    make_visitor(session, client)
    assert send(client, page(), headers=headers).status_code == 400
    assert _count(session) == 0
    assert send(client, page(), headers={"Origin": "http://localhost"}).status_code == 202


@pytest.mark.parametrize("headers", [{}, {"Sec-GPC": "1"}, {"DNT": "1"}])
@pytest.mark.parametrize("who", ["stranger", "undecided", "unknown_name", "declined", "no_name"])
def test_without_consent_there_is_no_row_and_no_cookie(
    session: Session, client: FlaskClient, who: str, headers: dict[str, str]
) -> None:
    if who == "undecided":
        sign_in(client, make_customer(session))
    if who == "unknown_name":
        client.set_cookie("rapport_visitor", str(uuid.uuid4()), domain="localhost")
    if who == "declined":
        make_visitor(session, client, clicks=False)
        client.delete_cookie("rapport_choice", domain="localhost")
    if who == "no_name":
        client.set_cookie("rapport_choice", "1-00", domain="localhost")
    before = _rows(session)
    answer = send(client, page(), track("Product Viewed", product_id="p"), {"bad": 1}, headers=headers)
    assert (answer.status_code, answer.json["accepted"], answer.json["dropped"]) == (202, 0, 3)
    assert _rows(session) == before
    assert all("Max-Age=0" in found for found in answer.headers.getlist("Set-Cookie"))


@pytest.mark.parametrize("header", ["Sec-GPC", "DNT"])
def test_a_browser_that_says_no_outweighs_a_yes(session: Session, client: FlaskClient, header: str) -> None:
    make_visitor(session, client)
    assert send(client, page(), headers={header: "1"}).json["accepted"] == 0
    assert _count(session) == 0


def test_a_flood_of_one_visitor_stays_within_bounds_and_is_counted(
    session: Session, client: FlaskClient
) -> None:
    make_visitor(session, client)
    statuses = set()
    for number in range(100):
        budget.forget()  # as many addresses as batches
        answer = send(client, *[page(messageId=f"flood-{number}-{event}") for event in range(100)])
        statuses.add(answer.status_code)
    assert statuses == {202, 429}
    assert _count(session) == visits.MOST_PER_WINDOW
    dropped = session.scalar(select(ClickDrop.count).where(ClickDrop.reason == drops.FLOOD))
    assert dropped == 10_000 - visits.MOST_PER_WINDOW


def test_a_flood_of_one_address_is_refused_and_counted(session: Session, client: FlaskClient) -> None:
    refused = 0
    for _ in range(40):
        make_visitor(session, client)
        refused += send(client, *[page() for _ in range(100)]).status_code == 429
    assert refused == 10
    budget._held.clear()
    assert send(client, page()).status_code == 202
    assert session.scalar(select(ClickDrop.count).where(ClickDrop.reason == drops.ADDRESS)) == 1_000


def test_new_names_are_limited_for_one_address(session: Session, client: FlaskClient) -> None:
    client.set_cookie("rapport_choice", "1-11", domain="localhost")
    statuses = []
    for _ in range(70):
        client.delete_cookie("rapport_visitor", domain="localhost")
        statuses.append(send(client, page()).status_code)
    assert statuses == [202] * 60 + [429] * 10


def test_bad_events_are_kept_within_bounds_with_their_reason(session: Session, client: FlaskClient) -> None:
    make_visitor(session, client)
    answer = send(client, page(), track("Kettle Boiled"))
    assert (answer.json["accepted"], answer.json["quarantined"]) == (1, 1)
    row = session.scalars(select(ClickQuarantine)).one()
    assert (row.reason, row.field) == ("event", "event")
    assert json.loads(row.body)["event"] == "Kettle Boiled"
    for _ in range(3):
        send(client, *[{"type": "track", "junk": "x" * 500} for _ in range(60)])
    assert _count(session, ClickQuarantine) == MOST_QUARANTINED_OF_ONE
    counted = session.scalar(select(ClickDrop.count).where(ClickDrop.reason == drops.QUARANTINE_FULL))
    assert counted == 181 - MOST_QUARANTINED_OF_ONE
    assert all(len(row.body) <= 2_000 for row in session.scalars(select(ClickQuarantine)))
