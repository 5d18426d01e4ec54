"""What a customer's page shows side by side. Each room adds one function to PANELS; it answers None where the
member of staff may not see it."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from admin.campaigns import panels as campaigns
from admin.cases import panels as cases
from admin.clicks import panels as clicks
from admin.customers.panel import SHOWN, Chosen, Panel
from admin.partners import panel as partners
from admin.recommender import panels as recommender
from core import clock
from core.actor import Actor
from core.i18n import _
from crm.orders import words as order_words
from crm.orders.queries import list_orders_of_account
from crm.ownership.queries import count_owned_of_account, list_owned_of_account


def orders(session: Session, chosen: Chosen, who: Actor) -> Panel | None:
    if not who.can("orders.read"):
        return None
    found = list_orders_of_account(session, chosen.account.id, limit=SHOWN, user_id=chosen.user_id)
    return Panel(
        "orders", _("Orders"), "admin_customers/panels/orders.html", {"orders": found, "words": order_words},
        url=f"/staff/orders?customer={chosen.account.id}" if found else None, url_label=_("All orders"),
    )  # fmt: skip


def owned(session: Session, chosen: Chosen, who: Actor) -> Panel | None:
    if not who.can("customers.read"):
        return None
    found = list_owned_of_account(session, chosen.account.id, user_id=chosen.user_id, limit=SHOWN)
    count = count_owned_of_account(session, chosen.account.id, user_id=chosen.user_id)
    return Panel(
        "owned", _("Their products"), "admin_customers/panels/owned.html",
        {"owned": found, "count": count, "may_enter": who.can("orders.manage"), "today": clock.today(who.timezone)},
        count=count,
    )  # fmt: skip


PANELS: list[Callable[[Session, Chosen, Actor], Panel | None]] = [
    orders,
    cases.cases,
    owned,
    recommender.recommendations,
    clicks.visits,
    clicks.consents,
    campaigns.mails,
    partners.downloads,
]


def list_panels(session: Session, chosen: Chosen, who: Actor) -> list[Panel]:
    """The panels that `who` may see, in their order."""
    return [panel for build in PANELS if (panel := build(session, chosen, who)) is not None]


__all__ = ["PANELS", "SHOWN", "Chosen", "Panel", "list_panels"]
