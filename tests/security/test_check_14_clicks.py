"""Check 14 on clicks: markup in anything that a browser sends is text on the pages of staff and of the sender."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from clickstream import collecting
from clickstream.models import ClickQuarantine, ClickSession
from tests.factories.clicks import agree, page, send, track
from tests.factories.people import make_account, make_customer, make_staff, sign_in
from tests.security.markup import MARK, PAYLOADS, Page


def _read(text: str) -> Page:
    reader = Page()
    reader.feed(text)
    return reader


@pytest.fixture
def pages(
    session: Session, client: FlaskClient, flask_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    """Every page that shows what was sent, after all payloads came in through every text of an event."""
    monkeypatch.setattr(collecting, "MOST_QUARANTINED_OF_ONE", 2 * len(PAYLOADS))
    account = make_account(session)
    user = make_customer(session, account=account)
    agree(session, person_id=user.id)
    sign_in(client, user)
    for payload in PAYLOADS:
        text = payload[:70]
        answer = send(
            client,
            page("home", text, properties={"path": f"/{text}", "kind": "home", "id": text, "referrer": text}),
            page(context={"page": {"path": f"/{text}", "referrer": f"https://x.example/{text}"}}),
            track("Products Searched", query=payload, path=f"/{text}"),
            track(payload),
            {"type": "page", "messageId": payload, payload: payload},
            headers={"Referer": f"http://localhost/{MARK}", "X-Forwarded-For": text.replace("\n", " ")},
        )
        assert answer.status_code == 202 and answer.json["quarantined"] == 2, answer.json
    staff = sign_in(flask_app.test_client(), make_staff(session, "analyst"))
    visit = session.scalars(select(ClickSession.id)).one()
    rows = session.scalars(select(ClickQuarantine.id)).all()
    addresses = [
        "/staff/clicks", f"/staff/clicks/visits/{visit}", "/staff/clicks/quarantine", "/staff",
        f"/staff/customers/{account.id}", *(f"/staff/clicks/quarantine/{row}" for row in rows[:12]),
    ]  # fmt: skip
    found = [staff.get(address) for address in addresses]
    found += [
        staff.get(f"/staff/clicks?{name}=%22%3E%3Cscript%3E{MARK}%3C/script%3E") for name in ("who", "person")
    ]
    found.append(client.get("/privacy"))
    assert {answer.status_code for answer in found} == {200}
    return [answer.text for answer in found]


def test_markup_in_events_is_text_everywhere(pages: list[str]) -> None:
    read = [_read(text) for text in pages]
    assert [reader.bad for reader in read if reader.bad] == []
    assert sum(MARK in text for text in pages) >= 4


def test_markup_in_a_mended_event_comes_back_as_text(session: Session, client: FlaskClient) -> None:
    user = make_customer(session)
    agree(session, person_id=user.id)
    sign_in(client, user)
    send(client, track("Kettle Boiled"))
    row = session.scalars(select(ClickQuarantine)).one()
    sign_in(client, make_staff(session, "analyst"))
    path = f"/staff/clicks/quarantine/{row.id}"
    token = client.get(path).text.partition('name="csrf_token" value="')[2].partition('"')[0]
    for payload in PAYLOADS[:12]:
        body = json.dumps({"type": "page", "messageId": "x" * 10, payload: 1})
        answer = client.post(path, data={"csrf_token": token, "body": body, "action": "take"})
        assert answer.status_code == 422
        assert _read(answer.text).bad == []
