"""What a process keeps of the things it made last, bounded in number and weight."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Thing = TypeVar("Thing")


class Shelf(Generic[Thing]):
    """The things used last, at most `most` of them and, where given, of so much weight together. A text weighs as
    many characters as it has."""

    def __init__(
        self,
        most: int,
        weight: int | None = None,
        *,
        weigh: Callable[[Thing], int] = len,  # type: ignore[assignment]
    ) -> None:
        self._most, self._most_weight, self._weigh = most, weight, weigh
        self._weight = 0
        self._lock = threading.Lock()
        self._held: OrderedDict[Hashable, Thing] = OrderedDict()

    def find(self, key: Hashable) -> Thing | None:
        with self._lock:
            found = self._held.get(key)
            if found is not None:
                self._held.move_to_end(key)
            return found

    def put(self, key: Hashable, thing: Thing) -> None:
        with self._lock:
            if key in self._held:
                self._weight -= self._weigh(self._held[key])
            self._weight += self._weigh(thing)
            self._held[key] = thing
            self._held.move_to_end(key)
            while len(self._held) > self._most or self._is_too_heavy():
                self._weight -= self._weigh(self._held.popitem(last=False)[1])

    def _is_too_heavy(self) -> bool:
        return self._most_weight is not None and self._weight > self._most_weight and len(self._held) > 1

    def clear(self) -> None:
        with self._lock:
            self._held.clear()
            self._weight = 0

    def __len__(self) -> int:
        return len(self._held)
