"""What a person chose on the way to an order, kept in their session until the order is placed."""

from __future__ import annotations

import hashlib
import json
import secrets
import uuid
from dataclasses import asdict, dataclass
from typing import Any

from flask import session

from core.i18n import _, format_date, format_money
from core.money import Money
from crm.orders.delivery import METHODS, find_price, promised_on
from crm.orders.gateways import DEMO_INSTRUMENTS, find_gateway
from portal.checkout.words import ACCOUNT_HINT, ACCOUNT_NAME, CARD_HINTS, CARD_NAMES, DELIVERY_NAMES

SLOT = "checkout"
CARD = "card:"


@dataclass(frozen=True)
class Choices:
    """`address`: as an order keeps it; None when the goods are fetched at `pickup`."""

    address: dict[str, Any] | None
    delivery: str
    pickup: str
    payment: str
    note: str
    key: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:32]

    @property
    def method(self) -> str:
        return "card" if self.payment.startswith(CARD) else "account"

    @property
    def token(self) -> str | None:
        return self.payment.removeprefix(CARD) if self.payment.startswith(CARD) else None

    @property
    def pickup_point(self) -> uuid.UUID | None:
        return uuid.UUID(self.pickup) if self.pickup else None


def keep(address: dict[str, Any] | None, delivery: str, pickup: str, payment: str, note: str) -> None:
    """Each set of choices has a key of its own, so that the form of one order never places another."""
    made = Choices(address, delivery, pickup, payment, note, secrets.token_urlsafe(24))
    session[SLOT] = asdict(made)


def find() -> Choices | None:
    held = session.get(SLOT)
    return Choices(**held) if isinstance(held, dict) else None


def forget() -> None:
    session.pop(SLOT, None)


def delivery_options(
    weight_g: int, goods: Money, *, can_fetch: bool
) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """Methods that carry these goods, and a line on each: price and day of arrival."""
    names: list[tuple[str, str]] = []
    hints: dict[str, str] = {}
    for code, method in METHODS.items():
        price = find_price(method, weight_g, goods.amount)
        if price is None or (method.is_pickup and not can_fetch):
            continue
        names.append((code, str(DELIVERY_NAMES[code])))
        hints[code] = hint_of(code, Money(price, goods.currency))
    return names, hints


def hint_of(code: str, price: Money) -> str:
    day = format_date(promised_on(METHODS[code]), "full")
    if METHODS[code].is_pickup:
        return _("Free. Ready on %(day)s.", day=day)
    if not price:
        return _("Free. With you by %(day)s.", day=day)
    return _("%(cost)s. With you by %(day)s.", cost=format_money(price), day=day)


def payment_options(*, on_account: bool) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """Ways to pay that are open to the person, and a line on each."""
    names: list[tuple[str, str]] = []
    hints: dict[str, str] = {}
    if on_account:
        names.append(("account", str(ACCOUNT_NAME)))
        hints["account"] = str(ACCOUNT_HINT)
    gateway = find_gateway()
    if gateway is not None and gateway.name == "demo":
        for token in DEMO_INSTRUMENTS:
            names.append((CARD + token, str(CARD_NAMES[token])))
            hints[CARD + token] = str(CARD_HINTS[token])
    return names, hints


def payment_name(payment: str) -> str:
    if payment.startswith(CARD):
        return str(CARD_NAMES.get(payment.removeprefix(CARD), payment))
    return str(ACCOUNT_NAME)
