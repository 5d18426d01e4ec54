"""Reading campaigns and their decisions."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from campaigns.models import SENT, SKIPPED, WAITING, Campaign, CampaignSend, CampaignVersion, Suppression
from campaigns.rules import Person, find_person, verdict
from campaigns.subjects import find_subject
from campaigns.triggers import list_left_carts
from core import clock
from core.i18n import speaking
from core.mail import Mail
from core.mail.models import FAILED
from crm.customers.models import Account, Contact
from crm.identity.models import User
from crm.orders.models import Cart, CartLine

PAGE = 30
SINCE = timedelta(days=30)


@dataclass(frozen=True)
class Decision:
    """One row of the ledger with whom and what it concerns. `mail`: the mail itself, while it is kept."""

    send: CampaignSend
    campaign: Campaign
    version: int
    user: User
    account: Account | None
    mail: Mail | None

    @property
    def outcome(self) -> str:
        # One that was taken back too late has gone out all the same, and the ledger must say so.
        return SENT if self.mail is not None and self.mail.state == "sent" else self.send.outcome


@dataclass(frozen=True)
class Figures:
    """Of the last 30 days."""

    sent: int = 0
    skipped: int = 0
    waiting: int = 0


def list_campaigns(session: Session) -> list[tuple[Campaign, Figures]]:
    counts: dict[uuid.UUID, Counter[str]] = {}
    rows = session.execute(
        select(CampaignSend.campaign_id, CampaignSend.outcome, func.count())
        .where(CampaignSend.created_at > clock.now() - SINCE)
        .group_by(CampaignSend.campaign_id, CampaignSend.outcome)
    )
    for campaign_id, outcome, count in rows:
        counts.setdefault(campaign_id, Counter())[outcome] = count
    found = session.scalars(select(Campaign).order_by(Campaign.created_at, Campaign.key))
    return [
        (
            campaign,
            Figures(*(counts.get(campaign.id, Counter())[outcome] for outcome in (SENT, SKIPPED, WAITING))),
        )
        for campaign in found
    ]


def count_reasons(session: Session, campaign_id: uuid.UUID) -> list[tuple[str, int]]:
    """The reasons of the last 30 days for not sending, the commonest first."""
    rows = session.execute(
        select(CampaignSend.reason, func.count())
        .where(
            CampaignSend.campaign_id == campaign_id,
            CampaignSend.outcome == SKIPPED,
            CampaignSend.decided_at > clock.now() - SINCE,
        )
        .group_by(CampaignSend.reason)
        .order_by(func.count().desc(), CampaignSend.reason)
    )
    return [(row[0] or "", int(row[1])) for row in rows]


def list_versions(session: Session, campaign_id: uuid.UUID, limit: int = 12) -> Sequence[CampaignVersion]:
    return session.scalars(
        select(CampaignVersion)
        .where(CampaignVersion.campaign_id == campaign_id)
        .order_by(CampaignVersion.number.desc())
        .limit(limit)
    ).all()


def _decisions() -> Select[tuple[CampaignSend, Campaign, int, User, Account | None, Mail | None]]:
    return (
        select(CampaignSend, Campaign, CampaignVersion.number, User, Account, Mail)
        .join(Campaign, Campaign.id == CampaignSend.campaign_id)
        .join(CampaignVersion, CampaignVersion.id == CampaignSend.version_id)
        .join(User, User.id == CampaignSend.person_id)
        .outerjoin(Contact, Contact.user_id == User.id)
        .outerjoin(Account, Account.id == Contact.account_id)
        .outerjoin(Mail, Mail.key == CampaignSend.mail_key)
        .order_by(CampaignSend.created_at.desc(), CampaignSend.id.desc())
    )


def list_decisions(
    session: Session, person_id: uuid.UUID, limit: int = 50, *, before: datetime | None = None
) -> list[Decision]:
    """What was decided about a person, newest first; `before`: only what is older."""
    decided = func.coalesce(CampaignSend.decided_at, CampaignSend.created_at)
    query = _decisions().where(CampaignSend.person_id == person_id).order_by(None).order_by(decided.desc())
    if before is not None:
        query = query.where(decided < before)
    rows = session.execute(query.limit(limit))
    return [Decision(*row) for row in rows]


def list_decisions_of(session: Session, persons: Sequence[uuid.UUID], limit: int = 8) -> list[Decision]:
    """As list_decisions, of several people, for the customer page of staff."""
    rows = session.execute(_decisions().where(CampaignSend.person_id.in_(persons)).limit(limit))
    return [Decision(*row) for row in rows]


def count_due(session: Session) -> int:
    """How many decisions wait for their time."""
    return session.scalar(select(func.count()).where(CampaignSend.outcome == WAITING)) or 0


def list_refused(session: Session, limit: int = 3) -> list[Decision]:
    """Promotion mails that a mail server refused in the last week, newest first."""
    return [Decision(*row) for row in session.execute(_decisions().where(_was_refused()).limit(limit))]


def count_refused(session: Session) -> int:
    return (
        session.scalar(select(func.count()).select_from(_decisions().where(_was_refused()).subquery())) or 0
    )


def _was_refused() -> ColumnElement[bool]:
    return and_(Mail.state == FAILED, CampaignSend.decided_at > clock.now() - timedelta(days=7))


def find_decision(session: Session, person_id: uuid.UUID, send_id: uuid.UUID) -> Decision | None:
    row = session.execute(
        _decisions().where(CampaignSend.id == send_id, CampaignSend.person_id == person_id)
    ).one_or_none()
    return Decision(*row) if row is not None else None


@dataclass(frozen=True)
class DecisionFilter:
    campaign: str = ""
    outcome: str = ""
    reason: str = ""
    text: str = ""
    person_id: uuid.UUID | None = None
    lately: str = (
        ""  # "month": of the last 30 days, as the figures count; "refused": by a mail server, this week
    )

    @property
    def is_empty(self) -> bool:
        return self == DecisionFilter()


def list_decisions_for_staff(
    session: Session, wanted: DecisionFilter, *, after: uuid.UUID | None = None, limit: int = PAGE
) -> list[Decision]:
    """Newest first; `after` is the last row of the page before."""
    query = _decisions()
    if wanted.campaign:
        query = query.where(Campaign.key == wanted.campaign)
    if wanted.outcome:
        query = query.where(CampaignSend.outcome == wanted.outcome)
    if wanted.person_id:
        query = query.where(CampaignSend.person_id == wanted.person_id)
    if wanted.reason:
        query = query.where(CampaignSend.reason == wanted.reason)
    if wanted.lately == "month":
        query = query.where(CampaignSend.created_at > clock.now() - SINCE)
    if wanted.lately == "refused":
        query = query.where(_was_refused())
    if text := wanted.text.strip().lower():
        query = query.where(
            or_(
                User.email.contains(text, autoescape=True),
                func.lower(User.name).contains(text, autoescape=True),
                func.lower(Account.name).contains(text, autoescape=True),
            )
        )
    last = session.get(CampaignSend, after) if after is not None else None
    if last is not None:
        query = query.where(
            or_(
                CampaignSend.created_at < last.created_at,
                and_(CampaignSend.created_at == last.created_at, CampaignSend.id < last.id),
            )
        )
    return [Decision(*row) for row in session.execute(query.limit(limit))]


@dataclass(frozen=True)
class Candidate:
    person: Person
    reason: str | None
    facts: dict[str, object]


def dry_run(
    session: Session, campaign: Campaign, version: CampaignVersion, limit: int = 200
) -> list[Candidate]:
    """Who would get the mail if this version decided now, or why not. Writes nothing. Left carts only."""
    if campaign.kind != "left_cart":
        return []
    now, found = clock.now(), []
    stand_in = Campaign(id=campaign.id, key=campaign.key, kind=campaign.kind, state="on")
    for left in list_left_carts(session, campaign, version, now)[:limit]:
        person = find_person(session, left.user_id)
        if person is None:
            continue
        with speaking(person.user.locale, person.user.timezone):
            subject = find_subject(
                session, campaign.kind, person.user, trigger_id=left.cart_id, triggered_at=left.changed_at
            )
            said = verdict(session, stand_in, version=version, person=person, subject=subject, now=now)
        found.append(Candidate(person, said.code if said else None, dict(said.facts) if said else {}))
    return found


def search_people(session: Session, kind: str, text: str, limit: int = 8) -> list[Person]:
    """Customers for a preview, by name, address or company; without a text those whom it could concern just now."""
    query = (
        select(User, Account)
        .join(Contact, Contact.user_id == User.id)
        .join(Account, Account.id == Contact.account_id)
        .where(User.is_active.is_(True))
        .limit(limit)
    )
    if wanted := text.strip().lower()[:200]:
        query = query.where(
            or_(
                User.email.contains(wanted, autoescape=True),
                func.lower(User.name).contains(wanted, autoescape=True),
                func.lower(Account.name).contains(wanted, autoescape=True),
            )
        ).order_by(func.lower(User.name), User.id)
    elif kind == "left_cart":
        has_goods = exists().where(CartLine.cart_id == Cart.id)
        query = query.join(Cart, Cart.user_id == User.id).where(has_goods).order_by(Cart.updated_at.desc())
    else:
        query = query.where(User.last_sign_in_at.is_not(None)).order_by(User.last_sign_in_at.desc())
    return [Person(row[0], row[1]) for row in session.execute(query)]


def list_suppressions(session: Session, limit: int = 100) -> Sequence[tuple[Suppression, User | None]]:
    """Those that hold, newest first, with the person where the address is one of ours."""
    rows = session.execute(
        select(Suppression, User)
        .outerjoin(User, User.id == Suppression.person_id)
        .where(Suppression.lifted_at.is_(None))
        .order_by(Suppression.created_at.desc(), Suppression.id.desc())
        .limit(limit)
    )
    return [(row[0], row[1]) for row in rows]


def list_drafts(session: Session) -> Sequence[Campaign]:
    """Campaigns whose newest version is not what runs: somebody has to finish it and switch it on."""
    newest = (
        select(CampaignVersion.campaign_id, func.max(CampaignVersion.number).label("number"))
        .group_by(CampaignVersion.campaign_id)
        .subquery()
    )
    return session.scalars(
        select(Campaign)
        .join(newest, newest.c.campaign_id == Campaign.id)
        .where(or_(Campaign.running.is_(None), Campaign.running < newest.c.number))
        .order_by(Campaign.key)
    ).all()
