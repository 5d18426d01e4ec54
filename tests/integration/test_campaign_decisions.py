"""Exactly one decision and one mail, with real transactions: duplicates, many workers at once, crashes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from campaigns import decisions
from campaigns.models import CampaignSend
from campaigns.triggers import look_for_left_carts
from core.jobs import enqueue
from core.jobs.models import Job
from core.jobs.runner import run_job
from core.mail import Mail
from core.transaction import reading, transaction
from crm.identity.models import User
from tests.factories.campaigns import agree, leave_cart, make_campaign, sends_to
from tests.factories.goods import make_product
from tests.factories.jobs import run_jobs
from tests.factories.mails import mails_to
from tests.factories.people import make_customer

pytestmark = pytest.mark.usefixtures("real_transactions")


def _prepare(count: int = 1, **conditions: Any) -> list[User]:
    with transaction() as session:
        make_campaign(session, conditions=conditions)
        people = []
        for _ in range(count):
            user = make_customer(session)
            agree(session, user)
            leave_cart(session, user, make_product(session))
            people.append(user)
        session.flush()
        for user in people:
            session.refresh(user)
        return people


def _at_once(*actions: Callable[[], object]) -> list[BaseException]:
    barrier, failures = threading.Barrier(len(actions)), []

    def run(action: Callable[[], object]) -> None:
        barrier.wait()
        try:
            action()
        except BaseException as error:  # told below; a thread would swallow it
            failures.append(error)

    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return failures


def _look() -> None:
    with transaction() as session:
        look_for_left_carts(session)


def test_many_looks_at_once_make_one_row_each() -> None:
    people = _prepare(3)
    assert _at_once(*[_look] * 6) == []
    assert [len(sends_to(user)) for user in people] == [1, 1, 1]
    run_jobs()
    assert [len(mails_to(user.email)) for user in people] == [1, 1, 1]


def test_many_workers_at_once_decide_once() -> None:
    (user,) = _prepare()
    _look()
    (send,) = sends_to(user)

    def decide() -> None:
        with transaction() as session:
            decisions.decide(session, send.id)

    assert _at_once(*[decide] * 6) == []
    run_jobs()
    assert [row.outcome for row in sends_to(user)] == ["sent"]
    (mail,) = mails_to(user.email)
    assert mail.message_id == sends_to(user)[0].message_id


def test_a_crash_after_the_letter_leaves_nothing_and_the_job_does_it_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (user,) = _prepare()
    _look()
    (send,) = sends_to(user)
    inner = decisions.queue_mail

    def crash(session: Any, **values: Any) -> None:
        inner(session, **values)
        raise RuntimeError("the power went")

    monkeypatch.setattr(decisions, "queue_mail", crash)
    with reading() as session:
        job_id = session.scalars(select(Job.id).where(Job.name == "campaigns.decide")).one()
    assert run_job(job_id) == "pending"
    assert mails_to(user.email) == []
    assert sends_to(user)[0].outcome == "waiting"
    monkeypatch.undo()
    with transaction() as session:
        session.get_one(Job, job_id).run_at = send.due_at
    run_jobs()
    assert [row.outcome for row in sends_to(user)] == ["sent"]
    assert len(mails_to(user.email)) == 1


def test_a_doubled_job_changes_nothing() -> None:
    (user,) = _prepare()
    _look()
    (send,) = sends_to(user)
    run_jobs()
    with transaction() as session:
        enqueue(session, "campaigns.decide", {"send_id": str(send.id)}, key="once more")
    run_jobs()
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Mail)) == 1
        assert session.scalar(select(func.count()).select_from(CampaignSend)) == 1


def test_two_campaigns_at_once_keep_the_pause_between_mails() -> None:
    """Decisions about one person take turns, or both would see that nothing was sent yet."""
    (user,) = _prepare(pause_days=3)
    _look()
    with transaction() as session:
        first = session.scalars(select(CampaignSend).where(CampaignSend.person_id == user.id)).one()
        other = CampaignSend(
            campaign_id=first.campaign_id, version_id=first.version_id, person_id=user.id, trigger_key="another",
            trigger_id=first.trigger_id, triggered_at=first.triggered_at, due_at=first.due_at,
        )  # fmt: skip
        session.add(other)
        session.flush()
        ids = [first.id, other.id]

    def decide(send_id: Any) -> None:
        with transaction() as session:
            decisions.decide(session, send_id)

    assert _at_once(*[lambda send_id=send_id: decide(send_id) for send_id in ids]) == []
    assert sorted((row.outcome, row.reason or "") for row in sends_to(user)) == [
        ("sent", ""),
        ("skipped", "too_soon"),
    ]
    assert len(mails_to(user.email)) == 1
