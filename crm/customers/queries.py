"""Reading accounts, the people in them, and their addresses. What a person may see follows from the actor."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select, true
from sqlalchemy.orm import Session, lazyload

from core import clock
from core.actor import Actor
from core.errors import NotFound
from core.search import fold
from crm.customers.models import Account, Address, Contact, Invitation, SignUp
from crm.identity.models import User

PAGE = 50


@dataclass(frozen=True)
class Person:
    """A contact with the user behind it."""

    contact: Contact
    user: User


def accounts_visible_to(actor: Actor) -> ColumnElement[bool]:
    """Staff who may read customers see all accounts; others their own."""
    if actor.kind == "staff":
        return true() if actor.can("customers.read") else false()
    return Account.id == actor.account_id if actor.account_id else false()


def get_account(session: Session, actor: Actor, account_id: uuid.UUID) -> Account:
    """Raises NotFound for an account that the actor may not see."""
    account = session.scalar(select(Account).where(Account.id == account_id, accounts_visible_to(actor)))
    if account is None:
        raise NotFound
    return account


def find_account_by_number(session: Session, number: int) -> Account | None:
    return session.scalar(select(Account).where(Account.number == number))


def _wanted(text: str) -> ColumnElement[bool]:
    """Every word occurs in the account's name or numbers, or the whole is in a contact's name or address."""
    words = fold(text[:200]).split()[:8]
    by_account = and_(*(Account.search_text.contains(word, autoescape=True) for word in words))
    whole = text.strip().lower()[:200]
    by_person = exists().where(
        Contact.account_id == Account.id,
        Contact.user_id == User.id,
        or_(
            User.email.contains(whole, autoescape=True),
            func.lower(User.name).contains(whole, autoescape=True),
        ),
    )
    return or_(by_account, by_person)


def _filtered(actor: Actor, text: str, kind: str) -> Select[Any]:
    query = select(Account).where(accounts_visible_to(actor))
    if text.strip():
        query = query.where(_wanted(text))
    if kind == "partner":
        query = query.where(Account.is_partner.is_(True))
    elif kind:
        query = query.where(Account.kind == kind, Account.is_partner.is_(False))
    return query


def list_accounts(
    session: Session,
    actor: Actor,
    *,
    text: str = "",
    kind: str = "",
    after: int | None = None,
    limit: int = PAGE,
) -> Sequence[Account]:
    """The newest customer numbers first; `after` is the last number of the page before. `kind` as on the account,
    or 'partner'."""
    query = _filtered(actor, text, kind).order_by(Account.number.desc()).limit(limit)
    if after is not None:
        query = query.where(Account.number < after)
    return session.scalars(query).all()


def count_accounts(session: Session, actor: Actor) -> int:
    return session.scalar(select(func.count()).select_from(Account).where(accounts_visible_to(actor))) or 0


def count_dealers(session: Session) -> int:
    """Accounts that sell on what we make."""
    return session.scalar(select(func.count()).select_from(Account).where(Account.is_partner.is_(True))) or 0


def count_contacts(session: Session, account_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    """How many people each of the accounts has."""
    rows = session.execute(
        select(Contact.account_id, func.count())
        .where(Contact.account_id.in_(account_ids))
        .group_by(Contact.account_id)
    )
    return {row[0]: int(row[1]) for row in rows}


def list_people(session: Session, account_id: uuid.UUID) -> list[Person]:
    """The people of an account by name. The caller has made sure that the account may be seen."""
    rows = session.execute(
        select(Contact, User)
        .join(User, User.id == Contact.user_id)
        .where(Contact.account_id == account_id)
        .order_by(func.lower(User.name), User.id)
        .options(lazyload(User.roles))
    )
    return [Person(contact, user) for contact, user in rows]


def find_contact(session: Session, user_id: uuid.UUID) -> Contact | None:
    return session.scalar(select(Contact).where(Contact.user_id == user_id))


def list_invitations(session: Session, account_id: uuid.UUID) -> Sequence[Invitation]:
    """Invitations that wait or have run out, newest first."""
    return session.scalars(
        select(Invitation).where(Invitation.account_id == account_id).order_by(Invitation.created_at.desc())
    ).all()


def find_invitation(session: Session, digest: str, *, moment: datetime | None = None) -> Invitation | None:
    """The live invitation that a mailed link belongs to."""
    return session.scalar(
        select(Invitation).where(Invitation.digest == digest, Invitation.expires_at > (moment or clock.now()))
    )


def find_sign_up(session: Session, digest: str) -> SignUp | None:
    """The live sign-up that a mailed link belongs to."""
    return session.scalar(select(SignUp).where(SignUp.digest == digest, SignUp.expires_at > clock.now()))


def addresses_visible_to(actor: Actor) -> ColumnElement[bool]:
    """The account's shared addresses and the person's own; company administrators and staff see all of them."""
    if actor.kind == "staff":
        return true() if actor.can("customers.read") else false()
    if actor.account_id is None:
        return false()
    mine = Address.account_id == actor.account_id
    if actor.scope == "company":
        return mine
    return and_(mine, or_(Address.user_id.is_(None), Address.user_id == actor.user_id))


def list_addresses(
    session: Session, actor: Actor, *, account_id: uuid.UUID | None = None
) -> Sequence[Address]:
    """The default one first. `account_id` narrows what staff see to one account."""
    query = select(Address).where(addresses_visible_to(actor))
    if account_id is not None:
        query = query.where(Address.account_id == account_id)
    elif actor.kind == "staff":
        return []
    return session.scalars(
        query.order_by(Address.is_default.desc(), Address.created_at, Address.id).limit(200)
    ).all()


def get_address(session: Session, actor: Actor, address_id: uuid.UUID, *, lock: bool = False) -> Address:
    """Raises NotFound for an address that the actor may not see."""
    query = select(Address).where(Address.id == address_id, addresses_visible_to(actor))
    address = session.scalar(query.with_for_update() if lock else query)
    if address is None:
        raise NotFound
    return address
