"""Campaigns and sends"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import core.db.types

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", core.db.types.BoundedText(length=60), nullable=False),
        sa.Column("kind", core.db.types.BoundedText(length=20), nullable=False),
        sa.Column("state", core.db.types.BoundedText(length=10), nullable=False),
        sa.Column("running", sa.Integer(), nullable=True),
        sa.Column("switched_at", core.db.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("created_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('left_cart', 'after_delivery', 'welcome')", name=op.f("ck_campaign_kind")
        ),
        sa.CheckConstraint("state IN ('draft', 'on', 'off')", name=op.f("ck_campaign_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("key", name=op.f("uq_campaign_key")),
    )
    op.create_table(
        "campaign_objection",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", core.db.types.BoundedText(length=20), nullable=False),
        sa.Column("created_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("source", core.db.types.BoundedText(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["app_user.id"], name=op.f("fk_campaign_objection_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "kind", name=op.f("pk_campaign_objection")),
    )
    op.create_table(
        "campaign_suppression",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("digest", core.db.types.BoundedText(length=64), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("reason", core.db.types.BoundedText(length=20), nullable=False),
        sa.Column("note", core.db.types.BoundedText(length=300), nullable=False),
        sa.Column("created_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_by", core.db.types.BoundedText(length=254), nullable=False),
        sa.Column("lifted_at", core.db.types.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "reason IN ('unsubscribed', 'bounced', 'complaint', 'manual')",
            name=op.f("ck_campaign_suppression_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["app_user.id"], name=op.f("fk_campaign_suppression_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_suppression")),
    )
    op.create_index(
        op.f("ix_campaign_suppression_created_at"), "campaign_suppression", ["created_at"], unique=False
    )
    op.create_index(op.f("ix_campaign_suppression_digest"), "campaign_suppression", ["digest"], unique=False)
    op.create_index(
        op.f("ix_campaign_suppression_person_id"), "campaign_suppression", ["person_id"], unique=False
    )
    op.create_table(
        "campaign_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("delay_minutes", sa.Integer(), nullable=False),
        sa.Column("conditions", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("texts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("blocks", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("approved", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("frozen_at", core.db.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("author", core.db.types.BoundedText(length=254), nullable=False),
        sa.Column("created_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_version_campaign_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_version")),
        sa.UniqueConstraint("campaign_id", "number", name=op.f("uq_campaign_version_campaign_id_number")),
    )
    op.create_table(
        "campaign_send",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("trigger_key", core.db.types.BoundedText(length=120), nullable=False),
        sa.Column("trigger_id", sa.Uuid(), nullable=True),
        sa.Column("triggered_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("due_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("outcome", core.db.types.BoundedText(length=10), nullable=False),
        sa.Column("reason", core.db.types.BoundedText(length=40), nullable=True),
        sa.Column("facts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("decided_at", core.db.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("mail_key", core.db.types.BoundedText(length=200), nullable=True),
        sa.Column("message_id", core.db.types.BoundedText(length=200), nullable=True),
        sa.Column("digest", core.db.types.BoundedText(length=64), nullable=True),
        sa.Column("created_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('waiting', 'sent', 'skipped')", name=op.f("ck_campaign_send_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_send_campaign_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["app_user.id"], name=op.f("fk_campaign_send_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["campaign_version.id"],
            name=op.f("fk_campaign_send_version_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_send")),
        sa.UniqueConstraint(
            "campaign_id",
            "person_id",
            "step",
            "trigger_key",
            name=op.f("uq_campaign_send_campaign_id_person_id_step_trigger_key"),
        ),
        sa.UniqueConstraint("digest", name=op.f("uq_campaign_send_digest")),
        sa.UniqueConstraint("mail_key", name=op.f("uq_campaign_send_mail_key")),
    )
    op.create_index(
        "ix_campaign_send_campaign_decided", "campaign_send", ["campaign_id", "decided_at"], unique=False
    )
    op.create_index("ix_campaign_send_created_at", "campaign_send", ["created_at", "id"], unique=False)
    op.create_index(
        "ix_campaign_send_person_created", "campaign_send", ["person_id", "created_at"], unique=False
    )
    op.create_index(op.f("ix_campaign_send_version_id"), "campaign_send", ["version_id"], unique=False)
    # Carts that were left alone are looked for by the time of their last change.
    op.create_index("ix_cart_updated_at", "cart", ["updated_at"])
