"""Placing orders: prices, stock, numbers and keys."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.actor import Actor
from core.errors import Conflict, Forbidden, Invalid, Unauthenticated
from core.ids import parse_reference
from core.money import Money
from crm.customers.actors import load_actor
from crm.orders import carts, stock
from crm.orders.carts import Owner
from crm.orders.models import Order
from crm.orders.placing import place_order
from tests.factories.goods import make_product
from tests.factories.people import make_account, make_user

ADDRESS = {
    "recipient": "Purchasing",
    "line1": "Hafenstrasse 1",
    "postal_code": "20457",
    "city": "Hamburg",
    "country": "de",
}


@pytest.fixture
def buyer(session: Session) -> Actor:
    user = make_user(session, account=make_account(session, pays_on_account=True))
    found = load_actor(session, user.id)
    assert found is not None
    return found


def order_of(
    session: Session, actor: Actor, lines: dict[uuid.UUID, int], key: str = "k1", **values: object
) -> Order:
    given: dict[str, object] = {
        "delivery_method": "standard",
        "payment_method": "account",
        "address": ADDRESS,
    }
    return place_order(session, actor=actor, lines=lines, key=key, **{**given, **values})  # type: ignore[arg-type]


def left_of(session: Session, product_id: uuid.UUID) -> int:
    return stock.on_hand(session, [product_id])[product_id]


def test_amounts_come_from_the_catalogue_and_include_tax(session: Session, buyer: Actor) -> None:
    filters = make_product(session, price="11.90", tax_rate=1900, weight_g=400)
    beans = make_product(session, price="10.70", tax_rate=700, weight_g=1000)
    order = order_of(session, buyer, {filters.id: 2, beans.id: 1})
    assert (order.items_total, order.delivery_total, order.total) == (
        Decimal("34.50"),
        Decimal("4.90"),
        Decimal("39.40"),
    )
    assert order.tax_total == Decimal("3.80") + Decimal("0.70") + Decimal("0.78")
    assert [(line.sku, line.quantity, line.amount) for line in order.lines] == [
        (filters.sku, 2, Decimal("23.80")), (beans.sku, 1, Decimal("10.70")),
    ]  # fmt: skip
    assert order.state == "placed"
    assert order.delivery_address["country"] == "DE"


def test_stock_goes_down_and_the_number_has_a_check_digit(session: Session, buyer: Actor) -> None:
    product = make_product(session, on_hand=5)
    order = order_of(session, buyer, {product.id: 3})
    assert left_of(session, product.id) == 2
    assert parse_reference(order.number, "SO") == order.number


def test_numbers_rise(session: Session, buyer: Actor) -> None:
    product = make_product(session)
    numbers = [
        int(order_of(session, buyer, {product.id: 1}, key=f"k{n}").number.split("-")[1]) for n in range(3)
    ]
    assert numbers == [numbers[0], numbers[0] + 1, numbers[0] + 2]


def test_too_little_stock_names_the_product_and_what_is_left(session: Session, buyer: Actor) -> None:
    product = make_product(session, on_hand=2, names={"en": "Grinder"})
    with pytest.raises(Conflict) as told:
        order_of(session, buyer, {product.id: 3})
    assert (told.value.code, told.value.params) == ("orders.out_of_stock", {"product": "Grinder", "left": 2})


def test_one_short_line_leaves_the_whole_order_undone(session: Session, buyer: Actor) -> None:
    plenty, none = make_product(session, on_hand=9), make_product(session, on_hand=0)
    with pytest.raises(Conflict), session.begin_nested():
        order_of(session, buyer, {plenty.id: 1, none.id: 1})
    assert left_of(session, plenty.id) == 9
    assert session.scalar(select(func.count()).select_from(Order)) == 0


def test_the_same_key_is_the_same_order(session: Session, buyer: Actor) -> None:
    product = make_product(session, on_hand=5)
    first = order_of(session, buyer, {product.id: 1}, key="same")
    again = order_of(session, buyer, {product.id: 1}, key="same")
    assert again.id == first.id
    assert left_of(session, product.id) == 4


@pytest.mark.parametrize("quantity", [0, -1, 1000, True, 1.0, "1", 10**20])
def test_quantities_are_whole_numbers_from_1_to_999(session: Session, buyer: Actor, quantity: object) -> None:
    product = make_product(session)
    with pytest.raises(Invalid) as told:
        order_of(session, buyer, {product.id: quantity})  # type: ignore[dict-item]
    assert told.value.code == "cart.quantity"


def test_a_price_that_changed_since_the_review_is_told(session: Session, buyer: Actor) -> None:
    product = make_product(session, price="20")
    with pytest.raises(Conflict) as told:
        order_of(session, buyer, {product.id: 1}, expected_total=Money(Decimal("20"), "EUR"))
    assert told.value.code == "orders.total_changed"
    order = order_of(session, buyer, {product.id: 1}, key="k2", expected_total=Money(Decimal("24.90"), "EUR"))
    assert order.total == Decimal("24.90")


def test_products_no_longer_sold_are_refused(session: Session, buyer: Actor) -> None:
    product = make_product(session, is_active=False)
    with pytest.raises(Conflict) as told:
        order_of(session, buyer, {product.id: 1})
    assert told.value.code == "orders.not_sold"


def test_on_account_only_for_accounts_that_may(session: Session) -> None:
    user = make_user(session, account=make_account(session, pays_on_account=False))
    actor = load_actor(session, user.id)
    assert actor is not None
    with pytest.raises(Forbidden):
        order_of(session, actor, {make_product(session).id: 1})


def test_visitors_and_staff_cannot_order(session: Session) -> None:
    product = make_product(session)
    with pytest.raises(Unauthenticated):
        order_of(session, Actor(kind="anonymous"), {product.id: 1})
    staff = load_actor(session, make_user(session, kind="staff", roles=("administrator",)).id)
    assert staff is not None
    with pytest.raises(Forbidden):
        order_of(session, staff, {product.id: 1})


def test_a_wrong_address_names_its_fields(session: Session, buyer: Actor) -> None:
    with pytest.raises(Invalid) as told:
        order_of(
            session,
            buyer,
            {make_product(session).id: 1},
            address={**ADDRESS, "city": " ", "country": "Germany"},
        )
    assert {(error.field, error.code) for error in told.value.errors} == {
        ("city", "address.line_needed"),
        ("country", "address.country"),
    }


def test_ordering_the_cart_empties_it(session: Session, buyer: Actor) -> None:
    product = make_product(session)
    owner = Owner(user_id=buyer.user_id)
    carts.add(session, owner, product.id, 2)
    cart_id = carts.view(session, owner).id
    order = place_order(
        session,
        actor=buyer,
        cart_id=cart_id,
        key="c",
        delivery_method="standard",
        payment_method="account",
        address=ADDRESS,
    )
    assert order.lines[0].quantity == 2
    assert carts.count(session, owner) == 0


def test_somebody_elses_cart_is_not_found(session: Session, buyer: Actor) -> None:
    other = make_user(session, account=make_account(session))
    carts.add(session, Owner(user_id=other.id), make_product(session).id, 1)
    foreign = carts.view(session, Owner(user_id=other.id)).id
    with pytest.raises(Exception, match="not_found"):
        place_order(
            session, actor=buyer, cart_id=foreign, key="c", delivery_method="standard", payment_method="account",
            address=ADDRESS,
        )  # fmt: skip
    assert carts.count(session, Owner(user_id=other.id)) == 1
