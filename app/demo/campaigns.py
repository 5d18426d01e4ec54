"""The demo's campaigns: the reminder of a left cart runs, with a month of decisions behind it and carts that wait."""

from __future__ import annotations

import random
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.demo.accounts import user_id
from campaigns.models import ON, SENT, SKIPPED, Campaign, CampaignSend, CampaignVersion
from campaigns.reasons import REASONS
from campaigns.services import ensure_campaigns
from campaigns.wording import render
from clickstream import consent
from clickstream.models import ConsentRecord
from core import clock
from core.db import JSONMap
from core.i18n import LOCALES, format_money, pick, speaking
from core.ids import new_id
from core.mail.message import message_id
from core.money import Money
from core.settings import get_settings
from crm.catalogue.models import Product
from crm.catalogue.queries import list_popular
from crm.customers.models import Account, Contact
from crm.identity.models import User
from crm.orders.models import Cart, CartLine, Order
from crm.service.models import Case

SEED = 51_044
PEOPLE = 90
MARKETER = "marketing@aurora-home.example"
# How often each end of a left cart comes up, in percent.
ENDS = (
    ("sent", 46),
    ("no_consent", 19),
    ("ordered", 13),
    ("cart_emptied", 9),
    ("too_soon", 8),
    ("goods_gone", 5),
)
# What the people one can sign in as find in their history: address, outcome, days ago.
SHOWN = (
    ("purchasing@cafe-nordlicht.example", "sent", 16),
    ("purchasing@cafe-nordlicht.example", "ordered", 9),
    ("manager@cafe-nordlicht.example", "no_consent", 11),
    ("home@mill-lane.example", "sent", 19),
    ("home@mill-lane.example", "too_soon", 17),
    ("home@mill-lane.example", "sent", 6),
    ("office@atelier-kastanie.example", "sent", 8),
    ("sales@morgenrot-coffee.example", "sent", 13),
)


def has_decisions(session: Session) -> bool:
    return session.scalar(select(CampaignSend.id).limit(1)) is not None


def ensure_demo_campaigns(session: Session) -> int:
    """Switches the cart reminder on and writes its past. Returns how many decisions were written."""
    if has_decisions(session):
        return 0
    ensure_campaigns(session)
    dice = random.Random(SEED)
    campaign, version = _switch_on(session)
    products = list(list_popular(session, 40))
    crowd = _people(session, dice)
    if not products or not crowd:
        return 0
    shown = {
        user.id: user
        for user in session.scalars(select(User).where(User.id.in_({user_id(m) for m, _, _ in SHOWN})))
    }
    orders = _orders(session, [*shown, *(person.id for person in crowd)])
    consents = consent.decisions_of(session, list({*shown, *(person.id for person in crowd)}))
    writer = _Writer(campaign, version, products, orders=orders, consents=consents, dice=dice)
    for address, end, days in SHOWN:
        if (person := shown.get(user_id(address))) is not None:
            writer.add(person, end, clock.now() - timedelta(days=days, minutes=dice.randrange(500)))
    for person in crowd:
        ends, weights = zip(*ENDS, strict=True)
        moment = clock.now() - timedelta(days=dice.uniform(0.3, 29))
        writer.add(person, dice.choices(ends, weights)[0], moment)
    for case, person in _complaints(session):
        facts = {"reference": case.reference, "case_id": str(case.id), "severity": case.severity}
        writer.add(
            person,
            "complaint",
            max(case.opened_at + timedelta(hours=5), clock.now() - timedelta(days=29)),
            facts,
        )
    session.execute(insert(CampaignSend), writer.rows)
    agreed = _agree(session, writer, dice)
    mixed = [person for person in crowd if person.id in agreed][:4] + [
        person for person in crowd if person.id in writer.refusing
    ][:2]
    _leave_carts(session, mixed, products, dice)
    return len(writer.rows)


def _switch_on(session: Session) -> tuple[Campaign, CampaignVersion]:
    """Two versions: the first waited for three hours, the second, which runs, for one."""
    campaign = session.scalars(select(Campaign).where(Campaign.kind == "left_cart")).one()
    first = session.scalars(select(CampaignVersion).where(CampaignVersion.campaign_id == campaign.id)).one()
    begun, changed = clock.now() - timedelta(days=41), clock.now() - timedelta(days=30)
    seen: JSONMap = {locale: {"by": MARKETER, "at": changed.isoformat()} for locale in LOCALES}
    second = CampaignVersion(
        campaign_id=campaign.id, number=2, delay_minutes=first.delay_minutes, conditions=dict(first.conditions),
        texts=dict(first.texts), blocks=list(first.blocks), approved=seen, frozen_at=changed, author=MARKETER,
        created_at=changed, updated_at=changed,
    )  # fmt: skip
    first.delay_minutes, first.frozen_at, first.approved, first.author = 180, begun, seen, MARKETER
    session.add(second)
    campaign.state, campaign.running, campaign.switched_at = ON, 2, changed
    session.flush()
    return campaign, second


def _people(session: Session, dice: random.Random) -> list[User]:
    """Customers of the crowd, not those one can sign in as."""
    known = {user_id(address) for address, _end, _days in SHOWN}
    found = session.scalars(
        select(User)
        .join(Contact, Contact.user_id == User.id)
        .join(Account, Account.id == Contact.account_id)
        .where(Account.source == "demo", User.kind == "customer", User.is_active.is_(True))
        .order_by(User.email)
        .limit(600)
    )
    people = [user for user in found if user.id not in known and not _is_shown(user)]
    return dice.sample(people, min(PEOPLE, len(people)))


def _is_shown(user: User) -> bool:
    return user.password_hash is not None


def _orders(session: Session, people: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The newest order of each, for the decisions that say “ordered in the meantime”."""
    rows = session.execute(
        select(Order.user_id, Order.number).where(Order.user_id.in_(people)).order_by(Order.placed_at)
    )
    return {row.user_id: row.number for row in rows if row.user_id is not None}


def _complaints(session: Session, limit: int = 6) -> Sequence[tuple[Case, User]]:
    """Open complaints with the person who complained."""
    rows = session.execute(
        select(Case, User)
        .join(User, User.id == Case.user_id)
        .where(Case.kind == "complaint", Case.state.not_in(("solved", "closed")))
        .order_by(Case.opened_at.desc())
        .limit(limit)
    )
    return [(row[0], row[1]) for row in rows]


class _Writer:
    """Gathers ledger rows; each cause is a cart of one to three products."""

    def __init__(
        self,
        campaign: Campaign,
        version: CampaignVersion,
        products: Sequence[Product],
        *,
        orders: Mapping[uuid.UUID, str],
        consents: Mapping[uuid.UUID, Mapping[str, bool]],
        dice: random.Random,
    ) -> None:
        self._orders, self._consents = orders, consents
        self.rows: list[dict[str, Any]] = []
        self.agreed: dict[uuid.UUID, datetime] = {}
        self.refusing: set[uuid.UUID] = set()
        self._campaign, self._version, self._products, self._dice = campaign, version, products, dice

    def add(self, person: User, end: str, decided_at: datetime, facts: JSONMap | None = None) -> None:
        decided = self._consents.get(person.id, {}).get("marketing")
        if decided is False:
            end = "no_consent"
        elif (end == "no_consent" and decided) or (end == "ordered" and person.id not in self._orders):
            end = "cart_emptied"
        basket = self._dice.sample(list(self._products), self._dice.randint(1, 3))
        about: JSONMap = {"items": [{"names": dict(item.names), "quantity": 1} for item in basket]}
        send_id = new_id()
        is_sent = end == SENT
        if is_sent:
            about |= self._letter(person, basket)
        else:
            assert end in REASONS
            about |= facts or self._facts(end, decided_at, self._orders.get(person.id, ""))
        if end == "no_consent":
            self.refusing.add(person.id)
        else:
            first = decided_at - timedelta(days=self._dice.randint(5, 200))
            self.agreed[person.id] = min(self.agreed.get(person.id, first), first)
        key = f"campaign:{send_id}:1"
        left_at = decided_at - timedelta(minutes=self._version.delay_minutes)
        self.rows.append(
            {
                "id": send_id, "campaign_id": self._campaign.id, "version_id": self._version.id,
                "person_id": person.id, "step": 1, "trigger_key": f"demo:{len(self.rows)}", "trigger_id": None,
                "triggered_at": left_at, "due_at": decided_at, "outcome": SENT if is_sent else SKIPPED,
                "reason": None if is_sent else end, "facts": about, "decided_at": decided_at,
                "mail_key": key if is_sent else None,
                "message_id": message_id(key, get_settings().url) if is_sent else None, "digest": None,
                "created_at": decided_at,
            }
        )  # fmt: skip

    def _letter(self, person: User, basket: Sequence[Product]) -> JSONMap:
        with speaking(person.locale, person.timezone):
            total = Money(sum((item.price for item in basket[1:]), basket[0].price), basket[0].currency)
            values: dict[str, dict[str, object]] = {
                "customer": {"name": person.name},
                "cart": {
                    "product": pick(basket[0].names),
                    "count": len(basket),
                    "total": format_money(total),
                },
            }
            subject = render(self._version.texts[person.locale]["subject"], kind="left_cart", values=values)
        offer = self._dice.choice([item for item in self._products if item not in basket])
        return {
            "subject": subject,
            "offers": [
                {
                    "product_id": str(offer.id), "names": dict(offer.names), "slug": offer.slug,
                    "kind": "together", "cause": dict(basket[0].names), "line_id": None, "event_id": None,
                }
            ],
        }  # fmt: skip

    @staticmethod
    def _facts(end: str, decided_at: datetime, number: str) -> JSONMap:
        if end == "ordered":
            return {"number": number}
        return {"date": (decided_at - timedelta(days=2)).isoformat()} if end == "too_soon" else {}


def _agree(session: Session, writer: _Writer, dice: random.Random) -> set[uuid.UUID]:
    """Consent for all whose history shows mail; where the demo has a decision already, that one stays."""
    held = set(session.scalars(select(ConsentRecord.person_id).where(ConsentRecord.purpose == "marketing")))
    rows = [
        {
            "id": new_id(), "person_id": person_id, "visitor_id": None, "purpose": "marketing", "granted": True,
            "version": "1", "source": dice.choice(("account_mail", "privacy")), "at": moment,
        }
        for person_id, moment in writer.agreed.items()
        if person_id not in held and person_id not in writer.refusing
    ]  # fmt: skip
    if rows:
        session.execute(insert(ConsentRecord), rows)
    return {row["person_id"] for row in rows}


def _leave_carts(
    session: Session,
    people: Sequence[User],
    products: Sequence[Product],
    dice: random.Random,
) -> None:
    """Carts left some hours ago: the running campaign decides about them within a minute of the start."""
    has_cart = set(
        session.scalars(select(Cart.user_id).where(Cart.user_id.in_([user.id for user in people])))
    )
    for number, person in enumerate(user for user in people if user.id not in has_cart):
        left_at = clock.now() - timedelta(minutes=75 + 23 * number)
        cart_id = new_id()
        session.execute(
            insert(Cart).values(id=cart_id, user_id=person.id, created_at=left_at, updated_at=left_at)
        )
        session.execute(
            insert(CartLine),
            [
                {
                    "cart_id": cart_id,
                    "product_id": item.id,
                    "quantity": 1,
                    "seen_price": item.price,
                    "added_at": left_at,
                }
                for item in dice.sample(list(products), dice.randint(1, 3))
            ],
        )
