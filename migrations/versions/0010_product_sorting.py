"""Products by price and by age, as the shop sorts them"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


FOR_SALE = {
    "sqlite_where": sa.text("is_active = 1 AND is_sellable = 1"),
    "postgresql_where": sa.text("is_active AND is_sellable"),
}


def upgrade() -> None:
    op.create_index("ix_product_price", "product", ["price", "id"], **FOR_SALE)
    op.create_index("ix_product_newest", "product", ["created_at", "id"], **FOR_SALE)
