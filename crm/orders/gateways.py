"""Being paid by card: what a payment provider must offer, and the demo one. No card number ever comes here:
the provider's own page takes it and gives us a token, the `instrument`."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Protocol

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core.db import is_sqlite
from core.errors import Unavailable
from core.money import Money
from core.settings import get_settings
from core.transaction import transaction
from crm.orders.models import DemoCharge


class GatewayTimeoutError(Exception):
    """No answer: the payment may have happened or not. Ask again with the same key."""


@dataclass(frozen=True)
class Answer:
    outcome: Literal["authorised", "declined"]
    reference: str | None = None
    reason: str | None = None


class PaymentGateway(Protocol):
    """`key` names the payment: asked twice with one key, the provider charges once and answers alike."""

    name: str

    def accepts(self, instrument: str) -> bool:
        """Whether the token looks like one of this provider's."""
        ...

    def authorise(self, key: str, amount: Money, instrument: str) -> Answer:
        """Raises GatewayTimeoutError when the outcome is unknown."""
        ...

    def void(self, key: str) -> None:
        """Makes sure that nothing is charged under `key`, now or later. Raises GatewayTimeoutError."""
        ...


APPROVES, DECLINES, SLOW, SILENT = (
    "demo_approves",
    "demo_declines",
    "demo_times_out_once",
    "demo_never_answers",
)
DEMO_INSTRUMENTS = (APPROVES, DECLINES, SLOW, SILENT)


class DemoGateway:
    """Behaves as its test cards say, and remembers keys as a real provider does."""

    name = "demo"

    def accepts(self, instrument: str) -> bool:
        return instrument in DEMO_INSTRUMENTS

    def authorise(self, key: str, amount: Money, instrument: str) -> Answer:
        with transaction() as session:
            charge = self._remember(session, key, amount, instrument)
            calls, outcome = charge.calls, charge.outcome
        if instrument == SILENT or (instrument == SLOW and calls == 1):
            # The money may well be taken; only the answer is lost. That is what makes time-outs dangerous.
            raise GatewayTimeoutError(f"no answer to {key}")
        if outcome == "authorised":
            return Answer("authorised", reference=f"demo-{key}")
        return Answer("declined", reason="card_declined" if outcome == "declined" else "voided")

    def void(self, key: str) -> None:
        with transaction() as session:
            charge = self._remember(session, key, None, "")
            charge.calls -= 1  # only questions for money are counted
            charge.outcome = "voided"

    @staticmethod
    def _remember(session: Session, key: str, amount: Money | None, instrument: str) -> DemoCharge:
        insert = sqlite.insert(DemoCharge) if is_sqlite(session) else postgresql.insert(DemoCharge)
        values = {
            "key": key,
            "instrument": instrument,
            "amount": amount.amount if amount else Decimal(0),
            "currency": amount.currency if amount else "",
            "calls": 0,
            "outcome": "declined" if instrument == DECLINES else "authorised",
        }
        session.execute(insert.values(values).on_conflict_do_nothing())
        charge = session.scalars(select(DemoCharge).where(DemoCharge.key == key).with_for_update()).one()
        charge.calls += 1
        return charge


_GATEWAYS: dict[str, PaymentGateway] = {"demo": DemoGateway()}


def find_gateway() -> PaymentGateway | None:
    """The configured provider, or None when orders are on account only."""
    return _GATEWAYS.get(get_settings().payment_gateway)


def get_gateway(name: str) -> PaymentGateway:
    """The provider that a payment was begun with. Raises Unavailable when it is not set up any more."""
    if name not in _GATEWAYS:
        raise Unavailable("payments.no_gateway")
    return _GATEWAYS[name]


def use_gateway(gateway: PaymentGateway) -> None:
    """Adds a provider under its name; an installation's own adapter calls this at start."""
    _GATEWAYS[gateway.name] = gateway
