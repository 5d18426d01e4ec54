"""Campaigns with their versions, the ledger of decisions, and what keeps a person from getting promotion mail."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import Base, BoundedText, Id, JSONList, JSONMap, Timestamped

KINDS = ("left_cart", "after_delivery", "welcome")
DRAFT, ON, OFF = "draft", "on", "off"
WAITING, SENT, SKIPPED = "waiting", "sent", "skipped"
# Why an address or a person gets no promotion mail any more.
SUPPRESSION_REASONS = ("unsubscribed", "bounced", "complaint", "manual")


class Campaign(Base, Timestamped):
    """One automatic mail with its trigger. `running`: the number of the version that newcomers get."""

    __tablename__ = "campaign"

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(BoundedText(60), unique=True)  # its name in addresses
    kind: Mapped[str] = mapped_column(BoundedText(20))
    state: Mapped[str] = mapped_column(BoundedText(10), default=DRAFT)
    running: Mapped[int | None]
    switched_at: Mapped[datetime | None]  # last on or off

    __table_args__ = (
        CheckConstraint("kind IN ('left_cart', 'after_delivery', 'welcome')", name="kind"),
        CheckConstraint("state IN ('draft', 'on', 'off')", name="state"),
    )


class CampaignVersion(Base, Timestamped):
    """What a campaign says and when. Once `frozen_at` is set (it was switched on) nothing changes in it any more.

    `texts`: locale -> {subject, preheader, heading, body, button}; `conditions`: minimum, category, quiet_from,
    quiet_to, pause_days; `approved`: locale -> {by, at} of who looked at the preview and found it right.
    """

    __tablename__ = "campaign_version"

    id: Mapped[Id]
    campaign_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    number: Mapped[int]
    delay_minutes: Mapped[int]
    conditions: Mapped[JSONMap] = mapped_column(default=dict)
    texts: Mapped[JSONMap] = mapped_column(default=dict)
    blocks: Mapped[JSONList] = mapped_column(default=list)
    approved: Mapped[JSONMap] = mapped_column(default=dict)
    revision: Mapped[int] = mapped_column(default=1)  # counts edits of a draft, so that two editors notice
    frozen_at: Mapped[datetime | None]
    author: Mapped[str] = mapped_column(BoundedText(254), default="")

    __table_args__ = (UniqueConstraint("campaign_id", "number"),)


class CampaignSend(Base):
    """One decision about one person: unique per campaign, person, step and trigger, so that it is made once.

    `trigger_key` names what happened (a cart as it was left, an order, a sign-up). `reason` and `facts` say why
    the mail was skipped or still waits; `facts` of a sent one say what it was about.
    """

    __tablename__ = "campaign_send"

    id: Mapped[Id]
    campaign_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    version_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("campaign_version.id", ondelete="CASCADE"), index=True
    )
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    step: Mapped[int] = mapped_column(default=1)
    trigger_key: Mapped[str] = mapped_column(BoundedText(120))
    trigger_id: Mapped[uuid.UUID | None]
    triggered_at: Mapped[datetime]
    due_at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(BoundedText(10), default=WAITING)
    reason: Mapped[str | None] = mapped_column(BoundedText(40))
    facts: Mapped[JSONMap] = mapped_column(default=dict)
    decided_at: Mapped[datetime | None]
    mail_key: Mapped[str | None] = mapped_column(BoundedText(200), unique=True)
    message_id: Mapped[str | None] = mapped_column(BoundedText(200))
    digest: Mapped[str | None] = mapped_column(BoundedText(64), unique=True)  # of the link that unsubscribes
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    __table_args__ = (
        UniqueConstraint("campaign_id", "person_id", "step", "trigger_key"),
        CheckConstraint("outcome IN ('waiting', 'sent', 'skipped')", name="outcome"),
        Index("ix_campaign_send_person_created", "person_id", "created_at"),
        Index("ix_campaign_send_created_at", "created_at", "id"),
        Index("ix_campaign_send_campaign_decided", "campaign_id", "decided_at"),
    )


class Suppression(Base):
    """Somebody who gets no promotion mail: known by the digest of the address, by the person, or both."""

    __tablename__ = "campaign_suppression"

    id: Mapped[Id]
    digest: Mapped[str] = mapped_column(BoundedText(64), index=True)  # of the address
    person_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("app_user.id", ondelete="CASCADE"), index=True
    )
    reason: Mapped[str] = mapped_column(BoundedText(20))
    note: Mapped[str] = mapped_column(BoundedText(300), default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
    created_by: Mapped[str] = mapped_column(BoundedText(254), default="")
    lifted_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("reason IN ('unsubscribed', 'bounced', 'complaint', 'manual')", name="reason"),
    )


class Objection(Base):
    """A person who wants no mail of one kind of campaign, while others may come."""

    __tablename__ = "campaign_objection"

    person_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("app_user.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(BoundedText(20), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    source: Mapped[str] = mapped_column(BoundedText(40), default="")
