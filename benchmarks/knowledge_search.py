"""Knowledge search end to end against the raw engine call: what scoping, rows and marks cost on top of finding.

    python -m benchmarks.knowledge_search [--articles 2000] [--rounds 5]

Fills an empty SQLite database of its own (or the one of RAPPORT_DATABASE_URL, which must be empty) with articles made
of the demo's texts and asks, in turn, the same questions of the engine alone and of the service that pages call.
RAPPORT_TEST_ELASTICSEARCH_URL adds the same on Elasticsearch.
"""

from __future__ import annotations

import argparse
import os
import random
import secrets
import statistics
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

HOME = tempfile.mkdtemp(prefix="rapport-bench-")
os.environ.setdefault("RAPPORT_HOME", HOME)

from sqlalchemy import insert  # noqa: E402 - the home above must be known before any of this is read
from sqlalchemy.orm import Session  # noqa: E402

import app.jobs  # noqa: E402, F401 - registers the kinds
from app import migrate  # noqa: E402
from app.demo.articles import load_articles, load_categories  # noqa: E402
from core import clock  # noqa: E402
from core.actor import ANONYMOUS, Actor  # noqa: E402
from core.search import SearchQuery, get_spec, rebuild  # noqa: E402
from core.search.elastic_engine import ElasticEngine  # noqa: E402
from core.search.engines import use_engine  # noqa: E402
from core.search.interface import Engine, Plan  # noqa: E402
from core.search.plan import mean, plan  # noqa: E402
from core.search.querying import lexicon_of  # noqa: E402
from core.search.tantivy_engine import TantivyEngine  # noqa: E402
from core.search.text import fold  # noqa: E402
from core.search.words import ask  # noqa: E402
from core.telemetry import configure_logging  # noqa: E402
from core.transaction import reading, transaction  # noqa: E402
from knowledge_base.audience import audiences_of  # noqa: E402
from knowledge_base.markdown import plain_text  # noqa: E402
from knowledge_base.models import Article, ArticleCategory, ArticleText, ArticleVersion  # noqa: E402
from knowledge_base.queries import PAGE, browse  # noqa: E402

QUESTIONS = (
    ("descale", "en"), ("red light", "en"), ("return window", "en"), ("water filter cartridge", "en"),
    ("how long does a refund take", "en"), ("濾網", "zh-Hant"), ("滤网更换", "zh-Hans"), ("發票 統一編號", "zh-Hant"),
)  # fmt: skip
READERS = (ANONYMOUS, Actor(kind="customer", user_id=uuid.UUID(int=1)))


def fill(session: Session, count: int) -> None:
    """`count` articles in three languages; each repeats one of the demo's under another name."""
    shelves = {category.key: uuid.uuid4() for category in load_categories()}
    session.execute(
        insert(ArticleCategory),
        [
            {"id": key, "slug": slug, "names": {"en": slug}, "summaries": {}, "position": 0}
            for slug, key in shelves.items()
        ],
    )
    sources, now, dice = load_articles(), clock.now(), random.Random(7)
    articles: list[dict[str, Any]] = []
    versions: list[dict[str, Any]] = []
    texts: list[dict[str, Any]] = []
    for number in range(count):
        source, article_id, words = sources[number % len(sources)], uuid.uuid4(), []
        for locale, text in source.texts.items():
            paragraphs = text.body.split("\n\n")
            body = "\n\n".join(dice.sample(paragraphs, max(1, len(paragraphs) * 2 // 3)))
            version = {
                "id": uuid.uuid4(), "article_id": article_id, "locale": locale, "number": 1, "title": f"{text.title} {number}"[:120],
                "summary": text.summary, "body": body, "tags": list(text.tags), "author_name": "", "created_at": now,
            }  # fmt: skip
            versions.append(version)
            texts.append(
                {
                    "article_id": article_id, "locale": locale, "latest_id": version["id"], "published_id": version["id"],
                    "published_at": now,
                }
            )  # fmt: skip
            words += [version["title"], text.summary, plain_text(body)]
        articles.append(
            {
                "id": article_id, "slug": f"{source.slug}-{number}", "category_id": shelves[source.category], "kind": source.kind,
                "audience": source.audience, "is_live": True, "search_text": fold(" ".join(words)), "revision": 1,
                "created_at": now, "updated_at": now,
            }
        )  # fmt: skip
    for table, rows in ((Article, articles), (ArticleVersion, versions), (ArticleText, texts)):
        session.execute(insert(table), rows)


def _seconds(call: Any) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def measure(engine: Engine, rounds: int) -> dict[str, float]:
    """Milliseconds: the engine alone, the service; medians and 95 %. Both are asked in turn."""
    spec = get_spec("article")
    raw: list[float] = []
    whole: list[float] = []
    degraded = 0
    plans: dict[tuple[str, str, Actor], Plan] = {}  # kept, as the service keeps what words mean
    with reading() as session:
        for turn in range(rounds + 1):
            for text, locale in QUESTIONS:
                for who in READERS:
                    query = SearchQuery(
                        kind="article",
                        text=text,
                        audience=audiences_of(who),
                        limit=PAGE,
                        facets=["category"],
                        locale=locale,
                    )
                    if (text, locale, who) not in plans:
                        asked = ask(text, lexicon_of(session, spec), prefix=False)
                        plans[text, locale, who] = plan(spec, query, mean(spec, query, asked, {}))
                    prepared = plans[text, locale, who]
                    alone = _seconds(lambda prepared=prepared: engine.search(spec, prepared, timeout=5.0))
                    begun = time.perf_counter()
                    found = browse(session, actor=who, locale=locale, text=text)
                    taken = time.perf_counter() - begun
                    if turn:  # the first turn warms both
                        raw.append(alone * 1000)
                        whole.append(taken * 1000)
                        degraded += found.is_degraded
    return {
        "engine ms": statistics.median(raw),
        "service ms": statistics.median(whole),
        "ratio": statistics.median(whole) / statistics.median(raw),
        "service p95 ms": statistics.quantiles(whole, n=20)[-1],
        "degraded": degraded,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    configure_logging("WARNING")
    migrate.upgrade()
    with transaction() as session:
        fill(session, given.articles)
    url = os.environ.get("RAPPORT_TEST_ELASTICSEARCH_URL", "")
    if not url:
        print("knowledge_search: Elasticsearch skipped, as RAPPORT_TEST_ELASTICSEARCH_URL is not set")
    engines: list[Any] = [TantivyEngine(Path(HOME) / "bench")]
    if url:
        engines.append(ElasticEngine(url, f"rapport-bench-{secrets.token_hex(4)}"))
    for engine in engines:
        use_engine(engine)
        filled = _seconds(lambda: rebuild("article"))
        engine.refresh(get_spec("article"))
        told = measure(engine, given.rounds)
        figures = "  ".join(f"{name} {value:.2f}" for name, value in told.items())
        print(f"{engine.name:14} {given.articles} articles in 3 languages: {figures}  fill s {filled:.1f}")
        if isinstance(engine, ElasticEngine):
            for name in engine.names(get_spec("article")):
                engine.abandon_rebuild(get_spec("article"), name)
        engine.close()
        use_engine(None)


if __name__ == "__main__":
    main()
