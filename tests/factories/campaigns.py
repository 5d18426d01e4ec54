"""Campaigns that are on, carts that were left, and people who agreed to promotion mail."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaigns.models import Campaign, CampaignSend, CampaignVersion
from campaigns.services import ensure_campaigns
from clickstream import consent
from core import clock
from core.i18n import LOCALES
from core.transaction import reading
from crm.catalogue.models import Product
from crm.identity.models import User
from crm.orders import carts
from crm.orders.models import Cart


def make_campaign(session: Session, kind: str = "left_cart", *, state: str = "on", **values: Any) -> Campaign:
    """A campaign that comes with the house; `values` are its version's. Without quiet hours unless given."""
    ensure_campaigns(session)
    campaign = session.scalars(select(Campaign).where(Campaign.kind == kind)).one()
    version = session.scalars(select(CampaignVersion).where(CampaignVersion.campaign_id == campaign.id)).one()
    version.conditions = {
        "minimum": None,
        "category": None,
        "quiet_from": None,
        "quiet_to": None,
        "pause_days": 0,
    }
    for name, value in values.items():
        setattr(version, name, {**version.conditions, **value} if name == "conditions" else value)
    if state != "draft":
        version.approved = {locale: {"by": "test", "at": clock.now().isoformat()} for locale in LOCALES}
        version.frozen_at = campaign.switched_at = clock.now()
        campaign.running = 1
    campaign.state = state
    session.flush()
    return campaign


def agree(session: Session, user: User) -> None:
    consent.record(session, consent.MARKETING, True, person_id=user.id, source="test")


def leave_cart(
    session: Session, user: User, *products: Product, ago: timedelta = timedelta(hours=3)
) -> uuid.UUID:
    """The person's cart with one of each product, not touched since. Returns the cart's id."""
    owner = carts.Owner(user_id=user.id)
    for product in products:
        carts.add(session, owner, product.id, 1)
    return set_aside(session, user, clock.now() - ago)


def set_aside(session: Session, user: User, moment: datetime) -> uuid.UUID:
    session.execute(update(Cart).where(Cart.user_id == user.id).values(updated_at=moment))
    return session.scalars(select(Cart.id).where(Cart.user_id == user.id)).one()


def sends_to(user: User) -> list[CampaignSend]:
    """The ledger's decisions about a person, oldest first."""
    with reading() as session:
        return list(
            session.scalars(
                select(CampaignSend)
                .where(CampaignSend.person_id == user.id)
                .order_by(CampaignSend.created_at, CampaignSend.id)
                .execution_options(populate_existing=True)
            )
        )


def stored_version(session: Session, number: int = 1) -> CampaignVersion:
    """A version of the left-cart campaign, as the database has it now."""
    return session.scalars(
        select(CampaignVersion)
        .join(Campaign, Campaign.id == CampaignVersion.campaign_id)
        .where(Campaign.key == "left-cart", CampaignVersion.number == number)
        .execution_options(populate_existing=True)
    ).one()
