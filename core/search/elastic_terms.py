"""Plans and documents in Elasticsearch's own terms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.search import document
from core.search.interface import MOST_LIMIT, MOST_OFFSET, Clause, Condition, Entry, IndexSpec, Plan

FACET_VALUES = 50
Body = dict[str, Any]


def build_index(spec: IndexSpec) -> tuple[Body, Body]:
    """Settings and mappings. Tokens come prepared, so blanks part them; only core modules are needed."""
    tokens: Body = {"type": "text", "analyzer": "whitespace", "index_options": "freqs"}
    flat: Body = {**tokens, "index_options": "docs", "norms": False}
    properties: dict[str, Body] = {
        "id": {"type": "keyword"},
        "state": {"type": "keyword"},
        "revision": {"type": "long"},
        "source": {"type": "object", "enabled": False},
        document.ALL: tokens,
        **dict.fromkeys(
            (document.WORDS, document.BEGINNINGS, document.CODES, document.CODE_BEGINNINGS), flat
        ),
    }
    for field in spec.fields:
        kinds: dict[str, Body] = {
            "text": {"type": "text", "analyzer": "whitespace"},
            "number": {"type": "double"},
            "date": {"type": "long"},
        }
        properties[document.column(field)] = kinds.get(field.type, {"type": "keyword"})
    settings: Body = {
        "number_of_shards": 1,
        "auto_expand_replicas": "0-1",
        "refresh_interval": "1s",
        "max_result_window": MOST_OFFSET + MOST_LIMIT,
    }
    return settings, {"dynamic": "strict", "properties": properties}


def operations(target: str, entries: Sequence[Entry]) -> list[Body]:
    """Lines of a bulk request. What is gone is written as dead, so that a late older write finds it newer."""
    lines: list[Body] = []
    for entry in entries:
        lines.append(
            {
                "index": {
                    "_index": target,
                    "_id": str(entry.id),
                    "version": entry.revision,
                    "version_type": "external_gte",
                }
            }
        )
        lines.append(
            {
                "id": str(entry.id),
                "revision": entry.revision,
                "state": "dead" if entry.columns is None else "live",
                "source": dict(entry.source),
                **(entry.columns or {}),
            }
        )
    return lines


def query_of(clause: Clause) -> Body:
    if clause.op == "term":
        return {"term": {clause.column: {"value": clause.value, "boost": clause.boost}}}
    if clause.op == "phrase":
        phrase = {"query": " ".join(clause.words), "slop": 1, "boost": clause.boost}
        return {"match_phrase": {clause.column: phrase}}
    if not clause.parts:
        return {"match_none": {}}
    parts = [query_of(part) for part in clause.parts]
    if clause.op == "best":
        return {"dis_max": {"queries": parts, "tie_breaker": 0.1, "boost": clause.boost}}
    if clause.op == "all":
        return {"bool": {"must": parts, "boost": clause.boost}}
    least = min(clause.least, len(parts))
    return {"bool": {"should": parts, "minimum_should_match": least, "boost": clause.boost}}


def condition_filter(condition: Condition) -> Body:
    if condition.values is not None:
        return {"terms": {condition.column: list(condition.values)}}
    bounds = {
        key: value for key in ("gte", "gt", "lte", "lt") if (value := getattr(condition, key)) is not None
    }
    return {"range": {condition.column: bounds}} if bounds else {"match_all": {}}


def facet_parts(spec: IndexSpec, plan: Plan) -> tuple[Body, Body | None, dict[str, Body]]:
    """(query, post filter, aggregations): each facet is counted without its own filter."""
    late = [condition for condition in plan.conditions if condition.field in plan.facets]
    early = [condition for condition in plan.conditions if condition.field not in plan.facets]
    query: Body = {"bool": {"filter": [{"term": {"state": "live"}}, *map(condition_filter, early)]}}
    query["bool"]["must"] = [query_of(plan.must)] if plan.must else [{"match_all": {}}]
    query["bool"]["should"] = [query_of(clause) for clause in plan.bonus]
    aggregations: dict[str, Body] = {}
    for name in plan.facets:
        others = [condition_filter(condition) for condition in late if condition.field != name]
        terms = {
            "field": document.column(spec.field(name)),
            "size": FACET_VALUES,
            "order": [{"_count": "desc"}, {"_key": "asc"}],
        }
        aggregations[name] = {"filter": {"bool": {"filter": others}}, "aggs": {"values": {"terms": terms}}}
    after = {"bool": {"filter": list(map(condition_filter, late))}} if late else None
    return query, after, aggregations
