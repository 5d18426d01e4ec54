"""Who a session or a token stands for: the person, their place in an account, and what they may do."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import cast

from sqlalchemy import Row, Select, or_, select, update
from sqlalchemy.orm import Session, lazyload

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


def _people() -> Select[tuple[User, str | None, uuid.UUID | None, str | None, str | None]]:
    """One row per role of a person who may act at present; nothing for a disabled person or account."""
    return (
        select(User, UserRole.role, Contact.account_id, Contact.role, Contact.scope)
        .outerjoin(UserRole, UserRole.user_id == User.id)
        .outerjoin(Contact, Contact.user_id == User.id)
        .outerjoin(Account, Account.id == Contact.account_id)
        .options(lazyload(User.roles))
        .where(User.is_active.is_(True), or_(Account.id.is_(None), Account.is_active.is_(True)))
    )


def _compose(rows: list[Row[tuple[User, str | None, uuid.UUID | None, str | None, str | None]]]) -> Actor:
    user, _, account_id, contact_role, contact_scope = rows[0]
    roles = frozenset(row[1] for row in rows if row[1]) | ({contact_role} if contact_role else frozenset())
    permissions = permissions_of(roles)
    scope: Scope = "none"
    if user.kind == "staff":
        scope = "all"
    elif contact_scope:
        scope = "company" if "colleagues.manage" in permissions else cast(Scope, contact_scope)
    return Actor(
        kind=cast(Kind, user.kind),
        user_id=user.id,
        name=user.name,
        email=user.email,
        roles=roles,
        permissions=permissions,
        account_id=account_id,
        scope=scope,
        locale=user.locale,
        timezone=user.timezone,
    )


def load_actor(session: Session, user_id: uuid.UUID) -> Actor | None:
    """The signed-in person; None when the account is gone or disabled. Asked at each request: one query."""
    rows = list(session.execute(_people().where(User.id == user_id)))
    return _compose(rows) if rows else None


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
        rows = list(session.execute(_people().where(User.id == found.user_id))) if found else []
    if found is None or not rows:
        return None
    owner = _compose(rows)
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
