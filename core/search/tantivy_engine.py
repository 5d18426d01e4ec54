"""The embedded engine: tantivy in a folder, one writer at a time over all processes."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import structlog
import tantivy
from tantivy import FieldType, Occur, Order, Query, Schema, SchemaBuilder, Searcher

from core.search import document, text
from core.search.folder import BUILDING, CURRENT, IndexFolder
from core.search.interface import (
    Answer,
    Clause,
    Condition,
    Entry,
    Found,
    IndexSpec,
    Plan,
    RebuildOvertakenError,
    SearchAwayError,
)
from core.search.vocabulary import Vocabulary

log = structlog.get_logger()

FEW = 20
# What other processes wrote is seen after this long at most. To look at the files each time costs a search a tenth.
LOOK_EVERY_SECONDS = 0.05
HEAP_BYTES = 30_000_000
FACET_VALUES = 50
LIVE, DEAD = "live", "dead"


def build_schema(spec: IndexSpec) -> Schema:
    builder = SchemaBuilder()
    builder.add_text_field("id", stored=True, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("state", tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("revision", indexed=True, fast=True)
    builder.add_text_field("source", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field(document.ALL, tokenizer_name="whitespace", index_option="freq")
    for name in (document.WORDS, document.BEGINNINGS, document.CODES, document.CODE_BEGINNINGS):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="basic")
    for asked in spec.fields:
        column = document.column(asked)
        if asked.type == "text":
            builder.add_text_field(column, tokenizer_name="whitespace", index_option="position")
        elif asked.type == "number":
            builder.add_float_field(column, indexed=True, fast=True)
        elif asked.type == "date":
            builder.add_integer_field(column, indexed=True, fast=True)
        else:
            builder.add_text_field(column, fast=True, tokenizer_name="raw", index_option="basic")
    return builder.build()


@dataclass
class Reader:
    """An open generation, read again when its meta file changes."""

    name: str
    index: tantivy.Index
    schema: Schema
    seen: tuple[int, int]
    vocabulary: Vocabulary
    looked_at: float = 0.0
    made: WeakKeyDictionary[Clause, Query] = field(default_factory=WeakKeyDictionary)

    def query(self, clause: Clause) -> Query:
        """Made once for as long as the clause is kept."""
        found = self.made.get(clause)
        if found is None:
            found = self.made[clause] = _query(self.schema, clause)
        return found


class TantivyEngine:
    """One folder per generation below `root`. Thread-safe; reads never wait for writes."""

    name = "embedded"
    fill_size = 5000  # each makes a part of its own, and every search looks through all parts

    def __init__(self, root: Path) -> None:
        self._folder = IndexFolder(root)
        self._readers: dict[str, Reader] = {}
        self._lock = threading.Lock()

    # --- reading ---

    def search(self, spec: IndexSpec, plan: Plan, *, timeout: float) -> Answer:
        with self._guarded(spec):
            reader, searcher = self._reader(spec)
            query = _whole(reader, plan, plan.conditions)
            column, descending = plan.sort or (None, True)
            result = searcher.search(
                query,
                limit=plan.limit,
                offset=plan.offset,
                order_by_field=column,
                order=Order.Desc if descending else Order.Asc,
            )
            read = _ids if plan.only_ids else _documents
            found = [
                Found(key, 0.0 if plan.sort else float(score), source)
                for (score, _), (key, source) in zip(
                    result.hits, read(searcher, [address for _, address in result.hits]), strict=True
                )
            ]
            facets = {name: self._facet(spec, reader, searcher, plan, name) for name in plan.facets}
            return Answer(found, int(result.count or 0), facets)  # type: ignore[attr-defined]

    def _facet(
        self, spec: IndexSpec, reader: Reader, searcher: Searcher, plan: Plan, name: str
    ) -> list[tuple[str, int]]:
        others = [condition for condition in plan.conditions if condition.field != name]
        terms = {"terms": {"field": document.column(spec.field(name)), "size": FACET_VALUES}}
        buckets = searcher.aggregate(_counted(reader, plan, others), {"f": terms})["f"]["buckets"]
        return sorted(
            ((str(b["key"]), int(b["doc_count"])) for b in buckets), key=lambda pair: (-pair[1], pair[0])
        )

    def corrections(
        self, spec: IndexSpec, words: Sequence[str], conditions: Sequence[Condition], *, timeout: float
    ) -> Mapping[str, Sequence[str]]:
        with self._guarded(spec):
            reader, searcher = self._reader(spec)
            allowed = _filters(reader.schema, conditions)
            out: dict[str, Sequence[str]] = {}
            for word in words:
                if _is_held(reader.schema, searcher, document.ALL, text.stem(word), allowed):
                    continue
                near = [
                    candidate
                    for candidate in reader.vocabulary.near(searcher, word)
                    if _is_held(reader.schema, searcher, document.WORDS, candidate, allowed)
                ]
                if near:
                    out[word] = near[:3]
            return out

    def listing(self, spec: IndexSpec, after: UUID | None, limit: int) -> Sequence[tuple[UUID, int]]:
        with self._guarded(spec):
            reader, searcher = self._reader(spec)
            parts = [(Occur.Must, _term(reader.schema, "state", LIVE))]
            if after is not None:
                beyond = Query.range_query(
                    reader.schema, "id", FieldType.Text, str(after), None, include_lower=False
                )
                parts.append((Occur.Must, beyond))
            return _revisions(searcher, Query.boolean_query(parts), limit)

    def revisions(self, spec: IndexSpec, ids: Sequence[UUID]) -> Mapping[UUID, int]:
        with self._guarded(spec):
            reader, searcher = self._reader(spec)
            return _held_revisions(reader.schema, searcher, ids)

    def needs_rebuild(self, spec: IndexSpec) -> str | None:
        name = self._folder.pointed(spec, CURRENT)
        if name is None:
            return "missing"
        if not self._folder.fits(spec, name):
            return "shape"
        with self._lock:
            self._readers.pop(spec.kind, None)
        try:
            with self._guarded(spec):
                _, searcher = self._reader(spec)
                # A look at each part: terms, order, stored fields.
                result = searcher.search(Query.all_query(), limit=10, order_by_field="id", order=Order.Asc)
                for _, address in result.hits:
                    searcher.doc(address)
        except SearchAwayError:
            return "corrupt"
        return None

    def refresh(self, spec: IndexSpec) -> None:
        """Nothing to do: each search looks whether the index changed."""

    def ping(self) -> bool:
        return True

    # --- writing ---

    def write(self, spec: IndexSpec, entries: Sequence[Entry]) -> None:
        with self._looking_again(spec), self._folder.writing(spec):
            for pointer in (CURRENT, BUILDING):
                name = self._folder.pointed(spec, pointer)
                # An index of another shape takes no writes: its successor is filled from the database.
                if name is not None and self._folder.fits(spec, name):
                    with self._guarded(spec):
                        self._apply(spec, name, entries)

    def begin_rebuild(self, spec: IndexSpec) -> str:
        with self._folder.writing(spec):
            name = self._folder.make(spec)
            tantivy.Index(build_schema(spec), path=str(self._folder.path(name)))
            self._folder.point(spec, BUILDING, name)
            self._folder.sweep(spec)
            return name

    def fill(self, spec: IndexSpec, name: str, entries: Sequence[Entry]) -> None:
        with self._folder.writing(spec):
            self._must_be_building(spec, name)
            self._apply(spec, name, entries)

    def finish_rebuild(self, spec: IndexSpec, name: str) -> None:
        with self._looking_again(spec), self._folder.writing(spec):
            self._must_be_building(spec, name)
            self._folder.point(spec, CURRENT, name)
            self._folder.unpoint(spec, BUILDING)
            self._folder.sweep(spec)

    def abandon_rebuild(self, spec: IndexSpec, name: str) -> None:
        with self._folder.writing(spec):
            if self._folder.pointed(spec, BUILDING) == name:
                self._folder.unpoint(spec, BUILDING)
                self._folder.sweep(spec)

    def _must_be_building(self, spec: IndexSpec, name: str) -> None:
        if self._folder.pointed(spec, BUILDING) != name:
            raise RebuildOvertakenError(name)

    def _apply(self, spec: IndexSpec, name: str, entries: Sequence[Entry]) -> None:
        """Writes what is not older than what is held. The caller holds the lock."""
        index = tantivy.Index.open(str(self._folder.path(name)))
        newest: dict[UUID, Entry] = {}
        for entry in entries:
            if entry.id not in newest or newest[entry.id].revision <= entry.revision:
                newest[entry.id] = entry
        held = _held_revisions(index.schema, index.searcher(), list(newest))
        fresh = [entry for entry in newest.values() if entry.revision >= held.get(entry.id, -1)]
        if not fresh:
            return
        writer = index.writer(HEAP_BYTES, 1)
        for entry in fresh:
            writer.delete_documents_by_term("id", str(entry.id))
            writer.add_document(_document(entry))
        writer.commit()
        writer.wait_merging_threads()

    # --- opening ---

    def _reader(self, spec: IndexSpec) -> tuple[Reader, Searcher]:
        held = self._readers.get(spec.kind)
        if held is not None and time.monotonic() - held.looked_at < LOOK_EVERY_SECONDS:
            return held, held.index.searcher()
        name = self._folder.pointed(spec, CURRENT)
        if name is None or not self._folder.fits(spec, name):
            raise SearchAwayError(f"no usable {spec.kind} index")
        path = self._folder.path(name)
        stat = (path / "meta.json").stat()
        seen = (stat.st_mtime_ns, stat.st_ino)
        with self._lock:
            reader = self._readers.get(spec.kind)
            if reader is None or reader.name != name:
                index = tantivy.Index.open(str(path))
                index.config_reader("manual")
                reader = self._readers[spec.kind] = Reader(name, index, index.schema, seen, Vocabulary())
                index.reload()
            elif reader.seen != seen:
                reader.index.reload()
                reader.seen = seen
            reader.looked_at = time.monotonic()
            return reader, reader.index.searcher()

    @contextmanager
    def _looking_again(self, spec: IndexSpec) -> Iterator[None]:
        """What was changed inside is seen by the next search of this process at once."""
        try:
            yield
        finally:
            if (held := self._readers.get(spec.kind)) is not None:
                held.looked_at = 0.0

    @contextmanager
    def _guarded(self, spec: IndexSpec) -> Iterator[None]:
        """Turns what a damaged folder raises into SearchAwayError."""
        try:
            yield
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            self._damaged(spec, error)
        except BaseException as error:
            # A panic in the engine arrives as a BaseException of pyo3's own.
            if type(error).__name__ != "PanicException":
                raise
            self._damaged(spec, error)

    def _damaged(self, spec: IndexSpec, error: BaseException) -> None:
        with self._lock:
            self._readers.pop(spec.kind, None)
        log.error("search_index_failed", kind=spec.kind, error=f"{type(error).__name__}: {error}"[:300])
        raise SearchAwayError(f"{spec.kind}: {error}") from error

    def close(self) -> None:
        with self._lock:
            self._readers.clear()


# --- tantivy's own terms -----------------------------------------------------------------------------------


def _document(entry: Entry) -> tantivy.Document:
    held = tantivy.Document()
    held.add_text("id", str(entry.id))
    held.add_text("state", DEAD if entry.columns is None else LIVE)
    held.add_integer("revision", entry.revision)
    held.add_text("source", json.dumps(entry.source, ensure_ascii=False))
    for column, value in (entry.columns or {}).items():
        if isinstance(value, list):
            for each in value:
                held.add_text(column, each)
        elif isinstance(value, str):
            held.add_text(column, value)
        elif column.startswith("d_"):
            held.add_integer(column, value)
        else:
            held.add_float(column, value)
    return held


def _term(schema: Schema, column: str, value: Any) -> Query:
    return Query.term_query(schema, column, value, index_option="freq")


def _query(schema: Schema, clause: Clause) -> Query:
    if clause.op == "term":
        made = _term(schema, clause.column, clause.value)
    elif clause.op == "phrase":
        made = Query.phrase_query(schema, clause.column, list(clause.words), slop=1)
    elif not clause.parts:
        made = Query.empty_query()
    elif clause.op == "best":
        made = Query.disjunction_max_query([_query(schema, part) for part in clause.parts], 0.1)
    elif clause.op == "all":
        made = Query.boolean_query([(Occur.Must, _query(schema, part)) for part in clause.parts])
    else:
        parts = [(Occur.Should, _query(schema, part)) for part in clause.parts]
        made = Query.boolean_query(parts, minimum_number_should_match=min(clause.least, len(parts)))
    return made if clause.boost == 1.0 else Query.boost_query(made, clause.boost)


def _filters(schema: Schema, conditions: Sequence[Condition]) -> list[tuple[Occur, Query]]:
    made = [_term(schema, "state", LIVE), *(_condition(schema, condition) for condition in conditions)]
    return [(Occur.Must, Query.const_score_query(query, 0.0)) for query in made]


def _condition(schema: Schema, condition: Condition) -> Query:
    if condition.values is not None:
        if not condition.values:
            return Query.empty_query()
        if len(condition.values) > FEW:
            return Query.term_set_query(schema, condition.column, list(condition.values))
        # A set is turned into an automaton at each search, which costs as much as fifty terms.
        return Query.boolean_query(
            [(Occur.Should, _term(schema, condition.column, value)) for value in condition.values]
        )
    is_date = condition.column.startswith("d_")
    low = condition.gte if condition.gte is not None else condition.gt
    high = condition.lte if condition.lte is not None else condition.lt
    if low is None and high is None:
        return Query.all_query()
    return Query.range_query(
        schema,
        condition.column,
        FieldType.Integer if is_date else FieldType.Float,
        int(low) if is_date and low is not None else low,
        int(high) if is_date and high is not None else high,
        include_lower=low is None or condition.gte is not None,
        include_upper=high is None or condition.lte is not None,
    )


def _whole(reader: Reader, plan: Plan, conditions: Sequence[Condition]) -> Query:
    parts = _must(reader, plan, conditions)
    parts += [(Occur.Should, reader.query(clause)) for clause in plan.bonus]
    return Query.boolean_query(parts)


def _counted(reader: Reader, plan: Plan, conditions: Sequence[Condition]) -> Query:
    """Finds the same documents, without what only ranks them."""
    return Query.boolean_query(_must(reader, plan, conditions))


def _must(reader: Reader, plan: Plan, conditions: Sequence[Condition]) -> list[tuple[Occur, Query]]:
    wanted = reader.query(plan.must) if plan.must else Query.all_query()
    return [*_filters(reader.schema, conditions), (Occur.Must, wanted)]


def _ids(searcher: Searcher, addresses: list[tantivy.DocAddress]) -> list[tuple[UUID, dict[str, Any]]]:
    return [(UUID(str(searcher.doc(address).get_first("id"))), {}) for address in addresses]


def _documents(searcher: Searcher, addresses: list[tantivy.DocAddress]) -> list[tuple[UUID, dict[str, Any]]]:
    held = map(searcher.doc, addresses)
    return [(UUID(str(one.get_first("id"))), json.loads(str(one.get_first("source")))) for one in held]


def _is_held(
    schema: Schema, searcher: Searcher, column: str, token: str, allowed: list[tuple[Occur, Query]]
) -> bool:
    if not searcher.doc_freq(column, token):
        return False  # told by the dictionary alone
    query = Query.boolean_query([*allowed, (Occur.Must, _term(schema, column, token))])
    return bool(searcher.search(query, limit=1, count=False).hits)


def _revisions(searcher: Searcher, query: Query, limit: int) -> list[tuple[UUID, int]]:
    hits = searcher.search(query, limit=limit, count=False, order_by_field="id", order=Order.Asc).hits
    values = searcher.fast_field_values("revision", [address for _, address in hits])
    return [(UUID(str(key)), int(value or 0)) for (key, _), value in zip(hits, values, strict=True)]


def _held_revisions(schema: Schema, searcher: Searcher, ids: Sequence[UUID]) -> dict[UUID, int]:
    if not ids:
        return {}
    query = Query.term_set_query(schema, "id", [str(each) for each in ids])
    return dict(_revisions(searcher, query, len(ids)))
