"""What is known of whoever asks, kept between pages for as long as it is the same.

A customer's past is some hundred order lines, read again only when its stamp is another. Everything else is asked at
each page in one statement; where that brings nothing new, neither the evidence nor what follows from it is worked out again.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from recommender.evidence import (
    CART_WEIGHT,
    CLICK_WEIGHTS,
    SPOILED,
    Asker,
    Evidence,
    Signal,
    as_product_id,
)
from recommender.facts import Fact, Facts, read_facts
from recommender.past import Past, read_past

MOST_SIZE = 60_000  # signals and products of all pasts that a process keeps: some 20 MB
LONGEST_SECONDS = 600.0  # a product's own days (how long it lasts) are not in the stamp
MOST_CONCLUSIONS = 12  # of one person: a slot on each of the pages they turn

T = TypeVar("T")


class Known:
    """The evidence of one asker at one moment, and what was concluded from it."""

    def __init__(self, facts: Facts, disliked: frozenset[uuid.UUID], past: Past, read_at: float) -> None:
        self.facts, self.disliked, self.past, self.read_at = facts, disliked, past, read_at
        self.evidence = _weigh(past, facts.rows, disliked)
        self._lock = threading.Lock()
        self._concluded: OrderedDict[Hashable, Any] = OrderedDict()

    def conclude(self, key: Hashable, work_out: Callable[[], T]) -> T:
        """What follows from the evidence and whatever else stands in `key`."""
        with self._lock:
            if key in self._concluded:
                self._concluded.move_to_end(key)
                return self._concluded[key]  # type: ignore[no-any-return]
        found = work_out()
        with self._lock:
            self._concluded[key] = found
            while len(self._concluded) > MOST_CONCLUSIONS:
                self._concluded.popitem(last=False)
        return found


class Memory:
    """Those who asked last, together at most `most` in size."""

    def __init__(self, most: int = MOST_SIZE) -> None:
        self._most = most
        self._size = 0
        self._lock = threading.Lock()
        self._held: OrderedDict[Hashable, Known] = OrderedDict()

    def find(self, key: Hashable) -> Known | None:
        with self._lock:
            found = self._held.get(key)
            if found is not None:
                self._held.move_to_end(key)
            return found

    def put(self, key: Hashable, known: Known) -> None:
        with self._lock:
            old = self._held.pop(key, None)
            self._size += known.past.size - (old.past.size if old else 0)
            self._held[key] = known
            while self._size > self._most and len(self._held) > 1:
                _, gone = self._held.popitem(last=False)
                self._size -= gone.past.size

    def clear(self) -> None:
        with self._lock:
            self._held.clear()
            self._size = 0

    def __len__(self) -> int:
        return len(self._held)


memory = Memory()


def gather(session: Session, asker: Asker) -> Known:
    """Everything that is known of `asker` just now."""
    key = (asker.account_id, asker.person_id, asker.visitor_id)
    # Before the orders are read: what changes in between is then read again, not missed.
    facts = read_facts(session, asker)
    held, now = memory.find(key), time.monotonic()
    past = None
    if held is not None and held.facts.orders == facts.orders and now - held.read_at < LONGEST_SECONDS:
        if held.facts.rows == facts.rows and held.disliked == asker.disliked:
            return held
        past, now = held.past, held.read_at
    if past is None:
        sees_company = any(fact.count for fact in facts.orders if fact.what == "sees")
        past = read_past(session, asker, sees_company=sees_company)
    known = Known(facts, asker.disliked, past, now)
    if key != (None, None, None):
        memory.put(key, known)
    return known


def _weigh(past: Past, rows: Sequence[Fact], disliked: frozenset[uuid.UUID]) -> Evidence:
    barred = dict.fromkeys(disliked, "not_interested")
    for product_id, why in past.barred.items():
        barred.setdefault(product_id, why)
    signals = list(past.signals)
    complaints: list[uuid.UUID] = []
    for fact in rows:
        product_id = as_product_id(fact.product or "")
        if product_id is None:
            continue
        match fact.what:
            case "click":
                if (weight := CLICK_WEIGHTS.get(fact.word or "")) is not None and fact.event is not None:
                    signals.append(
                        Signal(
                            "click", product_id, fact.moment, weight,
                            event_id=uuid.UUID(fact.event), click_kind=fact.word or "",
                        )
                    )  # fmt: skip
            case "complaint":
                complaints.append(product_id)
            case "not_interested":
                barred[product_id] = fact.what  # said in so many words
            case "cart" | "owned" as what:
                barred.setdefault(product_id, what)
                if what == "cart":
                    signals.append(Signal("cart", product_id, fact.moment, CART_WEIGHT))
    barred |= dict.fromkeys(complaints, "complaint")
    # What somebody is unhappy with or does not want speaks for nothing else either.
    signals = [one for one in signals if barred.get(one.product_id) not in SPOILED]
    signals.sort(key=lambda signal: signal.at, reverse=True)
    return Evidence(signals, barred, [due for due in past.supplies if due.product_id not in barred])
