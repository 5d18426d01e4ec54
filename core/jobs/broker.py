"""Celery as a carrier of job ids, on each of the three brokers. Nothing here is durable; the job table is."""

from __future__ import annotations

import itertools
import os
import threading
import time
import uuid
from collections import deque
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import structlog
from celery import Celery
from kombu import Connection, Queue

from core.jobs import file_transport
from core.settings import get_settings

log = structlog.get_logger()

TICK_SECONDS = 5.0
RUN_TASK, TICK_TASK = "core.jobs.run", "core.jobs.tick"

# After a failed publish the broker is left alone for this long: each try costs a time-out.
PAUSE_SECONDS = 2.0
RETRY_SECONDS = 0.5
MOST_WAITING = 5_000  # ids in memory while the broker is away; beyond that the tick finds the rows
_paused_until = 0.0


class PatientConnection(Connection):  # type: ignore[misc, unused-ignore]
    """Worker and beat look for a lost broker every 3 seconds; as delivered they wait up to 30."""

    def _ensure_connection(self, *args: Any, **options: Any) -> Any:
        options.update(interval_start=0.5, interval_step=0.5, interval_max=3)
        return super()._ensure_connection(*args, **options)


@lru_cache(maxsize=1)
def celery_app() -> Celery:
    """The Celery application for the configured broker: JSON, ids only, no results, no long ETAs."""
    settings = get_settings()
    scheme = settings.broker_url.partition(":")[0]
    app = Celery("rapport", set_as_current=True)
    app.amqp.Connection = PatientConnection
    transport: dict[str, Any]
    if scheme == "filesystem":
        url = f"{file_transport.NAME}://localhost//"
        folder = settings.home.absolute() / "broker"
        file_transport.sweep(folder)
        transport = {"folder": str(folder), "polling_interval": 0.05}
    elif scheme.startswith("redis"):
        url = settings.broker_url
        transport = {
            "socket_timeout": 2,
            "socket_connect_timeout": 1,
            "visibility_timeout": 120,
            "unacked_restore_limit": 1000,
        }
    else:
        url = settings.broker_url
        transport = {"connect_timeout": 1, "read_timeout": 3, "write_timeout": 3, "confirm_publish": True}
    app.conf.update(
        broker_url=url,
        broker_transport_options=transport,
        broker_connection_timeout=1.5,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_heartbeat=10,
        broker_pool_limit=4,
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        result_backend=None,
        task_acks_late=True,
        task_default_queue=settings.broker_queue,
        task_queues=[Queue(settings.broker_queue, durable=True)],
        task_publish_retry=False,
        worker_prefetch_multiplier=4,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_enable_remote_control=False,
        worker_soft_shutdown_timeout=5.0,
        enable_utc=True,
        timezone="UTC",
        beat_scheduler="celery.beat:Scheduler",  # the default keeps a pickle shelf
        beat_schedule={
            "tick": {"task": TICK_TASK, "schedule": TICK_SECONDS, "options": {"expires": 2 * TICK_SECONDS}}
        },
        beat_max_loop_interval=TICK_SECONDS,
    )
    app.connection_for_write().get_transport_cls()  # imports the broker's driver, in this thread
    return app


def publish(ids: Sequence[uuid.UUID]) -> int:
    """Hands job ids to the broker; returns how many it took. Never raises, but may wait a few seconds."""
    global _paused_until
    if not ids or time.monotonic() < _paused_until:
        return 0
    sent = 0
    with _line.lock:
        try:
            producer = _line.producer()
            for job_id in ids:
                celery_app().send_task(
                    RUN_TASK, args=[str(job_id)], producer=producer, retry=False, ignore_result=True
                )
                sent += 1
        except Exception as error:
            _paused_until = time.monotonic() + PAUSE_SECONDS
            _line.drop()
            log.warning("publish_failed", error=type(error).__name__, unsent=len(ids) - sent)
    return sent


class _Line:
    """This process's own connection for publishing: made at first use, thrown away after an error."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._connection: Any = None
        self._producer: Any = None

    def producer(self) -> Any:
        if self._producer is None:
            self._connection = celery_app().connection_for_write()
            self._producer = celery_app().amqp.Producer(self._connection, auto_declare=False)
        return self._producer

    def drop(self) -> None:
        if self._connection is not None:
            self._connection.collect(socket_timeout=0.5)
        self._connection = self._producer = None


class _Publisher:
    """Publishes in a thread of its own, so that nobody's request waits for a broker, gone or frozen."""

    def __init__(self) -> None:
        self._ids: deque[uuid.UUID] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._is_last_try = False

    def put(self, ids: Sequence[uuid.UUID]) -> None:
        celery_app()  # imports happen here: they fail in a thread of a process that is about to end
        with self._changed:
            if len(self._ids) + len(ids) > MOST_WAITING:
                return  # the rows wait for the tick
            self._ids.extend(ids)
            if self._ids and self._thread is None:
                # No daemon: a command that ends waits for its last ids to be handed over.
                self._thread = threading.Thread(target=self._run, name="publisher")
                self._thread.start()

    def flush(self, seconds: float) -> bool:
        """Waits until everything is handed over; False when time ran out first."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._ids, seconds)

    def _run(self) -> None:
        """Until nothing waits; or, while the broker is away, until the process ends."""
        while True:
            with self._changed:
                batch = list(itertools.islice(self._ids, 100))
                if not batch or self._is_last_try:
                    self._thread = None
                    return
            sent = publish(batch)
            with self._changed:
                for _ in range(min(sent, len(self._ids))):
                    self._ids.popleft()
                self._changed.notify_all()
            if sent < len(batch):
                self._is_last_try = not threading.main_thread().is_alive()
                time.sleep(RETRY_SECONDS)

    def forget(self) -> None:
        with self._changed:
            self._ids.clear()
            self._changed.notify_all()


_line = _Line()
_publisher = _Publisher()


def publish_soon(ids: Sequence[uuid.UUID]) -> None:
    """Hands job ids to the broker from a thread, again until it takes them. Never waits, never raises."""
    _publisher.put(ids)


def flush(seconds: float = 2.0) -> bool:
    """Waits for publish_soon; False when the broker did not take everything in time."""
    return _publisher.flush(seconds)


def reset_broker() -> None:
    """Forget the connection: between tests."""
    global _paused_until
    _publisher.forget()
    with _line.lock:
        _line.drop()
    celery_app.cache_clear()
    _paused_until = 0.0


def _after_fork() -> None:
    # Threads and sockets stay with the parent.
    global _line, _publisher, _paused_until
    _line, _publisher = _Line(), _Publisher()
    celery_app.cache_clear()
    _paused_until = 0.0


os.register_at_fork(after_in_child=_after_fork)
