"""Asking: the engine first, the database when the engine is away. Never an error for what a person typed."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import structlog
from sqlalchemy.orm import Session

from core.search.engines import get_engine
from core.search.highlight import Marker
from core.search.interface import (
    MOST_OFFSET,
    Answer,
    Engine,
    Hit,
    IndexSpec,
    Match,
    SearchAwayError,
    SearchQuery,
    SearchResult,
    get_spec,
)
from core.search.plan import Meant, check, least, mean, plan
from core.search.words import Asked, Lexicon, ask

log = structlog.get_logger()

# What is left of the promised second is for the database.
ENGINE_SECONDS = 0.6
LEXICON_SECONDS = 60.0
_lexicons: dict[str, tuple[float, Lexicon]] = {}


def lexicon_of(session: Session, spec: IndexSpec) -> Lexicon:
    """The synonyms of a kind, read once a minute."""
    if spec.synonyms is None:
        return Lexicon()
    read_at, held = _lexicons.get(spec.kind, (0.0, Lexicon()))
    moment = time.monotonic()
    if not read_at or moment - read_at > LEXICON_SECONDS:
        held = Lexicon.of(spec.synonyms(session))
        _lexicons[spec.kind] = (moment, held)
    return held


def forget_synonyms() -> None:
    """For tests, and after synonyms were edited in this process."""
    _lexicons.clear()
    _meant.cache_clear()


def search(session: Session, query: SearchQuery) -> SearchResult:
    """Hits, facets and a suggestion. Raises ValueError only for what code did wrong, such as no audience."""
    spec = get_spec(query.kind)
    check(spec, query)
    lexicon_of(session, spec)
    words = _Words(query.text, query.locale, query.prefix, query.match, query.sort)
    meant = _meant(query.kind, words, _lexicons.get(query.kind, (0.0, None))[0])
    try:
        return _ask_engine(get_engine(), spec, query, meant)
    except SearchAwayError as error:
        log.warning("search_degraded", kind=spec.kind, reason=str(error)[:200])
    return replace(spec.fallback(session, query), degraded=True)


class _Words(NamedTuple):
    text: str
    locale: str | None
    prefix: bool
    match: Match
    sort: str | None


@lru_cache(512)
def _meant(kind: str, words: _Words, read_at: float) -> Meant:
    """What the words mean to an engine: people ask for the same words again and again, page through what was found
    and filter it. `read_at`: of the synonyms."""
    spec = get_spec(kind)
    query = SearchQuery(kind, **words._asdict())
    lexicon = _lexicons[kind][1] if kind in _lexicons else Lexicon()
    return mean(spec, query, ask(words.text, lexicon, prefix=words.prefix), {})


def _ask_engine(engine: Engine, spec: IndexSpec, query: SearchQuery, meant: Meant) -> SearchResult:
    until = time.monotonic() + ENGINE_SECONDS
    asked = meant.asked
    first = plan(spec, query, meant)
    answer = engine.search(spec, first, timeout=ENGINE_SECONDS)
    corrections: Mapping[str, Sequence[str]] = {}
    words = _doubtful(query, asked, answer) if query.forgives else []
    if words:
        try:
            corrections = engine.corrections(spec, words, first.conditions, timeout=until - time.monotonic())
            if corrections:
                second = plan(spec, query, mean(spec, query, asked, corrections))
                answer = engine.search(spec, second, timeout=until - time.monotonic())
        except SearchAwayError:
            corrections = {}  # the first answer stands: it only lacks tolerance for typing errors
    marker = Marker(asked, corrections)
    wanted = query.highlight and not query.only_ids and bool(asked.units)
    is_beyond = query.offset > MOST_OFFSET
    return SearchResult(
        hits=[]
        if is_beyond
        else [
            Hit(
                found.id,
                found.score,
                marker.of(spec, found.source, query.highlight_fields) if wanted else {},
                {}
                if query.only_ids
                else {field.name: found.source.get(field.name) for field in spec.fields if field.stored},
            )
            for found in answer.found
        ],
        total=answer.total,
        facets=answer.facets,
        suggestion=_suggestion(asked, corrections) if corrections and answer.total else None,
    )


def _doubtful(query: SearchQuery, asked: Asked, answer: Answer) -> list[str]:
    """The words that may be mistyped. One that is still being typed and begins a known word is not, nor are those
    that all had to be there and were."""
    count = len(asked.units)
    if answer.total and least(count, query.match) == count:
        return []
    words = [unit.word for unit in asked.units if len(unit.word) > 3]
    if words and answer.total and query.prefix and asked.units[-1].prefix == words[-1]:
        words.pop()
    return list(dict.fromkeys(words))


def _suggestion(asked: Asked, corrections: Mapping[str, Sequence[str]]) -> str:
    """What was typed, with the mistyped words replaced."""
    out, at = "", 0
    for unit in asked.units:
        better = corrections.get(unit.word) if unit.word else None
        if better:
            out += asked.cleaned[at : unit.start] + better[0]
            at = unit.end
    return " ".join((out + asked.cleaned[at:]).split())
