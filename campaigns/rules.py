"""May this person get this mail now? Asked at the moment of deciding, and once more at the moment of delivery."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from campaigns.models import ON, SENT, Campaign, CampaignSend, CampaignVersion, Objection, Suppression
from campaigns.subjects import Subject, is_of_category, worth
from clickstream import consent
from core.db import JSONMap
from core.i18n import format_money, known_timezone
from core.mail import Suppression as DeadAddress
from core.money import Money
from crm.customers.models import Account, Contact
from crm.identity.models import User
from crm.service.queries import list_open_complaints

# Our ledger's reason -> the reason that is told.
_SUPPRESSED = {
    "unsubscribed": "unsubscribed",
    "bounced": "bounced",
    "complaint": "marked_spam",
    "manual": "blocked",
}


@dataclass(frozen=True)
class Verdict:
    """Why not, with the facts of it; `until` set: not yet."""

    code: str
    facts: JSONMap = field(default_factory=dict)
    until: datetime | None = None


@dataclass(frozen=True)
class Person:
    user: User
    account: Account | None


def address_digest(address: str) -> str:
    """Suppressed addresses are kept as digests, so that the list outlives the person's data."""
    return hashlib.sha256(f"promotion:{address.strip().lower()}".encode()).hexdigest()


def find_person(session: Session, user_id: uuid.UUID, *, lock: bool = False) -> Person | None:
    """`lock`: decisions about the same person take turns, so that the pause between mails holds."""
    query = select(User).where(User.id == user_id)
    user = session.scalar(query.with_for_update(key_share=True) if lock else query)
    if user is None:
        return None
    account = session.scalar(
        select(Account).join(Contact, Contact.account_id == Account.id).where(Contact.user_id == user_id)
    )
    return Person(user, account)


def standing(session: Session, person: Person, kind: str) -> Verdict | None:
    """What keeps this person from mails of this kind, whatever the mail is about."""
    user, account = person.user, person.account
    if not user.is_active or (account is not None and not account.is_active):
        return Verdict("inactive")
    if user.email_verified_at is None:
        return Verdict("unverified")
    return (
        _consent(session, user)
        or _objection(session, user, kind)
        or _suppression(session, user)
        or _complaint(session, account)
    )


def _consent(session: Session, user: User) -> Verdict | None:
    if consent.has(session, consent.MARKETING, person_id=user.id):
        return None
    last = next((row for row in consent.history(session, user.id) if row.purpose == consent.MARKETING), None)
    return Verdict("withdrawn", {"date": last.at.isoformat()}) if last is not None else Verdict("no_consent")


def _objection(session: Session, user: User, kind: str) -> Verdict | None:
    return Verdict("objected") if session.get(Objection, (user.id, kind)) is not None else None


def find_suppression(session: Session, user: User) -> Suppression | None:
    """The live one that holds against this person. Agreeing again afterwards ends an unsubscription, no other."""
    agreed = next(
        (
            row.at
            for row in consent.history(session, user.id)
            if row.purpose == consent.MARKETING and row.granted
        ),
        None,
    )
    rows = session.scalars(
        select(Suppression)
        .where(
            or_(Suppression.digest == address_digest(user.email), Suppression.person_id == user.id),
            Suppression.lifted_at.is_(None),
        )
        .order_by(Suppression.created_at.desc())
    )
    return next(
        (row for row in rows if not (row.reason == "unsubscribed" and agreed and agreed > row.created_at)),
        None,
    )


def _suppression(session: Session, user: User) -> Verdict | None:
    found = find_suppression(session, user)
    if found is not None:
        return Verdict(_SUPPRESSED[found.reason], {"date": found.created_at.isoformat()})
    return Verdict("bounced") if session.get(DeadAddress, user.email) is not None else None


def _complaint(session: Session, account: Account | None) -> Verdict | None:
    complaints = list_open_complaints(session, account.id) if account is not None else []
    if not complaints:
        return None
    worst = next((item for item in complaints if item.severity == "severe"), complaints[0])
    return Verdict(
        "complaint", {"reference": worst.reference, "case_id": str(worst.case_id), "severity": worst.severity}
    )


def occasion(session: Session, version: CampaignVersion, subject: Subject) -> Verdict | None:
    """Whether what it is about is still there and meets the campaign's conditions."""
    if subject.gone is not None:
        return Verdict(subject.gone, subject.facts)
    minimum = version.conditions.get("minimum")
    if minimum and subject.items and worth(subject) < Decimal(str(minimum)):
        currency = subject.total.currency if subject.total else "EUR"
        wanted = Money(Decimal(str(minimum)), currency)
        return Verdict(
            "below_minimum", {"total": format_money(subject.total), "minimum": format_money(wanted)}
        )
    category = version.conditions.get("category")
    if category and subject.items and not is_of_category(session, subject.items, str(category)):
        return Verdict("other_category")
    return None


def timing(session: Session, version: CampaignVersion, user: User, now: datetime) -> Verdict | None:
    """A pause after the last mail of any campaign, and quiet hours where the person lives."""
    days = int(version.conditions.get("pause_days") or 0)
    if days:
        last = session.scalar(
            select(CampaignSend.decided_at)
            .where(
                CampaignSend.person_id == user.id,
                CampaignSend.outcome == SENT,
                CampaignSend.decided_at > now - timedelta(days=days),
            )
            .order_by(CampaignSend.decided_at.desc())
            .limit(1)
        )
        if last is not None:
            return Verdict("too_soon", {"date": last.isoformat()})
    until = quiet_until(version, user.timezone, now)
    return Verdict("quiet_hours", {"until": until.isoformat()}, until) if until else None


def quiet_until(version: CampaignVersion, timezone: str, now: datetime) -> datetime | None:
    """The end of the quiet hours that `now` falls into; None outside of them."""
    start, end = version.conditions.get("quiet_from"), version.conditions.get("quiet_to")
    if start is None or end is None or start == end:
        return None
    local = now.astimezone(ZoneInfo(known_timezone(timezone) or "UTC"))
    inside = start <= local.hour < end if start < end else local.hour >= start or local.hour < end
    if not inside:
        return None
    ends = local.replace(hour=int(end), minute=0, second=0, microsecond=0)
    if ends <= local:
        ends += timedelta(days=1)
    return ends.astimezone(now.tzinfo)


def verdict(
    session: Session,
    campaign: Campaign,
    *,
    version: CampaignVersion,
    person: Person,
    subject: Subject,
    now: datetime,
) -> Verdict | None:
    """The first thing that speaks against sending; None: send it."""
    if campaign.state != ON:
        return Verdict("switched_off")
    return (
        occasion(session, version, subject)
        or standing(session, person, campaign.kind)
        or timing(session, version, person.user, now)
    )
