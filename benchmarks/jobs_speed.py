"""Durable events a second: a row per subscriber in the caller's transaction, against the raw insert of such rows.

python -m benchmarks.jobs_speed [--database-url URL]
"""

from __future__ import annotations

import argparse
import statistics
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from benchmarks.figures import Figures, spread
from benchmarks.installation import empty
from core import clock
from core.events import Event, emit, subscribe
from core.ids import new_id
from core.jobs import broker
from core.jobs.models import PENDING, Job
from core.jobs.runner import run_job
from core.transaction import reading, transaction

TOGETHER, ALONE, RUNS = 500, 50, 5
COMMAND = "python -m benchmarks.jobs_speed"


@dataclass(frozen=True)
class Measured(Event):
    name: ClassVar[str] = "benchmark.measured"
    thing_id: uuid.UUID


def _listen(session: Session, event: Measured) -> None:
    """Does nothing: what is measured is the way here."""


subscribe(Measured, [_listen])


def _row() -> dict[str, Any]:
    moment = clock.now()
    return {
        "id": new_id(), "name": "benchmark", "payload": {"thing_id": str(new_id())}, "state": PENDING,
        "attempts": 0, "max_attempts": 8, "run_at": moment, "created_at": moment, "published_at": moment,
    }  # fmt: skip


def _raw_together() -> int:
    with transaction() as session:
        session.execute(insert(Job), [_row() for _ in range(TOGETHER)])
    return TOGETHER


def _raw_each() -> int:
    with transaction() as session:
        for _ in range(TOGETHER):
            session.execute(insert(Job).values(**_row()))
    return TOGETHER


def _emit_together() -> int:
    with transaction() as session:
        for _ in range(TOGETHER):
            emit(session, Measured(new_id()))
    return TOGETHER


def _raw_alone() -> int:
    for _ in range(ALONE):
        with transaction() as session:
            session.execute(insert(Job).values(**_row()))
    return ALONE


def _emit_alone() -> int:
    for _ in range(ALONE):
        with transaction() as session:
            emit(session, Measured(new_id()))
    return ALONE


def _run() -> int:
    """What a worker does with each: claim it, run it, mark it done; the events are written beforehand."""
    with reading() as session:
        ids = list(session.scalars(select(Job.id).where(Job.name.startswith("on.benchmark")).limit(ALONE)))
    for job_id in ids:
        run_job(job_id)
    return len(ids)


WAYS: dict[str, Callable[[], int]] = {
    "raw insert, many rows a statement, one transaction": _raw_together,
    "raw insert, a row a statement, one transaction": _raw_each,
    "events, one transaction": _emit_together,
    "raw insert, a transaction each": _raw_alone,
    "event, a transaction each": _emit_alone,
    "event handled by a worker": _run,
}
BASES = {
    "events, one transaction": "raw insert, a row a statement, one transaction",
    "event, a transaction each": "raw insert, a transaction each",
    "event handled by a worker": "raw insert, a transaction each",
}


def measure(runs: int = RUNS) -> list[Figures]:
    found: dict[str, list[float]] = {name: [] for name in WAYS}
    for _ in range(runs):
        for name, way in WAYS.items():
            begun = time.perf_counter()
            count = way()
            found[name].append(count / (time.perf_counter() - begun))
            broker.flush(60)
        with transaction() as session:
            session.execute(delete(Job))
    rows = []
    for name, values in found.items():
        base = found[BASES.get(name, name)]
        share = statistics.median(value / other for value, other in zip(values, base, strict=True))
        rows.append((name, spread(values), f"{share:.2f} of “{BASES[name]}”" if name in BASES else ""))
    return [
        Figures(
            "Durable events",
            ("way", "a second", "share"),
            rows,
            [
                f"Medians of {runs} alternating runs, in brackets the slowest and the fastest. An event with one "
                "subscriber is one row in the caller's transaction; after it, a thread hands the id to the broker "
                "(files here), which the times include as far as it takes the processor from the writer. A handled "
                "event is two transactions: claimed under a lease, then done together with its work.",
            ],
            COMMAND,
        )
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database-url", default="", help="an empty database; default SQLite")
    given = parser.parse_args()
    with empty(given.database_url):
        for figures in measure():
            print(figures.markdown())


if __name__ == "__main__":
    main()
