"""Money: a decimal amount with its currency, stored as a whole number of 1/10,000."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

SCALE = 10_000
MINOR_DIGITS = {"JPY": 0, "KRW": 0, "TWD": 0}  # other currencies have two
LARGEST = Decimal("100000000000")


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in one currency. Arithmetic between currencies is an error, not a conversion."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not self.amount.is_finite() or abs(self.amount) > LARGEST:
            raise ValueError("an amount must be finite and below 10^11")

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not mix")

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __mul__(self, factor: int | Decimal) -> Money:
        return Money(self.amount * factor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __bool__(self) -> bool:
        return bool(self.amount)

    def rounded(self) -> Money:
        """To the currency's smallest coin, half to even."""
        step = Decimal(1).scaleb(-MINOR_DIGITS.get(self.currency, 2))
        return Money(self.amount.quantize(step, ROUND_HALF_EVEN), self.currency)


def to_units(amount: Decimal) -> int:
    """Decimal -> count of 1/10,000. Raises ValueError where that would lose digits."""
    scaled = amount * SCALE
    whole = int(scaled)
    if whole != scaled:
        raise ValueError(f"{amount} has more than four decimal places")
    return whole


def from_units(units: int) -> Decimal:
    return Decimal(units) / SCALE
