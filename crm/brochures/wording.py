"""The words that a document needs beside the texts of its version. Said in the language that is spoken just now."""

from __future__ import annotations

from datetime import datetime

from core.db import JSONMap
from core.i18n import _, format_date, ngettext
from core.i18n.locales import NAMES

SEPARATOR = " · "


def words() -> JSONMap:
    return {
        "range": _("The range"),
        "which-fits": _("Which one fits your room?"),
        "filters": _("The filters for them"),
        "how-it-works": _("How it works"),
        "covered": _("What is covered, and how long"),
        "group": _("Product group"),
        "warranty": _("Warranty"),
        "warranty-note": _(
            "From the day of delivery, wherever you bought it. Wear parts such as filters, seals and brew baskets are not covered."
        ),
        "care": _("What keeps machines well"),
        "price": _("Price"),
    }


def lasts(days: int | None) -> str:
    """How long a consumable serves, in months."""
    if not days:
        return ""
    months = max(1, round(days / 30.4))
    return ngettext("Lasts about %(num)s month", "Lasts about %(num)s months", months)


def months(count: int) -> str:
    return ngettext("%(num)s month", "%(num)s months", count)


def small_print(
    title: str, number: int, published_at: datetime | None, until: datetime | None, *, prices: bool
) -> str:
    """The line that says which paper this is and until when it counts."""
    parts = [title]
    if published_at is None:
        parts.append(_("Draft of version %(number)s", number=number))
    else:
        parts.append(_("Version %(number)s, %(day)s", number=number, day=format_date(published_at)))
    if until is not None:
        parts.append(_("valid until %(day)s", day=format_date(until)))
    parts.append(
        _("Recommended retail prices including tax. Errors excepted.")
        if prices
        else _("Subject to technical changes.")
    )
    return SEPARATOR.join(parts)


def language_name(locale: str) -> str:
    return NAMES.get(locale, locale)
