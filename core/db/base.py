"""The declarative base of every table, and the columns that recur."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import JSON, MetaData, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from core import clock
from core.db.types import BoundedText, MoneyAmount, UTCDateTime
from core.ids import new_id

JSONValue = JSON().with_variant(JSONB(), "postgresql")
JSONMap = dict[str, Any]
JSONList = list[Any]

Id = Annotated[uuid.UUID, mapped_column(Uuid(), primary_key=True, default=new_id)]


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - read by SQLAlchemy at class creation
        str: BoundedText(255),
        uuid.UUID: Uuid(),
        datetime: UTCDateTime(),
        Decimal: MoneyAmount(),
        JSONMap: JSONValue,
        JSONList: JSONValue,
    }


class Timestamped:
    """When the row was made and last changed."""

    created_at: Mapped[datetime] = mapped_column(default=clock.now, sort_order=90)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now, sort_order=91)
