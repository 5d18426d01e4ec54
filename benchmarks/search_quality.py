"""How well and how fast search answers questions: FAQ retrieval (StackFAQ) and question to paragraph (XQuAD).

    python -m benchmarks.search_quality [--data ../shared/data] [--match any|auto]

Without the data it says so and ends well. RAPPORT_TEST_ELASTICSEARCH_URL adds the same run on Elasticsearch.
"""

from __future__ import annotations

import argparse
import json
import lzma
import math
import os
import resource
import secrets
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.search import Document, FieldSpec, IndexSpec, SearchQuery, SearchResult, search
from core.search.document import prepare
from core.search.elastic_engine import ElasticEngine
from core.search.engines import use_engine
from core.search.interface import Engine, forget, register
from core.search.tantivy_engine import TantivyEngine

KIND = "benchmark"
SPEC = IndexSpec(
    kind=KIND,
    fields=(FieldSpec("title", boost=2, suggest=True), FieldSpec("text")),
    build=lambda _session, _ids: (),
    ids=lambda _session, _after, _limit: (),
    fallback=lambda _session, _query: SearchResult([], 0),
)


@dataclass(frozen=True)
class Collection:
    name: str
    documents: dict[str, dict[str, str]]
    queries: dict[str, str]
    relevant: dict[str, set[str]]


def _lines(path: Path) -> Iterator[Any]:
    with lzma.open(path, "rt", encoding="utf-8") as handle:
        for line in handle:
            yield json.loads(line)


def read(folder: Path) -> Collection:
    documents = {line["_id"]: line for line in _lines(folder / "corpus.jsonl.xz")}
    queries = {line["_id"]: line["text"] for line in _lines(folder / "queries.jsonl.xz")}
    relevant: dict[str, set[str]] = {}
    with lzma.open(folder / "qrels.tsv.xz", "rt", encoding="utf-8") as handle:
        next(handle)
        for line in handle:
            query, document, score = line.split("\t")
            if int(score) > 0:
                relevant.setdefault(query, set()).add(document)
    return Collection(
        folder.name, documents, {key: queries[key] for key in queries if key in relevant}, relevant
    )


def measure(collection: Collection, engine: Engine, match: Any) -> dict[str, float]:
    """P@5, MAP (first 100) and nDCG@10, the means over queries; milliseconds of a query, median and 95 %."""
    ids = {uuid.uuid5(uuid.NAMESPACE_OID, key): key for key in collection.documents}
    name = engine.begin_rebuild(SPEC)
    begun = time.perf_counter()
    # XQuAD's titles name an article of many paragraphs and are no part of its published protocol.
    entries = [
        prepare(
            SPEC,
            Document(
                row_id, 1, {"title": _title(collection, key), "text": collection.documents[key]["text"]}
            ),
        )
        for row_id, key in ids.items()
    ]
    engine.fill(SPEC, name, entries)
    engine.finish_rebuild(SPEC, name)
    engine.refresh(SPEC)
    filled = time.perf_counter() - begun
    precision = average = gained = 0.0
    times: list[float] = []
    degraded = 0
    for key, text in collection.queries.items():
        moment = time.perf_counter()
        result = search(None, SearchQuery(KIND, text, limit=100, match=match, highlight=False))  # type: ignore[arg-type]
        times.append(time.perf_counter() - moment)
        degraded += result.degraded
        ranks = [rank for rank, hit in enumerate(result.hits, 1) if ids[hit.id] in collection.relevant[key]]
        count = len(collection.relevant[key])
        precision += sum(rank <= 5 for rank in ranks) / 5
        average += sum(found / rank for found, rank in enumerate(ranks, 1)) / count
        ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(count, 10) + 1))
        gained += sum(1 / math.log2(rank + 1) for rank in ranks if rank <= 10) / ideal
    times.sort()
    total = len(collection.queries)
    return {
        "P@5": precision / total,
        "MAP": average / total,
        "nDCG@10": gained / total,
        "median ms": times[total // 2] * 1000,
        "p95 ms": times[int(total * 0.95)] * 1000,
        "fill s": filled,
        "degraded": degraded,
    }


def _title(collection: Collection, key: str) -> str | None:
    return None if collection.name.startswith("xquad") else collection.documents[key]["title"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--match", choices=["any", "auto"], default="any")
    given = parser.parse_args()
    folders = [given.data / name for name in ("stackfaq", "xquad_en")]
    missing = [str(folder) for folder in folders if not (folder / "corpus.jsonl.xz").exists()]
    if missing:
        print(f"search_quality: skipped, as there is no data in {', '.join(missing)}")
        return
    register(SPEC)
    url = os.environ.get("RAPPORT_TEST_ELASTICSEARCH_URL", "")
    if not url:
        print("search_quality: Elasticsearch skipped, as RAPPORT_TEST_ELASTICSEARCH_URL is not set")
    with tempfile.TemporaryDirectory() as home:
        engines: list[Any] = [TantivyEngine(Path(home))]
        if url:
            engines.append(ElasticEngine(url, f"rapport-bench-{secrets.token_hex(4)}"))
        for folder in folders:
            collection = read(folder)
            for engine in engines:
                use_engine(engine)
                told = measure(collection, engine, given.match)
                figures = "  ".join(f"{name} {value:.3f}" for name, value in told.items())
                print(f"{collection.name:10} {engine.name:14} {given.match}: {figures}")
        for engine in engines:
            if isinstance(engine, ElasticEngine):
                for alias in engine.names(SPEC):
                    engine.abandon_rebuild(SPEC, alias)
            engine.close()
    print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    use_engine(None)
    forget(KIND)


if __name__ == "__main__":
    main()
