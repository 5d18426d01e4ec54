"""Products for somebody or beside something, each with a reason that names the order line or the click.

What may not be offered is decided here, at the moment of serving. Without a usable model the answer is what
sells most just now; it is never an error.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any, Literal, NamedTuple

from sqlalchemy import Text, bindparam, cast, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.types import NULLTYPE

from core import clock
from crm.catalogue.listing import FOR_SALE, LISTED, Listed, list_popular
from crm.catalogue.models import Product
from crm.catalogue.queries import list_by_ids
from recommender.evidence import Asker, Due, Evidence, Signal
from recommender.knowledge import gather
from recommender.model import ModelState, current_model
from recommender.rankings import SAME_SECONDS, Rankings
from recommender.serving import VISIT_SECONDS, Event, Recommendation, Recommender
from recommender.variety import choose

SLOTS = ("home", "product", "cart", "order", "mail")
MOST_EVENTS = 200  # of a history, the newest
DUE_FROM, DUE_UNTIL = 0.8, 4.0  # of the time that a consumable lasts
SPARE = 6  # asked for beyond the limit, since some are sold out
ALIKE = 14  # and beyond that, since some are too alike
VARIED = frozenset({"home"})  # where a list is about everything that somebody does

Kind = Literal["order", "click", "cart", "together", "popular"]


_rankings = Rankings()
_P = Product.__table__.c
_CANDIDATES = LISTED.add_columns(
    FOR_SALE, _P.slug, cast(_P.names, Text), type_coerce(_P.category_id, NULLTYPE)
).where(_P.id.in_(bindparam("ids", expanding=True)))
_names: Callable[[str], dict[str, str]] = lru_cache(2_000)(json.loads)


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


class _Pick(NamedTuple):
    """A product before it is known whether it can be had."""

    product_id: uuid.UUID
    cause_id: uuid.UUID | None
    signal: Signal | None
    beside: bool = False


class _Candidate(NamedTuple):
    """A product as it is at this moment; `names` is the stored JSON."""

    listed: Listed
    is_for_sale: bool
    slug: str
    names: str
    category: Any


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
    known = gather(session, asker)
    state = current_model()
    here = tuple(context_product_ids)
    picks: list[_Pick] = []
    if state.model is not None and state.kind == "ready":
        model, moment = state.model, int(clock.now().timestamp() // SAME_SECONDS)
        picks = known.conclude(
            (state.version, slot, here, limit, moment),
            lambda: _pick(model, known.evidence, slot, here, limit),
        )
    shown, sold_out = _load(session, picks, limit, is_varied=slot in VARIED)
    if fill and len(shown) < limit and not (here and shown):
        beside = {offer.product_id for offer in shown} | set(here)
        shown += _popular(session, known.evidence.barred, beside, limit - len(shown))
    return Answer(shown, known.evidence, state, sold_out)


def _pick(
    model: Recommender, known: Evidence, slot: str, here: Sequence[uuid.UUID], limit: int
) -> list[_Pick]:
    """What the model makes of the evidence: more than are shown, as some are sold out or too alike."""
    barred = {str(product_id) for product_id in known.barred} | {str(product_id) for product_id in here}
    if here:
        context = [str(product_id) for product_id in here]
        return _beside(_rankings.find(model, [], barred, limit + SPARE, context), known, slot)
    return _personal(model, known, barred, limit) if known.signals else []


def _personal(model: Recommender, known: Evidence, barred: set[str], limit: int) -> list[_Pick]:
    """What is used up, then what the last click suggests, then what the whole history does."""
    ends = _ends(model, known.signals)
    picks = [_Pick(due.product_id, due.product_id, due.last) for due in _used_up(known.supplies, ends)[:1]]
    # What was bought before is not news; a consumable comes back by being used up, not by being liked.
    exclude = barred | {str(due.product_id) for due in known.supplies}
    signals = known.signals[:MOST_EVENTS]
    found = _rankings.find(model, _events(signals, ends), exclude, limit + SPARE + ALIKE)
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


def _load(
    session: Session, picks: Sequence[_Pick], limit: int, *, is_varied: bool
) -> tuple[list[Offer], list[uuid.UUID]]:
    """The products and their causes in one query; what is sold out or gone is passed over."""
    if not picks:
        return [], []
    wanted = dict.fromkeys(pick.product_id for pick in picks)
    wanted |= dict.fromkeys(pick.cause_id for pick in picks if pick.cause_id)
    products: dict[uuid.UUID, _Candidate] = {}
    for row in session.connection().execute(_CANDIDATES, {"ids": list(wanted)}).all():
        listed = Listed._make(row[: len(Listed._fields)])
        products[listed.product_id] = _Candidate(listed, *row[len(Listed._fields) :])
    able: list[tuple[_Pick, _Candidate]] = []
    sold_out: list[uuid.UUID] = []
    taken: set[uuid.UUID] = set()
    for pick in picks:
        found = products.get(pick.product_id)
        if found is None or pick.product_id in taken or not found.is_for_sale:
            continue
        taken.add(pick.product_id)
        if found.listed.stock_state == "out":
            sold_out.append(pick.product_id)
        else:
            able.append((pick, found))
    if is_varied:
        traits = [(found.category, pick.cause_id) for pick, found in able]
        able = [able[place] for place in choose(traits, limit)]
    shown = [Offer(found.listed, _reason(pick, products)) for pick, found in able[:limit]]
    return shown, sold_out


def _reason(pick: _Pick, products: dict[uuid.UUID, _Candidate]) -> Reason:
    signal = pick.signal
    if pick.cause_id not in products or signal is None:
        return POPULAR
    found = products[pick.cause_id]
    kind: Kind = "together"
    if signal.kind in {"order", "click", "cart"}:
        kind = signal.kind  # type: ignore[assignment]
    at = None if pick.beside and kind != "order" else signal.at
    cause = Cause(pick.cause_id, found.slug, _names(found.names))
    return Reason(kind, cause, at, signal.line_id, signal.order_number, signal.event_id)


def _popular(
    session: Session, barred: Collection[uuid.UUID], beside: Collection[uuid.UUID], limit: int
) -> list[Offer]:
    listed = list_popular(session, limit + min(len(barred) + len(beside), 60))
    able = (item for item in listed if item.product_id not in barred and item.product_id not in beside)
    return [Offer(item, POPULAR) for item in islice(able, limit)]
