"""The work behind payments: asking the provider, taking back, letting unpaid orders go."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from core.db import JSONMap
from core.jobs import Retry, effect_job, job
from core.money import Money
from crm.orders.gateways import Answer, GatewayTimeoutError, get_gateway
from crm.orders.models import Payment
from crm.orders.payments import AUTHORISE, OPEN_STATES, RELEASE, VOID, lock_order, release, settle


@dataclass(frozen=True)
class Asked:
    key: str
    gateway: str
    amount: Money
    instrument: str


def _load(session: Session, payload: JSONMap) -> Payment | None:
    return session.get(Payment, uuid.UUID(payload["payment_id"]), populate_existing=True)


@effect_job(AUTHORISE)
class Authorise:
    """One question to the provider. A time-out is an answer of its own: the next question has the same key."""

    def prepare(self, session: Session, payload: JSONMap) -> Asked | None:
        payment = _load(session, payload)
        if payment is None or payment.state not in OPEN_STATES:
            return None
        if lock_order(session, payment.order_id).state != "awaiting_payment":
            return None
        payment.attempts += 1
        return Asked(
            payment.key, payment.gateway, Money(payment.amount, payment.currency), payment.instrument
        )

    def effect(self, state: Asked) -> Answer | None:
        try:
            return get_gateway(state.gateway).authorise(state.key, state.amount, state.instrument)
        except GatewayTimeoutError:
            return None

    def record(self, session: Session, payload: JSONMap, result: Answer | None) -> None:
        payment = _load(session, payload)
        if payment is None:
            return
        order = lock_order(session, payment.order_id)
        if payment.state not in OPEN_STATES or order.state != "awaiting_payment":
            return  # released while we asked: the void job takes the money back
        settle(session, payment, order, result)


@effect_job(VOID, max_attempts=20)
class Void:
    """Nothing stays charged for an order that was let go."""

    def prepare(self, session: Session, payload: JSONMap) -> Asked | None:
        payment = _load(session, payload)
        if payment is None or payment.state not in (*OPEN_STATES, "authorised"):
            return None
        return Asked(
            payment.key, payment.gateway, Money(payment.amount, payment.currency), payment.instrument
        )

    def effect(self, state: Asked) -> None:
        try:
            get_gateway(state.gateway).void(state.key)
        except GatewayTimeoutError as error:
            raise Retry(str(error)) from error

    def record(self, session: Session, payload: JSONMap, result: None) -> None:
        payment = _load(session, payload)
        if payment is not None:
            payment.state = "voided"


@job(RELEASE)
def release_unpaid(session: Session, payload: JSONMap) -> None:
    """Runs when the goods of an unpaid order have been kept long enough."""
    order = lock_order(session, uuid.UUID(payload["order_id"]))
    if order.state == "awaiting_payment":
        release(session, order, reason="unpaid")
