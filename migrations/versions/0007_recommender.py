"""What recommendations heed"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import core.db.types

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recommender_training",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ended_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("cause", core.db.types.BoundedText(length=12), nullable=False),
        sa.Column("started_by", sa.Uuid(), nullable=True),
        sa.Column("version", core.db.types.BoundedText(length=64), nullable=True),
        sa.Column("card", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("signals", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("error", core.db.types.BoundedText(length=500), nullable=False),
        sa.CheckConstraint(
            "cause IN ('first', 'schedule', 'signals', 'staff', 'command')",
            name=op.f("ck_recommender_training_cause"),
        ),
        sa.ForeignKeyConstraint(
            ["started_by"],
            ["app_user.id"],
            name=op.f("fk_recommender_training_started_by"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recommender_training")),
    )
    op.create_index(op.f("ix_recommender_training_ended_at"), "recommender_training", ["ended_at"])
    op.create_index(op.f("ix_recommender_training_version"), "recommender_training", ["version"])
    op.create_table(
        "recommendation_dislike",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_recommendation_dislike_account_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["app_user.id"],
            name=op.f("fk_recommendation_dislike_person_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["product.id"],
            name=op.f("fk_recommendation_dislike_product_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "person_id", "account_id", "product_id", name=op.f("pk_recommendation_dislike")
        ),
    )
    op.create_index(op.f("ix_recommendation_dislike_account_id"), "recommendation_dislike", ["account_id"])
    op.create_index(op.f("ix_recommendation_dislike_product_id"), "recommendation_dislike", ["product_id"])
