"""Elasticsearch behind the same interface: aliases, external versions, short time-outs, a circuit breaker."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from elasticsearch import ApiError, Elasticsearch, NotFoundError, TransportError

from core.search import document, text
from core.search.breaker import CircuitBreaker
from core.search.elastic_terms import build_index, condition_filter, facet_parts, operations
from core.search.interface import (
    Answer,
    Condition,
    Entry,
    Found,
    IndexSpec,
    Plan,
    RebuildOvertakenError,
    SearchAwayError,
    SearchBusyError,
)

WRITE_SECONDS, ADMIN_SECONDS, KEEP_SHAPE_SECONDS = 10.0, 10.0, 15.0
# Queries under way still read the index that was just replaced; none of them lasts longer than this.
FAREWELL_SECONDS = 1.0
T = TypeVar("T")


class ElasticEngine:
    """`url` may carry user and password; `prefix` keeps installations apart in a shared cluster."""

    name = "elasticsearch"
    fill_size = 1000  # a request of a few megabytes

    def __init__(self, url: str, prefix: str, *, breaker: CircuitBreaker | None = None) -> None:
        # The breaker and the job table retry; the client must not, since it would exceed the time promised.
        self._client = Elasticsearch(
            url, max_retries=0, retry_on_timeout=False, request_timeout=WRITE_SECONDS
        )
        self._prefix = prefix
        self._breaker = breaker or CircuitBreaker()
        self._shapes: dict[str, tuple[float, bool]] = {}

    def alias(self, spec: IndexSpec) -> str:
        return f"{self._prefix}-{spec.kind}"

    def names(self, spec: IndexSpec) -> list[str]:
        """The indexes in use for a kind."""
        return self._behind(self.alias(spec), probe=False)

    def _building(self, spec: IndexSpec) -> str:
        return f"{self._prefix}-{spec.kind}--building"

    def _call(self, seconds: float, action: Callable[[Elasticsearch], T], *, probe: bool = True) -> T:
        """One call within `seconds`. Raises SearchAwayError for whatever keeps it from answering."""
        if probe and not self._breaker.allows():
            raise SearchAwayError("Elasticsearch did not answer lately")
        try:
            result = action(self._client.options(request_timeout=max(0.05, seconds)))
        except NotFoundError as error:
            self._breaker.succeeded()
            raise SearchAwayError(f"missing: {error.message}") from error
        except (ApiError, TransportError) as error:
            if probe:
                self._breaker.failed()
            raise SearchAwayError(f"{type(error).__name__}: {error}"[:300]) from error
        self._breaker.succeeded()
        return result

    # --- reading ---

    def search(self, spec: IndexSpec, plan: Plan, *, timeout: float) -> Answer:
        until = time.monotonic() + timeout
        self._check_shape(spec, timeout)
        query, after, aggregations = facet_parts(spec, plan)
        order: list[Any] = ["_score", {"id": "asc"}]
        if plan.sort:
            column, descending = plan.sort
            order = [{column: {"order": "desc" if descending else "asc", "missing": "_last"}}, {"id": "asc"}]
        answer = self._call(
            until - time.monotonic(),
            lambda client: client.search(
                index=self.alias(spec),
                query=query,
                post_filter=after,
                aggs=aggregations or None,
                sort=order,
                track_scores=plan.sort is None,
                size=plan.limit,
                from_=plan.offset,
                source=False if plan.only_ids else {"includes": ["source"]},
                track_total_hits=True,
                allow_partial_search_results=False,
            ),
        )
        found = [
            Found(
                UUID(hit["_id"]), float(hit.get("_score") or 0.0), hit.get("_source", {}).get("source") or {}
            )
            for hit in answer["hits"]["hits"]
        ]
        facets = {
            name: [
                (str(b["key"]), int(b["doc_count"]))
                for b in answer["aggregations"][name]["values"]["buckets"]
            ]
            for name in plan.facets
        }
        return Answer(found, int(answer["hits"]["total"]["value"]), facets)

    def corrections(
        self, spec: IndexSpec, words: Sequence[str], conditions: Sequence[Condition], *, timeout: float
    ) -> Mapping[str, Sequence[str]]:
        until = time.monotonic() + timeout
        doubtful = [word for word in words if text.edits(word)]
        if not doubtful:
            return {}
        held = self._held(
            spec, document.ALL, {word: text.stem(word) for word in doubtful}, conditions, timeout
        )
        missing = [word for word in doubtful if not held[word]]
        if not missing:
            return {}
        near = self._near(spec, missing, until - time.monotonic())
        candidates = {other: other for others in near.values() for other in others}
        if not candidates:
            return {}
        allowed = self._held(spec, document.WORDS, candidates, conditions, until - time.monotonic())
        kept = {word: [other for other in others if allowed[other]][:3] for word, others in near.items()}
        return {word: others for word, others in kept.items() if others}

    def _held(
        self,
        spec: IndexSpec,
        column: str,
        tokens: Mapping[str, str],
        conditions: Sequence[Condition],
        seconds: float,
    ) -> dict[str, bool]:
        """Which tokens occur in a document that passes the conditions."""
        asked = {str(at): {"term": {column: token}} for at, token in enumerate(tokens.values())}
        answer = self._call(
            seconds,
            lambda client: client.search(
                index=self.alias(spec),
                size=0,
                query={"bool": {"filter": [{"term": {"state": "live"}}, *map(condition_filter, conditions)]}},
                aggs={"held": {"filters": {"filters": asked}}},
                allow_partial_search_results=False,
            ),
        )
        buckets = answer["aggregations"]["held"]["buckets"]
        return {name: buckets[str(at)]["doc_count"] > 0 for at, name in enumerate(tokens)}

    def _near(self, spec: IndexSpec, words: Sequence[str], seconds: float) -> dict[str, list[str]]:
        suggest = {
            str(at): {
                "text": word,
                "term": {
                    "field": document.WORDS,
                    "analyzer": "whitespace",
                    "suggest_mode": "always",
                    "max_edits": text.edits(word),
                    "prefix_length": 0,
                    "size": 8,
                    "string_distance": "damerau_levenshtein",
                },
            }
            for at, word in enumerate(words)
        }
        answer = self._call(
            seconds, lambda client: client.search(index=self.alias(spec), size=0, suggest=suggest)
        )
        out: dict[str, list[str]] = {}
        for at, word in enumerate(words):
            options = [option for part in answer["suggest"][str(at)] for option in part["options"]]
            ranked = sorted(
                (
                    text.distance(word, option["text"], 2),
                    option["text"][0] != word[0],
                    -option["freq"],
                    option["text"],
                )
                for option in options
            )
            out[word] = [other for apart, *_, other in ranked if apart <= text.edits(word)]
        return out

    def listing(self, spec: IndexSpec, after: UUID | None, limit: int) -> Sequence[tuple[UUID, int]]:
        answer = self._call(
            ADMIN_SECONDS,
            lambda client: client.search(
                index=self.alias(spec),
                size=limit,
                query={"bool": {"filter": [{"term": {"state": "live"}}]}},
                sort=[{"id": "asc"}],
                search_after=[str(after)] if after else None,
                source={"includes": ["revision"]},
                allow_partial_search_results=False,
            ),
        )
        return [(UUID(hit["_id"]), int(hit["_source"]["revision"])) for hit in answer["hits"]["hits"]]

    def revisions(self, spec: IndexSpec, ids: Sequence[UUID]) -> Mapping[UUID, int]:
        if not ids:
            return {}
        answer = self._call(
            ADMIN_SECONDS,
            lambda client: client.mget(
                index=self.alias(spec), ids=[str(each) for each in ids], source=["revision"]
            ),
        )
        return {
            UUID(hit["_id"]): int(hit["_source"]["revision"]) for hit in answer["docs"] if hit.get("found")
        }

    def needs_rebuild(self, spec: IndexSpec) -> str | None:
        """Raises SearchAwayError when the server does not answer: nothing is known then."""
        names = self._behind(self.alias(spec), probe=False)
        self._shapes.pop(spec.kind, None)
        if not names:
            return "missing"
        return None if all(self._fits(spec, name) for name in names) else "shape"

    def _check_shape(self, spec: IndexSpec, seconds: float) -> None:
        checked, fits = self._shapes.get(spec.kind, (0.0, False))
        if not checked or not fits or time.monotonic() - checked > KEEP_SHAPE_SECONDS:
            names = self._behind(self.alias(spec), seconds)
            fits = bool(names) and all(self._fits(spec, name) for name in names)
            self._shapes[spec.kind] = (time.monotonic(), fits)
        if not fits:
            raise SearchAwayError(f"no usable {spec.kind} index")

    def _fits(self, spec: IndexSpec, name: str) -> bool:
        return name.startswith(f"{self._prefix}-{spec.kind}-{spec.fingerprint}-")

    def _behind(self, alias: str, seconds: float = ADMIN_SECONDS, *, probe: bool = True) -> list[str]:
        """The indexes that an alias names."""
        try:
            return sorted(
                self._call(seconds, lambda client: client.indices.get_alias(name=alias), probe=probe)
            )
        except SearchAwayError as error:
            if isinstance(error.__cause__, NotFoundError):
                return []
            raise

    def refresh(self, spec: IndexSpec) -> None:
        names = ",".join([*self._behind(self.alias(spec)), *self._behind(self._building(spec))])
        if names:
            self._call(ADMIN_SECONDS, lambda client: client.indices.refresh(index=names))

    def ping(self) -> bool:
        try:
            health = self._call(2.0, lambda client: client.cluster.health(), probe=False)
        except SearchAwayError:
            return False
        return bool(health["status"] != "red")

    # --- writing ---

    def write(self, spec: IndexSpec, entries: Sequence[Entry]) -> None:
        for _ in range(3):
            aliases = []
            for alias in (self.alias(spec), self._building(spec)):
                names = self._behind(alias, WRITE_SECONDS, probe=False)
                if names and all(self._fits(spec, name) for name in names):
                    aliases.append(alias)
            if not aliases:
                return
            # An index filled meanwhile may have taken the other's place between two writes: once more, then.
            if not self._bulk(aliases, entries):
                return
        raise SearchBusyError("the index changes all the time")

    def _bulk(self, targets: Sequence[str], entries: Sequence[Entry], *, aliases: bool = True) -> bool:
        """Writes; returns whether a target was gone. A conflict of versions is an older write: as wanted."""
        lines = [line for target in targets for line in operations(target, entries)]
        answer = self._call(
            WRITE_SECONDS,
            lambda client: client.bulk(operations=lines, require_alias=aliases, source=False),
            probe=False,
        )
        gone = False
        if answer["errors"]:
            for item in answer["items"]:
                told = item["index"]
                if told["status"] == 404:
                    gone = True
                elif told["status"] >= 300 and told["status"] != 409:
                    raise SearchBusyError(f"{told['error'].get('type')}: {told['error'].get('reason')}"[:300])
        return gone

    def begin_rebuild(self, spec: IndexSpec) -> str:
        building = self._building(spec)
        name = f"{self._prefix}-{spec.kind}-{spec.fingerprint}-{secrets.token_hex(6)}"
        settings, mappings = build_index(spec)
        self._call(
            ADMIN_SECONDS,
            lambda client: client.indices.create(
                index=name, settings=settings, mappings=mappings, aliases={building: {}}
            ),
            probe=False,
        )
        # Of two at once one removes the other's index, which then notices; what a crash left goes, too.
        for other in {*self._behind(building, probe=False), *self._unnamed(spec)} - {name}:
            self._drop(other)
        return name

    def _unnamed(self, spec: IndexSpec) -> list[str]:
        """Indexes of this kind that no alias names."""
        pattern = f"{self._prefix}-{spec.kind}-*"
        found = self._call(ADMIN_SECONDS, lambda client: client.indices.get_alias(index=pattern), probe=False)
        return [name for name, held in found.items() if not held["aliases"]]

    def fill(self, spec: IndexSpec, name: str, entries: Sequence[Entry]) -> None:
        if self._bulk([name], entries, aliases=False):
            raise RebuildOvertakenError(name)
        if name not in self._behind(self._building(spec), probe=False):
            # A bulk to a removed index may have made a new, shapeless one.
            self._drop(name)
            raise RebuildOvertakenError(name)

    def finish_rebuild(self, spec: IndexSpec, name: str) -> None:
        if name not in self._behind(self._building(spec), probe=False):
            raise RebuildOvertakenError(name)
        self._call(ADMIN_SECONDS, lambda client: client.indices.refresh(index=name), probe=False)
        alias = self.alias(spec)
        before = self._behind(alias, probe=False)
        actions: list[dict[str, Any]] = [{"remove": {"index": old, "alias": alias}} for old in before]
        actions.append({"add": {"index": name, "alias": alias}})
        actions.append({"remove": {"index": name, "alias": self._building(spec)}})
        self._call(ADMIN_SECONDS, lambda client: client.indices.update_aliases(actions=actions), probe=False)
        self._shapes.pop(spec.kind, None)
        if before:
            time.sleep(FAREWELL_SECONDS)
            for old in before:
                self._drop(old)

    def abandon_rebuild(self, spec: IndexSpec, name: str) -> None:
        self._drop(name)

    def _drop(self, name: str) -> None:
        self._call(
            ADMIN_SECONDS,
            lambda client: client.indices.delete(index=name, ignore_unavailable=True),
            probe=False,
        )

    def close(self) -> None:
        self._client.close()
