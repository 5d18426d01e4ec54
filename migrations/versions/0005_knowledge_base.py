"""Help articles"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import core.db.types

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "article_category",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", core.db.types.BoundedText(length=80), nullable=False),
        sa.Column("names", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("summaries", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_category")),
        sa.UniqueConstraint("slug", name=op.f("uq_article_category_slug")),
    )
    op.create_table(
        "article",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", core.db.types.BoundedText(length=120), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=False),
        sa.Column("kind", core.db.types.BoundedText(length=12), nullable=False),
        sa.Column("audience", core.db.types.BoundedText(length=12), nullable=False),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.Column("settings_version", sa.Integer(), nullable=False),
        sa.Column("review_after_days", sa.Integer(), nullable=False),
        sa.Column("review_due_at", core.db.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("related", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("helpful_count", sa.Integer(), nullable=False),
        sa.Column("unhelpful_count", sa.Integer(), nullable=False),
        sa.Column("created_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("search_text", core.db.types.LongText(), server_default="", nullable=False),
        sa.CheckConstraint(
            "audience IN ('public', 'customers', 'partners', 'staff')", name=op.f("ck_article_audience")
        ),
        sa.CheckConstraint("kind IN ('article', 'faq')", name=op.f("ck_article_kind")),
        sa.ForeignKeyConstraint(
            ["category_id"], ["article_category.id"], name=op.f("fk_article_category_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article")),
        sa.UniqueConstraint("slug", name=op.f("uq_article_slug")),
    )
    op.create_index("ix_article_category_id", "article", ["category_id"], unique=False)
    op.create_index("ix_article_live", "article", ["is_live", "audience", "kind"], unique=False)
    op.create_table(
        "article_product",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=True),
        sa.Column("category_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(product_id IS NULL) <> (category_id IS NULL)", name=op.f("ck_article_product_one_of_both")
        ),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_article_product_article_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name=op.f("fk_article_product_category_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_article_product_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_product")),
    )
    op.create_index(op.f("ix_article_product_article_id"), "article_product", ["article_id"], unique=False)
    op.create_index(op.f("ix_article_product_category_id"), "article_product", ["category_id"], unique=False)
    op.create_index(op.f("ix_article_product_product_id"), "article_product", ["product_id"], unique=False)
    op.create_table(
        "article_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("locale", core.db.types.BoundedText(length=10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", core.db.types.BoundedText(length=120), nullable=False),
        sa.Column("summary", core.db.types.BoundedText(length=240), nullable=False),
        sa.Column("body", core.db.types.LongText(), nullable=False),
        sa.Column("tags", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("author_name", core.db.types.BoundedText(length=255), nullable=False),
        sa.Column("created_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_article_version_article_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_version")),
        sa.UniqueConstraint(
            "article_id", "locale", "number", name=op.f("uq_article_version_article_id_locale_number")
        ),
    )
    op.create_table(
        "article_feedback",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("reader", core.db.types.BoundedText(length=60), nullable=False),
        sa.Column("locale", core.db.types.BoundedText(length=10), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=True),
        sa.Column("is_helpful", sa.Boolean(), nullable=False),
        sa.Column("reason", core.db.types.BoundedText(length=20), nullable=False),
        sa.Column("comment", core.db.types.BoundedText(length=1000), nullable=False),
        sa.Column("created_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_article_feedback_article_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["article_version.id"], name=op.f("fk_article_feedback_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_feedback")),
        sa.UniqueConstraint("article_id", "reader", name=op.f("uq_article_feedback_article_id_reader")),
    )
    op.create_index(
        "ix_article_feedback_recent",
        "article_feedback",
        ["article_id", "is_helpful", "updated_at"],
        unique=False,
    )
    op.create_table(
        "article_text",
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("locale", core.db.types.BoundedText(length=10), nullable=False),
        sa.Column("latest_id", sa.Uuid(), nullable=False),
        sa.Column("published_id", sa.Uuid(), nullable=True),
        sa.Column("published_at", core.db.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("waiting_id", sa.Uuid(), nullable=True),
        sa.Column("publish_at", core.db.types.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(published_id IS NULL) = (published_at IS NULL)", name=op.f("ck_article_text_published")
        ),
        sa.CheckConstraint(
            "(waiting_id IS NULL) = (publish_at IS NULL)", name=op.f("ck_article_text_waiting")
        ),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_article_text_article_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["latest_id"], ["article_version.id"], name=op.f("fk_article_text_latest_id")
        ),
        sa.ForeignKeyConstraint(
            ["published_id"], ["article_version.id"], name=op.f("fk_article_text_published_id")
        ),
        sa.ForeignKeyConstraint(
            ["waiting_id"], ["article_version.id"], name=op.f("fk_article_text_waiting_id")
        ),
        sa.PrimaryKeyConstraint("article_id", "locale", name=op.f("pk_article_text")),
    )
    op.create_index(op.f("ix_article_text_publish_at"), "article_text", ["publish_at"], unique=False)
