"""How goods reach people: methods, what each costs, and the day we promise."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.errors import Invalid
from crm.customers.models import Account, Address
from crm.customers.services import clean_address_values

WAREHOUSE = ZoneInfo("Europe/Berlin")
CUT_OFF = time(14, 0)  # what is ordered later is packed on the next working day
ADDRESS_FIELDS = ("recipient", "line1", "line2", "postal_code", "city", "region", "country", "phone")


@dataclass(frozen=True)
class Method:
    """`days`: working days from packing to the door. `steps`: (up to this weight in grams, price)."""

    code: str
    days: int
    steps: tuple[tuple[int, Decimal], ...]
    free_from: Decimal | None = None
    is_pickup: bool = False


METHODS: dict[str, Method] = {
    "standard": Method(
        "standard", 3,
        ((2_000, Decimal("4.90")), (10_000, Decimal("6.90")), (31_500, Decimal("12.90")), (500_000, Decimal("49.00"))),
        free_from=Decimal(50),
    ),
    "express": Method("express", 1, ((5_000, Decimal("12.90")), (31_500, Decimal("24.90")))),
    "pickup": Method("pickup", 2, ((500_000, Decimal(0)),), is_pickup=True),
}  # fmt: skip
PARCEL_GRAMS = 31_500  # free delivery covers what one parcel carries


def find_price(method: Method, weight_g: int, items_total: Decimal) -> Decimal | None:
    """What the method costs for these goods, in their currency; None when it does not carry so much."""
    price = next((price for limit, price in method.steps if weight_g <= limit), None)
    if price is not None and method.free_from is not None:
        return Decimal(0) if items_total >= method.free_from and weight_g <= PARCEL_GRAMS else price
    return price


def get_method(code: str) -> Method:
    if code not in METHODS:
        raise Invalid("orders.delivery_method", field="delivery_method")
    return METHODS[code]


def add_working_days(start: date, days: int) -> date:
    """The day that is `days` working days (Monday to Friday) after `start`."""
    found = start
    while days > 0:
        found += timedelta(days=1)
        if found.weekday() < 5:
            days -= 1
    return found


def promised_on(method: Method, moment: datetime | None = None) -> date:
    """The day of arrival that we promise for an order at `moment` (default: now)."""
    local = (moment or clock.now()).astimezone(WAREHOUSE)
    packing = local.date()
    if local.time() >= CUT_OFF or packing.weekday() >= 5:
        packing = add_working_days(packing, 1)
    return add_working_days(packing, method.days)


def address_of(address: Address) -> dict[str, Any]:
    """The copy of a saved address that an order keeps."""
    return {name: getattr(address, name) for name in ADDRESS_FIELDS}


def clean_address(given: Mapping[str, Any]) -> dict[str, Any]:
    """An address as an order keeps it. Raises Invalid naming each field that is wrong."""
    cleaned = clean_address_values({name: str(given.get(name) or "") for name in ADDRESS_FIELDS})
    return {name: cleaned[name] for name in ADDRESS_FIELDS}


def get_pickup_address(session: Session, account_id: uuid.UUID | None) -> dict[str, Any]:
    """Where an order can be fetched: the dealer's default address under the dealer's name. Raises Invalid."""
    for account, address in list_pickup_points(session):
        if account.id == account_id:
            return {**address_of(address), "recipient": account.name, "pickup_account_id": str(account.id)}
    raise Invalid("orders.pickup_point", field="pickup_point")


def list_pickup_points(session: Session, limit: int = 30) -> list[tuple[Account, Address]]:
    """Dealers where orders can be fetched, by city."""
    found = session.execute(
        select(Account, Address)
        .join(Address, Address.account_id == Account.id)
        .where(Account.is_partner.is_(True), Account.is_active.is_(True), Address.is_default.is_(True))
        .order_by(Address.city, Account.name)
        .limit(limit)
    )
    return [(account, address) for account, address in found]
