"""Check 1 on what people have: every route with a unit in it, every method, everybody who is not its owner."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.transaction import reading, transaction
from crm.customers.models import Contact
from crm.ownership.models import OwnedProduct
from tests.factories.owned import make_owned
from tests.factories.people import make_account, make_staff, make_user, sign_in
from tests.factories.web import csrf_token
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


def _nobody(_client: FlaskClient, _account: uuid.UUID) -> None:
    pass


def _other_company(client: FlaskClient, _account: uuid.UUID) -> None:
    with transaction() as session:
        user = make_user(
            session, account=make_account(session), role="company_administrator", scope="company"
        )
    sign_in(client, user)


def _colleague_with_own_scope(client: FlaskClient, account: uuid.UUID) -> None:
    with transaction() as session:
        user = make_user(session)
        session.add(Contact(account_id=account, user_id=user.id, role="customer", scope="own"))
    sign_in(client, user)


def _partner(client: FlaskClient, _account: uuid.UUID) -> None:
    with transaction() as session:
        user = make_user(
            session, kind="partner", roles=("partner_administrator",), scope="company",
            account=make_account(session, is_partner=True),
        )  # fmt: skip
    sign_in(client, user)


def _editor(client: FlaskClient, _account: uuid.UUID) -> None:
    with transaction() as session:
        user = make_staff(session, "editor")
    sign_in(client, user)


PRINCIPALS = [_nobody, _other_company, _colleague_with_own_scope, _partner, _editor]


def _row(owned_id: uuid.UUID) -> dict[str, object]:
    with reading() as session:
        table = OwnedProduct.__table__
        return dict(session.execute(table.select().where(table.c.id == owned_id)).one()._mapping)


@pytest.mark.usefixtures("real_transactions")
@pytest.mark.parametrize("principal", PRINCIPALS)
def test_nobody_else_reads_or_changes_a_unit(
    flask_app: Flask, client: FlaskClient, principal: Callable[[FlaskClient, uuid.UUID], None]
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
