"""Check 19 on help articles: what a reader may not see is nowhere, with the engine there and away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from core.actor import ANONYMOUS
from core.search import rebuild
from core.search.engines import use_engine
from core.search.tantivy_engine import TantivyEngine
from knowledge_base.queries import browse
from knowledge_base.services import Words, save_draft, save_settings, unpublish
from knowledge_base.settings import Settings
from knowledge_base.suggestions import suggest
from tests.factories.articles import EDITOR, READERS, make_article, make_shelf
from tests.factories.goods import make_category, make_product
from tests.factories.people import make_customer, make_staff, make_user, sign_in

MARK = "quarzmarke"
HIDDEN = {
    "visitor": ("customers", "partners", "staff", "draft", "withdrawn", "second"),
    "customer": ("partners", "staff", "draft", "withdrawn", "second"),
    "partner": ("staff", "draft", "withdrawn", "second"),
    "staff": ("draft", "withdrawn", "second"),
}


@pytest.fixture(params=["engine", "engine away"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TantivyEngine]:
    found = TantivyEngine(tmp_path / "search")
    use_engine(found)
    found.is_there = request.param == "engine"  # type: ignore[attr-defined]
    yield found
    use_engine(None)
    found.close()


def _fill(session: Session) -> str:
    """A public article that points at hidden ones, all about one product; returns the product's page."""
    product = make_product(
        session, slug="the-machine", names={"en": "Tray machine"}, category=make_category(session)
    )
    about = {"skus": [product.sku]}
    for audience in ("customers", "partners", "staff"):
        make_article(
            session, f"Tray {MARK}{audience}", slug=f"{MARK}-{audience}", body=f"{MARK}{audience} body", tags=(f"{MARK}{audience}",),
            audience=audience, shelf=f"shelf-{MARK}-{audience}" if audience == "staff" else "cleaning", kind="faq", **about,
        )  # fmt: skip
    make_article(
        session,
        f"Tray {MARK}draft",
        slug=f"{MARK}-draft",
        is_published=False,
        shelf=f"shelf-{MARK}-draft",
        **about,
    )
    gone = make_article(session, f"Tray {MARK}withdrawn", slug=f"{MARK}-withdrawn", **about)
    unpublish(session, actor=EDITOR, article_id=gone.id, locale="en")
    changed = make_article(session, "Tray public", slug="public", **about)
    words = Words(f"Tray {MARK}second", f"{MARK}second", f"{MARK}second")
    save_draft(session, actor=EDITOR, article_id=changed.id, locale="en", words=words, base=1)
    save_draft(session, actor=EDITOR, article_id=changed.id, locale="zh-Hant", words=words, base=0)
    slugs = [f"{MARK}-{name}" for name in ("customers", "partners", "staff", "draft", "withdrawn")]
    save_settings(
        session, actor=EDITOR, article_id=changed.id, version=1,
        settings=Settings(make_shelf(session).id, related=slugs, skus=[product.sku]),
    )  # fmt: skip
    return "/product/the-machine"


def test_the_mark_of_what_is_hidden_is_nowhere(
    client: FlaskClient, session: Session, engine: TantivyEngine
) -> None:
    product_page = _fill(session)
    if engine.is_there:  # type: ignore[attr-defined]
        rebuild("article")
    people = {
        "visitor": None, "customer": make_customer(session), "partner": make_user(session, kind="partner"),
        "staff": make_staff(session, "agent"),
    }  # fmt: skip
    addresses = [
        ("/help", {}), ("/help/public", {}), ("/help/public", {"lang": "zh-Hant"}), (product_page, {}), ("/help/search", {}),
        ("/help/search", {"kind": "faq"}),
    ]  # fmt: skip
    for text in ("tray", "body", MARK, f"{MARK}staff", f"{MARK}draft", f"{MARK}second"):
        for path in ("/help/search", "/help/suggestions", "/search", "/search/suggest"):
            addresses.append((path, {"q": text}))
    seen: dict[str, set[str]] = {}
    for name, user in people.items():
        browser = client.application.test_client()
        if user is not None:
            sign_in(browser, user)
        for path, query in addresses:
            answer = browser.get(path, query_string=query)
            assert answer.status_code == 200, (name, path)
            typed = query.get("q", "")
            told = answer.text.replace(typed, "") if MARK in typed else answer.text
            for hidden in HIDDEN[name]:
                assert f"{MARK}{hidden}" not in told, (name, path, query, hidden)
                assert f"{MARK}-{hidden}" not in told, (name, path, query, hidden)
            seen.setdefault(name, set()).update(
                audience for audience in ("customers", "partners", "staff") if f"{MARK}-{audience}" in told
            )
        for hidden in ("customers", "partners", "staff", "draft", "withdrawn"):
            expected = 404 if hidden in HIDDEN[name] else 200
            assert browser.get(f"/help/{MARK}-{hidden}").status_code == expected, (name, hidden)
    assert seen == {
        "visitor": set(), "customer": {"customers"}, "partner": {"customers", "partners"},
        "staff": {"customers", "partners", "staff"},
    }  # fmt: skip


def test_counts_corrections_and_suggestions_tell_nothing(session: Session, engine: TantivyEngine) -> None:
    _fill(session)
    if engine.is_there:  # type: ignore[attr-defined]
        rebuild("article")
    for name, actor in READERS.items():
        allowed = {"public": 1, "customers": 2, "partners": 3, "staff": 4}[name]
        found = browse(session, actor=actor, locale="en", text="tray")
        assert found.is_degraded is not engine.is_there  # type: ignore[attr-defined]
        assert (found.total, sum(found.counts.values())) == (allowed, allowed)
        assert len(suggest(session, actor=actor, text="the tray is full", locale="en", limit=10)) == allowed
    mistyped = browse(session, actor=ANONYMOUS, locale="en", text=f"{MARK[:-1]}staff")
    assert (mistyped.total, mistyped.suggestion, list(mistyped.cards)) == (0, None, [])


def test_an_index_that_lags_behind_shows_nothing_that_was_hidden_since(
    session: Session, tmp_path: Path
) -> None:
    found = TantivyEngine(tmp_path / "search")
    use_engine(found)
    try:
        article = make_article(session, f"Tray {MARK}", body=MARK)
        rebuild("article")
        assert browse(session, actor=ANONYMOUS, locale="en", text="tray").total == 1
        save_settings(
            session, actor=EDITOR, article_id=article.id, version=1,
            settings=Settings(article.category_id, audience="staff"),
        )  # fmt: skip
        late = browse(session, actor=ANONYMOUS, locale="en", text="tray")
        assert (late.is_degraded, late.total, list(late.cards)) == (False, 0, [])
        assert suggest(session, actor=ANONYMOUS, text="the tray", locale="en") == []
    finally:
        use_engine(None)
        found.close()
