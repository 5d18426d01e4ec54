"""A folder as the broker of one machine: each message is a file that appears whole and is taken by one worker.

Kombu's own file transport writes in place, so that a worker can read half a message and end, and a process that
is killed while it notes a queue leaves a file that no later start can read.
"""

from __future__ import annotations

import json
import os
import time
import uuid
from collections import deque
from pathlib import Path
from queue import Empty
from typing import Any

import structlog
from kombu.transport import TRANSPORT_ALIASES, virtual

log = structlog.get_logger()

NAME = "rapport-files"
TRANSPORT_ALIASES[NAME] = f"{__name__}:FileTransport"
LEFT_BEHIND_SECONDS = 60.0


class FileChannel(virtual.Channel):  # type: ignore[misc, unused-ignore]
    """Queues are folders. There is one exchange, and its name, the routing key and the queue are the same."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._listed: dict[str, deque[str]] = {}

    def _folder(self, queue: str) -> Path:
        return Path(self.connection.client.transport_options["folder"]) / queue

    def get_table(self, exchange: str) -> list[tuple[str, str, str]]:
        return [(exchange, "", exchange)]

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        """Nothing to note: see get_table."""

    def _new_queue(self, queue: str, **_options: Any) -> None:
        self._folder(queue).mkdir(parents=True, exist_ok=True)

    def _put(self, queue: str, message: Any, **_options: Any) -> None:
        folder = self._folder(queue)
        name = f"{time.time_ns():020}-{uuid.uuid4().hex}"
        unfinished = folder / f"{name}.new"
        content = json.dumps(message)
        try:
            unfinished.write_text(content, encoding="ascii")
        except FileNotFoundError:
            folder.mkdir(parents=True, exist_ok=True)
            unfinished.write_text(content, encoding="ascii")
        unfinished.rename(folder / f"{name}.msg")

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        folder, names = self._folder(queue), self._listed.setdefault(queue, deque())
        if not names:
            names.extend(self._list(folder))
        while names:
            name = names.popleft()
            taken = folder / f"{name}.taken"
            try:
                (folder / name).rename(taken)
            except FileNotFoundError:
                continue  # another worker was faster
            content = taken.read_bytes()
            taken.unlink()
            try:
                return json.loads(content)
            except ValueError:
                # The machine lost its power before the file was written; the job's row is handed over again.
                log.warning("broker_message_unreadable", file=name)
        raise Empty

    @staticmethod
    def _list(folder: Path) -> list[str]:
        try:
            found = os.listdir(folder)  # noqa: PTH208 - twenty times a second
        except FileNotFoundError:
            return []
        return sorted(name for name in found if name.endswith(".msg"))

    def _size(self, queue: str) -> int:
        return len(self._list(self._folder(queue)))

    def _purge(self, queue: str) -> int:
        names = self._list(self._folder(queue))
        for name in names:
            (self._folder(queue) / name).unlink(missing_ok=True)
        return len(names)

    def _delete(self, queue: str, *_args: Any, **_options: Any) -> None:
        self._purge(queue)


class FileTransport(virtual.Transport):  # type: ignore[misc, unused-ignore]
    Channel = FileChannel
    implements = virtual.Transport.implements.extend(asynchronous=False, exchange_type=frozenset(["direct"]))
    global_state = virtual.BrokerState()
    default_port = 0
    driver_type = driver_name = "filesystem"

    def __init__(self, client: Any, **options: Any) -> None:
        super().__init__(client, **options)
        self.state = self.global_state

    def driver_version(self) -> str:
        return "1"


def sweep(folder: Path) -> None:
    """Removes what killed processes left unfinished."""
    for path in [*folder.glob("*/*.new"), *folder.glob("*/*.taken")]:
        try:
            if time.time() - path.stat().st_mtime > LEFT_BEHIND_SECONDS:
                path.unlink()
        except FileNotFoundError:
            continue  # finished in this moment
