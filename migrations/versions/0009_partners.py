"""Partners and their material"""

import sqlalchemy as sa
from alembic import op

import core.db.types

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
