"""Checks 19, 20 and 48 on requests: no staff-only word reaches a customer's page, mail, file or search hit.

The marker stands in every column that is for staff. All addresses a customer can open come from the URL map, so a
new page is walked without being named here.
"""

from __future__ import annotations

import dataclasses
import re
from email.message import EmailMessage

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core.mail import Mail
from core.mail.message import build
from core.transaction import reading, transaction
from crm.customers.actors import load_actor
from crm.identity.models import User
from crm.orders.models import Order
from crm.service import escalations, links, work
from crm.service.brief import BriefCase, BriefEntry, BriefFile
from crm.service.models import Case, CaseEvent
from crm.service.queries import CaseFilter, list_cases
from crm.service.services import open_request
from tests.factories.goods import make_product
from tests.factories.jobs import run_jobs
from tests.factories.orders import make_line, make_order
from tests.factories.people import make_account, make_staff, make_user, sign_in
from tests.security.routes import doors

MARKER = "STAFFONLYZEBRA"
WRITTEN = re.compile(rf"(Agent|Boss|because|note|why|escalated|outcome|waits|closed) {MARKER}", re.I)


def _world() -> tuple[Case, User, str]:
    """A case with everything that staff can do to it, every staff-only text of which carries the marker."""
    with transaction() as session:
        account = make_account(session)
        customer = make_user(session, account=account, role="company_administrator", scope="company")
        agent_user = make_staff(session, "agent", name=f"Agent {MARKER}", email="staffonlyzebra@example.test")
        agent = load_actor(session, agent_user.id)
        boss = load_actor(session, make_staff(session, "supervisor", name=f"Boss {MARKER}").id)
        who = load_actor(session, customer.id)
        assert agent and boss and who
        order = make_order(session, user=customer, account=account, lines=[make_line(make_product(session))])
        case = open_request(
            session,
            actor=who,
            kind="question",
            subject="A plain question",
            text="Plain words",
            line_id=order.lines[0].id,
        )
        work.assign(session, actor=agent, case_id=case.id, assignee_id=agent.user_id, team="billing")
        work.set_severity(
            session, actor=agent, case_id=case.id, severity="severe", reason=f"because {MARKER}"
        )
        work.add_note(session, actor=agent, case_id=case.id, text=f"note {MARKER}")
        work.change_state(
            session, actor=agent, case_id=case.id, action="wait_internal", reason=f"why {MARKER}"
        )
        escalations.escalate(session, actor=agent, case_id=case.id, reason=f"escalated {MARKER}")
        escalations.resolve(session, actor=boss, case_id=case.id, outcome=f"outcome {MARKER}")
        work.reply(session, actor=agent, case_id=case.id, text="A public answer", then="open")
        work.change_state(
            session, actor=agent, case_id=case.id, action="wait_customer", reason=f"waits {MARKER}"
        )
        work.reply(session, actor=agent, case_id=case.id, text="A public solution", then="solved")
        work.change_state(session, actor=agent, case_id=case.id, action="close", reason=f"closed {MARKER}")
        token = links.mint_link(session, case.id)
    return case, customer, token


def test_the_marker_is_really_in_the_ledger() -> None:
    case, _customer, _token = _world()
    with reading() as session:
        events = session.scalars(select(CaseEvent).where(CaseEvent.case_id == case.id)).all()
    marked = {event.kind for event in events if MARKER in f"{event.text}{event.staff_data}"}
    assert marked >= {"note", "severity", "escalated", "escalation_resolved", "state", "closed", "assigned"}
    assert {event.visibility for event in events if event.kind in {"state", "closed"}} == {"public"}


def test_no_page_of_a_customer_shows_it(flask_app: Flask, client: FlaskClient) -> None:
    case, customer, token = _world()
    run_jobs()
    sign_in(client, customer)
    values = {"reference": case.reference, "token": token, "slug": "nothing"}
    with reading() as session:
        order_id = session.get_one(Case, case.id).order_id
        assert order_id is not None
        values["number"] = session.get_one(Order, order_id).number
    opened = 0
    for door in doors(flask_app, values):
        if door.method != "GET" or door.policy.audience in {"staff", "token"}:
            continue
        for query in ("", f"?q={MARKER}", "?q=plain"):
            answer = client.get(door.path + query, follow_redirects=True)
            # A search page repeats what was typed; what staff wrote around the marker it must not know.
            wanted = WRITTEN if MARKER in query else re.compile(MARKER, re.I)
            assert not wanted.search(answer.text), door.path + query
            assert not wanted.search(str(answer.headers)), door.path + query
            answer.close()
            opened += 1
    assert opened > 60


def test_what_only_staff_wrote_is_no_search_hit() -> None:
    case, customer, _token = _world()
    with reading() as session:
        who = load_actor(session, customer.id)
        agent = load_actor(
            session, session.scalars(select(User.id).where(User.kind == "staff").limit(1)).one()
        )
        assert who and agent
        assert list_cases(session, who, CaseFilter(text=MARKER)).rows == []
        assert [row.case.id for row in list_cases(session, who, CaseFilter(text="solution")).rows] == [
            case.id
        ]
        assert [row.case.id for row in list_cases(session, agent, CaseFilter(text=MARKER)).rows] == [case.id]
        assert MARKER.lower() not in session.get_one(Case, case.id).search_text.lower()


def test_no_mail_carries_it_and_every_mail_says_that_it_is_automatic() -> None:
    case, customer, _token = _world()
    run_jobs()
    with reading() as session:
        mails = session.scalars(select(Mail).where(Mail.person_id == customer.id).order_by(Mail.id)).all()
    kinds = [mail.kind for mail in mails]
    assert sorted(kinds) == ["request-closed", "request-received", "request-replied", "request-solved"]
    for mail in mails:
        message: EmailMessage = build(mail, "Aurora Home <service@example.test>")
        whole = message.as_string() + mail.text + (mail.html or "") + mail.subject
        assert MARKER.lower() not in whole.lower()
        assert message["Auto-Submitted"] == "auto-generated"
        assert message["Message-ID"] and case.reference in mail.subject
        assert {part.get_content_type() for part in message.walk()} >= {"text/plain", "text/html"}
        if mail.kind != "request-received":
            first = next(other for other in mails if other.kind == "request-received")
            assert message["In-Reply-To"] == first.message_id
    assert "A public answer" in next(mail.text for mail in mails if mail.kind == "request-replied")
    run_jobs()
    with reading() as session:
        assert len(session.scalars(select(Mail.id).where(Mail.person_id == customer.id)).all()) == 4


@pytest.mark.no_database
def test_what_customers_read_has_exactly_these_fields() -> None:
    """A field that is added here is shown to customers: think of it twice."""
    keys = {
        kind.__name__: [item.name for item in dataclasses.fields(kind)]
        for kind in (BriefCase, BriefEntry, BriefFile)
    }
    assert keys == {
        "BriefCase": [
            "id", "reference", "kind", "state", "subject", "fields", "account_id", "user_id", "email", "locale", "order_id",
            "order_line_id", "product_id", "owned_product_id", "promised_at", "opened_at", "solved_at", "closed_at", "version",
        ],
        "BriefEntry": ["id", "at", "kind", "by", "author", "text", "data", "files"],
        "BriefFile": ["id", "name", "size", "media_type"],
    }  # fmt: skip
