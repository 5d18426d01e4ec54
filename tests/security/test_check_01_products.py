"""Check 1 on what people have: every route with a unit in it, every method, everybody who is not its owner."""

from __future__ import annotations

import uuid

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.transaction import reading, transaction
from crm.ownership.models import OwnedProduct
from tests.factories.owned import make_owned
from tests.factories.people import make_account, make_user
from tests.factories.web import csrf_token
from tests.security.principals import PRINCIPALS, Become
from tests.security.routes import doors

MARKER = "ZEBRAMARKER"


def _victim() -> tuple[OwnedProduct, uuid.UUID]:
    with transaction() as session:
        account = make_account(session, name=MARKER)
        user = make_user(session, account=account, name=MARKER, email="zebramarker@example.test")
        owned = make_owned(
            session, user, account.id, name=MARKER, nickname=MARKER, serial_number="ZEBRAMARKER-1"
        )
        return owned, account.id


def _row(owned_id: uuid.UUID) -> dict[str, object]:
    with reading() as session:
        table = OwnedProduct.__table__
        return dict(session.execute(table.select().where(table.c.id == owned_id)).one()._mapping)


@pytest.mark.usefixtures("real_transactions")
@pytest.mark.parametrize("principal", PRINCIPALS)
def test_nobody_else_reads_or_changes_a_unit(
    flask_app: Flask, client: FlaskClient, principal: Become
) -> None:
    owned, account = _victim()
    principal(client, account)
    token = csrf_token(client)
    before = _row(owned.id)
    tried = 0
    for door in doors(flask_app, {"owned_id": str(owned.id)}):
        if "owned_id" not in door.rule:
            continue
        tried += 1
        data = {"csrf_token": token, "serial_number": "TAKEN-1", "nickname": "taken"}
        answer = client.open(door.path, method=door.method, data=data if door.method == "POST" else None)
        assert answer.status_code in {401, 403, 404}, (door.method, door.path, answer.status_code)
        assert MARKER not in answer.text and MARKER not in str(answer.headers)
    assert tried >= 6
    assert _row(owned.id) == before
    assert MARKER not in client.get("/products").text
    assert MARKER not in client.get(f"/requests/new?kind=question&owned={owned.id}").text
