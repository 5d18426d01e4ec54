"""Members of staff and their roles: kept by administrators, with care for the last of them."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.events import emit
from core.mail import clean_address
from crm.identity import tokens
from crm.identity.events import StaffInvited
from crm.identity.models import User, UserRole
from crm.identity.names import clean_name
from crm.identity.queries import count_active_with_role, find_user_by_email
from crm.identity.roles import STAFF_ROLES


def _may_manage(actor: Actor) -> None:
    if actor.kind not in {"staff", "system"} or (actor.kind == "staff" and not actor.can("users.manage")):
        raise Forbidden


def _checked_roles(roles: Collection[str]) -> list[str]:
    wanted = sorted(set(roles))
    if not wanted:
        raise Invalid("user.role_needed", field="roles")
    if set(wanted) - set(STAFF_ROLES):
        raise Invalid("user.unknown_role", field="roles")
    return wanted


def get_staff(session: Session, actor: Actor, user_id: uuid.UUID, *, lock: bool = False) -> User:
    """Raises NotFound for anybody who is not staff."""
    _may_manage(actor)
    query = select(User).where(User.id == user_id, User.kind == "staff")
    user = session.scalar(query.with_for_update() if lock else query)
    if user is None:
        raise NotFound
    return user


def create_staff(
    session: Session, actor: Actor, *, email: str, name: str, roles: Collection[str], locale: str = "en"
) -> User:
    """A new member of staff, who gets an invitation by mail and sets the password there."""
    _may_manage(actor)
    wanted = _checked_roles(roles)
    address, person = clean_address(email), clean_name(name)
    if find_user_by_email(session, address) is not None:
        raise Invalid("user.email_taken", field="email")
    user = User(email=address, kind="staff", name=person, locale=locale)
    user.roles = [UserRole(role=role) for role in wanted]
    session.add(user)
    session.flush()
    audit.record(session, actor, "staff.created", "user", user.id, after={"email": address, "roles": wanted})
    emit(session, StaffInvited(user_id=user.id))
    return user


def invite_again(session: Session, actor: Actor, user_id: uuid.UUID) -> User:
    """Mails a new invitation; the link before is dead. Raises Conflict for somebody who has a password."""
    user = get_staff(session, actor, user_id, lock=True)
    if user.password_hash is not None or not user.is_active:
        raise Conflict
    audit.record(session, actor, "staff.invited_again", "user", user.id)
    emit(session, StaffInvited(user_id=user.id))
    return user


def change_roles(session: Session, actor: Actor, user_id: uuid.UUID, roles: Collection[str]) -> bool:
    """Sets the roles. Nobody changes their own, and the last administrator stays one.

    Returns whether anything changed; the caller then ends the person's sessions in the same transaction.
    """
    user = get_staff(session, actor, user_id, lock=True)
    if user.id == actor.user_id:
        raise Forbidden("user.own_roles")
    wanted = _checked_roles(roles)
    before = sorted(role.role for role in user.roles)
    if before == wanted:
        return False
    if "administrator" in before and "administrator" not in wanted:
        _keep_an_administrator(session, user)
    user.roles = [role for role in user.roles if role.role in wanted] + [
        UserRole(role=role) for role in wanted if role not in before
    ]
    session.flush()
    audit.record(
        session,
        actor,
        "staff.roles_changed",
        "user",
        user.id,
        before={"roles": before},
        after={"roles": wanted},
    )
    return True


def set_active(session: Session, actor: Actor, user_id: uuid.UUID, active: bool) -> User:
    """Lets a member of staff in or not. The caller ends the sessions of who is shut out."""
    user = get_staff(session, actor, user_id, lock=True)
    if user.id == actor.user_id:
        raise Forbidden("user.own_account")
    if user.is_active == active:
        return user
    if not active:
        if any(role.role == "administrator" for role in user.roles):
            _keep_an_administrator(session, user)
        tokens.end_tokens(session, user.id)
    user.is_active = active
    audit.record(session, actor, "staff.activated" if active else "staff.deactivated", "user", user.id)
    return user


def _keep_an_administrator(session: Session, leaving: User) -> None:
    counts = leaving.is_active and leaving.password_hash is not None
    # Both of two administrators must not remove each other at once: whoever comes second waits here and counts anew.
    session.execute(select(UserRole.user_id).where(UserRole.role == "administrator").with_for_update()).all()
    if counts and count_active_with_role(session, "administrator") <= 1:
        raise Conflict("user.last_administrator")
