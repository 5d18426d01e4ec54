"""Partners and their material"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import core.db.types

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "material",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", core.db.types.BoundedText(length=80), nullable=False),
        sa.Column("kind", core.db.types.BoundedText(length=12), nullable=False),
        sa.Column("titles", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("summaries", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("audience", core.db.types.BoundedText(length=8), nullable=False),
        sa.Column("published_at", core.db.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("expires_at", core.db.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("created_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("search_text", core.db.types.LongText(), server_default="", nullable=False),
        sa.CheckConstraint("audience IN ('all', 'chosen')", name=op.f("ck_material_audience")),
        sa.CheckConstraint(
            "kind IN ('brochure', 'price_list', 'picture', 'slides')", name=op.f("ck_material_kind")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_material")),
        sa.UniqueConstraint("slug", name=op.f("uq_material_slug")),
    )
    op.create_index("ix_material_published_at", "material", ["published_at"], unique=False)
    op.create_table(
        "material_partner",
        sa.Column("material_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_material_partner_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["material_id"], ["material.id"], name=op.f("fk_material_partner_material_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("material_id", "account_id", name=op.f("pk_material_partner")),
    )
    op.create_index(op.f("ix_material_partner_account_id"), "material_partner", ["account_id"], unique=False)
    op.create_table(
        "material_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("material_id", sa.Uuid(), nullable=False),
        sa.Column("language", core.db.types.BoundedText(length=10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("template", core.db.types.BoundedText(length=40), nullable=True),
        sa.Column("texts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("note", core.db.types.BoundedText(length=300), nullable=False),
        sa.Column("published_at", core.db.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("uploaded_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(template IS NULL) <> (file_id IS NULL)", name=op.f("ck_material_version_one_source")
        ),
        sa.CheckConstraint("number > 0", name=op.f("ck_material_version_number")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_material_version_file_id")),
        sa.ForeignKeyConstraint(
            ["material_id"], ["material.id"], name=op.f("fk_material_version_material_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by"],
            ["app_user.id"],
            name=op.f("fk_material_version_uploaded_by"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_material_version")),
        sa.UniqueConstraint(
            "material_id", "language", "number", name=op.f("uq_material_version_material_id_language_number")
        ),
    )
    op.create_index(
        op.f("ix_material_version_material_id"), "material_version", ["material_id"], unique=False
    )
    op.create_table(
        "partner_profile",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("public_name", core.db.types.BoundedText(length=120), nullable=False),
        sa.Column("address", core.db.types.BoundedText(length=300), nullable=False),
        sa.Column("phone", core.db.types.BoundedText(length=40), nullable=False),
        sa.Column("email", core.db.types.BoundedText(length=254), nullable=False),
        sa.Column("web", core.db.types.BoundedText(length=160), nullable=False),
        sa.Column("languages", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("logo_id", sa.Uuid(), nullable=True),
        sa.Column("terms_version", core.db.types.BoundedText(length=20), nullable=True),
        sa.Column("terms_accepted_at", core.db.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("terms_accepted_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_partner_profile_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["logo_id"], ["stored_file.id"], name=op.f("fk_partner_profile_logo_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["terms_accepted_by"],
            ["app_user.id"],
            name=op.f("fk_partner_profile_terms_accepted_by"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_partner_profile")),
    )
    op.create_table(
        "material_download",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("material_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("language", core.db.types.BoundedText(length=10), nullable=False),
        sa.Column("is_co_branded", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_material_download_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["material_id"],
            ["material.id"],
            name=op.f("fk_material_download_material_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name=op.f("fk_material_download_user_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["material_version.id"],
            name=op.f("fk_material_download_version_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_material_download")),
    )
    op.create_index(
        "ix_material_download_account_id_at", "material_download", ["account_id", "at"], unique=False
    )
    op.create_index(op.f("ix_material_download_at"), "material_download", ["at"], unique=False)
    op.create_index(
        "ix_material_download_material_id_at", "material_download", ["material_id", "at"], unique=False
    )
    op.create_index(op.f("ix_material_download_user_id"), "material_download", ["user_id"], unique=False)
    op.create_index(
        op.f("ix_material_download_version_id"), "material_download", ["version_id"], unique=False
    )
    op.create_table(
        "material_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("material_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=True),
        sa.Column("category_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(product_id IS NULL) <> (category_id IS NULL)", name=op.f("ck_material_link_one")
        ),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name=op.f("fk_material_link_category_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["material_id"], ["material.id"], name=op.f("fk_material_link_material_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_material_link_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_material_link")),
        sa.UniqueConstraint(
            "material_id", "category_id", name=op.f("uq_material_link_material_id_category_id")
        ),
        sa.UniqueConstraint(
            "material_id", "product_id", name=op.f("uq_material_link_material_id_product_id")
        ),
    )
    op.create_index(op.f("ix_material_link_category_id"), "material_link", ["category_id"], unique=False)
    op.create_index(op.f("ix_material_link_material_id"), "material_link", ["material_id"], unique=False)
    op.create_index(op.f("ix_material_link_product_id"), "material_link", ["product_id"], unique=False)
