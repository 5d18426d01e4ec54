"""Readers get what is theirs, in their language where there is one, and say whether it helped."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.errors import Invalid, NotFound
from knowledge_base.audience import audiences_of
from knowledge_base.desk import DeskFilter, count_by_state, list_for_desk
from knowledge_base.feedback import count_reasons, find_feedback, give_feedback
from knowledge_base.models import Article, ArticleFeedback
from knowledge_base.queries import (
    browse,
    count_articles,
    find_article,
    list_for_product,
    list_most_helpful,
    list_questions,
    list_related,
    list_shelves,
)
from knowledge_base.suggestions import suggest
from tests.factories.articles import READERS, make_article
from tests.factories.goods import make_category, make_product

SEES = {
    "public": {"public"},
    "customers": {"public", "customers"},
    "partners": {"public", "customers", "partners"},
    "staff": {"public", "customers", "partners", "staff"},
}


@pytest.mark.parametrize("reader", SEES)
def test_each_reader_sees_and_counts_their_own(session: Session, reader: str) -> None:
    product = make_product(session, category=make_category(session))
    for audience in SEES:
        make_article(
            session,
            f"Tray {audience}",
            slug=audience,
            audience=audience,
            skus=[product.sku],
            kind="faq",
            shelf=audience,
        )
    make_article(session, "Tray draft", slug="draft", is_published=False, skus=[product.sku], kind="faq")
    main = make_article(
        session, "Main", slug="main", related=["draft", "staff", "partners", "customers", "public"]
    )
    actor, mine = READERS[reader], SEES[reader]
    assert set(audiences_of(actor)) == mine
    assert count_articles(session, actor=actor) == len(mine) + 1
    assert {shelf.category.slug: shelf.count for shelf in list_shelves(session, actor=actor)} == {
        "cleaning": 1, **dict.fromkeys(mine, 1),
    }  # fmt: skip

    def slugs(cards: object) -> set[str]:
        return {card.slug for card in cards}  # type: ignore[attr-defined]

    assert slugs(list_questions(session, actor=actor, locale="en")) == mine
    assert slugs(list_for_product(session, actor=actor, product=product, locale="en")) == mine
    assert slugs(list_related(session, actor=actor, article=main, locale="en", limit=9)) == mine
    found = browse(session, actor=actor, locale="en", text="tray")
    assert (slugs(found.cards), found.total) == (mine, len(mine))
    assert set(found.counts) == mine
    assert slugs(browse(session, actor=actor, locale="en", kind="faq").cards) == mine
    assert {
        offer.slug for offer in suggest(session, actor=actor, text="my tray is wet", locale="en", limit=9)
    } == mine
    readable = {
        slug for slug in (*SEES, "draft") if find_article(session, actor=actor, slug=slug, locale="en")
    }
    assert readable == mine


def test_the_nearest_language_is_given_and_said(session: Session) -> None:
    article = make_article(session, "Tray", others={"zh-Hans": ("接水盘", "请拉出。")})
    chosen = {
        locale: find_article(session, actor=READERS["public"], slug=article.slug, locale=locale)
        for locale in ("en", "zh-Hant", "zh-Hans")
    }
    assert {locale: found.locale for locale, found in chosen.items() if found} == {
        "en": "en", "zh-Hant": "zh-Hans", "zh-Hans": "zh-Hans",
    }  # fmt: skip
    english = make_article(session, "Only English")
    found = find_article(session, actor=READERS["public"], slug=english.slug, locale="zh-Hant")
    assert found is not None
    assert (found.locale, list(found.languages)) == ("en", ["en"])
    assert [
        card.locale for card in list_most_helpful(session, actor=READERS["public"], locale="zh-Hant")
    ] == ["zh-Hans", "en"]


def _answers(session: Session, article: Article) -> tuple[int, int, int]:
    session.refresh(article)
    rows = session.scalar(select(func.count()).select_from(ArticleFeedback)) or 0
    return rows, article.helpful_count, article.unhelpful_count


def test_one_answer_per_reader_that_can_be_changed(session: Session) -> None:
    article = make_article(session)
    revision, changed_at = article.revision, article.updated_at

    def answer(who: str, browser: str | None, is_helpful: bool, reason: str = "") -> None:
        give_feedback(
            session, actor=READERS[who], browser=browser, slug=article.slug, locale="en", is_helpful=is_helpful,
            reason=reason,
        )  # fmt: skip

    answer("public", "one", True)
    answer("public", "two", False, "unclear")
    answer("public", "two", False, "wrong")
    assert _answers(session, article) == (2, 1, 1)
    answer("customers", "one", False)  # the visitor of browser one has signed in
    assert _answers(session, article) == (2, 0, 2)
    answer("customers", None, True)
    answer("customers", "two", True, "solved")
    assert _answers(session, article) == (1, 1, 0)
    assert count_reasons(session, article.id) == [("solved", 1)]
    mine = find_feedback(session, actor=READERS["customers"], browser=None, article_id=article.id)
    assert mine is not None
    assert mine.is_helpful
    assert (article.revision, article.updated_at) == (revision, changed_at)


def test_answers_are_refused_where_they_do_not_belong(session: Session) -> None:
    hidden = make_article(session, audience="staff")
    public = make_article(session)
    common = {"actor": READERS["public"], "locale": "en", "is_helpful": True}
    with pytest.raises(NotFound):
        give_feedback(session, browser="b", slug=hidden.slug, **common)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        give_feedback(session, browser=None, slug=public.slug, **common)  # type: ignore[arg-type]
    with pytest.raises(Invalid, match=r"feedback\.reason"):
        give_feedback(session, browser="b", slug=public.slug, reason="unclear", **common)  # type: ignore[arg-type]
    with pytest.raises(Invalid, match=r"feedback\.too_long"):
        give_feedback(session, browser="b", slug=public.slug, comment="x" * 1001, **common)  # type: ignore[arg-type]


def test_the_desk_finds_what_waits(session: Session) -> None:
    draft = make_article(session, "Unseen", is_published=False)
    english = make_article(session, "Only English")
    whole = make_article(session, "Whole", others={"zh-Hant": ("全", "文"), "zh-Hans": ("全", "文")})
    session.execute(Article.__table__.update().where(Article.id == whole.id).values(unhelpful_count=6))

    def slugs(**wanted: str) -> set[str]:
        return {article.slug for article in list_for_desk(session, DeskFilter(**wanted))[0]}  # type: ignore[arg-type]

    assert slugs() == {draft.slug, english.slug, whole.slug}
    assert slugs(state="draft") == {draft.slug}
    assert slugs(state="doubted") == {whole.slug}
    assert slugs(missing="zh-Hant") == {draft.slug, english.slug}
    assert slugs(text="unseen") == {draft.slug}
    assert slugs(text="100%") == slugs(text="_") == set()
    assert slugs(audience="staff") == set()
    assert count_by_state(session) == {
        "published": 2, "draft": 1, "changed": 0, "waiting": 0, "review": 0, "doubted": 1,
    }  # fmt: skip
