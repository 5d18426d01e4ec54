"""Units follow their orders, however often they are told; people register, correct and remove."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.actor import Actor
from core.errors import Conflict, Forbidden, Invalid, NotFound
from crm.customers.actors import load_actor
from crm.identity.models import User
from crm.orders.models import Order, OrderEvent
from crm.orders.returns import mark_returned, undo_returned
from crm.ownership.models import OwnedProduct
from crm.ownership.queries import find_owned, list_owned, list_owned_of_account
from crm.ownership.services import change, clean_serial, register, remove, take_back
from crm.ownership.units import follow_order
from crm.ownership.warranty import warranty_end
from tests.factories.goods import make_product
from tests.factories.orders import make_line, make_order
from tests.factories.people import make_account, make_customer, make_staff, make_user

DELIVERED = datetime(2026, 1, 31, 12, tzinfo=UTC)


def _actor(session: Session, user: User) -> Actor:
    found = load_actor(session, user.id)
    assert found is not None
    return found


def _order(session: Session, quantity: int = 2, **values: object) -> Order:
    account = make_account(session)
    user = make_user(session, account=account)
    machine = make_product(session, is_serialised=True, warranty_months=24)
    bean = make_product(session)
    defaults: dict[str, object] = {"state": "delivered", "delivered_at": DELIVERED}
    lines = [make_line(machine, quantity), make_line(bean, 7)]
    return make_order(session, user=user, account=account, lines=lines, **{**defaults, **values})  # type: ignore[arg-type]


def _units(session: Session, order: Order) -> list[OwnedProduct]:
    session.flush()
    return list(
        session.scalars(
            select(OwnedProduct)
            .where(OwnedProduct.account_id == order.account_id)
            .order_by(OwnedProduct.unit)
        )
    )


def _present(session: Session, order: Order) -> list[int | None]:
    return [unit.unit for unit in _units(session, order) if unit.removed_at is None]


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 12, 31), 2, date(2028, 2, 29)),
        (date(2026, 1, 15), 24, date(2028, 1, 15)),
        (date(2026, 1, 15), 0, None),
        (date(9999, 6, 1), 12, date.max),
    ],
)
def test_warranty_ends_on_the_same_day_of_the_month(day: date, months: int, end: date | None) -> None:
    assert warranty_end(day, months) == end


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("ah-em-120 2452/57452", "AH-EM-120-2452-57452"),
        ("ＡＢ１２３４５", "AB12345"),
        ("  ", ""),
        ("ab–12345", "AB-12345"),
    ],
)
def test_serial_number_is_kept_in_one_form(typed: str, kept: str) -> None:
    assert clean_serial(typed) == kept


@pytest.mark.parametrize(
    "typed", ["1234", "-12345", "A" * 41, "12<45>6", "序號一二三四五", "12\x0045", "12345-"]
)
def test_serial_number_of_another_form_is_told(typed: str) -> None:
    with pytest.raises(Invalid) as told:
        clean_serial(typed)
    assert told.value.code == "owned.serial_format"


def test_delivered_machine_is_one_unit_each_and_only_once(session: Session) -> None:
    order = _order(session)
    follow_order(session, order.id)
    follow_order(session, order.id)
    units = _units(session, order)
    assert [unit.unit for unit in units] == [1, 2]
    assert {unit.product_id for unit in units} == {order.lines[0].product_id}
    assert {(unit.acquired_on, unit.warranty_until) for unit in units} == {
        (date(2026, 1, 31), date(2028, 1, 31))
    }
    assert {unit.user_id for unit in units} == {order.user_id}


@pytest.mark.parametrize(
    "values", [{"state": "shipped"}, {"payment_method": "imported"}, {"state": "cancelled"}]
)
def test_what_has_not_arrived_or_was_imported_makes_no_unit(session: Session, values: dict[str, str]) -> None:
    order = _order(session, **values)
    follow_order(session, order.id)
    assert _units(session, order) == []


def test_what_came_back_is_taken_away_and_returns_with_an_undo(session: Session) -> None:
    order = _order(session, quantity=3)
    follow_order(session, order.id)
    _units(session, order)[2].serial_number = "AH-12345"
    staff = _actor(session, make_staff(session, "agent"))
    line = order.lines[0]
    mark_returned(
        session, actor=staff, line_id=line.id, quantity=1, reason="defective", note_text="Pump is loud"
    )
    follow_order(session, order.id)
    follow_order(session, order.id)
    assert _present(session, order) == [1, 3], "one without a serial number goes first"
    mark_returned(session, actor=staff, line_id=line.id, quantity=2, reason="other")
    follow_order(session, order.id)
    assert _present(session, order) == []
    undo_returned(session, actor=staff, line_id=line.id)
    follow_order(session, order.id)
    assert _present(session, order) == [1, 2, 3]
    assert line.returned_quantity == 0


def test_return_before_the_delivery_is_known_leaves_the_kept_units(session: Session) -> None:
    order = _order(session, quantity=3)
    order.lines[0].returned_quantity = 1
    follow_order(session, order.id)
    assert _present(session, order) == [1, 2]


@pytest.mark.parametrize("quantity", [0, -1, 3, True, 1.0])
def test_never_more_comes_back_than_arrived(session: Session, quantity: int) -> None:
    order = _order(session)
    staff = _actor(session, make_staff(session, "agent"))
    with pytest.raises(Invalid) as told:
        mark_returned(session, actor=staff, line_id=order.lines[0].id, quantity=quantity, reason="other")
    assert (told.value.code, told.value.params) == ("returns.too_many", {"limit": 2})
    assert order.lines[0].returned_quantity == 0


def test_only_staff_mark_returns_and_only_after_it_left(session: Session) -> None:
    order = _order(session)
    owner = session.get_one(User, order.user_id)
    with pytest.raises(Forbidden):
        mark_returned(
            session, actor=_actor(session, owner), line_id=order.lines[0].id, quantity=1, reason="other"
        )
    staff = _actor(session, make_staff(session, "agent"))
    waiting = _order(session, state="packing")
    with pytest.raises(Conflict):
        mark_returned(session, actor=staff, line_id=waiting.lines[0].id, quantity=1, reason="other")
    with pytest.raises(NotFound):
        mark_returned(session, actor=staff, line_id=uuid.uuid4(), quantity=1, reason="other")
    with pytest.raises(Conflict):
        undo_returned(session, actor=staff, line_id=order.lines[0].id)


def test_reason_stays_with_staff(session: Session) -> None:
    order = _order(session)
    staff = _actor(session, make_staff(session, "agent"))
    mark_returned(
        session, actor=staff, line_id=order.lines[0].id, quantity=1, reason="defective", note_text="Loud"
    )
    session.flush()
    told = {
        event.kind: (event.is_internal, event.data)
        for event in session.scalars(select(OrderEvent).where(OrderEvent.order_id == order.id))
    }
    assert told["return_reason"] == (True, {"reason": "defective", "text": "Loud"})
    assert told["returned"][0] is False
    assert "Loud" not in str(told["returned"]) and "defective" not in str(told["returned"])


def test_registering_checks_what_is_told(session: Session) -> None:
    actor = _actor(session, make_customer(session))
    today = clock.today(actor.timezone)
    wrong: list[tuple[dict[str, object], str]] = [
        ({"name": "Kettle", "acquired_on": None}, "owned.date_needed"),
        ({"name": "Kettle", "acquired_on": today + timedelta(days=1)}, "owned.date_future"),
        ({"name": "Kettle", "acquired_on": date(1950, 1, 1)}, "owned.date_too_old"),
        ({"name": "  ", "acquired_on": today}, "owned.product_needed"),
        ({"product_id": uuid.uuid4(), "acquired_on": today}, "owned.unknown_product"),
        ({"name": "Kettle", "acquired_on": today, "serial_number": "?"}, "owned.serial_format"),
        ({"name": "K" * 161, "acquired_on": today}, "text.too_long"),
    ]
    for values, code in wrong:
        with pytest.raises(Invalid) as told:
            register(session, actor=actor, **values)  # type: ignore[arg-type]
        assert told.value.code == code
    assert list_owned(session, actor) == []


def test_registered_product_has_its_warranty_and_no_twin(session: Session) -> None:
    actor = _actor(session, make_customer(session))
    machine = make_product(session, warranty_months=24, names={"en": "Daybreak"})
    day = date(2026, 2, 1)
    owned = register(
        session, actor=actor, product_id=machine.id, name="ignored", serial_number="ab 12345", acquired_on=day
    )
    assert (owned.name, owned.serial_number, owned.warranty_until) == ("", "AB-12345", date(2028, 2, 1))
    with pytest.raises(Invalid) as told:
        register(session, actor=actor, name="Kettle", serial_number="AB-12345", acquired_on=day)
    assert (told.value.code, told.value.params) == ("owned.serial_taken", {"name": "Daybreak"})
    other = register(session, actor=actor, name="Kettle", acquired_on=day)
    with pytest.raises(Invalid):
        change(session, actor=actor, owned_id=other.id, serial_number="ab12345".replace("ab", "ab-"))
    stranger = _actor(session, make_customer(session))
    assert register(session, actor=stranger, name="Kettle", serial_number="AB-12345", acquired_on=day).id


def test_removed_can_be_taken_back_but_not_what_went_back_to_us(session: Session) -> None:
    actor = _actor(session, make_customer(session))
    owned = register(session, actor=actor, name="Kettle", acquired_on=date(2026, 2, 1))
    remove(session, actor=actor, owned_id=owned.id)
    assert find_owned(session, actor, owned.id) is None
    take_back(session, actor=actor, owned_id=owned.id)
    assert find_owned(session, actor, owned.id) is owned
    owned.removed_at, owned.removal_reason = clock.now(), "returned"
    session.flush()
    with pytest.raises(NotFound):
        take_back(session, actor=actor, owned_id=owned.id)


def test_colleagues_see_each_others_things_only_with_the_companys_scope(session: Session) -> None:
    account = make_account(session)
    one, two = make_user(session, account=account), make_user(session, account=account)
    boss = make_user(session, account=account, role="company_administrator", scope="company")
    first = _actor(session, one)
    owned = register(session, actor=first, name="Kettle", acquired_on=date(2026, 2, 1))
    assert [item.id for item in list_owned(session, first)] == [owned.id]
    assert list_owned(session, _actor(session, two)) == []
    assert [item.id for item in list_owned(session, _actor(session, boss))] == [owned.id]
    moved = replace(first, account_id=make_account(session).id)
    assert list_owned(session, moved) == [], "who changes the company leaves its things behind"
    assert [item.id for item in list_owned_of_account(session, account.id, user_id=one.id)] == [owned.id]
    assert list_owned_of_account(session, account.id, user_id=two.id) == []
