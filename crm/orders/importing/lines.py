"""From a record to a typed line, or the reason why it cannot be one."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from core.money import SCALE
from crm.orders.importing.profile import Profile
from crm.orders.importing.reader import Columns, Record

LARGEST_QUANTITY = 1_000_000_000
LARGEST_UNITS = 10**9 * SCALE  # of one price
LARGEST_AMOUNT = 10**11 * SCALE  # of a line or a document, as core.money has it
_KEPT = 200_000  # texts whose meaning is remembered
_QUANTITY = re.compile(r"[+-]?[0-9]{1,12}")
_PRICE = re.compile(r"([+-]?)([0-9]{1,15})(?:\.([0-9]{0,12}))?")
T = TypeVar("T")
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)


class Line(NamedTuple):
    """One accepted line. `units` is the price and `amount` the product of price and quantity, in 1/10,000."""

    number: int
    document: str
    code: str
    name: str
    quantity: int
    units: int
    amount: int
    at: datetime
    customer: str
    country: str
    kind: str  # product, charge, gift, adjustment


class Refusal(NamedTuple):
    """One line that cannot be loaded; `amount` is None where it cannot be reckoned."""

    number: int
    document: str
    code: str
    amount: int | None
    reason: str


class _WrongValueError(Exception):
    """Its text is the reason that the report gives."""


def _remember(kept: dict[str, T], text: str, value: T) -> T:
    if len(kept) >= _KEPT:
        kept.clear()
    kept[text] = value
    return value


class LineParser:
    """Turns records into lines by a profile. Remembers texts it has seen: quantities, prices and dates recur."""

    def __init__(self, profile: Profile, columns: Columns) -> None:
        self._columns = columns
        self._zone = ZoneInfo(profile.values.timezone)
        self._formats = profile.values.date_formats
        self._decimal, self._thousands = profile.values.decimal_sign, profile.values.thousands_sign
        rules = profile.rules
        self._charges = frozenset(rules.charges)
        self._charge_pattern = re.compile(rules.charge_pattern) if rules.charge_pattern else None
        self._cancellation = re.compile(rules.cancellation) if rules.cancellation else None
        self._adjustment = re.compile(rules.adjustment) if rules.adjustment else None
        self._negative_is_adjustment = rules.negative_is_adjustment
        self._zero_is_gift = rules.zero_price_is_gift
        self._quantities: dict[str, int] = {}
        self._prices: dict[str, int] = {}
        self._moments: dict[str, datetime] = {}
        self._is_charge: dict[str, bool] = {}

    def is_cancellation(self, document: str) -> bool:
        return self._cancellation is not None and self._cancellation.match(document) is not None

    def is_charge(self, code: str) -> bool:
        found = self._is_charge.get(code)
        if found is None:
            matched = self._charge_pattern is not None and self._charge_pattern.match(code) is not None
            found = _remember(self._is_charge, code, matched or code in self._charges)
        return found

    def parse(self, record: Record) -> Line | Refusal:
        columns, fields = self._columns, record.fields
        if len(fields) != columns.width:
            document = fields[columns.document].strip()[:40] if len(fields) > columns.document else ""
            reason = f"has {len(fields)} fields instead of {columns.width}"
            return Refusal(record.line, document, "", None, reason)
        document, code = fields[columns.document].strip(), fields[columns.code]
        quantity: int | None = None
        units: int | None = None
        try:
            quantity = self._quantities.get(fields[columns.quantity])
            if quantity is None:
                quantity = self._quantity(fields[columns.quantity])
            units = self._prices.get(fields[columns.unit_price])
            if units is None:
                units = self._price(fields[columns.unit_price])
            at = self._moments.get(fields[columns.placed_at])
            if at is None:
                at = self._moment(fields[columns.placed_at])
            self._check_texts(fields, document, code)
            name = fields[columns.name].strip() if columns.name is not None else ""
            customer = fields[columns.customer].strip() if columns.customer is not None else ""
            country = fields[columns.country].strip() if columns.country is not None else ""
            if len(name) > 250 or len(customer) > 80 or len(country) > 60:
                raise _WrongValueError("a text is too long (name 250, customer 80, country 60 characters)")
            kind = self._kind(document, code, quantity, units)
            amount = quantity * units
            if abs(amount) > LARGEST_AMOUNT:
                raise _WrongValueError("the amount is too large")
        except _WrongValueError as error:
            reckoned = quantity * units if quantity is not None and units is not None else None
            return Refusal(record.line, document[:40], code[:60], reckoned, str(error))
        return Line(record.line, document, code, name, quantity, units, amount, at, customer, country, kind)

    def _check_texts(self, fields: list[str], document: str, code: str) -> None:
        if "\0" in "".join(fields):
            raise _WrongValueError("holds a NUL character")
        if not document or len(document) > 40:
            raise _WrongValueError("document: needs 1 to 40 characters")
        if not code.strip() or len(code) > 60:
            raise _WrongValueError("code: needs 1 to 60 characters")

    def _kind(self, document: str, code: str, quantity: int, units: int) -> str:
        is_cancellation = self.is_cancellation(document)
        if self._adjustment is not None and self._adjustment.match(document):
            return "adjustment"
        if quantity < 0 and not is_cancellation and self._negative_is_adjustment:
            return "adjustment"
        if self.is_charge(code):
            return "charge"
        if units < 0:
            raise _WrongValueError("unit price: is negative, and the code is no charge of the profile")
        return "gift" if units == 0 and self._zero_is_gift else "product"

    def _quantity(self, text: str) -> int:
        found = _QUANTITY.fullmatch(
            text.strip().replace(self._thousands, "") if self._thousands else text.strip()
        )
        if found is None:
            raise _WrongValueError(f"quantity: {text[:40]!r} is not a whole number")
        value = int(found[0])
        if value == 0 or abs(value) > LARGEST_QUANTITY:
            raise _WrongValueError(f"quantity: {text[:40]!r} is 0 or too large")
        return _remember(self._quantities, text, value)

    def _price(self, text: str) -> int:
        plain = text.strip()
        if self._thousands:
            plain = plain.replace(self._thousands, "")
        if self._decimal != ".":
            plain = plain.replace(".", "?").replace(self._decimal, ".")
        found = _PRICE.fullmatch(plain)
        if found is None:
            raise _WrongValueError(f"unit price: {text[:40]!r} is not an amount")
        fraction = (found[3] or "").rstrip("0")
        if len(fraction) > 4:
            raise _WrongValueError(f"unit price: {text[:40]!r} has more than four decimal places")
        value = int(found[2]) * SCALE + int(fraction.ljust(4, "0"))
        if value > LARGEST_UNITS:
            raise _WrongValueError(f"unit price: {text[:40]!r} is too large")
        return _remember(self._prices, text, -value if found[1] == "-" else value)

    def _moment(self, text: str) -> datetime:
        for pattern in self._formats:
            try:
                found = datetime.strptime(text.strip(), pattern)  # noqa: DTZ007 - the zone follows
                local = found if found.tzinfo is not None else found.replace(tzinfo=self._zone)
                moment = local.astimezone(UTC)
            except (ValueError, OverflowError):
                continue
            if moment < EARLIEST:
                break
            return _remember(self._moments, text, moment)
        raise _WrongValueError(f"placed at: {text[:40]!r} is no date as {' or '.join(self._formats)}")
