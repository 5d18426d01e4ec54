"""Stops asking an engine that does not answer, so that people wait for it once and not at every request."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class CircuitBreaker:
    """Opens after `most_failures` in a row; then lets one call through each `pause` seconds to try."""

    def __init__(
        self, *, most_failures: int = 2, pause: float = 1.5, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most, self._pause, self._clock = most_failures, pause, clock
        self._failures = 0
        self._closed_until_try = 0.0
        self._lock = threading.Lock()

    def allows(self) -> bool:
        """Whether to call now. While open, one caller per pause is told yes: it is the probe."""
        with self._lock:
            if self._failures < self._most:
                return True
            moment = self._clock()
            if moment < self._closed_until_try:
                return False
            self._closed_until_try = moment + self._pause
            return True

    def succeeded(self) -> None:
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        with self._lock:
            self._failures += 1
            self._closed_until_try = self._clock() + self._pause

    @property
    def is_open(self) -> bool:
        with self._lock:
            return self._failures >= self._most
