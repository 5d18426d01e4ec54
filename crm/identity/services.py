"""Signing in, and what people change about their own account.

Who calls a function that changes a password ends the sessions concerned (core.web.sessions) in the same
transaction: sessions belong to the web ground, which this package does not know.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit, clock
from core.actor import ANONYMOUS, Actor, Kind
from core.errors import BadRequest, Invalid, NotFound, Unauthenticated
from core.events import emit
from core.i18n import known_locale, known_timezone
from core.mail import clean_address
from crm.identity import tokens
from crm.identity.events import EmailChangeAsked, EmailChanged, PasswordChanged, PasswordResetAsked
from crm.identity.models import CHANNELS, ApiToken, User
from crm.identity.names import clean_line, clean_name, clean_phone
from crm.identity.passwords import check_acceptable, hash_password, needs_rehash, verify_password
from crm.identity.queries import find_user_by_email, get_user, list_api_tokens
from crm.identity.roles import API_SCOPES

MOST_API_TOKENS = 20
CURRENCIES = ("EUR", "USD", "GBP", "CHF", "TWD", "CNY", "HKD", "JPY", "SGD")


def actor_of(user: User) -> Actor:
    """The person as the author of an audit entry, where nobody is signed in yet."""
    return Actor(kind=cast(Kind, user.kind), user_id=user.id, name=user.name, email=user.email)


def _self(session: Session, actor: Actor) -> User:
    if actor.user_id is None:
        raise Unauthenticated
    return get_user(session, actor.user_id, lock=True)


def note_wrong_password(session: Session, *, user_id: uuid.UUID | None, email: str) -> None:
    """Writes the same whether or not there is such a person."""
    try:
        told = clean_address(email)
    except Invalid:
        told = "(no address)"  # it may be a password in the wrong field
    audit.record(session, ANONYMOUS, "sign_in.failed", "user", user_id or "unknown", after={"email": told})


def note_sign_in(session: Session, *, user_id: uuid.UUID, password: str) -> None:
    """The password was right. It is hashed anew when today's parameters are stronger."""
    user = get_user(session, user_id, lock=True)
    if user.password_hash and needs_rehash(user.password_hash):
        user.password_hash = hash_password(password)
    user.last_sign_in_at = clock.now()
    audit.record(session, actor_of(user), "sign_in.succeeded", "user", user.id)


def note_sign_out(session: Session, actor: Actor) -> None:
    audit.record(session, actor, "sign_out", "user", actor.user_id)


def note_sessions_ended(session: Session, actor: Actor, user_id: uuid.UUID, count: int, which: str) -> None:
    """`which` is one, others or all."""
    audit.record(session, actor, "sessions.ended", "user", user_id, after={"which": which, "count": count})


def ask_password_reset(session: Session, email: str) -> None:
    """Does the same for every address: whether there is an account is looked up later, by the job that mails."""
    audit.record(session, ANONYMOUS, "password_reset.asked", "user", "unknown", after={"email": email})
    emit(session, PasswordResetAsked(email=email))


def reset_password(session: Session, digest: str, password: str) -> User:
    """Sets the password for a mailed link. The link proved that the mailbox is the person's, too."""
    _, user = tokens.get_live(session, "reset", digest, lock=True)
    _set_password(session, user, password)
    audit.record(session, actor_of(user), "password.reset", "user", user.id)
    emit(session, PasswordChanged(user_id=user.id))
    return user


def accept_staff_invitation(session: Session, digest: str, password: str) -> User:
    """The first password of somebody whom an administrator invited."""
    _, user = tokens.get_live(session, "invite", digest, lock=True)
    _set_password(session, user, password)
    audit.record(session, actor_of(user), "invitation.accepted", "user", user.id)
    return user


def change_password(session: Session, actor: Actor, *, current: str, new: str) -> User:
    """Raises Invalid for a wrong present password or a new one that is not acceptable."""
    user = _self(session, actor)
    if not verify_password(user.password_hash, current):
        raise Invalid("password.wrong", field="current")
    _set_password(session, user, new)
    audit.record(session, actor, "password.changed", "user", user.id)
    emit(session, PasswordChanged(user_id=user.id))
    return user


def set_password(session: Session, actor: Actor, user_id: uuid.UUID, password: str) -> User:
    """For the command line, where whoever runs it may set any password."""
    user = get_user(session, user_id, lock=True)
    _set_password(session, user, password)
    audit.record(session, actor, "password.set", "user", user.id)
    emit(session, PasswordChanged(user_id=user.id))
    return user


def _set_password(session: Session, user: User, password: str) -> None:
    check_acceptable(password, personal=(user.email, user.name))
    user.password_hash = hash_password(password)
    user.email_verified_at = user.email_verified_at or clock.now()
    tokens.end_tokens(session, user.id)


def ask_email_change(session: Session, actor: Actor, *, password: str, email: str) -> None:
    """Checks the password; the mails follow. Whether the address is taken is not told."""
    user = _self(session, actor)
    if not verify_password(user.password_hash, password):
        raise Invalid("password.wrong", field="current")
    address = clean_address(email)
    if address == user.email:
        raise Invalid("user.same_email", field="email")
    audit.record(session, actor, "email_change.asked", "user", user.id, after={"email": address})
    emit(session, EmailChangeAsked(user_id=user.id, email=address))


def change_email(session: Session, digest: str) -> User:
    """Makes the address of the mailed link the person's. Raises BadRequest when somebody took it meanwhile."""
    token, user = tokens.get_live(session, "change_email", digest, lock=True)
    address, former = str(token.data["email"]), user.email
    if find_user_by_email(session, address) is not None:
        raise BadRequest("token.dead")
    user.email, user.email_verified_at = address, clock.now()
    tokens.end_tokens(session, user.id)
    audit.record(
        session,
        actor_of(user),
        "email.changed",
        "user",
        user.id,
        before={"email": former},
        after={"email": address},
    )
    emit(session, EmailChanged(user_id=user.id, former=former))
    return user


def update_profile(
    session: Session,
    actor: Actor,
    *,
    name: str,
    phone: str | None,
    locale: str,
    timezone: str,
    currency: str,
    preferred_channel: str,
) -> User:
    """Changes what people say about themselves, and nothing else of the account."""
    user = _self(session, actor)
    wrong: list[Invalid] = []
    if known_locale(locale) != locale:
        wrong.append(Invalid("error.language", field="locale"))
    if known_timezone(timezone) is None:
        wrong.append(Invalid("user.timezone", field="timezone"))
    if currency not in CURRENCIES:
        wrong.append(Invalid("user.currency", field="currency"))
    if preferred_channel not in CHANNELS:
        wrong.append(Invalid("user.channel", field="preferred_channel"))
    values: dict[str, str | None] = {
        "locale": locale, "timezone": timezone, "currency": currency, "preferred_channel": preferred_channel,
    }  # fmt: skip
    try:
        values["name"] = clean_name(name)
    except Invalid as error:
        wrong.append(error)
    try:
        values["phone"] = clean_phone(phone)
    except Invalid as error:
        wrong.append(error)
    if preferred_channel in {"sms", "phone", "fax"} and not values.get("phone", "") and not wrong:
        wrong.append(Invalid("user.phone_needed", field="phone"))
    if wrong:
        raise Invalid(errors=wrong)
    _apply(session, actor, user, values)
    return user


def set_locale(session: Session, actor: Actor, locale: str) -> None:
    """Remembers the language that was chosen with the switch."""
    user = _self(session, actor)
    if known_locale(locale) != locale:
        raise Invalid("error.language", field="locale")
    _apply(session, actor, user, {"locale": locale})


def _apply(session: Session, actor: Actor, user: User, values: dict[str, str | None]) -> None:
    changed = {key: value for key, value in values.items() if getattr(user, key) != value}
    if not changed:
        return
    before = {key: getattr(user, key) for key in changed}
    for key, value in changed.items():
        setattr(user, key, value)
    audit.record(session, actor, "profile.changed", "user", user.id, before=before, after=dict(changed))


def create_api_token(
    session: Session, actor: Actor, *, name: str, scopes: Sequence[str]
) -> tuple[ApiToken, str]:
    """The row, and the token itself: the only time that it can be read."""
    user = _self(session, actor)
    line = clean_line(name, most=80, field="name")
    wanted = sorted(set(scopes) & set(API_SCOPES))
    if not line:
        raise Invalid("api_token.name_needed", field="name")
    if not wanted or set(scopes) - set(API_SCOPES):
        raise Invalid("api_token.scope_needed", field="scopes")
    if len(list_api_tokens(session, user.id)) >= MOST_API_TOKENS:
        raise Invalid("api_token.too_many", most=MOST_API_TOKENS)
    plain = f"rpt_{tokens.new_token()}"
    token = ApiToken(user_id=user.id, name=line, digest=tokens.digest_of(plain), scopes=list(wanted))
    session.add(token)
    session.flush()
    audit.record(
        session, actor, "api_token.created", "api_token", token.id, after={"name": line, "scopes": wanted}
    )
    return token, plain


def revoke_api_token(session: Session, actor: Actor, token_id: uuid.UUID) -> ApiToken:
    """Raises NotFound for somebody else's token or one that is revoked already."""
    token = session.scalar(
        select(ApiToken)
        .where(ApiToken.id == token_id, ApiToken.user_id == actor.user_id, ApiToken.revoked_at.is_(None))
        .with_for_update()
    )
    if token is None:
        raise NotFound
    token.revoked_at = clock.now()
    audit.record(session, actor, "api_token.revoked", "api_token", token.id, before={"name": token.name})
    return token
