"""Reading people who can sign in."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session, lazyload

from core.errors import Invalid, NotFound
from core.mail import clean_address
from crm.identity.models import ApiToken, User, UserRole

PAGE = 50


def get_user(session: Session, user_id: uuid.UUID, *, lock: bool = False) -> User:
    """Raises NotFound."""
    user = session.get(User, user_id, with_for_update=True if lock else None)
    if user is None:
        raise NotFound
    return user


def find_user_by_email(session: Session, email: str) -> User | None:
    """However the address was typed; None also for what is no address at all."""
    try:
        address = clean_address(email[:320])
    except Invalid:
        return None
    return session.scalar(select(User).where(User.email == address))


@dataclass(frozen=True)
class Credentials:
    """What signing in compares; both None for an address without an active account."""

    user_id: uuid.UUID | None = None
    password_hash: str | None = None


def find_credentials(session: Session, email: str) -> Credentials:
    """One query, and no more work when there is somebody than when there is nobody."""
    try:
        address = clean_address(email[:320])
    except Invalid:
        return Credentials()
    row = session.execute(
        select(User.id, User.password_hash).where(User.email == address, User.is_active.is_(True))
    ).one_or_none()
    return Credentials(row.id, row.password_hash) if row else Credentials()


def list_staff(
    session: Session, *, text: str = "", role: str = "", state: str = "", offset: int = 0, limit: int = PAGE
) -> Sequence[User]:
    """Members of staff by name; `text` finds in name and address, `state` is active, inactive or invited."""
    query = select(User).where(User.kind == "staff").order_by(func.lower(User.name), User.id)
    if text.strip():
        wanted = text.strip().lower()
        query = query.where(
            or_(
                func.lower(User.name).contains(wanted, autoescape=True),
                User.email.contains(wanted, autoescape=True),
            )
        )
    if role:
        query = query.where(exists().where(UserRole.user_id == User.id, UserRole.role == role))
    if state == "active":
        query = query.where(User.is_active.is_(True), User.password_hash.is_not(None))
    elif state == "inactive":
        query = query.where(User.is_active.is_(False))
    elif state == "invited":
        query = query.where(User.is_active.is_(True), User.password_hash.is_(None))
    return session.scalars(query.offset(offset).limit(limit)).all()


def count_users(session: Session, *, kind: str) -> int:
    return (
        session.scalar(select(func.count()).select_from(User).where(User.kind == kind, User.is_active)) or 0
    )


def list_awaited_staff(session: Session, limit: int = 50) -> Sequence[User]:
    """Colleagues who were invited and have not chosen a password yet, the longest waiting first."""
    return session.scalars(
        select(User)
        .options(lazyload(User.roles))
        .where(User.kind == "staff", User.password_hash.is_(None), User.is_active.is_(True))
        .order_by(User.created_at, User.id)
        .limit(limit)
    ).all()


def _active_with_role(role: str) -> Select[User]:
    query = select(User).join(UserRole, UserRole.user_id == User.id)
    return query.where(UserRole.role == role, User.is_active.is_(True), User.password_hash.is_not(None))


def count_active_with_role(session: Session, role: str) -> int:
    """How many people who may sign in hold the role."""
    return session.scalar(_active_with_role(role).with_only_columns(func.count())) or 0


def list_active_with_role(session: Session, role: str) -> Sequence[User]:
    """Those who may sign in and hold the role."""
    return session.scalars(_active_with_role(role).order_by(User.id)).all()


def list_api_tokens(session: Session, user_id: uuid.UUID) -> Sequence[ApiToken]:
    """The person's tokens that were not revoked, newest first."""
    return session.scalars(
        select(ApiToken)
        .where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
        .order_by(ApiToken.created_at.desc(), ApiToken.id.desc())
    ).all()
