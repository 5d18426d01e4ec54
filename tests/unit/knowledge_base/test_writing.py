"""Drafts, publishing, schedules and going back: what readers see changes only when an editor says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.actor import Actor
from core.audit import AuditEntry
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.ids import new_id
from knowledge_base.models import Article, ArticleText, ArticleVersion
from knowledge_base.queries import find_article
from knowledge_base.services import (
    Words,
    call_off,
    create_article,
    publish,
    publish_due,
    restore,
    save_draft,
    save_settings,
    unpublish,
)
from knowledge_base.settings import Settings
from tests.factories.articles import EDITOR, READERS, make_article, make_shelf
from tests.factories.goods import make_product

READER = READERS["public"]
NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


def _read(session: Session, article: Article, locale: str = "en") -> str | None:
    found = find_article(session, actor=READER, slug=article.slug, locale=locale)
    return f"{found.version.title}: {found.version.body}" if found else None


def _draft(session: Session, article: Article, body: str, base: int) -> int:
    words = Words("Title", "", body)
    return save_draft(
        session, actor=EDITOR, article_id=article.id, locale="en", words=words, base=base
    ).number


def test_a_draft_is_seen_only_after_publishing(session: Session) -> None:
    article = make_article(session, "Clean the tray", body="First.", is_published=False)
    assert _read(session, article) is None
    publish(session, actor=EDITOR, article_id=article.id, locale="en", base=1)
    assert _read(session, article) == "Clean the tray: First."
    assert _draft(session, article, "Second.", 1) == 2
    assert _read(session, article) == "Clean the tray: First."
    publish(session, actor=EDITOR, article_id=article.id, locale="en", base=2)
    assert _read(session, article) == "Title: Second."
    unpublish(session, actor=EDITOR, article_id=article.id, locale="en")
    assert _read(session, article) is None
    assert not article.is_live
    kept = session.scalars(select(ArticleVersion.body).where(ArticleVersion.article_id == article.id))
    assert sorted(kept) == ["First.", "Second."]


def test_the_same_words_are_no_new_version(session: Session) -> None:
    article = make_article(session, "Title", body="Same.", summary="")
    assert _draft(session, article, "Same.", 1) == 1
    assert _draft(session, article, "Other.", 1) == 2


def test_two_editors_are_told_of_each_other(session: Session) -> None:
    article = make_article(session)
    assert _draft(session, article, "Mine.", 1) == 2
    with pytest.raises(Conflict) as told:
        _draft(session, article, "Also mine.", 1)
    assert told.value.params == {"name": "Content editor", "number": 2}
    with pytest.raises(Conflict):
        publish(session, actor=EDITOR, article_id=article.id, locale="en", base=1)
    with pytest.raises(Conflict):
        save_settings(
            session, actor=EDITOR, article_id=article.id, settings=Settings(article.category_id), version=99
        )


def test_what_is_scheduled_appears_at_its_time_and_as_it_was_then(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    article = make_article(session, "Title", body="Old.", summary="")
    _draft(session, article, "For Monday.", 1)
    publish(session, actor=EDITOR, article_id=article.id, locale="en", base=2, at=NOW + timedelta(hours=3))
    _draft(session, article, "Still thinking.", 2)
    assert publish_due(session) == 0
    assert _read(session, article) == "Title: Old."
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(hours=3))
    assert publish_due(session) == 1
    assert _read(session, article) == "Title: For Monday."
    assert publish_due(session) == 0
    text = session.scalars(select(ArticleText).where(ArticleText.article_id == article.id)).one()
    assert (text.state, text.publish_at) == ("changed", None)


def test_a_schedule_can_be_called_off_and_wants_a_time_to_come(session: Session) -> None:
    article = make_article(session, is_published=False)
    for at, code in (
        (clock.now() - timedelta(seconds=1), "article.past"),
        (clock.now() + timedelta(days=800), "article.far"),
    ):
        with pytest.raises(Invalid, match=code):
            publish(session, actor=EDITOR, article_id=article.id, locale="en", base=1, at=at)
    text = publish(
        session, actor=EDITOR, article_id=article.id, locale="en", base=1, at=clock.now() + timedelta(days=1)
    )
    call_off(session, actor=EDITOR, article_id=article.id, locale="en")
    assert (text.waiting_id, text.publish_at, text.state) == (None, None, "draft")
    with pytest.raises(Conflict):
        call_off(session, actor=EDITOR, article_id=article.id, locale="en")


def test_going_back_makes_a_new_version(session: Session) -> None:
    article = make_article(session, "Title", body="One.", summary="")
    _draft(session, article, "Two.", 1)
    restored = restore(session, actor=EDITOR, article_id=article.id, locale="en", number=1, base=2)
    assert (restored.number, restored.body) == (3, "One.")
    with pytest.raises(Invalid, match=r"article\.version"):
        restore(session, actor=EDITOR, article_id=article.id, locale="en", number=77, base=3)


def test_only_editors_write(session: Session) -> None:
    article = make_article(session)
    for actor in (*READERS.values(), Actor(kind="staff", permissions=frozenset({"articles.read"}))):
        with pytest.raises(Forbidden):
            save_draft(session, actor=actor, article_id=article.id, locale="en", words=Words("x"), base=1)
        with pytest.raises(Forbidden):
            unpublish(session, actor=actor, article_id=article.id, locale="en")
        with pytest.raises(Forbidden):
            publish(session, actor=actor, article_id=article.id, locale="en", base=1)
    with pytest.raises(NotFound):
        publish(session, actor=EDITOR, article_id=new_id(), locale="en", base=1)
    with pytest.raises(NotFound):
        save_draft(session, actor=EDITOR, article_id=article.id, locale="fr", words=Words("x"), base=0)


def test_settings_name_what_is_wrong(session: Session) -> None:
    article = make_article(session)
    product = make_product(session)
    shelf = make_shelf(session)
    wrong = (
        (Settings(new_id()), "article.category"),
        (Settings(shelf.id, kind="novel"), "article.choice"),
        (Settings(shelf.id, audience="everyone"), "article.choice"),
        (Settings(shelf.id, skus=["NO-SUCH"]), "article.product"),
        (Settings(shelf.id, product_categories=["no-such"]), "article.choice"),
        (Settings(shelf.id, related=["no-such"]), "article.related"),
    )
    for settings, code in wrong:
        with session.begin_nested() as undone, pytest.raises(Invalid, match=code):
            save_settings(session, actor=EDITOR, article_id=article.id, settings=settings, version=1)
        if undone.is_active:
            undone.rollback()
        session.expire_all()
    other = make_article(session, "Other")
    saved = save_settings(
        session, actor=EDITOR, article_id=article.id, version=1,
        settings=Settings(shelf.id, audience="partners", skus=[product.sku], related=[other.slug]),
    )  # fmt: skip
    assert (saved.audience, saved.related, saved.settings_version) == ("partners", [other.slug], 2)
    assert [row.product_id for row in saved.products] == [product.id]


def test_addresses_are_made_of_the_title_and_never_twice(session: Session) -> None:
    shelf = make_shelf(session)

    def create(title: str, slug: str = "") -> str:
        words = Words(title, "", "x")
        made = create_article(
            session, actor=EDITOR, settings=Settings(shelf.id), locale="en", words=words, slug=slug
        )
        return made.slug

    assert create("Café & Crème") == "cafe-creme"
    assert create("Café & Crème") == "cafe-creme-2"
    assert create("Search") == "search-2"
    assert create("除垢") == "article"
    for slug in ("search", "Has Blank", "-x", "a--b", "x" * 121, "ä", "cafe-creme"):
        with pytest.raises(Invalid):
            create("x", slug)


def test_texts_that_no_column_holds_are_refused_field_by_field(session: Session) -> None:
    article = make_article(session)
    words = Words("t" * 121, "s" * 241, "b" * 40_001, ["t" * 41])
    with pytest.raises(Invalid) as told:
        save_draft(session, actor=EDITOR, article_id=article.id, locale="en", words=words, base=1)
    assert {error.field for error in told.value.errors} == {"title", "summary", "body", "tags"}
    with pytest.raises(Invalid, match=r"article\.body_needed"):
        empty = make_article(session, body="  ", is_published=False)
        publish(session, actor=EDITOR, article_id=empty.id, locale="en", base=1)


def test_every_step_is_in_the_audit_log(session: Session) -> None:
    article = make_article(session)
    unpublish(session, actor=EDITOR, article_id=article.id, locale="en")
    actions = session.scalars(
        select(AuditEntry.action).where(AuditEntry.object_id == str(article.id)).order_by(AuditEntry.seq)
    ).all()
    assert actions == ["article.draft_saved", "article.created", "article.published", "article.unpublished"]
    assert session.scalar(
        select(func.count()).select_from(AuditEntry).where(AuditEntry.actor_name == "Content editor")
    )
