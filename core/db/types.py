"""Column types that refuse what one of the two databases would silently change."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, String, Text
from sqlalchemy.types import TypeDecorator

from core.errors import Invalid
from core.money import from_units, to_units


class UTCDateTime(TypeDecorator[datetime]):
    """An aware moment, stored as UTC. SQLite drops offsets, so naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class MoneyAmount(TypeDecorator[Decimal]):
    """A Decimal as a whole number of 1/10,000; Numeric would be a float on SQLite."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return None if value is None else to_units(Decimal(value))

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else from_units(value)


def storable(value: str, length: int | None = None) -> str:
    """`value` if both databases can hold it. Raises Invalid otherwise."""
    if "\x00" in value:
        raise Invalid("text.nul")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise Invalid("text.encoding") from None
    if length is not None and len(value) > length:
        raise Invalid("text.too_long", limit=length)
    return value


class BoundedText(TypeDecorator[str]):
    """Text of at most `length` characters, without NUL or lone surrogates, alike on both databases."""

    impl = String
    cache_ok = True

    def __init__(self, length: int = 255) -> None:
        self.length = length
        super().__init__(length)

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else storable(str(value), self.length)


class LongText(TypeDecorator[str]):
    """Text without a stated length, still without NUL or lone surrogates."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else storable(str(value))
