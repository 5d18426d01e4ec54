"""What clicks say: signals about products for recommendations, and the trail of one person."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from clickstream import consent
from clickstream.models import ClickEvent, ConsentRecord
from clickstream.vocabulary import IDENTIFY, PAGE_LEFT

ROWS_AT_A_TIME = 10_000


class ProductSignal(NamedTuple):
    """Somebody touched a product. `kind`: click, cart, search (found by searching) or list (out of a list)."""

    event_id: uuid.UUID
    product_id: str
    kind: str
    at: datetime


class TrainingSignal(NamedTuple):
    """`subject`: the person's id, or the visitor's while they belong to nobody, as text."""

    subject: str
    product_id: str
    kind: str
    at: datetime


def list_product_signals(
    session: Session,
    *,
    person_id: uuid.UUID | None = None,
    visitor_id: uuid.UUID | None = None,
    since: datetime | None = None,
    limit: int = 200,
) -> Sequence[ProductSignal]:
    """What one person, or else one visitor, did with products, newest first.

    Nothing without their consent to personalisation. Their own clicks count for them even when they look
    like a program's.
    """
    whose = _whose(person_id, visitor_id)
    if whose is None or not _may_personalise(session, person_id, visitor_id):
        return []
    query = select(ClickEvent.id, ClickEvent.product_id, ClickEvent.signal, ClickEvent.at).where(
        whose, ClickEvent.signal.is_not(None), ClickEvent.product_id.is_not(None)
    )
    if since is not None:
        query = query.where(ClickEvent.at >= since)
    rows = session.execute(query.order_by(ClickEvent.at.desc(), ClickEvent.id.desc()).limit(limit))
    return [ProductSignal(*row) for row in rows]


def signals_of_person(person_id: ColumnElement[uuid.UUID], since: ColumnElement[datetime]) -> Select[Any]:
    """As list_product_signals, as a part of a larger statement: id, product_id, signal, at. The consent is a part of it."""
    return _signals(ClickEvent.person_id == person_id, ConsentRecord.person_id == person_id, since)


def signals_of_visitor(visitor_id: ColumnElement[uuid.UUID], since: ColumnElement[datetime]) -> Select[Any]:
    """As signals_of_person, while the visitor is nobody known."""
    whose = and_(ClickEvent.visitor_id == visitor_id, ClickEvent.person_id.is_(None))
    return _signals(whose, ConsentRecord.visitor_id == visitor_id, since)


def _signals(
    whose: ColumnElement[bool], agreed: ColumnElement[bool], since: ColumnElement[datetime]
) -> Select[Any]:
    may = (
        select(ConsentRecord.granted)
        .where(agreed, ConsentRecord.purpose == consent.PERSONALISATION)
        .order_by(ConsentRecord.at.desc(), ConsentRecord.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(ClickEvent.id, ClickEvent.product_id, ClickEvent.signal, ClickEvent.at)
        .where(
            whose, ClickEvent.signal.is_not(None), ClickEvent.product_id.is_not(None), ClickEvent.at >= since,
            may.is_(True),
        )
        .order_by(ClickEvent.at.desc(), ClickEvent.id.desc())
    )  # fmt: skip


def _may_personalise(session: Session, person_id: uuid.UUID | None, visitor_id: uuid.UUID | None) -> bool:
    if person_id is not None:
        return consent.has(session, consent.PERSONALISATION, person_id=person_id)
    return consent.has(session, consent.PERSONALISATION, visitor_id=visitor_id)


def _whose(person_id: uuid.UUID | None, visitor_id: uuid.UUID | None) -> ColumnElement[bool] | None:
    if person_id is not None:
        return ClickEvent.person_id == person_id
    if visitor_id is not None:
        return and_(ClickEvent.visitor_id == visitor_id, ClickEvent.person_id.is_(None))
    return None


def list_product_signals_for_training(
    session: Session, since: datetime | None = None
) -> Iterator[TrainingSignal]:
    """The same of everybody who agrees to personalisation, programs left out; oldest first, streamed."""
    persons = consent.granted_persons(consent.PERSONALISATION)
    visitors = consent.granted_visitors(consent.PERSONALISATION)
    query = select(
        ClickEvent.person_id, ClickEvent.visitor_id, ClickEvent.product_id, ClickEvent.signal, ClickEvent.at
    ).where(
        ClickEvent.signal.is_not(None),
        ClickEvent.product_id.is_not(None),
        ClickEvent.is_bot.is_(False),
        or_(
            ClickEvent.person_id.in_(persons),
            and_(ClickEvent.person_id.is_(None), ClickEvent.visitor_id.in_(visitors)),
        ),
    )
    if since is not None:
        query = query.where(ClickEvent.at >= since)
    query = query.order_by(ClickEvent.at, ClickEvent.id).execution_options(yield_per=ROWS_AT_A_TIME)
    for person_id, visitor_id, product_id, signal, at in session.execute(query):
        yield TrainingSignal(str(person_id or visitor_id), product_id, signal, at)


def list_trail(session: Session, person_id: uuid.UUID, limit: int = 20) -> Sequence[ClickEvent]:
    """What one person did last, newest first, for those who serve them."""
    return session.scalars(
        select(ClickEvent)
        .where(ClickEvent.person_id == person_id, ClickEvent.name.not_in((PAGE_LEFT, IDENTIFY)))
        .order_by(ClickEvent.at.desc(), ClickEvent.id.desc())
        .limit(limit)
    ).all()


def keys_of(event: ClickEvent) -> list[tuple[str, str]]:
    """What an event is about, as kind and id: its product, or the thing of its page."""
    if event.product_id:
        return [("product", event.product_id)]
    return [(event.page_kind, event.page_id)] if event.page_kind and event.page_id else []


class Recorded(NamedTuple):
    """How much is held of one subject, and since when."""

    count: int
    since: datetime | None


def count_recorded(
    session: Session, *, person_id: uuid.UUID | None = None, visitor_id: uuid.UUID | None = None
) -> Recorded:
    whose = _whose(person_id, visitor_id)
    if whose is None:
        return Recorded(0, None)
    row = session.execute(select(func.count(), func.min(ClickEvent.at)).where(whose)).one()
    return Recorded(row[0], row[1])


def list_own_trail(
    session: Session,
    *,
    person_id: uuid.UUID | None = None,
    visitor_id: uuid.UUID | None = None,
    limit: int = 10,
) -> Sequence[ClickEvent]:
    """What is held of one subject, newest first, for the subject."""
    whose = _whose(person_id, visitor_id)
    if whose is None:
        return ()
    return session.scalars(
        select(ClickEvent)
        .where(whose, ClickEvent.name != PAGE_LEFT)
        .order_by(ClickEvent.at.desc(), ClickEvent.id.desc())
        .limit(limit)
    ).all()
