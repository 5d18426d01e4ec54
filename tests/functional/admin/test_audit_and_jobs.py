"""The pages of the audit log and of the jobs."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core import audit, clock
from core.actor import SYSTEM
from core.ids import new_id
from core.jobs.models import DEAD, PENDING, Job
from core.transaction import reading, transaction
from tests.factories.people import make_staff, sign_in
from tests.factories.web import post


@pytest.fixture
def administrator(client: FlaskClient) -> Iterator[FlaskClient]:
    with transaction() as session:
        staff = make_staff(session)
    yield sign_in(client, staff)


def _numbers(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'id="entry-(\d+)"', page)]


def test_audit_pages_hold_every_entry_once(administrator: FlaskClient) -> None:
    with transaction() as session:
        first = audit.record(session, SYSTEM, "thing.made", "thing", "1", after={"size": 1}).seq
        for number in range(2, 121):
            audit.record(
                session, SYSTEM, "thing.changed", "thing", str(number), before={"size": 1}, after={"size": 2}
            )
    pages = [administrator.get("/staff/audit?kind=thing").text]
    while older := re.search(r'rel="next" href="([^"]+)"', pages[-1]):
        pages.append(administrator.get(older[1].replace("&amp;", "&")).text)
    assert [len(_numbers(page)) for page in pages] == [50, 50, 20]
    assert [number for page in pages for number in _numbers(page)] == list(range(first + 119, first - 1, -1))
    newer = re.search(r'rel="prev" href="([^"]+)"', pages[2])
    assert newer is not None
    assert _numbers(administrator.get(newer[1].replace("&amp;", "&")).text) == _numbers(pages[1])


def test_audit_filters(administrator: FlaskClient) -> None:
    with transaction() as session:
        one = audit.record(
            session, SYSTEM, "alpha.made", "thing", "A_1", after={"name": "<b>bold</b>"}, address="10.1.2.3"
        )
        two = audit.record(session, SYSTEM, "beta.made", "thing", "AB1")

    def seen(query: str) -> list[int]:
        return _numbers(administrator.get(f"/staff/audit?{query}").text)

    assert seen("action=alpha.") == [one.seq]
    assert seen("kind=thing&id=AB1") == [two.seq]
    assert seen("kind=thing&who=SYSTEM") == [two.seq, one.seq]
    assert seen("who=10.1.2.3") == [one.seq]
    assert seen("action=%25") == [] and seen("action=alpha_") == []
    assert seen("kind=thing&since=2000-01-01&until=2000-01-02") == []
    page = administrator.get("/staff/audit?action=alpha.").text
    assert "&lt;b&gt;bold&lt;/b&gt;" in page and "<b>bold" not in page


def test_chain_check_says_whole_and_names_the_changed_entry(administrator: FlaskClient) -> None:
    with transaction() as session:
        for number in range(3):
            audit.record(session, SYSTEM, "thing.made", "thing", number)
        last = audit.record(session, SYSTEM, "thing.made", "thing", "x").seq
    post(administrator, "/staff/audit/check")
    assert f"All {last} entries are as they were written." in administrator.get("/staff/audit").text
    with transaction() as session:
        # As somebody would who owns the database: the guards are taken away first.
        if session.get_bind().dialect.name == "sqlite":
            session.execute(text("DROP TRIGGER audit_entry_no_update"))
        else:
            session.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_append_only"))
        session.execute(text("UPDATE audit_entry SET object_id = 'y' WHERE seq = :seq"), {"seq": last - 1})
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("ALTER TABLE audit_entry ENABLE TRIGGER audit_entry_append_only"))
    post(administrator, "/staff/audit/check")
    assert f"entry {last - 1} does not fit" in administrator.get("/staff/audit").text


def _dead(session: Session, name: str = "mail.deliver") -> Job:
    job = Job(
        id=new_id(), name=name, payload={"mail_id": "42"}, state=DEAD, attempts=60, max_attempts=60,
        finished_at=clock.now(), error="PermanentError: <refused>\nTraceback …",
    )  # fmt: skip
    session.add(job)
    session.flush()
    return job


def test_dead_job_is_shown_and_replayed_once(administrator: FlaskClient) -> None:
    with transaction() as session:
        job = _dead(session)
    page = administrator.get("/staff/jobs").text
    for part in ("mail.deliver", "PermanentError: &lt;refused&gt;", "attempt 60 of 60", "mail_id"):
        assert part in page, part
    assert post(administrator, f"/staff/jobs/{job.id}/replay").status_code == 303
    assert post(administrator, f"/staff/jobs/{job.id}/replay").status_code == 409
    with reading() as session:
        found = session.scalars(
            select(Job).where(Job.id == job.id).execution_options(populate_existing=True)
        ).one()
        entries = session.scalars(
            select(audit.AuditEntry).where(audit.AuditEntry.object_id == str(job.id))
        ).all()
    assert (found.state, found.attempts, found.error) == (PENDING, 0, None)
    assert [(entry.action, entry.before, entry.after) for entry in entries] == [
        ("job.replay", {"state": "dead"}, {"state": "pending"})
    ]


def test_discarded_job_is_gone_and_remembered(administrator: FlaskClient) -> None:
    with transaction() as session:
        job = _dead(session)
    assert post(administrator, f"/staff/jobs/{job.id}/discard").status_code == 303
    assert post(administrator, f"/staff/jobs/{job.id}/discard").status_code == 404
    with reading() as session:
        assert session.scalar(select(Job.id).where(Job.id == job.id)) is None
        (entry,) = session.scalars(
            select(audit.AuditEntry).where(audit.AuditEntry.object_id == str(job.id))
        ).all()
    assert entry.action == "job.discard" and (entry.before or {})["payload"] == {"mail_id": "42"}


def test_waiting_jobs_cannot_be_discarded(administrator: FlaskClient) -> None:
    with transaction() as session:
        job = Job(id=new_id(), name="mail.deliver", payload={}, state=PENDING, max_attempts=3)
        session.add(job)
    assert post(administrator, f"/staff/jobs/{job.id}/discard").status_code == 404
    assert "mail.deliver" in administrator.get("/staff/jobs?state=pending").text
    with reading() as session:
        assert session.scalar(select(Job.state).where(Job.id == job.id)) == PENDING


@pytest.mark.parametrize("path", ["/staff/audit", "/staff/jobs"])
def test_other_staff_may_not(client: FlaskClient, session: Session, path: str) -> None:
    assert sign_in(client, make_staff(session, "agent")).get(path).status_code == 403
