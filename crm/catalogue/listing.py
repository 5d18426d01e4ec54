"""What a list of products asks of the database: as little of each as tells whether its card is still the same.

A card is drawn from the whole product, but a list reads only what may have changed: the row's version, price and
stock. The rest is loaded for those whose card nobody holds.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, func, select, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.types import NULLTYPE

from core.db.prepared import Prepared
from core.money import Money, from_units
from core.shared import for_a_moment
from crm.catalogue.models import Category, Product, Stock, stock_state_of

_P, _S, _C = Product.__table__.c, Stock.__table__.c, Category.__table__.c
FOR_SALE = _P.is_active & _P.is_sellable
AVAILABLE = _S.product_id.is_(None) | (_S.on_hand > 0)
POPULAR = (_P.popularity.desc(), _P.id.desc())  # as the indexes lie, so that nothing is sorted


def _as_stored(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The value as the driver gives it: it is only compared, so nothing is spent on reading it."""
    return type_coerce(column, NULLTYPE)


MOMENT_SECONDS = 2.0
POPULAR_STEP = 24  # asked for in whole steps, so that people with more or less to leave out share the answer


class Listed(NamedTuple):
    """A product in a list. `key`, `units` and `changed` are as stored: equal as long as nothing changed."""

    key: Any
    revision: int
    changed: Any
    units: int
    currency: str
    on_hand: int | None
    low_below: int | None

    @property
    def product_id(self) -> uuid.UUID:
        return self.key if isinstance(self.key, uuid.UUID) else uuid.UUID(self.key)

    @property
    def money(self) -> Money:
        return Money(from_units(self.units), self.currency)

    @property
    def stock_state(self) -> str:
        return stock_state_of(self.on_hand, self.low_below)


class ListedCategory(NamedTuple):
    id: uuid.UUID
    slug: str
    names: dict[str, str]
    descriptions: dict[str, str]


LISTED: Select[Any] = select(
    _as_stored(_P.id), _P.revision, _as_stored(_P.updated_at), _as_stored(_P.price), _P.currency,
    _S.on_hand, _S.low_below,
).select_from(Product.__table__.outerjoin(Stock.__table__, _S.product_id == _P.id))  # fmt: skip
_POPULAR = LISTED.where(FOR_SALE, AVAILABLE).order_by(*POPULAR).limit(bindparam("most"))
_CATEGORIES = select(_C.id, _C.slug, _C.names, _C.descriptions).order_by(_C.position, _C.slug)


class Shape(NamedTuple):
    """What a listing is narrowed by and in which order: all of it that changes the statement."""

    by_category: bool = False
    in_stock: bool = False
    has_from: bool = False
    has_to: bool = False
    sort: str = ""
    locale: str = "en"


def _conditions(shape: Shape) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [FOR_SALE]
    if shape.in_stock:
        found.append(AVAILABLE)
    if shape.has_from:
        found.append(_P.price >= bindparam("price_from", type_=_P.price.type))
    if shape.has_to:
        found.append(_P.price <= bindparam("price_to", type_=_P.price.type))
    return found


def _order(shape: Shape) -> tuple[ColumnElement[Any], ...]:
    match shape.sort:
        case "price":
            return _P.price.asc(), _P.id.asc()
        case "-price":
            return _P.price.desc(), _P.id.desc()
        case "newest":
            return _P.created_at.desc(), _P.id.desc()
        case "name":
            own, english = _P.names[shape.locale].as_string(), _P.names["en"].as_string()
            return func.lower(func.coalesce(own, english)).asc(), _P.id.asc()
    return POPULAR


@lru_cache(256)
def _by_ids(count: int) -> Prepared:
    """Built once for each number of ids, which costs less at each page than to spell a list of any length out."""
    # Asked for by id alone: with FOR_SALE, SQLite walks the whole index of what is for sale instead.
    ids = [bindparam(f"id_{position}", type_=_P.id.type) for position in range(count)]
    return Prepared(LISTED.add_columns(FOR_SALE).where(_P.id.in_(ids)))


@lru_cache(256)
def _page(shape: Shape) -> Select[Any]:
    query = LISTED.where(*_conditions(shape)).order_by(*_order(shape))
    if shape.by_category:
        query = query.where(_P.category_id == bindparam("category_id"))
    return query.limit(bindparam("most")).offset(bindparam("skipped"))


@lru_cache(64)
def _counts(shape: Shape) -> Select[Any]:
    # Counted by id and named afterwards: the join of the whole catalogue with its categories costs more.
    query = select(_as_stored(_P.category_id), func.count()).where(*_conditions(shape))
    if shape.in_stock:
        query = query.outerjoin_from(Product.__table__, Stock.__table__, _S.product_id == _P.id)
    return query.group_by(_P.category_id)


def _read(session: Session, statement: Select[Any], **parameters: Any) -> list[Listed]:
    return [Listed._make(row) for row in session.connection().execute(statement, parameters).all()]


def list_page(session: Session, shape: Shape, *, limit: int, skip: int = 0, **values: Any) -> list[Listed]:
    """`values`: category_id, price_from and price_to, as far as `shape` names them."""
    return _read(session, _page(shape), most=limit, skipped=skip, **values)


def list_popular(session: Session, limit: int) -> list[Listed]:
    """What sells most at the moment and can be had: as of a moment ago."""
    return _popular(session, -(-limit // POPULAR_STEP) * POPULAR_STEP)[:limit]


@for_a_moment(MOMENT_SECONDS)
def _popular(session: Session, limit: int) -> list[Listed]:
    return _read(session, _POPULAR, most=limit)


def list_by_ids(session: Session, ids: Sequence[uuid.UUID]) -> list[Listed]:
    """Those of the products that are for sale, in the order of `ids`."""
    if not ids:
        return []
    values = {f"id_{position}": key for position, key in enumerate(ids)}
    found = _by_ids(len(ids)).all(session, values)
    dialect = session.connection().dialect
    rows = {row[0]: Listed._make(row[:-1]) for row in found if row[-1]}
    stored = _P.id.type.dialect_impl(dialect).bind_processor(dialect) or (lambda key: key)
    return [rows[key] for key in map(stored, ids) if key in rows]


@for_a_moment(MOMENT_SECONDS)
def list_categories(session: Session) -> list[ListedCategory]:
    return [ListedCategory._make(row) for row in session.connection().execute(_CATEGORIES)]


@for_a_moment(MOMENT_SECONDS)
def count_by_category(session: Session, /, shape: Shape, **values: Any) -> dict[uuid.UUID | None, int]:
    """How many products each category has under the filters of `shape`, its category and order aside."""
    query = _counts(shape._replace(by_category=False, sort="", locale="en"))
    found = session.connection().execute(query, values)
    return {
        key if key is None or isinstance(key, uuid.UUID) else uuid.UUID(key): count for key, count in found
    }
