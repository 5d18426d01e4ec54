"""What is known of one customer at the moment of asking: what speaks for products, and what may not be offered.

Every statement is built once; a customer with the longest history costs as much as one with a thousand lines.
"""

from __future__ import annotations

import itertools
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, exists, literal, or_, select, union_all
from sqlalchemy.orm import Session

from clickstream.queries import list_product_signals
from core import clock
from crm.catalogue.models import Product
from crm.customers.models import Contact
from crm.orders.models import Cart, CartLine, Order, OrderLine
from crm.ownership.models import OwnedProduct
from crm.service.queries import complained_product_ids
from recommender.models import Dislike

MOST_LINES = 1_000  # of an account, the newest
SPOILED = frozenset({"not_interested", "complaint", "returned", "cancelled"})
MOST_CLICKS = 100
CLICKS_COUNT = timedelta(days=30)
# A signal's share of an order line; the same in training and in serving.
CART_WEIGHT = 0.5
CLICK_WEIGHTS = {"click": 0.2, "search": 0.2, "list": 0.1, "cart": CART_WEIGHT}

_ORDER, _LINE, _PRODUCT = Order.__table__.c, OrderLine.__table__.c, Product.__table__.c
_CART, _CART_LINE, _DISLIKE = Cart.__table__.c, CartLine.__table__.c, Dislike.__table__.c
_OWNED = OwnedProduct.__table__.c
_CONTACT = Contact.__table__.c
# A colleague's order may speak for a product only to those who may see that order.
_SEES_COMPANY = exists(
    select(literal(1)).where(
        _CONTACT.user_id == bindparam("person"),
        _CONTACT.account_id == bindparam("account"),
        or_(_CONTACT.scope == "company", _CONTACT.role == "company_administrator"),
    )
)


def _lines(is_visible: Any) -> Any:
    return (
        select(
            _LINE.id, _LINE.product_id, _LINE.quantity, _LINE.cancelled_quantity, _LINE.returned_quantity, _ORDER.number, _ORDER.state,
            _ORDER.placed_at, _ORDER.source, _PRODUCT.consumable_days, is_visible.label("is_visible"),
        )
        .join_from(Order.__table__, OrderLine.__table__, _LINE.order_id == _ORDER.id)
        .join(Product.__table__, _PRODUCT.id == _LINE.product_id)
        .where(_ORDER.account_id == bindparam("account"), _LINE.kind == "product")
        .order_by(_ORDER.placed_at.desc(), _ORDER.id.desc())
        .limit(MOST_LINES)
    )  # fmt: skip


_LINES_OF_ACCOUNT = _lines(literal(True))
_LINES_FOR_PERSON = _lines(or_(_ORDER.user_id == bindparam("person"), _SEES_COMPANY))
_HEEDED = union_all(
    select(
        literal("not_interested").label("what"), _DISLIKE.product_id, _DISLIKE.created_at.label("at")
    ).where(_DISLIKE.person_id == bindparam("person"), _DISLIKE.account_id == bindparam("account")),
    select(literal("cart"), _CART_LINE.product_id, _CART_LINE.added_at)
    .join_from(CartLine.__table__, Cart.__table__, _CART.id == _CART_LINE.cart_id)
    .where(_CART.user_id == bindparam("person")),
    select(literal("owned"), _OWNED.product_id, _OWNED.created_at).where(
        _OWNED.account_id == bindparam("account"),
        _OWNED.source == "registered",
        _OWNED.product_id.is_not(None),
        _OWNED.removed_at.is_(None),
    ),
)


@dataclass(frozen=True)
class Asker:
    """Who is offered something. Nothing set: a visitor of whom nothing is known."""

    account_id: uuid.UUID | None = None
    person_id: uuid.UUID | None = None
    visitor_id: uuid.UUID | None = None
    disliked: frozenset[uuid.UUID] = frozenset()  # what a visitor clicked away in this browser


@dataclass(frozen=True)
class Signal:
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


@dataclass(frozen=True)
class Due:
    """A consumable that was bought before: `ratio` 1 is when it is used up."""

    product_id: uuid.UUID
    last: Signal
    days: float
    units: int


@dataclass
class Evidence:
    """`barred`: products not to offer and why: not_interested, cancelled, returned, complaint, owned, cart."""

    signals: list[Signal] = field(default_factory=list)  # newest first
    barred: dict[uuid.UUID, str] = field(default_factory=dict)
    supplies: list[Due] = field(default_factory=list)

    def newest_of(self, product_id: uuid.UUID, kind: str) -> Signal | None:
        return next(
            (found for found in self.signals if found.kind == kind and found.product_id == product_id), None
        )


def gather(session: Session, asker: Asker) -> Evidence:
    """Everything that is known of `asker` just now."""
    found = Evidence(barred=dict.fromkeys(asker.disliked, "not_interested"))
    if asker.account_id is not None:
        _read_orders(session, asker, found)
    if asker.account_id is not None or asker.person_id is not None:
        _read_heeded(session, asker, found)
    if asker.person_id is not None or asker.visitor_id is not None:
        _read_clicks(session, asker, found)
    if asker.account_id is not None:
        for product_id in complained_product_ids(session, asker.account_id):
            found.barred[product_id] = "complaint"
    # What somebody is unhappy with or does not want speaks for nothing else either.
    found.signals = [one for one in found.signals if found.barred.get(one.product_id) not in SPOILED]
    found.supplies = [due for due in found.supplies if due.product_id not in found.barred]
    found.signals.sort(key=lambda signal: signal.at, reverse=True)
    return found


def _read_orders(session: Session, asker: Asker, found: Evidence) -> None:
    if asker.person_id is None:
        rows = session.execute(_LINES_OF_ACCOUNT, {"account": asker.account_id})
    else:
        rows = session.execute(_LINES_FOR_PERSON, {"account": asker.account_id, "person": asker.person_id})
    purchases: dict[uuid.UUID, _Purchases] = {}
    for row in rows:
        kept = row.quantity - row.cancelled_quantity
        state = "kept"
        if row.state == "cancelled" or kept <= 0:
            state = "cancelled"
        elif row.returned_quantity > 0:
            state = "returned"
        product = purchases.setdefault(row.product_id, _Purchases(row.consumable_days, state))
        if state != "kept":
            continue
        product.dates.append(row.placed_at)
        if row.state == "awaiting_payment":
            continue
        signal = Signal(
            "order", row.product_id, row.placed_at, line_id=row.id, order_number=row.number, source=row.source
        )
        if row.is_visible and product.state == "kept":
            product.units.append((signal, kept))
            found.signals.append(signal)
    for product_id, product in purchases.items():
        if product.state != "kept":
            found.barred.setdefault(product_id, product.state)
        elif days := product.lasts_days():
            if product.units:
                last, units = product.units[0]
                found.supplies.append(Due(product_id, last, days, units))
        else:
            found.barred.setdefault(product_id, "owned")


def _read_heeded(session: Session, asker: Asker, found: Evidence) -> None:
    rows = session.execute(_HEEDED, {"account": asker.account_id, "person": asker.person_id})
    for what, product_id, at in rows:
        if what == "not_interested":
            found.barred[product_id] = what  # said in so many words
        found.barred.setdefault(product_id, what)
        if what == "cart":
            found.signals.append(Signal("cart", product_id, at, CART_WEIGHT))


def _read_clicks(session: Session, asker: Asker, found: Evidence) -> None:
    """Clicks of this visit and the weeks before, where the person or visitor agreed to it."""
    clicks = list_product_signals(
        session,
        person_id=asker.person_id,
        visitor_id=None if asker.person_id is not None else asker.visitor_id,
        since=clock.now() - CLICKS_COUNT,
        limit=MOST_CLICKS,
    )
    for click in clicks:
        product_id = as_product_id(click.product_id)
        weight = CLICK_WEIGHTS.get(click.kind)
        if product_id is not None and weight is not None:
            found.signals.append(
                Signal("click", product_id, click.at, weight, event_id=click.event_id, click_kind=click.kind)
            )


def as_product_id(text: str) -> uuid.UUID | None:
    """Clicks name products by opaque text; what is no id of ours tells nothing."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


@dataclass
class _Purchases:
    """An account's lines of one product, newest first; the newest says what holds."""

    consumable_days: int | None
    state: str
    dates: list[datetime] = field(default_factory=list)
    units: list[tuple[Signal, int]] = field(default_factory=list)

    def lasts_days(self) -> float | None:
        """How long one purchase lasts: the maker's word, else the usual gap of this customer; None: it is
        no consumable, so who has one needs no second."""
        if self.consumable_days:
            return float(self.consumable_days)
        days = sorted({at.date() for at in self.dates})
        gaps = sorted((later - earlier).days for earlier, later in itertools.pairwise(days))
        return float(gaps[len(gaps) // 2]) if gaps else None
