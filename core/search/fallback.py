"""Searching in the database itself, for the time that the engine is away: fewer niceties, the same limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, case, false, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.db import MoneyAmount
from core.search.interface import (
    AUDIENCE,
    MOST_LIMIT,
    MOST_OFFSET,
    Hit,
    Range,
    SearchQuery,
    SearchResult,
    get_spec,
)
from core.search.querying import lexicon_of
from core.search.text import fold, fold_word
from core.search.words import Asked, Unit, ask

Column = InstrumentedAttribute[Any] | ColumnElement[Any]
Filter = Column | Callable[[Any], ColumnElement[bool]]
ESCAPE = "\\"


def like(column: Column, part: str) -> ColumnElement[bool]:
    """`column` contains `part`, every sign of which is itself."""
    escaped = part.replace(ESCAPE, ESCAPE * 2).replace("%", ESCAPE + "%").replace("_", ESCAPE + "_")
    return column.like(f"%{escaped}%", escape=ESCAPE)


def like_fallback(
    session: Session,
    query: SearchQuery,
    *,
    id: Column,
    text: Column,
    first: Sequence[Column] = (),
    base: ColumnElement[bool] | None = None,
    filters: Mapping[str, Filter] | None = None,
    audience: Callable[[Sequence[str]], ColumnElement[bool]] | None = None,
    sort: Mapping[str, Column] | None = None,
    facets: Mapping[str, Column] | None = None,
) -> SearchResult:
    """Answers from rows of one table (or join) whose folded `text` holds every word.

    A filter or audience that is not given here raises ValueError: better no answer than one that shows too
    much. Facets that are not given stay empty; an unknown sort falls back to the newest first.
    """
    spec = get_spec(query.kind)
    asked = ask(query.text, lexicon_of(session, spec), prefix=query.prefix)
    conditions = _conditions(query, filters or {}, audience)
    words = _words(asked, text, first, any_word=query.match == "any")
    everywhere = [part for part in (base, words) if part is not None]
    where = and_(*everywhere, *conditions.values()) if everywhere or conditions else None
    rows = select(id)
    counting = select(func.count()).select_from(
        rows.where(where).subquery() if where is not None else rows.subquery()
    )
    total = int(session.scalar(counting) or 0)
    hits: list[Hit] = []
    if query.offset <= MOST_OFFSET:
        found = (rows.where(where) if where is not None else rows).order_by(
            *_order(query, asked, id, text, first=first, sort=sort or {})
        )
        limited = found.limit(max(1, min(MOST_LIMIT, query.limit))).offset(max(0, query.offset))
        hits = [Hit(row_id, 0.0) for row_id in session.scalars(limited)]
    counted: dict[str, list[tuple[str, int]]] = {}
    for name in query.facets:
        column = (facets or {}).get(name)
        others = [condition for other, condition in conditions.items() if other != name]
        counted[name] = [] if column is None else _facet(session, column, id, [*everywhere, *others])
    return SearchResult(hits, total, counted, degraded=True)


def _facet(
    session: Session, column: Column, row_id: Column, where: Sequence[ColumnElement[bool]]
) -> list[tuple[str, int]]:
    amount = func.count(row_id.distinct())
    statement = (
        select(column, amount)
        .where(column.is_not(None), *where)
        .group_by(column)
        .order_by(amount.desc(), column)
    )
    pairs = session.execute(statement.limit(50)).all()
    return [
        ("true" if value is True else "false" if value is False else str(value), int(n)) for value, n in pairs
    ]


def _conditions(
    query: SearchQuery,
    filters: Mapping[str, Filter],
    audience: Callable[[Sequence[str]], ColumnElement[bool]] | None,
) -> dict[str, ColumnElement[bool]]:
    out: dict[str, ColumnElement[bool]] = {}
    for name, value in query.filters.items():
        if value is None:
            continue
        if name not in filters:
            raise ValueError(f"the fallback of {query.kind} has no filter {name!r}")
        column = filters[name]
        if isinstance(column, (InstrumentedAttribute, ColumnElement)):
            out[name] = _condition(column, value)
        else:
            out[name] = column(value)
    if query.audience is not None:
        if audience is None:
            raise ValueError(f"the fallback of {query.kind} has no audience")
        out[AUDIENCE] = audience(list(query.audience)) if query.audience else false()
    return out


def _condition(column: Column, value: Any) -> ColumnElement[bool]:
    if isinstance(value, Range):
        bounds = [
            column >= _fitting(column, value.gte) if value.gte is not None else None,
            column > _fitting(column, value.gt) if value.gt is not None else None,
            column <= _fitting(column, value.lte) if value.lte is not None else None,
            column < _fitting(column, value.lt) if value.lt is not None else None,
        ]
        told = [bound for bound in bounds if bound is not None]
        return and_(*told) if told else column.is_not(None)
    if isinstance(value, (list, tuple, set, frozenset)):
        return column.in_([_fitting(column, each) for each in value])
    equal: ColumnElement[bool] = column == _fitting(column, value)
    return equal


def _fitting(column: Column, value: Any) -> Any:
    """Amounts are stored to four places; a bound given as a float is meant as it is written."""
    if isinstance(column.type, MoneyAmount) and isinstance(value, (float, Decimal)):
        return round(Decimal(str(value)), 4)
    return value


def _words(
    asked: Asked, text: Column, first: Sequence[Column], *, any_word: bool
) -> ColumnElement[bool] | None:
    if not asked.cleaned.strip():
        return None
    if not asked.units:
        return false()
    # Signs that LIKE would read as patterns are looked for as they stand.
    literal = [fold_word(part) for part in asked.cleaned.split() if set(part) & set("%_" + ESCAPE)]
    parts = [*(_unit(unit, text) for unit in asked.units), *(like(text, part) for part in literal)]
    words = or_(*parts) if any_word else and_(*parts)
    exact = [_is_exactly(column, asked) for column in first]
    return or_(words, *exact) if exact else words


def _is_exactly(column: Column, asked: Asked) -> ColumnElement[bool]:
    return func.lower(column) == asked.cleaned.strip().lower()


def _unit(unit: Unit, text: Column) -> ColumnElement[bool]:
    choices = [_all(unit, text)]
    choices += [and_(*(_all(each, text) for each in phrase)) for phrase in unit.others if phrase]
    return or_(*choices)


def _all(unit: Unit, text: Column) -> ColumnElement[bool]:
    if unit.han:
        return like(text, unit.han)
    if unit.word:
        # A stem that begins the word finds its other forms too.
        return like(text, unit.stems[0] if unit.word.startswith(unit.stems[0]) else unit.word)
    return and_(*(like(text, fold(stem)) for stem in unit.stems))


def _order(
    query: SearchQuery,
    asked: Asked,
    row_id: Column,
    text: Column,
    *,
    first: Sequence[Column],
    sort: Mapping[str, Column],
) -> list[ColumnElement[Any]]:
    order: list[ColumnElement[Any]] = []
    if query.sort and query.sort.lstrip("-") in sort:
        column = sort[query.sort.lstrip("-")]
        order.append(case((column.is_(None), 1), else_=0))
        order.append(column.desc() if query.sort.startswith("-") else column.asc())
    elif first and asked.cleaned.strip():
        order.append(case((or_(*(_is_exactly(column, asked) for column in first)), 0), else_=1))
    if query.match == "any" and not order and len(asked.units) > 1:
        # Where one word is enough, the rows that hold more of them are nearer to what was meant.
        held = [case((_unit(unit, text), 1), else_=0) for unit in asked.units]
        order.append(sum(held[1:], held[0]).desc())
    order.append(row_id.desc())
    return order
