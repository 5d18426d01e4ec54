"""Clicks and consent"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import core.db.types

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "click_drop",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reason", core.db.types.BoundedText(length=40), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "reason", name=op.f("pk_click_drop")),
    )
    op.create_table(
        "click_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", core.db.types.BoundedText(length=120), nullable=False),
        sa.Column("name", core.db.types.BoundedText(length=40), nullable=False),
        sa.Column("at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("received_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("visitor_id", sa.Uuid(), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("page_kind", core.db.types.BoundedText(length=24), nullable=True),
        sa.Column("page_id", core.db.types.BoundedText(length=80), nullable=True),
        sa.Column("path", core.db.types.BoundedText(length=300), nullable=True),
        sa.Column("product_id", core.db.types.BoundedText(length=64), nullable=True),
        sa.Column("signal", core.db.types.BoundedText(length=8), nullable=True),
        sa.Column("dwell_ms", sa.Integer(), nullable=True),
        sa.Column("is_bot", sa.Boolean(), nullable=False),
        sa.Column("is_server", sa.Boolean(), nullable=False),
        sa.Column("properties", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_click_event")),
        sa.UniqueConstraint("message_id", name=op.f("uq_click_event_message_id")),
    )
    op.create_index("ix_click_event_at", "click_event", ["at"], unique=False)
    op.create_index(
        "ix_click_event_person_id_at",
        "click_event",
        ["person_id", "at"],
        unique=False,
        sqlite_where=sa.text("person_id IS NOT NULL"),
        postgresql_where=sa.text("person_id IS NOT NULL"),
    )
    op.create_index(op.f("ix_click_event_session_id"), "click_event", ["session_id"], unique=False)
    op.create_index(
        "ix_click_event_visitor_id_at",
        "click_event",
        ["visitor_id", "at"],
        unique=False,
        sqlite_where=sa.text("visitor_id IS NOT NULL"),
        postgresql_where=sa.text("visitor_id IS NOT NULL"),
    )
    op.create_table(
        "click_join",
        sa.Column("visitor_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("joined_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("undone_at", core.db.types.UTCDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("visitor_id", name=op.f("pk_click_join")),
    )
    op.create_index(op.f("ix_click_join_person_id"), "click_join", ["person_id"], unique=False)
    op.create_table(
        "click_quarantine",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("visitor_id", sa.Uuid(), nullable=True),
        sa.Column("received_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("reason", core.db.types.BoundedText(length=40), nullable=False),
        sa.Column("field", core.db.types.BoundedText(length=80), nullable=False),
        sa.Column("body", core.db.types.LongText(), nullable=False),
        sa.Column("is_bot", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_click_quarantine")),
    )
    op.create_index(op.f("ix_click_quarantine_person_id"), "click_quarantine", ["person_id"], unique=False)
    op.create_index(
        op.f("ix_click_quarantine_received_at"), "click_quarantine", ["received_at"], unique=False
    )
    op.create_index(op.f("ix_click_quarantine_visitor_id"), "click_quarantine", ["visitor_id"], unique=False)
    op.create_table(
        "click_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("visitor_id", sa.Uuid(), nullable=True),
        sa.Column("started_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("last_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("entry_kind", core.db.types.BoundedText(length=24), nullable=True),
        sa.Column("entry_id", core.db.types.BoundedText(length=80), nullable=True),
        sa.Column("entry_path", core.db.types.BoundedText(length=300), nullable=True),
        sa.Column("referrer", core.db.types.BoundedText(length=120), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("dwell_ms", sa.Integer(), nullable=False),
        sa.Column("has_order", sa.Boolean(), nullable=False),
        sa.Column("has_request", sa.Boolean(), nullable=False),
        sa.Column("is_bot", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_click_session")),
    )
    op.create_index(
        "ix_click_session_person_id_started_at", "click_session", ["person_id", "started_at"], unique=False
    )
    op.create_index(op.f("ix_click_session_started_at"), "click_session", ["started_at"], unique=False)
    op.create_index(op.f("ix_click_session_visitor_id"), "click_session", ["visitor_id"], unique=False)
    op.create_table(
        "click_subject",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("last_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("window_start", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("window_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_click_subject")),
    )
    op.create_index(op.f("ix_click_subject_last_at"), "click_subject", ["last_at"], unique=False)
    op.create_table(
        "consent_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("visitor_id", sa.Uuid(), nullable=True),
        sa.Column("purpose", core.db.types.BoundedText(length=24), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("version", core.db.types.BoundedText(length=24), nullable=False),
        sa.Column("source", core.db.types.BoundedText(length=40), nullable=False),
        sa.Column("at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(person_id IS NULL) <> (visitor_id IS NULL)", name=op.f("ck_consent_record_one_subject")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_record")),
    )
    op.create_index(
        "ix_consent_record_person_id_purpose", "consent_record", ["person_id", "purpose", "at"], unique=False
    )
    op.create_index(
        "ix_consent_record_visitor_id_purpose",
        "consent_record",
        ["visitor_id", "purpose", "at"],
        unique=False,
    )
    op.add_column(
        "sign_up", sa.Column("wants_offers", sa.Boolean(), nullable=False, server_default=sa.false())
    )
