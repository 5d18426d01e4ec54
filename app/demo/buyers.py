"""Who orders in the demo, and what: the crowd by its needs, and the accounts that visitors sign in to."""

from __future__ import annotations

import random
import uuid
from collections import defaultdict
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.demo.accounts import COMPANIES, company_id
from app.demo.companies import SOURCE, Buyer
from app.demo.needs import SEGMENTS, Needs
from app.demo.orders import Draft, order_time
from app.demo.parcels import morning, working_days_ago
from core import clock
from crm.customers.models import Account, Address, Contact
from crm.identity.models import User
from crm.orders.delivery import address_of

SEED = 30_011
SHOWN = {"nordlicht": "cafe", "atelier": "office", "household": "household", "dealer": "dealer"}
# What everybody who can be signed in as has going on just now: what became of an order, and how many working days
# ago it was placed.
GOING_ON = (("split", 5), ("late", 7), ("partly", 3), ("packing", 1), ("fresh", 0))


def list_buyers(session: Session) -> list[Buyer]:
    """Every account of the demo, by its key."""
    people: dict[uuid.UUID, list[tuple[uuid.UUID, str, str]]] = defaultdict(list)
    rows = session.execute(
        select(Contact.account_id, User.id, User.email, User.locale)
        .join(User, User.id == Contact.user_id)
        .join(Account, Account.id == Contact.account_id)
        .where(Account.source == SOURCE, User.is_demo.is_(True))
        .order_by(User.email)
    )
    for account_id, user_id, email, locale in rows:
        people[account_id].append((user_id, email, locale))
    addresses = {
        address.account_id: address_of(address)
        for address in session.scalars(
            select(Address)
            .join(Account, Account.id == Address.account_id)
            .where(Account.source == SOURCE, Address.is_default.is_(True))
        )
    }
    shown = {company_id(company.key): company.key for company in COMPANIES}
    found: list[Buyer] = []
    accounts = session.scalars(select(Account).where(Account.source == SOURCE).order_by(Account.external_id))
    for account in accounts:
        key = account.external_id or ""
        segment = SHOWN.get(shown.get(account.id, ""), key.rpartition("-")[2])
        if segment not in SEGMENTS or not people[account.id] or account.id not in addresses:
            continue
        found.append(
            Buyer(
                key=key,
                segment=segment,
                account_id=account.id,
                people=tuple(people[account.id]),
                on_account=account.pays_on_account,
                address=addresses[account.id],
                is_shown=account.id in shown,
            )
        )
    return found


def list_drafts(buyers: list[Buyer], needs: Needs) -> list[Draft]:
    """All orders of two years; each buyer's dice depend on the buyer alone."""
    found: list[Draft] = []
    for buyer in buyers:
        dice = random.Random(f"{SEED}:{buyer.key}")
        purchases = needs.list_purchases(dice, buyer.segment, faithful=buyer.is_shown)
        drafts = [Draft(buyer, order_time(dice, one.day, buyer.segment), one.basket) for one in purchases]
        if buyer.is_shown:
            # Their own recent orders make room for the ones that show what can go on.
            edge = clock.now() - timedelta(days=14)
            drafts = [draft for draft in drafts if draft.placed_at < edge]
            several = [draft for draft in drafts if len(draft.basket) > 1] or drafts
            for person in buyer.people:
                drafts += _going_on(dice, buyer, person, several)
        found += drafts
    return found


def _going_on(
    dice: random.Random, buyer: Buyer, person: tuple[uuid.UUID, str, str], earlier: list[Draft]
) -> list[Draft]:
    found: list[Draft] = []
    for wish, days in GOING_ON:
        basket = dict(dice.choice(earlier[-12:]).basket)
        if wish == "fresh":
            placed_at = clock.now() - timedelta(minutes=dice.randint(25, 55))
        else:
            placed_at = morning(working_days_ago(days), dice.randrange(60))
        found.append(Draft(buyer, placed_at, basket, wish, person))
    return found
