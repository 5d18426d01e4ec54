"""A small shop of its own to search in: one table, its index on each engine, and short ways to fill and ask."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from elasticsearch import Elasticsearch
from sqlalchemy import ForeignKey, MetaData, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from core.db import Base, BoundedText, Id, LongText
from core.ids import new_id
from core.search import (
    Document,
    FieldSpec,
    FoldedText,
    IndexSpec,
    Searchable,
    SearchQuery,
    SearchResult,
    like_fallback,
    rebuild,
    search,
)
from core.search.elastic_engine import ElasticEngine
from core.search.engines import use_engine
from core.search.interface import Engine, forget, get_spec, register
from core.search.querying import forget_synonyms
from core.search.tantivy_engine import TantivyEngine

KIND = "test_thing"


class Ground(DeclarativeBase):
    """Tables of these tests only; the product's own metadata stays as it is."""

    metadata = MetaData()
    type_annotation_map = Base.type_annotation_map


class Thing(Searchable, FoldedText, Ground):
    __tablename__ = "test_search_thing"
    __search__ = KIND

    id: Mapped[Id]
    name: Mapped[str]
    name_zh: Mapped[str | None]
    body: Mapped[str] = mapped_column(LongText, default="")
    sku: Mapped[str] = mapped_column(BoundedText(60), default="")
    brand: Mapped[str] = mapped_column(default="Aurora")
    tags: Mapped[str] = mapped_column(default="")
    price: Mapped[Decimal] = mapped_column(default=Decimal("10"))
    made_at: Mapped[datetime] = mapped_column(default=datetime(2026, 1, 1, tzinfo=UTC))
    audience: Mapped[str] = mapped_column(default="public")
    is_listed: Mapped[bool] = mapped_column(default=True)

    def search_source(self) -> Iterable[str | None]:
        return (self.name, self.name_zh, self.body, self.sku)


class Part(Ground):
    __tablename__ = "test_search_part"
    __search_parent__ = (KIND, "thing_id")

    id: Mapped[Id]
    thing_id: Mapped[UUID] = mapped_column(ForeignKey("test_search_thing.id", ondelete="CASCADE"))
    note: Mapped[str] = mapped_column(default="")


def build(session: Session, ids: Sequence[UUID]) -> Iterator[Document]:
    notes: dict[UUID, list[str]] = {}
    for part in session.execute(select(Part.thing_id, Part.note).where(Part.thing_id.in_(ids))):
        notes.setdefault(part.thing_id, []).append(part.note)
    listed = select(Thing).where(Thing.id.in_(ids), Thing.is_listed).execution_options(populate_existing=True)
    for thing in session.scalars(listed):
        fields = {
            "name": thing.name,
            "name_zh": thing.name_zh,
            "body": " ".join([thing.body, *notes.get(thing.id, [])]),
            "sku": thing.sku or None,
            "brand": thing.brand,
            "tags": thing.tags.split(),
            "price": thing.price,
            "made_at": thing.made_at,
            "in_stock": thing.price < 100,
            "audience": thing.audience.split(),
        }
        yield Document(thing.id, thing.revision, fields)


def list_ids(session: Session, after: UUID | None, limit: int) -> Sequence[tuple[UUID, int]]:
    found = select(Thing.id, Thing.revision).where(Thing.is_listed).order_by(Thing.id).limit(limit)
    if after is not None:
        found = found.where(Thing.id > after)
    return [(row_id, revision) for row_id, revision in session.execute(found)]


def fallback(session: Session, query: SearchQuery) -> SearchResult:
    return like_fallback(
        session,
        query,
        id=Thing.id,
        text=Thing.search_text,
        first=[Thing.sku],
        base=Thing.is_listed.is_(True),
        filters={
            "brand": Thing.brand,
            "price": Thing.price,
            "in_stock": lambda value: (Thing.price < 100) if value else (Thing.price >= 100),
        },
        audience=lambda allowed: func.lower(Thing.audience).in_(allowed),
        sort={"price": Thing.price},
        facets={"brand": Thing.brand},
    )


def synonyms(_session: Session) -> Sequence[Sequence[str]]:
    return [["sofa", "couch"], ["power bank", "portable charger"]]


SPEC = IndexSpec(
    kind=KIND,
    fields=(
        FieldSpec("name", boost=3, locale="en", suggest=True, stored=True),
        FieldSpec("name_zh", boost=3, locale="zh", suggest=True),
        FieldSpec("body"),
        FieldSpec("sku", "code"),
        FieldSpec("brand", "keyword"),
        FieldSpec("tags", "keywords"),
        FieldSpec("price", "number"),
        FieldSpec("made_at", "date"),
        FieldSpec("in_stock", "bool"),
        FieldSpec("audience", "keywords"),
    ),
    build=build,
    ids=list_ids,
    fallback=fallback,
    synonyms=synonyms,
)


@contextmanager
def declared(engine: Engine) -> Iterator[Engine]:
    forget(KIND)
    register(SPEC)
    forget_synonyms()
    use_engine(engine)
    try:
        yield engine
    finally:
        use_engine(None)
        forget(KIND)


@contextmanager
def embedded(folder: Path) -> Iterator[TantivyEngine]:
    engine = TantivyEngine(folder / "search")
    with declared(engine):
        yield engine
    engine.close()


@contextmanager
def elastic(url: str) -> Iterator[ElasticEngine]:
    prefix = f"rapport-test-{secrets.token_hex(4)}"
    engine = ElasticEngine(url, prefix)
    try:
        with declared(engine):
            yield engine
    finally:
        engine.close()
        with Elasticsearch(url, request_timeout=10) as client:
            for name in client.indices.get(index=f"{prefix}-*").body:
                client.indices.delete(index=name)


class World:
    """The table, filled by `add`, and its index on one engine."""

    def __init__(self, session: Session, engine: Engine) -> None:
        self.session, self.engine, self.spec = session, engine, get_spec(KIND)

    def add(self, name: str, **values: Any) -> UUID:
        thing = Thing(id=new_id(), name=name, **values)
        self.session.add(thing)
        self.session.flush()
        return thing.id

    def build(self) -> None:
        rebuild(KIND)

    def find(self, text: str = "", **given: Any) -> SearchResult:
        self.engine.refresh(self.spec)
        given.setdefault("audience", ["public"])
        return search(self.session, SearchQuery(KIND, text, **given))

    def names(self, text: str = "", **given: Any) -> list[str]:
        """The names found, best first; fails when the answer came from elsewhere than the engine."""
        result = self.find(text, **given)
        assert not result.degraded
        return [str(hit.fields["name"]) for hit in result.hits]
