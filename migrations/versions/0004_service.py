"""Service requests"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import core.db.types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "service_case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", core.db.types.BoundedText(length=20), nullable=False),
        sa.Column("kind", core.db.types.BoundedText(length=20), nullable=False),
        sa.Column("state", core.db.types.BoundedText(length=20), nullable=False),
        sa.Column("severity", core.db.types.BoundedText(length=10), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("email", core.db.types.BoundedText(length=254), nullable=True),
        sa.Column("locale", core.db.types.BoundedText(length=10), nullable=False),
        sa.Column("subject", core.db.types.BoundedText(length=160), nullable=False),
        sa.Column("fields", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("order_line_id", sa.Uuid(), nullable=True),
        sa.Column("product_id", sa.Uuid(), nullable=True),
        sa.Column("owned_product_id", sa.Uuid(), nullable=True),
        sa.Column("team", core.db.types.BoundedText(length=20), nullable=False),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("promised_at", core.db.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("opened_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("active_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("first_reply_at", core.db.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("solved_at", core.db.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("closed_at", core.db.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("source", core.db.types.BoundedText(length=20), nullable=False),
        sa.Column("idempotency_key", core.db.types.BoundedText(length=100), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("search_text", core.db.types.LongText(), nullable=False),
        sa.Column("staff_text", core.db.types.LongText(), nullable=False),
        sa.Column("created_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('question', 'complaint', 'repair', 'return', 'billing', 'installation', 'wish')",
            name=op.f("ck_service_case_kind"),
        ),
        sa.CheckConstraint("severity IN ('normal', 'severe')", name=op.f("ck_service_case_severity")),
        sa.CheckConstraint(
            "state IN ('new', 'open', 'waiting_customer', 'waiting_internal', 'solved', 'closed')",
            name=op.f("ck_service_case_state"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_service_case_account_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["owned_product_id"],
            ["owned_product.id"],
            name=op.f("fk_service_case_owned_product_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["assignee_id"], ["app_user.id"], name=op.f("fk_service_case_assignee_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["sales_order.id"], name=op.f("fk_service_case_order_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"],
            ["order_line.id"],
            name=op.f("fk_service_case_order_line_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_service_case_product_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name=op.f("fk_service_case_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_case")),
        sa.UniqueConstraint("reference", name=op.f("uq_service_case_reference")),
        sa.UniqueConstraint(
            "user_id", "idempotency_key", name=op.f("uq_service_case_user_id_idempotency_key")
        ),
    )
    op.create_index(
        "ix_service_case_account_id_opened_at",
        "service_case",
        ["account_id", "opened_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_service_case_assignee_id"), "service_case", ["assignee_id"], unique=False)
    op.create_index("ix_service_case_opened_at", "service_case", ["opened_at", "id"], unique=False)
    op.create_index(op.f("ix_service_case_order_id"), "service_case", ["order_id"], unique=False)
    op.create_index(op.f("ix_service_case_order_line_id"), "service_case", ["order_line_id"], unique=False)
    op.create_index(
        op.f("ix_service_case_owned_product_id"), "service_case", ["owned_product_id"], unique=False
    )
    op.create_index(op.f("ix_service_case_product_id"), "service_case", ["product_id"], unique=False)
    op.create_index("ix_service_case_promised_at", "service_case", ["promised_at"], unique=False)
    op.create_index(
        "ix_service_case_state_opened_at", "service_case", ["state", "opened_at", "id"], unique=False
    )
    op.create_index(
        "ix_service_case_user_id_opened_at", "service_case", ["user_id", "opened_at", "id"], unique=False
    )
    op.create_table(
        "case_context",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", core.db.types.BoundedText(length=20), nullable=False),
        sa.Column("object_id", core.db.types.BoundedText(length=60), nullable=False),
        sa.Column("title", core.db.types.BoundedText(length=200), nullable=False),
        sa.Column("at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["service_case.id"], name=op.f("fk_case_context_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_context")),
    )
    op.create_index(op.f("ix_case_context_case_id"), "case_context", ["case_id"], unique=False)
    op.create_table(
        "case_escalation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("trigger", core.db.types.BoundedText(length=20), nullable=False),
        sa.Column("reason", core.db.types.BoundedText(length=1000), nullable=False),
        sa.Column("raised_by", sa.Uuid(), nullable=True),
        sa.Column("raised_by_name", core.db.types.BoundedText(length=120), nullable=False),
        sa.Column("raised_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("outcome", core.db.types.BoundedText(length=1000), nullable=False),
        sa.Column("resolved_by", sa.Uuid(), nullable=True),
        sa.Column("resolved_by_name", core.db.types.BoundedText(length=120), nullable=False),
        sa.Column("resolved_at", core.db.types.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["service_case.id"], name=op.f("fk_case_escalation_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_escalation")),
    )
    op.create_index(op.f("ix_case_escalation_case_id"), "case_escalation", ["case_id"], unique=False)
    op.create_index(
        "ix_case_escalation_resolved_at_raised_at",
        "case_escalation",
        ["resolved_at", "raised_at"],
        unique=False,
    )
    op.create_table(
        "case_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("kind", core.db.types.BoundedText(length=30), nullable=False),
        sa.Column("visibility", core.db.types.BoundedText(length=10), nullable=False),
        sa.Column("side", core.db.types.BoundedText(length=10), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", core.db.types.BoundedText(length=120), nullable=False),
        sa.Column("text", core.db.types.LongText(), nullable=False),
        sa.Column("data", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("staff_data", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("key", core.db.types.BoundedText(length=100), nullable=True),
        sa.CheckConstraint("visibility IN ('public', 'internal')", name=op.f("ck_case_event_visibility")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["service_case.id"], name=op.f("fk_case_event_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_event")),
        sa.UniqueConstraint("case_id", "key", name=op.f("uq_case_event_case_id_key")),
    )
    op.create_index("ix_case_event_case_id_at", "case_event", ["case_id", "at", "id"], unique=False)
    op.create_table(
        "case_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("digest", core.db.types.BoundedText(length=64), nullable=False),
        sa.Column("created_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["service_case.id"], name=op.f("fk_case_link_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_link")),
        sa.UniqueConstraint("digest", name=op.f("uq_case_link_digest")),
    )
    op.create_index(op.f("ix_case_link_case_id"), "case_link", ["case_id"], unique=False)
    op.create_index(op.f("ix_case_link_expires_at"), "case_link", ["expires_at"], unique=False)
    op.create_table(
        "case_attachment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["service_case.id"], name=op.f("fk_case_attachment_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["case_event.id"], name=op.f("fk_case_attachment_event_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_case_attachment_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_attachment")),
    )
    op.create_index(op.f("ix_case_attachment_case_id"), "case_attachment", ["case_id"], unique=False)
    op.create_index(op.f("ix_case_attachment_event_id"), "case_attachment", ["event_id"], unique=False)
    op.create_index(op.f("ix_case_attachment_file_id"), "case_attachment", ["file_id"], unique=False)
