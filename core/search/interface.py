"""What can be indexed, what can be asked and what comes back. Nothing here knows an engine or a domain."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal, Protocol
from uuid import UUID

from markupsafe import Markup
from sqlalchemy.orm import Session

FieldType = Literal["text", "code", "keyword", "keywords", "number", "date", "bool"]
AUDIENCE = "audience"
MOST_LIMIT, MOST_OFFSET = 100, 10_000

# The revision of what is gone from the database for good: nothing written later can bring it back.
GONE = 2**62

# Changing how documents are prepared changes this number, so that every index is filled anew.
PREPARATION = 1


class SearchAwayError(Exception):
    """The engine did not answer, or has no usable index: the database answers instead."""


class SearchBusyError(Exception):
    """Writing was not possible now; the job tries again."""


class RebuildOvertakenError(Exception):
    """Another rebuild of the same kind began: it does the work."""


@dataclass(frozen=True)
class FieldSpec:
    """One field of a document. `boost` weighs text and codes; `suggest` makes words match by their beginning;
    `locale` prefers the field when a query is in that language; `stored` returns the value with the hit."""

    name: str
    type: FieldType = "text"
    boost: float = 1.0
    locale: Literal["en", "zh"] | None = None
    suggest: bool = False
    stored: bool = False


@dataclass(frozen=True)
class Document:
    """What the index shall hold of one row. An older revision never overwrites a newer one."""

    id: UUID
    revision: int
    fields: Mapping[str, Any]


Build = Callable[[Session, Sequence[UUID]], Iterable[Document]]
ListIds = Callable[[Session, UUID | None, int], Sequence[tuple[UUID, int]]]
Synonyms = Callable[[Session], Sequence[Sequence[str]]]


@dataclass(frozen=True)
class IndexSpec:
    """One kind of document.

    build: (session, ids) -> documents; an id it leaves out is taken from the index.
    ids: (session, after, limit) -> (id, revision) of all that belongs in the index, in order of id.
    fallback: (session, query) -> the answer from the database while the engine is away.
    synonyms: (session) -> groups of words of the same meaning.
    """

    kind: str
    fields: tuple[FieldSpec, ...]
    build: Build
    ids: ListIds
    fallback: Callable[[Session, SearchQuery], SearchResult]
    synonyms: Synonyms | None = None

    def field(self, name: str) -> FieldSpec:
        for spec in self.fields:
            if spec.name == name:
                return spec
        raise ValueError(f"{self.kind} has no search field {name!r}")

    @property
    def has_audience(self) -> bool:
        return any(spec.name == AUDIENCE for spec in self.fields)

    @cached_property
    def fingerprint(self) -> str:
        """Names the shape of the index; an index of another shape is filled anew."""
        return hashlib.sha256(repr((PREPARATION, self.fields)).encode()).hexdigest()[:10]


@dataclass(frozen=True)
class Range:
    """Bounds of a number or date; None is open."""

    gte: float | Decimal | datetime | None = None
    lte: float | Decimal | datetime | None = None
    gt: float | Decimal | datetime | None = None
    lt: float | Decimal | datetime | None = None


Match = Literal["auto", "any", "all"]


@dataclass(frozen=True)
class SearchQuery:
    """`text` is words, never syntax; empty lists what passes the filters. `audience` is any-of and must be
    given for a kind that declares it. `sort` is a field, with - for descending; None is by relevance.
    `highlight_fields` names those whose marks will be shown; marking long texts costs more than finding them.
    `only_ids`: neither marks nor stored fields, for who reads the rows from the database. Without `forgives` no
    word is taken for a mistyped one, for words that were understood elsewhere."""

    kind: str
    text: str = ""
    filters: Mapping[str, Any] = field(default_factory=dict)
    audience: Sequence[str] | None = None
    sort: str | None = None
    limit: int = 20
    offset: int = 0
    facets: Sequence[str] = ()
    locale: str | None = None
    prefix: bool = False
    match: Match = "auto"
    highlight: bool = True
    highlight_fields: Sequence[str] | None = None
    only_ids: bool = False
    forgives: bool = True


@dataclass(frozen=True)
class Hit:
    id: UUID
    score: float
    highlights: Mapping[str, Markup] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)


Facets = Mapping[str, Sequence[tuple[str, int]]]


@dataclass(frozen=True)
class SearchResult:
    hits: Sequence[Hit]
    total: int
    facets: Facets = field(default_factory=dict)
    degraded: bool = False
    suggestion: str | None = None


# --- what an engine is given and gives -----------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Clause:
    """A condition on prepared tokens. Two are never the same, so that an engine can keep what it made of each.

    term: `value` in `column`. all: every one of `parts`. any: at least `least` of `parts`, scores added.
    best: the best scoring of `parts`. phrase: `words` close together in `column`.
    """

    op: Literal["term", "all", "any", "best", "phrase"]
    column: str = ""
    value: str = ""
    words: tuple[str, ...] = ()
    parts: tuple[Clause, ...] = ()
    least: int = 1
    boost: float = 1.0


@dataclass(frozen=True)
class Condition:
    """A filter on one column: any of `values`, or bounds."""

    field: str
    column: str
    values: tuple[str, ...] | None = None
    gte: float | None = None
    gt: float | None = None
    lte: float | None = None
    lt: float | None = None


@dataclass(frozen=True)
class Plan:
    """A query as engines understand it: prepared tokens and typed bounds only."""

    must: Clause | None
    bonus: tuple[Clause, ...]
    conditions: tuple[Condition, ...]
    sort: tuple[str, bool] | None  # column, descending
    limit: int
    offset: int
    facets: tuple[str, ...]  # names of fields
    only_ids: bool = False


@dataclass(frozen=True)
class Found:
    """A hit as an engine gives it; `source` holds the fields as they were written, nothing if only ids were asked for."""

    id: UUID
    score: float
    source: Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    found: Sequence[Found]
    total: int
    facets: Facets


@dataclass(frozen=True)
class Entry:
    """A prepared document, or with `columns` None a tombstone: what is gone must stay gone."""

    id: UUID
    revision: int
    columns: Mapping[str, Any] | None
    source: Mapping[str, Any]


class Engine(Protocol):
    """What both engines do. Reads raise SearchAwayError, writes SearchBusyError or SearchAwayError."""

    name: str
    fill_size: int  # documents handed over at a time when an index is filled anew

    def search(self, spec: IndexSpec, plan: Plan, *, timeout: float) -> Answer: ...

    def corrections(
        self, spec: IndexSpec, words: Sequence[str], conditions: Sequence[Condition], *, timeout: float
    ) -> Mapping[str, Sequence[str]]:
        """For each word that no document holds: words it may have meant, best first, that occur in a
        document passing `conditions` (so that a suggestion never tells what the asker may not see)."""

    def write(self, spec: IndexSpec, entries: Sequence[Entry]) -> None:
        """Writes to the index in use and to one being filled. Older revisions are left out."""

    def begin_rebuild(self, spec: IndexSpec) -> str:
        """Makes an empty index that from now on receives every write too; returns its name."""

    def fill(self, spec: IndexSpec, name: str, entries: Sequence[Entry]) -> None: ...

    def finish_rebuild(self, spec: IndexSpec, name: str) -> None:
        """Puts the filled index in use at once, and removes the one before."""

    def abandon_rebuild(self, spec: IndexSpec, name: str) -> None: ...

    def listing(self, spec: IndexSpec, after: UUID | None, limit: int) -> Sequence[tuple[UUID, int]]:
        """(id, revision) of what is held, tombstones left out, in order of id."""

    def revisions(self, spec: IndexSpec, ids: Sequence[UUID]) -> Mapping[UUID, int]:
        """Revisions held for these ids, tombstones included."""

    def needs_rebuild(self, spec: IndexSpec) -> str | None:
        """Why the index must be filled anew ('missing', 'corrupt', 'shape'), or None."""

    def refresh(self, spec: IndexSpec) -> None:
        """Makes what was written findable now (for tests and for drift checks)."""

    def ping(self) -> bool: ...


_specs: dict[str, IndexSpec] = {}


def register(spec: IndexSpec) -> None:
    if not spec.kind.isidentifier() or spec.kind != spec.kind.lower():
        raise ValueError(f"{spec.kind!r} cannot name an index: small letters and _ only")
    if spec.kind in _specs and _specs[spec.kind] is not spec:
        raise ValueError(f"two search indexes are named {spec.kind}")
    _specs[spec.kind] = spec


def forget(kind: str) -> None:
    """Takes a kind away again; for tests."""
    _specs.pop(kind, None)


def get_spec(kind: str) -> IndexSpec:
    if kind not in _specs:
        raise ValueError(f"no search index is named {kind!r}")
    return _specs[kind]


def list_specs() -> Iterator[IndexSpec]:
    return iter(sorted(_specs.values(), key=lambda spec: spec.kind))
