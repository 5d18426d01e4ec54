"""What somebody looked at, by its name in their language, as far as they may see it; each kind with one query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from clickstream.models import ClickEvent
from clickstream.queries import keys_of
from core.actor import Actor
from core.titles import Loader, Title, as_ids, resolve
from crm.catalogue.titles import categories, products
from crm.orders.access import visibility as orders_seen_by
from crm.orders.models import Order
from crm.service.access import visibility as cases_seen_by
from crm.service.models import Case
from knowledge_base.titles import articles


def with_titles(
    session: Session, trail: Iterable[ClickEvent], who: Actor
) -> list[tuple[ClickEvent, Title | None]]:
    """Each step with the thing that it is about; None where that is not known, gone, or not theirs."""
    steps = [(event, keys_of(event)) for event in trail]
    titles = resolve(session, [key for _event, keys in steps for key in keys], who, _LOADERS)
    return [(event, next((titles[key] for key in keys if key in titles), None)) for event, keys in steps]


def _orders(session: Session, values: set[str], who: Actor) -> dict[str, Title]:
    rows = session.execute(
        select(Order.id, Order.number).where(Order.id.in_(as_ids(values)), orders_seen_by(who))
    )
    return {str(row.id): Title(row.number, f"/orders/{row.number}") for row in rows}


def _requests(session: Session, values: set[str], who: Actor) -> dict[str, Title]:
    rows = session.execute(
        select(Case.id, Case.reference).where(Case.id.in_(as_ids(values)), cases_seen_by(who))
    )
    return {str(row.id): Title(row.reference, f"/requests/{row.reference}") for row in rows}


_LOADERS: Mapping[str, Loader] = {
    "product": products,
    "category": categories,
    "order": _orders,
    "article": articles,
    "request": _requests,
}
