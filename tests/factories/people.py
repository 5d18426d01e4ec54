"""People and their accounts, made through the session that a test gives; and signing one in."""

from __future__ import annotations

import itertools
import secrets
from datetime import timedelta
from functools import cache

from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.transaction import transaction
from core.web.sessions import WebSession, cookie_name, digest_of
from crm.customers.models import Account, Address, Contact
from crm.identity.models import User, UserRole
from crm.identity.passwords import hash_password

PASSWORD = "correct horse battery"
_count = itertools.count(1)


@cache
def _hash(password: str) -> str:
    return hash_password(password)


def make_account(
    session: Session, *, name: str = "Café Nordlicht", kind: str = "company", **values: object
) -> Account:
    """A customer account with the next free number."""
    number = (session.scalar(select(func.max(Account.number))) or 10_000) + 1
    account = Account(**{"number": number, "name": name, "kind": kind, "search_text": name.lower(), **values})
    session.add(account)
    session.flush()
    return account


def make_user(
    session: Session,
    *,
    kind: str = "customer",
    roles: tuple[str, ...] = (),
    account: Account | None = None,
    role: str = "customer",
    scope: str = "own",
    password: str | None = PASSWORD,
    **values: object,
) -> User:
    """A person who can sign in with PASSWORD; with `account`, a contact there (`role`, `scope`)."""
    number = next(_count)
    defaults: dict[str, object] = {
        "email": f"person{number}@example.test",
        "name": f"Purchasing {number}",
        "locale": "en",
        "email_verified_at": clock.now(),
    }
    user = User(kind=kind, password_hash=_hash(password) if password else None, **{**defaults, **values})
    user.roles = [UserRole(role=name) for name in roles]
    session.add(user)
    session.flush()
    if account is not None:
        session.add(Contact(account_id=account.id, user_id=user.id, role=role, scope=scope))
        session.flush()
    return user


def make_customer(session: Session, *, account: Account | None = None, **values: object) -> User:
    """A customer with an account of their own unless one is given."""
    return make_user(session, account=account or make_account(session), **values)  # type: ignore[arg-type]


def make_staff(session: Session, *roles: str, **values: object) -> User:
    """A member of staff with these roles ('administrator' unless named)."""
    return make_user(session, kind="staff", roles=roles or ("administrator",), **values)  # type: ignore[arg-type]


def make_address(session: Session, account: Account, **values: object) -> Address:
    defaults: dict[str, object] = {
        "recipient": "Purchasing", "line1": "Hafenstrasse 1", "postal_code": "20457", "city": "Hamburg", "country": "DE",
    }  # fmt: skip
    address = Address(account_id=account.id, **{**defaults, **values})
    session.add(address)
    session.flush()
    return address


def sign_in(client: FlaskClient, user: User) -> FlaskClient:
    """Gives the client's browser a live session of the user, without the cost of a password."""
    name = secrets.token_urlsafe(32)
    moment = clock.now()
    with transaction() as session:
        session.add(
            WebSession(
                digest=digest_of(name),
                user_id=user.id,
                data={"_user_id": str(user.id), "_fresh": True},
                signed_in_at=moment,
                seen_at=moment,
                expires_at=moment + timedelta(days=14),
            )
        )
    client.set_cookie(cookie_name(), name, domain="localhost")
    return client
