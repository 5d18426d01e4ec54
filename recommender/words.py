"""Reasons as sentences, for pages and mails alike: what they say can be looked up in the order or the click."""

from __future__ import annotations

from datetime import datetime

from babel import dates

from core import clock
from core.i18n import _, current_locale, current_timezone, format_date, pick
from core.i18n.locales import babel_locale
from recommender.suggestions import Offer, Suggestion


def why(offer: Offer | Suggestion) -> str:
    """One sentence in the present language and time zone."""
    reason = offer.reason
    if reason.cause is None:
        return _("Popular with other customers")
    name = pick(reason.cause.names)
    match reason.kind:
        case "order" if reason.at is not None:
            if offer.is_again:
                return _(
                    "You last ordered this in %(month)s; it may be time for more", month=_month(reason.at)
                )
            if _days_ago(reason.at) == 0:
                return _("Because you ordered %(name)s today", name=name)
            return _("Because you ordered %(name)s in %(month)s", name=name, month=_month(reason.at))
        case "click" if reason.at is not None:
            days = _days_ago(reason.at)
            if days <= 0:
                return _("Because you looked at %(name)s today", name=name)
            if days == 1:
                return _("Because you looked at %(name)s yesterday", name=name)
            return _("Because you looked at %(name)s on %(day)s", name=name, day=format_date(reason.at))
        case "cart":
            return _("Often bought with %(name)s, which is in your cart", name=name)
    return _("Often bought together with %(name)s", name=name)


def _days_ago(at: datetime) -> int:
    zone = current_timezone()
    return (clock.now().astimezone(zone).date() - at.astimezone(zone).date()).days


def _month(at: datetime) -> str:
    """The month, with its year unless that is this one."""
    zone = current_timezone()
    day = at.astimezone(zone).date()
    is_this_year = day.year == clock.now().astimezone(zone).year
    locale = current_locale()
    own, with_year = ("MMMM", "MMMM y") if locale == "en" else ("M月", "y年M月")
    return dates.format_date(day, own if is_this_year else with_year, locale=babel_locale(locale))
