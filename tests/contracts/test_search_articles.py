"""Articles on both engines: found in spite of mistakes, across languages and scripts, for their readers only."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch
from sqlalchemy.orm import Session

from core.search import get_engine, get_spec, index_ids, rebuild
from core.search.elastic_engine import ElasticEngine
from core.search.engines import use_engine
from core.search.tantivy_engine import TantivyEngine
from knowledge_base.models import Article
from knowledge_base.queries import browse
from knowledge_base.services import unpublish
from knowledge_base.suggestions import suggest
from tests.conftest import service_url
from tests.factories.articles import EDITOR, READERS, make_article


@pytest.fixture(params=["embedded", "elasticsearch"])
def articles(
    request: pytest.FixtureRequest, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, Article]]:
    monkeypatch.setattr("core.search.querying.ENGINE_SECONDS", 10.0)
    url = service_url("elasticsearch") if request.param == "elasticsearch" else ""
    prefix = f"rapport-test-{secrets.token_hex(4)}"
    engine: Any = ElasticEngine(url, prefix) if url else TantivyEngine(tmp_path / "search")
    use_engine(engine)
    try:
        made = _write(session)
        rebuild("article")
        engine.refresh(get_spec("article"))
        yield made
    finally:
        use_engine(None)
        engine.close()
        if url:
            with Elasticsearch(url, request_timeout=10) as client:
                for name in client.indices.get(index=f"{prefix}-*").body:
                    client.indices.delete(index=name)


CHINESE = {
    "zh-Hant": ("義式咖啡機除垢", "請準備兩公升清水，更換濾網。"),
    "zh-Hans": ("意式咖啡机除垢", "请准备两升清水，更换滤网。"),
}


def _write(session: Session) -> dict[str, Article]:
    body = "Two litres of water.\n\n## Rinse\n\nTwice."
    return {
        "descale": make_article(
            session, "Descale your espresso machine", slug="descale", body=body, others=CHINESE
        ),
        "refund": make_article(
            session,
            "When do I get my money back?",
            slug="refund",
            shelf="returns",
            kind="faq",
            body="After ten days.",
        ),
        "dealers": make_article(
            session, "Descale prices for dealers", slug="dealers", audience="partners", shelf="partners"
        ),
        "draft": make_article(session, "Descale draft", slug="draft", is_published=False),
    }


def _slugs(session: Session, text: str, reader: str = "public", locale: str = "en", **more: Any) -> list[str]:
    found = browse(session, actor=READERS[reader], locale=locale, text=text, **more)
    assert not found.is_degraded
    assert found.total == len(found.cards)
    return [card.slug for card in found.cards]


def test_found_in_spite_of_mistakes_and_in_either_script(
    session: Session, articles: dict[str, Article]
) -> None:
    assert (
        _slugs(session, "descale")
        == _slugs(session, "descalling")
        == _slugs(session, "esspresso")
        == ["descale"]
    )
    assert _slugs(session, "濾網") == _slugs(session, "滤网") == ["descale"]
    assert _slugs(session, "refund") == ["refund"]  # a synonym
    assert _slugs(session, "desc", is_typing=True) == ["descale"]
    assert _slugs(session, "zeppelin") == []


def test_marks_stand_in_the_readers_own_language(session: Session, articles: dict[str, Article]) -> None:
    def card(text: str, locale: str) -> tuple[str, str, str]:
        found = browse(session, actor=READERS["public"], locale=locale, text=text).cards[0]
        return found.locale, str(found.title), str(found.excerpt)

    assert card("除垢", "zh-Hans")[:2] == ("zh-Hans", "意式咖啡机<mark>除垢</mark>")
    assert card("滤网", "zh-Hant") == (
        "zh-Hant",
        "義式咖啡機除垢",
        "請準備兩公升清水，更換<mark>濾網</mark>。",
    )
    assert card("descale", "en")[:2] == ("en", "<mark>Descale</mark> your espresso machine")
    assert card("money", "zh-Hant")[:2] == ("en", "When do I get my <mark>money</mark> back?")


def test_audience_filters_and_counts(session: Session, articles: dict[str, Article]) -> None:
    assert _slugs(session, "descale", "customers") == ["descale"]
    assert set(_slugs(session, "descale", "partners")) == {"descale", "dealers"}
    assert _slugs(session, "descale", "partners", category="partners") == ["dealers"]
    assert _slugs(session, "money", kind="faq") == ["refund"]
    assert _slugs(session, "money", kind="article") == []
    counts = {
        reader: browse(session, actor=READERS[reader], locale="en", text="descale").counts
        for reader in ("public", "partners")
    }
    assert counts == {"public": {"cleaning": 1}, "partners": {"cleaning": 1, "partners": 1}}
    offers = suggest(
        session, actor=READERS["public"], text="My machine wants to be descaled, what now?", locale="en"
    )
    assert [offer.slug for offer in offers] == ["descale"]
    assert (offers[0].title, offers[0].url) == ("Descale your espresso machine", "/help/descale")


def test_what_is_taken_back_leaves_the_index(session: Session, articles: dict[str, Article]) -> None:
    unpublish(session, actor=EDITOR, article_id=articles["refund"].id, locale="en")
    index_ids("article", [articles["refund"].id])
    get_engine().refresh(get_spec("article"))
    assert _slugs(session, "money") == []
    unpublish(session, actor=EDITOR, article_id=articles["descale"].id, locale="zh-Hans")
    index_ids("article", [articles["descale"].id])
    get_engine().refresh(get_spec("article"))
    assert _slugs(session, "濾網") == ["descale"]
    assert _slugs(session, "升清水", locale="zh-Hans") == ["descale"]
