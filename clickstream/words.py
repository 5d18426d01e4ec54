"""What a recorded step is called, in the reader's words."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from babel import dates

from clickstream.vocabulary import PAGE
from core.i18n import N_, _, current_locale, current_timezone
from core.i18n.locales import babel_locale

EVENTS = {
    "Product Viewed": N_("Looked at a product"),
    "Product Clicked": N_("Chose a product from a list"),
    "Product List Viewed": N_("Looked through a list"),
    "Products Searched": N_("Searched"),
    "Product Added": N_("Put into the cart"),
    "Product Removed": N_("Taken out of the cart"),
    "Cart Viewed": N_("Looked into the cart"),
    "Checkout Started": N_("Went to the checkout"),
    "Form Started": N_("Began a form"),
    "Form Submitted": N_("Sent a form"),
    "Article Viewed": N_("Read a help article"),
    "Page Left": N_("Left a page"),
    "Order Completed": N_("Ordered"),
    "Order Delivered": N_("Order arrived"),
    "Request Opened": N_("Sent us a request"),
    "Request Answered": N_("We answered a request"),
    "identify": N_("Said who they are"),
}
PAGES = {
    "home": N_("Home page"),
    "product": N_("Product"),
    "category": N_("Category"),
    "search": N_("Search results"),
    "cart": N_("Cart"),
    "checkout": N_("Checkout"),
    "order": N_("Order"),
    "article": N_("Help article"),
    "help-search": N_("Help search"),
    "request": N_("Request"),
}


class Step(Protocol):
    name: str
    page_kind: str | None


def step_name(step: Step) -> str:
    """'Product', 'Put into the cart' …; a page of no known kind is 'Page'."""
    if step.name == PAGE:
        return _(PAGES[step.page_kind]) if step.page_kind in PAGES else _("Page")
    return _(EVENTS[step.name]) if step.name in EVENTS else step.name


REASONS = {
    "not_object": N_("Not an object of names and values"),
    "unknown_field": N_("A field that we do not know"),
    "message_id": N_("Without a usable messageId"),
    "type": N_("Neither track, page nor identify"),
    "event": N_("An event that we do not know"),
    "missing": N_("Something needed is missing"),
    "value": N_("A value of the wrong kind"),
    "timestamp": N_("A time that cannot be read"),
}
DROPS = {
    "flood": N_("More than one person can do"),
    "address": N_("More than one place may send"),
    "quarantine_full": N_("Quarantine was full"),
    "duplicate": N_("Sent twice, kept once"),
}


def reason_name(reason: str) -> str:
    """Why an event is in quarantine, or was dropped."""
    known = REASONS.get(reason) or DROPS.get(reason)
    return _(known) if known else reason


def duration(milliseconds: int) -> str:
    """'45 s', '2 min 5 s', '1 h 3 min'."""
    seconds = round(milliseconds / 1000)
    minutes, rest = divmod(seconds, 60)
    if minutes >= 60:
        return _("%(hours)s h %(minutes)s min", hours=minutes // 60, minutes=minutes % 60)
    if minutes:
        return _("%(minutes)s min %(seconds)s s", minutes=minutes, seconds=rest)
    return _("%(seconds)s s", seconds=rest)


def clock_time(moment: datetime) -> str:
    """The time of day to the second, where the reader is."""
    return dates.format_time(
        moment, format="medium", tzinfo=current_timezone(), locale=babel_locale(current_locale())
    )
