"""The folder as a broker: whole messages, each taken once, nothing that a crash can spoil."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection

from core.jobs import file_transport


@pytest.fixture
def channel(tmp_path: Path) -> Iterator[Any]:
    with Connection(
        f"{file_transport.NAME}://localhost//", transport_options={"folder": str(tmp_path)}
    ) as line:
        yield line.default_channel


def test_messages_come_in_the_order_they_were_put(channel: Any) -> None:
    for number in range(5):
        channel._put("q", {"number": number})
    assert channel._size("q") == 5
    assert [channel._get("q")["number"] for _ in range(5)] == [0, 1, 2, 3, 4]
    with pytest.raises(Empty):
        channel._get("q")


def test_queues_do_not_mix(channel: Any) -> None:
    channel._put("a", {"for": "a"})
    with pytest.raises(Empty):
        channel._get("b")
    assert channel._get("a") == {"for": "a"}


def test_each_message_is_taken_once_by_many(channel: Any) -> None:
    for number in range(200):
        channel._put("q", {"number": number})
    taken: list[int] = []

    def take() -> None:
        own = channel.connection.client.clone().default_channel
        while True:
            try:
                taken.append(own._get("q")["number"])
            except Empty:
                return

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(200))


def test_half_a_message_is_not_seen_and_a_spoilt_one_is_passed_over(channel: Any, tmp_path: Path) -> None:
    channel._put("q", {"number": 1})
    (tmp_path / "q" / "00000000000000000000-a.new").write_text('{"numb')
    (tmp_path / "q" / "00000000000000000000-b.msg").write_text("")
    assert channel._get("q") == {"number": 1}
    with pytest.raises(Empty):
        channel._get("q")


def test_what_killed_processes_left_is_swept_away_later(tmp_path: Path) -> None:
    (tmp_path / "q").mkdir()
    old = time.time() - file_transport.LEFT_BEHIND_SECONDS - 5
    for name in ("old.new", "old.taken", "young.new", "young.taken", "old.msg"):
        path = tmp_path / "q" / name
        path.write_text("{}")
        if name.startswith("old"):
            os.utime(path, (old, old))
    file_transport.sweep(tmp_path)
    assert sorted(path.name for path in (tmp_path / "q").iterdir()) == ["old.msg", "young.new", "young.taken"]
