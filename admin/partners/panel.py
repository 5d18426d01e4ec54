"""What a customer's page says of a dealer: the terms, and what was fetched last."""

from __future__ import annotations

from sqlalchemy.orm import Session

from admin.customers.panel import SHOWN, Chosen, Panel
from core.actor import Actor
from core.i18n import _
from crm.partners import words
from crm.partners.downloads import LogFilter, list_downloads
from crm.partners.queries import find_profile


def downloads(session: Session, chosen: Chosen, who: Actor) -> Panel | None:
    if not chosen.account.is_partner or not who.can("partners.manage"):
        return None
    wanted = LogFilter(account_id=chosen.account.id)
    return Panel(
        "materials",
        _("Materials fetched"),
        "admin_partners/panel.html",
        {
            "log": list_downloads(session, who, wanted, limit=SHOWN),
            "profile": find_profile(session, chosen.account.id),
            "words": words,
        },
        url=f"/staff/partners/{chosen.account.id}",
        url_label=_("To the dealer"),
    )
