"""Events: one job per subscriber, written with the cause, decoded to what was sent."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from core.errors import Invalid
from core.events import Event, emit, list_subscriptions, subscribe
from core.ids import new_id
from core.jobs.models import DEAD, DONE, PENDING
from core.jobs.runner import run_job
from core.transaction import transaction
from tests.factories.durable import list_jobs, own_jobs


@dataclasses.dataclass(frozen=True)
class Brewed(Event):
    name = "test.brewed"
    cup_id: uuid.UUID
    at: datetime
    strength: int
    beans: str
    by: uuid.UUID | None = None
    before: datetime | None = None


@pytest.fixture(autouse=True)
def _own_jobs() -> Iterator[None]:
    with own_jobs():
        yield


heard: list[tuple[str, Event]] = []


def waiter(session: Session, event: Brewed) -> None:
    heard.append(("waiter", event))


def cashier(session: Session, event: Brewed) -> None:
    heard.append(("cashier", event))
    if event.strength > 9:
        raise Invalid


WAITER, CASHIER = (f"on.test.brewed.{waiter.__module__}.{name}" for name in ("waiter", "cashier"))


@pytest.fixture(autouse=True)
def _subscribed(_own_jobs: None) -> None:
    heard.clear()
    subscribe(Brewed, [waiter, cashier])


def brewed(**values: object) -> Brewed:
    given = {
        "cup_id": new_id(), "at": datetime(2026, 2, 28, 23, 59, 59, 123456, UTC), "strength": 3, "beans": "Yirgacheffe №1",
    }  # fmt: skip
    return Brewed(**{**given, **values})  # type: ignore[arg-type]


def test_each_subscriber_gets_a_job_of_its_own_with_the_cause() -> None:
    with pytest.raises(ZeroDivisionError), transaction() as session:
        emit(session, brewed())
        raise ZeroDivisionError
    assert list_jobs(WAITER) == list_jobs(CASHIER) == []
    with transaction() as session:
        emit(session, brewed())
        assert heard == []  # nobody is called at once
    assert [len(list_jobs(name)) for name in (WAITER, CASHIER)] == [1, 1]
    assert list_subscriptions()["test.brewed"] == [WAITER, CASHIER]


@pytest.mark.parametrize("values", [{}, {"by": new_id(), "before": datetime(2024, 2, 29, tzinfo=UTC)}])
def test_subscribers_hear_exactly_what_was_sent(session: Session, values: dict[str, object]) -> None:
    sent = brewed(**values)
    emit(session, sent)
    (job,) = list_jobs(WAITER)
    assert all(value is None or type(value) in {str, int} for value in job.payload.values())
    assert run_job(job.id) == DONE
    assert heard == [("waiter", sent)]
    assert isinstance(heard[0][1].cup_id, uuid.UUID)  # type: ignore[attr-defined]
    assert heard[0][1].at.tzinfo is not None  # type: ignore[attr-defined]


def test_one_subscribers_failure_is_its_own() -> None:
    with transaction() as session:
        emit(session, brewed(strength=10))
    assert run_job(list_jobs(CASHIER)[0].id) in {PENDING, DEAD}
    assert run_job(list_jobs(WAITER)[0].id) == DONE
    assert [name for name, _ in heard] == ["cashier", "waiter"]


def test_two_events_are_two_jobs(session: Session) -> None:
    same = brewed()
    emit(session, same)
    emit(session, same)
    assert len(list_jobs(WAITER)) == 2


def test_what_nobody_listens_to_leaves_nothing(session: Session) -> None:
    @dataclasses.dataclass(frozen=True)
    class Unheard(Event):
        name = "test.unheard"

    emit(session, Unheard())
    assert "test.unheard" not in list_subscriptions()
