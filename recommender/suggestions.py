"""Products for somebody or beside something, each with a reason that names the order line or the click.

What may not be offered is decided here, at the moment of serving. Without a usable model the answer is what
sells most just now; it is never an error.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import bindparam
from sqlalchemy.orm import Session

from core import clock
from crm.catalogue.listing import FOR_SALE, LISTED, Listed, list_popular
from crm.catalogue.models import Product
from crm.catalogue.queries import list_by_ids
from recommender import evidence
from recommender.evidence import Asker, Due, Evidence, Signal
from recommender.model import ModelState, current_model
from recommender.rankings import Rankings
from recommender.serving import VISIT_SECONDS, Event, Recommendation, Recommender

SLOTS = ("home", "product", "cart", "order", "mail")
MOST_EVENTS = 200  # of a history, the newest
DUE_FROM, DUE_UNTIL = 0.8, 4.0  # of the time that a consumable lasts
SPARE = 6  # asked for beyond the limit, since some are sold out

Kind = Literal["order", "click", "cart", "together", "popular"]


_rankings = Rankings()
_P = Product.__table__.c
_CANDIDATES = LISTED.add_columns(FOR_SALE, _P.slug, _P.names).where(
    _P.id.in_(bindparam("ids", expanding=True))
)


class Cause(NamedTuple):
    """The product that speaks for another one, as far as a sentence needs it."""

    id: uuid.UUID
    slug: str
    names: dict[str, str]


@dataclass(frozen=True)
class Reason:
    """Why a product is offered. `cause` is the product that was ordered, looked at or is beside; of a
    consumable that is used up it is the product itself. `line_id` or `event_id` is what proves it."""

    kind: Kind
    cause: Cause | None = None
    at: datetime | None = None
    line_id: uuid.UUID | None = None
    order_number: str | None = None
    event_id: uuid.UUID | None = None


POPULAR = Reason("popular")


@dataclass(frozen=True)
class Offer:
    """A product that can be had, as lists draw it."""

    listed: Listed
    reason: Reason

    @property
    def product_id(self) -> uuid.UUID:
        return self.listed.product_id

    @property
    def is_again(self) -> bool:
        """Offered because it was bought before and is used up by now."""
        return self.reason.cause is not None and self.reason.cause.id == self.product_id


@dataclass(frozen=True)
class Suggestion:
    """The same with the whole product."""

    product: Product
    reason: Reason

    @property
    def is_again(self) -> bool:
        return self.reason.cause is not None and self.reason.cause.id == self.product.id


@dataclass(frozen=True)
class _Pick:
    """A product before it is known whether it can be had."""

    product_id: uuid.UUID
    cause_id: uuid.UUID | None
    signal: Signal | None
    beside: bool = False


@dataclass(frozen=True)
class Answer:
    """What is shown, and what it came from, for pages that explain."""

    shown: list[Offer]
    evidence: Evidence
    model: ModelState
    sold_out: list[uuid.UUID]


def suggest(
    session: Session,
    *,
    account_id: uuid.UUID | None = None,
    person_id: uuid.UUID | None = None,
    visitor_id: uuid.UUID | None = None,
    slot: str,
    context_product_ids: Sequence[uuid.UUID] = (),
    disliked: Collection[uuid.UUID] = (),
    limit: int = 4,
) -> list[Suggestion]:
    """At most `limit` products for a slot (one of SLOTS), best first, each with its reason.

    With a person, orders of the account count as far as that person may see them. `disliked`: what a visitor
    clicked away. In the slots product, cart and order the list belongs to `context_product_ids`.
    """
    asker = Asker(account_id, person_id, visitor_id, frozenset(disliked))
    offers = answer(session, asker, slot=slot, context_product_ids=context_product_ids, limit=limit).shown
    reasons = {offer.product_id: offer.reason for offer in offers}
    products = list_by_ids(session, list(reasons)) if reasons else []
    return [Suggestion(product, reasons[product.id]) for product in products]


def answer(
    session: Session,
    asker: Asker,
    *,
    slot: str,
    context_product_ids: Sequence[uuid.UUID] = (),
    limit: int = 4,
    fill: bool = True,
) -> Answer:
    """As suggest, with everything that led there. Without `fill` an empty list stays empty. Raises ValueError
    for an unknown slot."""
    if slot not in SLOTS:
        raise ValueError(f"unknown slot {slot!r}; one of {', '.join(SLOTS)}")
    known = evidence.gather(session, asker)
    state = current_model()
    barred = {str(product_id) for product_id in known.barred}
    barred |= {str(product_id) for product_id in context_product_ids}
    picks: list[_Pick] = []
    if state.model is not None and state.kind == "ready":
        if context_product_ids:
            here = [str(product_id) for product_id in context_product_ids]
            found = _rankings.find(state.model, [], barred, limit + SPARE, here)
            picks = _beside(found, known, slot)
        elif known.signals:
            picks = _personal(state.model, known, barred, limit)
    shown, sold_out = _load(session, picks, limit)
    if fill and len(shown) < limit and not (context_product_ids and shown):
        barred |= {str(offer.product_id) for offer in shown}
        shown += _popular(session, barred, limit - len(shown))
    return Answer(shown, known, state, sold_out)


def _personal(model: Recommender, known: Evidence, barred: set[str], limit: int) -> list[_Pick]:
    """What is used up, then what the last click suggests, then what the whole history does."""
    ends = _ends(model, known.signals)
    picks = [_Pick(due.product_id, due.product_id, due.last) for due in _used_up(known.supplies, ends)[:1]]
    # What was bought before is not news; a consumable comes back by being used up, not by being liked.
    exclude = barred | {str(due.product_id) for due in known.supplies}
    signals = known.signals[:MOST_EVENTS]
    found = _rankings.find(model, _events(signals, ends), exclude, limit + SPARE)
    by_product: dict[uuid.UUID, Signal] = {}
    for signal in signals:
        by_product.setdefault(signal.product_id, signal)
    ranked = []
    for item in found:
        cause = uuid.UUID(item.because_item) if item.because_item else None
        ranked.append(_Pick(uuid.UUID(item.item), cause, by_product.get(cause) if cause else None))
    picks += _after_last_click(model, signals, exclude, ranked, limit)
    return picks + ranked


def _after_last_click(
    model: Recommender, signals: Sequence[Signal], exclude: set[str], ranked: Sequence[_Pick], limit: int
) -> list[_Pick]:
    """The next page reflects the last click: where the ranking does not yet, two places go to its neighbours."""
    last = next((signal for signal in signals if signal.kind == "click"), None)
    if last is None or (clock.now() - last.at).total_seconds() > VISIT_SECONDS:
        return []
    if any(pick.cause_id == last.product_id for pick in ranked[: limit - 1]):
        return []
    here = str(last.product_id)
    near = _rankings.find(model, [], exclude | {here}, 2, [here])
    return [_Pick(uuid.UUID(item.item), last.product_id, last) for item in near if item.because_item == here]


def _beside(found: Sequence[Recommendation], known: Evidence, slot: str) -> list[_Pick]:
    picks = []
    for item in found:
        if item.because_item is None:
            continue
        cause = uuid.UUID(item.because_item)
        ordered = known.newest_of(cause, "order") if slot == "order" else None
        signal = ordered or Signal("cart" if slot == "cart" else "together", cause, clock.now())
        picks.append(_Pick(uuid.UUID(item.item), cause, signal, beside=True))
    return picks


def _ends(model: Recommender, signals: Sequence[Signal]) -> dict[str, float]:
    """What "now" means for the orders of each source: the newest known, so that an imported past, or a shop that
    was closed for a while, is not all long ago."""
    ends: dict[str, float] = {}
    for signal in signals:
        if signal.kind == "order":
            end = ends.get(signal.source)
            if end is None:
                end = model.card.newest_by_source.get(signal.source, model.newest)
            ends[signal.source] = max(end, signal.at.timestamp())
    return ends


def _events(signals: Sequence[Signal], ends: dict[str, float]) -> list[Event]:
    """Orders fade from the newest order known; clicks and carts from this moment."""
    now = clock.now().timestamp()
    return [
        Event(
            str(signal.product_id),
            signal.weight,
            max((ends[signal.source] if signal.kind == "order" else now) - signal.at.timestamp(), 0.0),
            signal.click_kind or signal.kind,
        )
        for signal in signals
    ]


def _used_up(supplies: Sequence[Due], ends: dict[str, float]) -> list[Due]:
    """Consumables that run out about now, the most pressing first; who stopped buying one is left alone."""

    def ratio(due: Due) -> float:
        lasts = due.days * min(max(due.units, 1), 12)
        return (ends[due.last.source] - due.last.at.timestamp()) / 86_400 / max(lasts, 1.0)

    pressing = [due for due in supplies if DUE_FROM <= ratio(due) <= DUE_UNTIL]
    return sorted(pressing, key=lambda due: abs(ratio(due) - 1.0))


def _load(session: Session, picks: Sequence[_Pick], limit: int) -> tuple[list[Offer], list[uuid.UUID]]:
    """The products and their causes in one query; what is sold out or gone is passed over."""
    if not picks:
        return [], []
    wanted = dict.fromkeys(pick.product_id for pick in picks)
    wanted |= dict.fromkeys(pick.cause_id for pick in picks if pick.cause_id)
    rows = session.connection().execute(_CANDIDATES, {"ids": list(wanted)})
    products = {found.product_id: (found, *more) for *values, a, b, c in rows
                for found, more in [(Listed(*values), (a, b, c))]}  # fmt: skip
    shown: list[Offer] = []
    sold_out: list[uuid.UUID] = []
    taken: set[uuid.UUID] = set()
    for pick in picks:
        listed, is_for_sale, _slug, _names = products.get(pick.product_id, (None, False, "", {}))
        if listed is None or pick.product_id in taken or not is_for_sale:
            continue
        taken.add(pick.product_id)
        if listed.stock_state == "out":
            sold_out.append(pick.product_id)
        elif len(shown) < limit:
            shown.append(Offer(listed, _reason(pick, products)))
    return shown, sold_out


def _reason(pick: _Pick, products: dict[uuid.UUID, tuple[Any, ...]]) -> Reason:
    signal = pick.signal
    if pick.cause_id not in products or signal is None:
        return POPULAR
    _listed, _for_sale, slug, names = products[pick.cause_id]
    kind: Kind = "together"
    if signal.kind in {"order", "click", "cart"}:
        kind = signal.kind  # type: ignore[assignment]
    at = None if pick.beside and kind != "order" else signal.at
    cause = Cause(pick.cause_id, slug, names)
    return Reason(kind, cause, at, signal.line_id, signal.order_number, signal.event_id)


def _popular(session: Session, barred: set[str], limit: int) -> list[Offer]:
    listed = list_popular(session, limit + min(len(barred), 60))
    return [Offer(item, POPULAR) for item in listed if str(item.product_id) not in barred][:limit]
