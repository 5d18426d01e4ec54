"""Deciding about one person and one cause: once, with the mail and its reason written in the same transaction."""

from __future__ import annotations

import uuid

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaigns.letters import absolute, write
from campaigns.models import SENT, SKIPPED, WAITING, Campaign, CampaignSend, CampaignVersion
from campaigns.rules import Verdict, find_person, standing, verdict
from campaigns.subjects import Subject, find_subject
from campaigns.triggers import DECIDE
from core import clock
from core.db import JSONMap
from core.i18n import current_locale, pick, speaking
from core.jobs import enqueue
from core.mail import Mail, queue_mail
from core.mail.message import message_id
from core.mail.models import QUEUED, SUPPRESSED
from core.mail.services import WIPED
from core.settings import get_settings
from crm.identity.models import User
from crm.identity.tokens import digest_of, new_token

MAIL_KIND = "marketing"
STOPPED = "campaigns.stopped"


def decide(session: Session, send_id: uuid.UUID) -> str | None:
    """Decides a waiting row; a decided one stays as it is. Returns the outcome, None when there is nothing to do."""
    send = session.scalar(
        select(CampaignSend)
        .where(CampaignSend.id == send_id, CampaignSend.outcome == WAITING)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if send is None:
        return None
    campaign = session.get_one(Campaign, send.campaign_id)
    version = session.get_one(CampaignVersion, send.version_id)
    person = find_person(session, send.person_id, lock=True)
    if person is None:
        return _skip(send, Verdict("inactive"))
    user, now = person.user, clock.now()
    with speaking(user.locale, user.timezone):
        subject = find_subject(
            session, campaign.kind, user, trigger_id=send.trigger_id, triggered_at=send.triggered_at
        )
        found = verdict(session, campaign, version=version, person=person, subject=subject, now=now)
        if found is not None and found.until is not None:
            send.reason, send.facts, send.due_at = found.code, found.facts, found.until
            enqueue(session, DECIDE, {"send_id": str(send.id)}, run_at=found.until, key=str(send.id))
            return WAITING
        if found is not None:
            return _skip(send, found, subject)
        token = new_token()
        key = f"campaign:{send.id}:{send.step}"
        letter = write(
            session,
            kind=campaign.kind,
            texts=version.texts[current_locale()],
            blocks=version.blocks,
            subject=subject,
            user=user,
            account=person.account,
            why_path=f"/account/mail/{send.id}",
            token=token,
        )
        queue_mail(
            session,
            key=key,
            to=user.email,
            subject=letter.subject,
            text=letter.text,
            html=letter.html,
            locale=current_locale(),
            person_id=user.id,
            kind=MAIL_KIND,
            headers=unsubscribe_headers(token),
            sensitive=True,
        )
        send.outcome, send.reason, send.decided_at = SENT, None, now
        send.facts = {"subject": letter.subject, **_about(subject), **letter.offered}
        send.mail_key, send.digest = key, digest_of(token)
        send.message_id = message_id(key, get_settings().url)
    return SENT


def unsubscribe_headers(token: str) -> dict[str, str]:
    """RFC 2369 and RFC 8058: mail programs show a button that needs no page and no sign-in."""
    return {
        "List-Unsubscribe": f"<{absolute(f'/unsubscribe/{token}')}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Precedence": "bulk",
    }


def _skip(send: CampaignSend, found: Verdict, subject: Subject | None = None) -> str:
    send.outcome, send.reason, send.decided_at = SKIPPED, found.code, clock.now()
    send.facts = {**(_about(subject) if subject is not None else {}), **found.facts}
    return SKIPPED


def _about(subject: Subject) -> JSONMap:
    return {
        "items": [
            {"names": dict(item.product.names), "quantity": item.quantity} for item in list(subject.items)[:6]
        ]
    }


def may_go_out(session: Session, mail: Mail) -> str | None:
    """Asked when a promotion mail is about to leave, which may be days after the decision. A reason stops it."""
    send = session.scalar(select(CampaignSend).where(CampaignSend.mail_key == mail.key))
    if send is None:
        return STOPPED
    campaign = session.get_one(Campaign, send.campaign_id)
    person = find_person(session, send.person_id)
    found = standing(session, person, campaign.kind) if person is not None else Verdict("inactive")
    if found is None:
        return None
    _skip_sent(send, found)
    return STOPPED


def _skip_sent(send: CampaignSend, found: Verdict) -> None:
    kept = {name: value for name, value in send.facts.items() if name in {"items", "subject"}}
    send.outcome, send.reason, send.facts = SKIPPED, found.code, {**kept, **found.facts}
    send.decided_at = clock.now()


def stop_person(session: Session, user: User, *, kind: str | None = None) -> int:
    """After a withdrawal: what waits is skipped and what has not left is taken back. Returns how many."""
    person = find_person(session, user.id)
    query = (
        select(CampaignSend, Campaign.kind)
        .join(Campaign, Campaign.id == CampaignSend.campaign_id)
        .outerjoin(Mail, Mail.key == CampaignSend.mail_key)
        .where(
            CampaignSend.person_id == user.id,
            (CampaignSend.outcome == WAITING) | (Mail.state == QUEUED),
        )
        .order_by(CampaignSend.id)
    )
    if kind is not None:
        query = query.where(Campaign.kind == kind)
    count = 0
    for send, campaign_kind in session.execute(query).all():
        found = standing(session, person, campaign_kind) if person is not None else Verdict("inactive")
        if found is None:
            continue
        if send.mail_key is not None:
            session.execute(
                update(Mail)
                .where(Mail.key == send.mail_key, Mail.state == QUEUED)
                .values(state=SUPPRESSED, reason=STOPPED, headers={}, html=None, text=WIPED)
                .execution_options(synchronize_session=False)
            )
        _skip_sent(send, found)
        count += 1
    return count


def item_names(facts: JSONMap) -> list[str]:
    """What a decision was about, in the current language."""
    return [pick(item.get("names")) for item in facts.get("items", []) if isinstance(item, dict)]
