"""When we promise to reply: business hours of the service desk, counted from the moment of the request."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.settings import get_settings
from crm.service.kinds import get_kind

# weekday (0: Monday) -> hours at which the service desk is there
OPENING: dict[int, tuple[int, int]] = dict.fromkeys(range(5), (9, 17))
WIDEST_SEARCH = 60  # days


def add_business_hours(start: datetime, hours: int, timezone: str) -> datetime:
    """The moment at which `hours` business hours have gone by since `start`. Aware; of any zone."""
    zone = ZoneInfo(timezone)
    left = timedelta(hours=hours)
    local = start.astimezone(zone)
    for offset in range(WIDEST_SEARCH):
        day = local.date() + timedelta(days=offset)
        if day.weekday() not in OPENING:
            continue
        opens, closes = (datetime.combine(day, time(hour), zone) for hour in OPENING[day.weekday()])
        begin = max(local, opens)
        if begin >= closes:
            continue
        if closes - begin >= left:
            return begin + left
        left -= closes - begin
    raise ValueError("the service desk is never open")


def promise(kind: str, severity: str, start: datetime) -> datetime:
    """By when we reply to a request of this kind that came in at `start`."""
    hours = get_kind(kind).hours
    return add_business_hours(
        start, max(1, hours // 2) if severity == "severe" else hours, get_settings().default_timezone
    )
