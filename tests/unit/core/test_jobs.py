"""Jobs as rows: written with their cause, one pending per key, found when due, replayed, discarded, pruned."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from core import clock
from core.errors import Conflict, NotFound
from core.ids import new_id
from core.jobs import broker, discard, enqueue, job, recurring, replay, services
from core.jobs.models import DEAD, DONE, PENDING, RUNNING, Job, Recurrence
from core.jobs.queries import get_queue_state
from core.jobs.runner import run_job
from core.jobs.services import prune
from core.jobs.tick import MOST, QUIET, due_ids, start_recurring, tick
from core.transaction import transaction
from tests.factories.durable import get_job, list_jobs, make_due, own_jobs


@pytest.fixture(autouse=True)
def published(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[uuid.UUID]]:
    """What would be handed to the broker."""
    ids: list[uuid.UUID] = []
    monkeypatch.setattr(services, "publish_soon", ids.extend)
    with own_jobs():
        job("test.note")(lambda session, payload: None)
        yield ids


def row(session: Session, **values: object) -> uuid.UUID:
    made = Job(**{"name": "test.note", "payload": {}, **values})
    session.add(made)
    session.flush()
    return made.id


def test_a_job_exists_exactly_if_its_cause_does(published: list[uuid.UUID]) -> None:
    with pytest.raises(ZeroDivisionError), transaction() as session:
        enqueue(session, "test.note")
        raise ZeroDivisionError
    assert (list_jobs("test.note"), published) == ([], [])
    with transaction() as session:
        made = enqueue(session, "test.note", {"id": "1"})
        assert published == []
    assert [(found.id, found.payload, found.state) for found in list_jobs("test.note")] == [
        (made, {"id": "1"}, PENDING)
    ]
    assert published == [made]


def test_a_job_for_later_is_not_published(session: Session, published: list[uuid.UUID]) -> None:
    with transaction():
        later = enqueue(session, "test.note", run_at=clock.now() + timedelta(minutes=1))
    assert later is not None
    assert published == []
    assert get_job(later).published_at is None
    assert run_job(later) is None


def test_an_unknown_name_is_a_mistake_of_the_caller(session: Session) -> None:
    with pytest.raises(LookupError):
        enqueue(session, "test.nobody")


def test_of_one_name_and_key_one_job_is_pending(session: Session) -> None:
    job("test.other")(lambda session, payload: None)
    first = enqueue(session, "test.note", key="k")
    assert first is not None
    assert enqueue(session, "test.note", key="k") is None
    assert enqueue(session, "test.other", key="k") is not None
    assert enqueue(session, "test.note", key="other") is not None
    assert enqueue(session, "test.note") is not None
    assert enqueue(session, "test.note") is not None
    session.execute(update(Job).where(Job.id == first).values(state=RUNNING))
    assert (
        enqueue(session, "test.note", key="k") is not None
    )  # what changes from now on needs a run of its own


@pytest.mark.usefixtures("real_transactions")
def test_of_twenty_that_enqueue_the_same_key_at_once_one_job_comes() -> None:
    barrier = threading.Barrier(20)
    results: list[uuid.UUID | None] = []

    def write() -> None:
        barrier.wait()
        with transaction() as session:
            results.append(enqueue(session, "test.note", key="same"))

    threads = [threading.Thread(target=write) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 20
    assert [made for made in results if made] == [found.id for found in list_jobs("test.note")]
    assert len(list_jobs("test.note")) == 1


@pytest.mark.usefixtures("real_transactions")
def test_a_change_that_relies_on_a_waiting_job_is_seen_by_that_job_or_by_a_new_one() -> None:
    """The worker must not take the job, look, and finish while the change is still open."""
    with transaction() as session:
        waiting = enqueue(session, "test.note", key="same")
    assert waiting is not None
    states: list[str | None] = []
    worker = threading.Thread(target=lambda: states.append(run_job(waiting)))
    with transaction() as session:
        assert enqueue(session, "test.note", key="same") is None
        worker.start()
        worker.join(0.5)  # SQLite lets it wait for us, PostgreSQL lets it pass by
        assert DONE not in states
    worker.join()
    if states == [None]:
        assert run_job(waiting) == DONE
    assert [found.state for found in list_jobs("test.note")] == [DONE]


def test_due_is_what_waits_and_whose_lease_ran_out(session: Session) -> None:
    moment = clock.now()
    second = row(session, run_at=moment - timedelta(seconds=1))
    first = row(session, run_at=moment - timedelta(seconds=2))
    row(session, run_at=moment + timedelta(seconds=5))
    row(session, state=DONE)
    row(session, state=DEAD)
    row(session, state=RUNNING, lease_until=moment + timedelta(seconds=5))
    abandoned = row(
        session, state=RUNNING, lease_until=moment - timedelta(seconds=5), run_at=moment - timedelta(60)
    )
    assert due_ids(session) == [abandoned, first, second]


def test_none_published_in_the_last_half_minute_is_due(session: Session) -> None:
    moment = clock.now()
    row(session, published_at=moment - QUIET + timedelta(seconds=2))
    gone = moment - timedelta(seconds=5)
    row(session, state=RUNNING, lease_until=gone, published_at=moment - QUIET + timedelta(seconds=2))
    quiet = row(session, published_at=moment - QUIET - timedelta(seconds=1))
    assert due_ids(session) == [quiet]


def test_a_tick_hands_over_at_most_500_and_none_of_them_again(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    ago = clock.now() - timedelta(minutes=1)
    rows = [{"id": new_id(), "name": "test.note", "payload": {}, "run_at": ago} for _ in range(MOST + 20)]
    session.execute(insert(Job), rows)
    handed: list[list[uuid.UUID]] = []
    monkeypatch.setattr("core.jobs.tick.publish", lambda ids: handed.append(list(ids)) or len(ids))
    assert tick() == MOST == 500
    assert 20 <= tick() < 60  # the rest, and the recurring work that the first tick started
    assert tick() == 0
    ours = {made["id"] for made in rows}
    flat = [job_id for batch in handed for job_id in batch if job_id in ours]
    assert len(flat) == len(set(flat)) == MOST + 20


def test_what_the_broker_did_not_take_is_due_again_at_once(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    ago = clock.now() - timedelta(minutes=1)
    ids = [row(session, run_at=ago + timedelta(seconds=number)) for number in range(3)]
    monkeypatch.setattr("core.jobs.tick.publish", lambda ids: 1)
    tick()
    due = due_ids(session)
    assert [job_id for job_id in ids if job_id in due] == ids[1:]


def test_a_broker_that_is_gone_takes_nothing_and_raises_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise ConnectionRefusedError

    broker.reset_broker()
    monkeypatch.setattr(broker._line, "producer", refuse)
    assert broker.publish([new_id()]) == 0
    monkeypatch.setattr(broker._line, "producer", lambda: pytest.fail("asked again within the pause"))
    assert broker.publish([new_id()]) == 0
    broker.reset_broker()


def test_recurring_work_is_started_once_per_slot(session: Session) -> None:
    recurring("test.hourly", every=timedelta(hours=1))(lambda session: None)
    with clock.frozen(clock.now().replace(minute=10)):
        assert "test.hourly" in start_recurring(session)
        assert "test.hourly" not in start_recurring(session)
    with clock.frozen(clock.now().replace(minute=10) + timedelta(hours=1)):
        assert "test.hourly" in start_recurring(session)
        assert "test.hourly" not in start_recurring(session)
    with clock.frozen(clock.now().replace(minute=10)):  # the clock was set back
        assert "test.hourly" not in start_recurring(session)
    assert len(list_jobs("test.hourly")) == 1  # the second slot found the first one's job still waiting


@pytest.mark.usefixtures("real_transactions")
def test_two_ticks_at_once_start_a_slot_once() -> None:
    runs: list[int] = []
    recurring("test.hourly", every=timedelta(hours=1))(lambda session: runs.append(1))
    started: list[str] = []
    barrier = threading.Barrier(2)

    def beat() -> None:
        barrier.wait()
        with transaction() as session:
            started.extend(name for name in start_recurring(session) if name == "test.hourly")

    for _ in range(3):
        threads = [threading.Thread(target=beat) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert started == ["test.hourly"]
    (made,) = list_jobs("test.hourly")
    assert run_job(made.id) == DONE
    assert runs == [1]
    with transaction() as session:
        assert session.scalar(select(func.count()).where(Recurrence.name == "test.hourly")) == 1


def test_a_dead_job_is_replayed_with_all_its_attempts(session: Session, published: list[uuid.UUID]) -> None:
    dead = row(session, state=DEAD, attempts=8, error="it was broken", finished_at=clock.now())
    with transaction():
        replay(session, dead)
    found = get_job(dead)
    assert (found.state, found.attempts, found.error, found.finished_at) == (PENDING, 0, None, None)
    make_due(dead)
    assert run_job(dead) == DONE


def test_only_dead_jobs_are_replayed_and_not_beside_a_newer_one(session: Session) -> None:
    with pytest.raises(Conflict) as told:
        replay(session, row(session, state=DONE))
    assert told.value.code == "jobs.not_dead"
    with pytest.raises(NotFound):
        replay(session, new_id())
    dead = row(session, state=DEAD, key="k")
    enqueue(session, "test.note", key="k")
    with pytest.raises(Conflict) as told:
        replay(session, dead)
    assert told.value.code == "jobs.same_pending"


def test_only_dead_jobs_are_discarded(session: Session) -> None:
    dead, waiting = row(session, state=DEAD), row(session)
    discard(session, dead)
    for job_id in (dead, waiting):
        with pytest.raises(NotFound):
            discard(session, job_id)
    assert [found.id for found in list_jobs("test.note")] == [waiting]


def test_finished_jobs_are_pruned_after_three_days_dead_ones_never(session: Session) -> None:
    moment = clock.now()
    old = moment - timedelta(days=3, minutes=1)
    row(session, state=DONE, finished_at=old)
    stay = [
        row(session, state=DONE, finished_at=moment - timedelta(days=2)),
        row(session, state=DEAD, finished_at=old),
        row(session, created_at=old),
        row(session, state=RUNNING, created_at=old),
    ]
    assert prune(session) == 1
    assert {found.id for found in list_jobs("test.note")} == set(stay)


def test_pruning_takes_a_bounded_number_at_a_time(session: Session) -> None:
    for _ in range(5):
        row(session, state=DONE, finished_at=clock.now() - timedelta(days=9))
    assert [prune(session, most=3), prune(session, most=3), prune(session, most=3)] == [3, 2, 0]


def test_the_state_of_the_queue_names_what_waits_and_since_when(session: Session) -> None:
    moment = clock.now()
    row(session, run_at=moment - timedelta(seconds=90))
    row(session, run_at=moment + timedelta(seconds=90))
    row(session, state=RUNNING)
    row(session, state=DEAD)
    with clock.frozen(moment):
        state = get_queue_state(session)
        assert (state.pending, state.running, state.dead) == (2, 1, 1)
        assert state.lag == timedelta(seconds=90)
