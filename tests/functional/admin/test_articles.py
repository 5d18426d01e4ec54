"""Editors write, look, publish, plan, take back and restore; others of the staff read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.db.engine import new_session
from knowledge_base.models import Article, ArticleCategory, ArticleText
from tests.factories.articles import make_article, make_shelf
from tests.factories.goods import make_product
from tests.factories.people import make_customer, make_staff, sign_in
from tests.factories.web import post


@pytest.fixture
def session() -> Iterator[Session]:
    """For preparing and looking: it holds no transaction around the requests, some of which are refused."""
    found = new_session(write=True)
    yield found
    found.close()


@pytest.fixture
def desk(client: FlaskClient, session: Session) -> FlaskClient:
    """A client signed in as an editor."""
    return sign_in(client, make_staff(session, "editor", name="Content editor"))


def _text(session: Session, article: Article, locale: str = "en") -> ArticleText:
    return session.scalars(
        select(ArticleText)
        .where(ArticleText.article_id == article.id, ArticleText.locale == locale)
        .execution_options(populate_existing=True)
    ).one()


def _save(desk: FlaskClient, article: Article, base: int, **data: str) -> int:
    sent = {"locale": "en", "base": str(base), "title": "Title", "body": "Body.", "action": "save", **data}
    return post(desk, f"/staff/articles/{article.id}/text", sent).status_code


def test_from_a_new_article_to_a_published_one(desk: FlaskClient, session: Session) -> None:
    shelf = make_shelf(session)
    answer = post(
        desk, "/staff/articles/new",
        {"locale": "zh-Hant", "title": "清空滴水盤", "body": "請拉出。", "tags": "清潔，滴水盤、 清潔", "category_id": str(shelf.id),
         "kind": "faq", "audience": "customers", "slug": "empty-the-tray"},
    )  # fmt: skip
    assert answer.status_code == 303
    article = session.scalars(select(Article).where(Article.slug == "empty-the-tray")).one()
    assert (article.kind, article.audience, article.is_live) == ("faq", "customers", False)
    assert _text(session, article, "zh-Hant").latest.tags == ["清潔", "滴水盤"]
    assert desk.get("/help/empty-the-tray").status_code == 404
    assert _save(desk, article, 1, locale="zh-Hant", title="清空滴水盤", action="publish") == 303
    page = desk.get("/help/empty-the-tray").text
    assert "清空滴水盤" in page
    assert desk.application.test_client().get("/help/empty-the-tray").status_code == 404
    listed = desk.get("/staff/articles?missing=en").text
    assert "empty-the-tray" in listed


def test_a_draft_changes_nothing_for_readers(desk: FlaskClient, session: Session) -> None:
    article = make_article(session, "Old title")
    assert _save(desk, article, 1, title="New title") == 303
    assert "Old title" in desk.get(f"/help/{article.slug}").text
    page = desk.get(f"/staff/articles/{article.id}").text
    assert "Readers see version 1." in page
    assert 'value="New title"' in page
    assert "Published, newer draft" in desk.get("/staff/articles?state=changed").text


def test_the_preview_is_what_readers_would_see(desk: FlaskClient, session: Session) -> None:
    part = post(desk, "/staff/articles/preview", {"body": "## Step\n\n<script>x</script>"}).text
    assert '<h2 id="s-step">Step</h2>' in part
    assert "<script>x" not in part
    assert "<html" not in part
    article = make_article(session, "Title")
    whole = post(
        desk, f"/staff/articles/{article.id}/text",
        {"locale": "en", "base": "1", "title": "Typed", "body": "**strong**", "action": "preview"},
    )  # fmt: skip
    assert whole.status_code == 200
    assert "<strong>strong</strong>" in whole.text
    assert 'value="Typed"' in whole.text
    assert _text(session, article).latest.number == 1


def test_two_editors_nothing_typed_is_lost(desk: FlaskClient, session: Session) -> None:
    article = make_article(session, "Title")
    assert _save(desk, article, 1, body="Theirs.") == 303
    answer = post(
        desk, f"/staff/articles/{article.id}/text",
        {"locale": "en", "base": "1", "title": "Title", "body": "Mine.", "action": "publish"},
    )  # fmt: skip
    assert answer.status_code == 409
    assert "saved version 2 while you were writing" in answer.text
    assert "Mine." in answer.text
    assert re.search(r'name="base"[^>]*value="2"', answer.text)
    assert _text(session, article).latest.body == "Theirs."
    assert _save(desk, article, 2, body="Mine.") == 303
    assert _text(session, article).latest.body == "Mine."


def test_planned_called_off_and_taken_back(desk: FlaskClient, session: Session) -> None:
    article = make_article(session, is_published=False)
    later = (clock.now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    assert _save(desk, article, 1, action="publish", publish_at=later) == 303
    assert _text(session, article).publish_at is not None
    assert "Scheduled" in desk.get(f"/staff/articles/{article.id}").text
    assert post(desk, f"/staff/articles/{article.id}/call-off", {"locale": "en"}).status_code == 303
    assert _text(session, article).publish_at is None
    assert _save(desk, article, 2, action="publish", publish_at="2001-01-01T00:00") == 422
    assert _save(desk, article, 2, action="publish", publish_at="tomorrow") == 422
    assert _save(desk, article, 2, action="publish") == 303
    assert desk.get(f"/help/{article.slug}").status_code == 200
    assert post(desk, f"/staff/articles/{article.id}/unpublish", {"locale": "en"}).status_code == 303
    assert desk.get(f"/help/{article.slug}").status_code == 404
    assert post(desk, f"/staff/articles/{article.id}/unpublish", {"locale": "xx"}).status_code == 404


def test_versions_are_compared_and_restored(desk: FlaskClient, session: Session) -> None:
    article = make_article(session, "Title", body="Same line.\nOld line.", summary="")
    _save(desk, article, 1, body="Same line.\nNew line.")
    page = desk.get(f"/staff/articles/{article.id}/versions/en/1").text
    assert "<del>Old line.</del>" in page
    assert "<ins>New line.</ins>" in page
    data = {"locale": "en", "number": "1", "base": "2"}
    assert post(desk, f"/staff/articles/{article.id}/restore", data).status_code == 303
    assert (_text(session, article).latest.number, _text(session, article).latest.body) == (
        3,
        "Same line.\nOld line.",
    )
    for wrong in ({"number": "99"}, {"number": "x"}, {"base": "1"}):
        assert post(desk, f"/staff/articles/{article.id}/restore", data | wrong).status_code == 303
    assert _text(session, article).latest.number == 3
    for path in ("en/99", "fr/1", "en/9999999999"):
        assert desk.get(f"/staff/articles/{article.id}/versions/{path}").status_code == 404


def test_settings_are_saved_and_conflicts_told(desk: FlaskClient, session: Session) -> None:
    article, other, product = make_article(session), make_article(session, "Other"), make_product(session)
    data = {
        "version": "1", "category_id": str(article.category_id), "kind": "article", "audience": "partners",
        "skus": f"{product.sku}, ", "related": other.slug, "review_after_days": "90",
    }  # fmt: skip
    assert post(desk, f"/staff/articles/{article.id}/settings", data).status_code == 303
    session.expire_all()
    assert (article.audience, article.related, article.review_after_days) == ("partners", [other.slug], 90)
    again = post(desk, f"/staff/articles/{article.id}/settings", data | {"audience": "public"})
    assert again.status_code == 409
    assert "Somebody else changed this" in again.text
    wrong = post(desk, f"/staff/articles/{article.id}/settings", data | {"version": "2", "skus": "NO-SUCH"})
    assert wrong.status_code == 422
    assert "There is no product with the article number NO-SUCH." in wrong.text


def test_categories_are_kept_and_only_empty_ones_go(desk: FlaskClient, session: Session) -> None:
    article = make_article(session)
    data = {"name_en": "Better coffee", "name_zh_hant": "好咖啡", "position": "50"}
    assert post(desk, "/staff/articles/categories/new", data).status_code == 303
    made = session.scalars(select(ArticleCategory).where(ArticleCategory.slug == "better-coffee")).one()
    assert made.names == {"en": "Better coffee", "zh-Hant": "好咖啡"}
    assert post(desk, f"/staff/articles/categories/{made.id}", data | {"name_en": ""}).status_code == 422
    refused = post(desk, f"/staff/articles/categories/{article.category_id}/delete", follow_redirects=True)
    assert "still has 1 articles" in refused.text
    post(desk, f"/staff/articles/categories/{made.id}/delete")
    assert session.scalars(select(ArticleCategory.slug)).all() == ["cleaning"]


def test_others_read_or_do_not_come_in(client: FlaskClient, session: Session) -> None:
    article = make_article(session, "Title")
    sign_in(client, make_staff(session, "agent"))
    page = client.get(f"/staff/articles/{article.id}").text
    assert "Save and publish" not in page
    assert _save(client, article, 1) == 403
    assert post(client, f"/staff/articles/{article.id}/unpublish", {"locale": "en"}).status_code == 403
    sign_in(client, make_customer(session))
    assert client.get("/staff/articles").status_code == 404
