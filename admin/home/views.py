"""Where staff start: what waits for them, by what they may do."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, current_app
from sqlalchemy.orm import Session

from core.actor import Actor
from core.i18n import _
from core.jobs.queries import get_queue_state
from core.transaction import reading
from core.web.context import actor
from core.web.pages import render
from core.web.policy import allow
from crm.customers.queries import count_accounts
from crm.identity.queries import count_users
from crm.orders.queries import count_open_orders, list_recent_orders

blueprint = Blueprint("staff_home", __name__, template_folder="templates")


@dataclass(frozen=True)
class Tile:
    """One number with the page behind it."""

    label: str
    value: int
    url: str
    icon: str
    hint: str = ""
    tone: str | None = None


def _exists(path: str) -> bool:
    return any(str(rule) == path for rule in current_app.url_map.iter_rules())


def _tiles(session: Session, who: Actor) -> list[Tile]:
    tiles: list[Tile] = []
    if who.can("orders.read"):
        tiles.append(Tile(_("Open orders"), count_open_orders(session, who), "/staff/orders", "box"))
    if who.can("customers.read"):
        tiles.append(Tile(_("Customers"), count_accounts(session, who), "/staff/customers", "users"))
    if who.can("users.manage"):
        tiles.append(Tile(_("Members of staff"), count_users(session, kind="staff"), "/staff/users", "user"))
    if who.can("jobs.manage"):
        queue = get_queue_state(session)
        hint = _("%(count)s waiting", count=queue.pending + queue.running)
        tone = "error" if queue.dead else "success"
        tiles.append(Tile(_("Failed jobs"), queue.dead, "/staff/jobs", "refresh", hint, tone))
    return [tile for tile in tiles if _exists(tile.url)]


@blueprint.get("/staff")
@allow.staff()
def home() -> str:
    who = actor()
    with reading() as session:
        orders = (
            list_recent_orders(session, who, limit=8)
            if who.can("orders.read") and _exists("/staff/orders")
            else []
        )
        return render("admin_home/home.html", tiles=_tiles(session, who), orders=orders)
