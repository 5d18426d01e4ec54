"""What somebody's orders say: what speaks for products, what they have, and what runs out."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, literal, or_, select
from sqlalchemy.orm import Session

from crm.catalogue.models import Product
from crm.orders.models import Order, OrderLine
from recommender.evidence import Asker, Due, Signal

MOST_LINES = 1_000  # of an account, the newest

_ORDER, _LINE, _PRODUCT = Order.__table__.c, OrderLine.__table__.c, Product.__table__.c


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


_ALL_LINES = _lines(literal(True))
# A colleague's order may speak for a product only to those who may see that order.
_LINES_FOR_PERSON = _lines(or_(_ORDER.user_id == bindparam("person"), bindparam("sees_company")))


@dataclass(frozen=True)
class Past:
    """Of one account, as one person may see it; never changed once it is read. `barred` also by orders that the
    person does not see."""

    signals: tuple[Signal, ...] = ()  # newest first
    barred: dict[uuid.UUID, str] = field(default_factory=dict)  # cancelled, returned, owned
    supplies: tuple[Due, ...] = ()

    @property
    def size(self) -> int:
        return 1 + len(self.signals) + len(self.barred) + len(self.supplies)


NOTHING = Past()


def read_past(session: Session, asker: Asker, *, sees_company: bool) -> Past:
    if asker.account_id is None:
        return NOTHING
    values = {"account": asker.account_id, "person": asker.person_id, "sees_company": sees_company}
    if asker.person_id is None:
        rows = session.connection().execute(_ALL_LINES, {"account": asker.account_id}).all()
    else:
        rows = session.connection().execute(_LINES_FOR_PERSON, values).all()
    purchases: dict[uuid.UUID, _Purchases] = {}
    signals: list[Signal] = []
    for line_id, product_id, quantity, cancelled, returned, number, state, at, source, days, visible in rows:
        left = quantity - cancelled
        fate = "kept"
        if state == "cancelled" or left <= 0:
            fate = "cancelled"
        elif returned > 0:
            fate = "returned"
        product = purchases.get(product_id)
        if product is None:
            product = purchases[product_id] = _Purchases(days, fate)
        if fate != "kept":
            continue
        product.dates.append(at)
        if state == "awaiting_payment":
            continue
        if visible and product.fate == "kept":
            signal = Signal("order", product_id, at, line_id=line_id, order_number=number, source=source)
            product.units.append((signal, left))
            signals.append(signal)
    barred: dict[uuid.UUID, str] = {}
    supplies: list[Due] = []
    for product_id, product in purchases.items():
        if product.fate != "kept":
            barred[product_id] = product.fate
        elif lasts := product.lasts_days():
            if product.units:
                last, units = product.units[0]
                supplies.append(Due(product_id, last, lasts, units))
        else:
            barred[product_id] = "owned"
    return Past(tuple(signals), barred, tuple(supplies))


@dataclass
class _Purchases:
    """An account's lines of one product, newest first; the newest says what holds."""

    consumable_days: int | None
    fate: str
    dates: list[datetime] = field(default_factory=list)
    units: list[tuple[Signal, int]] = field(default_factory=list)

    def lasts_days(self) -> float | None:
        """How long one purchase lasts: the maker's word, else the usual gap of this customer; None: it is
        no consumable, so who has one needs no second."""
        if self.consumable_days:
            return float(self.consumable_days)
        if len(self.dates) < 2:
            return None
        days = sorted({at.date() for at in self.dates})
        gaps = sorted((later - earlier).days for earlier, later in itertools.pairwise(days))
        return float(gaps[len(gaps) // 2]) if gaps else None
