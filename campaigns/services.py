"""What marketers do with a campaign: edit a draft, confirm its preview, switch it on and off, try it on themselves."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns import wording
from campaigns.catalogue import CONDITIONS, KINDS, TEXTS
from campaigns.decisions import unsubscribe_headers
from campaigns.letters import TOKEN_PREVIEW, Written, write
from campaigns.models import OFF, ON, Campaign, CampaignVersion
from campaigns.rules import Person
from campaigns.subjects import Subject, find_subject, sample_subject
from core import audit, clock
from core.actor import Actor
from core.db import JSONMap
from core.errors import Conflict, Invalid, NotFound
from core.i18n import LOCALES, NAMES, current_locale, speaking
from core.ids import new_id
from core.mail import queue_mail
from crm.catalogue.models import Category
from crm.identity.models import User
from crm.orders.models import Order

TEST_KIND = "marketing-test"
LONGEST_DELAY = 60 * 24 * 60


@dataclass(frozen=True)
class Draft:
    """What the editor's form holds. `texts`: locale -> field -> text."""

    delay_minutes: int
    texts: Mapping[str, Mapping[str, str]]
    blocks: tuple[str, ...]
    minimum: Decimal | None = None
    category: str | None = None
    quiet_from: int | None = None
    quiet_to: int | None = None
    pause_days: int = 0


def ensure_campaigns(session: Session) -> int:
    """Adds the campaigns that come with the house, as drafts. Returns how many were missing."""
    held = set(session.scalars(select(Campaign.kind)))
    for kind, definition in KINDS.items():
        if kind in held:
            continue
        campaign = Campaign(id=new_id(), key=kind.replace("_", "-"), kind=kind)
        session.add(campaign)
        session.flush()
        session.add(
            CampaignVersion(
                campaign_id=campaign.id,
                number=1,
                delay_minutes=definition.delay_minutes,
                conditions=dict(CONDITIONS),
                texts={locale: dict(texts) for locale, texts in TEXTS[kind].items()},
                blocks=list(definition.blocks),
            )
        )
    session.flush()
    return len(set(KINDS) - held)


def get_campaign(session: Session, key: str, *, lock: bool = False) -> Campaign:
    query = select(Campaign).where(Campaign.key == key[:60])
    found = session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound
    return found


def latest_version(session: Session, campaign: Campaign) -> CampaignVersion:
    """The one that is being edited, or else the one that was switched on last."""
    return session.scalars(
        select(CampaignVersion)
        .where(CampaignVersion.campaign_id == campaign.id)
        .order_by(CampaignVersion.number.desc())
        .limit(1)
    ).one()


def check_draft(session: Session, kind: str, draft: Draft) -> None:
    """Raises Invalid that carries everything that is wrong, by the form's field names."""
    wrong: list[Invalid] = []
    if not 1 <= draft.delay_minutes <= LONGEST_DELAY:
        wrong.append(Invalid("campaigns.delay", field="delay"))
    if draft.minimum is not None and not (draft.minimum.is_finite() and 0 <= draft.minimum <= 1_000_000):
        wrong.append(Invalid("campaigns.minimum", field="minimum"))
    for name in ("quiet_from", "quiet_to"):
        hour = getattr(draft, name)
        if hour is not None and not 0 <= hour <= 23:
            wrong.append(Invalid("campaigns.hour", field=name))
    if not 0 <= draft.pause_days <= 90:
        wrong.append(Invalid("campaigns.pause", field="pause_days"))
    if draft.category and session.scalar(select(Category.id).where(Category.slug == draft.category)) is None:
        wrong.append(Invalid("campaigns.category", field="category"))
    for locale in LOCALES:
        for problem in wording.check_texts(kind, locale, draft.texts.get(locale, {})):
            wrong.append(
                Invalid(problem.error.code, field=field_name(problem.field, locale), **problem.error.params)
            )
    if wrong:
        raise Invalid("error.invalid", errors=wrong)


def field_name(field: str, locale: str) -> str:
    """The form's field of a text: subject, zh-Hant -> subject_zh_hant."""
    return f"{field}_{locale.lower().replace('-', '_')}"


def save_draft(
    session: Session, actor: Actor, key: str, draft: Draft, *, revision: int | None = None
) -> CampaignVersion:
    """Changes the draft. Where the latest version runs or ran, a new one is begun and the old one stays as it is.

    Raises Invalid, or Conflict when somebody else saved since `revision` was read.
    """
    campaign = get_campaign(session, key, lock=True)
    check_draft(session, campaign.kind, draft)
    version = latest_version(session, campaign)
    if revision is not None and version.revision != revision:
        raise Conflict("campaigns.changed")
    before = _content(version)
    texts = {
        locale: {field: str(draft.texts.get(locale, {}).get(field, "")).strip() for field in wording.FIELDS}
        for locale in LOCALES
    }
    content: JSONMap = {
        "delay_minutes": draft.delay_minutes,
        "texts": texts,
        "blocks": [block for block in KINDS[campaign.kind].blocks if block in draft.blocks],
        "conditions": {
            "minimum": str(draft.minimum) if draft.minimum else None,
            "category": draft.category or None,
            "quiet_from": draft.quiet_from,
            "quiet_to": draft.quiet_to,
            "pause_days": draft.pause_days,
        },
    }
    if content == before:
        return version
    if version.frozen_at is not None:
        version = CampaignVersion(
            campaign_id=campaign.id, number=version.number + 1, revision=version.revision, delay_minutes=0
        )
        session.add(version)
    for name, value in content.items():
        setattr(version, name, value)
    # What was confirmed stays confirmed only where the mail looks the same.
    same = {
        locale
        for locale in LOCALES
        if before["texts"].get(locale) == texts[locale] and before["blocks"] == content["blocks"]
    }
    version.approved = {locale: seen for locale, seen in (version.approved or {}).items() if locale in same}
    version.author = actor.email or actor.name
    version.revision += 1
    session.flush()
    audit.record(
        session, actor, "campaign.edited", "campaign", campaign.key,
        before={name: value for name, value in before.items() if value != content[name]},
        after={"version": version.number, **{name: value for name, value in content.items() if value != before[name]}},
    )  # fmt: skip
    return version


def _content(version: CampaignVersion) -> JSONMap:
    return {
        "delay_minutes": version.delay_minutes,
        "texts": dict(version.texts),
        "blocks": list(version.blocks),
        "conditions": dict(version.conditions),
    }


def incomplete_locales(campaign: Campaign, version: CampaignVersion) -> list[str]:
    """The languages in which a text is missing or wrong."""
    return [
        locale
        for locale in LOCALES
        if wording.check_texts(campaign.kind, locale, version.texts.get(locale, {}), complete=True)
    ]


def unseen_locales(version: CampaignVersion) -> list[str]:
    return [locale for locale in LOCALES if locale not in version.approved]


def approve(session: Session, actor: Actor, key: str, locale: str, *, revision: int) -> None:
    """Notes that somebody looked at the preview in this language and found it right."""
    campaign = get_campaign(session, key, lock=True)
    version = latest_version(session, campaign)
    if locale not in LOCALES:
        raise NotFound
    if version.revision != revision:
        raise Conflict("campaigns.changed")
    if locale in incomplete_locales(campaign, version):
        raise Invalid("campaigns.incomplete", languages=NAMES[locale])
    version.approved = {
        **version.approved,
        locale: {"by": actor.email or actor.name, "at": clock.now().isoformat()},
    }
    audit.record(
        session, actor, "campaign.approved", "campaign", key,
        after={"version": version.number, "language": locale},
    )  # fmt: skip


def switch_on(session: Session, actor: Actor, key: str) -> None:
    """The latest version holds for newcomers from now on. Raises Conflict while a language is missing or unseen."""
    campaign = get_campaign(session, key, lock=True)
    version = latest_version(session, campaign)
    if campaign.state == ON and campaign.running == version.number:
        raise Conflict("campaigns.already")
    if missing := incomplete_locales(campaign, version):
        raise Conflict("campaigns.incomplete", languages=_named(missing))
    if unseen := unseen_locales(version):
        raise Conflict("campaigns.unseen", languages=_named(unseen))
    before = {"state": campaign.state, "version": campaign.running}
    version.frozen_at = version.frozen_at or clock.now()
    campaign.state, campaign.running, campaign.switched_at = ON, version.number, clock.now()
    audit.record(
        session, actor, "campaign.switched_on", "campaign", key,
        before=before, after={"state": ON, "version": version.number},
    )  # fmt: skip


def switch_off(session: Session, actor: Actor, key: str) -> None:
    """From now on nobody gets it, also those who wait. Raises Conflict when it is not on."""
    campaign = get_campaign(session, key, lock=True)
    if campaign.state != ON:
        raise Conflict("campaigns.already")
    campaign.state, campaign.switched_at = OFF, clock.now()
    audit.record(
        session, actor, "campaign.switched_off", "campaign", key, before={"state": ON}, after={"state": OFF}
    )


def _named(locales: list[str]) -> str:
    return ", ".join(NAMES[locale] for locale in locales)


def preview(
    session: Session,
    campaign: Campaign,
    version: CampaignVersion,
    person: Person,
    *,
    locale: str,
    sample: bool = False,
) -> tuple[Subject, Written | None]:
    """The mail as this person would get it now, in any language; None where there is nothing to write about.

    `sample`: about two popular products, for a house in which nobody has a cart or an order yet.
    """
    user = person.user
    with speaking(locale, user.timezone):
        subject = (
            sample_subject(session, campaign.kind, user)
            if sample
            else find_subject(
                session,
                campaign.kind,
                user,
                trigger_id=_latest_order(session, campaign.kind, user),
                triggered_at=None,
            )
        )
        if subject.gone is not None:
            return subject, None
        return subject, write(
            session,
            kind=campaign.kind,
            texts=version.texts.get(locale, {}),
            blocks=version.blocks,
            subject=subject,
            user=user,
            account=person.account,
            why_path="/account/mail",
            token=TOKEN_PREVIEW,
        )


def _latest_order(session: Session, kind: str, user: User) -> uuid.UUID | None:
    if kind != "after_delivery":
        return None
    return session.scalar(
        select(Order.id)
        .where(Order.user_id == user.id, Order.state == "delivered")
        .order_by(Order.placed_at.desc())
        .limit(1)
    )


def send_test(
    session: Session, actor: Actor, key: str, person: Person, *, locale: str, sample: bool = False
) -> None:
    """Mails the preview to the marketer's own address and to no other. Raises Invalid without anything to show."""
    campaign = get_campaign(session, key)
    version = latest_version(session, campaign)
    _subject, written = preview(session, campaign, version, person, locale=locale, sample=sample)
    if written is None:
        raise Invalid("campaigns.nobody")
    with speaking(locale, actor.timezone):
        queue_mail(
            session,
            key=f"campaign-test:{new_id()}",
            to=actor.email,
            subject=written.subject,
            text=written.text,
            html=written.html,
            locale=current_locale(),
            person_id=actor.user_id,
            kind=TEST_KIND,
            headers=unsubscribe_headers(TOKEN_PREVIEW),
        )
    audit.record(
        session,
        actor,
        "campaign.tested",
        "campaign",
        key,
        after={"version": version.number, "language": locale},
    )
