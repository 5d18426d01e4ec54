"""Articles: each has a lasting address and texts in several languages, each text its versions, of which one may be
published while a later one is still being written."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core import clock
from core.db import Base, BoundedText, Id, JSONList, JSONMap, LongText, Timestamped
from core.search import FoldedText, Searchable
from crm.catalogue.models import Category, Product
from knowledge_base.markdown import plain_text

AUDIENCES = ("public", "customers", "partners", "staff")
KINDS = ("article", "faq")
REASONS = ("solved", "clear", "not_solved", "unclear", "wrong", "not_mine")
LONGEST_TITLE, LONGEST_SUMMARY, LONGEST_BODY = 120, 240, 40_000


class ArticleCategory(Base):
    """A shelf of the help pages."""

    __tablename__ = "article_category"

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(BoundedText(80), unique=True)
    names: Mapped[JSONMap]  # locale -> text
    summaries: Mapped[JSONMap] = mapped_column(default=dict)
    position: Mapped[int] = mapped_column(default=0)


class Article(Searchable, FoldedText, Base, Timestamped):
    """What does not depend on the language. `slug` never changes: links to it are out in the world."""

    __tablename__ = "article"
    __search__ = "article"

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(BoundedText(120), unique=True)
    category_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("article_category.id"))
    kind: Mapped[str] = mapped_column(BoundedText(12), default="article")
    audience: Mapped[str] = mapped_column(BoundedText(12), default="public")
    is_live: Mapped[bool] = mapped_column(default=False)  # at least one language is published
    settings_version: Mapped[int] = mapped_column(default=1)
    review_after_days: Mapped[int] = mapped_column(default=365)
    review_due_at: Mapped[datetime | None]
    related: Mapped[JSONList] = mapped_column(default=list)  # slugs, in the editor's order
    # Counted by one statement with each answer; rows of answers are in article_feedback.
    helpful_count: Mapped[int] = mapped_column(default=0)
    unhelpful_count: Mapped[int] = mapped_column(default=0)

    category: Mapped[ArticleCategory] = relationship()
    texts: Mapped[list[ArticleText]] = relationship(
        back_populates="article", cascade="all, delete-orphan", order_by="ArticleText.locale"
    )
    products: Mapped[list[ArticleProduct]] = relationship(cascade="all, delete-orphan")

    __table_args__ = (
        CheckConstraint("kind IN ('article', 'faq')", name="kind"),
        CheckConstraint("audience IN ('public', 'customers', 'partners', 'staff')", name="audience"),
        Index("ix_article_category_id", "category_id"),
        Index("ix_article_live", "is_live", "audience", "kind"),
    )

    def search_source(self) -> Iterable[str | None]:
        """The published texts only: nobody finds a word of a draft."""
        for text in self.texts:
            if (shown := text.published) is not None:
                yield from (shown.title, shown.summary, " ".join(shown.tags), plain_text(shown.body))


class ArticleVersion(Base):
    """A text as it was once saved. Rows never change, so what was published can always be read again."""

    __tablename__ = "article_version"

    id: Mapped[Id]
    article_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"))
    locale: Mapped[str] = mapped_column(BoundedText(10))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(BoundedText(LONGEST_TITLE))
    summary: Mapped[str] = mapped_column(BoundedText(LONGEST_SUMMARY), default="")
    body: Mapped[str] = mapped_column(LongText, default="")  # Markdown
    tags: Mapped[JSONList] = mapped_column(default=list)
    author_id: Mapped[uuid.UUID | None]
    author_name: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    __table_args__ = (UniqueConstraint("article_id", "locale", "number"),)


class ArticleText(Base):
    """One language of an article: its latest version, the published one, and one that waits for its time."""

    __tablename__ = "article_text"

    article_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("article.id", ondelete="CASCADE"), primary_key=True
    )
    locale: Mapped[str] = mapped_column(BoundedText(10), primary_key=True)
    latest_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("article_version.id"))
    published_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("article_version.id"))
    published_at: Mapped[datetime | None]
    waiting_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("article_version.id"))
    publish_at: Mapped[datetime | None] = mapped_column(index=True)

    article: Mapped[Article] = relationship(back_populates="texts")
    latest: Mapped[ArticleVersion] = relationship(foreign_keys=[latest_id])
    published: Mapped[ArticleVersion | None] = relationship(foreign_keys=[published_id])
    waiting: Mapped[ArticleVersion | None] = relationship(foreign_keys=[waiting_id])

    __table_args__ = (
        CheckConstraint("(waiting_id IS NULL) = (publish_at IS NULL)", name="waiting"),
        CheckConstraint("(published_id IS NULL) = (published_at IS NULL)", name="published"),
    )

    @property
    def state(self) -> str:
        """draft, published, or changed: published, with a later version that is not."""
        if self.published_id is None:
            return "draft"
        return "published" if self.published_id == self.latest_id else "changed"


class ArticleProduct(Base):
    """What an article is about: one product, or all of a category of the shop."""

    __tablename__ = "article_product"

    id: Mapped[Id]
    article_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"), index=True)
    product_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("product.id", ondelete="CASCADE"), index=True
    )
    category_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("category.id", ondelete="CASCADE"), index=True
    )

    product: Mapped[Product | None] = relationship()
    category: Mapped[Category | None] = relationship()

    __table_args__ = (CheckConstraint("(product_id IS NULL) <> (category_id IS NULL)", name="one_of_both"),)


class ArticleFeedback(Base):
    """Whether an article helped: one answer per person, or per browser of a visitor; it can be changed."""

    __tablename__ = "article_feedback"

    id: Mapped[Id]
    article_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"))
    reader: Mapped[str] = mapped_column(BoundedText(60))  # person:<id> or browser:<id>
    locale: Mapped[str] = mapped_column(BoundedText(10))
    version_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("article_version.id"))  # what was read
    is_helpful: Mapped[bool]
    reason: Mapped[str] = mapped_column(BoundedText(20), default="")
    comment: Mapped[str] = mapped_column(BoundedText(1000), default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)

    __table_args__ = (
        UniqueConstraint("article_id", "reader"),
        Index("ix_article_feedback_recent", "article_id", "is_helpful", "updated_at"),
    )
