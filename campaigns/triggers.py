"""What sets a mail off. Each cause makes one row in the ledger, however often it is seen; a job decides it when due."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from campaigns.models import ON, WAITING, Campaign, CampaignSend, CampaignVersion
from core import clock
from core.db import is_sqlite
from core.ids import new_id
from core.jobs import enqueue
from crm.customers.events import SignedUp
from crm.orders import carts
from crm.orders.events import OrderDelivered
from crm.orders.models import Cart, Order

DECIDE = "campaigns.decide"
# Carts left longer ago than this (beyond the delay) are history: switching a campaign on mails nobody about them.
WINDOW = timedelta(days=2)
MOST = 500  # carts looked at in one go


def list_running(session: Session, kind: str) -> list[tuple[Campaign, CampaignVersion]]:
    """The campaigns of the kind that are on, each with the version that newcomers get."""
    rows = session.execute(
        select(Campaign, CampaignVersion)
        .join(
            CampaignVersion,
            (CampaignVersion.campaign_id == Campaign.id) & (CampaignVersion.number == Campaign.running),
        )
        .where(Campaign.kind == kind, Campaign.state == ON)
    )
    return [(row[0], row[1]) for row in rows]


def enrol(
    session: Session,
    campaign: Campaign,
    version: CampaignVersion,
    *,
    person_id: uuid.UUID,
    trigger_key: str,
    trigger_id: uuid.UUID | None,
    triggered_at: datetime,
    due_at: datetime,
) -> uuid.UUID | None:
    """Writes the ledger row and the job that decides it. None when this cause was seen before."""
    send_id = new_id()
    insert = sqlite.insert(CampaignSend) if is_sqlite(session) else postgresql.insert(CampaignSend)
    written = session.execute(
        insert.values(
            id=send_id,
            campaign_id=campaign.id,
            version_id=version.id,
            person_id=person_id,
            step=1,
            trigger_key=trigger_key,
            trigger_id=trigger_id,
            triggered_at=triggered_at,
            due_at=due_at,
            outcome=WAITING,
            reason="delay",
            facts={"until": due_at.isoformat()},
            created_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["campaign_id", "person_id", "step", "trigger_key"])
        .returning(CampaignSend.id)
    ).scalar()
    if written is None:
        return None
    enqueue(session, DECIDE, {"send_id": str(send_id)}, run_at=due_at, key=str(send_id))
    return send_id


def cart_key(left: carts.LeftCart) -> str:
    """Names a cart as it was left: another change to it is another cause."""
    return f"cart:{left.cart_id}:{int(left.changed_at.timestamp() * 1_000_000)}"


def list_left_carts(
    session: Session, campaign: Campaign, version: CampaignVersion, now: datetime, *, seen: bool = False
) -> list[carts.LeftCart]:
    """Carts left for as long as the version says; without those that have a decision, unless `seen`."""
    delay = timedelta(minutes=version.delay_minutes)
    return carts.list_left(
        session,
        since=now - delay - WINDOW,
        until=now - delay,
        limit=MOST,
        new=None if seen else ~_has_decision(campaign),
    )


def _has_decision(campaign: Campaign) -> ColumnElement[bool]:
    return exists().where(
        CampaignSend.campaign_id == campaign.id,
        CampaignSend.person_id == Cart.user_id,
        CampaignSend.trigger_id == Cart.id,
        CampaignSend.triggered_at == Cart.updated_at,
    )


def look_for_left_carts(session: Session) -> int:
    """Enrols whoever left a cart alone for long enough. Returns how many were new."""
    now, count = clock.now(), 0
    for campaign, version in list_running(session, "left_cart"):
        for left in list_left_carts(session, campaign, version, now):
            made = enrol(
                session,
                campaign,
                version,
                person_id=left.user_id,
                trigger_key=cart_key(left),
                trigger_id=left.cart_id,
                triggered_at=left.changed_at,
                due_at=now,
            )
            count += made is not None
    return count


def on_order_delivered(session: Session, event: OrderDelivered) -> None:
    order = session.get(Order, event.order_id)
    if order is None or order.user_id is None:
        return
    happened = order.delivered_at or clock.now()
    for campaign, version in list_running(session, "after_delivery"):
        enrol(
            session, campaign, version, person_id=order.user_id, trigger_key=f"order:{order.id}",
            trigger_id=order.id, triggered_at=happened, due_at=happened + timedelta(minutes=version.delay_minutes),
        )  # fmt: skip


def on_signed_up(session: Session, event: SignedUp) -> None:
    now = clock.now()
    for campaign, version in list_running(session, "welcome"):
        enrol(
            session, campaign, version, person_id=event.user_id, trigger_key=f"person:{event.user_id}",
            trigger_id=event.user_id, triggered_at=now, due_at=now + timedelta(minutes=version.delay_minutes),
        )  # fmt: skip
