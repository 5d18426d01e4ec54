"""Jobs that only tests of faults have. `python -m tests.faults.extra_jobs worker` is a worker that knows them.

RAPPORT_FAULTS_LEASE shortens the lease and the quiet time after a hand-over, for tests that wait for several of them.
"""

from __future__ import annotations

import os
import signal
import time
import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

import app.jobs  # noqa: F401
from app.cli import main
from core import clock
from core.ids import new_id
from core.jobs import job, recurring, runner, tick
from core.mail.models import Suppression
from core.settings import get_settings
from crm.customers.actors import load_actor
from crm.orders.placing import place_order
from tests.factories.programs import ADDRESS

ORDER, COUNT, POISON, SLOW = "test.place_order", "test.count", "test.poison", "test.slow"
SLOT = timedelta(seconds=5)


def _mark(session: Session, kind: str, text: str) -> None:
    """A row that is there as often as the work became durable."""
    session.add(Suppression(address=f"{kind}-{uuid.uuid4()}@example.test", reason=text))
    session.flush()


@job(ORDER)
def order(session: Session, payload: dict[str, Any]) -> None:
    """With a key of its own at each run: a second run would be a second order."""
    actor = load_actor(session, uuid.UUID(payload["user_id"]))
    assert actor is not None
    place_order(
        session, actor=actor, key=f"{payload['number']}:{new_id()}", lines={uuid.UUID(payload["product_id"]): 1},
        delivery_method="standard", payment_method="account", address=ADDRESS,
    )  # fmt: skip


@job(COUNT)
def count(session: Session, payload: dict[str, Any]) -> None:
    _mark(session, "count", str(payload["number"]))


@job(SLOW)
def slow(session: Session, payload: dict[str, Any]) -> None:
    _mark(session, "slow", str(payload["number"]))
    time.sleep(0.05)  # stands for work


@job(POISON, max_attempts=3)
def poison(session: Session, payload: dict[str, Any]) -> None:
    with (get_settings().home / "poisoned").open("a") as notes:
        notes.write("x")
    os.kill(os.getpid(), signal.SIGKILL)


@recurring("test.each_slot", every=SLOT)
def each_slot(session: Session) -> None:
    _mark(session, "slot", clock.now().isoformat())


if lease := os.environ.get("RAPPORT_FAULTS_LEASE"):
    runner.LEASE = tick.QUIET = timedelta(seconds=float(lease))

if __name__ == "__main__":
    main()
