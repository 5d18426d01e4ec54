"""Whether an article helped: one answer per reader, which can be changed."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core import clock
from core.actor import Actor
from core.db import is_sqlite
from core.errors import Invalid, NotFound
from core.ids import new_id
from knowledge_base.audience import articles_visible_to
from knowledge_base.models import Article, ArticleFeedback, ArticleText

HELPFUL_REASONS = ("solved", "clear")
UNHELPFUL_REASONS = ("not_solved", "unclear", "wrong", "not_mine")
LONGEST_COMMENT = 1000


def reader_of(actor: Actor, browser: str | None) -> str | None:
    """Who answers: the person, else the visitor's browser, known by a random name in its session."""
    if actor.user_id is not None:
        return f"person:{actor.user_id}"
    return f"browser:{browser}"[:60] if browser else None


def give_feedback(
    session: Session, *, actor: Actor, browser: str | None, slug: str, locale: str, is_helpful: bool,
    reason: str = "", comment: str = "",
) -> ArticleFeedback:  # fmt: skip
    """Writes or changes the reader's answer. Who answered as a visitor and then signed in changes that answer.
    Raises NotFound for an article that is not theirs to read, Invalid for a reason that is none."""
    reader = reader_of(actor, browser)
    if reader is None:
        raise NotFound
    if reason and reason not in (HELPFUL_REASONS if is_helpful else UNHELPFUL_REASONS):
        raise Invalid("feedback.reason", field="reason")
    if len(comment) > LONGEST_COMMENT:
        raise Invalid("feedback.too_long", field="comment", limit=LONGEST_COMMENT)
    article_id = session.scalar(select(Article.id).where(Article.slug == slug, articles_visible_to(actor)))
    if article_id is None:
        raise NotFound
    if actor.user_id is not None and browser:
        _take_over(session, article_id, f"browser:{browser}"[:60], reader)
    read = select(ArticleText.published_id).where(
        ArticleText.article_id == article_id, ArticleText.locale == locale
    )
    moment = clock.now()
    insert = sqlite.insert(ArticleFeedback) if is_sqlite(session) else postgresql.insert(ArticleFeedback)
    written = insert.values(
        id=new_id(), article_id=article_id, reader=reader, locale=locale, version_id=session.scalar(read),
        is_helpful=is_helpful, reason=reason, comment=comment.strip(), created_at=moment, updated_at=moment,
    )  # fmt: skip
    changed = {
        name: written.excluded[name]
        for name in ("locale", "version_id", "is_helpful", "reason", "comment", "updated_at")
    }
    upsert = written.on_conflict_do_update(index_elements=["article_id", "reader"], set_=changed)
    row_id = session.scalar(upsert.returning(ArticleFeedback.id))
    _count(session, article_id)
    found = session.get(ArticleFeedback, row_id, populate_existing=True)
    assert found is not None
    return found


def find_feedback(
    session: Session, *, actor: Actor, browser: str | None, article_id: uuid.UUID
) -> ArticleFeedback | None:
    """The reader's own answer."""
    reader = reader_of(actor, browser)
    if reader is None:
        return None
    return session.scalar(
        select(ArticleFeedback).where(
            ArticleFeedback.article_id == article_id, ArticleFeedback.reader == reader
        )
    )


def list_feedback(session: Session, article_id: uuid.UUID, limit: int = 10) -> Sequence[ArticleFeedback]:
    """The latest answers, those that say why first; for staff."""
    return session.scalars(
        select(ArticleFeedback)
        .where(ArticleFeedback.article_id == article_id)
        .order_by((ArticleFeedback.comment == "").asc(), ArticleFeedback.updated_at.desc())
        .limit(limit)
    ).all()


def count_reasons(session: Session, article_id: uuid.UUID) -> list[tuple[str, int]]:
    """Reasons that were given, the most frequent first."""
    amount = func.count()
    rows = session.execute(
        select(ArticleFeedback.reason, amount)
        .where(ArticleFeedback.article_id == article_id, ArticleFeedback.reason != "")
        .group_by(ArticleFeedback.reason)
        .order_by(amount.desc(), ArticleFeedback.reason)
    )
    return [(reason, int(count)) for reason, count in rows]


def _take_over(session: Session, article_id: uuid.UUID, visitor: str, person: str) -> None:
    """The person's own answer wins over the one that the same browser gave before they signed in."""
    rows = session.scalars(
        select(ArticleFeedback).where(
            ArticleFeedback.article_id == article_id, ArticleFeedback.reader.in_([visitor, person])
        )
    ).all()
    before = next((row for row in rows if row.reader == visitor), None)
    if before is None:
        return
    if len(rows) > 1:
        session.delete(before)
    else:
        before.reader = person
    session.flush()


def _count(session: Session, article_id: uuid.UUID) -> None:
    def amount(is_helpful: bool) -> object:
        return (
            select(func.count())
            .select_from(ArticleFeedback)
            .where(ArticleFeedback.article_id == article_id, ArticleFeedback.is_helpful.is_(is_helpful))
            .scalar_subquery()
        )

    # Not a change of the article: neither its date nor its document in the index moves.
    session.execute(
        update(Article)
        .where(Article.id == article_id)
        .values(helpful_count=amount(True), unhelpful_count=amount(False), updated_at=Article.updated_at)
        .execution_options(synchronize_session=False)
    )
