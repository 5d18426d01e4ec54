"""How an order of the demo went: when it was confirmed, packed, sent and received, as far as that is past."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from core import clock
from core.ids import new_id
from crm.orders.delivery import WAREHOUSE, add_working_days

ORDER_DESK, WAREHOUSE_TEAM, CARRIER = "Order desk", "Warehouse", "Carrier"
LATE, SPLIT, CANCELLED = 0.06, 0.12, 0.02


@dataclass(frozen=True)
class Entry:
    at: datetime
    kind: str
    who: str = ORDER_DESK
    is_internal: bool = False
    data: dict[str, Any] = field(default_factory=dict)


@dataclass
class Parcel:
    id: uuid.UUID
    carrier: str
    tracking_code: str
    lines: list[tuple[uuid.UUID, int]]
    promised_on: date
    packed_at: datetime
    shipped_at: datetime | None
    delivered_at: datetime | None

    @property
    def state(self) -> str:
        return "delivered" if self.delivered_at else "shipped" if self.shipped_at else "packing"


@dataclass
class Journey:
    state: str
    history: list[Entry]
    parcels: list[Parcel] = field(default_factory=list)
    delivered_at: datetime | None = None


def plan_journey(
    dice: random.Random,
    placed_at: datetime,
    promised: date,
    lines: list[tuple[uuid.UUID, int]],
    *,
    now: datetime,
    wish: str = "",
    is_heavy: bool = False,
) -> Journey:
    """What happened until `now`. `wish`: '' lets dice decide; 'split': two parcels with two carriers, the second
    under way; 'partly': the second not yet packed; 'late': under way and past its promised day; 'fresh': nothing
    happened yet; 'packing': in the warehouse."""
    history = [Entry(placed_at, "ordered", "")]
    if wish == "fresh":
        return Journey("placed", history)
    confirmed_at = placed_at + timedelta(minutes=dice.randint(20, 240))
    if not wish and dice.random() < CANCELLED:
        cancelled_at = placed_at + timedelta(minutes=dice.randint(4, 18))
        if cancelled_at < now:
            history.append(Entry(cancelled_at, "cancelled", "", data={"by": "customer", "reason": ""}))
            return Journey("cancelled", history)
    if confirmed_at >= now:
        return Journey("placed", history)
    history.append(Entry(confirmed_at, "confirmed"))
    packing_at = _working_moment(dice, confirmed_at)
    if packing_at >= now:
        return Journey("confirmed", history)
    history.append(Entry(packing_at, "packing", WAREHOUSE_TEAM))
    if wish == "packing":
        return Journey("packing", history)
    parcels = _plan_parcels(dice, packing_at, promised, lines, wish=wish, is_heavy=is_heavy)
    for parcel in parcels:
        _tell(history, parcel, parcels, now)
    there = [parcel for parcel in parcels if parcel.packed_at < now]
    for parcel in there:
        parcel.shipped_at = parcel.shipped_at if parcel.shipped_at and parcel.shipped_at < now else None
        parcel.delivered_at = (
            parcel.delivered_at if parcel.delivered_at and parcel.delivered_at < now else None
        )
    history.sort(key=lambda entry: entry.at)
    state = _state(parcels, there)
    delivered = [parcel.delivered_at for parcel in there if parcel.delivered_at]
    return Journey(state, history, there, max(delivered) if state == "delivered" else None)


def _state(parcels: list[Parcel], there: list[Parcel]) -> str:
    shipped = [parcel for parcel in there if parcel.shipped_at]
    if not shipped:
        return "packing"
    if len(shipped) < len(parcels):
        return "partly_shipped"
    return "delivered" if all(parcel.delivered_at for parcel in shipped) else "shipped"


def _working_moment(dice: random.Random, after: datetime) -> datetime:
    """The next time that the warehouse works."""
    local = after.astimezone(WAREHOUSE)
    if local.weekday() >= 5 or local.hour >= 15:
        day = add_working_days(local.date(), 1)
        local = datetime.combine(day, time(dice.randint(7, 9), dice.randrange(60)), WAREHOUSE)
    else:
        local += timedelta(minutes=dice.randint(15, 90))
    return local.astimezone(UTC)


def _at(dice: random.Random, day: date) -> datetime:
    return datetime.combine(day, time(dice.randint(9, 16), dice.randrange(60)), WAREHOUSE).astimezone(UTC)


def _plan_parcels(
    dice: random.Random, packing_at: datetime, promised: date, lines: list[tuple[uuid.UUID, int]],
    *, wish: str, is_heavy: bool,
) -> list[Parcel]:  # fmt: skip
    packed_at = packing_at + timedelta(minutes=dice.randint(20, 120))
    shipped_at = packed_at + timedelta(minutes=dice.randint(30, 150))
    arrives = _at(dice, _arrival(dice, promised, wish))
    carrier = "nordfreight" if is_heavy else dice.choice(("postline", "postline", "swiftparcel"))
    parts = [lines]
    if len(lines) > 1 and (wish in {"split", "partly"} or (not wish and dice.random() < SPLIT)):
        cut = dice.randint(1, len(lines) - 1)
        parts = [lines[:cut], lines[cut:]]
    parcels = [
        _parcel(
            dice,
            carrier,
            parts[0],
            promised,
            packed_at=packed_at,
            shipped_at=shipped_at,
            delivered_at=max(arrives, shipped_at + timedelta(hours=16)),
        )
    ]
    if len(parts) > 1:
        second = "swiftparcel" if carrier != "swiftparcel" else "postline"
        if wish:
            day = working_days_ago(1) if wish == "split" else working_days_ago(-1)
            sent, there = morning(day, 50), morning(working_days_ago(-3), 30)
        else:
            day = add_working_days(shipped_at.astimezone(WAREHOUSE).date(), dice.randint(1, 3))
            sent = _at(dice, day)
            there = max(arrives + timedelta(days=1), sent + timedelta(hours=20))
        parcels.append(
            _parcel(
                dice,
                second,
                parts[1],
                promised,
                packed_at=sent - timedelta(minutes=40),
                shipped_at=sent,
                delivered_at=there,
            )
        )
    return parcels


def working_days_ago(days: int) -> date:
    """The working day that is so many before today; negative: after it. 0 is the last one up to today."""
    day = clock.now().astimezone(WAREHOUSE).date()
    if days < 0:
        return add_working_days(day, -days)
    while day.weekday() >= 5:
        day -= timedelta(days=1)
    for _ in range(days):
        day -= timedelta(days=3 if day.weekday() == 0 else 1)
    return day


def morning(day: date, minute: int) -> datetime:
    return datetime.combine(day, time(8, minute), WAREHOUSE).astimezone(UTC)


def _arrival(dice: random.Random, promised: date, wish: str) -> date:
    if wish == "late":
        return promised + timedelta(days=60)  # still under way
    if not wish and dice.random() < LATE:
        return add_working_days(promised, dice.randint(1, 4))
    early = dice.choice((0, 0, 0, 1))
    return promised - timedelta(days=early) if promised.weekday() else promised


def _parcel(
    dice: random.Random, carrier: str, lines: list[tuple[uuid.UUID, int]], promised: date,
    *, packed_at: datetime, shipped_at: datetime, delivered_at: datetime,
) -> Parcel:  # fmt: skip
    letters = {"postline": "PL", "swiftparcel": "SWP", "nordfreight": "NF"}[carrier]
    code = f"{letters}{dice.randint(10**9, 10**10 - 1)}"
    return Parcel(new_id(), carrier, code, lines, promised, packed_at, shipped_at, delivered_at)


def _tell(history: list[Entry], parcel: Parcel, parcels: list[Parcel], now: datetime) -> None:
    """Adds what happened to a parcel before `now`, in the words of the order's own history."""
    name = {"shipment_id": str(parcel.id), "carrier": parcel.carrier}
    units = sum(quantity for _, quantity in parcel.lines)
    is_last_sent = parcel is parcels[-1]
    last_there = max(p.delivered_at for p in parcels if p.delivered_at)
    if parcel.packed_at < now:
        data = {**name, "units": units}
        history.append(Entry(parcel.packed_at, "packed", WAREHOUSE_TEAM, is_internal=True, data=data))
    if parcel.shipped_at and parcel.shipped_at < now:
        data = {**name, "is_last": is_last_sent}
        history.append(Entry(parcel.shipped_at, "shipped", WAREHOUSE_TEAM, data=data))
    if parcel.delivered_at and parcel.delivered_at < now:
        kind = "delivered" if parcel.delivered_at == last_there else "parcel_delivered"
        history.append(Entry(parcel.delivered_at, kind, CARRIER, data=name))
