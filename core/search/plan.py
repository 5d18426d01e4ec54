"""A query -> a plan that both engines carry out alike."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from core.search import document
from core.search.interface import (
    AUDIENCE,
    MOST_LIMIT,
    MOST_OFFSET,
    Clause,
    Condition,
    FieldSpec,
    IndexSpec,
    Plan,
    Range,
    SearchQuery,
)
from core.search.text import stem
from core.search.words import Asked, Unit

# An exact code outweighs any number of words; a code's beginning and a corrected word stand behind exact words.
CODE, CODE_BEGINNING, BEGINNING, CORRECTED, SYNONYM, JOINT = 30.0, 4.0, 0.35, 0.7, 0.7, 0.3
Corrections = Mapping[str, Sequence[str]]


def check(spec: IndexSpec, query: SearchQuery) -> None:
    """Raises ValueError for a query that no user text can cause: a programming error."""
    if spec.has_audience and query.audience is None:
        raise ValueError(f"a search for {spec.kind} must say for which audience")
    if query.audience is not None and not spec.has_audience:
        raise ValueError(f"{spec.kind} knows no audience")
    if AUDIENCE in query.filters or AUDIENCE in query.facets:
        raise ValueError("the audience is not a filter")
    for name in (*query.filters, *query.facets, *([query.sort.lstrip("-")] if query.sort else [])):
        if spec.field(name).type == "text":
            raise ValueError(f"{spec.kind}.{name} is text: it cannot filter, sort or count")
    for name in query.facets:
        if spec.field(name).type in {"number", "date"}:
            raise ValueError(f"{spec.kind}.{name} cannot be counted")
    if query.sort and spec.field(query.sort.lstrip("-")).type in {"keywords", "code"}:
        raise ValueError(f"{spec.kind} cannot be sorted by {query.sort}")


def conditions(spec: IndexSpec, query: SearchQuery) -> tuple[Condition, ...]:
    out = [_condition(spec.field(name), value) for name, value in query.filters.items() if value is not None]
    if query.audience is not None:
        out.append(_condition(spec.field(AUDIENCE), list(query.audience)))
    return tuple(out)


def _condition(field: FieldSpec, value: object) -> Condition:
    name, column = field.name, document.column(field)
    numeric = field.type in {"number", "date"}
    if isinstance(value, Range):
        if not numeric:
            raise ValueError(f"{name} has no order to take a range of")
        gte, gt, lte, lt = (
            None if bound is None else document.number(bound)
            for bound in (value.gte, value.gt, value.lte, value.lt)
        )
        return Condition(name, column, gte=gte, gt=gt, lte=lte, lt=lt)
    values = list(value) if isinstance(value, (list, tuple, set, frozenset)) else [value]
    if numeric:
        if len(values) != 1:
            raise ValueError(f"{name} takes one number or a Range")
        exact = document.number(values[0])
        return Condition(name, column, gte=exact, lte=exact)
    return Condition(name, column, values=tuple(document.keyword(each) for each in values))


class Meant(NamedTuple):
    """Words as engines look for them. Neither filters nor what an index holds have part in it, so it is the same
    each time that the words are asked for."""

    asked: Asked
    must: Clause | None
    bonus: tuple[Clause, ...]


def mean(spec: IndexSpec, query: SearchQuery, asked: Asked, corrections: Corrections) -> Meant:
    must = _must(spec, query, asked, corrections)
    return Meant(asked, must, tuple(_bonus(spec, query, asked)) if must and not query.sort else ())


def plan(spec: IndexSpec, query: SearchQuery, meant: Meant) -> Plan:
    sort = None
    if query.sort:
        sort = (document.column(spec.field(query.sort.lstrip("-"))), query.sort.startswith("-"))
    return Plan(
        must=meant.must,
        bonus=meant.bonus,
        conditions=conditions(spec, query),
        sort=sort,
        limit=max(1, min(MOST_LIMIT, query.limit)),
        offset=max(0, min(MOST_OFFSET, query.offset)),
        facets=tuple(query.facets),
        only_ids=query.only_ids,
    )


def _must(spec: IndexSpec, query: SearchQuery, asked: Asked, corrections: Corrections) -> Clause | None:
    if not asked.cleaned.strip():
        return None
    if not asked.units:
        return Clause("any")  # signs only: nothing can match
    has_codes = any(field.type == "code" for field in spec.fields)
    single = len(asked.units) == 1
    parts = tuple(_unit(unit, corrections, has_codes, single) for unit in asked.units)
    words = Clause("any", parts=parts, least=least(len(parts), query.match))
    if has_codes and asked.whole_code:
        return Clause("best", parts=(words, *_code(asked.whole_code)))
    return words


def least(count: int, match: str) -> int:
    """How many of the words asked for a document must have."""
    if match == "any":
        return 1
    if match == "all" or count <= 2:
        return count
    return 2 if count <= 4 else count // 3


def _code(code: str, *, beginning: bool = True) -> tuple[Clause, ...]:
    exact = Clause("term", document.CODES, code, boost=CODE)
    if not beginning:
        return (exact,)
    return exact, Clause("term", document.CODE_BEGINNINGS, code, boost=CODE_BEGINNING)


def _unit(unit: Unit, corrections: Corrections, has_codes: bool, single: bool) -> Clause:
    choices = [_stems(unit)]
    if unit.prefix:
        choices.append(Clause("term", document.BEGINNINGS, unit.prefix[:16], boost=BEGINNING))
    if has_codes and unit.code:
        choices += _code(unit.code, beginning=single or any(map(str.isdigit, unit.code)))
    choices += [
        Clause("term", document.ALL, stem(word), boost=CORRECTED / (rank + 1))
        for rank, word in enumerate(corrections.get(unit.word, ()) if unit.word else ())
    ]
    for phrase in unit.others:
        meant = tuple(_stems(each) for each in phrase)
        if meant:
            choices.append(Clause("all", parts=meant, boost=SYNONYM) if len(meant) > 1 else _weaker(meant[0]))
    return choices[0] if len(choices) == 1 else Clause("best", parts=tuple(choices))


def _weaker(clause: Clause) -> Clause:
    return Clause("best", parts=(clause,), boost=SYNONYM)


def _stems(unit: Unit) -> Clause:
    terms = tuple(Clause("term", document.ALL, each) for each in unit.stems)
    if len(terms) == 1:
        return terms[0]
    if not unit.han:
        return Clause("all", parts=terms)
    # A document may segment or spell a long word differently: most of its pairs are enough.
    whole = (Clause("term", document.ALL, unit.han),) if len(unit.han) > 2 else ()
    pairs = Clause("any", parts=terms, least=math.ceil(len(terms) * 0.6))
    return Clause("any", parts=(pairs, *whole)) if whole else pairs


def _bonus(spec: IndexSpec, query: SearchQuery, asked: Asked) -> list[Clause]:
    """What ranks higher without having to occur: names above bodies, words in order, own language."""
    language = "zh" if (query.locale or "").startswith("zh") else (query.locale or "")[:2]
    stems = tuple(dict.fromkeys(each for unit in asked.units for each in unit.stems))[:30]
    in_order = tuple(each for unit in asked.units if not unit.han for each in unit.stems)
    out: list[Clause] = []
    for field in spec.fields:
        if field.type != "text" or (field.boost <= 1 and not field.suggest):
            continue
        weight = 0.3 * field.boost * (1.3 if language and field.locale == language else 1.0)
        column = document.column(field)
        out.append(Clause("any", parts=tuple(Clause("term", column, each) for each in stems), boost=weight))
        if 2 <= len(in_order) <= 6:
            out.append(Clause("phrase", column, words=in_order, boost=weight))
    out += [Clause("term", document.ALL, pair, boost=JOINT) for pair in asked.joints]
    return out
