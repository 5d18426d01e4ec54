"""What a customer's page shows side by side. Each room adds one function to PANELS; it answers None where the
member of staff may not see it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from core.actor import Actor
from core.i18n import _
from crm.customers.models import Account
from crm.orders import words as order_words
from crm.orders.queries import list_orders_of_account

SHOWN = 6


@dataclass(frozen=True)
class Chosen:
    """Whom the page is about: a customer, and with `user_id` one person of it."""

    account: Account
    people: Sequence[uuid.UUID]
    user_id: uuid.UUID | None = None

    @property
    def persons(self) -> Sequence[uuid.UUID]:
        """The person, or everybody of the account."""
        return [self.user_id] if self.user_id else self.people


@dataclass(frozen=True)
class Panel:
    """`key` names it in the page's links; `template` draws `context`; `url` leads to all of it."""

    key: str
    title: str
    template: str
    context: Mapping[str, Any]
    count: int | None = None
    url: str | None = None
    url_label: str | None = None


def orders(session: Session, chosen: Chosen, who: Actor) -> Panel | None:
    if not who.can("orders.read"):
        return None
    found = list_orders_of_account(session, chosen.account.id, limit=SHOWN, user_id=chosen.user_id)
    return Panel(
        "orders", _("Orders"), "admin_customers/panels/orders.html", {"orders": found, "words": order_words},
        url=f"/staff/orders?customer={chosen.account.id}" if found else None, url_label=_("All orders"),
    )  # fmt: skip


PANELS: list[Callable[[Session, Chosen, Actor], Panel | None]] = [orders]


def list_panels(session: Session, chosen: Chosen, who: Actor) -> list[Panel]:
    """The panels that `who` may see, in their order."""
    return [panel for build in PANELS if (panel := build(session, chosen, who)) is not None]
