"""How delivery and payment are called, and what the demo cards do."""

from __future__ import annotations

from core.i18n import lazy_gettext
from crm.orders.gateways import APPROVES, DECLINES, SILENT, SLOW

DELIVERY_NAMES = {
    "standard": lazy_gettext("Standard delivery"),
    "express": lazy_gettext("Express delivery"),
    "pickup": lazy_gettext("Fetch it from a dealer"),
}
CARD_NAMES = {
    APPROVES: lazy_gettext("Demo card that is accepted"),
    DECLINES: lazy_gettext("Demo card that is declined"),
    SLOW: lazy_gettext("Demo card that answers late"),
    SILENT: lazy_gettext("Demo card that never answers"),
}
CARD_HINTS = {
    APPROVES: lazy_gettext("The payment goes through at once."),
    DECLINES: lazy_gettext("You can try another card afterwards."),
    SLOW: lazy_gettext("The first question times out. We ask again, and it is paid once."),
    SILENT: lazy_gettext("After a few tries we cancel the order and charge nothing."),
}
ACCOUNT_NAME = lazy_gettext("On account")
ACCOUNT_HINT = lazy_gettext("You get an invoice, payable within 30 days.")
REASONS = {
    "card_declined": lazy_gettext("The bank declined the card."),
    "voided": lazy_gettext("The payment was cancelled."),
}
