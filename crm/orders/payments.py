"""The payment of an order: begun, authorised or declined, tried again, or given up with the goods put back."""

from __future__ import annotations

import uuid
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.actor import SYSTEM, Actor
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.events import emit
from core.jobs import enqueue
from crm.customers.models import Account
from crm.orders import stock
from crm.orders.events import OrderPlaced, OrderReleased, PaymentAuthorised, PaymentDeclined
from crm.orders.gateways import Answer, find_gateway
from crm.orders.ledger import note
from crm.orders.models import Order, Payment

AUTHORISE, VOID, RELEASE = "payments.authorise", "payments.void", "orders.release_unpaid"
MOST_CARDS = 3  # payments that a customer may begin for one order
MOST_ASKED = 5  # times that one payment is asked for when the provider does not answer
HOLD = timedelta(hours=2)  # goods of an unpaid order are kept so long
OPEN_STATES = ("started", "unknown")


def check_method(session: Session, actor: Actor, method: str, instrument: str | None) -> None:
    """Raises Invalid or Forbidden unless the actor may pay in this way."""
    if method == "account":
        if not may_pay_on_account(session, actor):
            raise Forbidden("payments.no_account_terms", field="payment_method")
    elif method == "card":
        gateway = find_gateway()
        if gateway is None:
            raise Invalid("payments.no_cards", field="payment_method")
        if not instrument or not gateway.accepts(instrument):
            raise Invalid("payments.instrument", field="payment_token")
    else:
        raise Invalid("payments.method", field="payment_method")


def may_pay_on_account(session: Session, actor: Actor) -> bool:
    if actor.account_id is None:
        return False
    return bool(session.scalar(select(Account.pays_on_account).where(Account.id == actor.account_id)))


def begin(session: Session, order: Order, instrument: str) -> Payment:
    """Writes the ledger row of a card payment and the job that asks the provider."""
    gateway = find_gateway()
    if gateway is None:
        raise Invalid("payments.no_cards", field="payment_method")
    count = _count(session, order) + 1
    payment = Payment(
        order_id=order.id,
        key=f"{order.id}-{count}",
        gateway=gateway.name,
        instrument=instrument,
        amount=order.total,
        currency=order.currency,
    )
    session.add(payment)
    session.flush()
    order.payment_state = "open"
    enqueue(session, AUTHORISE, {"payment_id": str(payment.id)}, key=str(payment.id))
    return payment


def _count(session: Session, order: Order) -> int:
    counted = select(func.count()).select_from(Payment).where(Payment.order_id == order.id)
    return int(session.scalar(counted) or 0)


def mark_placed(session: Session, order: Order) -> None:
    """From now on the order stands, and everybody may know."""
    order.state = "placed"
    session.flush()
    emit(session, OrderPlaced(order.id))


def lock_order(session: Session, order_id: uuid.UUID) -> Order:
    """The order, locked until the transaction ends. Raises NotFound."""
    found = session.scalar(
        select(Order).where(Order.id == order_id).with_for_update().execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def _open_order(session: Session, actor: Actor, order_id: uuid.UUID) -> Order:
    """The actor's own order if it waits for the actor to pay. Raises NotFound or Conflict."""
    order = lock_order(session, order_id)
    if order.user_id is None or order.user_id != actor.user_id:
        raise NotFound
    if order.state != "awaiting_payment":
        raise Conflict("payments.not_awaited")
    if find_open(session, order) is not None:
        raise Conflict("payments.in_progress")
    return order


def find_open(session: Session, order: Order) -> Payment | None:
    """The payment whose outcome is not known yet."""
    return session.scalar(select(Payment).where(Payment.order_id == order.id, Payment.state.in_(OPEN_STATES)))


def find_last(session: Session, order: Order) -> Payment | None:
    return session.scalar(
        select(Payment).where(Payment.order_id == order.id).order_by(Payment.id.desc()).limit(1)
    )


def try_again(session: Session, *, actor: Actor, order_id: uuid.UUID, instrument: str) -> Payment:
    """Another card after a refusal."""
    order = _open_order(session, actor, order_id)
    check_method(session, actor, "card", instrument)
    return begin(session, order, instrument)


def switch_to_account(session: Session, *, actor: Actor, order_id: uuid.UUID) -> Order:
    """On account instead, for customers who may."""
    order = _open_order(session, actor, order_id)
    check_method(session, actor, "account", None)
    order.payment_method, order.payment_state = "account", "not_needed"
    note(session, order, "payment_switched", actor, method="account")
    mark_placed(session, order)
    return order


def give_up(session: Session, *, actor: Actor, order_id: uuid.UUID) -> Order:
    """The customer lets an unpaid order go."""
    order = _open_order(session, actor, order_id)
    release(session, order, reason="customer", actor=actor)
    return order


def settle(session: Session, payment: Payment, order: Order, answer: Answer | None) -> None:
    """Writes what the provider said; `answer` None: nothing. The order is locked by the caller."""
    if answer is None:
        payment.state = "unknown"
        if payment.attempts < MOST_ASKED:
            wait = timedelta(seconds=5 * 3 ** (payment.attempts - 1))
            enqueue(
                session,
                AUTHORISE,
                {"payment_id": str(payment.id)},
                key=str(payment.id),
                run_at=clock.now() + wait,
            )
        else:
            note(session, order, "payment_unanswered", SYSTEM, is_internal=True, key=payment.key)
            release(session, order, reason="no_answer")
        return
    if answer.outcome == "authorised":
        payment.state, payment.reference = "authorised", answer.reference
        order.payment_state = "authorised"
        note(
            session,
            order,
            "payment_authorised",
            SYSTEM,
            amount=str(payment.amount),
            currency=payment.currency,
        )
        emit(session, PaymentAuthorised(order.id, payment.id))
        mark_placed(session, order)
        return
    payment.state, payment.reason = "declined", answer.reason
    order.payment_state = "failed"
    note(session, order, "payment_declined", SYSTEM, reason=answer.reason)
    if _count(session, order) >= MOST_CARDS:
        release(session, order, reason="declined")
    else:
        emit(session, PaymentDeclined(order.id, payment.id))


def release(session: Session, order: Order, *, reason: str, actor: Actor = SYSTEM) -> None:
    """Cancels an unpaid order: goods back in stock, open payments voided, the customer told by an event."""
    for payment in session.scalars(
        select(Payment).where(Payment.order_id == order.id, Payment.state.in_(OPEN_STATES))
    ):
        enqueue(session, VOID, {"payment_id": str(payment.id)}, key=str(payment.id))
    returned: dict[uuid.UUID, int] = {}
    for line in order.lines:
        if line.kind == "product" and line.product_id is not None:
            left = line.quantity - line.cancelled_quantity
            returned[line.product_id] = returned.get(line.product_id, 0) + left
            line.cancelled_quantity = line.quantity
    stock.give_back(session, returned)
    order.state = "cancelled"
    if order.payment_state == "open":
        order.payment_state = "failed"
    note(session, order, "released", actor, reason=reason)
    session.flush()
    emit(session, OrderReleased(order.id))
