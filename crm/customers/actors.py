"""Who a session or a token stands for: the person, their place in an account, and what they may do."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple, cast

from sqlalchemy import FromClause, bindparam, or_, select, update
from sqlalchemy.orm import Session

from core import clock
from core.actor import Actor, Kind, Scope
from core.transaction import reading, transaction
from crm.customers.models import Account, Contact
from crm.identity.models import ApiToken, User, UserRole
from crm.identity.roles import permissions_of
from crm.identity.tokens import digest_of

USE_NOTED_EVERY = timedelta(minutes=5)
# What a program may do for its owner with each scope, as far as the owner may do it.
SCOPE_PERMISSIONS: dict[str, frozenset[str]] = {
    "catalogue:read": frozenset({"catalogue.read"}),
    "orders:read": frozenset({"orders.read"}),
    "orders:write": frozenset({"shop.order", "orders.manage"}),
}


_USER, _ROLE, _CONTACT, _ACCOUNT = (model.__table__.c for model in (User, UserRole, Contact, Account))
# One row per role of a person who may act at present; nothing for a disabled person or account. Asked at every
# request: built once, over the tables' columns, it costs a fifth of loading the objects.
PERSON = (
    _USER.id.label("person_id"), _USER.kind, _USER.name, _USER.email, _USER.locale, _USER.timezone,
    _ROLE.role, _CONTACT.account_id, _CONTACT.role.label("contact_role"), _CONTACT.scope,
)  # fmt: skip


class Person(NamedTuple):
    """A row of PERSON."""

    person_id: uuid.UUID
    kind: str
    name: str
    email: str
    locale: str
    timezone: str
    role: str | None
    account_id: uuid.UUID | None
    contact_role: str | None
    scope: str | None


MAY_ACT = _USER.is_active.is_(True) & or_(_ACCOUNT.id.is_(None), _ACCOUNT.is_active.is_(True))


def join_places(people: FromClause) -> FromClause:
    """`people`, which has the person in it, with roles and the place in an account: what PERSON and MAY_ACT name."""
    return (
        people.outerjoin(UserRole.__table__, _ROLE.user_id == _USER.id)
        .outerjoin(Contact.__table__, _CONTACT.user_id == _USER.id)
        .outerjoin(Account.__table__, _ACCOUNT.id == _CONTACT.account_id)
    )


_PERSON = (
    select(*PERSON).select_from(join_places(User.__table__)).where(_USER.id == bindparam("user_id"), MAY_ACT)
)


def compose(rows: Sequence[Any]) -> Actor:
    """The Actor of one person's rows with the columns PERSON."""
    user = rows[0]
    roles = frozenset(row.role for row in rows if row.role)
    if user.contact_role:
        roles |= {user.contact_role}
    permissions = permissions_of(roles)
    scope: Scope = "none"
    if user.kind == "staff":
        scope = "all"
    elif user.scope:
        scope = "company" if "colleagues.manage" in permissions else cast(Scope, user.scope)
    return Actor(
        kind=cast(Kind, user.kind),
        user_id=user.person_id,
        name=user.name,
        email=user.email,
        roles=roles,
        permissions=permissions,
        account_id=user.account_id,
        scope=scope,
        locale=user.locale,
        timezone=user.timezone,
    )


def load_actor(session: Session, user_id: uuid.UUID) -> Actor | None:
    """The signed-in person; None when the account is gone or disabled. Asked at each request: one query."""
    rows = session.execute(_PERSON, {"user_id": user_id}).all()
    return compose(rows) if rows else None


def load_token(token: str) -> Actor | None:
    """The Actor that an API token stands for; None when it is unknown, revoked, expired or its owner disabled."""
    moment = clock.now()
    with reading() as session:
        found = session.scalar(
            select(ApiToken).where(
                ApiToken.digest == digest_of(token),
                ApiToken.revoked_at.is_(None),
                or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > moment),
            )
        )
        rows = session.execute(_PERSON, {"user_id": found.user_id}).all() if found else []
    if found is None or not rows:
        return None
    owner = compose(rows)
    if found.last_used_at is None or moment - found.last_used_at > USE_NOTED_EVERY:
        with transaction() as session:
            session.execute(update(ApiToken).where(ApiToken.id == found.id).values(last_used_at=moment))
    scopes = frozenset(str(scope) for scope in found.scopes)
    granted: frozenset[str] = frozenset().union(
        *(SCOPE_PERMISSIONS.get(scope, frozenset()) for scope in scopes)
    )
    return Actor(
        kind="api",
        user_id=owner.user_id,
        name=found.name,
        email=owner.email,
        roles=owner.roles,
        permissions=scopes | (granted & owner.permissions),
        account_id=owner.account_id,
        scope=owner.scope,
        locale=owner.locale,
        timezone=owner.timezone,
    )
