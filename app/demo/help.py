"""The demo's help pages: 53 articles in three languages from their files, what readers thought of them, and what lies
on the editors' desk: a new draft, a change that is not published yet, and one that waits for its day."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.demo.accounts import user_id
from app.demo.articles import DemoArticle, load_articles, load_categories
from core import clock
from core.search import enqueue_rebuild, fold
from crm.catalogue.models import Category, Product
from knowledge_base.markdown import plain_text
from knowledge_base.models import (
    Article,
    ArticleCategory,
    ArticleFeedback,
    ArticleProduct,
    ArticleText,
    ArticleVersion,
)

SEED = 31_415
AUTHOR = "Content editor"
_SPACE = uuid.UUID("3f0d2a52-88a1-4c56-8d6a-53d7f0a4e9b1")
DOUBTED = ("machine-leaks-water", "refund-timing", "vat-on-invoices")  # readers are less happy with these
POPULAR = (
    "descale-espresso-machine",
    "light-descaling",
    "change-purifier-filter",
    "track-your-parcel",
    "return-window",
)

NEW_DRAFT = """Between two trips a machine may stand still for weeks. Empty it, and it starts again as if you had never been away.

## Before you leave

1. Empty the water tank and leave its lid open.
2. Run the steam wand until only air comes out.
3. Empty and dry the drip tray and the grounds container.

## When you are back

Fill in fresh water, run two empty cycles and throw the first coffee away.
"""
ENGLISH_ONLY = """Our service team is away on some public holidays. The shop stays open, and so does this help.

| Day | We reply to requests | Packed the same day |
| --- | --- | --- |
| 24 and 31 December | 9:00 to 12:00 | what is ordered by 10:00 |
| 25, 26 December and 1 January | no | no |
| Monday to Friday otherwise | 9:00 to 17:00 | what is ordered by 14:00 |

All times are Central European time.

What you send us on such a day is read first thing on the next working day.
"""
_WORDS = {
    "solved": ("Exactly what I needed.", "Worked at the first attempt.", ""),
    "clear": ("Short and clear, thank you.", "照著步驟做就好了，謝謝。", ""),
    "not_solved": ("The light is still on after the second try.", "照做之後還是一樣。", ""),
    "unclear": ("Which of the two buttons is meant?", "第三步看不太懂，希望有圖片。", ""),
    "wrong": ("My model has no such menu.", ""),
    "not_mine": ("I was looking for the price of a repair.", ""),
}  # fmt: skip


@dataclass
class Rows:
    """What goes into each table."""

    articles: list[dict[str, Any]]
    versions: list[dict[str, Any]]
    texts: list[dict[str, Any]]
    links: list[dict[str, Any]]
    answers: list[dict[str, Any]]


def ensure_help(session: Session) -> int:
    """Writes the articles when there are none; returns how many."""
    if session.scalar(select(Article.id).limit(1)) is not None:
        return 0
    shelves = _write_shelves(session)
    skus = dict(session.execute(select(Product.sku, Product.id)).all())
    categories = dict(session.execute(select(Category.slug, Category.id)).all())
    dice, now = random.Random(SEED), clock.now()
    rows = Rows([], [], [], [], [])
    for article in load_articles():
        published_at = now - timedelta(days=dice.randint(4, 420), minutes=dice.randint(0, 600))
        _add(rows, article, shelves[article.category], published_at)
        for name in article.products:
            link = {"product_id": skus.get(name), "category_id": categories.get(name)}
            if any(link.values()):
                rows.links.append(
                    {"id": _id(f"link:{article.slug}:{name}"), "article_id": _id(article.slug), **link}
                )
        rows.answers += _answers(article.slug, published_at, now, dice)
    _add_desk(rows, shelves, now)
    for table, values in (
        (Article, rows.articles), (ArticleVersion, rows.versions), (ArticleText, rows.texts), (ArticleProduct, rows.links),
        (ArticleFeedback, rows.answers),
    ):  # fmt: skip
        if values:
            session.execute(insert(table), values)
    enqueue_rebuild(session, "article")
    return len(rows.articles)


def _id(name: str) -> uuid.UUID:
    return uuid.uuid5(_SPACE, name)


def _write_shelves(session: Session) -> dict[str, uuid.UUID]:
    known: dict[str, uuid.UUID] = {
        row.slug: row.id for row in session.execute(select(ArticleCategory.slug, ArticleCategory.id))
    }
    rows = [
        {
            "id": _id(f"category:{category.key}"), "slug": category.key, "names": dict(category.names),
            "summaries": dict(category.summaries), "position": position * 10,
        }
        for position, category in enumerate(load_categories(), 1)
        if category.key not in known
    ]  # fmt: skip
    if rows:
        session.execute(insert(ArticleCategory), rows)
    return {**known, **{row["slug"]: row["id"] for row in rows}}


def _add(rows: Rows, article: DemoArticle, shelf: uuid.UUID, published_at: datetime) -> None:
    key = _id(article.slug)
    found: list[str] = []
    for locale, text in article.texts.items():
        version = _version(
            article.slug,
            locale,
            1,
            title=text.title,
            summary=text.summary,
            body=text.body,
            tags=text.tags,
            at=published_at,
        )
        rows.versions.append(version)
        rows.texts.append(_text(version, published_at))
        found += [text.title, text.summary, " ".join(text.tags), plain_text(text.body)]
    rows.articles.append(
        _article(
            key, article.slug, shelf, at=published_at, kind=article.kind, audience=article.audience, is_live=True,
            related=list(article.related), review_after_days=article.review_after_days,
            review_due_at=published_at + timedelta(days=article.review_after_days), search_text=fold(" \n ".join(found)),
        )
    )  # fmt: skip


def _article(key: uuid.UUID, slug: str, shelf: uuid.UUID, *, at: datetime, **values: Any) -> dict[str, Any]:
    return {
        "id": key, "slug": slug, "category_id": shelf, "kind": "article", "audience": "public", "is_live": False,
        "settings_version": 1, "review_after_days": 365, "review_due_at": None, "related": [], "helpful_count": 0,
        "unhelpful_count": 0, "search_text": "", "revision": 1, "created_at": at, "updated_at": at, **values,
    }  # fmt: skip


def _version(
    slug: str,
    locale: str,
    number: int,
    *,
    title: str,
    summary: str,
    body: str,
    tags: Iterable[str],
    at: datetime,
) -> dict[str, Any]:
    return {
        "id": _id(f"version:{slug}:{locale}:{number}"), "article_id": _id(slug), "locale": locale, "number": number,
        "title": title, "summary": summary, "body": body, "tags": list(tags), "author_id": user_id("editor@aurora-home.example"),
        "author_name": AUTHOR, "created_at": at,
    }  # fmt: skip


def _text(version: dict[str, Any], published_at: datetime | None) -> dict[str, Any]:
    return {
        "article_id": version["article_id"], "locale": version["locale"], "latest_id": version["id"],
        "published_id": version["id"] if published_at else None, "published_at": published_at, "waiting_id": None,
        "publish_at": None,
    }  # fmt: skip


def _answers(slug: str, since: datetime, now: datetime, dice: random.Random) -> Iterator[dict[str, Any]]:
    amount = dice.randint(3, 14) + (25 if slug in POPULAR else 0) + (12 if slug in DOUBTED else 0)
    content = 0.35 if slug in DOUBTED else 0.93 if slug in POPULAR else 0.82
    for number in range(amount):
        is_helpful = dice.random() < content
        reasons = (
            ("", "", "solved", "clear") if is_helpful else ("", "not_solved", "unclear", "wrong", "not_mine")
        )
        reason = dice.choice(reasons)
        comment = dice.choice(_WORDS[reason]) if reason else ""
        at = since + (now - since) * dice.random()
        yield {
            "id": _id(f"answer:{slug}:{number}"), "article_id": _id(slug), "reader": f"browser:{_id(f'{slug}:{number}')}",
            "locale": "en" if comment.isascii() else "zh-Hant", "version_id": None, "is_helpful": is_helpful,
            "reason": reason, "comment": comment, "created_at": at, "updated_at": at,
        }  # fmt: skip


def _add_desk(rows: Rows, shelves: dict[str, uuid.UUID], now: datetime) -> None:
    """What editors are busy with."""
    yesterday, recently = now - timedelta(hours=20), now - timedelta(days=9)
    rows.articles.append(
        _article(_id("machine-on-holiday"), "machine-on-holiday", shelves["cleaning"], at=yesterday)
    )
    draft = _version(
        "machine-on-holiday", "en", 1, title="Leave your machine alone for some weeks", body=NEW_DRAFT,
        summary="What to empty before a holiday, and how to start again afterwards.", tags=("holiday", "storage"), at=yesterday,
    )  # fmt: skip
    rows.versions.append(draft)
    rows.texts.append(_text(draft, None))

    english = _version(
        "service-hours-on-holidays", "en", 1, title="Service hours on public holidays", body=ENGLISH_ONLY,
        summary="When we answer and when orders are packed around the turn of the year.", tags=("opening hours", "holiday"), at=recently,
    )  # fmt: skip
    rows.versions.append(english)
    rows.texts.append(_text(english, recently))
    words = (english["title"], english["summary"], " ".join(english["tags"]), plain_text(ENGLISH_ONLY))
    rows.articles.append(
        _article(
            english["article_id"], "service-hours-on-holidays", shelves["delivery"], at=recently, kind="faq", is_live=True,
            review_due_at=recently + timedelta(days=180), review_after_days=180, search_text=fold(" \n ".join(words)),
        )
    )  # fmt: skip
    _add_change(
        rows.versions,
        rows.texts,
        "delivery-times",
        "\n\n## Around the holidays\n\nAllow two more days.\n",
        yesterday,
    )
    later = _add_change(
        rows.versions,
        rows.texts,
        "vat-on-invoices",
        "\n\n## Still unsure?\n\nAsk with a request; our accounts team replies within one working day.\n",
        yesterday,
    )
    next(text for text in rows.texts if text["latest_id"] == later).update(
        waiting_id=later,
        publish_at=(now + timedelta(days=3)).replace(hour=8, minute=0, second=0, microsecond=0),
    )
    counted = {row["id"]: row for row in rows.articles}
    for answer in rows.answers:
        counted[answer["article_id"]]["helpful_count" if answer["is_helpful"] else "unhelpful_count"] += 1


def _add_change(
    versions: list[dict[str, Any]], texts: Sequence[dict[str, Any]], slug: str, added: str, at: datetime
) -> uuid.UUID:
    """A second English version that readers do not see yet."""
    first = next(row for row in versions if row["article_id"] == _id(slug) and row["locale"] == "en")
    second = {
        **first,
        "id": _id(f"version:{slug}:en:2"),
        "number": 2,
        "body": first["body"].rstrip() + added,
        "created_at": at,
    }
    versions.append(second)
    next(text for text in texts if text["latest_id"] == first["id"])["latest_id"] = second["id"]
    key: uuid.UUID = second["id"]
    return key
