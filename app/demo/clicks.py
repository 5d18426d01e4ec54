"""Four weeks of visits that fit the demo's people: what led to their orders, and what led to nothing."""

from __future__ import annotations

import json
import random
import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.demo.accounts import user_id
from app.demo.buyers import list_buyers
from app.demo.orders import order_time
from app.demo.paths import Goods, Thing, load_goods, write_path
from clickstream import consent, drops
from clickstream.models import ClickDrop, ClickEvent, ClickJoin, ClickQuarantine, ClickSession, ConsentRecord
from core import clock
from core.ids import new_id
from crm.orders.models import Order, OrderLine
from crm.service.models import Case

SEED = 46_056
DAYS = 27
SOURCE = "demo"
DECLINES = {"office@atelier-kastanie.example"}
VISITORS = 240
Rows = dict[type[Any], list[dict[str, Any]]]


def ensure_clicks(session: Session) -> int:
    """Adds consents and visits once. Returns how many visits there are now."""
    if session.scalar(select(ConsentRecord.id).where(ConsentRecord.source == SOURCE).limit(1)) is not None:
        return 0
    dice = random.Random(SEED)
    goods = load_goods(session)
    if not goods.products:
        return 0
    rows: Rows = {
        table: []
        for table in (ConsentRecord, ClickEvent, ClickSession, ClickJoin, ClickQuarantine, ClickDrop)
    }
    agreed = _consents(session, dice, rows)
    _outcomes(session, dice, rows, goods, agreed)
    _browsing(session, dice, rows, goods, agreed)
    _visitors(dice, rows, goods)
    _programs(dice, rows, goods)
    _oddities(dice, rows)
    for table, values in rows.items():
        for at in range(0, len(values), 2000):
            session.execute(insert(table), values[at : at + 2000])
    return len(rows[ClickSession])


def _decide(rows: Rows, at: datetime, decided: dict[str, bool], **subject: uuid.UUID) -> None:
    rows[ConsentRecord].extend(
        {
            "id": new_id(), "person_id": None, "visitor_id": None, "purpose": purpose, "granted": granted,
            "version": consent.VERSION, "source": SOURCE, "at": at, **subject,
        }
        for purpose, granted in decided.items()
    )  # fmt: skip


def _consents(session: Session, dice: random.Random, rows: Rows) -> dict[uuid.UUID, str]:
    """Most agree, some only in part, some not at all. Returns the segment of each who agreed to clicks."""
    no = {user_id(email) for email in DECLINES}
    agreed: dict[uuid.UUID, str] = {}
    for buyer in list_buyers(session):
        for person_id, _email, _locale in buyer.people:
            chance = 0.0 if buyer.is_shown else dice.random()
            if person_id in no or chance > 0.85:
                decided = dict.fromkeys(consent.PURPOSES, False)
            else:
                decided = {
                    consent.CLICKS: chance < 0.7,
                    consent.PERSONALISATION: True,
                    consent.MARKETING: chance < 0.6,
                }
            at = clock.now() - timedelta(days=DAYS + 3 + dice.randrange(60), minutes=dice.randrange(900))
            _decide(rows, at, decided, person_id=person_id)
            if decided[consent.CLICKS]:
                agreed[person_id] = buyer.segment
    return agreed


def _outcomes(
    session: Session, dice: random.Random, rows: Rows, goods: Goods, agreed: dict[uuid.UUID, str]
) -> None:
    """A visit before each order and request of those who agreed."""
    since = clock.now() - timedelta(days=DAYS)
    basket: dict[uuid.UUID, list[str]] = {}
    orders = session.execute(
        select(Order.id, Order.user_id, Order.placed_at, OrderLine.product_id)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(Order.placed_at > since, Order.user_id.in_(list(agreed)), OrderLine.product_id.is_not(None))
        .order_by(Order.placed_at, OrderLine.position)
    ).all()
    for row in orders:
        basket.setdefault(row.id, []).append(str(row.product_id))
    placed = {row.id: row for row in orders}
    for order_id, row in placed.items():
        thing = Thing("order", str(order_id), row.placed_at, tuple(basket[order_id]))
        _add(dice, rows, goods, row.placed_at, thing=thing, person_id=row.user_id)
    cases = session.execute(
        select(Case.id, Case.user_id, Case.opened_at).where(
            Case.opened_at > since, Case.user_id.in_(list(agreed))
        )
    )
    for case in cases:
        thing = Thing("request", str(case.id), case.opened_at)
        _add(dice, rows, goods, case.opened_at, thing=thing, person_id=case.user_id)


def _browsing(
    session: Session, dice: random.Random, rows: Rows, goods: Goods, agreed: dict[uuid.UUID, str]
) -> None:
    shown = {person[0] for buyer in list_buyers(session) if buyer.is_shown for person in buyer.people}
    for person_id, segment in agreed.items():
        for _ in range(9 if person_id in shown else dice.choice((0, 0, 1, 1, 2))):
            at = order_time(dice, dice.randrange(1, DAYS), segment)
            if at < clock.now():
                _add(dice, rows, goods, at, person_id=person_id)
    household = user_id("home@mill-lane.example")
    if household in agreed:  # began as a visitor, in the evening of the day before yesterday
        visitor_id = uuid.UUID(int=dice.getrandbits(128), version=4)
        at = order_time(dice, 2, "household")
        both = dict.fromkeys((consent.CLICKS, consent.PERSONALISATION), True)
        _decide(rows, at - timedelta(minutes=1), both, visitor_id=visitor_id)
        _add(dice, rows, goods, at, person_id=household, visitor_id=visitor_id)
        rows[ClickJoin].append(
            {"visitor_id": visitor_id, "person_id": household, "joined_at": at + timedelta(minutes=9), "undone_at": None}
        )  # fmt: skip


def _visitors(dice: random.Random, rows: Rows, goods: Goods) -> None:
    for _ in range(VISITORS):
        visitor_id = uuid.UUID(int=dice.getrandbits(128), version=4)
        day = dice.randrange(DAYS)
        at = order_time(dice, day, "household")
        if at > clock.now():
            continue
        both = {consent.CLICKS: True, consent.PERSONALISATION: dice.random() < 0.8}
        _decide(rows, at - timedelta(seconds=20), both, visitor_id=visitor_id)
        _add(dice, rows, goods, at, visitor_id=visitor_id)


def _programs(dice: random.Random, rows: Rows, goods: Goods) -> None:
    for day in (1, 6, 12):
        visitor_id = uuid.UUID(int=dice.getrandbits(128), version=4)
        at = order_time(dice, day, "household")
        _add(dice, rows, goods, at, visitor_id=visitor_id, is_bot=True)


def _add(
    dice: random.Random,
    rows: Rows,
    goods: Goods,
    at: datetime,
    *,
    person_id: uuid.UUID | None = None,
    visitor_id: uuid.UUID | None = None,
    thing: Thing | None = None,
    is_bot: bool = False,
) -> None:
    visit, events = write_path(dice, goods, at, thing)
    whose = {"person_id": person_id, "visitor_id": visitor_id, "is_bot": is_bot}
    rows[ClickSession].append({**visit, **whose})
    rows[ClickEvent].extend({**event, **whose} for event in events)


def _oddities(dice: random.Random, rows: Rows) -> None:
    """A few events that did not fit, and what was counted and not kept."""
    somebody = rows[ClickSession][-5:]
    bad = (
        ("event", "event", {"type": "track", "event": "Coupon Applied", "properties": {"coupon": "AUTUMN"}}),
        ("event", "event", {"type": "track", "event": "Video Played", "properties": {"id": "descaling"}}),
        ("value", "properties.quantity", {"type": "track", "event": "Product Added",
          "properties": {"product_id": "AH-100", "quantity": "2"}}),
        ("missing", "properties.product_id", {"type": "track", "event": "Product Viewed", "properties": {}}),
        ("timestamp", "timestamp", {"type": "page", "timestamp": "yesterday", "properties": {"path": "/shop"}}),
    )  # fmt: skip
    for number, (reason, field, body) in reversed(list(enumerate(bad))):
        whose = somebody[number % len(somebody)]
        told = {"messageId": f"demo-odd-{number:04d}", **body}
        rows[ClickQuarantine].append(
            {
                "id": new_id(),
                "person_id": whose["person_id"],
                "visitor_id": whose["visitor_id"],
                "received_at": clock.now() - timedelta(hours=5 + 19 * number),
                "reason": reason,
                "field": field,
                "body": json.dumps(told),
                "is_bot": False,
            }
        )
    for days, reason, count in ((1, drops.DUPLICATE, 14), (2, drops.DUPLICATE, 9), (6, drops.FLOOD, 2_310)):
        day = clock.today() - timedelta(days=days)
        rows[ClickDrop].append({"day": day, "reason": reason, "count": count})
