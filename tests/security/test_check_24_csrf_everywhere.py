"""Check 24 on the whole URL map: an unsafe request without its token, with a foreign one, or from elsewhere
changes nothing; and reading changes nothing."""

from __future__ import annotations

import hashlib

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.models import metadata
from tests.factories.people import make_customer, make_staff, sign_in
from tests.factories.web import csrf_token
from tests.security.routes import Door, doors

# What changes by itself when somebody looks: when a session was seen, how often somebody knocked.
ALIVE = {"web_session", "rate_counter", "job", "job_worker_beat", "job_recurrence"}


def _digest(session: Session) -> str:
    told = hashlib.sha256()
    for table in metadata.sorted_tables:
        if table.name in ALIVE:
            continue
        rows = sorted(repr(tuple(row)) for row in session.execute(table.select()))
        told.update(f"{table.name}{rows}".encode())
    return told.hexdigest()


def _unsafe(app: Flask) -> list[Door]:
    return [door for door in doors(app) if door.method != "GET" and not door.path.startswith("/api/")]


@pytest.mark.parametrize("kind", ["none", "foreign", "json"])
@pytest.mark.parametrize("who", ["customer", "administrator"])
def test_unsafe_requests_need_the_sessions_own_token(
    flask_app: Flask, session: Session, client: FlaskClient, who: str, kind: str
) -> None:
    sign_in(client, make_customer(session) if who == "customer" else make_staff(session, "administrator"))
    foreign = csrf_token(flask_app.test_client())
    before = _digest(session)
    wrong = {}
    for door in _unsafe(flask_app):
        if kind == "json":
            answer = client.open(door.path, method=door.method, data="{}", content_type="text/plain")
        else:
            fields = {"csrf_token": foreign} if kind == "foreign" else {}
            answer = client.open(door.path, method=door.method, data=fields)
        if not 400 <= answer.status_code < 500:
            wrong[door.rule] = answer.status_code
    assert wrong == {}
    assert _digest(session) == before


@pytest.mark.parametrize("who", ["customer", "administrator"])
def test_reading_changes_nothing(flask_app: Flask, session: Session, client: FlaskClient, who: str) -> None:
    sign_in(client, make_customer(session) if who == "customer" else make_staff(session, "administrator"))
    before = _digest(session)
    for door in doors(flask_app):
        if door.method == "GET":
            assert client.get(door.path).status_code < 500, door.path
    assert _digest(session) == before


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost.evil.example"])
def test_another_sites_origin_is_refused_even_with_the_token(client: FlaskClient, origin: str) -> None:
    token = csrf_token(client)
    fields = {"csrf_token": token, "locale": "zh-Hant"}
    assert client.post("/language", data=fields, headers={"Origin": origin}).status_code == 400
    assert client.post("/language", data=fields, headers={"Origin": "http://localhost"}).status_code == 303
