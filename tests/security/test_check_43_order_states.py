"""Check 43: every state with every action; only the listed pairs pass; of two at once one is told."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.actor import Actor
from core.audit import AuditEntry
from core.errors import AppError, Conflict, Forbidden
from core.transaction import reading, transaction
from crm.catalogue.models import Stock
from crm.customers.actors import load_actor
from crm.identity.models import User
from crm.orders import lifecycle, returns, shipments
from crm.orders.models import LEGAL_TRANSITIONS, ORDER_STATES, TRANSITIONS, Order, OrderEvent, Shipment
from tests.factories.goods import make_product
from tests.factories.orders import make_line, make_order, make_shipment
from tests.factories.people import make_account, make_staff, make_user

# action -> the states in which staff may do it, written out again on purpose
STAFF_MAY = {
    "confirm": {"placed"},
    "start_packing": {"confirmed"},
    "cancel": {"awaiting_payment", "placed", "confirmed", "packing"},
    "create_shipment": {"confirmed", "packing", "partly_shipped"},
    "remove_shipment": {"packing", "partly_shipped"},
    "set_tracking": {"packing", "partly_shipped", "shipped"},
    "mark_shipped": {"packing", "partly_shipped"},
    "mark_delivered": {"partly_shipped", "shipped"},
    "mark_returned": {"partly_shipped", "shipped", "delivered"},
    "add_note": set(ORDER_STATES),
}
CUSTOMER_MAY = {"cancel": {"awaiting_payment", "placed"}}

Do = Callable[[Session, Actor, Order, Shipment | None], object]


def _actions() -> dict[str, Do]:
    def parcel_id(parcel: Shipment | None) -> uuid.UUID:
        return parcel.id if parcel else uuid.uuid4()

    return {
        "confirm": lambda s, a, o, p: lifecycle.confirm(s, actor=a, order_id=o.id),
        "start_packing": lambda s, a, o, p: lifecycle.start_packing(s, actor=a, order_id=o.id),
        "cancel": lambda s, a, o, p: lifecycle.cancel_order(s, actor=a, order_id=o.id),
        "create_shipment": lambda s, a, o, p: shipments.create_shipment(
            s, actor=a, order_id=o.id, lines={o.lines[0].id: 1}, carrier="postline"
        ),
        "remove_shipment": lambda s, a, o, p: shipments.remove_shipment(
            s, actor=a, order_id=o.id, shipment_id=parcel_id(p)
        ),
        "set_tracking": lambda s, a, o, p: shipments.set_tracking(
            s, actor=a, order_id=o.id, shipment_id=parcel_id(p), carrier="postline", tracking_code="T1"
        ),
        "mark_shipped": lambda s, a, o, p: shipments.mark_shipped(
            s, actor=a, order_id=o.id, shipment_id=parcel_id(p)
        ),
        "mark_delivered": lambda s, a, o, p: shipments.mark_delivered(
            s, actor=a, order_id=o.id, shipment_id=parcel_id(p)
        ),
        "mark_returned": lambda s, a, o, p: returns.mark_returned(
            s, actor=a, line_id=o.lines[0].id, quantity=1, reason=next(iter(returns.REASONS))
        ),
        "add_note": lambda s, a, o, p: lifecycle.add_note(s, actor=a, order_id=o.id, text="x"),
    }


def _world(state: str, action: str) -> tuple[Order, Shipment | None, User, User]:
    with transaction() as session:
        account = make_account(session)
        customer = make_user(session, account=account)
        staff = make_staff(session, "agent")
        product = make_product(session, on_hand=10)
        order = make_order(
            session, user=customer, account=account, state=state, lines=[make_line(product, 5)]
        )
        parcel = None
        if action in {"remove_shipment", "set_tracking", "mark_shipped"}:
            parcel = make_shipment(session, order, [1], state="packing")
        elif action in {"mark_delivered", "mark_returned"}:
            parcel = make_shipment(session, order, [1], state="shipped")
    return order, parcel, customer, staff


def _actor(user: User) -> Actor:
    with reading() as session:
        found = load_actor(session, user.id)
    assert found is not None
    return found


def _digest(order_id: uuid.UUID) -> tuple[object, ...]:
    with reading() as session:
        order = session.scalars(
            select(Order).where(Order.id == order_id).execution_options(populate_existing=True)
        ).one()
        return (
            order.state,
            order.version,
            session.scalar(
                select(func.count()).select_from(OrderEvent).where(OrderEvent.order_id == order_id)
            ),
            session.scalar(select(func.count()).select_from(AuditEntry)),
            session.scalar(select(func.sum(Stock.on_hand))),
            sorted(session.scalars(select(Shipment.state).where(Shipment.order_id == order_id))),
        )


@pytest.mark.parametrize("side", ["staff", "customer"])
@pytest.mark.parametrize("action", sorted(STAFF_MAY))
def test_only_the_listed_pairs_pass(action: str, side: str) -> None:
    may = (STAFF_MAY if side == "staff" else CUSTOMER_MAY).get(action, set())
    for state in ORDER_STATES:
        order, parcel, customer, staff = _world(state, action)
        who = _actor(staff if side == "staff" else customer)
        assert lifecycle.is_allowed(action, state, who) is (state in may), (action, state)
        before = _digest(order.id)
        try:
            with transaction() as session:
                _actions()[action](session, who, order, parcel)
        except (Conflict, Forbidden):
            assert state not in may, (action, state)
            assert _digest(order.id) == before, (action, state)
        else:
            assert state in may, (action, state)
            after = _digest(order.id)
            assert after != before
            assert isinstance(after[3], int) and after[3] - int(str(before[3])) == 1  # one audit entry
            assert after[0] == before[0] or after[0] in TRANSITIONS[state]


def test_transitions_are_data_and_consistent() -> None:
    assert {move.source for move in LEGAL_TRANSITIONS} | {move.target for move in LEGAL_TRANSITIONS} == set(
        ORDER_STATES
    )
    assert all(move.who <= {"customer", "staff", "system"} for move in LEGAL_TRANSITIONS)
    assert TRANSITIONS["delivered"] == TRANSITIONS["cancelled"] == frozenset()
    for action, rule in lifecycle.ACTIONS.items():
        assert rule.states == STAFF_MAY[action], action


@pytest.mark.parametrize("action", ["confirm", "cancel"])
def test_two_agents_at_once_one_is_told(real_transactions: None, action: str) -> None:
    order, _parcel, _customer, staff = _world("placed", action)
    who, results = _actor(staff), []
    gate = threading.Barrier(2)

    def act() -> None:
        gate.wait()
        try:
            with transaction() as session:
                if action == "confirm":
                    lifecycle.confirm(session, actor=who, order_id=order.id, version=order.version)
                else:
                    lifecycle.cancel_order(session, actor=who, order_id=order.id, version=order.version)
            results.append("done")
        except AppError as error:
            results.append(error.code)

    threads = [threading.Thread(target=act) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["done", "orders.changed"]
    with reading() as session:
        assert (
            session.scalar(
                select(func.count()).select_from(AuditEntry).where(AuditEntry.object_id == str(order.id))
            )
            == 1
        )
        assert session.scalar(select(func.sum(Stock.on_hand))) == (15 if action == "cancel" else 10)


def test_customer_cancels_while_staff_confirm_one_wins(real_transactions: None) -> None:
    order, _parcel, customer, staff = _world("placed", "cancel")
    results: list[str] = []
    gate = threading.Barrier(2)

    def act(work: Callable[[Session], object]) -> None:
        gate.wait()
        try:
            with transaction() as session:
                work(session)
            results.append("done")
        except AppError as error:
            results.append(error.code)

    buyer, agent = _actor(customer), _actor(staff)
    threads = [
        threading.Thread(
            target=act, args=(lambda s: lifecycle.cancel_order(s, actor=buyer, order_id=order.id),)
        ),
        threading.Thread(target=act, args=(lambda s: lifecycle.confirm(s, actor=agent, order_id=order.id),)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["done", "orders.not_now"]
    state, *_rest = _digest(order.id)
    with reading() as session:
        assert session.scalar(select(func.sum(Stock.on_hand))) == (15 if state == "cancelled" else 10)
