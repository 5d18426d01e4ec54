"""Carts: one per person on every device, one per visitor until they sign in."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    bindparam,
    case,
    delete,
    exists,
    func,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, joinedload

from core import clock
from core.db import is_sqlite
from core.errors import Invalid, NotFound
from core.ids import new_id
from core.money import Money
from crm.catalogue.models import Product
from crm.orders.models import Cart, CartLine, Order
from crm.orders.pricing import LARGEST_QUANTITY, MOST_LINES, check_quantity, unit_price


@dataclass(frozen=True)
class Owner:
    """Whose cart: a signed-in person's, or a visitor's by the key in their session."""

    user_id: uuid.UUID | None = None
    visitor_key: str | None = None

    def matches(self) -> ColumnElement[bool]:
        if self.user_id is not None:
            return Cart.user_id == self.user_id
        return Cart.visitor_key == (self.visitor_key or "")

    @property
    def is_somebody(self) -> bool:
        return self.user_id is not None or bool(self.visitor_key)


# For the frame of every page: built once, over the tables' columns.
_LINE, _CART = CartLine.__table__.c, Cart.__table__.c
_UNITS = select(func.sum(_LINE.quantity)).join_from(
    CartLine.__table__, Cart.__table__, _CART.id == _LINE.cart_id
)
_UNITS_OF_USER = _UNITS.where(_CART.user_id == bindparam("owner"))
_UNITS_OF_VISITOR = _UNITS.where(_CART.visitor_key == bindparam("owner"))


def units_of(person: ColumnElement[Any]) -> ScalarSelect[Any]:
    """For statements about people: the units in the cart of `person`, a column of theirs; NULL without a cart."""
    return _UNITS.where(_CART.user_id == person).scalar_subquery()


@dataclass(frozen=True)
class CartItem:
    """`problem`: '' or why it cannot be ordered so: gone, sold_out, too_few. `was`: the price seen before."""

    product: Product
    quantity: int
    price: Money
    amount: Money
    on_hand: int | None  # None: made to order
    problem: str
    was: Money | None


@dataclass(frozen=True)
class CartView:
    id: uuid.UUID | None
    items: tuple[CartItem, ...]

    @property
    def total(self) -> Money | None:
        """What the orderable goods cost; None without any, or in several currencies."""
        amounts = [item.amount for item in self.items if item.problem != "gone"]
        if not amounts or len({amount.currency for amount in amounts}) > 1:
            return None
        total = amounts[0]
        for amount in amounts[1:]:
            total = total + amount
        return total

    @property
    def has_problem(self) -> bool:
        return any(item.problem for item in self.items)

    @property
    def wanted(self) -> dict[uuid.UUID, int]:
        return {item.product.id: item.quantity for item in self.items}


def count(session: Session, owner: Owner) -> int:
    """Units in the cart: one query."""
    if not owner.is_somebody:
        return 0
    if owner.user_id is not None:
        found = session.scalar(_UNITS_OF_USER, {"owner": owner.user_id})
    else:
        found = session.scalar(_UNITS_OF_VISITOR, {"owner": owner.visitor_key})
    return int(found or 0)


def view(session: Session, owner: Owner) -> CartView:
    """The cart with present prices and stock: one query."""
    if not owner.is_somebody:
        return CartView(None, ())
    rows = session.execute(
        select(CartLine, Product)
        .join(Cart, Cart.id == CartLine.cart_id)
        .join(Product, Product.id == CartLine.product_id)
        .options(joinedload(Product.stock))
        .where(owner.matches())
        .order_by(CartLine.added_at, CartLine.product_id)
        .execution_options(populate_existing=True)
    )
    cart_id: uuid.UUID | None = None
    items: list[CartItem] = []
    for line, product in rows:
        cart_id = line.cart_id
        price = unit_price(product)
        left = product.stock.on_hand if product.stock else None
        changed = line.seen_price is not None and line.seen_price != price.amount
        was = Money(line.seen_price, price.currency) if changed and line.seen_price is not None else None
        items.append(
            CartItem(product, line.quantity, price, (price * line.quantity).rounded(), left,
                     _problem(product, line.quantity, left), was)
        )  # fmt: skip
    return CartView(cart_id, tuple(items))


def _problem(product: Product, quantity: int, left: int | None) -> str:
    if not (product.is_active and product.is_sellable):
        return "gone"
    if left is None:
        return ""
    if left <= 0:
        return "sold_out"
    return "too_few" if left < quantity else ""


def _cart_id(session: Session, owner: Owner) -> uuid.UUID:
    """The owner's cart, made when there is none. Two requests at once get the same one."""
    if not owner.is_somebody:
        raise NotFound
    found = session.scalar(select(Cart.id).where(owner.matches()))
    if found is not None:
        return found
    insert = sqlite.insert(Cart) if is_sqlite(session) else postgresql.insert(Cart)
    key = None if owner.user_id is not None else owner.visitor_key
    moment = clock.now()
    session.execute(
        insert.values(
            id=new_id(), user_id=owner.user_id, visitor_key=key, created_at=moment, updated_at=moment
        ).on_conflict_do_nothing()
    )
    return session.scalars(select(Cart.id).where(owner.matches())).one()


def _touch(session: Session, which: ColumnElement[bool]) -> None:
    """Notes that the cart was changed just now. Before its lines, so that all who change carts lock them in the
    order that placing an order does."""
    session.execute(
        update(Cart).where(which).values(updated_at=clock.now()).execution_options(synchronize_session=False)
    )


def get_buyable(session: Session, product_id: uuid.UUID) -> Product:
    """Raises NotFound for a product that is not there, Invalid for one that is not sold."""
    product = session.get(Product, product_id)
    if product is None or not product.is_active:
        raise NotFound
    if not product.is_sellable:
        raise Invalid("cart.not_sold", field="product_id")
    return product


def add(session: Session, owner: Owner, product_id: uuid.UUID, quantity: int) -> Product:
    """Adds units; more than the largest quantity stays at it. Raises NotFound or Invalid."""
    check_quantity(quantity)
    product = get_buyable(session, product_id)
    cart_id = _cart_id(session, owner)
    others = session.scalar(
        select(func.count())
        .select_from(CartLine)
        .where(CartLine.cart_id == cart_id, CartLine.product_id != product_id)
    )
    if (others or 0) >= MOST_LINES:
        raise Invalid("cart.too_many_lines", limit=MOST_LINES)
    _touch(session, Cart.id == cart_id)
    _add_to_line(session, cart_id, product, quantity)
    return product


def _add_to_line(session: Session, cart_id: uuid.UUID, product: Product, quantity: int) -> None:
    """One statement, so that two at once are added up and neither is lost."""
    insert = sqlite.insert(CartLine) if is_sqlite(session) else postgresql.insert(CartLine)
    statement = insert.values(
        cart_id=cart_id,
        product_id=product.id,
        quantity=quantity,
        seen_price=product.price,
        added_at=clock.now(),
    )
    both = CartLine.quantity + quantity
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["cart_id", "product_id"],
            set_={"quantity": case((both > LARGEST_QUANTITY, LARGEST_QUANTITY), else_=both)},
        )
    )


def set_quantity(session: Session, owner: Owner, product_id: uuid.UUID, quantity: int) -> None:
    """Sets the units of a product that is in the cart. Raises NotFound or Invalid."""
    check_quantity(quantity)
    _touch(session, owner.matches())
    changed = session.execute(
        update(CartLine)
        .where(
            CartLine.cart_id.in_(select(Cart.id).where(owner.matches())), CartLine.product_id == product_id
        )
        .values(quantity=quantity)
        .execution_options(synchronize_session=False)
    )
    if not changed.rowcount:  # type: ignore[attr-defined]
        raise NotFound


def remove(session: Session, owner: Owner, product_id: uuid.UUID) -> int:
    """Takes a product out; returns how many units there were, 0 when it was out already."""
    mine = CartLine.cart_id.in_(select(Cart.id).where(owner.matches()))
    _touch(session, owner.matches())
    gone = session.scalar(
        delete(CartLine)
        .where(mine, CartLine.product_id == product_id)
        .returning(CartLine.quantity)
        .execution_options(synchronize_session=False)
    )
    return int(gone or 0)


@dataclass(frozen=True)
class LeftCart:
    """A person's cart with goods in it that nobody touched since `changed_at`."""

    cart_id: uuid.UUID
    user_id: uuid.UUID
    changed_at: datetime


def _left(*wanted: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(Cart.id, Cart.user_id, Cart.updated_at)
        .where(Cart.user_id.is_not(None), *wanted)
        .where(exists().where(CartLine.cart_id == Cart.id))
    )


def list_left(
    session: Session,
    *,
    since: datetime,
    until: datetime,
    limit: int = 500,
    new: ColumnElement[bool] | None = None,
) -> list[LeftCart]:
    """People's carts changed last after `since` and not later than `until`; `new` narrows them further."""
    narrowed = () if new is None else (new,)
    rows = session.execute(
        _left(Cart.updated_at > since, Cart.updated_at <= until, *narrowed)
        .order_by(Cart.updated_at)
        .limit(limit)
    )
    return [LeftCart(row.id, row.user_id, row.updated_at) for row in rows]


def find_left(session: Session, user_id: uuid.UUID) -> LeftCart | None:
    """The person's cart, if anything is in it."""
    row = session.execute(_left(Cart.user_id == user_id)).one_or_none()
    return LeftCart(row.id, row.user_id, row.updated_at) if row else None


def accept_prices(session: Session, owner: Owner) -> None:
    """Notes the present prices as seen, after the person was shown what changed."""
    price = select(Product.price).where(Product.id == CartLine.product_id).scalar_subquery()
    session.execute(
        update(CartLine)
        .where(CartLine.cart_id.in_(select(Cart.id).where(owner.matches())))
        .values(seen_price=price)
        .execution_options(synchronize_session=False)
    )


def merge(session: Session, visitor_key: str, user_id: uuid.UUID) -> int:
    """Moves a visitor's cart into the person's; equal products are added up. Returns how many lines moved."""
    source = session.scalar(select(Cart).where(Cart.visitor_key == visitor_key).with_for_update())
    if source is None:
        return 0
    target = _cart_id(session, Owner(user_id=user_id))
    rows = session.execute(
        select(CartLine, Product)
        .join(Product, Product.id == CartLine.product_id)
        .where(CartLine.cart_id == source.id)
        .order_by(CartLine.product_id)
    ).all()  # fmt: skip
    _touch(session, Cart.id == target)
    kept = session.scalar(select(func.count()).select_from(CartLine).where(CartLine.cart_id == target)) or 0
    moved = rows[: max(MOST_LINES - kept, 0)]
    for line, product in moved:
        _add_to_line(session, target, product, line.quantity)
    session.execute(delete(Cart).where(Cart.id == source.id).execution_options(synchronize_session=False))
    session.expire_all()
    return len(moved)


def lock_lines(session: Session, cart_id: uuid.UUID, user_id: uuid.UUID) -> dict[uuid.UUID, int]:
    """What is in the person's cart, locked until the order is placed. Raises NotFound for anybody else's."""
    mine = select(Cart.id).where(Cart.id == cart_id, Cart.user_id == user_id).with_for_update()
    if session.scalar(mine) is None:
        raise NotFound
    rows = session.execute(
        select(CartLine.product_id, CartLine.quantity)
        .where(CartLine.cart_id == cart_id)
        .order_by(CartLine.added_at, CartLine.product_id)
    )
    return {row.product_id: row.quantity for row in rows}


def take_out(session: Session, cart_id: uuid.UUID, ordered: Mapping[uuid.UUID, int]) -> None:
    """Takes what was ordered out of the cart; what was added meanwhile on another device stays."""
    _touch(session, Cart.id == cart_id)
    for product_id in sorted(ordered):
        line = (CartLine.cart_id == cart_id, CartLine.product_id == product_id)
        session.execute(delete(CartLine).where(*line, CartLine.quantity <= ordered[product_id])
                        .execution_options(synchronize_session=False))  # fmt: skip
        session.execute(
            update(CartLine)
            .where(*line)
            .values(quantity=CartLine.quantity - ordered[product_id])
            .execution_options(synchronize_session=False)
        )


@dataclass(frozen=True)
class Reordered:
    """`missing`: names (locale -> text) of what is not sold any more or sold out."""

    added: int
    missing: tuple[dict[str, str], ...]


def reorder(session: Session, owner: Owner, order: Order) -> Reordered:
    """Puts an old order's products in the cart, as far as they are still sold. The caller checked the access."""
    wanted: dict[uuid.UUID, int] = {}
    missing: list[dict[str, str]] = []
    for line in order.lines:
        if line.kind != "product" or line.quantity <= 0:
            continue
        if line.product_id is None:
            missing.append(dict(line.names))
        else:
            wanted[line.product_id] = wanted.get(line.product_id, 0) + line.quantity
    products = {
        product.id: product
        for product in session.scalars(
            select(Product).where(Product.id.in_(list(wanted))).options(joinedload(Product.stock))
        )
    }
    added = 0
    cart_id = _cart_id(session, owner)
    free = MOST_LINES - (
        session.scalar(select(func.count()).select_from(CartLine).where(CartLine.cart_id == cart_id)) or 0
    )
    _touch(session, Cart.id == cart_id)
    for product_id in sorted(wanted):
        product = products[product_id]
        left = product.stock.on_hand if product.stock else None
        if _problem(product, 1, left) or added >= free:
            missing.append(dict(product.names))
            continue
        _add_to_line(session, cart_id, product, min(wanted[product_id], LARGEST_QUANTITY))
        added += 1
    return Reordered(added, tuple(missing))
