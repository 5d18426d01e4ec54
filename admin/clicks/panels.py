"""What a customer's page shows of clicks and consent, and the analyst's line on the staff's home page."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.clicks import titles
from admin.clicks.views import entry_name
from admin.customers.panel import SHOWN, Chosen, Panel
from admin.home.item import WorkItem
from clickstream import consent, staff_queries, words
from core.actor import Actor
from core.i18n import _, ngettext
from crm.identity.models import User


def visits(session: Session, chosen: Chosen, who: Actor) -> Panel | None:
    """The latest visits of the customer's people."""
    if not who.can("clicks.read"):
        return None
    found = staff_queries.list_visits_of(session, chosen.persons, limit=SHOWN)
    keys = [(visit.entry_kind, visit.entry_id) for visit in found if visit.entry_id and visit.entry_kind]
    whose = f"person={chosen.user_id}" if chosen.user_id else f"customer={chosen.account.id}"
    return Panel(
        "visits",
        _("Visits"),
        "admin_clicks/panels/visits.html",
        {
            "visits": found,
            "titles": dict(titles.resolve(session, keys, who)),
            "entry": entry_name,
            "duration": words.duration,
        },
        url=f"/staff/clicks?{whose}" if found else None,
        url_label=_("All visits"),
    )


def consents(session: Session, chosen: Chosen, who: Actor) -> Panel | None:
    """What each of the customer's people agreed to: whoever writes to them must know."""
    if not who.can("customers.read") or not chosen.persons:
        return None
    rows = session.execute(select(User.id, User.name).where(User.id.in_(chosen.persons)))
    names = {row.id: row.name for row in rows}
    decided = consent.decisions_of(session, list(chosen.persons))
    purposes = [
        (consent.CLICKS, _("Clicks are recorded")),
        (consent.PERSONALISATION, _("Personal suggestions")),
        (consent.MARKETING, _("Mails about offers")),
    ]
    people = [
        (names.get(person_id, ""), decided.get(person_id, {})) for person_id in list(chosen.persons)[:SHOWN]
    ]
    return Panel(
        "consent", _("Consent"), "admin_clicks/panels/consent.html", {"people": people, "purposes": purposes}
    )


def work(session: Session, who: Actor) -> list[WorkItem]:
    """For analysts: events that wait in quarantine, and how many visits there were in a week."""
    if not who.can("clicks.read"):
        return []
    waiting = staff_queries.count_quarantined(session)
    days = staff_queries.last_days(7, who.timezone)
    week = staff_queries.count_visits(session, days)
    items = [
        WorkItem(
            key="visits",
            title=_("Visits in seven days"),
            count=week.visits,
            url=f"/staff/clicks?since={days.since}",
            tone="neutral",
            icon="route",
            hint=ngettext("%(num)s led to an order", "%(num)s led to an order", week.with_order),
        )
    ]
    if who.can("clicks.manage"):
        items.append(
            WorkItem(
                key="quarantine",
                title=_("Events that do not fit"),
                count=waiting,
                url="/staff/clicks/quarantine",
                tone="info",
                icon="archive",
                hint=_("with the reason, to mend or to throw away"),
            )
        )
    return items
