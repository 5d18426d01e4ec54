"""The purposes and sources of consent in words, and how long things are kept."""

from __future__ import annotations

from typing import NamedTuple

from clickstream import consent, retention
from core.i18n import N_, _, ngettext


class Purpose(NamedTuple):
    code: str
    title: str
    text: str
    without: str


PURPOSES = (
    Purpose(
        consent.CLICKS,
        N_("Record what I look at"),
        N_(
            "Pages, products, searches, the cart and how long a page is open. We use it to see where our pages "
            "are unclear, and what led to an order or a question."
        ),
        N_("Without it nothing about your visits is kept."),
    ),
    Purpose(
        consent.PERSONALISATION,
        N_("Recommend things that fit me"),
        N_(
            "What you look at decides which products we show you first. Each suggestion says why it is there."
        ),
        N_("Without it suggestions come from your orders, or are what many people like."),
    ),
    Purpose(
        consent.MARKETING,
        N_("Write to me about offers"),
        N_(
            "Now and then a mail about products, such as first steps with what you bought or a cart that is waiting. "
            "Every mail can be stopped with one click."
        ),
        N_("Without it you get only mails about your orders and requests."),
    ),
)
SOURCES = {
    "banner": N_("Asked at the bottom of a page"),
    "privacy": N_("On this page"),
    "sign_in": N_("Taken over when you signed in"),
    "sign_up": N_("When you opened your account"),
    "browser": N_("As chosen in this browser"),
    "unsubscribe_link": N_("The link in a mail"),
    "account_mail": N_("In your mail settings"),
    "demo": N_("Demo data"),
}


def name_of(purpose: str) -> str:
    return next((_(item.title) for item in PURPOSES if item.code == purpose), purpose)


def source_of(source: str) -> str:
    return _(SOURCES[source]) if source in SOURCES else source


def periods() -> list[tuple[str, str]]:
    """What is kept, and for how long."""

    def days(count: int) -> str:
        return ngettext("%(num)s day", "%(num)s days", count)

    return [
        (_("Clicks while you are signed in"), days(retention.OF_PERSONS.days)),
        (_("Clicks of visitors who never sign in"), days(retention.OF_VISITORS.days)),
        (_("Events that came in broken"), days(retention.QUARANTINED.days)),
        (_("Your decisions on this page"), _("as long as your account exists")),
        (_("Decisions of visitors"), days(retention.VISITORS_CONSENT.days)),
        (_("Orders and invoices"), _("as long as the law asks for")),
    ]
