"""What the catalogue asks of those who keep it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from admin.home.item import Figure, WorkItem, WorkRow
from core.actor import Actor
from core.i18n import _, format_number, pick
from crm.catalogue.staff_queries import count_shelf, list_sold_out


def work(session: Session, who: Actor) -> Sequence[WorkItem]:
    if not who.can("catalogue.manage"):
        return ()
    shelf = count_shelf(session)
    return [
        WorkItem(
            key="catalogue-out",
            title=_("Products that are sold out"),
            count=shelf.out,
            url="/staff/catalogue/?state=out",
            icon="shop",
            rows=[
                WorkRow(pick(item.names) or item.sku, f"/staff/catalogue/products/{item.id}", item.sku)
                for item in list_sold_out(session)
            ]
            if shelf.out
            else (),
            hint=_("%(count)s more run low.", count=shelf.low) if shelf.low else "",
        )
    ]


def figures(session: Session, who: Actor) -> Sequence[Figure]:
    if not who.can("catalogue.manage"):
        return ()
    return [
        Figure(_("Products for sale"), format_number(count_shelf(session).sold), "/staff/catalogue/", "shop")
    ]
