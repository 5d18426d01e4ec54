"""What the ids in clicks mean to staff: products, articles, orders, requests and people, each kind with one query."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actor import Actor
from core.titles import Key, Loader, Title, as_ids
from core.titles import resolve as resolve_by
from crm.catalogue.titles import categories, products
from crm.customers.models import Account, Contact
from crm.identity.models import User
from crm.orders.models import Order
from crm.service.models import Case
from knowledge_base.titles import articles


class Person(NamedTuple):
    """`account`: whom they buy for."""

    name: str
    account: str = ""
    url: str | None = None


def resolve(session: Session, keys: Iterable[Key], who: Actor) -> Mapping[Key, Title]:
    """Title and address of what is still there and what `who` may see."""
    return resolve_by(session, keys, who, _LOADERS)


def _orders(session: Session, values: set[str], who: Actor) -> dict[str, Title]:
    if not who.can("orders.read"):
        return {}
    rows = session.execute(select(Order.id, Order.number).where(Order.id.in_(as_ids(values))))
    return {str(row.id): Title(row.number, f"/staff/orders/{row.number}") for row in rows}


def _requests(session: Session, values: set[str], who: Actor) -> dict[str, Title]:
    rows = session.execute(select(Case.id, Case.reference).where(Case.id.in_(as_ids(values))))
    may_open = who.can("cases.work")
    return {
        str(row.id): Title(row.reference, f"/staff/cases/{row.reference}" if may_open else None)
        for row in rows
    }


_LOADERS: Mapping[str, Loader] = {
    "product": products,
    "category": categories,
    "order": _orders,
    "article": articles,
    "request": _requests,
}


def people(session: Session, ids: Iterable[uuid.UUID | None], who: Actor) -> dict[uuid.UUID, Person]:
    """Names of persons with the customer they belong to; nothing without the permission to read customers."""
    wanted = {found for found in ids if found is not None}
    if not wanted or not who.can("customers.read"):
        return {}
    rows = session.execute(
        select(User.id, User.name, Account.id.label("account_id"), Account.name.label("account"))
        .outerjoin(Contact, Contact.user_id == User.id)
        .outerjoin(Account, Account.id == Contact.account_id)
        .where(User.id.in_(wanted))
    )
    return {
        row.id: Person(
            row.name, row.account or "", f"/staff/customers/{row.account_id}" if row.account_id else None
        )
        for row in rows
    }
