"""What the driver is given directly reads as what SQLAlchemy executes."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Integer, bindparam, cast, func, literal, null, select, union_all
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from core import clock
from core.db.prepared import Prepared
from crm.orders.models import Order, OrderLine
from tests.factories.orders import make_line, make_order
from tests.factories.people import make_account

_O, _L = Order.__table__.c, OrderLine.__table__.c
ORDERS = (
    select(
        _O.id, _O.number, _O.account_id, _O.placed_at, _O.promised_on, _O.delivered_at, _O.total, _O.delivery_address,
        _O.version, (_O.total > 5).label("dear"), func.count(_L.id), func.max(_L.amount), literal("50%"), null(),
    )
    .join_from(Order.__table__, OrderLine.__table__)
    .where(_O.account_id == bindparam("account"), _O.placed_at > bindparam("since"), _O.state == "placed")
    .group_by(_O.id)
    .order_by(_O.number)
    .limit(bindparam("most"))
)  # fmt: skip
BOTH = union_all(
    select(_O.number, _O.total).where(_O.account_id == bindparam("account")),
    select(literal("none"), literal(Decimal(7), _O.total.type)),
)


def test_every_type_is_written_and_read_as_by_sqlalchemy(session: Session) -> None:
    account = make_account(session)
    for amount in ("3.10", "1234.56"):
        make_order(session, account=account, lines=[make_line(unit_price=Decimal(amount)), make_line()])
    make_order(session, account=make_account(session))
    given = {"account": account.id, "since": clock.now() - timedelta(days=1), "most": 5}
    expected = [tuple(row) for row in session.execute(ORDERS, given)]
    prepared = Prepared(ORDERS)
    for _ in range(2):
        rows = prepared.all(session, given)
        assert rows == expected and len(rows) == 2
        assert [type(value) for value in rows[0]] == [type(value) for value in expected[0]]
    assert prepared.all(session, {**given, "account": uuid.uuid4()}) == []


def test_a_union_reads_as_its_first_part(session: Session) -> None:
    account = make_account(session)
    order = make_order(session, account=account)
    assert sorted(Prepared(BOTH).all(session, {"account": account.id})) == sorted(
        [(order.number, order.total), ("none", Decimal(7))]
    )


def test_a_list_and_a_missing_value_are_refused(session: Session) -> None:
    listed = Prepared(select(_O.number).where(_O.id.in_(bindparam("ids", expanding=True))))
    with pytest.raises(TypeError, match="list"):
        listed.all(session, {"ids": [uuid.uuid4()]})
    with pytest.raises(KeyError):
        Prepared(BOTH).all(session, {})


def test_an_error_of_the_database_is_sqlalchemys(session: Session) -> None:
    broken = Prepared(select(cast(func.no_such_function(1), Integer)))
    with pytest.raises(DBAPIError), session.begin_nested():
        broken.all(session, {})
