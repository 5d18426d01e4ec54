"""Running jobs: claim, lease, take-over, steps with crashes between them, retries and their end."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from core import clock
from core.errors import Unavailable
from core.jobs import GiveUp, Retry, effect_job, enqueue, job, runner
from core.jobs.models import DEAD, DONE, PENDING, RUNNING, Job
from core.jobs.runner import LEASE, claim, run_job
from core.jobs.tick import due_ids
from core.mail.models import Suppression
from core.transaction import current_write_session, reading, transaction
from tests.factories.durable import get_job, lapse, make_due, own_jobs


class PowerCut(BaseException):
    """Nothing may be recorded any more: what a kill -9 leaves behind."""


@pytest.fixture(autouse=True)
def _own_jobs() -> Iterator[None]:
    with own_jobs():
        yield


def put(name: str, payload: dict[str, Any] | None = None, **options: Any) -> uuid.UUID:
    with transaction() as session:
        made = enqueue(session, name, payload, **options)
    assert made is not None
    return made


def traces(session: Session) -> int:
    return session.query(Suppression).count()


def test_work_and_its_end_are_one_transaction() -> None:
    @job("test.work")
    def work(session: Session, payload: dict[str, Any]) -> None:
        session.add(Suppression(address=payload["address"], reason="done"))

    made = put("test.work", {"address": "a@example.test"})
    assert run_job(made) == DONE
    found = get_job(made)
    assert (found.state, found.attempts, found.lease_until, found.error) == (DONE, 1, None, None)
    assert found.finished_at is not None
    with reading() as session:
        assert traces(session) == 1
    assert run_job(made) is None  # a second delivery of the same id
    with reading() as session:
        assert traces(session) == 1


def test_a_failed_attempt_leaves_no_trace_and_is_tried_again_later() -> None:
    @job("test.work", backoff=timedelta(seconds=10))
    def work(session: Session, payload: dict[str, Any]) -> None:
        session.add(Suppression(address="a@example.test", reason="half"))
        session.flush()
        raise ValueError("the reason")

    made, moment = put("test.work"), clock.now()
    assert run_job(made) == PENDING
    found = get_job(made)
    assert (found.attempts, found.lease_token, found.published_at) == (1, None, None)
    assert timedelta(seconds=8) <= found.run_at - moment <= timedelta(seconds=13)
    assert (found.error or "").startswith("ValueError: the reason")
    with reading() as session:
        assert traces(session) == 0
    assert run_job(made) is None  # not due yet


def test_waiting_times_double_with_a_spread_up_to_the_longest() -> None:
    @job("test.work", max_attempts=40, backoff=timedelta(seconds=4), longest_backoff=timedelta(minutes=1))
    def work(session: Session, payload: dict[str, Any]) -> None:
        raise ValueError

    made = put("test.work")
    waits = []
    for _ in range(12):
        with clock.frozen(clock.now()):
            assert run_job(made) == PENDING
            waits.append((get_job(made).run_at - clock.now()).total_seconds())
        make_due(made)
    for number, wait in enumerate(waits):
        expected = min(4 * 2**number, 60)
        assert expected * 0.8 <= wait <= expected * 1.2
    assert len({round(wait, 3) for wait in waits[5:]}) > 1  # not all at the same moment


def test_attempts_are_bounded_and_end_in_a_dead_state() -> None:
    runs = []

    @job("test.work", max_attempts=3)
    def work(session: Session, payload: dict[str, Any]) -> None:
        runs.append(1)
        raise ValueError("still broken")

    made = put("test.work")
    states = []
    for _ in range(4):
        states.append(run_job(made))
        with transaction() as session:
            session.execute(update(Job).where(Job.state == PENDING).values(run_at=clock.now()))
    assert states == [PENDING, PENDING, DEAD, None]
    assert len(runs) == 3
    found = get_job(made)
    assert found.finished_at is not None and "still broken" in (found.error or "")


def test_giving_up_ends_at_once_and_retry_names_its_own_delay() -> None:
    @job("test.hopeless")
    def hopeless(session: Session, payload: dict[str, Any]) -> None:
        raise GiveUp("nobody can do this")

    @job("test.later")
    def later(session: Session, payload: dict[str, Any]) -> None:
        raise Retry("not yet", timedelta(minutes=7))

    @job("test.away", backoff=timedelta(seconds=10))
    def away(session: Session, payload: dict[str, Any]) -> None:
        raise Unavailable

    assert run_job(put("test.hopeless")) == DEAD
    with clock.frozen(clock.now()):
        made = put("test.later")
        assert run_job(made) == PENDING
        assert get_job(made).run_at - clock.now() == timedelta(minutes=7)
    assert run_job(put("test.away")) == PENDING


def test_a_job_without_code_is_dead_and_says_so() -> None:
    with transaction() as session:
        session.add(Job(id=(made := uuid.uuid4()), name="test.gone", payload={}))
    assert run_job(made) == DEAD
    assert "no code for job test.gone" in (get_job(made).error or "")


def test_a_claimed_job_is_nobody_elses_until_its_lease_runs_out() -> None:
    job("test.work")(lambda session, payload: None)
    made = put("test.work")
    with clock.frozen(clock.now()):
        held = claim(made)
        assert held is not None
        found = get_job(made)
        assert (found.state, found.attempts) == (RUNNING, 1)
        assert found.lease_until == clock.now() + LEASE
        assert claim(made) is None
    lapse(made)
    again = claim(made)
    assert again is not None and again.token != held.token
    assert again.attempts == 2


@pytest.mark.usefixtures("real_transactions")
def test_of_twenty_deliveries_at_once_one_runs() -> None:
    runs: list[int] = []
    job("test.work")(lambda session, payload: runs.append(1))
    made = put("test.work")
    barrier, states = threading.Barrier(20), []

    def deliver() -> None:
        barrier.wait()
        states.append(run_job(made))

    threads = [threading.Thread(target=deliver) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert states.count(DONE) == 1 and states.count(None) == 19
    assert runs == [1]


def test_a_job_that_kills_its_process_each_time_ends_dead() -> None:
    runs = []

    @job("test.poison", max_attempts=3)
    def poison(session: Session, payload: dict[str, Any]) -> None:
        runs.append(1)
        raise PowerCut

    made = put("test.poison")
    for _ in range(3):
        with pytest.raises(PowerCut):
            run_job(made)
        assert get_job(made).state == RUNNING
        assert run_job(made) is None
        lapse(made)
    assert run_job(made) is None
    assert len(runs) == 3
    found = get_job(made)
    assert (found.state, found.error) == (DEAD, "the worker died at each attempt")


class Steps:
    """An effect job that the power cuts off once, at `cut`."""

    cut = ""

    def __init__(self) -> None:
        self.seen: list[tuple[str, object]] = []

    def reach(self, step: str, key: object = None) -> None:
        self.seen.append((step, key))
        if Steps.cut == step:
            Steps.cut = ""
            raise PowerCut

    def prepare(self, session: Session, payload: dict[str, Any]) -> str:
        # The ledger row: the key is made once, whoever comes first.
        row = session.get(Suppression, "ledger@example.test")
        if row is None:
            row = Suppression(address="ledger@example.test", reason=str(uuid.uuid4()))
            session.add(row)
            session.flush()
        self.reach("prepare", row.reason)
        return row.reason

    def effect(self, state: str) -> str:
        self.reach("before effect")
        self.reach("effect", state)
        self.reach("after effect")
        return "taken"

    def record(self, session: Session, payload: dict[str, Any], result: str) -> None:
        session.add(Suppression(address="result@example.test", reason=result))
        session.flush()
        self.reach("record")


@pytest.mark.parametrize(
    ("cut", "effects"),
    [("prepare", 1), ("before effect", 1), ("effect", 2), ("after effect", 2), ("record", 2)],
)
def test_a_crash_between_the_steps_repeats_the_effect_with_the_same_key(cut: str, effects: int) -> None:
    effect_job("test.effect")(Steps)
    steps = runner.get_definition("test.effect").effect  # type: ignore[union-attr]
    assert isinstance(steps, Steps)
    Steps.cut = cut
    made = put("test.effect")
    with pytest.raises(PowerCut):
        run_job(made)
    assert get_job(made).state == RUNNING
    lapse(made)
    assert run_job(made) == DONE
    assert run_job(made) is None
    keys = [key for step, key in steps.seen if step == "effect"]
    assert len(keys) == effects
    assert len(set(keys)) == 1
    with reading() as session:
        assert session.get_one(Suppression, "result@example.test").reason == "taken"
        assert session.get_one(Suppression, "ledger@example.test").reason == keys[0]


def test_nothing_to_do_ends_a_job_without_its_effect() -> None:
    class Idle:
        def prepare(self, session: Session, payload: dict[str, Any]) -> None:
            return None

        def effect(self, state: None) -> None:
            pytest.fail("there was nothing to do")

        def record(self, session: Session, payload: dict[str, Any], result: None) -> None:
            pytest.fail("there was nothing to record")

    effect_job("test.idle")(Idle)
    assert run_job(put("test.idle")) == DONE


def test_no_transaction_is_open_while_the_effect_goes_on() -> None:
    seen: list[object] = []

    class Outside:
        def prepare(self, session: Session, payload: dict[str, Any]) -> str:
            return "x"

        def effect(self, state: str) -> str:
            seen.append(current_write_session())
            return "x"

        def record(self, session: Session, payload: dict[str, Any], result: str) -> None:
            seen.append(current_write_session() is session)

    effect_job("test.outside")(Outside)
    assert run_job(put("test.outside")) == DONE
    assert seen == [None, True]


@pytest.mark.usefixtures("real_transactions")
@pytest.mark.parametrize(("alone", "most"), [(True, 1), (False, 4)])
def test_a_process_killed_in_the_middle_repeats_at_most_one_of_a_kind(alone: bool, most: int) -> None:
    """From the decision to the recorded result there is never a second of its kind under way, where that is asked."""
    guard, under_way, seen = threading.Lock(), 0, []
    together = threading.Barrier(1 if alone else 4)

    class Slow:
        def prepare(self, session: Session, payload: dict[str, Any]) -> str:
            return "x"

        def effect(self, state: str) -> None:
            nonlocal under_way
            with guard:
                under_way += 1
                seen.append(under_way)
            together.wait(20)
            time.sleep(0.01)

        def record(self, session: Session, payload: dict[str, Any], result: None) -> None:
            nonlocal under_way
            with guard:
                under_way -= 1

    effect_job("test.slow_effect", one_at_a_time=alone)(Slow)
    made = [put("test.slow_effect", {"number": number}) for number in range(4)]
    threads = [threading.Thread(target=run_job, args=(job_id,)) for job_id in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [get_job(job_id).state for job_id in made] == [DONE] * 4
    assert max(seen) == most


def test_who_lost_the_lease_records_nothing() -> None:
    class Slow:
        def prepare(self, session: Session, payload: dict[str, Any]) -> str:
            return "x"

        def effect(self, state: str) -> str:
            lapse(made)
            assert claim(made) is not None  # another worker takes over
            return "late"

        def record(self, session: Session, payload: dict[str, Any], result: str) -> None:
            session.add(Suppression(address="late@example.test", reason="late"))

    effect_job("test.slow")(Slow)
    made = put("test.slow")
    assert run_job(made) is None
    found = get_job(made)
    assert (found.state, found.attempts) == (RUNNING, 2)
    with reading() as session:
        assert session.get(Suppression, "late@example.test") is None


def test_a_failure_after_the_lease_was_lost_changes_nothing() -> None:
    class Slow:
        def prepare(self, session: Session, payload: dict[str, Any]) -> str:
            return "x"

        def effect(self, state: str) -> str:
            lapse(made)
            assert claim(made) is not None
            raise ValueError("late")

        def record(self, session: Session, payload: dict[str, Any], result: str) -> None:
            pytest.fail("the effect failed")

    effect_job("test.slow")(Slow)
    made = put("test.slow")
    run_job(made)
    found = get_job(made)
    assert (found.state, found.error) == (RUNNING, None)


@pytest.mark.usefixtures("real_transactions")
def test_the_lease_is_renewed_while_an_effect_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "RENEW_SECONDS", 0.02)
    renewed: list[bool] = []

    class Long:
        def prepare(self, session: Session, payload: dict[str, Any]) -> str:
            return "x"

        def effect(self, state: str) -> str:
            lapse(made)
            until = time.monotonic() + 20
            while not (is_renewed := get_job(made).lease_until > clock.now()) and time.monotonic() < until:
                time.sleep(0.01)
            renewed.append(is_renewed)
            with reading() as session:
                renewed.append(made not in due_ids(session))
            return "x"

        def record(self, session: Session, payload: dict[str, Any], result: str) -> None:
            renewed.append(True)

    effect_job("test.long")(Long)
    made = put("test.long")
    assert run_job(made) == DONE
    assert renewed == [True, True, True]


def test_a_failed_job_gives_way_to_a_newer_one_of_its_key() -> None:
    job("test.work")(lambda session, payload: None)
    first = put("test.work", {"try": 1}, key="k")
    held = claim(first)
    assert held is not None
    second = put("test.work", {"try": 2}, key="k")
    assert runner._fail(held, runner.get_definition("test.work"), ValueError("x")) == PENDING
    assert (get_job(first).state, get_job(second).state) == (DONE, PENDING)
