"""What a person decides about promotion mail, signed in or from a link in a mail; and what staff block by hand."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaigns.catalogue import KINDS
from campaigns.decisions import stop_person
from campaigns.models import Campaign, CampaignSend, Objection, Suppression
from campaigns.rules import address_digest, find_suppression
from clickstream import consent
from core import audit, clock
from core.actor import Actor
from core.errors import Conflict, Invalid, NotFound
from core.mail import clean_address
from crm.identity.models import User
from crm.identity.queries import find_user_by_email, get_user
from crm.identity.tokens import digest_of

UNSUBSCRIBE_SOURCE = "unsubscribe_link"
ACCOUNT_SOURCE = "account_mail"
BLOCK_REASONS = ("bounced", "complaint", "manual")


@dataclass(frozen=True)
class Leaver:
    """Whom an unsubscribing link belongs to. The address is shown in part only: links are passed on."""

    user_id: uuid.UUID
    kind: str
    locale: str
    address: str
    is_out: bool  # gets no promotion mail already
    is_out_of_kind: bool


def masked(address: str) -> str:
    name, _, host = address.partition("@")
    return f"{name[:1]}…@{host}"


def find_leaver(session: Session, token: str) -> Leaver:
    """Raises NotFound for a link that we never sent."""
    row = _of_token(session, token)
    if row is None:
        raise NotFound
    user, kind = row
    return Leaver(
        user_id=user.id,
        kind=kind,
        locale=user.locale,
        address=masked(user.email),
        is_out=not consent.has(session, consent.MARKETING, person_id=user.id)
        or find_suppression(session, user) is not None,
        is_out_of_kind=session.get(Objection, (user.id, kind)) is not None,
    )


def _of_token(session: Session, token: str) -> tuple[User, str] | None:
    if not 40 <= len(token) <= 60:
        return None
    row = session.execute(
        select(User, Campaign.kind)
        .select_from(CampaignSend)
        .join(User, User.id == CampaignSend.person_id)
        .join(Campaign, Campaign.id == CampaignSend.campaign_id)
        .where(CampaignSend.digest == digest_of(token))
    ).one_or_none()
    return (row[0], row[1]) if row is not None else None


def unsubscribe(session: Session, token: str, *, only_kind: bool = False) -> None:
    """Ends promotion mail (or mails of this kind) at once; doing it again changes nothing. Raises NotFound."""
    row = _of_token(session, token)
    if row is None:
        raise NotFound
    user, kind = row
    get_user(session, user.id, lock=True)  # two clicks at once are one
    if only_kind:
        object_to(session, user, kind, source=UNSUBSCRIBE_SOURCE)
        return
    if consent.has(session, consent.MARKETING, person_id=user.id):
        consent.record(session, consent.MARKETING, False, person_id=user.id, source=UNSUBSCRIBE_SOURCE)
    held = session.scalar(
        select(Suppression.id).where(
            Suppression.digest == address_digest(user.email),
            Suppression.reason == "unsubscribed",
            Suppression.lifted_at.is_(None),
        )
    )
    if held is None:
        session.add(Suppression(digest=address_digest(user.email), person_id=user.id, reason="unsubscribed"))
    session.flush()
    stop_person(session, user)


def set_consent(session: Session, actor: Actor, granted: bool) -> None:
    """The person's switch in their account. Agreeing again lifts what unsubscribing put there, nothing else."""
    assert actor.user_id is not None
    user = get_user(session, actor.user_id, lock=True)
    if consent.has(session, consent.MARKETING, person_id=user.id) != granted:
        consent.record(session, consent.MARKETING, granted, person_id=user.id, source=ACCOUNT_SOURCE)
    if granted:
        session.execute(
            update(Suppression)
            .where(
                (Suppression.digest == address_digest(user.email)) | (Suppression.person_id == user.id),
                Suppression.reason == "unsubscribed",
                Suppression.lifted_at.is_(None),
            )
            .values(lifted_at=clock.now())
            .execution_options(synchronize_session=False)
        )
    else:
        stop_person(session, user)


def set_kinds(session: Session, actor: Actor, wanted: set[str]) -> None:
    """The kinds of mail that the person wants; to all others they object."""
    assert actor.user_id is not None
    user = get_user(session, actor.user_id, lock=True)
    for kind in KINDS:
        if kind in wanted:
            held = session.get(Objection, (user.id, kind))
            if held is not None:
                session.delete(held)
        else:
            object_to(session, user, kind, source=ACCOUNT_SOURCE)
    session.flush()


def object_to(session: Session, user: User, kind: str, *, source: str) -> None:
    if session.get(Objection, (user.id, kind)) is None:
        session.add(Objection(person_id=user.id, kind=kind, source=source))
        session.flush()
    stop_person(session, user, kind=kind)


def list_objections(session: Session, user_id: uuid.UUID) -> set[str]:
    return set(session.scalars(select(Objection.kind).where(Objection.person_id == user_id)))


def agreed_since(session: Session, user_id: uuid.UUID) -> datetime | None:
    """When the person agreed to promotion mail; None when they do not (any more)."""
    last = next((row for row in consent.history(session, user_id) if row.purpose == consent.MARKETING), None)
    return last.at if last is not None and last.granted else None


def block(session: Session, actor: Actor, *, email: str, reason: str, note: str = "") -> Suppression:
    """Puts an address on the list by hand. Raises Invalid, or Conflict when it is there."""
    if reason not in BLOCK_REASONS:
        raise Invalid("campaigns.suppression_reason", field="reason")
    address = clean_address(email[:320])
    digest = address_digest(address)
    if session.scalar(
        select(Suppression.id).where(
            Suppression.digest == digest,
            Suppression.lifted_at.is_(None),
            Suppression.reason != "unsubscribed",
        )
    ):
        raise Conflict("campaigns.suppressed_already", field="email")
    user = find_user_by_email(session, address)
    row = Suppression(
        digest=digest,
        person_id=user.id if user else None,
        reason=reason,
        note=note.strip()[:300],
        created_by=actor.email or actor.name,
    )
    session.add(row)
    session.flush()
    audit.record(session, actor, "suppression.added", "suppression", row.id, after={"reason": reason})
    if user is not None:
        stop_person(session, user)
    return row


def lift(session: Session, actor: Actor, suppression_id: uuid.UUID) -> None:
    """Takes a block of staff off again; who unsubscribed must agree again in person."""
    row = session.get(Suppression, suppression_id, with_for_update=True)
    if row is None or row.reason == "unsubscribed":
        raise NotFound
    if row.lifted_at is None:
        row.lifted_at = clock.now()
        audit.record(
            session, actor, "suppression.lifted", "suppression", row.id, before={"reason": row.reason}
        )
