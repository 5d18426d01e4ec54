"""Checks 18 and 25 on finding a request without signing in: right and wrong cannot be told apart."""

from __future__ import annotations

from flask.testing import FlaskClient
from sqlalchemy import func, select

from core.jobs.models import Job
from core.mail import Mail
from core.transaction import reading, transaction
from crm.service.links import mint_link
from tests.factories.cases import add_entry, make_case
from tests.factories.jobs import run_jobs
from tests.factories.people import make_account, make_user
from tests.factories.web import csrf_token


def _ask(client: FlaskClient, reference: str, email: str, address: str) -> tuple[int, dict[str, str], str]:
    data = {"csrf_token": csrf_token(client), "reference": reference, "email": email}
    answer = client.post("/requests/find", data=data, environ_base={"REMOTE_ADDR": address})
    headers = {
        name: value for name, value in answer.headers if name not in {"Set-Cookie", "Content-Security-Policy"}
    }
    return answer.status_code, headers, answer.text


def test_right_and_wrong_pairs_get_the_same_answer_and_the_same_work(client: FlaskClient) -> None:
    with transaction() as session:
        account = make_account(session)
        case = make_case(
            session, user=make_user(session, account=account, email="owner@example.test"), account=account
        )
    pairs = [
        (case.reference, "owner@example.test"), (case.reference, "other@example.test"), ("SR-999999-9", "owner@example.test"),
        ("nonsense", "other@example.test"),
    ]  # fmt: skip
    answers = []
    for at, (reference, email) in enumerate(pairs):
        answers.append(_ask(client.application.test_client(), reference, email, f"10.8.0.{at}"))
        with reading() as session:
            jobs = session.scalar(select(func.count()).select_from(Job).where(Job.name == "cases.mail_link"))
        assert jobs == at + 1
    assert answers[0][0] == 303 and case.reference not in answers[0][2]
    assert all(answer == answers[0] for answer in answers)
    run_jobs()
    with reading() as session:
        assert session.scalars(select(Mail.recipient)).all() == ["owner@example.test"]


def test_the_sixth_try_waits_and_forwarded_addresses_do_not_help(client: FlaskClient) -> None:
    data = {"csrf_token": csrf_token(client), "reference": "SR-100001-9", "email": "a@example.test"}
    statuses = [
        client.post("/requests/find", data=data, headers={"X-Forwarded-For": f"10.1.1.{n}"}).status_code
        for n in range(6)
    ]
    assert statuses == [303] * 5 + [429]


def test_the_mailed_link_shows_how_it_stands_and_nothing_that_was_written(client: FlaskClient) -> None:
    with transaction() as session:
        account = make_account(session)
        user = make_user(session, account=account, name="ZEBRAPERSON")
        case = make_case(
            session, user=user, account=account, subject="ZEBRASUBJECT", text="ZEBRATEXT", state="solved"
        )
        add_entry(session, case, "solution", side="staff", text="ZEBRAANSWER", data={"to": "solved"})
        token = mint_link(session, case.id)
    answer = client.get(f"/r/{token}")
    assert answer.status_code == 200 and case.reference in answer.text and "Solution proposed" in answer.text
    assert "ZEBRA" not in answer.text
    assert (
        answer.headers["Referrer-Policy"] == "no-referrer" and answer.headers["Cache-Control"] == "no-store"
    )
    for dead in (token[:-1] + "x", token.swapcase(), "x" * 43, case.reference, str(case.id)):
        assert client.get(f"/r/{dead}").status_code == 404
    with transaction() as session:
        session.get_one(type(user), user.id).is_active = False
    assert client.get(f"/r/{token}").status_code == 404
