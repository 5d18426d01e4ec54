"""Opening accounts and keeping their addresses."""

from __future__ import annotations

import uuid
from datetime import timedelta
from functools import cache
from typing import Any

from babel import Locale
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from core import audit, clock
from core.actor import ANONYMOUS, Actor
from core.db import is_sqlite
from core.errors import BadRequest, Forbidden, Invalid
from core.events import emit
from core.i18n import known_locale, known_timezone
from core.jobs import recurring
from core.mail import clean_address
from core.settings import get_settings
from crm.customers.events import SignedUp, SignUpAsked
from crm.customers.models import Account, Address, Contact, Invitation, SignUp
from crm.customers.queries import addresses_visible_to, find_sign_up, get_address
from crm.identity.models import User
from crm.identity.names import clean_line, clean_name, clean_phone
from crm.identity.passwords import check_acceptable
from crm.identity.queries import find_user_by_email
from crm.identity.services import actor_of
from crm.identity.tokens import digest_of, new_token

FIRST_NUMBER = 10_001
SIGN_UP_LASTS = timedelta(minutes=60)
SIGN_UP_KEPT = timedelta(days=2)  # so that a new link can be asked for after the first one ran out
MOST_ADDRESSES = 50


@cache
def country_codes() -> frozenset[str]:
    """ISO 3166-1 alpha-2 codes as Babel knows them, without groups of countries."""
    known = (str(code) for code in Locale("en").territories)
    return frozenset(
        code for code in known if len(code) == 2 and code.isalpha() and code not in _NOT_COUNTRIES
    )


_NOT_COUNTRIES = {"EU", "EZ", "UN", "ZZ", "QO", "XA", "XB", "AC", "CP", "CQ", "DG", "EA", "IC", "TA"}


def next_account_number(session: Session) -> int:
    """The next free customer number; those who ask take turns until their transaction ends."""
    if not is_sqlite(session):
        session.execute(text("SELECT pg_advisory_xact_lock(7203)"))
    return max(session.scalar(select(func.max(Account.number))) or 0, FIRST_NUMBER - 1) + 1


def open_account(session: Session, *, name: str, kind: str, **values: Any) -> Account:
    """A new account with the next number."""
    account = Account(number=next_account_number(session), name=name, kind=kind, **values)
    session.add(account)
    session.flush()
    return account


def check_sign_up(
    *, email: str, name: str, company: str | None, password: str
) -> tuple[str, str, str | None]:
    """The address, name and company as they will be kept. Raises Invalid naming every wrong field."""
    wrong: list[Invalid] = []
    address, person, firm = "", "", None
    try:
        address = clean_address(email)
    except Invalid as error:
        wrong.append(error)
    try:
        person = clean_name(name)
    except Invalid as error:
        wrong.append(error)
    if company is not None:
        try:
            firm = clean_name(company, field="company", most=160)
        except Invalid as error:
            known = error.code == "text.too_long"
            wrong.append(error if known else Invalid("account.company_needed", field="company"))
    try:
        check_acceptable(password, personal=(email, name, company or ""))
    except Invalid as error:
        wrong.append(error)
    if wrong:
        raise Invalid(errors=wrong)
    return address, person, firm


def ask_sign_up(
    session: Session,
    *,
    email: str,
    name: str,
    company: str | None,
    password_hash: str,
    locale: str,
    timezone: str,
    wants_offers: bool = False,
) -> None:
    """Keeps what was typed until the mailed link is opened; a newer request for the address replaces an older.

    Does the same whether or not the address has an account. Values come from `check_sign_up`.
    """
    session.execute(delete(SignUp).where(SignUp.email == email))
    session.add(
        SignUp(
            email=email,
            name=name,
            company=company,
            password_hash=password_hash,
            locale=known_locale(locale) or get_settings().default_locale,
            timezone=known_timezone(timezone) or get_settings().default_timezone,
            wants_offers=wants_offers,
            expires_at=clock.now() + SIGN_UP_KEPT,
        )
    )
    audit.record(session, ANONYMOUS, "sign_up.asked", "user", "unknown", after={"email": email})
    emit(session, SignUpAsked(email=email))


def ask_sign_up_mail_again(session: Session, email: str) -> None:
    """Mails a new link for a sign-up that waits, if there is one."""
    audit.record(session, ANONYMOUS, "sign_up.asked_again", "user", "unknown", after={"email": email})
    emit(session, SignUpAsked(email=email))


def mint_sign_up_token(session: Session, email: str) -> tuple[SignUp, str] | None:
    """A new link's token for the sign-up that waits under this address; the link before is dead."""
    waiting = session.scalar(
        select(SignUp).where(SignUp.email == email, SignUp.expires_at > clock.now()).with_for_update()
    )
    if waiting is None:
        return None
    token = new_token()
    waiting.digest, waiting.expires_at = digest_of(token), clock.now() + SIGN_UP_LASTS
    return waiting, token


def confirm_sign_up(session: Session, digest: str) -> User:
    """Makes the person and their account. Raises BadRequest for a dead link or an address taken meanwhile."""
    waiting = find_sign_up(session, digest)
    if waiting is None or find_user_by_email(session, waiting.email) is not None:
        raise BadRequest("token.dead")
    user = User(
        email=waiting.email,
        kind="customer",
        name=waiting.name,
        password_hash=waiting.password_hash,
        locale=waiting.locale,
        timezone=waiting.timezone,
        currency=get_settings().default_currency,
        email_verified_at=clock.now(),
    )
    session.add(user)
    account = open_account(
        session,
        name=waiting.company or waiting.name,
        kind="company" if waiting.company else "consumer",
        currency=user.currency,
    )
    session.flush()
    role, scope = ("company_administrator", "company") if waiting.company else ("customer", "own")
    session.add(Contact(account_id=account.id, user_id=user.id, role=role, scope=scope))
    session.delete(waiting)
    session.flush()
    audit.record(
        session, actor_of(user), "account.opened", "account", account.id,
        after={"number": account.number, "kind": account.kind, "user": user.id},
    )  # fmt: skip
    emit(session, SignedUp(user_id=user.id))
    return user


@recurring("customers.prune_waiting", every=timedelta(hours=6))
def prune_waiting(session: Session) -> None:
    """Forgets sign-ups that nobody confirmed, and invitations long after they ran out."""
    moment = clock.now()
    session.execute(delete(SignUp).where(SignUp.expires_at < moment - SIGN_UP_KEPT))
    session.execute(delete(Invitation).where(Invitation.expires_at < moment - timedelta(days=30)))


ADDRESS_LINES = {
    "recipient": 120,
    "line1": 160,
    "line2": 160,
    "postal_code": 20,
    "city": 100,
    "region": 100,
    "label": 60,
}


def clean_address_values(values: dict[str, str]) -> dict[str, Any]:
    wrong: list[Invalid] = []
    cleaned: dict[str, Any] = {}
    for field, limit in ADDRESS_LINES.items():
        try:
            cleaned[field] = clean_line(values.get(field) or "", most=limit, field=field)
        except Invalid as error:
            wrong.append(error)
    for field in ("recipient", "line1", "city"):
        if cleaned.get(field) == "":
            wrong.append(Invalid("address.line_needed", field=field))
    try:
        cleaned["phone"] = clean_phone(values.get("phone")) or ""
    except Invalid as error:
        wrong.append(error)
    cleaned["country"] = (values.get("country") or "").upper()
    if cleaned["country"] not in country_codes():
        wrong.append(Invalid("address.country", field="country"))
    if wrong:
        raise Invalid(errors=wrong)
    return cleaned


def save_address(
    session: Session,
    actor: Actor,
    values: dict[str, str],
    *,
    address_id: uuid.UUID | None = None,
    is_default: bool = False,
) -> Address:
    """Adds an address to the actor's account, or changes one. Raises Invalid naming every wrong line."""
    if actor.account_id is None or actor.user_id is None:
        raise Forbidden
    cleaned = clean_address_values(values)
    if address_id is None:
        count = session.scalar(
            select(func.count()).select_from(Address).where(Address.account_id == actor.account_id)
        )
        if (count or 0) >= MOST_ADDRESSES:
            raise Invalid("address.too_many", most=MOST_ADDRESSES)
        address = Address(account_id=actor.account_id, user_id=actor.user_id, **cleaned)
        session.add(address)
        session.flush()
        audit.record(session, actor, "address.added", "address", address.id, after=cleaned)
        first = count == 0
    else:
        address = get_address(session, actor, address_id, lock=True)
        changed = {key: value for key, value in cleaned.items() if getattr(address, key) != value}
        before = {key: getattr(address, key) for key in changed}
        for key, value in changed.items():
            setattr(address, key, value)
        if changed:
            audit.record(
                session, actor, "address.changed", "address", address.id, before=before, after=changed
            )
        first = False
    if (is_default or first) and not address.is_default:
        make_default(session, actor, address.id)
    return address


def make_default(session: Session, actor: Actor, address_id: uuid.UUID) -> Address:
    """The address that checkout offers first; the former one is an ordinary address again."""
    address = get_address(session, actor, address_id, lock=True)
    if address.is_default:
        return address
    session.execute(
        update(Address)
        .where(
            Address.account_id == address.account_id,
            Address.is_default.is_(True),
            addresses_visible_to(actor),
        )
        .values(is_default=False)
    )
    address.is_default = True
    audit.record(session, actor, "address.made_default", "address", address.id)
    return address


def delete_address(session: Session, actor: Actor, address_id: uuid.UUID) -> None:
    """Orders keep their own copy of the address they went to."""
    address = get_address(session, actor, address_id, lock=True)
    before = {name: getattr(address, name) for name in (*ADDRESS_LINES, "country", "phone")}
    session.delete(address)
    audit.record(session, actor, "address.deleted", "address", address.id, before=before)
