"""What customers have at home"""

import sqlalchemy as sa
from alembic import op

import core.db.types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "order_line", sa.Column("returned_quantity", sa.Integer(), nullable=False, server_default="0")
    )
    op.create_table(
        "owned_product",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("product_id", sa.Uuid(), nullable=True),
        sa.Column("name", core.db.types.BoundedText(length=160), nullable=False),
        sa.Column("nickname", core.db.types.BoundedText(length=60), nullable=False),
        sa.Column("serial_number", core.db.types.BoundedText(length=40), nullable=False),
        sa.Column("order_line_id", sa.Uuid(), nullable=True),
        sa.Column("unit", sa.Integer(), nullable=True),
        sa.Column("acquired_on", sa.Date(), nullable=False),
        sa.Column("warranty_until", sa.Date(), nullable=True),
        sa.Column("source", core.db.types.BoundedText(length=12), nullable=False),
        sa.Column("removed_at", core.db.types.UTCDateTime(timezone=True), nullable=True),
        sa.Column("removal_reason", core.db.types.BoundedText(length=12), nullable=True),
        sa.Column("created_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", core.db.types.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("source IN ('order', 'registered')", name=op.f("ck_owned_product_source")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_owned_product_account_id_account"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name=op.f("fk_owned_product_user_id_app_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_owned_product_product_id_product")
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"],
            ["order_line.id"],
            name=op.f("fk_owned_product_order_line_id_order_line"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_owned_product")),
        sa.UniqueConstraint("order_line_id", "unit", name=op.f("uq_owned_product_order_line_id_unit")),
    )
    op.create_index("ix_owned_product_account_id", "owned_product", ["account_id", "id"])
    op.create_index(op.f("ix_owned_product_product_id"), "owned_product", ["product_id"])
    op.create_index(op.f("ix_owned_product_user_id"), "owned_product", ["user_id"])
