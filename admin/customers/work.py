"""How many customers there are, for whoever works with them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from admin.home.item import Figure
from core.actor import Actor
from core.i18n import _, format_number
from crm.customers.queries import count_accounts, count_dealers


def figures(session: Session, who: Actor) -> Sequence[Figure]:
    if not who.can("customers.read"):
        return ()
    found = [Figure(_("Customers"), format_number(count_accounts(session, who)), "/staff/customers", "users")]
    if who.can("partners.manage"):
        dealers = format_number(count_dealers(session))
        found.append(Figure(_("Dealers"), dealers, "/staff/customers?kind=partner", "truck"))
    return found
