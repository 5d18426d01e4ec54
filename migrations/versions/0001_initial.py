"""Initial tables"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import core.db.types
from core.audit import APPEND_ONLY_SQL

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", core.db.types.BoundedText(length=12), nullable=False),
        sa.Column("name", core.db.types.BoundedText(length=160), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("country", core.db.types.BoundedText(length=60), nullable=True),
        sa.Column("currency", core.db.types.BoundedText(length=3), nullable=False),
        sa.Column("tax_number", core.db.types.BoundedText(length=40), nullable=True),
        sa.Column("pays_on_account", sa.Boolean(), nullable=False),
        sa.Column("is_partner", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("source", core.db.types.BoundedText(length=40), nullable=False),
        sa.Column("external_id", core.db.types.BoundedText(length=80), nullable=True),
        sa.Column("created_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("search_text", core.db.types.LongText(), server_default="", nullable=False),
        sa.CheckConstraint("kind IN ('company', 'household', 'consumer')", name=op.f("ck_account_kind")),
        sa.ForeignKeyConstraint(["parent_id"], ["account.id"], name=op.f("fk_account_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("number", name=op.f("uq_account_number")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_account_source_external_id")),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_index("ix_account_name", ["name"], unique=False)

    op.create_table(
        "app_user",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", core.db.types.BoundedText(length=254), nullable=False),
        sa.Column("kind", core.db.types.BoundedText(length=10), nullable=False),
        sa.Column("name", core.db.types.BoundedText(length=120), nullable=False),
        sa.Column("password_hash", core.db.types.BoundedText(length=255), nullable=True),
        sa.Column("locale", core.db.types.BoundedText(length=10), nullable=False),
        sa.Column("timezone", core.db.types.BoundedText(length=64), nullable=False),
        sa.Column("currency", core.db.types.BoundedText(length=3), nullable=False),
        sa.Column("phone", core.db.types.BoundedText(length=40), nullable=True),
        sa.Column("preferred_channel", core.db.types.BoundedText(length=10), nullable=False),
        sa.Column("email_verified_at", core.db.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("last_sign_in_at", core.db.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("created_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('customer', 'partner', 'staff')", name=op.f("ck_app_user_kind")),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_app_user_email_lower")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_user")),
        sa.UniqueConstraint("email", name=op.f("uq_app_user_email")),
    )
    with op.batch_alter_table("app_user", schema=None) as batch_op:
        batch_op.create_index("ix_app_user_kind", ["kind"], unique=False)

    op.create_table(
        "audit_entry",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", core.db.types.BoundedText(length=254), nullable=False),
        sa.Column("address", core.db.types.BoundedText(length=64), nullable=True),
        sa.Column("action", core.db.types.BoundedText(length=80), nullable=False),
        sa.Column("object_kind", core.db.types.BoundedText(length=60), nullable=False),
        sa.Column("object_id", core.db.types.BoundedText(length=80), nullable=False),
        sa.Column("before", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("after", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("digest", core.db.types.BoundedText(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_entry")),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index("ix_audit_entry_actor_id_at", ["actor_id", "at"], unique=False)
        batch_op.create_index("ix_audit_entry_at", ["at"], unique=False)
        batch_op.create_index("ix_audit_entry_object", ["object_kind", "object_id"], unique=False)

    op.create_table(
        "category",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", core.db.types.BoundedText(length=80), nullable=False),
        sa.Column("names", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("descriptions", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["category.id"], name=op.f("fk_category_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category")),
        sa.UniqueConstraint("slug", name=op.f("uq_category_slug")),
    )
    op.create_table(
        "demo_charge",
        sa.Column("key", core.db.types.BoundedText(length=100), nullable=False),
        sa.Column("instrument", core.db.types.BoundedText(length=80), nullable=False),
        sa.Column("amount", core.db.types.MoneyAmount(), nullable=False),
        sa.Column("currency", core.db.types.BoundedText(length=3), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("outcome", core.db.types.BoundedText(length=20), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_demo_charge")),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", core.db.types.BoundedText(length=80), nullable=False),
        sa.Column("key", core.db.types.BoundedText(length=200), nullable=True),
        sa.Column("payload", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("state", core.db.types.BoundedText(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("run_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("published_at", core.db.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", core.db.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("finished_at", core.db.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("error", core.db.types.BoundedText(length=2000), nullable=True),
        sa.CheckConstraint("state IN ('pending', 'running', 'done', 'dead')", name=op.f("ck_job_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index(
            "ix_job_open",
            ["state", "run_at"],
            unique=False,
            sqlite_where=sa.text("state IN ('pending', 'running')"),
            postgresql_where=sa.text("state IN ('pending', 'running')"),
        )
        batch_op.create_index("ix_job_state_finished_at", ["state", "finished_at"], unique=False)
        batch_op.create_index(
            "uq_job_pending_name_key",
            ["name", "key"],
            unique=True,
            sqlite_where=sa.text("state = 'pending' AND key IS NOT NULL"),
            postgresql_where=sa.text("state = 'pending' AND key IS NOT NULL"),
        )

    op.create_table(
        "job_recurrence",
        sa.Column("name", core.db.types.BoundedText(length=80), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job_recurrence")),
    )
    op.create_table(
        "job_worker_beat",
        sa.Column("name", core.db.types.BoundedText(length=120), nullable=False),
        sa.Column("seen_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job_worker_beat")),
    )
    op.create_table(
        "mail",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", core.db.types.BoundedText(length=200), nullable=False),
        sa.Column("message_id", core.db.types.BoundedText(length=200), nullable=False),
        sa.Column("kind", core.db.types.BoundedText(length=60), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("recipient", core.db.types.BoundedText(length=254), nullable=False),
        sa.Column("locale", core.db.types.BoundedText(length=10), nullable=False),
        sa.Column("subject", core.db.types.BoundedText(length=300), nullable=False),
        sa.Column("text", core.db.types.LongText(), nullable=False),
        sa.Column("html", core.db.types.LongText(), nullable=True),
        sa.Column("headers", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("sensitive", sa.Boolean(), nullable=False),
        sa.Column("state", core.db.types.BoundedText(length=12), nullable=False),
        sa.Column("reason", core.db.types.BoundedText(length=300), nullable=True),
        sa.Column("created_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("sent_at", core.db.types.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('queued', 'sent', 'failed', 'suppressed')", name=op.f("ck_mail_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        sa.UniqueConstraint("key", name=op.f("uq_mail_key")),
        sa.UniqueConstraint("message_id", name=op.f("uq_mail_message_id")),
    )
    with op.batch_alter_table("mail", schema=None) as batch_op:
        batch_op.create_index("ix_mail_created_at", ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_mail_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_mail_recipient_created_at", ["recipient", "created_at"], unique=False)

    op.create_table(
        "mail_suppression",
        sa.Column("address", core.db.types.BoundedText(length=254), nullable=False),
        sa.Column("reason", core.db.types.BoundedText(length=300), nullable=False),
        sa.Column("created_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_mail_suppression")),
    )
    op.create_table(
        "number_sequence",
        sa.Column("name", core.db.types.BoundedText(length=40), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_number_sequence")),
    )
    op.create_table(
        "rate_counter",
        sa.Column("key", core.db.types.BoundedText(length=80), nullable=False),
        sa.Column("window_start", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("window_end", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rate_counter")),
    )
    with op.batch_alter_table("rate_counter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rate_counter_window_end"), ["window_end"], unique=False)

    op.create_table(
        "sign_up",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", core.db.types.BoundedText(length=254), nullable=False),
        sa.Column("name", core.db.types.BoundedText(length=120), nullable=False),
        sa.Column("company", core.db.types.BoundedText(length=160), nullable=True),
        sa.Column("password_hash", core.db.types.BoundedText(length=255), nullable=False),
        sa.Column("locale", core.db.types.BoundedText(length=10), nullable=False),
        sa.Column("timezone", core.db.types.BoundedText(length=64), nullable=False),
        sa.Column("digest", core.db.types.BoundedText(length=64), nullable=True),
        sa.Column("created_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_up")),
        sa.UniqueConstraint("digest", name=op.f("uq_sign_up_digest")),
    )
    with op.batch_alter_table("sign_up", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_up_email"), ["email"], unique=False)
        batch_op.create_index(batch_op.f("ix_sign_up_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "web_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("digest", core.db.types.BoundedText(length=64), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("data", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("created_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("signed_in_at", core.db.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("seen_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("address", core.db.types.BoundedText(length=64), nullable=True),
        sa.Column("user_agent", core.db.types.BoundedText(length=300), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_session")),
        sa.UniqueConstraint("digest", name=op.f("uq_web_session_digest")),
    )
    with op.batch_alter_table("web_session", schema=None) as batch_op:
        batch_op.create_index("ix_web_session_expires_at", ["expires_at"], unique=False)
        batch_op.create_index("ix_web_session_user_id", ["user_id"], unique=False)

    op.create_table(
        "address",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("label", core.db.types.BoundedText(length=60), nullable=False),
        sa.Column("recipient", core.db.types.BoundedText(length=120), nullable=False),
        sa.Column("line1", core.db.types.BoundedText(length=160), nullable=False),
        sa.Column("line2", core.db.types.BoundedText(length=160), nullable=False),
        sa.Column("postal_code", core.db.types.BoundedText(length=20), nullable=False),
        sa.Column("city", core.db.types.BoundedText(length=100), nullable=False),
        sa.Column("region", core.db.types.BoundedText(length=100), nullable=False),
        sa.Column("country", core.db.types.BoundedText(length=2), nullable=False),
        sa.Column("phone", core.db.types.BoundedText(length=40), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("created_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_address_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name=op.f("fk_address_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address")),
    )
    with op.batch_alter_table("address", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_address_account_id"), ["account_id"], unique=False)

    op.create_table(
        "api_idempotency",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("key", core.db.types.BoundedText(length=80), nullable=False),
        sa.Column("digest", core.db.types.BoundedText(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", core.db.types.LongText(), nullable=False),
        sa.Column("created_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name=op.f("fk_api_idempotency_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "key", name=op.f("pk_api_idempotency")),
    )
    with op.batch_alter_table("api_idempotency", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_idempotency_created_at"), ["created_at"], unique=False)

    op.create_table(
        "api_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", core.db.types.BoundedText(length=80), nullable=False),
        sa.Column("digest", core.db.types.BoundedText(length=64), nullable=False),
        sa.Column("scopes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("created_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", core.db.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("expires_at", core.db.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", core.db.types.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name=op.f("fk_api_token_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_token_digest")),
    )
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_token_user_id"), ["user_id"], unique=False)

    op.create_table(
        "app_user_role",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("role", core.db.types.BoundedText(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name=op.f("fk_app_user_role_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "role", name=op.f("pk_app_user_role")),
    )
    op.create_table(
        "cart",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("visitor_key", core.db.types.BoundedText(length=64), nullable=True),
        sa.Column("created_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name=op.f("fk_cart_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cart")),
        sa.UniqueConstraint("user_id", name=op.f("uq_cart_user_id")),
        sa.UniqueConstraint("visitor_key", name=op.f("uq_cart_visitor_key")),
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("role", core.db.types.BoundedText(length=40), nullable=False),
        sa.Column("scope", core.db.types.BoundedText(length=10), nullable=False),
        sa.Column("created_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("scope IN ('own', 'company')", name=op.f("ck_contact_scope")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_contact_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name=op.f("fk_contact_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sa.UniqueConstraint("user_id", name=op.f("uq_contact_user_id")),
    )
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_account_id"), ["account_id"], unique=False)

    op.create_table(
        "invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("email", core.db.types.BoundedText(length=254), nullable=False),
        sa.Column("role", core.db.types.BoundedText(length=40), nullable=False),
        sa.Column("scope", core.db.types.BoundedText(length=10), nullable=False),
        sa.Column("locale", core.db.types.BoundedText(length=10), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=True),
        sa.Column("digest", core.db.types.BoundedText(length=64), nullable=True),
        sa.Column("created_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_invitation_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["invited_by"], ["app_user.id"], name=op.f("fk_invitation_invited_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("account_id", "email", name=op.f("uq_invitation_account_id_email")),
        sa.UniqueConstraint("digest", name=op.f("uq_invitation_digest")),
    )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitation_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invitation_email"), ["email"], unique=False)
        batch_op.create_index(batch_op.f("ix_invitation_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "one_time_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", core.db.types.BoundedText(length=20), nullable=False),
        sa.Column("digest", core.db.types.BoundedText(length=64), nullable=False),
        sa.Column("data", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("created_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("used_at", core.db.types.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name=op.f("fk_one_time_token_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_one_time_token_digest")),
    )
    with op.batch_alter_table("one_time_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_one_time_token_user_id"), ["user_id"], unique=False)

    op.create_table(
        "product",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sku", core.db.types.BoundedText(length=60), nullable=False),
        sa.Column("slug", core.db.types.BoundedText(length=120), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=True),
        sa.Column("names", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("taglines", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("descriptions", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("specs", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("family", core.db.types.BoundedText(length=60), nullable=False),
        sa.Column("picture", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("price", core.db.types.MoneyAmount(), nullable=False),
        sa.Column("currency", core.db.types.BoundedText(length=3), nullable=False),
        sa.Column("tax_rate", sa.Integer(), nullable=False),
        sa.Column("weight_g", sa.Integer(), nullable=False),
        sa.Column("warranty_months", sa.Integer(), nullable=False),
        sa.Column("consumable_days", sa.Integer(), nullable=True),
        sa.Column("is_serialised", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_sellable", sa.Boolean(), nullable=False),
        sa.Column("popularity", sa.Integer(), nullable=False),
        sa.Column("source", core.db.types.BoundedText(length=40), nullable=False),
        sa.Column("created_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("search_text", core.db.types.LongText(), server_default="", nullable=False),
        sa.CheckConstraint("price >= 0", name=op.f("ck_product_price")),
        sa.ForeignKeyConstraint(["category_id"], ["category.id"], name=op.f("fk_product_category_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("sku", name=op.f("uq_product_sku")),
        sa.UniqueConstraint("slug", name=op.f("uq_product_slug")),
    )
    with op.batch_alter_table("product", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_product_category_id"), ["category_id"], unique=False)
        batch_op.create_index(
            "ix_product_category_popular",
            ["is_active", "is_sellable", "category_id", "popularity", "id"],
            unique=False,
        )
        batch_op.create_index(
            "ix_product_popular", ["is_active", "is_sellable", "popularity", "id"], unique=False
        )

    op.create_table(
        "sales_order",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", core.db.types.BoundedText(length=40), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("email", core.db.types.BoundedText(length=254), nullable=True),
        sa.Column("state", core.db.types.BoundedText(length=20), nullable=False),
        sa.Column("payment_method", core.db.types.BoundedText(length=20), nullable=False),
        sa.Column("payment_state", core.db.types.BoundedText(length=20), nullable=False),
        sa.Column("delivery_method", core.db.types.BoundedText(length=20), nullable=False),
        sa.Column("currency", core.db.types.BoundedText(length=3), nullable=False),
        sa.Column("items_total", core.db.types.MoneyAmount(), nullable=False),
        sa.Column("delivery_total", core.db.types.MoneyAmount(), nullable=False),
        sa.Column("tax_total", core.db.types.MoneyAmount(), nullable=False),
        sa.Column("total", core.db.types.MoneyAmount(), nullable=False),
        sa.Column(
            "delivery_address", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column(
            "billing_address", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("customer_note", core.db.types.BoundedText(length=1000), nullable=False),
        sa.Column("placed_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("delivered_at", core.db.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("locale", core.db.types.BoundedText(length=10), nullable=False),
        sa.Column("source", core.db.types.BoundedText(length=40), nullable=False),
        sa.Column("idempotency_key", core.db.types.BoundedText(length=100), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("search_text", core.db.types.LongText(), nullable=False),
        sa.Column("created_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sales_order_account_id")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name=op.f("fk_sales_order_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_order")),
        sa.UniqueConstraint("number", name=op.f("uq_sales_order_number")),
        sa.UniqueConstraint(
            "user_id", "idempotency_key", name=op.f("uq_sales_order_user_id_idempotency_key")
        ),
    )
    with op.batch_alter_table("sales_order", schema=None) as batch_op:
        batch_op.create_index(
            "ix_sales_order_account_id_placed_at", ["account_id", "placed_at", "id"], unique=False
        )
        batch_op.create_index("ix_sales_order_email", ["email"], unique=False)
        batch_op.create_index("ix_sales_order_placed_at", ["placed_at", "id"], unique=False)
        batch_op.create_index("ix_sales_order_state_placed_at", ["state", "placed_at", "id"], unique=False)
        batch_op.create_index(
            "ix_sales_order_user_id_placed_at", ["user_id", "placed_at", "id"], unique=False
        )

    op.create_table(
        "cart_line",
        sa.Column("cart_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("seen_price", core.db.types.MoneyAmount(), nullable=True),
        sa.Column("added_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("quantity BETWEEN 1 AND 999", name=op.f("ck_cart_line_quantity")),
        sa.ForeignKeyConstraint(
            ["cart_id"], ["cart.id"], name=op.f("fk_cart_line_cart_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_cart_line_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("cart_id", "product_id", name=op.f("pk_cart_line")),
    )
    with op.batch_alter_table("cart_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cart_line_product_id"), ["product_id"], unique=False)

    op.create_table(
        "order_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("kind", core.db.types.BoundedText(length=40), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", core.db.types.BoundedText(length=120), nullable=False),
        sa.Column("is_internal", sa.Boolean(), nullable=False),
        sa.Column("data", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["sales_order.id"], name=op.f("fk_order_event_order_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_event")),
    )
    with op.batch_alter_table("order_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_order_event_order_id"), ["order_id"], unique=False)

    op.create_table(
        "order_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", core.db.types.BoundedText(length=10), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=True),
        sa.Column("sku", core.db.types.BoundedText(length=60), nullable=False),
        sa.Column("names", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("cancelled_quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price", core.db.types.MoneyAmount(), nullable=False),
        sa.Column("amount", core.db.types.MoneyAmount(), nullable=False),
        sa.Column("tax_rate", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["sales_order.id"], name=op.f("fk_order_line_order_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_order_line_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_line")),
    )
    with op.batch_alter_table("order_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_order_line_order_id"), ["order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_order_line_product_id"), ["product_id"], unique=False)

    op.create_table(
        "order_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("digest", core.db.types.BoundedText(length=64), nullable=False),
        sa.Column("created_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["sales_order.id"], name=op.f("fk_order_link_order_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_link")),
        sa.UniqueConstraint("digest", name=op.f("uq_order_link_digest")),
    )
    with op.batch_alter_table("order_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_order_link_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_order_link_order_id"), ["order_id"], unique=False)

    op.create_table(
        "payment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("key", core.db.types.BoundedText(length=100), nullable=False),
        sa.Column("gateway", core.db.types.BoundedText(length=20), nullable=False),
        sa.Column("instrument", core.db.types.BoundedText(length=80), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("amount", core.db.types.MoneyAmount(), nullable=False),
        sa.Column("currency", core.db.types.BoundedText(length=3), nullable=False),
        sa.Column("state", core.db.types.BoundedText(length=20), nullable=False),
        sa.Column("reference", core.db.types.BoundedText(length=80), nullable=True),
        sa.Column("reason", core.db.types.BoundedText(length=200), nullable=True),
        sa.Column("created_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["sales_order.id"], name=op.f("fk_payment_order_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("key", name=op.f("uq_payment_key")),
    )
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payment_order_id"), ["order_id"], unique=False)

    op.create_table(
        "product_link",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("kind", core.db.types.BoundedText(length=12), nullable=False),
        sa.CheckConstraint("kind IN ('fits', 'goes_with', 'succeeds')", name=op.f("ck_product_link_kind")),
        sa.ForeignKeyConstraint(
            ["other_id"], ["product.id"], name=op.f("fk_product_link_other_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_product_link_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("product_id", "other_id", "kind", name=op.f("pk_product_link")),
    )
    with op.batch_alter_table("product_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_product_link_other_id"), ["other_id"], unique=False)

    op.create_table(
        "shipment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("carrier", core.db.types.BoundedText(length=40), nullable=False),
        sa.Column("tracking_code", core.db.types.BoundedText(length=60), nullable=False),
        sa.Column("state", core.db.types.BoundedText(length=20), nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("shipped_at", core.db.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", core.db.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("created_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["sales_order.id"], name=op.f("fk_shipment_order_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipment")),
    )
    with op.batch_alter_table("shipment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shipment_order_id"), ["order_id"], unique=False)

    op.create_table(
        "stock",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.Column("low_below", sa.Integer(), nullable=False),
        sa.CheckConstraint("on_hand >= 0", name=op.f("ck_stock_on_hand")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_stock_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_stock")),
    )
    op.create_table(
        "stock_adjustment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", core.db.types.BoundedText(length=40), nullable=False),
        sa.Column("document", core.db.types.BoundedText(length=40), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=True),
        sa.Column("sku", core.db.types.BoundedText(length=60), nullable=False),
        sa.Column("text", core.db.types.BoundedText(length=255), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("amount", core.db.types.MoneyAmount(), nullable=False),
        sa.Column("currency", core.db.types.BoundedText(length=3), nullable=False),
        sa.Column("at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_stock_adjustment_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_adjustment")),
    )
    with op.batch_alter_table("stock_adjustment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stock_adjustment_document"), ["document"], unique=False)

    op.create_table(
        "shipment_line",
        sa.Column("shipment_id", sa.Uuid(), nullable=False),
        sa.Column("order_line_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_line_id"],
            ["order_line.id"],
            name=op.f("fk_shipment_line_order_line_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["shipment_id"], ["shipment.id"], name=op.f("fk_shipment_line_shipment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("shipment_id", "order_line_id", name=op.f("pk_shipment_line")),
    )
    with op.batch_alter_table("shipment_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shipment_line_order_line_id"), ["order_line_id"], unique=False)

    for statement in APPEND_ONLY_SQL[op.get_bind().dialect.name]:
        op.execute(statement)
