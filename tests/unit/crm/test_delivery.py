"""Prices and promised days of delivery."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from core.money import Money
from crm.orders.delivery import METHODS, add_working_days, find_price, promised_on
from crm.orders.pricing import contained_tax


@pytest.mark.parametrize(
    ("code", "weight", "goods", "price"),
    [
        ("standard", 400, "10", "4.90"),
        ("standard", 2_001, "49.99", "6.90"),
        ("standard", 400, "50", "0"),
        ("standard", 31_500, "50", "0"),
        ("standard", 31_501, "500", "49.00"),
        ("express", 5_000, "500", "12.90"),
        ("express", 31_501, "500", None),
        ("pickup", 400_000, "1", "0"),
        ("standard", 500_001, "9000", None),
    ],
)
def test_price_by_weight_and_total(code: str, weight: int, goods: str, price: str | None) -> None:
    assert find_price(METHODS[code], weight, Decimal(goods)) == (None if price is None else Decimal(price))


def test_working_days_skip_the_weekend() -> None:
    friday = date(2026, 11, 20)
    assert add_working_days(friday, 1) == date(2026, 11, 23)
    assert add_working_days(friday, 6) == date(2026, 11, 30)
    assert add_working_days(friday, 0) == friday


@pytest.mark.parametrize(
    ("code", "moment", "day"),
    [
        (
            "standard",
            datetime(2026, 11, 16, 12, 59, tzinfo=UTC),
            date(2026, 11, 19),
        ),  # Monday 13:59 in Berlin
        ("standard", datetime(2026, 11, 16, 13, 0, tzinfo=UTC), date(2026, 11, 20)),  # 14:00: packed tomorrow
        ("express", datetime(2026, 11, 20, 9, 0, tzinfo=UTC), date(2026, 11, 23)),  # Friday morning
        ("express", datetime(2026, 11, 20, 20, 0, tzinfo=UTC), date(2026, 11, 24)),  # Friday night
        ("express", datetime(2026, 11, 21, 9, 0, tzinfo=UTC), date(2026, 11, 24)),  # Saturday
        ("express", datetime(2026, 7, 19, 22, 30, tzinfo=UTC), date(2026, 7, 21)),  # already Monday in Berlin
    ],
)
def test_the_promised_day(code: str, moment: datetime, day: date) -> None:
    assert promised_on(METHODS[code], moment) == day


def test_tax_is_inside_the_price() -> None:
    assert contained_tax(Money(Decimal("119"), "EUR"), 1900) == Money(Decimal("19.00"), "EUR")
    assert contained_tax(Money(Decimal("10.70"), "EUR"), 700) == Money(Decimal("0.70"), "EUR")
    assert contained_tax(Money(Decimal("100"), "EUR"), 0) == Money(Decimal("0.00"), "EUR")
