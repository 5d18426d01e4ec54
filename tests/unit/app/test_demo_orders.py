"""The demo's orders: alive, consistent with their age, and never twice."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from rich.console import Console
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.demo.accounts import user_id
from app.demo.catalogue import load_catalogue
from app.demo.goods import launch_days
from app.demo.loader import ensure_demo
from app.demo.needs import SEGMENTS, Needs
from app.demo.parcels import plan_journey
from core import clock
from core.ids import new_id, parse_reference
from core.jobs.models import Job
from core.mail.models import Mail
from core.transaction import reading
from crm.catalogue.models import Product, ProductLink, Stock
from crm.customers.models import Account
from crm.orders.models import LEGAL_TRANSITIONS, Order, OrderEvent, OrderLine, Shipment, ShipmentLine

SHOWN = ("purchasing@cafe-nordlicht.example", "office@atelier-kastanie.example", "home@mill-lane.example")


def counts(session: Session) -> dict[str, int]:
    kinds = (Account, Product, Stock, ProductLink, Order, OrderLine, Shipment, ShipmentLine, OrderEvent, Job)
    return {kind.__tablename__: session.scalar(select(func.count()).select_from(kind)) or 0 for kind in kinds}


def test_the_demo_is_alive_and_loading_it_again_changes_nothing(real_transactions: None) -> None:
    quiet = Console(quiet=True)
    ensure_demo(quiet)
    with reading() as session:
        first = counts(session)
        assert 2_500 <= first["sales_order"] <= 4_000
        assert first["account"] >= 150
        assert first["product"] >= 120
        assert first["product_link"] > 200
        rebuilt = Counter(session.scalars(select(Job.key).where(Job.name == "search.rebuild")))
        assert rebuilt["product"] == rebuilt["article"] == 1
        assert set(rebuilt.values()) == {1}
        assert session.scalar(select(func.count()).select_from(Mail)) == 0
        _check_amounts(session)
        _check_history(session)
        _check_parcels(session)
        for email in SHOWN:
            _check_shown(session, email)
    ensure_demo(quiet)
    with reading() as session:
        assert counts(session) == first


def _check_amounts(session: Session) -> None:
    sums = dict(
        session.execute(
            select(OrderLine.order_id, func.sum(OrderLine.amount)).group_by(OrderLine.order_id)
        ).all()
    )
    now = clock.now()
    orders = session.scalars(select(Order)).all()
    for order in orders:
        assert order.items_total == sums[order.id]
        assert order.total == order.items_total + order.delivery_total
        assert Decimal(0) < order.tax_total < order.total
        assert order.placed_at < now
        assert parse_reference(order.number) == order.number
    by_time = [order.number for order in sorted(orders, key=lambda order: order.placed_at)]
    assert by_time == sorted(by_time, key=lambda number: int(number.split("-")[1]))
    oldest = min(order.placed_at for order in orders)
    assert timedelta(days=650) < now - oldest < timedelta(days=740)


def _check_history(session: Session) -> None:
    """States follow each other as the rules allow, none lies ahead, and old orders are not left open."""
    legal = {(move.source, move.target) for move in LEGAL_TRANSITIONS}
    now = clock.now()
    kinds: dict[object, list[OrderEvent]] = {}
    for event in session.scalars(select(OrderEvent).order_by(OrderEvent.at)):
        kinds.setdefault(event.order_id, []).append(event)
        assert event.at < now
    for order in session.scalars(select(Order)):
        told = [event.kind for event in kinds[order.id]]
        assert told[0] == "ordered"
        if order.state in {"confirmed", "packing", "cancelled", "delivered"}:
            assert order.state in told
        if order.state == "delivered":
            assert [event.at for event in kinds[order.id] if event.kind == "delivered"] == [
                order.delivered_at
            ]
        elif order.state != "cancelled":
            assert now - order.placed_at < timedelta(days=25)
        steps = ["placed", *(kind for kind in told if kind in {"confirmed", "packing", "cancelled"})]
        assert set(pairwise(steps)) <= legal


def _check_parcels(session: Session) -> None:
    shipped = dict(
        session.execute(
            select(ShipmentLine.order_line_id, func.sum(ShipmentLine.quantity)).group_by(
                ShipmentLine.order_line_id
            )
        ).all()
    )
    done = select(OrderLine).join(Order).where(Order.state.in_(("shipped", "delivered")))
    assert all(shipped[line.id] == line.quantity for line in session.scalars(done))


def _check_shown(session: Session, email: str) -> None:
    """One order with two parcels by two carriers, one that is late, and open ones."""
    mine = session.scalars(select(Order).where(Order.user_id == user_id(email))).all()
    assert len(mine) >= 12
    states = Counter(order.state for order in mine)
    assert states["placed"] == 1
    assert states["packing"] >= 1
    ids = [order.id for order in mine if order.state in {"shipped", "partly_shipped"}]
    carriers: dict[object, set[str]] = {}
    for parcel in session.scalars(select(Shipment).where(Shipment.order_id.in_(ids))):
        carriers.setdefault(parcel.order_id, set()).add(parcel.carrier)
    assert any(len(names) == 2 for names in carriers.values())
    today = clock.today("Europe/Berlin")
    assert any(order.state == "shipped" and order.promised_on and order.promised_on < today for order in mine)


def test_needs_repeat_by_the_seed_and_follow_the_machine() -> None:
    catalogue = load_catalogue()
    needs = Needs(catalogue, launch_days(catalogue))
    for segment in SEGMENTS:
        first = needs.list_purchases(random.Random("x"), segment)
        assert first == needs.list_purchases(random.Random("x"), segment)
        assert [one.day for one in first] == sorted((one.day for one in first), reverse=True)
    machines = {product.sku for product in catalogue.products if product.is_serialised}
    household = needs.list_purchases(random.Random("y"), "household", faithful=True)
    assert machines & set(household[0].basket)
    later = [sku for one in household[1:] for sku in one.basket]
    assert len(later) > 2 * len([sku for sku in later if sku in machines])


def test_a_journey_is_as_far_as_its_age() -> None:
    placed = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
    lines = [(new_id(), 2), (new_id(), 1)]
    states = []
    for hours in (0.1, 4.1, 30, 24 * 14):
        now = placed + timedelta(hours=hours)
        journey = plan_journey(random.Random(3), placed, placed.date() + timedelta(days=3), lines, now=now)
        states.append(journey.state)
        assert all(entry.at < now for entry in journey.history)
    assert states[0] == "placed"
    assert states[-1] == "delivered"
