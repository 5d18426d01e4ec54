"""People of one company: inviting them, what they see, and letting them go."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import audit, clock
from core.actor import Actor
from core.errors import BadRequest, Forbidden, Invalid, NotFound
from core.events import emit
from core.mail import clean_address
from crm.customers.events import ContactInvited
from crm.customers.models import Account, Contact, Invitation
from crm.customers.queries import find_contact, find_invitation
from crm.identity import tokens
from crm.identity.models import User
from crm.identity.names import clean_name
from crm.identity.passwords import check_acceptable, hash_password
from crm.identity.queries import find_user_by_email, get_user
from crm.identity.services import actor_of
from crm.identity.tokens import digest_of, new_token

Access = Literal["own", "company", "administrator"]
ACCESS: tuple[Access, ...] = ("own", "company", "administrator")
INVITATION_LASTS = timedelta(hours=72)
MOST_INVITATIONS = 50


def access_of(contact: Contact | Invitation) -> Access:
    """What a contact sees, in one word."""
    if contact.role in {"company_administrator", "partner_administrator"}:
        return "administrator"
    return "company" if contact.scope == "company" else "own"


def _role_and_scope(account: Account, access: str) -> tuple[str, str]:
    if access not in ACCESS:
        raise Invalid("colleague.access", field="access")
    if access == "administrator":
        return ("partner_administrator" if account.is_partner else "company_administrator"), "company"
    return ("partner" if account.is_partner else "customer"), access


def _managed_account(session: Session, actor: Actor, account_id: uuid.UUID | None) -> Account:
    """The actor's own company, or for staff who manage customers any account."""
    if actor.kind == "staff" and actor.can("customers.manage"):
        wanted = account_id
    elif actor.can("colleagues.manage"):
        wanted = actor.account_id
    else:
        raise Forbidden
    account = session.get(Account, wanted) if wanted else None
    if account is None:
        raise NotFound
    return account


def invite(
    session: Session,
    actor: Actor,
    *,
    email: str,
    access: str,
    locale: str,
    account_id: uuid.UUID | None = None,
) -> Invitation:
    """Writes the invitation; a mail follows. Inviting an address again replaces the older link.

    Whether the address has an account elsewhere is not told; the mail then says so to its owner only.
    """
    account = _managed_account(session, actor, account_id)
    role, scope = _role_and_scope(account, access)
    address = clean_address(email)
    colleague = session.scalar(
        select(Contact.id)
        .join(User, User.id == Contact.user_id)
        .where(Contact.account_id == account.id, User.email == address)
    )
    if colleague is not None:
        raise Invalid("colleague.own_email", field="email")
    invitation = session.scalar(
        select(Invitation)
        .where(Invitation.account_id == account.id, Invitation.email == address)
        .with_for_update()
    )
    if invitation is None:
        waiting = session.scalar(
            select(func.count())
            .select_from(Invitation)
            .where(Invitation.account_id == account.id, Invitation.expires_at > clock.now())
        )
        if (waiting or 0) >= MOST_INVITATIONS:
            raise Invalid("colleague.too_many", most=MOST_INVITATIONS)
        invitation = Invitation(account_id=account.id, email=address)
        session.add(invitation)
    invitation.role, invitation.scope, invitation.locale = role, scope, locale
    invitation.invited_by, invitation.digest = actor.user_id, None
    invitation.created_at, invitation.expires_at = clock.now(), clock.now() + INVITATION_LASTS
    session.flush()
    audit.record(
        session, actor, "colleague.invited", "invitation", invitation.id,
        after={"email": address, "access": access, "account": account.id},
    )  # fmt: skip
    emit(session, ContactInvited(invitation_id=invitation.id))
    return invitation


def mint_invitation_token(session: Session, invitation: Invitation) -> str:
    token = new_token()
    invitation.digest, invitation.expires_at = digest_of(token), clock.now() + INVITATION_LASTS
    session.flush()
    return token


def withdraw(session: Session, actor: Actor, invitation_id: uuid.UUID) -> None:
    """Makes the invitation's link useless. Raises NotFound for another company's."""
    invitation = session.get(Invitation, invitation_id, with_for_update=True)
    if invitation is None:
        raise NotFound
    if _managed_account(session, actor, invitation.account_id).id != invitation.account_id:
        raise NotFound
    session.delete(invitation)
    audit.record(
        session,
        actor,
        "colleague.invitation_withdrawn",
        "invitation",
        invitation_id,
        before={"email": invitation.email},
    )


def accept(session: Session, digest: str, *, name: str, password: str) -> User:
    """Makes the person a contact of the account. Raises BadRequest for a dead link, Invalid for wrong fields."""
    invitation = find_invitation(session, digest)
    if invitation is None:
        raise BadRequest("token.dead")
    wrong: list[Invalid] = []
    person = ""
    try:
        person = clean_name(name)
    except Invalid as error:
        wrong.append(error)
    try:
        check_acceptable(password, personal=(invitation.email, name))
    except Invalid as error:
        wrong.append(error)
    if wrong:
        raise Invalid(errors=wrong)
    user = find_user_by_email(session, invitation.email)
    account = session.get_one(Account, invitation.account_id)
    if user is None:
        user = User(email=invitation.email, locale=invitation.locale, currency=account.currency)
        session.add(user)
    elif user.is_active or find_contact(session, user.id) is not None or user.kind == "staff":
        raise BadRequest("token.dead")  # somebody else's account by now
    user.kind = "partner" if account.is_partner else "customer"
    user.name, user.password_hash = person, hash_password(password)
    user.is_active, user.email_verified_at = True, clock.now()
    session.flush()
    session.add(Contact(account_id=account.id, user_id=user.id, role=invitation.role, scope=invitation.scope))
    session.delete(invitation)
    session.flush()
    audit.record(
        session, actor_of(user), "invitation.accepted", "user", user.id,
        after={"account": account.id, "role": invitation.role, "scope": invitation.scope},
    )  # fmt: skip
    return user


def _managed_contact(session: Session, actor: Actor, contact_id: uuid.UUID) -> tuple[Account, Contact]:
    contact = session.get(Contact, contact_id, with_for_update=True)
    if contact is None:
        raise NotFound
    account = _managed_account(session, actor, contact.account_id)
    if account.id != contact.account_id:
        raise NotFound
    if contact.user_id == actor.user_id:
        raise Invalid("colleague.self")
    return account, contact


def change_access(session: Session, actor: Actor, contact_id: uuid.UUID, access: str) -> Contact:
    """What the colleague sees from the next request on."""
    account, contact = _managed_contact(session, actor, contact_id)
    role, scope = _role_and_scope(account, access)
    before = {"role": contact.role, "scope": contact.scope}
    after = {"role": role, "scope": scope}
    if before != after:
        contact.role, contact.scope = role, scope
        audit.record(
            session, actor, "colleague.access_changed", "user", contact.user_id, before=before, after=after
        )
    return contact


def remove(session: Session, actor: Actor, contact_id: uuid.UUID) -> User:
    """Takes the colleague out of the company and closes their sign-in; what they ordered stays.

    The caller ends their sessions in the same transaction.
    """
    account, contact = _managed_contact(session, actor, contact_id)
    user = get_user(session, contact.user_id, lock=True)
    user.is_active = False
    tokens.end_tokens(session, user.id)
    session.delete(contact)
    session.flush()
    audit.record(
        session,
        actor,
        "colleague.removed",
        "user",
        user.id,
        before={"account": account.id, "role": contact.role},
    )
    return user


def set_active(session: Session, actor: Actor, contact_id: uuid.UUID, active: bool) -> Contact:
    """Staff let a customer's person in or not. The caller ends the sessions of who is shut out."""
    if actor.kind != "staff" or not actor.can("customers.manage"):
        raise Forbidden
    _account, contact = _managed_contact(session, actor, contact_id)
    user = get_user(session, contact.user_id, lock=True)
    if user.is_active != active:
        user.is_active = active
        if not active:
            tokens.end_tokens(session, user.id)
        audit.record(
            session, actor, "contact.activated" if active else "contact.deactivated", "user", user.id
        )
    return contact
