"""Numbers, money and times as people in a language write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import dates, numbers

from core import clock
from core.i18n.catalogue import gettext as _
from core.i18n.locales import babel_locale, current_locale, current_timezone
from core.money import Money

# Babel works out each pattern anew, which is a third of the time of a page full of prices and dates; a shop shows
# the same few thousand again and again.
_KEPT = 8192


@lru_cache(_KEPT)
def _money(value: Money, locale: str) -> str:
    return numbers.format_currency(value.rounded().amount + 0, value.currency, locale=babel_locale(locale))


@lru_cache(_KEPT, typed=True)
def _number(value: int | float | Decimal, pattern: str | None, locale: str) -> str:
    return numbers.format_decimal(value, format=pattern, locale=babel_locale(locale))


@lru_cache(_KEPT)
def _date(value: date, style: str, locale: str) -> str:
    return dates.format_date(value, format=style, locale=babel_locale(locale))


@lru_cache(_KEPT)
def _datetime(value: datetime, style: str, zone: ZoneInfo, locale: str) -> str:
    pattern = "d MMM y, HH:mm" if locale == "en" else "y年M月d日 HH:mm"
    return dates.format_datetime(
        value, format="short" if style == "short" else pattern, tzinfo=zone, locale=babel_locale(locale)
    )


def format_money(value: Money | None) -> str:
    """'€1,234.50'; Chinese shows the same amount in its own form."""
    if value is None:
        return "–"
    return _money(value, current_locale())


def format_number(value: int | float | Decimal | None, pattern: str | None = None) -> str:
    if value is None:
        return "–"
    return _number(value, pattern, current_locale())


def format_percent(value: float, digits: int = 0) -> str:
    pattern = "#,##0" + ("." + "0" * digits if digits else "") + "%"
    return numbers.format_percent(value, format=pattern, locale=babel_locale(current_locale()))


def format_date(value: date | datetime | None, style: str = "medium") -> str:
    if value is None:
        return "–"
    if isinstance(value, datetime):
        value = value.astimezone(current_timezone()).date()
    return _date(value, style, current_locale())


def format_datetime(value: datetime | None, style: str = "medium") -> str:
    if value is None:
        return "–"
    return _datetime(value.astimezone(UTC), style, current_timezone(), current_locale())


def is_distant(value: datetime) -> bool:
    """Whether format_relative shows the date itself, which stays the same from one request to the next."""
    return abs(value - clock.now()) > timedelta(days=30)


def format_relative(value: datetime) -> str:
    """'3 hours ago', 'in 2 days'; the date itself when it is further away than a month."""
    if is_distant(value):
        return format_date(value)
    gap = value - clock.now()
    if abs(gap) < timedelta(seconds=45):
        return _("just now")
    return dates.format_timedelta(gap, add_direction=True, locale=babel_locale(current_locale()))
