"""Checks 1, 2, 3 and 20 on requests: every door with a request behind it, for everybody whose request it is not."""

from __future__ import annotations

import io
import uuid

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from core.files import keep, record
from core.transaction import reading, transaction
from crm.service.models import Case, CaseAttachment, CaseEvent
from tests.factories.cases import add_entry, make_case
from tests.factories.goods import make_product
from tests.factories.orders import make_line, make_order
from tests.factories.people import make_account, make_staff, make_user, sign_in
from tests.factories.web import csrf_token
from tests.security.principals import PRINCIPALS, Become

MARKER = "ZEBRAMARKER"
BLUEPRINTS = {"requests", "admin_cases"}


def _victim() -> tuple[Case, uuid.UUID, uuid.UUID]:
    """A case whose texts all carry the marker, with a file; its file; its account."""
    kept = keep(io.BytesIO(MARKER.encode()), f"{MARKER}.txt")
    with transaction() as session:
        account = make_account(session, name=MARKER)
        user = make_user(session, account=account, name=MARKER, email="zebramarker@example.test")
        case = make_case(
            session, user=user, account=account, subject=MARKER, text=MARKER, state="solved", kind="billing",
            fields={"document": MARKER},
        )  # fmt: skip
        entry = add_entry(session, case, "customer_reply", user=user, text=MARKER)
        attachment = CaseAttachment(case_id=case.id, event_id=entry.id, file_id=record(session, kept).id)
        session.add(attachment)
        session.flush()
        return case, attachment.id, account.id


@pytest.mark.parametrize("become", PRINCIPALS)
def test_nobody_reaches_a_request_of_somebody_else(
    flask_app: Flask, client: FlaskClient, become: Become
) -> None:
    case, file_id, account_id = _victim()
    become(client, account_id)
    token = csrf_token(client)
    with reading() as session:
        entries = session.scalar(select(func.count()).select_from(CaseEvent))
    tried = 0
    for rule in flask_app.url_map.iter_rules():
        if rule.endpoint.partition(".")[0] not in BLUEPRINTS or "reference" not in rule.arguments:
            continue
        ids = {"reference": case.reference, "file_id": file_id}
        with flask_app.test_request_context():
            url = flask_app.url_for(rule.endpoint, **{name: ids[name] for name in rule.arguments})
        for method in (rule.methods or set()) - {"OPTIONS", "HEAD"}:
            data = {
                "csrf_token": token, "version": case.version, "reason": "x", "text": "x", "then": "open", "action": "close",
                "assignee": "", "severity": "severe", "outcome": "x", "rating": "5",
            }  # fmt: skip
            answer = client.open(
                url, method=method, data=data if method != "GET" else None, follow_redirects=method == "GET"
            )
            assert answer.status_code in {401, 403, 404}, (method, url, answer.status_code)
            assert MARKER.lower() not in answer.text.lower(), (method, url)
            assert MARKER.lower() not in str(answer.headers).lower(), (method, url)
            tried += 1
    assert tried >= 17
    with reading() as session:
        found = session.get_one(Case, case.id, populate_existing=True)
        assert (found.state, found.version) == ("solved", case.version)
        assert session.scalar(select(func.count()).select_from(CaseEvent)) == entries


@pytest.mark.parametrize("become", PRINCIPALS)
def test_lists_and_searches_hold_nothing_of_somebody_else(client: FlaskClient, become: Become) -> None:
    case, _file, account_id = _victim()
    become(client, account_id)
    for query in (
        "", f"?q={case.reference}", f"?q={MARKER}", f"?person={case.user_id}", "?state=solved", f"?customer={account_id}",
    ):  # fmt: skip
        for path in ("/requests", "/staff/cases", "/staff/search", "/staff/palette"):
            answer = client.get(path + query)
            assert answer.status_code in {200, 401, 403, 404}
            results = answer.text.partition('id="results"')[2].partition("</main>")[0]
            assert MARKER not in results and case.reference not in results, path + query
            if path.endswith("palette") and answer.status_code == 200:
                assert f"/staff/cases/{case.reference}" not in answer.text


def test_a_file_is_not_served_through_another_request(client: FlaskClient) -> None:
    case, file_id, _account = _victim()
    with transaction() as session:
        account = make_account(session)
        user = make_user(session, account=account)
        mine = make_case(session, user=user, account=account)
    sign_in(client, user)
    assert client.get(f"/requests/{mine.reference}/files/{file_id}").status_code == 404
    assert client.get(f"/requests/{mine.reference}/files/{uuid.uuid4()}").status_code == 404
    assert client.get(f"/requests/{case.reference}/files/{file_id}").status_code == 404


def test_a_file_of_an_internal_note_stays_inside(client: FlaskClient) -> None:
    kept = keep(io.BytesIO(b"internal"), "plan.txt")
    with transaction() as session:
        account = make_account(session)
        user = make_user(session, account=account)
        case = make_case(session, user=user, account=account)
        entry = add_entry(session, case, "note", public=False, side="staff", text="x")
        attachment = CaseAttachment(case_id=case.id, event_id=entry.id, file_id=record(session, kept).id)
        session.add(attachment)
        session.flush()
        agent = make_staff(session, "agent")
    sign_in(client, user)
    url = f"{case.reference}/files/{attachment.id}"
    assert client.get(f"/requests/{url}").status_code == 404
    assert "plan.txt" not in client.get(f"/requests/{case.reference}").text
    staff = client.application.test_client()
    sign_in(staff, agent)
    answer = staff.get(f"/staff/cases/{url}")
    assert (answer.status_code, answer.data) == (200, b"internal")
    answer.close()


def test_foreign_ids_in_a_new_request_make_no_row(client: FlaskClient) -> None:
    """Check 3: order, line, product and owned unit of others, in the address and in the form."""
    with transaction() as session:
        account = make_account(session)
        user = make_user(session, account=account)
        elsewhere = make_account(session)
        order = make_order(
            session, user=make_user(session, account=elsewhere), account=elsewhere, lines=[make_line()]
        )
        hidden = make_product(session, is_active=False)
    sign_in(client, user)
    token = csrf_token(client)
    foreign = {
        "order": [str(order.id), order.number, "SO-1", "'"],
        "line": [str(order.lines[0].id), str(uuid.uuid4()), "x"],
        "product": [str(hidden.id), str(uuid.uuid4())],
        "owned": [str(uuid.uuid4())],
    }
    for name, values in foreign.items():
        for value in values:
            assert (
                client.get("/requests/new", query_string={"kind": "question", name: value}).status_code == 404
            )
            data = {
                "csrf_token": token,
                "kind": "question",
                "subject": "a",
                "text": "b",
                "offered": "1",
                name: value,
            }
            assert client.post("/requests/new", data=data).status_code == 404, (name, value)
    for choice in (f"line:{order.lines[0].id}", f"order:{order.id}", "staff:1", "line:x"):
        data = {
            "csrf_token": token,
            "kind": "question",
            "subject": "a",
            "text": "b",
            "offered": "1",
            "about": choice,
        }
        assert client.post("/requests/new", data=data).status_code == 404, choice
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 0


def test_fields_that_are_not_the_customers_change_nothing(client: FlaskClient) -> None:
    """Check 9: state, severity, owner and the rest are not taken from a form."""
    with transaction() as session:
        account = make_account(session)
        user, other = make_user(session, account=account), make_user(session)
    sign_in(client, user)
    data = {
        "csrf_token": csrf_token(client), "kind": "question", "subject": "a", "text": "b", "offered": "1", "state": "closed",
        "severity": "severe", "user_id": str(other.id), "account_id": str(uuid.uuid4()), "assignee_id": str(user.id),
        "promised_at": "2020-01-01", "reference": "SR-1", "team": "billing", "id": str(uuid.uuid4()), "version": "9",
    }  # fmt: skip
    assert client.post("/requests/new", data=data).status_code == 303
    with reading() as session:
        case = session.scalars(select(Case)).one()
    assert (case.state, case.severity, case.user_id, case.account_id) == (
        "new",
        "normal",
        user.id,
        account.id,
    )
    assert (case.assignee_id, case.team) == (None, "service") and case.version < 9
    assert case.promised_at is not None and case.promised_at > case.opened_at and case.reference != "SR-1"
