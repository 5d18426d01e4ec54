"""What one address may send to one process, counted in memory: a flood must not cost a row per request."""

from __future__ import annotations

import threading
import time

WINDOW_SECONDS = 60.0
MOST_PER_WINDOW = 3_000  # events: an office of a hundred people behind one address stays far below
MOST_ADDRESSES = 20_000


class AddressBudget:
    """Fixed windows per address. Whoever comes when the table is full begins a new table."""

    def __init__(self, most: int = MOST_PER_WINDOW, seconds: float = WINDOW_SECONDS) -> None:
        self._most, self._seconds = most, seconds
        self._lock = threading.Lock()
        self._held: dict[str, tuple[float, int]] = {}
        self._dropped = 0

    def spend(self, address: str, count: int) -> bool:
        """Whether `count` more events of this address may come in. If not, they are counted as dropped."""
        moment = time.monotonic()
        with self._lock:
            start, used = self._held.get(address, (moment, 0))
            if moment - start > self._seconds:
                start, used = moment, 0
            if used + count > self._most:
                self._dropped += count
                self._held[address] = (start, used)
                return False
            if len(self._held) >= MOST_ADDRESSES and address not in self._held:
                self._held.clear()
            self._held[address] = (start, used + count)
            return True

    def collect_dropped(self) -> int:
        """How many were dropped since the last call, for the day's count."""
        with self._lock:
            dropped, self._dropped = self._dropped, 0
            return dropped

    def forget(self) -> None:
        with self._lock:
            self._held.clear()
            self._dropped = 0
