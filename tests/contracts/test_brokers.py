"""One suite for every broker: it carries ids, and its loss, slowness and repetitions lose and double nothing."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.conftest import service_url
from tests.factories.programs import ORDERS, order_body
from tests.faults.processes import House, Process, Proxy, RedisServer, house, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.no_database]

WRITE_SECONDS = 2 * 0.5
DRAIN_SECONDS = 2 * 30.0
SHORT_LEASE = "3"
CONFIRMATIONS = "on.order.placed.portal.orders.mails%"
SLOT_SECONDS = 5  # of test.each_slot


@dataclass
class Broken:
    """A broker that this test may take away and give back."""

    url: str
    ways: dict[str, tuple[Callable[[], None], Callable[[], None]]]


@pytest.fixture(params=["filesystem", "rabbitmq", "redis"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    url = "filesystem:" if request.param == "filesystem" else service_url(request.param)
    with house(tmp_path, broker_url=url, broker_queue=f"t{uuid.uuid4().hex[:12]}") as made:
        yield made


@contextlib.contextmanager
def breakable(name: str, folder: Path) -> Iterator[Broken]:
    if name == "redis":
        service_url("redis")
        server = RedisServer(folder)
        server.start()
        try:
            yield Broken(
                server.url, {"gone": (server.kill, server.start), "frozen": (server.freeze, server.thaw)}
            )
        finally:
            server.kill()
    else:
        real = urlsplit(service_url("rabbitmq"))
        proxy = Proxy((real.hostname or "", real.port or 5672))
        proxy.open()
        login = real.netloc.rpartition("@")[0]
        url = urlunsplit((real.scheme, f"{login}@127.0.0.1:{proxy.port}", real.path, "", ""))
        try:
            yield Broken(url, {"gone": (proxy.cut, proxy.open), "frozen": (proxy.freeze, proxy.thaw)})
        finally:
            proxy.end()


def worker(at: House, **more: str) -> Process:
    return at.start("worker", module="tests.faults.extra_jobs", **more)


def marks(at: House, kind: str) -> list[str]:
    return [
        row[0]
        for row in at.rows("SELECT reason FROM mail_suppression WHERE address LIKE :like", like=f"{kind}-%")
    ]


def test_a_worker_does_what_was_published_without_any_tick(place: House) -> None:
    assert len(place.drive("put", "test.count", "20")) == 20
    worker(place)
    wait_until(lambda: place.jobs("done", "test.count") == 20, what="20 jobs")
    assert sorted(map(int, marks(place, "count"))) == list(range(20))


def test_the_same_id_delivered_twenty_times_is_done_once(place: House) -> None:
    (job_id,) = place.drive("put", "test.slow", "1")
    assert place.drive("deliver", job_id, "20") == 20
    for _ in range(2):
        worker(place)
    wait_until(lambda: place.jobs("done", "test.slow") == 1, what="the job")
    assert place.drive("put", "test.count", "1")  # behind the twenty
    wait_until(lambda: place.jobs("done", "test.count") == 1, what="the job behind it")
    assert marks(place, "slow") == ["0"]
    assert place.rows("SELECT attempts FROM job WHERE name = 'test.slow'") == [(1,)]


def test_a_job_that_kills_its_worker_ends_dead_while_the_queue_flows(place: House) -> None:
    place.drive("put", "test.poison", "1")
    place.drive("put", "test.slow", "60")
    place.start("beat")
    running = [worker(place, RAPPORT_FAULTS_LEASE=SHORT_LEASE) for _ in range(2)]

    def is_buried() -> bool:
        for number, process in enumerate(running):
            if not process.is_alive:  # as the supervisor does
                running[number] = worker(place, RAPPORT_FAULTS_LEASE=SHORT_LEASE)
        return place.jobs("dead", "test.poison") == 1

    wait_until(is_buried, 2 * 60, what="the end of the poison", pause=0.1)
    assert (place.home / "poisoned").read_text() == "xxx"
    assert place.rows("SELECT attempts, error FROM job WHERE name = 'test.poison'") == [
        (3, "the worker died at each attempt")
    ]
    wait_until(lambda: is_buried() and place.jobs("done", "test.slow") == 60, what="all other jobs")
    assert sorted(map(int, marks(place, "slow"))) == list(range(60))


def test_two_schedulers_start_each_slot_once(place: House) -> None:
    for _ in range(2):
        place.start("beat")
        worker(place)
    wait_until(lambda: place.jobs("done", "test.each_slot") >= 3, what="three slots", pause=0.2)
    for process in place.processes:
        process.kill()
    begun = [row[0] for row in place.rows("SELECT created_at FROM job WHERE name = 'test.each_slot'")]
    seconds = [int(_timestamp(moment)) // SLOT_SECONDS for moment in begun]
    assert len(set(seconds)) == len(seconds) >= 3
    assert len(marks(place, "slot")) == place.jobs("done", "test.each_slot")


def _timestamp(moment: object) -> float:
    return datetime.fromisoformat(str(moment)).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize("way", ["gone", "frozen"])
@pytest.mark.parametrize("name", ["rabbitmq", "redis"])
def test_a_broker_that_is_gone_or_frozen_delays_work_but_no_write(
    tmp_path: Path, name: str, way: str
) -> None:
    with (
        breakable(name, tmp_path) as broker,
        house(tmp_path / "home", broker_url=broker.url, broker_queue=f"t{uuid.uuid4().hex[:12]}") as place,
    ):
        seeded = place.drive("prepare", "3")
        place.start_web()
        place.start("beat")
        worker(place)
        place.drive("put", "test.count", "1")
        wait_until(lambda: place.open_jobs() == 0, what="a first job")

        def order(number: int) -> float:
            headers = {
                "Authorization": f"Bearer {seeded['token']}",
                "Idempotency-Key": f"{way}-key-number-{number:04}",
            }
            begun = time.monotonic()
            status, answer = place.post_json(ORDERS, order_body(seeded["skus"][0]), headers)
            assert status == 201, answer
            return time.monotonic() - begun

        order(0)
        take, give_back = broker.ways[way]
        take()
        taken = [order(number) for number in range(1, 7)]
        assert sorted(taken)[len(taken) // 2] < WRITE_SECONDS, taken
        assert max(taken) < 2 * WRITE_SECONDS, taken
        assert place.jobs("pending", CONFIRMATIONS) >= 6
        give_back()
        wait_until(lambda: place.jobs("done", CONFIRMATIONS) == 7, DRAIN_SECONDS, what="the jobs", pause=0.1)
        wait_until(
            lambda: place.jobs("done", "mail.deliver") == 7, DRAIN_SECONDS, what="the mails", pause=0.1
        )
        assert place.rows("SELECT state, count(*) FROM mail GROUP BY state") == [("sent", 7)]


def test_a_redis_that_forgets_everything_loses_no_job(tmp_path: Path) -> None:
    service_url("redis")
    server = RedisServer(tmp_path)
    server.start()
    try:
        with house(tmp_path / "home", broker_url=server.url) as place:
            assert len(place.drive("put", "test.count", "25")) == 25
            server.kill()
            server.start()
            place.start("beat")
            worker(place, RAPPORT_FAULTS_LEASE=SHORT_LEASE)
            wait_until(lambda: place.jobs("done", "test.count") == 25, what="all jobs")
            assert sorted(map(int, marks(place, "count"))) == list(range(25))
    finally:
        server.kill()
