"""Cases as staff meet them: the queue, one case, escalation, and two agents at one case."""

from __future__ import annotations

import io
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from admin.cases.mails import call_supervisors
from core.audit import AuditEntry
from core.mail import Mail
from core.transaction import reading, transaction
from crm.identity.models import User
from crm.service.events import CaseEscalated
from crm.service.models import Case, CaseAttachment, CaseEscalation, CaseEvent
from tests.factories.cases import make_case
from tests.factories.jobs import run_jobs
from tests.factories.people import make_account, make_staff, make_user, sign_in
from tests.factories.web import csrf_token, post


def _staff(client: FlaskClient, role: str = "agent") -> User:
    with transaction() as session:
        user = make_staff(session, role, name=f"The {role}")
    sign_in(client, user)
    return user


def _case(**values: object) -> Case:
    with transaction() as session:
        account = make_account(session, name="Halligen Bakery")
        return make_case(session, user=make_user(session, account=account), account=account, **values)  # type: ignore[arg-type]


def _results(client: FlaskClient, query: str) -> str:
    answer = client.get(f"/staff/cases{query}")
    assert answer.status_code == 200
    return answer.text.partition('id="results"')[2]


def test_the_queue_has_views_filters_and_search(client: FlaskClient) -> None:
    agent = _staff(client)
    with transaction() as session:
        account = make_account(session, name="Halligen Bakery")
        user = make_user(session, account=account)
        mine = make_case(
            session, user=user, account=account, subject="Mine", assignee_id=agent.id, state="open"
        )
        free = make_case(session, user=user, account=account, subject="Free", kind="repair")
        make_case(session, user=user, account=account, subject="Done", state="closed")
        late = make_case(session, user=user, account=account, subject="Late", assignee_id=agent.id)
        assert late.promised_at is not None
        late.promised_at = late.opened_at
    shown = {
        query: {name for name in ("Mine", "Free", "Done", "Late") if f">{name}</a>" in _results(client, query)}
        for query in (
            "", "?view=mine", "?view=unassigned", "?view=overdue", "?view=escalated", "?kind=repair", "?state=closed",
            f"?q={mine.reference.lower().replace('-', '')}", "?q=halligen", "?view=nonsense&state='",
        )
    }  # fmt: skip
    assert list(shown.values()) == [
        {"Mine", "Free", "Done", "Late"}, {"Mine", "Late"}, {"Free"}, {"Late"}, set(), {"Free"}, {"Done"}, {"Mine"},
        set(), {"Mine", "Free", "Done", "Late"},
    ]  # fmt: skip
    answer = post(
        client, "/staff/cases/bulk", {"case": [str(free.id)], "do": "assign", "assignee": str(agent.id)}
    )
    assert answer.status_code == 303
    with reading() as session:
        assert session.get_one(Case, free.id, populate_existing=True).assignee_id == agent.id


def test_many_are_closed_at_once_and_what_cannot_is_named(client: FlaskClient) -> None:
    _staff(client)
    first, done = _case(), _case(state="closed")
    answer = post(
        client,
        "/staff/cases/bulk",
        {"case": [str(first.id), str(done.id)], "do": "close"},
        follow_redirects=True,
    )
    assert "1 case is closed." in answer.text and done.reference in answer.text
    for wrong in ({}, {"case": ["nonsense"]}):
        answer = post(client, "/staff/cases/bulk", {**wrong, "do": "close"}, follow_redirects=True)
        assert "Please choose between 1 and 100 cases." in answer.text


def test_an_agent_replies_notes_moves_and_weighs(client: FlaskClient) -> None:
    agent = _staff(client)
    case = _case()
    url = f"/staff/cases/{case.reference}"

    def send(path: str, data: dict[str, object]) -> int:
        return post(client, f"{url}/{path}", {"version": _version(client, url), **data}).status_code

    token = csrf_token(client)
    answer = client.post(
        f"{url}/replies",
        data={
            "csrf_token": token, "version": _version(client, url), "text": "Try this.", "then": "waiting_customer",
            "files": [(io.BytesIO(b"step one"), "steps.txt")],
        },
        content_type="multipart/form-data",
    )  # fmt: skip
    assert answer.status_code == 303
    assert send("notes", {"text": "Knows the plumber"}) == 303
    assert send("state", {"action": "wait_internal", "reason": "Asks the plant"}) == 303
    assert send("severity", {"severity": "severe", "reason": "Water near a socket"}) == 303
    assert send("severity", {"severity": "deadly", "reason": "x"}) == 422
    assert send("assignee", {"assignee": str(agent.id), "team": "technical"}) == 303
    assert send("assignee", {"assignee": str(case.user_id), "team": "technical"}) == 404
    assert send("state", {"action": "reopen"}) == 409
    page = client.get(url).text
    for shown in (
        "Try this.",
        "Knows the plumber",
        "Asks the plant",
        "Water near a socket",
        "Technicians",
        "steps.txt",
    ):
        assert shown in page, shown
    with reading() as session:
        found = session.get_one(Case, case.id, populate_existing=True)
        assert (found.state, found.severity, found.team) == ("waiting_internal", "severe", "technical")
        assert session.scalar(select(func.count()).select_from(CaseAttachment)) == 1
        actions = session.scalars(
            select(AuditEntry.action).where(AuditEntry.object_id == str(case.id)).order_by(AuditEntry.seq)
        ).all()
    assert actions == ["case.reply", "case.note", "case.wait_internal", "case.set_severity", "case.assign"]


def _version(client: FlaskClient, url: str) -> str:
    found = re.search(r'name="version"[^>]* value="(\d+)"', client.get(url).text)
    assert found is not None
    return found[1]


def test_of_two_agents_the_later_is_told_and_keeps_what_they_wrote(client: FlaskClient) -> None:
    _staff(client)
    case = _case()
    other = client.application.test_client()
    _staff(other)
    url = f"/staff/cases/{case.reference}"
    version = _version(client, url)
    assert post(other, f"{url}/notes", {"version": version, "text": "I am on it"}).status_code == 303
    answer = post(
        client, f"{url}/replies", {"version": version, "text": "A long careful answer", "then": "open"}
    )
    assert answer.status_code == 409
    assert "A long careful answer" in answer.text and "I am on it" in answer.text
    assert "Somebody else changed this" in answer.text
    again = re.search(r'name="version"[^>]* value="(\d+)"', answer.text)
    assert again is not None
    sent = post(
        client, f"{url}/replies", {"version": again[1], "text": "A long careful answer", "then": "open"}
    )
    assert sent.status_code == 303


def test_an_escalation_reaches_the_supervisor_who_settles_it(client: FlaskClient) -> None:
    _staff(client)
    case = _case(subject="Leaks again")
    url = f"/staff/cases/{case.reference}"
    assert (
        post(client, f"{url}/escalate", {"version": _version(client, url), "reason": ""}).status_code == 422
    )
    reason = {"version": _version(client, url), "reason": "Wants the money back"}
    assert post(client, f"{url}/escalate", reason).status_code == 303
    assert post(client, f"{url}/resolve", {"version": "1", "outcome": "No"}).status_code == 403
    boss = client.application.test_client()
    _staff(boss, "supervisor")
    assert case.subject in boss.get("/staff").text
    assert "Leaks again" in boss.get("/staff/cases?view=escalated").text
    page = boss.get(url).text
    assert "Wants the money back" in page and "Settle the escalation" in page
    assert (
        post(boss, f"{url}/resolve", {"version": _version(boss, url), "outcome": "Granted"}).status_code
        == 303
    )
    with reading() as session:
        kept = session.scalars(select(CaseEscalation)).one()
        kinds = session.scalars(
            select(CaseEvent.kind).where(CaseEvent.case_id == case.id).order_by(CaseEvent.at)
        ).all()
    assert (kept.reason, kept.outcome, kept.raised_by_name, kept.resolved_by_name) == (
        "Wants the money back", "Granted", "The agent", "The supervisor",
    )  # fmt: skip
    assert kinds == ["opened", "escalated", "escalation_resolved"]


def test_an_escalation_is_mailed_to_the_other_supervisors_once(client: FlaskClient) -> None:
    _staff(client, "supervisor")
    with transaction() as session:
        make_staff(session, "supervisor", name="Another", email="another@example.test", locale="zh-Hant")
        make_staff(session, "supervisor", email="gone@example.test", is_active=False)
    case = _case(subject="Leaks again")
    url = f"/staff/cases/{case.reference}"
    reason = {"version": _version(client, url), "reason": "Between colleagues only"}
    assert post(client, f"{url}/escalate", reason).status_code == 303
    run_jobs()
    with reading() as session:
        event = session.scalars(select(CaseEvent).where(CaseEvent.kind == "escalated")).one()
    with transaction() as session:
        call_supervisors(session, CaseEscalated(case_id=case.id, event_id=event.id))
    with reading() as session:
        (mail,) = session.scalars(select(Mail).where(Mail.kind == "case.escalated")).all()
    assert (mail.recipient, mail.locale) == ("another@example.test", "zh-Hant")
    assert case.reference in mail.subject and url in mail.text and "Leaks again" in mail.html
    assert "Between colleagues" not in mail.text + mail.html


def test_the_palette_and_the_customers_page_know_cases(client: FlaskClient) -> None:
    _staff(client)
    case = _case(subject="Drips at night")
    found = client.get(f"/staff/palette?q={case.reference}").json
    assert {
        "label": f"{case.reference} Drips at night · Halligen Bakery",
        "url": f"/staff/cases/{case.reference}",
        "kind": "Case",
    } in found
    assert "Drips at night" in client.get(f"/staff/customers/{case.account_id}").text


@pytest.mark.parametrize("role", ["editor", "marketer", "analyst", "partner_manager"])
def test_staff_without_the_permission_see_no_case(client: FlaskClient, role: str) -> None:
    case = _case(subject="ZEBRACASE")
    _staff(client, role)
    for path in ("/staff/cases", f"/staff/cases/{case.reference}"):
        assert client.get(path).status_code == 403
    for path in (
        "/staff",
        f"/staff/search?q={case.reference}",
        "/staff/palette?q=ZEBRACASE",
        f"/staff/customers/{case.account_id}",
    ):
        assert "/staff/cases/SR" not in client.get(path).text
