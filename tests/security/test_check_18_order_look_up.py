"""Checks 18 and 25 on finding an order without an account: right and wrong cannot be told apart."""

from __future__ import annotations

from flask.testing import FlaskClient
from sqlalchemy import func, select

from core.jobs.models import Job
from core.mail import Mail
from core.transaction import reading, transaction
from tests.factories.jobs import run_jobs
from tests.factories.orders import make_order
from tests.factories.people import make_account, make_user
from tests.factories.web import csrf_token


def _statements(
    client: FlaskClient, number: str, email: str, address: str
) -> tuple[int, dict[str, str], str, int]:
    token = csrf_token(client)
    answer = client.post(
        "/orders/find",
        data={"csrf_token": token, "number": number, "email": email},
        environ_base={"REMOTE_ADDR": address},
    )
    headers = {
        name: value for name, value in answer.headers if name not in {"Set-Cookie", "Content-Security-Policy"}
    }
    with reading() as session:
        jobs = (
            session.scalar(select(func.count()).select_from(Job).where(Job.name == "orders.mail_link")) or 0
        )
    return answer.status_code, headers, answer.text, jobs


def test_right_and_wrong_pairs_get_the_same_answer_and_the_same_work(client: FlaskClient) -> None:
    with transaction() as session:
        account = make_account(session)
        user = make_user(session, account=account, email="owner@example.test")
        order = make_order(session, user=user, account=account)
    pairs = [
        (order.number, "owner@example.test"),
        (order.number, "other@example.test"),
        ("SO-999999-9", "owner@example.test"),
        ("nonsense", "other@example.test"),
    ]
    answers = []
    for at, (number, email) in enumerate(pairs):
        fresh = client.application.test_client()
        status, headers, text, jobs = _statements(fresh, number, email, f"10.9.0.{at}")
        assert jobs == at + 1
        assert order.number not in text
        answers.append((status, headers, text))
    assert answers[0][0] == 303
    assert all(answer == answers[0] for answer in answers)
    run_jobs()
    with reading() as session:
        assert session.scalars(select(Mail.recipient)).all() == ["owner@example.test"]


def test_rotating_forwarded_addresses_does_not_help(client: FlaskClient) -> None:
    token = csrf_token(client)
    data = {"csrf_token": token, "number": "SO-100001-9", "email": "a@example.test"}
    statuses = [
        client.post("/orders/find", data=data, headers={"X-Forwarded-For": f"10.1.1.{n}"}).status_code
        for n in range(6)
    ]
    assert statuses == [303] * 5 + [429]
