"""Writing, publishing and taking back articles. Every change is in the audit log; texts are versions that stay."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from core import audit, clock
from core.actor import SYSTEM, Actor
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.i18n import LOCALES
from core.ids import new_id
from knowledge_base.models import (
    LONGEST_BODY,
    LONGEST_SUMMARY,
    LONGEST_TITLE,
    Article,
    ArticleText,
    ArticleVersion,
)
from knowledge_base.settings import Settings, apply_settings, free_slug, told

MOST_TAGS, LONGEST_TAG = 12, 40
FARTHEST = timedelta(days=731)


@dataclass(frozen=True)
class Words:
    """What an editor writes in one language; `body` is Markdown."""

    title: str
    summary: str = ""
    body: str = ""
    tags: Sequence[str] = ()


def create_article(
    session: Session, *, actor: Actor, settings: Settings, locale: str, words: Words, slug: str = ""
) -> Article:
    """A new article with its first draft. Raises Invalid."""
    may_write(actor)
    article = Article(id=new_id(), slug=free_slug(session, slug.strip(), words.title))
    apply_settings(session, article, settings)
    session.add(article)
    session.flush()
    _add_version(session, actor, article, _known(locale), words)
    audit.record(
        session,
        actor,
        "article.created",
        "article",
        article.id,
        after={"slug": article.slug, **told(article)},
    )
    return article


def save_settings(
    session: Session, *, actor: Actor, article_id: uuid.UUID, settings: Settings, version: int
) -> Article:
    """Raises Conflict when somebody else changed them since `version` was shown."""
    may_write(actor)
    article = _locked(session, article_id)
    if article.settings_version != version:
        raise Conflict
    before = told(article)
    apply_settings(session, article, settings)
    session.flush()
    after = told(article)
    changed = [key for key in after if before[key] != after[key]]
    if changed:
        article.settings_version += 1
        audit.record(
            session, actor, "article.changed", "article", article.id,
            before={key: before[key] for key in changed}, after={key: after[key] for key in changed},
        )  # fmt: skip
    return article


def save_draft(
    session: Session, *, actor: Actor, article_id: uuid.UUID, locale: str, words: Words, base: int
) -> ArticleVersion:
    """Keeps a text as the next version. `base` is the number of the version that was shown, 0 for a language that
    has none; raises Conflict when there is a later one. The same words again are no new version."""
    may_write(actor)
    article = _locked(session, article_id)
    latest = _latest(article, _known(locale))
    if (latest.number if latest else 0) != base:
        raise _overtaken(latest)
    if latest is not None and _same(latest, words):
        return latest
    return _add_version(session, actor, article, locale, words)


def publish(
    session: Session,
    *,
    actor: Actor,
    article_id: uuid.UUID,
    locale: str,
    base: int,
    at: datetime | None = None,
) -> ArticleText:
    """Shows the latest version of a language to readers, now or from `at` on. `base` as in save_draft."""
    may_write(actor)
    article = _locked(session, article_id)
    text = _text(article, locale)
    if text.latest.number != base:
        raise _overtaken(text.latest)
    if not text.latest.body.strip():
        raise Invalid("article.body_needed", field="body")
    if at is not None:
        now = clock.now()
        if at <= now:
            raise Invalid("article.past", field="publish_at")
        if at > now + FARTHEST:
            raise Invalid("article.far", field="publish_at")
        text.waiting, text.publish_at = text.latest, at
        audit.record(
            session, actor, "article.scheduled", "article", article.id,
            after={"locale": locale, "version": base, "publish_at": at.isoformat(timespec="minutes")},
        )  # fmt: skip
        return text
    if text.published_id == text.latest_id and text.waiting_id is None:
        raise Conflict("article.nothing_new")
    _show(session, actor, article, text, text.latest)
    return text


def unpublish(session: Session, *, actor: Actor, article_id: uuid.UUID, locale: str) -> ArticleText:
    """Takes one language away from readers; its versions stay. A publication that waits is called off."""
    may_write(actor)
    article = _locked(session, article_id)
    text = _text(article, locale)
    if text.published_id is None and text.waiting_id is None:
        raise Conflict("article.not_published")
    shown = text.published.number if text.published else None
    text.published, text.published_at = None, None
    text.waiting, text.publish_at = None, None
    _settle(session, article)
    audit.record(
        session,
        actor,
        "article.unpublished",
        "article",
        article.id,
        before={"locale": locale, "version": shown},
    )
    return text


def call_off(session: Session, *, actor: Actor, article_id: uuid.UUID, locale: str) -> ArticleText:
    """Takes back a publication that waits for its time; what readers see stays as it is."""
    may_write(actor)
    article = _locked(session, article_id)
    text = _text(article, locale)
    if text.waiting is None:
        raise Conflict
    number = text.waiting.number
    text.waiting, text.publish_at = None, None
    audit.record(
        session,
        actor,
        "article.called_off",
        "article",
        article.id,
        before={"locale": locale, "version": number},
    )
    return text


def restore(
    session: Session, *, actor: Actor, article_id: uuid.UUID, locale: str, number: int, base: int
) -> ArticleVersion:
    """Makes an earlier version the latest draft again, as a new version. Raises Invalid for an unknown one."""
    found = session.scalar(
        select(ArticleVersion).where(
            ArticleVersion.article_id == article_id,
            ArticleVersion.locale == locale,
            ArticleVersion.number == number,
        )
    )
    if found is None:
        raise Invalid("article.version")
    words = Words(found.title, found.summary, found.body, tuple(found.tags))
    return save_draft(session, actor=actor, article_id=article_id, locale=locale, words=words, base=base)


def publish_due(session: Session) -> int:
    """Shows what was to be shown by now; returns how many texts."""
    due = session.execute(
        select(ArticleText.article_id, ArticleText.locale)
        .where(ArticleText.publish_at <= clock.now())
        .order_by(ArticleText.publish_at)
        .limit(100)
    ).all()
    count = 0
    for article_id, locale in due:
        article = _locked(session, article_id)
        text = _text(article, locale)
        if text.waiting is not None and text.publish_at is not None and text.publish_at <= clock.now():
            _show(session, SYSTEM, article, text, text.waiting)
            count += 1
    return count


def may_write(actor: Actor) -> None:
    """Raises Forbidden."""
    if not actor.can("articles.manage"):
        raise Forbidden


def _locked(session: Session, article_id: uuid.UUID) -> Article:
    article = session.scalar(
        select(Article)
        .where(Article.id == article_id)
        .options(selectinload(Article.texts))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if article is None:
        raise NotFound
    return article


def _known(locale: str) -> str:
    if locale not in LOCALES:
        raise NotFound
    return locale


def _find_text(article: Article, locale: str) -> ArticleText | None:
    return next((text for text in article.texts if text.locale == locale), None)


def _text(article: Article, locale: str) -> ArticleText:
    found = _find_text(article, locale)
    if found is None:
        raise NotFound
    return found


def _latest(article: Article, locale: str) -> ArticleVersion | None:
    text = _find_text(article, locale)
    return text.latest if text else None


def _overtaken(latest: ArticleVersion | None) -> Conflict:
    if latest is None:
        return Conflict()
    return Conflict("article.changed_meanwhile", name=latest.author_name or "–", number=latest.number)


def _same(version: ArticleVersion, words: Words) -> bool:
    kept = (version.title, version.summary, version.body, list(version.tags))
    return kept == (words.title, words.summary, words.body, list(words.tags))


def _add_version(
    session: Session, actor: Actor, article: Article, locale: str, words: Words
) -> ArticleVersion:
    _check(words)
    text = _find_text(article, locale)
    version = ArticleVersion(
        id=new_id(), article_id=article.id, locale=locale, number=(text.latest.number if text else 0) + 1,
        title=words.title, summary=words.summary, body=words.body, tags=list(words.tags),
        author_id=actor.user_id, author_name=actor.name[:255],
    )  # fmt: skip
    session.add(version)
    session.flush()
    if text is None:
        article.texts.append(ArticleText(locale=locale, latest=version))
    else:
        text.latest = version
    session.flush()
    audit.record(
        session, actor, "article.draft_saved", "article", article.id,
        after={"locale": locale, "version": version.number, "title": version.title},
    )  # fmt: skip
    return version


def _show(
    session: Session, actor: Actor, article: Article, text: ArticleText, version: ArticleVersion
) -> None:
    before = {"locale": text.locale, "version": text.published.number} if text.published else None
    moment = clock.now()
    text.published, text.published_at = version, moment
    text.waiting, text.publish_at = None, None
    article.review_due_at = moment + timedelta(days=article.review_after_days)
    _settle(session, article)
    audit.record(
        session, actor, "article.published", "article", article.id,
        before=before, after={"locale": text.locale, "version": version.number},
    )  # fmt: skip


def _settle(session: Session, article: Article) -> None:
    """What follows for the whole article from what is published: the flush writes its folded text and tells search."""
    article.is_live = any(text.published is not None for text in article.texts)
    article.updated_at = clock.now()
    session.flush()


def _check(words: Words) -> None:
    errors: list[Invalid] = []
    if not words.title.strip():
        errors.append(Invalid("article.title_needed", field="title"))
    for field, value, limit in (
        ("title", words.title, LONGEST_TITLE),
        ("summary", words.summary, LONGEST_SUMMARY),
    ):
        if len(value) > limit:
            errors.append(Invalid("text.too_long", field=field, limit=limit))
    if len(words.body) > LONGEST_BODY:
        errors.append(Invalid("article.body_too_long", field="body", limit=LONGEST_BODY))
    if len(words.tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in words.tags):
        errors.append(Invalid("article.tags", field="tags", limit=MOST_TAGS, length=LONGEST_TAG))
    if errors:
        raise Invalid(errors=errors)
