"""Until when the warranty of a unit lasts."""

from __future__ import annotations

import calendar
from datetime import date


def warranty_end(acquired_on: date, months: int) -> date | None:
    """The same day of the month `months` later, or that month's last day; None without a warranty."""
    if months <= 0:
        return None
    year, month = divmod(acquired_on.year * 12 + acquired_on.month - 1 + months, 12)
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(acquired_on.day, calendar.monthrange(year, month + 1)[1]))
