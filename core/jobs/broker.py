"""Celery as a carrier of job ids, on each of the three brokers. Nothing here is durable; the job table is."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import structlog
from celery import Celery
from kombu import Queue

from core.settings import get_settings

log = structlog.get_logger()

QUEUE = "rapport"
TICK_SECONDS = 5.0
RUN_TASK, TICK_TASK = "core.jobs.run", "core.jobs.tick"

# After a failed publish the broker is left alone for this long: the row waits for the tick anyway, and a
# person's request must not wait for a broker that is gone.
PAUSE_SECONDS = 5.0
_paused_until = 0.0
_lock = threading.Lock()


def _filesystem_folders(home: Path) -> dict[str, str]:
    folder = home / "broker"
    for name in ("queue", "processed", "control"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    # One folder for both directions: producer and consumer are the same installation.
    return {
        "data_folder_in": str(folder / "queue"),
        "data_folder_out": str(folder / "queue"),
        "control_folder": str(folder / "control"),
    }


@lru_cache(maxsize=1)
def celery_app() -> Celery:
    """The Celery application for the configured broker: JSON, ids only, no results, no long ETAs."""
    settings = get_settings()
    scheme = settings.broker_url.partition(":")[0]
    app = Celery("rapport", set_as_current=True)
    transport: dict[str, Any]
    if scheme == "filesystem":
        url = "filesystem://"
        transport = {
            **_filesystem_folders(settings.home.absolute()),
            "polling_interval": 0.05,
            "store_processed": False,
        }
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
        transport = {"connect_timeout": 1, "read_timeout": 3, "write_timeout": 3}
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
        task_default_queue=QUEUE,
        task_queues=[Queue(QUEUE, durable=True)],
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
    return app


def publish(ids: Sequence[uuid.UUID]) -> int:
    """Hands job ids to the broker; returns how many it took. Never raises and never waits long."""
    global _paused_until
    if not ids or time.monotonic() < _paused_until:
        return 0
    sent = 0
    try:
        with _lock:
            producer_pool = celery_app().amqp.producer_pool
            with producer_pool.acquire(block=True, timeout=1.5) as producer:
                for job_id in ids:
                    celery_app().send_task(
                        RUN_TASK, args=[str(job_id)], producer=producer, retry=False, ignore_result=True
                    )
                    sent += 1
    except Exception as error:
        _paused_until = time.monotonic() + PAUSE_SECONDS
        log.warning("publish_failed", error=type(error).__name__, unsent=len(ids) - sent)
    return sent


def reset_broker() -> None:
    """Forget the connection: after a fork and between tests."""
    global _paused_until
    celery_app.cache_clear()
    _paused_until = 0.0
