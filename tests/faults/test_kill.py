"""kill -9 of worker, scheduler and web in the middle of 200 jobs: nothing is lost, nothing is done twice."""

from __future__ import annotations

import contextlib
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import service_url
from tests.factories.programs import ORDERS, order_body
from tests.factories.smtp import Sink, smtp_sink
from tests.faults.processes import House, house, own_indexes, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.no_database]

MAILS, JOB_ORDERS, WEB_ORDERS, PRODUCTS = 80, 40, 30, 60
PROMISE = 60.0  # seconds after the last restart


@pytest.fixture
def sink() -> Iterator[Sink]:
    with smtp_sink() as made:
        made.pause = 0.02  # as long as a near server takes
        yield made


@pytest.fixture(params=["embedded", "services"])
def place(request: pytest.FixtureRequest, tmp_path: Path, sink: Sink) -> Iterator[House]:
    """SQLite, the file broker and the embedded engine; and again PostgreSQL, RabbitMQ and Elasticsearch."""
    with contextlib.ExitStack() as stack:
        if request.param == "embedded":
            made = house(tmp_path, smtp_url=sink.url)
        else:
            search = service_url("elasticsearch")
            made = house(
                tmp_path, database=service_url("postgres"), broker_url=service_url("rabbitmq"), search_url=search,
                search_prefix=stack.enter_context(own_indexes(search)), broker_queue=f"t{uuid.uuid4().hex[:12]}",
                smtp_url=sink.url,
            )  # fmt: skip
        yield stack.enter_context(made)


class Buyer(threading.Thread):
    """A program that orders through the web server and asks again, with the same key, until it has an answer."""

    def __init__(self, at: House, token: str, skus: list[str]) -> None:
        super().__init__(daemon=True)
        self.numbers: dict[str, str] = {}
        self.refused: list[object] = []
        self.retries = 0
        self._house, self._token, self._skus = at, token, skus

    def run(self) -> None:
        for number in range(WEB_ORDERS):
            key = f"program-key-{number:04}"
            headers = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": key}
            while True:
                try:
                    status, answer = self._house.post_json(ORDERS, order_body(self._skus[number]), headers)
                except OSError:
                    self.retries += 1
                    time.sleep(0.05)
                    continue
                if status == 201:
                    self.numbers[key] = str(answer["number"])
                    break
                if status not in {409, 503}:
                    self.refused.append((status, answer))
                    break
                time.sleep(0.05)


def test_nothing_is_lost_and_nothing_done_twice(place: House, sink: Sink) -> None:
    seeded = place.drive("prepare", str(PRODUCTS))
    web, beat = place.start_web(), place.start("beat")
    assert place.drive("work", seeded["user_id"], str(MAILS), str(JOB_ORDERS)) == {"handed_over": True}
    assert place.open_jobs() >= MAILS + JOB_ORDERS
    buyer = Buyer(place, seeded["token"], seeded["skus"])
    worker = place.start("worker", module="tests.faults.extra_jobs", name="worker-first")
    buyer.start()

    wait_until(
        lambda: len(sink.received) >= 10 and place.jobs("done", "test.place_order") >= 5,
        what="the first work",
    )
    worker.kill()
    assert place.open_jobs("mail.deliver") > 0 and place.open_jobs() > 30  # it was in the middle
    worker = place.start("worker", module="tests.faults.extra_jobs", name="worker-second")

    wait_until(lambda: len(buyer.numbers) >= WEB_ORDERS // 3, what="orders through the web")
    beat.kill()
    beat = place.start("beat", name="beat-second")
    web.kill()
    place.start_web()
    restarted = time.monotonic()

    buyer.join(PROMISE)
    assert not buyer.is_alive() and buyer.refused == []
    wait_until(lambda: place.open_jobs() == 0, 2 * PROMISE, what="the end of all jobs", pause=0.2)
    assert time.monotonic() - restarted < 2 * PROMISE
    assert worker.is_alive and beat.is_alive
    assert place.jobs("dead") == 0

    orders = JOB_ORDERS + WEB_ORDERS
    assert len(buyer.numbers) == len(set(buyer.numbers.values())) == WEB_ORDERS
    assert place.one("SELECT count(*) FROM sales_order") == orders
    assert place.one("SELECT sum(1000 - on_hand) FROM stock") == orders  # each order holds one piece
    assert place.one("SELECT count(*) FROM job WHERE name = 'test.place_order'") == JOB_ORDERS

    assert place.drive("indexed") == {
        "rows": PRODUCTS,
        "newest": PRODUCTS,
        "listed": PRODUCTS,
        "distinct": PRODUCTS,
    }

    counts = sink.counts()
    assert place.rows("SELECT state, count(*) FROM mail GROUP BY state") == [("sent", MAILS + orders)]
    assert set(counts) == {row[0] for row in place.rows("SELECT message_id FROM mail")}
    # One worker was killed, and it is never in the middle of two mails: at most one has come once more.
    assert sum(counts.values()) - len(counts) <= 1
    assert len({received.recipients for received in sink.received if b"reader" in received.content}) == MAILS
