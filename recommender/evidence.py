"""What can be known of a customer: what speaks for products, and what may not be offered."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

SPOILED = frozenset({"not_interested", "complaint", "returned", "cancelled"})
# A signal's share of an order line; the same in training and in serving.
CART_WEIGHT = 0.5
CLICK_WEIGHTS = {"click": 0.2, "search": 0.2, "list": 0.1, "cart": CART_WEIGHT}


@dataclass(frozen=True)
class Asker:
    """Who is offered something. Nothing set: a visitor of whom nothing is known."""

    account_id: uuid.UUID | None = None
    person_id: uuid.UUID | None = None
    visitor_id: uuid.UUID | None = None
    disliked: frozenset[uuid.UUID] = frozenset()  # what a visitor clicked away in this browser


class Signal(NamedTuple):
    """One thing that speaks: an order line, a click, or a product in the cart (which has no id of its own)."""

    kind: str  # order, click, cart
    product_id: uuid.UUID
    at: datetime
    weight: float = 1.0
    line_id: uuid.UUID | None = None
    order_number: str | None = None
    event_id: uuid.UUID | None = None
    click_kind: str = ""
    source: str = ""  # of the order: the portal, or an import


class Due(NamedTuple):
    """A consumable that was bought before, and how many days one lasts."""

    product_id: uuid.UUID
    last: Signal
    days: float
    units: int


@dataclass(frozen=True)
class Evidence:
    """Kept between pages, so nobody changes it. `barred`: products not to offer and why: not_interested, cancelled,
    returned, complaint, owned, cart."""

    signals: list[Signal] = field(default_factory=list)  # newest first
    barred: dict[uuid.UUID, str] = field(default_factory=dict)
    supplies: list[Due] = field(default_factory=list)

    def newest_of(self, product_id: uuid.UUID, kind: str) -> Signal | None:
        return next(
            (found for found in self.signals if found.kind == kind and found.product_id == product_id), None
        )


def as_product_id(text: str) -> uuid.UUID | None:
    """Clicks name products by opaque text; what is no id of ours tells nothing."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
