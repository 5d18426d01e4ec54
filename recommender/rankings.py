"""Rankings that were worked out already: someone who turns pages waits for the model once, not at each page.

A ranking is found by everything that it follows from (the model, the history, what is left out), so it is never
older than what is known. Only a digest of that is kept.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from recommender.serving import Event, Recommendation, Recommender

MOST = 2_000  # rankings of a process: a few kB each
SAME_SECONDS = 300.0  # clicks fade by hours; within minutes they weigh the same


class Rankings:
    """The rankings used last."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._held: OrderedDict[bytes, list[Recommendation]] = OrderedDict()

    def find(
        self,
        model: Recommender,
        events: Sequence[Event],
        exclude: AbstractSet[str],
        k: int,
        context: Sequence[str] | None = None,
    ) -> list[Recommendation]:
        """As model.recommend."""
        key = _key(model.version, events, exclude, k, context)
        with self._lock:
            held = self._held.get(key)
            if held is not None:
                self._held.move_to_end(key)
                return held
        found = model.recommend(events, exclude=exclude, k=k, context_items=context)
        with self._lock:
            self._held[key] = found
            while len(self._held) > self._most:
                self._held.popitem(last=False)
        return found


def _key(
    version: str, events: Sequence[Event], exclude: AbstractSet[str], k: int, context: Sequence[str] | None
) -> bytes:
    digest = hashlib.blake2b(f"{version}/{k}".encode(), digest_size=20)
    for event in events:
        digest.update(
            f"|{event.item},{event.weight:g},{event.age_seconds // SAME_SECONDS:.0f},{event.kind}".encode()
        )
    digest.update(b"-" + ",".join(sorted(exclude)).encode())
    digest.update(b"+" + ",".join(context or ()).encode())
    return digest.digest()
