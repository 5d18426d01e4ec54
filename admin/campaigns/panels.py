"""What a customer's page shows of promotion mail, and the marketer's lines on the staff's home page."""

from __future__ import annotations

from sqlalchemy.orm import Session

from admin.campaigns import words
from admin.customers.panel import SHOWN, Chosen, Panel
from admin.home.item import WorkItem, WorkRow
from campaigns import queries
from core.actor import Actor
from core.i18n import _, ngettext


def mails(session: Session, chosen: Chosen, who: Actor) -> Panel | None:
    """What was sent to the customer's people and what was not, with the reason: agents are asked about it."""
    if not who.can("customers.read"):
        return None
    found = queries.list_decisions_of(session, list(chosen.persons), limit=SHOWN) if chosen.persons else []
    may_see_all = bool(found) and who.can("campaigns.manage")
    return Panel(
        "mails",
        _("Promotion mail"),
        "admin_campaigns/panels/mails.html",
        {"decisions": found, "words": words},
        url=f"/staff/campaigns/decisions?person={found[0].user.id}" if may_see_all else None,
        url_label=_("All decisions"),
    )


def work(session: Session, who: Actor) -> list[WorkItem]:
    """For marketers: drafts to finish, what was refused, and what the campaigns did in a month."""
    if not who.can("campaigns.manage"):
        return []
    drafts = queries.list_drafts(session)
    figures = [figures for _campaign, figures in queries.list_campaigns(session)]
    refused = queries.list_refused(session)
    return [
        WorkItem(
            key="campaign-drafts",
            title=_("Campaigns to finish"),
            count=len(drafts),
            url="/staff/campaigns?state=unfinished",
            tone="info",
            icon="pencil",
            rows=[
                WorkRow(words.name(campaign), f"/staff/campaigns/{campaign.key}", when=campaign.updated_at)
                for campaign in drafts[:3]
            ],
            hint=_("written, but not switched on"),
        ),
        WorkItem(
            key="campaign-refused",
            title=_("Mails refused this week"),
            count=queries.count_refused(session),
            url="/staff/campaigns/decisions?lately=refused",
            tone="warning",
            icon="warning",
            rows=[
                WorkRow(
                    item.user.name, "/staff/campaigns/decisions?lately=refused", when=item.send.decided_at
                )
                for item in refused
            ],
        ),
        WorkItem(
            key="campaign-sent",
            title=_("Promotion mails in 30 days"),
            count=sum(item.sent for item in figures),
            url="/staff/campaigns/decisions?outcome=sent&lately=month",
            tone="neutral",
            icon="mail",
            hint=ngettext(
                "%(num)s not sent, each with its reason",
                "%(num)s not sent, each with its reason",
                sum(item.skipped for item in figures),
            ),
        ),
    ]
