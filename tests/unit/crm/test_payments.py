"""Card payments: approved, declined, unanswered; never charged twice; goods go back when no payment comes."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from core import clock
from core.actor import Actor
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.jobs.models import DONE, PENDING, Job
from core.jobs.runner import run_job
from core.money import Money
from core.transaction import reading, transaction
from crm.catalogue.models import Stock
from crm.customers.actors import load_actor
from crm.orders import gateways, payments
from crm.orders.gateways import Answer, DemoGateway, GatewayTimeoutError
from crm.orders.models import DemoCharge, Order, OrderEvent, Payment
from crm.orders.placing import place_order
from tests.factories.goods import make_product
from tests.factories.people import make_account, make_user
from tests.factories.programs import ADDRESS


class World:
    """One buyer and one product of which there are ten."""

    def __init__(self, *, on_account: bool = False) -> None:
        with transaction() as session:
            self.product_id = make_product(session, on_hand=10, price="20").id
            user = make_user(session, account=make_account(session, pays_on_account=on_account))
            found = load_actor(session, user.id)
        assert found is not None
        self.actor: Actor = found

    def order(self, token: str, key: str = "k") -> uuid.UUID:
        with transaction() as session:
            return place_order(
                session, actor=self.actor, lines={self.product_id: 4}, key=key, delivery_method="standard",
                payment_method="card", payment_token=token, address=ADDRESS,
            ).id  # fmt: skip

    def left(self) -> int:
        with reading() as session:
            return session.scalars(select(Stock.on_hand).where(Stock.product_id == self.product_id)).one()


def run_due(name: str) -> list[str | None]:
    """Does the pending jobs of that name, whenever they are due."""
    with transaction() as session:
        session.execute(update(Job).where(Job.name == name, Job.state == PENDING).values(run_at=clock.now()))
        waiting = session.scalars(select(Job.id).where(Job.name == name, Job.state == PENDING)).all()
    return [run_job(job_id) for job_id in waiting]


def state_of(order_id: uuid.UUID) -> tuple[str, str]:
    with reading() as session:
        row = session.execute(select(Order.state, Order.payment_state).where(Order.id == order_id)).one()
        return row.state, row.payment_state


def payments_of(order_id: uuid.UUID) -> list[tuple[str, int]]:
    with reading() as session:
        rows = session.execute(
            select(Payment.state, Payment.attempts).where(Payment.order_id == order_id).order_by(Payment.id)
        )
        return [(row.state, row.attempts) for row in rows]


def charges() -> list[tuple[str, int]]:
    with reading() as session:
        return [
            (row.outcome, row.calls) for row in session.execute(select(DemoCharge.outcome, DemoCharge.calls))
        ]


def events_of(order_id: uuid.UUID) -> list[str]:
    with reading() as session:
        query = (
            select(OrderEvent.kind)
            .where(OrderEvent.order_id == order_id)
            .order_by(OrderEvent.at, OrderEvent.id)
        )
        return list(session.scalars(query))


def test_an_order_by_card_waits_for_the_payment_and_then_stands() -> None:
    world = World()
    order_id = world.order(gateways.APPROVES)
    assert state_of(order_id) == ("awaiting_payment", "open")
    assert world.left() == 6
    assert run_due(payments.AUTHORISE) == [DONE]
    assert state_of(order_id) == ("placed", "authorised")
    assert payments_of(order_id) == [("authorised", 1)]
    assert events_of(order_id) == ["ordered", "payment_authorised"]
    assert run_due(payments.RELEASE) == [DONE]
    assert state_of(order_id) == ("placed", "authorised")


def test_a_declined_card_can_be_replaced() -> None:
    world = World()
    order_id = world.order(gateways.DECLINES)
    run_due(payments.AUTHORISE)
    assert state_of(order_id) == ("awaiting_payment", "failed")
    with transaction() as session:
        payments.try_again(session, actor=world.actor, order_id=order_id, instrument=gateways.APPROVES)
    run_due(payments.AUTHORISE)
    assert state_of(order_id) == ("placed", "authorised")
    assert payments_of(order_id) == [("declined", 1), ("authorised", 1)]


def test_after_the_third_refusal_the_goods_go_back() -> None:
    world = World()
    order_id = world.order(gateways.DECLINES)
    for _ in range(2):
        run_due(payments.AUTHORISE)
        with transaction() as session:
            payments.try_again(session, actor=world.actor, order_id=order_id, instrument=gateways.DECLINES)
    assert world.left() == 6
    run_due(payments.AUTHORISE)
    assert state_of(order_id) == ("cancelled", "failed")
    assert world.left() == 10
    with pytest.raises(Conflict, match=r"payments\.not_awaited"), transaction() as session:
        payments.try_again(session, actor=world.actor, order_id=order_id, instrument=gateways.APPROVES)


def test_a_time_out_is_asked_again_under_the_same_key_and_charged_once() -> None:
    world = World()
    order_id = world.order(gateways.SLOW)
    run_due(payments.AUTHORISE)
    assert state_of(order_id) == ("awaiting_payment", "open")
    assert payments_of(order_id) == [("unknown", 1)]
    with pytest.raises(Conflict, match=r"payments\.in_progress"), transaction() as session:
        payments.try_again(session, actor=world.actor, order_id=order_id, instrument=gateways.APPROVES)
    run_due(payments.AUTHORISE)
    assert state_of(order_id) == ("placed", "authorised")
    assert payments_of(order_id) == [("authorised", 2)]
    assert charges() == [("authorised", 2)]


def test_a_provider_that_never_answers_ends_the_order_and_nothing_stays_charged() -> None:
    world = World()
    order_id = world.order(gateways.SILENT)
    for _ in range(payments.MOST_ASKED):
        assert state_of(order_id)[0] == "awaiting_payment"
        run_due(payments.AUTHORISE)
    assert state_of(order_id) == ("cancelled", "failed")
    assert world.left() == 10
    assert run_due(payments.VOID) == [DONE]
    assert charges() == [("voided", payments.MOST_ASKED)]
    assert payments_of(order_id) == [("voided", payments.MOST_ASKED)]
    assert run_due(payments.AUTHORISE) == []


def test_goods_of_an_unpaid_order_are_kept_for_a_while_only() -> None:
    world = World()
    order_id = world.order(gateways.DECLINES)
    run_due(payments.AUTHORISE)
    with reading() as session:
        due = session.scalars(select(Job.run_at).where(Job.name == payments.RELEASE)).one()
    assert timedelta(hours=1, minutes=59) < due - clock.now() <= payments.HOLD
    run_due(payments.RELEASE)
    assert (state_of(order_id)[0], world.left()) == ("cancelled", 10)
    run_due(payments.RELEASE)
    assert world.left() == 10


def test_on_account_instead_for_those_who_may() -> None:
    world = World(on_account=True)
    order_id = world.order(gateways.DECLINES)
    run_due(payments.AUTHORISE)
    with transaction() as session:
        payments.switch_to_account(session, actor=world.actor, order_id=order_id)
    assert state_of(order_id) == ("placed", "not_needed")
    other = World()
    declined = other.order(gateways.DECLINES)
    run_due(payments.AUTHORISE)
    with pytest.raises(Forbidden), transaction() as session:
        payments.switch_to_account(session, actor=other.actor, order_id=declined)
    with pytest.raises(NotFound), transaction() as session:
        payments.switch_to_account(session, actor=world.actor, order_id=declined)


def test_a_token_of_nobody_is_refused_before_anything_happens() -> None:
    world = World()
    with pytest.raises(Invalid, match=r"payments\.instrument"):
        world.order("4111111111111111")
    assert world.left() == 10


class Crashing(DemoGateway):
    """Takes the money and then the process dies, once."""

    name = "crashing"

    def __init__(self) -> None:
        self.keys: list[str] = []

    def authorise(self, key: str, amount: Money, instrument: str) -> Answer:
        self.keys.append(key)
        answer = super().authorise(key, amount, instrument)
        if len(self.keys) == 1:
            raise KeyboardInterrupt  # as a kill: not even the runner gets to write anything
        return answer


@pytest.fixture
def crashing() -> Iterator[Crashing]:
    gateway = Crashing()
    gateways.use_gateway(gateway)
    yield gateway
    gateways._GATEWAYS.pop(gateway.name)


def test_a_crash_between_charge_and_note_repeats_the_question_not_the_charge(crashing: Crashing) -> None:
    world = World()
    order_id = world.order(gateways.APPROVES)
    with transaction() as session:
        session.execute(update(Payment).values(gateway=crashing.name))
        job_id = session.scalars(select(Job.id).where(Job.name == payments.AUTHORISE)).one()
    with pytest.raises(KeyboardInterrupt):
        run_job(job_id)
    assert state_of(order_id) == ("awaiting_payment", "open")
    with transaction() as session:
        session.execute(
            update(Job).where(Job.id == job_id).values(lease_until=clock.now() - timedelta(seconds=1))
        )
    assert run_job(job_id) == DONE
    assert state_of(order_id) == ("placed", "authorised")
    assert crashing.keys == [crashing.keys[0]] * 2
    assert charges() == [("authorised", 2)]


def test_void_before_the_question_refuses_the_question() -> None:
    gateway, money = DemoGateway(), Money(Decimal(5), "EUR")
    gateway.void("late")
    assert gateway.authorise("late", money, gateways.APPROVES).outcome == "declined"
    with pytest.raises(GatewayTimeoutError):
        gateway.authorise("other", money, gateways.SILENT)
